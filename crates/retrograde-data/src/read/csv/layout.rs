//! What a text looks like: its dialect, the names of its columns, and where its rows begin.

use super::MAX_CELL;
use super::blocks::{first_record_end, whole_records};
use super::cells::{Cursor, Dialect, Fault};
use super::dialect::{Comments, is_header};
use super::encoding::Encoding;
use super::format::Comma;
use super::text::{Head, Text};
use crate::error::DataError;
use crate::read::bytes::{LineCounter, line_and_byte};
use crate::read::{Header, MAX_COLUMNS, ReadOptions};
use crate::table::check_unique;
use memchr::memchr;

/// How much of a text is looked at before its rows are read; more, when the first line is longer.
const HEAD: usize = 1 << 20;
/// The longest first line.
const MAX_HEAD: usize = 1 << 27;

/// The name of a first column without one, which is what tables of pandas and R have.
const INDEX: &str = "index";

/// What a text looks like.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// What errors call the text.
    pub(super) name: String,
    pub(super) dialect: Dialect,
    pub(super) names: Vec<String>,
    /// Where the rows begin, in bytes.
    pub(super) start: usize,
    /// The lines that end before.
    pub(super) lines: u64,
    /// How a comma within a number is read when it may be either.
    pub(super) comma: Comma,
    /// All of this in words.
    pub(super) format: String,
    /// A sentence about what may separate more columns, where one was found.
    pub(super) doubt: Option<String>,
}

impl Layout {
    /// Looks at the beginning of a text.
    pub(super) fn find(text: &Text, options: &ReadOptions) -> Result<Self, DataError> {
        let given = options.delimiter.map(checked_delimiter).transpose()?;
        let mut head = text.head(HEAD)?;
        let comments = Comments::at_top(&head.bytes);
        let dialect = Dialect::sniff(&head.bytes[comments.map_or(0, |c| c.end)..], given);
        let named = comments.filter(|c| c.name_columns(&head.bytes, dialect));
        let (top, skipped) = match (comments, named) {
            (_, Some(comments)) => (comments.last, comments.count - 1),
            (Some(comments), None) => (comments.end, comments.count),
            (None, None) => (0, 0),
        };
        let mut length = HEAD;
        while !head.whole && length < MAX_HEAD && first_record_end(&head.bytes[top..], dialect).is_none() {
            length *= 2;
            head = text.head(length)?;
        }
        let first = First { name: &text.name, head: &head, top, dialect };
        let has_header = match options.header {
            Header::Sniff => first.is_header(),
            Header::Present => true,
            Header::Absent => false,
        };
        let (names, start) = first.names(has_header)?;
        let mut format = format!("csv · {} · ", dialect.describe());
        format.push_str(if has_header { "header" } else { "no header" });
        if skipped > 0 {
            let lines =
                if skipped == 1 { "1 comment line".into() } else { format!("{skipped} comment lines") };
            format.extend([" · ", &lines, " at the top"]);
        }
        if has_header && first.record().first().is_some_and(String::is_empty) {
            format.push_str(" · first column without a name");
        }
        if text.encoding != Encoding::UTF_8 {
            format.extend([" · ", &text.encoding.name()]);
        } else if text.mark > 0 {
            format.push_str(" · byte order mark");
        }
        let lines = LineCounter::default().line_at(&head.bytes, start) - 1;
        let comma = if dialect.delimiter == b';' { Comma::Decimal } else { Comma::Thousands };
        let doubt = if names.len() == 1 && given.is_none() { first.doubt(has_header) } else { None };
        Ok(Self { name: text.name.clone(), dialect, names, start, lines, comma, format, doubt })
    }
}

fn checked_delimiter(given: u8) -> Result<u8, DataError> {
    let usable =
        given.is_ascii() && !matches!(given, b'"' | b'\r' | b'\n' | 0) && !given.is_ascii_alphanumeric();
    if usable { Ok(given) } else { Err(DataError::Delimiter { found: char::from(given) }) }
}

/// The first record of a text.
struct First<'a> {
    name: &'a str,
    head: &'a Head<'a>,
    /// Where to look for it.
    top: usize,
    dialect: Dialect,
}

impl First<'_> {
    fn text(&self) -> &[u8] {
        &self.head.bytes[self.top..]
    }

    fn record(&self) -> Vec<String> {
        let mut cursor = Cursor::new(self.text(), self.dialect);
        if cursor.next_record() { cursor.record() } else { Vec::new() }
    }

    fn is_header(&self) -> bool {
        let text = self.text();
        let whole = if self.head.whole { text } else { whole_records(text, self.dialect) };
        is_header(&self.dialect.records(whole))
    }

    /// A sentence about what may separate more columns than the one that was found.
    fn doubt(&self, has_header: bool) -> Option<String> {
        let (mark, same, rows) = self.dialect.doubt(self.text(), has_header)?;
        let of_rows = if same == rows {
            format!("all of the first {rows}")
        } else {
            format!("{same} of the first {rows}")
        };
        Some(format!(
            "one column was found, but {of_rows} cells have as many {mark}s: if they separate columns, --delimiter {mark}"
        ))
    }

    /// The names from the first record, or `c0`, `c1`, …; and where the rows begin.
    fn names(&self, has_header: bool) -> Result<(Vec<String>, usize), DataError> {
        let mut cursor = Cursor::new(self.text(), self.dialect);
        if !cursor.next_record() {
            self.check_text(self.head.bytes.len())?;
            return Err(DataError::Empty { name: self.name.to_owned() });
        }
        let line = LineCounter::default().line_at(&self.head.bytes, self.top + cursor.at);
        let (before, mut count, mut fault) = (cursor.lines, 0, None);
        let mut names = Vec::new();
        loop {
            match cursor.cell() {
                Ok(cell) if has_header => names.push(String::from_utf8_lossy(cell).trim().to_owned()),
                Ok(_) => {}
                Err(found) => fault = fault.or(Some((found, count))),
            }
            count += 1;
            if !cursor.next_cell() {
                break;
            }
        }
        let end = self.top + cursor.at;
        self.check_text(if has_header { end } else { self.top })?;
        if count > MAX_COLUMNS {
            let name = self.name.to_owned();
            return Err(DataError::TooManyColumns { name, found: count as u64, limit: MAX_COLUMNS });
        }
        if !has_header {
            return Ok(((0..count).map(|i| format!("c{i}")).collect(), self.top));
        }
        match fault {
            None => Ok((self.checked(names, line)?, end)),
            Some((Fault::Unclosed { line: at, .. }, _)) if self.head.whole => {
                Err(DataError::UnclosedQuote { name: self.name.to_owned(), line: line + at - before })
            }
            Some((Fault::Unclosed { length: found, .. } | Fault::Long(found), column)) => {
                let (name, limit) = (self.name.to_owned(), MAX_CELL);
                Err(DataError::CellTooLong { name, line, position: column + 1, found, limit })
            }
        }
    }

    /// The names, if every column has one of its own. The first may lack it.
    fn checked(&self, mut names: Vec<String>, line: u64) -> Result<Vec<String>, DataError> {
        if names.len() > 1 && names[0].is_empty() && !names.iter().any(|name| name == INDEX) {
            INDEX.clone_into(&mut names[0]);
        }
        if let Some(i) = names.iter().position(String::is_empty) {
            return Err(DataError::EmptyColumnName { name: self.name.to_owned(), line, position: i + 1 });
        }
        check_unique(self.name, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
        Ok(names)
    }

    /// Refuses NUL bytes and what is no UTF-8 before `end`.
    fn check_text(&self, end: usize) -> Result<(), DataError> {
        match first_bad(&self.head.bytes[..end]) {
            None => Ok(()),
            Some(offset) => {
                let (line, byte) = line_and_byte(&self.head.bytes, offset);
                Err(bad_byte(self.name, line, byte, self.head.bytes[offset]))
            }
        }
    }
}

/// Where the first NUL byte or the first byte that is no UTF-8 is.
pub(super) fn first_bad(bytes: &[u8]) -> Option<usize> {
    let nul = memchr(0, bytes);
    let foreign = std::str::from_utf8(bytes).err().map(|error| error.valid_up_to());
    nul.into_iter().chain(foreign).min()
}

/// The error for a byte that [`first_bad`] found.
pub(super) fn bad_byte(name: &str, line: u64, byte: u64, found: u8) -> DataError {
    let name = name.to_owned();
    match found {
        0 => DataError::Nul { name, line, byte },
        _ => DataError::NotUtf8 { name, line, byte, found: format!("byte {found:#04x}") },
    }
}
