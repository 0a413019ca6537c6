//! What is predicted: a class or numbers.

use super::Encoder;
use super::fit::{check_rows, find};
use super::transform::number_cell;
use crate::error::DataError;
use crate::table::{Column, Table, Values};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The largest number of classes.
pub(super) const MAX_CLASSES: usize = 65_536;

/// How target columns become what a network is trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum TargetEncoding {
    /// One of several classes.
    Classes {
        /// The target column.
        column: String,
        /// The classes of the training rows: by value when all are numbers, else in the order of their bytes. Numbers
        /// are in their shortest form.
        classes: Vec<String>,
    },
    /// One number per target column: (y − mean) / scale.
    Numbers {
        /// The target columns.
        columns: Vec<String>,
        /// What is subtracted from each.
        mean: Vec<f64>,
        /// What each is divided by.
        scale: Vec<f64>,
    },
}

/// The encoded targets of some rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// An index into [`TargetEncoding::Classes`]' `classes` per row.
    Classes(Vec<u32>),
    /// Rows × target columns, scaled.
    Numbers(Array2<f64>),
}

impl TargetEncoding {
    /// The target columns.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Classes { column, .. } => vec![column],
            Self::Numbers { columns, .. } => columns.iter().map(String::as_str).collect(),
        }
    }

    /// The classes, or `None` when numbers are predicted.
    pub fn classes(&self) -> Option<&[String]> {
        match self {
            Self::Classes { classes, .. } => Some(classes),
            Self::Numbers { .. } => None,
        }
    }

    /// A scaled number of target `index` in the target's own unit: value · scale + mean. Classes (and an index that
    /// is no target) leave the value as it is.
    pub fn unscale(&self, index: usize, value: f64) -> f64 {
        match self {
            Self::Numbers { mean, scale, .. } => match (scale.get(index), mean.get(index)) {
                (Some(scale), Some(mean)) => value * scale + mean,
                _ => value,
            },
            Self::Classes { .. } => value,
        }
    }

    /// [`TargetEncoding::unscale`] of every element of a matrix with one column per target, in place.
    pub fn unscale_matrix(&self, values: &mut Array2<f64>) {
        for (index, mut column) in values.columns_mut().into_iter().enumerate() {
            column.mapv_inplace(|value| self.unscale(index, value));
        }
    }
}

impl Encoder {
    /// The targets of some rows, encoded as in training.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`] without the target column, [`DataError::MissingTarget`] for a row without a
    /// target, [`DataError::UnknownClass`] for a class that training did not have, [`DataError::NotANumber`] for a
    /// text in a number target, [`DataError::NoSuchRow`].
    pub fn targets(&self, table: &Table, rows: &[usize]) -> Result<Targets, DataError> {
        check_rows(table, rows)?;
        match &self.target {
            TargetEncoding::Classes { column, classes } => {
                class_codes(table, find(table, column, "")?, rows, classes).map(Targets::Classes)
            }
            TargetEncoding::Numbers { columns, mean, scale } => {
                let mut values = Array2::zeros((rows.len(), columns.len()));
                for (j, ((name, mean), scale)) in columns.iter().zip(mean).zip(scale).enumerate() {
                    let column = find(table, name, "")?;
                    check_present(table, column, rows)?;
                    for (i, &row) in rows.iter().enumerate() {
                        values[[i, j]] = (number_cell(table, column, row)? - mean) / scale;
                    }
                }
                Ok(Targets::Numbers(values))
            }
        }
    }
}

/// The rows of a table, or of a piece of one, in which every target is present, in ascending order, and the number of
/// the others: those that a training leaves out.
///
/// ```
/// # use retrograde_data::{ReadOptions, read_bytes, rows_with_targets};
/// let table = read_bytes("t.csv", b"x,y\n1,a\n2,\n3,b\n", &ReadOptions::default())?;
/// assert_eq!(rows_with_targets(&table, &["y"])?, (vec![0, 2], 1));
/// # Ok::<(), retrograde_data::DataError>(())
/// ```
///
/// # Errors
/// [`DataError::UnknownColumn`].
pub fn rows_with_targets<S: AsRef<str>>(
    table: &Table,
    targets: &[S],
) -> Result<(Vec<usize>, usize), DataError> {
    let columns: Vec<&Column> =
        targets.iter().map(|name| find(table, name.as_ref(), "--target")).collect::<Result<_, _>>()?;
    let is_present = |row: &usize| columns.iter().all(|column| !column.values.is_missing(*row));
    let rows: Vec<usize> = (0..table.rows()).filter(is_present).collect();
    let without = table.rows() - rows.len();
    Ok((rows, without))
}

/// Refuses rows without a target.
fn check_present(table: &Table, column: &Column, rows: &[usize]) -> Result<(), DataError> {
    let missing = || rows.iter().filter(|&&row| column.values.is_missing(row));
    match missing().next() {
        None => Ok(()),
        Some(&row) => Err(DataError::MissingTarget {
            name: table.file_of(row).to_owned(),
            at: table.at(row),
            column: column.name.clone(),
            count: missing().count(),
        }),
    }
}

/// The class of each row: the one with the same text, else the one with the same numerical value.
fn class_codes(
    table: &Table,
    column: &Column,
    rows: &[usize],
    classes: &[String],
) -> Result<Vec<u32>, DataError> {
    check_present(table, column, rows)?;
    let by_text: HashMap<&str, u32> = classes.iter().map(String::as_str).zip(0..).collect();
    let bits = |text: &str| text.parse::<f64>().ok().filter(|x| !x.is_nan()).map(|x| (x + 0.0).to_bits());
    let by_value: HashMap<u64, u32> =
        classes.iter().zip(0..).filter_map(|(c, i)| Some((bits(c)?, i))).collect();
    let code_of = |text: &str| by_text.get(text).or_else(|| by_value.get(&bits(text)?)).copied();
    // Each level is looked up once, not each row.
    let of_level: Vec<Option<u32>> = match &column.values {
        Values::Category { levels, .. } => levels.iter().map(|level| code_of(level)).collect(),
        Values::Number(_) | Values::Date(_) => Vec::new(),
    };
    let code = |row: usize| match &column.values {
        Values::Category { codes, .. } => of_level.get(codes[row] as usize).copied().flatten(),
        Values::Number(values) => by_value.get(&(values[row] + 0.0).to_bits()).copied(),
        Values::Date(_) => column.values.text(row).and_then(|text| by_text.get(&*text).copied()),
    };
    let unknown = |row: usize| DataError::UnknownClass {
        name: table.file_of(row).to_owned(),
        at: table.at(row),
        column: column.name.clone(),
        found: column.values.text(row).unwrap_or_default().into_owned(),
        classes: classes.to_vec(),
    };
    rows.iter().map(|&row| code(row).ok_or_else(|| unknown(row))).collect()
}
