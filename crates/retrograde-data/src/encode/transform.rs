//! Columns to matrices.

use super::boolean::answer;
use super::date::{no_date, parsed};
use super::fit::{check_rows, find, infinite};
use super::{DateInput, Encoder, InputColumn, NumberScale};
use crate::error::DataError;
use crate::moment::parts;
use crate::table::{Column, MISSING_DATE, Table, Values};
use ndarray::Array2;
use std::borrow::Cow;
use std::collections::HashMap;

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
    /// numbers is compared by the numbers' shortest text, a date column that arrives as text is read, a missing number
    /// without indicator is filled all the same.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`] for a column that is not there, [`DataError::NotANumber`] for the first text in a
    /// number column, [`DataError::NotADate`] for the first cell of a date column that is none, [`DataError::Infinite`]
    /// for an infinite number, [`DataError::OutOfRange`] when a scaled one is not finite, [`DataError::NoSuchRow`].
    pub fn transform(&self, table: &Table, rows: &[usize]) -> Result<Array2<f64>, DataError> {
        self.transform_as(table, rows)
    }

    /// [`Encoder::transform`] into `f32` or `f64` elements, without an intermediate matrix.
    ///
    /// # Errors
    /// As [`Encoder::transform`].
    pub fn transform_as<T: Element>(&self, table: &Table, rows: &[usize]) -> Result<Array2<T>, DataError> {
        check_rows(table, rows)?;
        let mut matrix = Array2::from_elem((rows.len(), self.width()), T::from_f64(0.0));
        // A matrix that was just made is row-major: this is always a slice.
        let out = matrix.as_slice_mut().unwrap_or_default();
        self.transform_into(table, rows, out)?;
        Ok(matrix)
    }

    /// [`Encoder::transform`] into a part of a larger row-major matrix: rows.len() · [`Encoder::width`] elements, whatever
    /// they were before.
    ///
    /// # Errors
    /// As [`Encoder::transform`]; [`DataError::SliceLength`] for a slice of another length. After an error, what `out`
    /// holds is of no use.
    pub fn transform_into<T: Element>(
        &self,
        table: &Table,
        rows: &[usize],
        out: &mut [T],
    ) -> Result<(), DataError> {
        check_rows(table, rows)?;
        let width = self.width();
        let expected = rows.len().saturating_mul(width);
        if out.len() != expected {
            return Err(DataError::SliceLength { found: out.len(), expected });
        }
        let sources =
            self.inputs.iter().map(|input| Source::new(table, input, rows)).collect::<Result<Vec<_>, _>>()?;
        for (rows, block) in rows.chunks(BLOCK).zip(out.chunks_mut((BLOCK * width).max(1))) {
            let mut offset = 0;
            block.fill(T::from_f64(0.0));
            for source in &sources {
                source.write(rows, (width, offset), block)?;
                offset += source.input.width();
            }
        }
        Ok(())
    }
}

/// An input column with the table's column behind it.
struct Source<'a> {
    table: &'a Table,
    column: &'a Column,
    input: &'a InputColumn,
    cells: Cells<'a>,
}

/// The cells of a column as an input column takes them.
enum Cells<'a> {
    /// For [`InputColumn::Number`], NaN where missing.
    Numbers(Cow<'a, [f64]>),
    /// For [`InputColumn::Date`].
    Dates(Cow<'a, [i64]>),
    /// For the others, what texts switch on.
    Texts(Texts<'a>),
}

/// What the texts of a column switch on.
struct Texts<'a> {
    values: &'a Values,
    /// What each level of the column switches on, when the levels are fewer than the rows.
    of_level: Vec<Option<usize>>,
    /// What a text switches on.
    of_text: Meaning<'a>,
}

/// What a text switches on.
enum Meaning<'a> {
    /// The level's number.
    Level(HashMap<&'a str, usize>),
    /// 1 for a yes, 0 for a no.
    Answer,
}

impl<'a> Source<'a> {
    fn new(table: &'a Table, input: &'a InputColumn, rows: &[usize]) -> Result<Self, DataError> {
        let column = find(table, input.column(), "")?;
        let texts = |of_text| Cells::Texts(Texts::new(column, of_text, rows.len()));
        let cells = match (input, &column.values) {
            (InputColumn::Number { .. }, Values::Number(values)) => Cells::Numbers(values.into()),
            (InputColumn::Number { .. }, _) => Cells::Numbers(numbers(table, column, rows)?.into()),
            (InputColumn::Date { .. }, Values::Date(dates)) => Cells::Dates(dates.into()),
            (InputColumn::Date { .. }, _) => Cells::Dates(parsed(table, column, rows)?.into()),
            (InputColumn::Category { levels, .. }, _) => {
                texts(Meaning::Level(levels.iter().map(String::as_str).zip(0..).collect()))
            }
            (InputColumn::Boolean { .. }, _) => texts(Meaning::Answer),
        };
        Ok(Self { table, column, input, cells })
    }

    /// Writes the column's inputs of a block of rows, `offset` elements into each row of `width` elements that are 0.
    fn write<T: Element>(
        &self,
        rows: &[usize],
        (width, offset): (usize, usize),
        block: &mut [T],
    ) -> Result<(), DataError> {
        let one = T::from_f64(1.0);
        let rows = rows.iter().zip(block.chunks_mut(width).map(|cells| &mut cells[offset..]));
        match (self.input, &self.cells) {
            (InputColumn::Number { scale, fill, missing_indicator, .. }, Cells::Numbers(values)) => {
                for (&row, cells) in rows {
                    let missing = values[row].is_nan();
                    cells[0] = self.scaled(row, scale, if missing { *fill } else { values[row] })?;
                    if missing && *missing_indicator {
                        cells[1] = one;
                    }
                }
            }
            (InputColumn::Date { parts, missing_indicator, .. }, Cells::Dates(dates)) => {
                for (&row, cells) in rows {
                    self.write_date(row, dates[row], parts, cells)?;
                    if *missing_indicator && dates[row] == MISSING_DATE {
                        cells[parts.len()] = one;
                    }
                }
            }
            (InputColumn::Boolean { fill, missing_indicator, .. }, Cells::Texts(texts)) => {
                for (&row, cells) in rows {
                    let found = texts.at(row);
                    cells[0] = T::from_f64(found.unwrap_or(usize::from(*fill)) as f64);
                    if *missing_indicator && found.is_none() {
                        cells[1] = one;
                    }
                }
            }
            (InputColumn::Category { levels, .. }, Cells::Texts(texts)) => {
                rows.for_each(|(&row, cells)| cells[texts.at(row).unwrap_or(levels.len())] = one);
            }
            // `Source::new` pairs each kind of input with its cells.
            (_, Cells::Numbers(_) | Cells::Dates(_) | Cells::Texts(_)) => {}
        }
        Ok(())
    }

    fn scaled<T: Element>(&self, row: usize, scale: &NumberScale, x: f64) -> Result<T, DataError> {
        let scaled = T::from_f64(scale.apply(x));
        if x.is_infinite() {
            return Err(infinite(self.table, self.column, row));
        }
        if scaled.is_finite() { Ok(scaled) } else { Err(out_of_range(self.table, self.column, row, x)) }
    }

    fn write_date<T: Element>(
        &self,
        row: usize,
        date: i64,
        inputs: &[DateInput],
        cells: &mut [T],
    ) -> Result<(), DataError> {
        let found = parts(date);
        if found.is_none() && date != MISSING_DATE {
            return Err(no_date(self.table, self.column, row));
        }
        for (input, cell) in inputs.iter().zip(cells) {
            let x = found.as_ref().map_or(input.fill, |parts| input.part.of(parts));
            *cell = self.scaled(row, &input.scale, x)?;
        }
        Ok(())
    }
}

impl<'a> Texts<'a> {
    fn new(column: &'a Column, of_text: Meaning<'a>, rows: usize) -> Self {
        let of_level = match &column.values {
            Values::Category { levels, .. } if levels.len() <= rows => {
                levels.iter().map(|level| of_text.of(level)).collect()
            }
            _ => Vec::new(),
        };
        Self { values: &column.values, of_level, of_text }
    }

    /// What a cell switches on; `None` when it is missing or means nothing here.
    fn at(&self, row: usize) -> Option<usize> {
        match self.values {
            Values::Category { codes, .. } if !self.of_level.is_empty() => {
                self.of_level.get(codes[row] as usize).copied().flatten()
            }
            values => self.of_text.of(&values.text(row)?),
        }
    }
}

impl Meaning<'_> {
    fn of(&self, text: &str) -> Option<usize> {
        match self {
            Self::Level(places) => places.get(text).copied(),
            Self::Answer => answer(text).map(|(_, yes)| usize::from(yes)),
        }
    }
}

/// The numbers of some rows of a column that holds something else: one per row of the table, NaN where missing.
fn numbers(table: &Table, column: &Column, rows: &[usize]) -> Result<Vec<f64>, DataError> {
    let mut numbers = vec![f64::NAN; column.values.len()];
    for &row in rows.iter().filter(|&&row| !column.values.is_missing(row)) {
        numbers[row] = number_cell(table, column, row)?;
    }
    Ok(numbers)
}

/// A present cell as a finite number, whatever the column's type.
pub(super) fn number_cell(table: &Table, column: &Column, row: usize) -> Result<f64, DataError> {
    let refused = |found: String| DataError::NotANumber {
        name: table.file_of(row).to_owned(),
        at: table.at(row),
        column: column.name.clone(),
        found,
    };
    match &column.values {
        Values::Number(values) if values[row].is_infinite() => Err(infinite(table, column, row)),
        Values::Number(values) => Ok(values[row]),
        Values::Category { .. } | Values::Date(_) => {
            let text = column.values.text(row).unwrap_or_default();
            text.parse::<f64>().ok().filter(|x| x.is_finite()).ok_or_else(|| refused(text.into_owned()))
        }
    }
}

fn out_of_range(table: &Table, column: &Column, row: usize, found: f64) -> DataError {
    DataError::OutOfRange {
        name: table.file_of(row).to_owned(),
        at: table.at(row),
        column: column.name.clone(),
        found,
    }
}
