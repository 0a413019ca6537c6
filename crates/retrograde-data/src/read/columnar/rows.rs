//! The rows of a file of columns, piece by piece.

use super::cells::{codes, each_text, inexact, moments, numbers};
use super::levels::Levels;
use super::store::Store;
use super::{Columnar, piece_rows};
use crate::error::{At, DataError};
use crate::moment;
use crate::read::source::{Pieces, Rescan};
use crate::table::{Column, ColumnType, MISSING_DATE, Origin, Table, Values};
use arrow_array::ArrayRef;
use std::borrow::Cow;
use std::sync::Arc;

/// What becomes of a column of the file.
pub(super) struct Plan {
    pub(super) name: String,
    /// Its index in the file.
    pub(super) field: usize,
    pub(super) target: Target,
}

/// The type of a column, with what it takes to make it.
pub(super) enum Target {
    /// Numbers; when nobody asked for them, whole numbers must be exact.
    Number { exact: bool },
    /// Moments.
    Date,
    /// Texts, once they are known.
    Category(Arc<Levels>),
}

impl Plan {
    pub(super) fn column_type(&self) -> ColumnType {
        match self.target {
            Target::Number { .. } => ColumnType::Number,
            Target::Date => ColumnType::Date,
            Target::Category(_) => ColumnType::Category,
        }
    }
}

/// Every cell's text read by `parse`, or row and text of the first that is not understood.
fn parsed<T: Clone>(
    array: &ArrayRef,
    missing: T,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, (usize, String)> {
    let mut cells = Vec::new();
    each_text(array, |text| {
        let cell = text.map_or(Some(missing.clone()), &parse);
        cells.push(cell.ok_or_else(|| text.unwrap_or_default().to_owned())?);
        Ok(())
    })?;
    Ok(cells)
}

/// A scanned file.
pub(super) struct Rows {
    pub(super) file: Box<dyn Columnar>,
    pub(super) store: Store,
    pub(super) origin: Origin,
    pub(super) plans: Vec<Plan>,
}

impl Rows {
    /// The batches of these columns: each gives the first row's number, and one array for each column.
    fn arrays<'a>(
        &'a self,
        columns: &[usize],
    ) -> Result<impl Iterator<Item = Result<(usize, Vec<ArrayRef>), DataError>> + Send + use<'a>, DataError>
    {
        let wanted: Vec<usize> = columns.iter().map(|&c| self.plans[c].field).collect();
        batches_in_order(&*self.file, &self.origin.name, &wanted)
    }
}

/// The batches of the columns with these indices in the file, in this order, each with the number of its first row.
///
/// # Errors
/// Besides those of reading: [`DataError::Undecodable`] when the rows are not as many as the metadata says.
pub(super) fn batches_in_order<'a>(
    file: &'a dyn Columnar,
    name: &str,
    wanted: &[usize],
) -> Result<impl Iterator<Item = Result<(usize, Vec<ArrayRef>), DataError>> + Send + use<'a>, DataError> {
    let mut increasing = wanted.to_vec();
    increasing.sort_unstable();
    increasing.dedup();
    let order: Vec<usize> =
        wanted.iter().map(|field| increasing.partition_point(|other| other < field)).collect();
    let mut batches = file.batches(&increasing)?;
    let (name, rows, format) = (name.to_owned(), file.rows(), file.format_name());
    let (mut row, mut over) = (0_usize, false);
    Ok(std::iter::from_fn(move || {
        if over {
            return None;
        }
        let next = batches.next();
        let count = match &next {
            Some(Ok(arrays)) => arrays.first().map_or(0, |array| array.len()),
            Some(Err(_)) | None => 0,
        };
        let first = row;
        row += count;
        over = !matches!(next, Some(Ok(_))) || row > rows;
        match next {
            Some(Ok(arrays)) if !over => {
                Some(Ok((first, order.iter().map(|&i| arrays[i].clone()).collect())))
            }
            Some(Err(error)) => Some(Err(error)),
            None if row == rows => None,
            _ => Some(Err(DataError::Undecodable {
                name: name.clone(),
                format,
                found: format!(
                    "{} {row} rows, expected {rows}",
                    if row > rows { "at least" } else { "only" }
                ),
            })),
        }
    }))
}

impl Rescan for Rows {
    fn pieces(&self, columns: &[usize]) -> Result<Pieces<'_>, DataError> {
        // A piece without a column would not know its rows.
        let columns = if columns.is_empty() { vec![0] } else { columns.to_vec() };
        let mut batches = self.arrays(&columns)?;
        let (enough, mut over) = (piece_rows(columns.len()) / 2, false);
        Ok(Box::new(std::iter::from_fn(move || {
            let mut piece: Option<Table> = None;
            // Small batches are put together, so that a piece is worth its while.
            while piece.as_ref().is_none_or(|piece| piece.rows() <= enough) {
                let Some(batch) = batches.next() else {
                    if !over && !self.store.is_untouched() {
                        over = true;
                        return Some(Err(DataError::Changed { name: self.origin.name.clone() }));
                    }
                    break;
                };
                let table = batch.and_then(|(row, arrays)| self.table(&columns, row, &arrays));
                match (table, &mut piece) {
                    (Ok(table), Some(piece)) => piece.append(table),
                    (Ok(table), None) => piece = Some(table),
                    (Err(error), _) => return Some(Err(error)),
                }
            }
            piece.map(|piece| Ok(Cow::Owned(piece)))
        })))
    }
}

impl Rows {
    fn table(&self, columns: &[usize], row: usize, arrays: &[ArrayRef]) -> Result<Table, DataError> {
        let column = |(&column, array): (&usize, &ArrayRef)| {
            let plan = &self.plans[column];
            let values = self.values(plan, array, row)?;
            Ok(Column { name: plan.name.clone(), values })
        };
        Table::new(columns.iter().zip(arrays).map(column).collect::<Result<_, _>>()?, self.origin.clone())
    }

    /// The cells of an array that starts at `row`.
    fn values(&self, plan: &Plan, array: &ArrayRef, row: usize) -> Result<Values, DataError> {
        let at = |(i, found): (usize, String)| {
            (self.origin.name.clone(), At { row: row + i, line: None }, plan.name.clone(), found)
        };
        match &plan.target {
            Target::Number { exact } => match numbers(array) {
                Some(_) if *exact && inexact(array).is_some() => Err(self.changed(plan)),
                Some(numbers) => Ok(Values::Number(numbers)),
                None => {
                    parsed(array, f64::NAN, |text| text.parse().ok()).map(Values::Number).map_err(|odd| {
                        let (name, at, column, found) = at(odd);
                        DataError::NotANumber { name, at, column, found }
                    })
                }
            },
            Target::Date => match moments(array) {
                Some(moments) => moments.map(Values::Date).map_err(|odd| {
                    let (name, at, column, found) = at(odd);
                    DataError::DateRange { name, at, column, found }
                }),
                None => parsed(array, MISSING_DATE, moment::parse).map(Values::Date).map_err(|odd| {
                    let (name, at, column, found) = at(odd);
                    DataError::NotADate { name, at, column, found }
                }),
            },
            Target::Category(levels) => match codes(array, |text| levels.code(text)) {
                Ok(codes) => Ok(Values::Category { levels: levels.levels.clone(), codes }),
                Err(_) => Err(self.changed(plan)),
            },
        }
    }

    /// A cell that the first look at the file, or its statistics, did not show.
    fn changed(&self, plan: &Plan) -> DataError {
        DataError::Undecodable {
            name: self.origin.name.clone(),
            format: self.file.format_name(),
            found: format!(
                "column `{}` has cells that neither its statistics nor a first reading showed",
                plan.name
            ),
        }
    }
}
