//! Columns of a table that Python hands over.

use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyValueError};
use pyo3::prelude::*;
use retrograde_data::{Column, DataError, MISSING, Origin, Table, TargetEncoding, Values};
use retrograde_model::ModelError;
use std::collections::HashSet;
use std::io::ErrorKind;

/// A column, its name first: numbers with NaN where one is missing; moments in microseconds since 1970 with the smallest of all
/// where one is missing; or the levels of a category and one code per row, −1 where it is missing.
#[derive(FromPyObject)]
pub(crate) enum PyColumn<'py> {
    Numbers(String, PyReadonlyArray1<'py, f64>),
    Dates(String, PyReadonlyArray1<'py, i64>),
    Category(String, Vec<String>, PyReadonlyArray1<'py, i32>),
}

/// What is predicted: the target's name and its classes, or the names of numbers.
#[derive(FromPyObject)]
pub(crate) enum PyTarget {
    Classes(String, Vec<String>),
    #[pyo3(transparent)]
    Numbers(Vec<String>),
}

impl From<PyTarget> for TargetEncoding {
    fn from(target: PyTarget) -> Self {
        match target {
            PyTarget::Classes(column, classes) => Self::Classes { column, classes },
            PyTarget::Numbers(columns) => {
                let (mean, scale) = (vec![0.0; columns.len()], vec![1.0; columns.len()]);
                Self::Numbers { columns, mean, scale }
            }
        }
    }
}

/// The columns as a table.
pub(crate) fn table(columns: Vec<PyColumn<'_>>) -> PyResult<Table> {
    let columns = columns.into_iter().map(column).collect::<PyResult<Vec<_>>>()?;
    Table::new(columns, Origin { name: "X".to_owned(), ..Origin::default() }).map_err(refuse)
}

fn column(column: PyColumn<'_>) -> PyResult<Column> {
    Ok(match column {
        PyColumn::Numbers(name, values) => {
            Column { name, values: Values::Number(values.as_array().to_vec()) }
        }
        PyColumn::Dates(name, values) => Column { name, values: Values::Date(values.as_array().to_vec()) },
        PyColumn::Category(name, levels, codes) => {
            let mut seen = HashSet::new();
            if let Some(twice) = levels.iter().find(|level| !seen.insert(level.as_str())) {
                return Err(PyValueError::new_err(format!(
                    "the column {name:?} has two levels that are both written {twice:?}"
                )));
            }
            let known = |code: &i32| match usize::try_from(*code) {
                Err(_) => Ok(MISSING),
                Ok(index) if index < levels.len() => Ok(*code as u32),
                Ok(index) => {
                    let count = levels.len();
                    Err(PyValueError::new_err(format!(
                        "the column {name:?} has code {index} of {count} levels"
                    )))
                }
            };
            let codes = codes.as_array().iter().map(known).collect::<PyResult<Vec<_>>>()?;
            Column { name, values: Values::Category { levels: levels.into(), codes } }
        }
    })
}

/// What is wrong with a table, as Python's error.
#[allow(clippy::needless_pass_by_value, reason = "it is mapped over results")]
pub(crate) fn refuse(error: DataError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// What is wrong with a model or its file: an `OSError` where the system says so, else a `ValueError`.
pub(crate) fn refuse_model(error: ModelError) -> PyErr {
    match error {
        ModelError::Io { action, path, source } => {
            let text = format!("cannot {action} {path}: {source}");
            // Python makes a FileNotFoundError and the like of the number.
            match source.raw_os_error() {
                Some(number) => PyOSError::new_err((number, text)),
                None if source.kind() == ErrorKind::NotFound => PyFileNotFoundError::new_err(text),
                None => PyOSError::new_err(text),
            }
        }
        error => match error.hint() {
            Some(hint) => PyValueError::new_err(format!("{error}; {hint}")),
            None => PyValueError::new_err(error.to_string()),
        },
    }
}
