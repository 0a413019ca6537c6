//! Columns to matrices.

use super::fit::{check_rows, find};
use super::{Encoder, InputColumn};
use crate::error::DataError;
use crate::table::{Column, Table, Values, number_text};
use ndarray::Array2;

/// Rows per pass: their part of the matrix stays in the cache while columns are written into it.
const BLOCK: usize = 64;

/// The element of an encoded matrix: `f32` or `f64`.
pub trait Element: Copy + Send + Sync + sealed::Sealed + 'static {
    /// The nearest element; beyond the range it is infinite.
    fn from_f64(value: f64) -> Self;
    /// Whether the element is neither infinite nor NaN.
    fn is_finite(self) -> bool;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Element for f32 {
    fn from_f64(value: f64) -> Self {
        value as f32
    }
    fn is_finite(self) -> bool {
        self.is_finite()
    }
}

impl Element for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }
    fn is_finite(self) -> bool {
        self.is_finite()
    }
}

impl Encoder {
    /// The inputs of some rows: rows × [`Encoder::width`], row-major, see [`InputColumn`] for what they are.
    ///
    /// Columns are found by name; others are ignored, see [`Encoder::ignored`]. A category column that arrives as
    /// numbers is compared by the numbers' shortest text. A missing number without indicator is filled all the same.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`] for a column that is not there, [`DataError::NotANumber`] for the first text in a
    /// number column, [`DataError::OutOfRange`] when a scaled number is not finite, [`DataError::NoSuchRow`].
    pub fn transform(&self, table: &Table, rows: &[usize]) -> Result<Array2<f64>, DataError> {
        self.transform_as(table, rows)
    }

    /// [`Encoder::transform`] into `f32` or `f64` elements, without an intermediate matrix.
    ///
    /// # Errors
    /// As [`Encoder::transform`].
    pub fn transform_as<T: Element>(&self, table: &Table, rows: &[usize]) -> Result<Array2<T>, DataError> {
        check_rows(table, rows)?;
        let width = self.width();
        let sources =
            self.inputs.iter().map(|input| Source::new(table, input, rows)).collect::<Result<Vec<_>, _>>()?;
        let mut cells = vec![T::from_f64(0.0); rows.len() * width];
        for (rows, block) in rows.chunks(BLOCK).zip(cells.chunks_mut((BLOCK * width).max(1))) {
            let mut offset = 0;
            for source in &sources {
                source.write(table, rows, offset, (width, &mut *block))?;
                offset += source.input.width();
            }
        }
        let found = rows.len();
        Array2::from_shape_vec((rows.len(), width), cells).map_err(|_| DataError::NoSuchRow {
            name: table.origin.name.clone(),
            found,
            rows: table.rows(),
        })
    }
}

/// An input column with the table's column behind it.
struct Source<'a> {
    input: &'a InputColumn,
    column: &'a Column,
    /// For each level of the table's column, the input that it switches on.
    slots: Vec<usize>,
    /// For a number column whose cells arrived as texts that are all numbers.
    parsed: Option<Vec<f64>>,
}

impl<'a> Source<'a> {
    fn new(table: &'a Table, input: &'a InputColumn, rows: &[usize]) -> Result<Self, DataError> {
        let column = find(table, input.column(), "")?;
        let (mut slots, mut parsed) = (Vec::new(), None);
        match (input, &column.values) {
            (InputColumn::Category { levels, .. }, Values::Category { levels: found, .. }) => {
                let places: std::collections::HashMap<&String, usize> = levels.iter().zip(0..).collect();
                slots = found.iter().map(|l| places.get(l).copied().unwrap_or(levels.len())).collect();
            }
            (InputColumn::Number { .. }, Values::Category { .. } | Values::Date(_)) => {
                let mut numbers = vec![f64::NAN; column.values.len()];
                for &row in rows {
                    if !column.values.is_missing(row) {
                        numbers[row] = number_cell(table, column, row)?;
                    }
                }
                parsed = Some(numbers);
            }
            _ => {}
        }
        Ok(Self { input, column, slots, parsed })
    }

    /// Writes the column's inputs of a block of rows, `offset` elements into each row of `width` elements.
    fn write<T: Element>(
        &self,
        table: &Table,
        rows: &[usize],
        offset: usize,
        (width, block): (usize, &mut [T]),
    ) -> Result<(), DataError> {
        let cells = rows.iter().zip(block.chunks_mut(width).map(|cells| &mut cells[offset..]));
        match self.input {
            InputColumn::Number { mean, scale, fill, missing_indicator, .. } => {
                let values = match (&self.parsed, &self.column.values) {
                    (Some(parsed), _) => parsed,
                    (None, Values::Number(values)) => values,
                    (None, Values::Category { .. } | Values::Date(_)) => return Ok(()),
                };
                for (&row, cells) in cells {
                    let missing = values[row].is_nan();
                    let x = if missing { *fill } else { values[row] };
                    cells[0] = T::from_f64((x - mean) / scale);
                    if !cells[0].is_finite() {
                        return Err(out_of_range(table, self.column, row, x));
                    }
                    if *missing_indicator {
                        cells[1] = T::from_f64(f64::from(u8::from(missing)));
                    }
                }
            }
            InputColumn::Category { levels, .. } => {
                for (&row, cells) in cells {
                    cells[self.slot(row, levels)] = T::from_f64(1.0);
                }
            }
        }
        Ok(())
    }

    /// The input that a category cell switches on.
    fn slot(&self, row: usize, levels: &[String]) -> usize {
        let slot = match &self.column.values {
            Values::Category { codes, .. } => self.slots.get(codes[row] as usize).copied(),
            Values::Number(values) if values[row].is_nan() => None,
            Values::Number(values) => {
                let text = number_text(values[row]);
                levels.iter().position(|level| *level == text)
            }
            Values::Date(_) => {
                self.column.values.text(row).and_then(|text| levels.iter().position(|level| *level == text))
            }
        };
        slot.unwrap_or(levels.len())
    }
}

/// A present cell as a finite number, whatever the column's type.
pub(super) fn number_cell(table: &Table, column: &Column, row: usize) -> Result<f64, DataError> {
    let refused = |found: String| DataError::NotANumber {
        name: table.origin.name.clone(),
        at: table.at(row),
        column: column.name.clone(),
        found,
    };
    match &column.values {
        Values::Number(values) => Ok(values[row]),
        Values::Category { .. } | Values::Date(_) => {
            let text = column.values.text(row).unwrap_or_default();
            text.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| refused(text.into_owned()))
        }
    }
}

fn out_of_range(table: &Table, column: &Column, row: usize, found: f64) -> DataError {
    DataError::OutOfRange {
        name: table.origin.name.clone(),
        at: table.at(row),
        column: column.name.clone(),
        found,
    }
}
