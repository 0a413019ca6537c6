//! Where a training diverged: the first value that is not finite, by layer, unit and row.

use crate::examples::Examples;
use crate::network::Network;
use crate::params::Params;
use crate::real::Scalar;
use crate::regularisation::Regularisation;
use crate::trace::Trace;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// A cost or gradient that is no longer finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Divergence {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The batch, from 1.
    pub batch: usize,
    /// The cost found there.
    pub cost: f64,
    /// The first non-finite value on the way through the network.
    pub at: Option<NonFinite>,
}

impl std::fmt::Display for Divergence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at epoch {}, batch {}", self.what(), self.epoch, self.batch)
    }
}

impl Divergence {
    /// What stopped being finite: `the cost became NaN`, `the gradient became infinite`.
    ///
    /// A gradient is infinite or NaN as the first value is that led to it.
    pub fn what(&self) -> String {
        let (what, is_nan) = match &self.at {
            _ if !self.cost.is_finite() => ("the cost", self.cost.is_nan()),
            Some(at) => ("the gradient", at.value == "NaN"),
            None => ("the gradient", false),
        };
        format!("{what} became {}", if is_nan { "NaN" } else { "infinite" })
    }
}

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// A weight or bias.
    Weight,
    /// z of a unit.
    Z,
    /// a of a unit.
    A,
    /// δ of a unit.
    Delta,
    /// The loss of a row.
    Loss,
    /// An entry of the gradient.
    Gradient,
}

impl Quantity {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Z => "z",
            Self::A => "a",
            Self::Delta => "δ",
            Self::Loss => "loss",
            Self::Gradient => "gradient",
        }
    }
}

/// The first value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NonFinite {
    /// What it is.
    pub quantity: Quantity,
    /// The layer it belongs to, from 1; a weight belongs to the layer it feeds.
    pub layer: usize,
    /// The unit, from 1.
    pub unit: usize,
    /// The row of the training examples, from 0, where there is one.
    pub row: Option<usize>,
    /// The value in words: `NaN`, `inf` or `-inf` (JSON has no such numbers).
    pub value: String,
}

impl std::fmt::Display for NonFinite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of layer {}, unit {}", self.quantity.name(), self.layer, self.unit)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        write!(f, ": {}", self.value)
    }
}

impl NonFinite {
    /// The same place with the batch's row replaced by the training row behind it.
    pub(super) fn in_rows(mut self, row: impl FnOnce(usize) -> usize) -> Self {
        self.row = self.row.map(row);
        self
    }
}

/// Follows the batch through the network until something is not finite; None when all of it is.
///
/// In order of the data's way: weights, then z and a layer by layer, the loss, δ from the back, the gradient.
pub(super) fn locate<T: Scalar>(
    network: &Network,
    theta: &[T],
    rows: &Examples<'_, T>,
    (grad, regularisation): (&[T], Regularisation),
) -> Option<NonFinite> {
    if let Some(at) = weight(network, theta) {
        return Some(at);
    }
    let params = Params::from_values(network, theta.to_vec()).ok()?;
    let trace = Trace::of(&params, rows, regularisation).ok()?;
    // A row of weight 0 is not there, whatever it leads to.
    let counts = |row: usize| rows.weights.is_none_or(|w| w[row].value() != 0.0);
    let in_matrix = |matrix: &Array2<T>, quantity, layer| in_matrix(matrix, quantity, layer, counts);
    for l in 0..network.depth() {
        let found =
            in_matrix(&trace.z[l], Quantity::Z, l + 2).or_else(|| in_matrix(&trace.a[l], Quantity::A, l + 2));
        if found.is_some() {
            return found;
        }
    }
    if let Some(row) = trace.costs.iter().enumerate().position(|(row, c)| counts(row) && !c.is_finite()) {
        let value = trace.costs[row].value().to_string();
        let layer = network.sizes().len();
        return Some(NonFinite { quantity: Quantity::Loss, layer, unit: 1, row: Some(row), value });
    }
    (0..network.depth())
        .rev()
        .find_map(|l| in_matrix(&trace.delta[l], Quantity::Delta, l + 2))
        .or_else(|| in_vector(network, grad, Quantity::Gradient))
}

/// The first weight that is not finite.
pub(super) fn weight<T: Scalar>(network: &Network, theta: &[T]) -> Option<NonFinite> {
    in_vector(network, theta, Quantity::Weight)
}

fn in_matrix<T: Scalar>(
    matrix: &Array2<T>,
    quantity: Quantity,
    layer: usize,
    counts: impl Fn(usize) -> bool,
) -> Option<NonFinite> {
    let mut values = matrix.indexed_iter();
    let ((row, unit), value) = values.find(|((row, _), v)| !v.is_finite() && counts(*row))?;
    Some(NonFinite { quantity, layer, unit: unit + 1, row: Some(row), value: value.value().to_string() })
}

fn in_vector<T: Scalar>(network: &Network, values: &[T], quantity: Quantity) -> Option<NonFinite> {
    let index = values.iter().position(|v| !v.is_finite())?;
    let id = network.weight_at(index);
    let value = values[index].value().to_string();
    Some(NonFinite { quantity, layer: id.layer + 2, unit: id.unit + 1, row: None, value })
}

#[cfg(test)]
mod tests {
    use super::{Divergence, NonFinite, Quantity};

    #[test]
    fn it_says_what_became_what() {
        let at = |value: &str| {
            let value = value.to_owned();
            Some(NonFinite { quantity: Quantity::Gradient, layer: 2, unit: 1, row: None, value })
        };
        let says = |cost, at| Divergence { epoch: 3, batch: 17, cost, at }.to_string();
        assert_eq!(says(f64::NAN, None), "the cost became NaN at epoch 3, batch 17");
        assert_eq!(says(f64::INFINITY, at("NaN")), "the cost became infinite at epoch 3, batch 17");
        assert_eq!(says(1.0, at("NaN")), "the gradient became NaN at epoch 3, batch 17");
        assert_eq!(says(1.0, at("-inf")), "the gradient became infinite at epoch 3, batch 17");
    }
}
