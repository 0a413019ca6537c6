//! Everything that can go wrong: found, expected and where.

mod advice;

use crate::read::MAX_COLUMNS;
use crate::table::number_text;
use std::fmt;

/// The place of a row, printed as `row 11 (line 13)`, or `row 11` when the format has no lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// The row, counted from 0 without the header.
    pub row: usize,
    /// The 1-based line of the file on which the row starts.
    pub line: Option<u64>,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        self.line.map_or(Ok(()), |line| write!(f, " (line {line})"))
    }
}

/// Why bytes did not become a table, or a table did not become matrices.
///
/// `Display` is one line that says what was found and where. [`DataError::details`] has further lines,
/// [`DataError::hint`] a remedy. `name` is always the table's name, see [`crate::Origin`].
#[allow(missing_docs, reason = "the fields are the parts of the message above each variant")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    // Files.
    /// The file could not be read.
    #[error("cannot read {name}: {source}")]
    Io { name: String, source: std::io::Error },
    /// There are no bytes, or no rows in a binary file.
    #[error("{name} is empty")]
    Empty { name: String },
    /// There is a header and nothing below it.
    #[error("{name} has a header of {} and no rows", counted(*columns, "column"))]
    HeaderOnly { name: String, columns: usize },
    /// Compressed data is larger than [`crate::ReadOptions::max_bytes`].
    #[error("{name} holds more than {limit} bytes")]
    TooLarge { name: String, limit: u64 },
    /// A known format that is not read.
    #[error("{name} is {found}, which cannot be read")]
    Unsupported { name: String, found: &'static str, advice: &'static str },
    /// A binary file whose parts do not fit together.
    #[error("{name} is a damaged {format} file: {found} at byte {offset}, expected {expected}")]
    Damaged { name: String, format: &'static str, offset: u64, found: String, expected: String },
    /// Compressed data that cannot be decompressed to its end.
    #[error("{name} is a damaged {format} file: after {good} good bytes of content, {found}")]
    Compressed { name: String, format: &'static str, good: usize, found: String },
    /// A pattern that fits no file.
    #[error("no file matches {pattern}")]
    NoMatch { pattern: String },
    /// A folder where a file was expected; `example` is a pattern for the files in it.
    #[error("{name} is a folder, expected a file")]
    Folder { name: String, example: String },
    /// A file that has not the columns of another one, or the other way round.
    #[error("{name} has no column `{column}`, which {other} has")]
    FileColumns { name: String, column: String, other: String },
    /// An archive whose files are not the parts of one table.
    #[error("{name} holds {} that are not the parts of one table", counted(members.len(), "file"))]
    Members { name: String, members: Vec<String>, why: String },
    /// A file that is not in the archive.
    #[error("{name} holds no file {member}")]
    NoMember { name: String, member: String, members: Vec<String> },
    /// Elements of a type that no column can have.
    #[error("{name} holds {found}, which cannot be read")]
    Elements { name: String, found: String, advice: &'static str },
    /// A sparse table whose zeros take too much memory, or that has too many columns.
    #[error(
        "{name} is a sparse table of {} by {}: too large with its zeros, expected at most {limit} bytes and {} columns",
        counted(*rows, "row"), counted(usize::try_from(*columns).unwrap_or(usize::MAX), "column"), MAX_COLUMNS
    )]
    Sparse { name: String, rows: usize, columns: u64, limit: u64 },
    /// A file of columns that would take too much memory.
    #[error("{name} has {} by {}: more than {limit} bytes of numbers", counted(*rows, "row"), counted(*columns, "column"))]
    TooManyCells { name: String, rows: usize, columns: usize, limit: u64 },
    /// A line of a text format that does not follow its grammar.
    #[error("{name}, line {line}: {found}, expected {expected}")]
    Line { name: String, line: u64, found: String, expected: String },
    /// A binary file that its format's decoder refuses.
    #[error("{name} is a damaged {format} file: {found}")]
    Undecodable { name: String, format: &'static str, found: String },
    /// A file of typed columns, none of which a table can have.
    #[error("{name} has no column of numbers, texts, truth values or dates")]
    NoColumns { name: String, left_out: Vec<String> },
    /// A MAT file without any two-dimensional array of real numbers.
    #[error("{name} holds no two-dimensional array of real numbers")]
    NoArrays { name: String, found: Vec<String> },
    /// A labels file whose length is not that of the table.
    #[error("{labels} has {}, expected {expected} as in {name}", counted(*found, "row"))]
    LabelRows { name: String, labels: String, found: usize, expected: usize },
    /// A labels file with other than one column.
    #[error("{labels} has {found} columns, expected 1 column of labels")]
    LabelColumns { labels: String, found: usize },

    // Text tables.
    /// A delimiter that cannot delimit.
    #[error(
        "the delimiter {found:?} cannot separate columns, expected one ASCII character that is not a quote"
    )]
    Delimiter { found: char },
    /// A row with more or fewer cells than the first.
    #[error("{name}, {at}: {}, expected {expected}", counted(*found, "cell"))]
    Ragged { name: String, at: At, found: usize, expected: usize },
    /// A zero byte in a text.
    #[error("{name}, line {line}, byte {byte}: a NUL byte, expected text")]
    Nul { name: String, line: u64, byte: u64 },
    /// Bytes that are not UTF-8.
    #[error("{name}, line {line}, byte {byte}: {found}, expected UTF-8")]
    NotUtf8 { name: String, line: u64, byte: u64, found: String },
    /// Bytes that are no text in the encoding that was given, or that a byte order mark tells.
    #[error("{name}, byte {offset}: these bytes are no {encoding}")]
    NotDecoded { name: String, encoding: String, offset: u64 },
    /// An encoding that nobody knows.
    #[error("`{found}` is no known encoding")]
    UnknownEncoding { found: String },
    /// A file that is not what it was when it was read before.
    #[error("{name} has changed since it was first read")]
    Changed { name: String },
    /// A quote that opens a cell and never closes.
    #[error("{name}, line {line}: a quote opens here and never closes")]
    UnclosedQuote { name: String, line: u64 },
    /// A header cell without text.
    #[error("{name}, line {line}: column {position} has no name")]
    EmptyColumnName { name: String, line: u64, position: usize },
    /// Two columns of one name; positions count from 1.
    #[error("{name}: columns {first} and {second} are both named `{column}`")]
    DuplicateColumn { name: String, column: String, first: usize, second: usize },
    /// More columns than a table may have.
    #[error("{name} has {found} columns, expected at most {limit}")]
    TooManyColumns { name: String, found: u64, limit: usize },
    /// A cell larger than any sensible one.
    #[error("{name}, line {line}, column {position}: a cell of {found} bytes, expected at most {limit}")]
    CellTooLong { name: String, line: u64, position: usize, found: usize, limit: usize },
    /// An infinite number in a number column.
    #[error("{name}, {at}, column `{column}`: `{found}` is not finite, expected a finite number")]
    Infinite { name: String, at: At, column: String, found: String },

    // Tables.
    /// A column of another length than the first.
    #[error("{name}: column `{column}` has {}, expected {expected}", counted(*found, "cell"))]
    ColumnLength { name: String, column: String, found: usize, expected: usize },
    /// A named column that is not there; `flag` is the option that named it, or empty.
    #[error("no column `{column}` in {name}")]
    UnknownColumn { name: String, column: String, columns: Vec<String>, flag: &'static str },
    /// An embedded set that does not exist.
    #[error("no embedded data set `@{found}`")]
    UnknownEmbedded { found: String, names: Vec<&'static str> },
    /// A row index beyond the table.
    #[error("{name} has no row {found}, expected a row below {rows}")]
    NoSuchRow { name: String, found: usize, rows: usize },

    /// Pieces that are not those of the table that was announced.
    #[error("{name} came in pieces with {found}, expected {expected}")]
    Pieces { name: String, found: String, expected: String },
    /// A slice that does not fit the encoded rows that are to be written into it.
    #[error("a slice of {found} elements for the encoded rows, expected {expected}")]
    SliceLength { found: usize, expected: usize },

    // Settings of an encoder.
    /// No target was named.
    #[error("no target column was named for {name}")]
    NoTarget { name: String, columns: Vec<String> },
    /// One column in two incompatible roles.
    #[error("column `{column}` is named as {first} and as {second}, expected one of them")]
    TwoRoles { column: String, first: &'static str, second: &'static str },
    /// Several targets cannot be classes.
    #[error("{found} target columns cannot be classes, expected one target column")]
    SeveralClassTargets { found: usize },
    /// There are no rows to learn from.
    #[error("no training rows in {name}, expected at least 1")]
    NoTrainingRows { name: String },
    /// No column is left to be an input.
    #[error("{name} has no input columns besides the target")]
    NoInputs { name: String, notes: Vec<String> },

    // Cells that an encoder cannot take.
    /// A text column that identifies rows rather than describing them.
    #[error(
        "column `{column}` of {name} looks like an identifier or free text: {levels} different values in {rows} rows"
    )]
    Identifier { name: String, column: String, levels: usize, rows: usize, stray: Option<String> },
    /// A target of texts that nobody called classes; `stray` says where numbers end.
    #[error(
        "the target `{column}` of {name} has {levels} different texts in {}: too many to be taken for classes",
        counted(*rows, "row")
    )]
    ManyTexts { name: String, column: String, levels: usize, rows: usize, stray: Option<String> },
    /// A text where a date was asked for.
    #[error("{name}, {at}, column `{column}`: `{found}` is not a date")]
    NotADate { name: String, at: At, column: String, found: String },
    /// A date that does not fit into 64 bits of microseconds.
    #[error("{name}, {at}, column `{column}`: {found} is beyond the years −290308 to 294247")]
    DateRange { name: String, at: At, column: String, found: String },
    /// A text where the encoder needs a number.
    #[error("{name}, {at}, column `{column}`: found `{found}`, expected a number")]
    NotANumber { name: String, at: At, column: String, found: String },
    /// A number that does not fit the element type once scaled.
    #[error(
        "{name}, {at}, column `{column}`: {} is too large for the numbers the network computes with",
        number_text(*found)
    )]
    OutOfRange { name: String, at: At, column: String, found: f64 },
    /// A row without a target; `count` rows in all.
    #[error("{name}, {at}: the target `{column}` is missing ({count} such rows)")]
    MissingTarget { name: String, at: At, column: String, count: usize },
    /// All training rows have the same class.
    #[error(
        "the target `{column}` of {name} has only one class, `{found}`, in {}, expected at least 2",
        counted(*rows, "training row")
    )]
    OneClass { name: String, column: String, found: String, rows: usize },
    /// All training rows, of which there are several, have the same number as a target.
    #[error(
        "the target `{column}` of {name} is {} in every one of {}: there is nothing to learn, expected at least 2 different \
         numbers",
        number_text(*found),
        counted(*rows, "training row")
    )]
    ConstantTarget { name: String, column: String, found: f64, rows: usize },
    /// More classes than can be meant.
    #[error("the target `{column}` of {name} has {found} classes, expected at most {limit}")]
    TooManyClasses { name: String, column: String, found: usize, limit: usize },
    /// A class that the training rows did not have.
    #[error("{name}, {at}: the target `{column}` is `{found}`, expected one of the {} trained classes", classes.len())]
    UnknownClass { name: String, at: At, column: String, found: String, classes: Vec<String> },
    /// An encoder from elsewhere that contradicts itself.
    #[error("the encoder's {part} has {found}, expected {expected}")]
    InvalidEncoder { part: String, found: String, expected: &'static str },
}

/// `1 cell`, `2 cells`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{At, DataError};

    fn unknown(column: &str, flag: &'static str) -> DataError {
        let columns = (0..20).map(|i| format!("f{i}")).chain(["Churned now".into()]).collect();
        DataError::UnknownColumn { name: "churn.csv".into(), column: column.into(), columns, flag }
    }

    #[test]
    fn an_unknown_column_lists_the_columns_and_the_nearest() {
        let error = unknown("churned", "--target");
        assert_eq!(error.to_string(), "no column `churned` in churn.csv");
        assert_eq!(error.details(), ["columns: f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, … (21)"]);
        assert_eq!(error.hint().as_deref(), Some("did you mean  --target 'Churned now' ?"));
        assert_eq!(unknown("zzz", "--target").hint(), None);
    }

    #[test]
    fn places_print_with_and_without_a_line() {
        assert_eq!(At { row: 11, line: Some(13) }.to_string(), "row 11 (line 13)");
        assert_eq!(At { row: 0, line: None }.to_string(), "row 0");
    }

    #[test]
    fn an_error_is_small_enough_to_return() {
        assert!(size_of::<DataError>() <= 128, "{}", size_of::<DataError>());
    }
}
