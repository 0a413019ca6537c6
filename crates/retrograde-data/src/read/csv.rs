//! Delimited text. The types of columns are decided over all rows.

mod dialect;
mod records;

use super::bytes::line_and_byte;
use super::{Header, MAX_COLUMNS, ReadOptions, origin};
use crate::error::{At, DataError};
use crate::table::{Column, ColumnType, LevelPool, MISSING, Table, check_unique};
use dialect::{delimiter_name, is_missing, number, sniff_delimiter, sniff_header};
use records::{Records, Text};

/// The largest cell in bytes.
const MAX_CELL: usize = 1 << 20;

/// Reads delimited text.
pub(crate) fn read_csv(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, DataError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    check_text(name, bytes)?;
    let delimiter = match options.delimiter {
        Some(given) => checked_delimiter(given)?,
        None => sniff_delimiter(bytes),
    };
    let text = Text { name, bytes, delimiter };
    let has_header = match options.header {
        Header::Sniff => sniff_header(&text)?,
        Header::Present => true,
        Header::Absent => false,
    };
    let (names, width) = column_names(&text, has_header)?;
    let forced = |name: &String| options.type_of(name).is_some_and(|wanted| wanted != ColumnType::Number);
    let builders =
        names.iter().map(|name| if forced(name) { Builder::Text } else { Builder::number() }).collect();
    let (builders, lines) = scan(&text, has_header, builders)?;
    if lines.is_empty() {
        return Err(DataError::HeaderOnly { name: name.to_owned(), columns: width });
    }
    let columns = fill(&text, has_header, names, builders)?;
    let header = if has_header { "header" } else { "no header" };
    let format = format!("csv · {} · {header}", delimiter_name(delimiter));
    Table::new(columns, origin(name, format))?.with_lines(lines)
}

/// Refuses NUL bytes and anything that is not UTF-8.
fn check_text(name: &str, bytes: &[u8]) -> Result<(), DataError> {
    let name = name.to_owned();
    if let Some(offset) = bytes.iter().position(|&b| b == 0) {
        let (line, byte) = line_and_byte(bytes, offset);
        return Err(DataError::Nul { name, line, byte });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(|c| matches!(c, '\r' | '\n')) => Err(DataError::Empty { name }),
        Ok(_) => Ok(()),
        Err(error) => {
            let offset = error.valid_up_to();
            let (line, byte) = line_and_byte(bytes, offset);
            Err(DataError::NotUtf8 { name, line, byte, found: format!("byte {:#04x}", bytes[offset]) })
        }
    }
}

fn checked_delimiter(given: u8) -> Result<u8, DataError> {
    let usable =
        given.is_ascii() && !matches!(given, b'"' | b'\r' | b'\n' | 0) && !given.is_ascii_alphanumeric();
    if usable { Ok(given) } else { Err(DataError::Delimiter { found: char::from(given) }) }
}

/// The names from the first record, or `c0`, `c1`, …, and how many columns there are.
fn column_names(text: &Text, has_header: bool) -> Result<(Vec<String>, usize), DataError> {
    let mut records = Records::new(text);
    let Some(place) = records.next()? else { return Err(DataError::Empty { name: text.name.to_owned() }) };
    let cells = records.record();
    let width = cells.len();
    if width > MAX_COLUMNS {
        let name = text.name.to_owned();
        return Err(DataError::TooManyColumns { name, found: width as u64, limit: MAX_COLUMNS });
    }
    if !has_header {
        return Ok(((0..width).map(|i| format!("c{i}")).collect(), width));
    }
    for (i, cell) in cells.iter().enumerate() {
        check_cell(text, place.line, i, cell)?;
    }
    let names: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
    if let Some(i) = names.iter().position(String::is_empty) {
        let name = text.name.to_owned();
        return Err(DataError::EmptyColumnName { name, line: place.line, position: i + 1 });
    }
    check_unique(text.name, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok((names, width))
}

/// Refuses a cell of more than 1 MiB.
fn check_cell(text: &Text, line: u64, column: usize, cell: &str) -> Result<(), DataError> {
    if cell.len() <= MAX_CELL {
        return Ok(());
    }
    let name = text.name.to_owned();
    Err(DataError::CellTooLong { name, line, position: column + 1, found: cell.len(), limit: MAX_CELL })
}

/// A column while its type is not yet certain.
enum Builder {
    /// Numbers so far.
    Number(Vec<f64>),
    /// Text, to be collected once all types are known.
    Text,
}

impl Builder {
    fn number() -> Self {
        Self::Number(Vec::new())
    }

    /// Takes a cell; becomes text at the first cell that is neither a number nor missing.
    fn push(&mut self, cell: &str) {
        let Self::Number(values) = self else { return };
        match number(cell) {
            Some(value) => values.push(value),
            None => *self = Self::Text,
        }
    }
}

/// The first pass: checks every record, reads the numbers, finds the text columns and the lines of rows.
fn scan(
    text: &Text,
    has_header: bool,
    mut builders: Vec<Builder>,
) -> Result<(Vec<Builder>, Vec<u64>), DataError> {
    let mut records = Records::new(text);
    let mut lines = Vec::new();
    if has_header {
        records.next()?;
    }
    while let Some(place) = records.next()? {
        let at = At { row: lines.len(), line: Some(place.line) };
        let cells = records.record();
        if cells.len() != builders.len() {
            records.check_quotes(place)?;
            let name = text.name.to_owned();
            return Err(DataError::Ragged { name, at, found: cells.len(), expected: builders.len() });
        }
        for (i, (builder, cell)) in builders.iter_mut().zip(cells).enumerate() {
            if cell.len() > MAX_CELL {
                records.check_quotes(place)?;
                check_cell(text, place.line, i, cell)?;
            }
            builder.push(cell.trim());
        }
        lines.push(place.line);
    }
    records.check_last_quotes()?;
    Ok((builders, lines))
}

/// The second pass, over the text columns only: collects their levels.
fn fill(
    text: &Text,
    has_header: bool,
    names: Vec<String>,
    builders: Vec<Builder>,
) -> Result<Vec<Column>, DataError> {
    let is_text = |builder: &Builder| matches!(builder, Builder::Text);
    let wanted: Vec<usize> = (0..builders.len()).filter(|&i| is_text(&builders[i])).collect();
    let mut texts: Vec<(LevelPool, Vec<u32>)> = wanted.iter().map(|_| <_>::default()).collect();
    if !wanted.is_empty() {
        let mut records = Records::new(text);
        if has_header {
            records.next()?;
        }
        while records.next()?.is_some() {
            for (&i, (pool, codes)) in wanted.iter().zip(&mut texts) {
                let cell = records.record().get(i).unwrap_or_default().trim();
                codes.push(if is_missing(cell) { MISSING } else { pool.code(cell) });
            }
        }
    }
    let mut texts = texts.into_iter();
    let column = |(column, builder)| match builder {
        Builder::Number(values) => Column::number(column, values),
        Builder::Text => {
            let (pool, codes) = texts.next().unwrap_or_default();
            Column { name: column, values: pool.into_values(codes) }
        }
    };
    Ok(names.into_iter().zip(builders).map(column).collect())
}
