//! Cells of one type as cells of another.

use crate::error::DataError;
use crate::moment;
use crate::table::{ColumnType, MISSING_DATE, Table, Values};

/// The cells of column `index` of `table` as `wanted`.
///
/// # Errors
/// [`DataError::NotANumber`] and [`DataError::NotADate`] for the first cell that is not what it is said to be.
pub(super) fn into_type(
    table: &Table,
    index: usize,
    values: Values,
    wanted: ColumnType,
) -> Result<Values, DataError> {
    match (wanted, values) {
        (ColumnType::Category, values) => Ok(values.into_category()),
        (ColumnType::Number, values @ Values::Number(_)) | (ColumnType::Date, values @ Values::Date(_)) => {
            Ok(values)
        }
        (ColumnType::Number, values) => {
            let cells = each(&values, f64::NAN, |text| text.parse().ok());
            cells.map(Values::Number).map_err(|(row, found)| {
                let (name, column) = (table.file_of(row).to_owned(), table.columns[index].name.clone());
                DataError::NotANumber { name, at: table.at(row), column, found }
            })
        }
        (ColumnType::Date, values) => {
            let cells = each(&values, MISSING_DATE, moment::parse);
            cells.map(Values::Date).map_err(|(row, found)| {
                let (name, column) = (table.file_of(row).to_owned(), table.columns[index].name.clone());
                DataError::NotADate { name, at: table.at(row), column, found }
            })
        }
    }
}

/// Every cell's text read by `parse`, or the row and text of the first that is not understood.
fn each<T: Clone>(
    values: &Values,
    missing: T,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, (usize, String)> {
    let cell = |row| match values.text(row) {
        None => Ok(missing.clone()),
        Some(text) => parse(&text).ok_or_else(|| (row, text.into_owned())),
    };
    (0..values.len()).map(cell).collect()
}
