//! Cells of a column within a block: numbers, dates or texts.

use super::affix::number;
use super::cells::{Cursor, Fault, trim};
use super::date;
use super::format::{Format, Formats};
use super::number::{EXACT, Read, Style, is_missing, short};
use super::pool::Pool;
use crate::moment;
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
    /// The first that begins with a zero which a number does not need.
    pub(super) padded: Option<u32>,
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

impl Cells {
    pub(super) fn new(want: Want, rows: usize) -> Self {
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
                padded: None,
            }),
            Want::Format(format) => {
                let moments = Vec::with_capacity(rows);
                Self::Dates(Dates { format, moments, present: false, settled: false })
            }
        }
    }

    /// What is to be read when a block is gone through for the columns that did not fit.
    pub(super) fn again(&self) -> Want {
        if matches!(self, Self::Misfit) { Want::Text } else { Want::Skip }
    }

    /// Reads a cell.
    #[inline]
    pub(super) fn take(
        &mut self,
        cursor: &mut Cursor,
        row: u32,
        hasher: &DefaultHashBuilder,
    ) -> Result<(), Fault> {
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
                    numbers.note_padding(&cursor.rest()[..length], row);
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

    /// `01234` may be a code.
    #[inline]
    fn note_padding(&mut self, cell: &[u8], row: u32) {
        if let [b'0', b'0'..=b'9', ..] = cell {
            self.padded = self.padded.or(Some(row));
        }
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
            self.note_padding(cell, row);
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
            Format::Date(order, mark, looks) => date::parse(cell, order, mark, looks),
            _ => moment::parse(cell).map(|micros| date::Read { micros, settled: true }),
        };
        let Some(read) = read else { return false };
        self.present = true;
        self.settled |= read.settled;
        self.moments.push(read.micros);
        true
    }
}
