//! The two witnesses of a derivative: central differences with their uncertainty, and dual numbers.
//!
//! Both start from the reference's forward pass, row by row, and change one weight: only what lies above it is
//! computed again, in differences from the unchanged pass, so that the rounding of large z cancels. Neither
//! uses the fast path nor any g′ of it.
//!
//! `row` has the unchanged pass and `changed` the one with a weight changed, `differences` and `duals` what the two
//! witnesses make of them, `roundings` and `jumps` how far a derivative can be known at all.

mod changed;
mod differences;
mod dropout;
mod duals;
mod jumps;
mod roundings;
mod row;

use crate::dropout::Draw;
use crate::dual::Dual;
use crate::examples::Examples;
use crate::network::{LayerShape, Network, WeightId};
use crate::params::Params;
use crate::real::{Real, Sum};
use crate::regularisation::Regularisation;
use dropout::Dropped;
use roundings::EPS;

pub(crate) use row::Row;

/// One derivative as the witnesses see it.
pub(crate) struct Derivative {
    pub index: usize,
    pub id: WeightId,
    /// Θ_ij.
    pub value: f64,
    pub step: f64,
    /// N(h).
    pub numerical: f64,
    /// U of |D − N|.
    pub uncertainty: f64,
    /// W, by dual numbers.
    pub dual: f64,
    /// U of |D − W|: the rounding of D itself.
    pub dual_uncertainty: f64,
    /// A kink lies between the evaluations of N.
    pub kink: bool,
    /// A unit or loss is at a kink to within rounding, or the cost is not finite: the derivative does not exist.
    pub undefined: bool,
}

impl From<&Derivative> for Twins {
    fn from(d: &Derivative) -> Self {
        let Derivative { numerical, uncertainty, dual, dual_uncertainty, kink, undefined, .. } = *d;
        Self { numerical, uncertainty, dual, dual_uncertainty, kink, undefined }
    }
}

/// What the witnesses say of any derivative; see [`Derivative`] for the parts.
pub(crate) struct Twins {
    pub numerical: f64,
    pub uncertainty: f64,
    pub dual: f64,
    pub dual_uncertainty: f64,
    pub kink: bool,
    pub undefined: bool,
}

/// The rows of a check, ready to be differentiated.
pub(crate) struct Witness<'a> {
    pub network: &'a Network,
    pub theta: &'a [f64],
    pub rows: Vec<Row>,
    /// M.
    pub total: f64,
    pub lambda: f64,
    /// Whether cost and error terms are finite on every row; if not, there is nothing to differentiate.
    finite: bool,
}

impl<'a> Witness<'a> {
    pub fn new(
        params: &'a Params<f64>,
        examples: &Examples<'_, f64>,
        regularisation: Regularisation,
        dropout: Option<&Draw>,
    ) -> Self {
        let network = params.network();
        let theta = params.values();
        let dropped = Dropped::new(network, dropout, examples.rows());
        let rows: Vec<Row> = (0..examples.rows())
            .map(|k| {
                let x = &*examples.row(k).0;
                let y = &examples.y[k * network.outputs()..(k + 1) * network.outputs()];
                let y = if regularisation.label_smoothing == 0.0 {
                    y.to_vec()
                } else {
                    regularisation.smooth(network.output(), y)
                };
                let weight = examples.weights.map_or(1.0, |w| w[k]);
                Row::new(network, theta, (x, y), weight, dropped.of(network, k))
            })
            .collect();
        let finite = rows.iter().all(Row::is_finite);
        Self { network, theta, rows, total: examples.total_weight(), lambda: regularisation.lambda, finite }
    }

    /// λΘ/M for a weight, 0 for a bias.
    pub fn decay(&self, index: usize) -> f64 {
        let is_bias = self.network.weight_at(index).source.is_none();
        if is_bias { 0.0 } else { self.lambda * self.theta[index] / self.total }
    }

    /// N, U, W and what stands in their way, for one weight.
    pub fn derivative(&self, index: usize) -> Derivative {
        let id = self.network.weight_at(index);
        let difference = self.difference(index);
        let decay = self.decay(index);
        let mut dual = Sum::default();
        let (mut noise, mut rounding) = (0.0, 0.0);
        let mut undefined = !self.finite;
        for row in &self.rows {
            dual.add(row.weight * self.row_derivative(row, id));
            noise += row.weight * row.roundings.noise;
            rounding += row.weight * row.rounding(id);
            undefined |= row.touches_jump(id);
        }
        let dual_uncertainty = self.rounding_of_d(rounding, decay.abs());
        let differencing = 4.0 * EPS * noise / (difference.step * self.total);
        Derivative {
            index,
            id,
            value: self.theta[index],
            step: difference.step,
            numerical: difference.value + decay,
            uncertainty: difference.truncation + differencing + dual_uncertainty,
            dual: dual.value() / self.total + decay,
            dual_uncertainty,
            kink: difference.kink,
            undefined,
        }
    }

    /// N, U, W and what stands in their way, for ∂ℓ/∂a_j of one row: a_j is what weight matrix `l` reads.
    pub fn below(&self, row: &Row, (l, j): (usize, usize)) -> Twins {
        let difference = self.difference_below(row, (l, j));
        let layer = self.network.layer(l);
        let rounding = (0..layer.units)
            .map(|i| {
                let bias = WeightId { layer: l, unit: i, source: None };
                self.theta[place(&layer, i, j)].abs() * row.rounding(bias)
            })
            .sum();
        let dual_uncertainty = self.rounding_of_d(rounding, 0.0) * self.total;
        let differencing = 4.0 * EPS * row.roundings.noise / difference.step;
        Twins {
            numerical: difference.value,
            uncertainty: difference.truncation + differencing + dual_uncertainty,
            dual: self.changed_below(row, (l, j), Dual::new(0.0, 1.0)).cost.derivative,
            dual_uncertainty,
            kink: difference.kink,
            undefined: !row.is_finite() || row.jumps.any(),
        }
    }

    /// Whether some derivative does not exist here.
    pub fn undefined_somewhere(&self) -> bool {
        !self.finite || self.rows.iter().any(|row| row.jumps.any())
    }
}

/// The place of W_ij of a layer in the flat vector.
fn place(layer: &LayerShape, i: usize, j: usize) -> usize {
    layer.weights.start + i * layer.inputs + j
}

/// Numbers of the unchanged pass as constants.
fn lift<R: Real>(values: &[f64]) -> Vec<R> {
    values.iter().map(|&v| R::constant(v)).collect()
}
