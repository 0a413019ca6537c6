//! The rows, each with its pass through the unchanged network.

use super::jumps::Jumps;
use super::roundings::Roundings;
use crate::network::{Network, WeightId};
use crate::reference;

/// One row with everything the unchanged network computes for it.
pub(crate) struct Row {
    pub weight: f64,
    /// d of the inputs and hidden units; empty where nothing is dropped.
    factors: Vec<Vec<f64>>,
    pub y: Vec<f64>,
    pub pass: reference::Trace,
    pub(super) roundings: Roundings,
    pub(super) jumps: Jumps,
}

impl Row {
    pub(super) fn new(
        network: &Network,
        theta: &[f64],
        (x, y): (&[f64], Vec<f64>),
        weight: f64,
        factors: Vec<Vec<f64>>,
    ) -> Self {
        let pass = reference::backpropagate_dropped(network, theta, (x, &y), &factors);
        let at = Unchanged { network, theta, pass: &pass, y: &y, factors: &factors };
        let terms = at.terms();
        let roundings = Roundings::new(&at, &terms, weight);
        let jumps = Jumps::new(&at, &at.z_roundings(&terms));
        Self { weight, factors, y, pass, roundings, jumps }
    }

    /// d of unit `j` of layer `l`, the inputs being layer 0.
    pub(super) fn factor(&self, l: usize, j: usize) -> f64 {
        reference::factor(&self.factors, l, j)
    }

    pub(super) fn is_finite(&self) -> bool {
        self.pass.cost.is_finite() && self.roundings.are_finite()
    }

    /// a_j that the weight multiplies; 1 for a bias.
    pub fn input(&self, id: WeightId) -> f64 {
        id.source.map_or(1.0, |j| self.pass.a[id.layer][j])
    }

    /// What the rounding of a_j δ_i is proportional to.
    pub(super) fn rounding(&self, id: WeightId) -> f64 {
        self.roundings.of_product(self.input(id), id)
    }

    /// The same of all derivatives together.
    pub(super) fn total_rounding(&self) -> f64 {
        self.roundings.of_all_products(&self.pass.a)
    }

    /// Whether changing the weight moves a unit that sits at its kink, or a loss that does.
    pub(super) fn touches_jump(&self, id: WeightId) -> bool {
        self.weight != 0.0 && self.input(id) != 0.0 && self.jumps.moved_by(id)
    }
}

/// One row's pass through the unchanged network, as its roundings are counted from it.
pub(super) struct Unchanged<'a> {
    pub network: &'a Network,
    pub theta: &'a [f64],
    pub pass: &'a reference::Trace,
    pub y: &'a [f64],
    /// d of the inputs and hidden units.
    pub factors: &'a [Vec<f64>],
}
