//! Predicting rows, with or without known answers.

use crate::error::ModelError;
use crate::evaluate::last_z;
use crate::measures::predicted_class;
use crate::model::{Model, Number, Weights};
use crate::targets::uncross;
use ndarray::{Array2, ArrayView1};
use retrograde::{Loss, Network, Output, Params};
use retrograde_data::{Encoder, Table, TargetEncoding};
use std::fmt::{Display, LowerExp};

/// Predictions for every row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// For classes: the predicted class under the target's name, then one column `p(CLASS)` per class. For numbers:
    /// one column per target under its name, or with quantiles one per level, `TARGET q0.1`.
    pub columns: Vec<PredictedColumn>,
    /// The rows.
    pub rows: usize,
    /// Columns of the table that the model does not use; the target is not among them.
    pub ignored: Vec<String>,
}

/// A column of predictions.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictedColumn {
    /// Its name.
    pub name: String,
    /// One value per row.
    pub values: PredictedValues,
}

/// The values of a column of predictions.
#[derive(Clone, Debug, PartialEq)]
pub enum PredictedValues {
    /// Classes.
    Classes(Vec<String>),
    /// Outputs of an f32 network as it computed them.
    F32(Vec<f32>),
    /// Outputs of an f64 network, or numbers scaled back to the target's unit, which is done in f64.
    F64(Vec<f64>),
}

impl PredictedValues {
    /// The value of a row in its shortest form that reads back as the same value; empty beyond the end.
    pub fn text(&self, row: usize) -> String {
        match self {
            Self::Classes(values) => values.get(row).cloned(),
            Self::F32(values) => values.get(row).map(|&x| shortest(x, f64::from(x))),
            Self::F64(values) => values.get(row).map(|&x| shortest(x, x)),
        }
        .unwrap_or_default()
    }
}

/// A number as it is, or with an exponent where it is very large or small; `value` is the same number.
fn shortest(x: impl Display + LowerExp, value: f64) -> String {
    if value == 0.0 || (1e-5..1e16).contains(&value.abs()) { x.to_string() } else { format!("{x:e}") }
}

impl Model {
    /// Predicts every row of a table; the target column may be absent and is not looked at, nor is that of weights.
    ///
    /// A network in f32 computes in f32. The probabilities of two classes from one sigmoid are σ(z) and σ(−z), so
    /// that both keep their digits where the other rounds to 1. One sigmoid per class gives the outputs as they are,
    /// which need not sum to 1. Quantiles of one target never cross: they are put in the order of their levels.
    ///
    /// # Errors
    /// [`ModelError::Data`] without a column that the model needs, or for a cell that it cannot take.
    pub fn predict(&self, table: &Table) -> Result<Predictions, ModelError> {
        let rows: Vec<usize> = (0..table.rows()).collect();
        let columns = match &self.weights {
            Weights::F32(params) => {
                columns(&self.encoder, params, self.encoder.transform_as(table, &rows)?, PredictedValues::F32)
            }
            Weights::F64(params) => {
                columns(&self.encoder, params, self.encoder.transform_as(table, &rows)?, PredictedValues::F64)
            }
        }?;
        Ok(Predictions { columns, rows: rows.len(), ignored: self.ignored(table) })
    }
}

/// The columns of predictions; `wrap` holds numbers of the network's own type.
fn columns<T: Number>(
    encoder: &Encoder,
    params: &Params<T>,
    x: Array2<T>,
    wrap: fn(Vec<T>) -> PredictedValues,
) -> Result<Vec<PredictedColumn>, ModelError> {
    let network = params.network();
    let z = last_z(params, x.view())?;
    drop(x);
    let mut a = Array2::from_elem(z.dim(), T::constant(0.0));
    for (z, mut a) in z.rows().into_iter().zip(a.rows_mut()) {
        if let (Some(z), Some(a)) = (z.to_slice(), a.as_slice_mut()) {
            network.output().apply(z, a);
            uncross(network, &encoder.target, a);
        }
    }
    Ok(match &encoder.target {
        TargetEncoding::Classes { column, classes } => {
            let predicted = |row: ArrayView1<'_, T>| classes.get(predicted_class(&row.to_vec())).cloned();
            let labels = a.rows().into_iter().map(|row| predicted(row).unwrap_or_default()).collect();
            let mut columns =
                vec![PredictedColumn { name: column.clone(), values: PredictedValues::Classes(labels) }];
            for (k, class) in classes.iter().enumerate() {
                let values = if a.ncols() == 1 { one_of_two(&z, k) } else { a.column(k).to_vec() };
                columns.push(PredictedColumn { name: format!("p({class})"), values: wrap(values) });
            }
            columns
        }
        target @ TargetEncoding::Numbers { .. } => {
            (0..a.ncols()).map(|unit| number_column(network, target, &a, (unit, wrap))).collect()
        }
    })
}

/// The probability of the first or second class from the z of a single sigmoid.
fn one_of_two<T: Number>(z: &Array2<T>, class: usize) -> Vec<T> {
    let mut a = [T::constant(0.0)];
    z.iter()
        .map(|&z| {
            Output::Sigmoid.apply(&[if class == 1 { z } else { -z }], &mut a);
            a[0]
        })
        .collect()
}

/// One output of a network that predicts numbers.
fn number_column<T: Number>(
    network: &Network,
    target: &TargetEncoding,
    a: &Array2<T>,
    (unit, wrap): (usize, fn(Vec<T>) -> PredictedValues),
) -> PredictedColumn {
    let names = target.columns();
    let per_target = (network.outputs() / names.len().max(1)).max(1);
    let index = unit / per_target;
    let mut name = names.get(index).map(|name| (*name).to_owned()).unwrap_or_default();
    if let Loss::Quantile { levels } = network.loss()
        && let Some(level) = levels.get(unit)
    {
        name = format!("{name} q{level}");
    }
    let values = a.column(unit);
    let scaled = target.unscale(index, 0.0) != 0.0 || target.unscale(index, 1.0) != 1.0;
    let values = if scaled {
        // In f64: a mean far from 0 would swallow the digits of an f32.
        PredictedValues::F64(values.iter().map(|&a| target.unscale(index, a.into())).collect())
    } else {
        wrap(values.to_vec())
    };
    PredictedColumn { name, values }
}
