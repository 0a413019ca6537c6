//! Encoded targets as the matrix a network is trained on.

use crate::error::ModelError;
use crate::load::room;
use crate::model::Number;
use crate::usable::Usable;
use crate::weighting::Weighting;
use ndarray::{Array2, ArrayView2, Axis, s};
use retrograde::{Examples, Network};
use retrograde_data::{DataError, Encoder, Table, TargetEncoding, Targets};
use std::ops::Range;

/// Some rows of a table.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    /// The table.
    pub(crate) table: &'a Table,
    /// Its rows.
    pub(crate) rows: Vec<usize>,
}

/// X, Y, w and what is known of some rows.
pub(crate) struct Matrices<T> {
    /// Inputs, m×s_1.
    pub(crate) x: Array2<T>,
    /// Targets as the network sees them, m×s_L.
    pub(crate) y: Array2<T>,
    /// w_k; `None`: all 1.
    pub(crate) weights: Option<Vec<T>>,
    /// What they are scored by.
    pub(crate) known: Known,
}

/// What some rows are scored by.
pub(crate) struct Known {
    /// Targets as the encoder gives them.
    pub(crate) targets: Targets,
    /// The rows' own weights, without those of their classes.
    pub(crate) own: Option<Vec<f64>>,
}

/// Some rows next to each other, to be scored.
pub(crate) struct Block<'a, T> {
    pub(crate) x: ArrayView2<'a, T>,
    pub(crate) y: ArrayView2<'a, T>,
    pub(crate) weights: Option<&'a [T]>,
    pub(crate) truth: Truth<'a>,
    pub(crate) own: Option<&'a [f64]>,
}

/// The encoded targets of a block.
pub(crate) enum Truth<'a> {
    Classes(&'a [u32]),
    Numbers(ArrayView2<'a, f64>),
}

impl Known {
    /// The part of these rows.
    pub(crate) fn of(&self, rows: Range<usize>) -> (Truth<'_>, Option<&[f64]>) {
        let truth = match &self.targets {
            Targets::Classes(codes) => Truth::Classes(&codes[rows.clone()]),
            Targets::Numbers(values) => Truth::Numbers(values.slice(s![rows.clone(), ..])),
        };
        (truth, self.own.as_ref().map(|own| &own[rows]))
    }
}

impl<T: Number> Matrices<T> {
    /// As the core takes them.
    pub(crate) fn examples(&self, network: &Network) -> Result<Examples<'_, T>, ModelError> {
        Ok(Examples::new(network, self.x.view(), self.y.view(), self.weights.as_deref())?)
    }

    /// Some rows next to each other.
    pub(crate) fn block(&self, rows: Range<usize>) -> Block<'_, T> {
        let (truth, own) = self.known.of(rows.clone());
        Block {
            x: self.x.slice(s![rows.clone(), ..]),
            y: self.y.slice(s![rows.clone(), ..]),
            weights: self.weights.as_ref().map(|weights| &weights[rows]),
            truth,
            own,
        }
    }
}

impl<T: Number> Block<'_, T> {
    /// As the core takes them.
    pub(crate) fn examples(&self, network: &Network) -> Result<Examples<'_, T>, ModelError> {
        Ok(Examples::new(network, self.x, self.y, self.weights)?)
    }
}

impl<'a> Part<'a> {
    /// The rows with a known answer that count for something, see [`Usable`].
    pub(crate) fn usable(
        table: &'a Table,
        encoder: &Encoder,
        weighting: &Weighting,
    ) -> Result<(Self, Usable), ModelError> {
        let mut usable = Usable::of(table, &encoder.target.columns(), weighting.column.as_deref())?;
        Ok((Self { table, rows: std::mem::take(&mut usable.rows) }, usable))
    }

    /// The matrices for a network.
    ///
    /// # Errors
    /// [`ModelError::Memory`]; what the encoder refuses; [`ModelError::Target`] for a target that the loss cannot take,
    /// [`ModelError::RowWeight`].
    pub(crate) fn matrices<T: Number>(
        &self,
        encoder: &Encoder,
        network: &Network,
        weighting: &Weighting,
    ) -> Result<Matrices<T>, ModelError> {
        room::<T>(self.rows.len(), encoder.width())?;
        let x = encoder.transform_as(self.table, &self.rows)?;
        self.with_inputs(x, encoder, network, weighting)
    }

    /// The matrices for a network whose inputs are known.
    ///
    /// # Errors
    /// As [`Part::matrices`].
    pub(crate) fn with_inputs<T: Number>(
        &self,
        x: Array2<T>,
        encoder: &Encoder,
        network: &Network,
        weighting: &Weighting,
    ) -> Result<Matrices<T>, ModelError> {
        let targets = encoder.targets(self.table, &self.rows)?;
        let y = match &targets {
            Targets::Classes(codes) => one_hot(codes, network.outputs()),
            Targets::Numbers(values) => {
                let y = repeated(values, network.outputs());
                self.check(encoder, network, &y)?;
                y
            }
        };
        let own = weighting.own(self.table, &self.rows)?;
        let weights = self.weights(weighting, &targets, own.as_deref())?;
        Ok(Matrices { x, y, weights, known: Known { targets, own } })
    }

    /// w_k in the network's type: a row's own weight times that of its class.
    fn weights<T: Number>(
        &self,
        weighting: &Weighting,
        targets: &Targets,
        own: Option<&[f64]>,
    ) -> Result<Option<Vec<T>>, ModelError> {
        if own.is_none() && weighting.factors.is_empty() {
            return Ok(None);
        }
        let weight = |(k, &row): (usize, &usize)| {
            let of_class = match targets {
                Targets::Classes(codes) => weighting.of_class(codes[k]),
                Targets::Numbers(_) => 1.0,
            };
            let exact = own.map_or(1.0, |own| own[k]) * of_class;
            let weight = T::from_f64(exact);
            if Into::<f64>::into(weight).is_finite() {
                return Ok(weight);
            }
            Err(ModelError::Data(DataError::OutOfRange {
                name: self.table.origin.name.clone(),
                at: self.table.at(row),
                column: weighting.column.clone().unwrap_or_else(|| "class weight".into()),
                found: exact,
            }))
        };
        self.rows.iter().enumerate().map(weight).collect::<Result<_, _>>().map(Some)
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
            name: self.table.file_of(self.rows[row]).to_owned(),
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
