//! Encoded targets as the matrix a network is trained on.

use crate::error::ModelError;
use crate::model::Number;
use ndarray::{Array2, Axis};
use retrograde::Network;
use retrograde_data::{Encoder, Table, TargetEncoding, Targets};

/// Some rows of a table.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    /// The table.
    pub(crate) table: &'a Table,
    /// Its rows.
    pub(crate) rows: Vec<usize>,
}

/// X, Y and the encoded targets of some rows.
pub(crate) struct Matrices<T> {
    /// Inputs, m×s_1.
    pub(crate) x: Array2<T>,
    /// Targets as the network sees them, m×s_L.
    pub(crate) y: Array2<T>,
    /// Targets as the encoder gives them.
    pub(crate) targets: Targets,
}

impl<'a> Part<'a> {
    /// All rows of a table.
    pub(crate) fn all(table: &'a Table) -> Self {
        Self { table, rows: (0..table.rows()).collect() }
    }

    /// The matrices for a network.
    ///
    /// # Errors
    /// What the encoder refuses; [`ModelError::Target`] for a target that the loss cannot take.
    pub(crate) fn matrices<T: Number>(
        &self,
        encoder: &Encoder,
        network: &Network,
    ) -> Result<Matrices<T>, ModelError> {
        let targets = encoder.targets(self.table, &self.rows)?;
        let x = encoder.transform_as(self.table, &self.rows)?;
        let y = match &targets {
            Targets::Classes(codes) => one_hot(codes, network.outputs()),
            Targets::Numbers(values) => {
                let y = repeated(values, network.outputs());
                self.check(encoder, network, &y)?;
                y
            }
        };
        Ok(Matrices { x, y, targets })
    }

    /// The core names a row of its matrix; a person needs the row of the file.
    fn check<T: Number>(
        &self,
        encoder: &Encoder,
        network: &Network,
        y: &Array2<T>,
    ) -> Result<(), ModelError> {
        let (expected, holds) = network.loss().target_rule().unwrap_or(("a finite number", f64::is_finite));
        let fits = |v: T| Into::<f64>::into(v).is_finite();
        let bad = y.indexed_iter().find(|(_, v)| !fits(**v) || !holds((**v).into()));
        let Some(((row, unit), &value)) = bad else { return Ok(()) };
        let columns = encoder.target.columns();
        let per_target = (network.outputs() / columns.len()).max(1);
        Err(ModelError::Target {
            name: self.table.origin.name.clone(),
            at: self.table.at(self.rows[row]).to_string(),
            column: columns.get(unit / per_target).map(|c| (*c).to_owned()).unwrap_or_default(),
            found: value.into(),
            expected: if fits(value) { expected } else { "a number that the network can compute with" },
        })
    }
}

/// One column per class; a single one, 1 for the second class, when the network has one output.
fn one_hot<T: Number>(codes: &[u32], outputs: usize) -> Array2<T> {
    let mut y = Array2::from_elem((codes.len(), outputs), T::from_f64(0.0));
    for (mut row, &code) in y.axis_iter_mut(Axis(0)).zip(codes) {
        let unit = if outputs == 1 { (code == 1).then_some(0) } else { Some(code as usize) };
        if let Some(cell) = unit.and_then(|unit| row.get_mut(unit)) {
            *cell = T::from_f64(1.0);
        }
    }
    y
}

/// Each target as often as it has outputs.
fn repeated<T: Number>(values: &Array2<f64>, outputs: usize) -> Array2<T> {
    let per_target = (outputs / values.ncols().max(1)).max(1);
    Array2::from_shape_fn((values.nrows(), outputs), |(row, unit)| {
        T::from_f64(values.get((row, unit / per_target)).copied().unwrap_or(f64::NAN))
    })
}

/// The outputs that stand for the targets themselves: all, or of quantiles the level nearest 1/2 of each target.
pub(crate) fn central_outputs(network: &Network, target: &TargetEncoding) -> Vec<usize> {
    let targets = target.columns().len();
    let per_target = (network.outputs() / targets.max(1)).max(1);
    let retrograde::Loss::Quantile { levels } = network.loss() else {
        return (0..network.outputs()).collect();
    };
    let distance = |j: &usize| (levels.get(*j).copied().unwrap_or(0.0) - 0.5).abs();
    let nearest = (0..per_target).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0);
    (0..targets).map(|t| t * per_target + nearest).collect()
}

/// Puts the quantiles of each target in the order of their levels: separately learnt outputs may cross. The sorted ones
/// of a row are together no further from the true quantiles (Chernozhukov, Fernández-Val & Galichon 2010). Other outputs stay.
pub(crate) fn uncross<T: Number>(network: &Network, target: &TargetEncoding, a: &mut [T]) {
    let retrograde::Loss::Quantile { levels } = network.loss() else { return };
    let per_target = (network.outputs() / target.columns().len().max(1)).max(1);
    for (a, levels) in a.chunks_mut(per_target).zip(levels.chunks(per_target)) {
        let mut places: Vec<usize> = (0..a.len()).collect();
        places.sort_by(|&i, &j| levels[i].total_cmp(&levels[j]));
        let mut values = a.to_vec();
        values.sort_by(|x, y| Into::<f64>::into(*x).total_cmp(&Into::<f64>::into(*y)));
        for (place, value) in places.into_iter().zip(values) {
            a[place] = value;
        }
    }
}
