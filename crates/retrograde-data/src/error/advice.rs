//! What to do about an error, and what else there is to know of it.

use super::DataError;
use crate::hint::{nearest, shell};

impl DataError {
    /// One remedy, to be pasted where it is an option.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownColumn { column, columns, flag, .. } => {
                nearest(column, columns.iter().map(String::as_str)).map(|near| suggestion(flag, near))
            }
            Self::UnknownEmbedded { found, names } => {
                nearest(found, names.iter().copied()).map(|near| format!("did you mean  @{near} ?"))
            }
            Self::NoTarget { columns, .. } => {
                columns.last().map(|last| format!("for example  --target {}", shell(last)))
            }
            Self::Identifier { column, .. } => Some(format!("--drop {}", shell(column))),
            Self::NotUtf8 { name, .. } => Some(format!(
                "if its encoding is Windows-1252:  iconv -f WINDOWS-1252 -t UTF-8 {} > utf8.csv",
                shell(name)
            )),
            Self::Unsupported { advice, .. } | Self::Elements { advice, .. } => Some((*advice).to_owned()),
            Self::Folder { example, .. } => Some(shell(example)),
            Self::Members { name, members, .. } | Self::NoMember { name, members, .. } => {
                let member = match self {
                    Self::NoMember { member, .. } => nearest(member, members.iter().map(String::as_str)),
                    _ => None,
                };
                let member = member.or(members.first().map(String::as_str))?;
                // What comes through a pipe has no name that a member could be named by.
                let archive = if name == "stdin" { "FILE" } else { name };
                Some(format!("name one of them:  {}", shell(&format!("{archive}#{member}"))))
            }
            _ => self.plain_hint().map(str::to_owned),
        }
    }

    /// The remedies that need none of the error's parts.
    fn plain_hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::HeaderOnly { .. } => "if the first line is data, say  --no-header",
            Self::TooLarge { .. } => "decompress the file first, if its size is meant",
            Self::Ragged { .. } => "a cell that contains the delimiter must be in double quotes",
            Self::Nul { .. } => {
                "a text table has no NUL bytes; if it is UTF-16 without a mark:  --encoding utf-16le"
            }
            Self::NotDecoded { .. } => "is the encoding another one, such as utf-8 or windows-1252?",
            Self::UnknownEncoding { .. } => "for example utf-8, utf-16le, windows-1252, shift_jis or gbk",
            Self::Changed { .. } => "leave the file as it is while it is read",
            Self::UnclosedQuote { .. } => "close the quote, or double it inside a quoted cell",
            Self::EmptyColumnName { .. } => {
                "name the column in the first line, or say  --no-header  if that is data"
            }
            Self::DuplicateColumn { .. } => "rename one of the two columns",
            Self::Infinite { .. } => "leave the cell empty if the number is not known",
            Self::NoInputs { .. } => "name fewer targets, or drop fewer columns",
            Self::SeveralClassTargets { .. } => "several targets are numbers:  --task numbers",
            Self::MissingTarget { .. } => "remove the rows without a known answer, or fill them in",
            Self::OneClass { .. } | Self::ConstantTarget { .. } => {
                "is the file sorted and cut off, or is this another column?"
            }
            Self::TooManyClasses { .. } => "if the target is a quantity, say  --task numbers",
            Self::ManyTexts { stray: Some(_), .. } => {
                "correct the cell or remove its row; if the texts are classes, say  --task classes"
            }
            Self::ManyTexts { stray: None, .. } => "if every one of them is a class, say  --task classes",
            Self::NotADate { .. } => {
                "a date is written 2013-01-31, 2013-01-31 05:15 or 2013-01-31T05:15:00+01:00"
            }
            Self::NotANumber { .. } => "correct the cell; an input that is not known is left empty",
            Self::OutOfRange { .. } => "correct the cell, or train with  --dtype f64",
            Self::TooManyColumns { .. } | Self::CellTooLong { .. } => {
                "is a quote not closed, or the delimiter another one, such as  --delimiter semicolon ?"
            }
            Self::NoArrays { .. } => {
                "save a matrix of numbers, in MATLAB or Octave:  save('-v7', 'data.mat', 'X')"
            }
            Self::NoMatch { .. } => {
                "a pattern is written as in a shell: * is any text, ? one character, [ab] one of these"
            }
            Self::FileColumns { .. } => {
                "files that are read as one table have the same columns; if none has a header, say  --no-header"
            }
            Self::Sparse { .. } => {
                "keep the columns that matter, such as the ones with the most values, and write the table again"
            }
            Self::TooManyCells { .. } => {
                "train reads such a table in pieces, with  --stream ; for others, write fewer rows or columns"
            }
            Self::NoColumns { .. } => "write every list or struct as columns of its own",
            Self::DateRange { .. } => "correct the cell; a date that is not known is left empty",
            Self::Damaged { .. } | Self::Undecodable { .. } | Self::Compressed { .. } => {
                "copy the file again from where it came"
            }
            _ => return None,
        })
    }

    /// Further lines below the first, such as the columns that there are.
    pub fn details(&self) -> Vec<String> {
        match self {
            Self::UnknownColumn { columns, .. } | Self::NoTarget { columns, .. } => {
                vec![format!("columns: {}", shortened(columns))]
            }
            Self::UnknownEmbedded { names, .. } => vec![format!("embedded: {}", names.join(", "))],
            Self::NoColumns { left_out, .. } if left_out.is_empty() => vec!["found: no columns".into()],
            Self::NoColumns { left_out, .. } => vec![format!("found: {}", shortened(left_out))],
            Self::NoArrays { found, .. } if found.is_empty() => vec!["found: no variables".into()],
            Self::NoArrays { found, .. } => vec![format!("found: {}", shortened(found))],
            Self::UnknownClass { classes, .. } => vec![format!("classes: {}", shortened(classes))],
            Self::Members { members, why, .. } => vec![format!("files: {}", shortened(members)), why.clone()],
            Self::NoMember { members, .. } => vec![format!("files: {}", shortened(members))],
            Self::NoInputs { notes, .. } => notes.clone(),
            Self::Identifier { stray, .. } | Self::ManyTexts { stray, .. } => stray.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

/// `did you mean  --target churned ?`, or without an option.
fn suggestion(flag: &str, near: &str) -> String {
    match flag {
        "" => format!("the nearest column is `{near}`"),
        _ => format!("did you mean  {flag} {} ?", shell(near)),
    }
}

/// The first names, and how many there are when not all are shown.
fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    if names.len() > SHOWN {
        format!("{}, … ({})", shown.join(", "), names.len())
    } else {
        shown.join(", ")
    }
}
