//! What is predicted: a class or numbers.

use super::fit::{check_classes, check_finite, check_rows, find};
use super::statistics::standard;
use super::transform::number_cell;
use super::{Encoder, EncoderSettings, TargetScaling, TaskChoice};
use crate::error::DataError;
use crate::table::{Column, Table, Values, number_text};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// The largest number of classes.
pub(super) const MAX_CLASSES: usize = 65_536;
/// The largest number of different integers that [`TaskChoice::Auto`] takes for classes.
const AUTO_CLASSES: usize = 20;

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

    /// Learns the classes, or the scaling, from the training rows.
    pub(super) fn fit(table: &Table, rows: &[usize], settings: &EncoderSettings) -> Result<Self, DataError> {
        let columns: Vec<&Column> =
            settings.targets.iter().map(|t| find(table, t, "--target")).collect::<Result<_, _>>()?;
        columns.iter().try_for_each(|column| check_present(table, column, rows))?;
        columns.iter().try_for_each(|column| check_finite(table, column, rows))?;
        match (settings.task, &columns[..]) {
            (TaskChoice::Classes, [column]) => fit_classes(table, column, rows),
            (TaskChoice::Classes, _) => Err(DataError::SeveralClassTargets { found: columns.len() }),
            (TaskChoice::Auto, [column]) if is_class_like(column, rows) => {
                check_classes(table, column, rows)?;
                fit_classes(table, column, rows)
            }
            _ => fit_numbers(table, &columns, rows, settings.target_scaling),
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

/// Refuses rows without a target.
fn check_present(table: &Table, column: &Column, rows: &[usize]) -> Result<(), DataError> {
    let missing = || rows.iter().filter(|&&row| column.values.is_missing(row));
    match missing().next() {
        None => Ok(()),
        Some(&row) => Err(DataError::MissingTarget {
            name: table.origin.name.clone(),
            at: table.at(row),
            column: column.name.clone(),
            count: missing().count(),
        }),
    }
}

/// The rule of [`TaskChoice::Auto`] for one target.
fn is_class_like(column: &Column, rows: &[usize]) -> bool {
    let values = match &column.values {
        Values::Number(values) => values,
        Values::Category { .. } => return true,
        Values::Date(_) => return false,
    };
    let mut seen: Vec<f64> = Vec::new();
    for &row in rows {
        let x = values[row];
        if x != x.trunc() || (!seen.contains(&x) && seen.len() == AUTO_CLASSES) {
            return false;
        }
        if !seen.contains(&x) {
            seen.push(x);
        }
    }
    true
}

fn fit_classes(table: &Table, column: &Column, rows: &[usize]) -> Result<TargetEncoding, DataError> {
    let mut classes = match &column.values {
        Values::Number(values) => {
            let mut distinct: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
            distinct.sort_by(f64::total_cmp);
            // Equality, not bits: −0 and 0 are one class.
            distinct.dedup_by(|a, b| a == b);
            distinct.into_iter().map(number_text).collect::<Vec<_>>()
        }
        Values::Category { levels, codes } => {
            let mut seen = vec![false; levels.len()];
            for &row in rows {
                seen[codes[row] as usize] = true;
            }
            levels.iter().zip(seen).filter(|(_, seen)| *seen).map(|(level, _)| level.clone()).collect()
        }
        Values::Date(_) => {
            let texts: BTreeSet<_> = rows.iter().filter_map(|&row| column.values.text(row)).collect();
            texts.into_iter().map(Cow::into_owned).collect()
        }
    };
    sort_classes(&mut classes);
    let (name, found) = (table.origin.name.clone(), classes.len());
    let target = column.name.clone();
    match &classes[..] {
        [one] => Err(DataError::OneClass { name, column: target, found: one.clone(), rows: rows.len() }),
        _ if found > MAX_CLASSES => {
            Err(DataError::TooManyClasses { name, column: target, found, limit: MAX_CLASSES })
        }
        _ => Ok(TargetEncoding::Classes { column: target, classes }),
    }
}

/// By value when all are numbers, else by their bytes.
fn sort_classes(classes: &mut [String]) {
    let value = |class: &String| class.parse::<f64>().ok().filter(|x| !x.is_nan());
    if classes.iter().all(|class| value(class).is_some()) {
        classes.sort_by(|a, b| {
            value(a).partial_cmp(&value(b)).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(b))
        });
    } else {
        classes.sort();
    }
}

fn fit_numbers(
    table: &Table,
    columns: &[&Column],
    rows: &[usize],
    scaling: TargetScaling,
) -> Result<TargetEncoding, DataError> {
    let (mut mean, mut scale) = (Vec::new(), Vec::new());
    for column in columns {
        let values: Vec<f64> =
            rows.iter().map(|&row| number_cell(table, column, row)).collect::<Result<_, _>>()?;
        let (m, s) = match scaling {
            TargetScaling::Standard => standard(&values),
            TargetScaling::None => (0.0, 1.0),
        };
        mean.push(m);
        scale.push(s);
    }
    let columns = columns.iter().map(|column| column.name.clone()).collect();
    Ok(TargetEncoding::Numbers { columns, mean, scale })
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
        name: table.origin.name.clone(),
        at: table.at(row),
        column: column.name.clone(),
        found: column.values.text(row).unwrap_or_default().into_owned(),
        classes: classes.to_vec(),
    };
    rows.iter().map(|&row| code(row).ok_or_else(|| unknown(row))).collect()
}
