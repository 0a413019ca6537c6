//! A block of records as typed pieces of columns.

use super::blocks::Block;
use super::cells::{Cursor, Dialect, Fault, trim};
use super::date;
use super::format::{Format, Formats, number};
use super::layout::first_bad;
use super::number::{EXACT, Read, Style, is_missing, short};
use super::pool::Pool;
use crate::moment;
use crate::read::bytes::line_and_byte;
use crate::table::{MISSING, MISSING_DATE};
use hashbrown::DefaultHashBuilder;

/// What a column of a block is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Nothing.
    Skip,
    /// Texts.
    Text,
    /// Numbers or dates of one format, or texts when a cell does not fit it.
    Format(Format),
}

/// The rows of a block. Rows and lines are counted from its beginning.
pub(super) struct Piece {
    pub(super) rows: usize,
    /// The lines that ended before each row.
    pub(super) lines: Vec<u32>,
    /// The lines that end in the block.
    pub(super) ended: u64,
    pub(super) columns: Vec<Cells>,
    /// Why the rows end before the block does.
    pub(super) trouble: Option<Trouble>,
    /// The length of the block in bytes.
    pub(super) length: usize,
}

/// Cells of a column.
pub(super) enum Cells {
    Skipped,
    Numbers(Numbers),
    Dates(Dates),
    Texts(Box<Texts>),
    /// Another format was wanted than the cells have. None is left when a block has been read.
    Misfit,
}

/// Cells that are numbers.
pub(super) struct Numbers {
    pub(super) style: Style,
    affix: u8,
    pub(super) values: Vec<f64>,
    /// Whether any is there.
    pub(super) present: bool,
    /// The first cell that is `.`, which among numbers is a missing one.
    pub(super) dot: Option<u32>,
    /// Whether all are written as integers.
    pub(super) whole: bool,
    /// The first integer beyond those that are exact.
    pub(super) large: Option<u32>,
}

/// Cells that are dates.
pub(super) struct Dates {
    pub(super) format: Format,
    pub(super) moments: Vec<i64>,
    pub(super) present: bool,
    /// Whether a cell says which number is the month.
    pub(super) settled: bool,
}

/// Cells that are texts.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) pool: Pool,
    pub(super) codes: Vec<u32>,
    /// The formats that all cells fit, when the column may be of numbers or dates.
    pub(super) formats: Option<Formats>,
}

/// What makes a table impossible, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) row: usize,
    pub(super) line: u64,
    pub(super) kind: TroubleKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TroubleKind {
    /// A record with so many cells.
    Ragged(usize),
    /// A quote that never closes.
    Unclosed,
    /// A cell, with its position and length.
    Long(usize, usize),
    /// A byte that no text has, with its position in the line.
    Byte(u64, u8),
}

/// Reads a block; `rows` is a guess of how many rows it has.
pub(super) fn read_block(
    block: &Block,
    dialect: Dialect,
    wants: &[Want],
    hasher: &DefaultHashBuilder,
    rows: usize,
) -> Piece {
    let mut reading = Reading::new(block, dialect, wants, hasher, rows);
    reading.records(block);
    let again: Vec<Want> = reading.columns.iter().map(Cells::again).collect();
    if reading.trouble.is_none() && again.contains(&Want::Text) {
        let mut texts = Reading::new(block, dialect, &again, hasher, reading.lines.len());
        texts.records(block);
        for (cells, texts) in reading.columns.iter_mut().zip(texts.columns) {
            if let (Cells::Misfit, Cells::Texts(mut texts)) = (&cells, texts) {
                texts.formats = Some(texts.pool.formats());
                *cells = Cells::Texts(texts);
            }
        }
    }
    reading.check_bytes(&block.bytes);
    let Reading { columns, lines, trouble, cursor, .. } = reading;
    Piece { rows: lines.len(), lines, ended: cursor.lines, columns, trouble, length: block.bytes.len() }
}

/// A block while it is read.
struct Reading<'a> {
    cursor: Cursor<'a>,
    hasher: &'a DefaultHashBuilder,
    columns: Vec<Cells>,
    lines: Vec<u32>,
    trouble: Option<Trouble>,
}

impl<'a> Reading<'a> {
    fn new(
        block: &'a Block,
        dialect: Dialect,
        wants: &[Want],
        hasher: &'a DefaultHashBuilder,
        rows: usize,
    ) -> Self {
        let columns = wants.iter().map(|&want| Cells::new(want, rows)).collect();
        let cursor = Cursor::new(&block.bytes, dialect);
        Self { cursor, hasher, columns, lines: Vec::with_capacity(rows), trouble: None }
    }

    /// Reads record by record.
    fn records(&mut self, block: &Block) {
        while self.cursor.next_record() {
            let (start, line) = (self.cursor.at, self.cursor.lines);
            if !self.record() {
                (self.cursor.at, self.cursor.lines) = (start, line);
                let (line, kind) = self.examine(block, line);
                self.trouble = Some(Trouble { row: self.lines.len(), line, kind });
                return;
            }
            self.lines.push(line as u32);
        }
    }

    /// Reads the record that begins here; `false` when it does not have a cell for every column.
    #[inline]
    fn record(&mut self) -> bool {
        let row = self.lines.len() as u32;
        let mut missing = self.columns.len();
        for cells in &mut self.columns {
            missing -= 1;
            if cells.take(&mut self.cursor, row, self.hasher).is_err() {
                return false;
            }
            if self.cursor.next_cell() != (missing > 0) {
                return false;
            }
        }
        true
    }

    /// What is wrong with the record that begins here, and on which line; the cursor goes to its end.
    fn examine(&mut self, block: &Block, line: u64) -> (u64, TroubleKind) {
        for position in 1.. {
            match self.cursor.cell() {
                Ok(_) => {}
                Err(Fault::Unclosed { line, length }) => {
                    let closed = block.cut.filter(|cut| cut.closed);
                    let long = closed.map(|cut| TroubleKind::Long(position, length + cut.more));
                    return (line, long.unwrap_or(TroubleKind::Unclosed));
                }
                Err(Fault::Long(length)) => {
                    let last = self.cursor.at == block.bytes.len();
                    let more = block.cut.filter(|_| last).map_or(0, |cut| cut.more);
                    return (line, TroubleKind::Long(position, length + more));
                }
            }
            if !self.cursor.next_cell() {
                return (line, TroubleKind::Ragged(position));
            }
        }
        (line, TroubleKind::Unclosed)
    }

    /// Finds bytes that no text has; they come before what is wrong with a later record.
    fn check_bytes(&mut self, bytes: &[u8]) {
        let end = if self.trouble.is_some() { self.cursor.at } else { bytes.len() };
        if let Some(offset) = first_bad(&bytes[..end]) {
            let (line, byte) = line_and_byte(bytes, offset);
            let kind = TroubleKind::Byte(byte, bytes[offset]);
            self.trouble = Some(Trouble { row: self.lines.len(), line: line - 1, kind });
        }
    }
}

impl Cells {
    fn new(want: Want, rows: usize) -> Self {
        match want {
            Want::Skip => Self::Skipped,
            Want::Text => {
                Self::Texts(Box::new(Texts { codes: Vec::with_capacity(rows), ..Texts::default() }))
            }
            Want::Format(Format::Number(style, affix)) => Self::Numbers(Numbers {
                style,
                affix,
                values: Vec::with_capacity(rows),
                present: false,
                dot: None,
                whole: true,
                large: None,
            }),
            Want::Format(format) => {
                let moments = Vec::with_capacity(rows);
                Self::Dates(Dates { format, moments, present: false, settled: false })
            }
        }
    }

    /// What is to be read when a block is gone through for the columns that did not fit.
    fn again(&self) -> Want {
        if matches!(self, Self::Misfit) { Want::Text } else { Want::Skip }
    }

    /// Reads a cell.
    #[inline]
    fn take(&mut self, cursor: &mut Cursor, row: u32, hasher: &DefaultHashBuilder) -> Result<(), Fault> {
        let delimiter = cursor.dialect.delimiter;
        let fits = match self {
            Self::Skipped | Self::Misfit => {
                cursor.cell()?;
                true
            }
            Self::Numbers(numbers) => {
                if numbers.is_plain()
                    && let Some((read, length)) = short(cursor.rest(), delimiter)
                {
                    cursor.at += length;
                    numbers.push(read, row);
                    return Ok(());
                }
                numbers.take(trim(cursor.cell()?), row)
            }
            Self::Dates(dates) => {
                if dates.format == Format::Iso
                    && let Some((moment, length)) = date::short(cursor.rest(), delimiter)
                {
                    cursor.at += length;
                    dates.present = true;
                    dates.moments.push(moment);
                    return Ok(());
                }
                dates.take(trim(cursor.cell()?))
            }
            Self::Texts(texts) => {
                let cell = trim(cursor.cell()?);
                let code = if is_missing(cell) { MISSING } else { texts.pool.code(cell, row, hasher) };
                texts.codes.push(code);
                true
            }
        };
        if !fits {
            *self = Self::Misfit;
        }
        Ok(())
    }
}

impl Numbers {
    /// The format of the cells.
    pub(super) fn format(&self) -> Format {
        Format::Number(self.style, self.affix)
    }

    #[inline]
    fn is_plain(&self) -> bool {
        self.affix == 0 && self.style == Style::Plain
    }

    #[inline]
    fn push(&mut self, read: Read, row: u32) {
        // NaN is a missing cell.
        if !read.value.is_nan() {
            self.present = true;
            self.whole &= read.whole;
            if read.whole && read.value.abs() >= EXACT as f64 {
                self.large = self.large.or(Some(row));
            }
        }
        self.values.push(read.value);
    }

    /// Takes a trimmed cell, unless it does not fit.
    fn take(&mut self, cell: &[u8], row: u32) -> bool {
        let missing = Read { value: f64::NAN, whole: true };
        if is_missing(cell) {
            self.push(missing, row);
        } else if cell == b"." {
            self.dot = self.dot.or(Some(row));
            self.push(missing, row);
        } else {
            let read = std::str::from_utf8(cell).ok().and_then(|cell| number(cell, self.style, self.affix));
            let Some(read) = read else { return false };
            self.push(read, row);
        }
        true
    }
}

impl Dates {
    /// Takes a trimmed cell, unless it does not fit.
    fn take(&mut self, cell: &[u8]) -> bool {
        if is_missing(cell) {
            self.moments.push(MISSING_DATE);
            return true;
        }
        let Ok(cell) = std::str::from_utf8(cell) else { return false };
        let read = match self.format {
            Format::Date(order, mark) => date::parse(cell, order, mark),
            _ => moment::parse(cell).map(|micros| date::Read { micros, settled: true }),
        };
        let Some(read) = read else { return false };
        self.present = true;
        self.settled |= read.settled;
        self.moments.push(read.micros);
        true
    }
}
