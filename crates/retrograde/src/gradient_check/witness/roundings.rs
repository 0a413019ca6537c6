//! What rounding does to the derivatives and the cost of a row, to first order, and to their sums over all rows.

use super::row::Unchanged;
use super::{Witness, place};
use crate::activation::Activation;
use crate::evaluator::GROUP_BLOCKS;
use crate::forward::BLOCK_ROWS;
use crate::loss::{Loss, Output};
use crate::network::WeightId;
use crate::product::CHAIN;
use crate::reference;

/// ε of f64.
pub(super) const EPS: f64 = f64::EPSILON;
/// ε times this is the smallest number there is: what a product that underflows is off by.
const TINY: f64 = f64::MIN_POSITIVE;

/// The roundings of one row, in units of ε.
pub(super) struct Roundings {
    /// δ with every product taken by its magnitude, and what it moves with z: its rounding is proportional to it.
    magnitude: Vec<Vec<f64>>,
    /// 1 + the largest Σ|W a|: a relative change of ε in z by so much changes δ by so many ε.
    sensitivity: f64,
    /// The rounding of ℓ to first order.
    pub noise: f64,
}

impl Roundings {
    /// Those of a row of this weight; `terms` are [`Unchanged::terms`].
    pub fn new(at: &Unchanged<'_>, terms: &[Vec<f64>], weight: f64) -> Self {
        let blame: Vec<f64> = at.pass.delta[at.network.depth() - 1].iter().map(|d| d.abs()).collect();
        let rounded = blame.iter().zip(at.curvature()).map(|(d, c)| d + c).collect();
        // δ is multiplied by the weight of its row first; what underflows there is as large beside a light row.
        let tiny = if weight > 0.0 { TINY / weight.min(1.0) } else { 0.0 };
        let magnitude = at.magnitudes(rounded, tiny);
        let blame = at.magnitudes(blame, 0.0);
        let propagated: f64 =
            blame.iter().flatten().zip(terms.iter().flatten()).map(|(m, t)| m * (1.0 + t)).sum();
        let noise = 4.0 * at.pass.cost.abs() + propagated;
        let sensitivity = 1.0 + terms.iter().flatten().fold(0.0f64, |m, &t| m.max(t));
        Self { magnitude, sensitivity, noise }
    }

    pub fn are_finite(&self) -> bool {
        self.noise.is_finite() && self.magnitude.iter().flatten().all(|m| m.is_finite())
    }

    /// What the rounding of a_j δ_i, with a_j = `input`, is proportional to: δ_i moves with the rounding of every z.
    pub fn of_product(&self, input: f64, id: WeightId) -> f64 {
        (input.abs() + TINY) * self.magnitude[id.layer][id.unit] * self.sensitivity + TINY
    }

    /// The same of the products of all weights together.
    pub fn of_all_products(&self, a: &[Vec<f64>]) -> f64 {
        let mut sum = 0.0;
        for (a, magnitude) in a.iter().zip(&self.magnitude) {
            let inputs: f64 = 1.0 + a.iter().map(|a| a.abs()).sum::<f64>();
            sum += inputs * magnitude.iter().sum::<f64>();
        }
        sum * self.sensitivity
    }
}

impl Witness<'_> {
    /// The rounding of D, from that of the `products` summed over all rows and from the magnitude of the `decay`.
    pub(super) fn rounding_of_d(&self, products: f64, decay: f64) -> f64 {
        EPS * (self.roundings_of_a_term() * products / self.total + 4.0 * decay)
    }

    /// How many roundings, each of ε, a term of D goes through: those on its way through the network, and one for every
    /// row that is added within a chain and every chain that is added within a group. Groups are added with their rounding
    /// carried along, as all is here.
    fn roundings_of_a_term(&self) -> f64 {
        const CHAIN_ROWS: usize = CHAIN * BLOCK_ROWS;
        let rows = self.rows.len();
        32.0 + rows.min(CHAIN_ROWS) as f64
            + rows.div_ceil(CHAIN_ROWS).min(GROUP_BLOCKS.div_ceil(CHAIN)) as f64
    }
}

impl Unchanged<'_> {
    /// Σ_j |W_ij a_j| + |b_i|: what the rounding of z_i is proportional to.
    pub fn terms(&self) -> Vec<Vec<f64>> {
        let layers = self.network.layers().zip(&self.pass.a);
        layers
            .map(|(layer, a)| {
                let product = |i: usize, j: usize| self.theta[place(&layer, i, j)] * a[j];
                (0..layer.units)
                    .map(|i| {
                        self.theta[layer.bias.start + i].abs()
                            + (0..layer.inputs).map(|j| product(i, j).abs()).sum::<f64>()
                    })
                    .collect()
            })
            .collect()
    }

    /// How much δ⁽ᴸ⁾ moves with z⁽ᴸ⁾, by order of magnitude: a − y may be 0 while its rounding is not.
    fn curvature(&self) -> Vec<f64> {
        let (network, y) = (self.network, self.y);
        let (z, a) = (&self.pass.z[network.depth() - 1], &self.pass.a[network.depth()]);
        (0..z.len())
            .map(|k| match network.output() {
                Output::Identity => 1.0,
                Output::Sigmoid => reference::slope(Activation::Sigmoid, z[k]),
                Output::Softmax => a[k] * (0..z.len()).filter(|&j| j != k).map(|j| a[j]).sum::<f64>(),
                Output::Exp if *network.loss() == Loss::Gamma => y[k] * (-z[k]).exp(),
                Output::Exp => a[k] * a[k].max(1.0),
            })
            .collect()
    }

    /// |∂a/∂z| of unit `j` of hidden layer `l`, from 0; see [`slope_terms`].
    fn slope(&self, l: usize, j: usize) -> f64 {
        slope_terms(self.network.hidden()[l], self.pass.z[l][j]) * reference::factor(self.factors, l + 1, j)
    }

    /// From `last` = δ̄⁽ᴸ⁾ down: δ̄⁽ˡ⁾ = (|W|ᵀ δ̄⁽ˡ⁺¹⁾) |g′|, every product and sum taken by its magnitude, which is
    /// nowhere below `tiny`.
    fn magnitudes(&self, last: Vec<f64>, tiny: f64) -> Vec<Vec<f64>> {
        let top = self.network.depth() - 1;
        let mut magnitude = vec![Vec::new(); self.network.depth()];
        magnitude[top] = last.into_iter().map(|d| d + tiny).collect();
        for l in (0..top).rev() {
            let above = self.network.layer(l + 1);
            let weight = |i: usize, j: usize| self.theta[place(&above, i, j)].abs();
            magnitude[l] = (0..above.inputs)
                .map(|j| {
                    let blame: f64 = (0..above.units).map(|i| magnitude[l + 1][i] * weight(i, j)).sum();
                    blame * (self.slope(l, j) + tiny) + tiny
                })
                .collect();
        }
        magnitude
    }

    /// How far two computations of z, which add in different orders, can lie apart: n ε Σ|W a| of each layer's own, and
    /// what the layers below pass on. `terms` are [`Unchanged::terms`].
    pub fn z_roundings(&self, terms: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut roundings: Vec<Vec<f64>> = Vec::new();
        let mut of_a = vec![0.0; self.network.inputs()];
        for (l, layer) in self.network.layers().enumerate() {
            let own = EPS * (layer.inputs + 2) as f64;
            let of_z: Vec<f64> = (0..layer.units)
                .map(|i| {
                    let row = &self.theta[place(&layer, i, 0)..][..layer.inputs];
                    let passed: f64 = row.iter().zip(&of_a).map(|(w, r)| w.abs() * r).sum();
                    own * terms[l][i] + passed
                })
                .collect();
            if l + 1 < self.network.depth() {
                let of_unit = |i: usize| self.slope(l, i) * of_z[i] + 4.0 * EPS * self.pass.a[l + 1][i].abs();
                of_a = (0..layer.units).map(of_unit).collect();
            }
            roundings.push(of_z);
        }
        roundings
    }

    /// The same of the prediction a⁽ᴸ⁾, from those of z⁽ᴸ⁾.
    pub fn output_roundings(&self, of_z: &[f64]) -> Vec<f64> {
        let depth = self.network.depth();
        let (z, a) = (&self.pass.z[depth - 1], &self.pass.a[depth]);
        let largest = of_z.iter().copied().fold(0.0, f64::max);
        let passed = |k: usize| match self.network.output() {
            Output::Identity => of_z[k],
            Output::Sigmoid => reference::slope(Activation::Sigmoid, z[k]) * of_z[k],
            Output::Softmax => a[k] * (of_z[k] + largest),
            Output::Exp => a[k] * of_z[k],
        };
        (0..a.len()).map(|k| passed(k) + 4.0 * EPS * a[k].abs()).collect()
    }
}

/// |g′|, or for g = z·gate(z) the sum of the magnitudes of gate and z·gate′, which cancel where g′ is 0.
fn slope_terms(activation: Activation, z: f64) -> f64 {
    let slope = reference::slope(activation, z);
    match activation {
        Activation::Gelu | Activation::Silu | Activation::Mish if z != 0.0 => {
            let gate = reference::activate(activation, z) / z;
            gate.abs() + (slope - gate).abs()
        }
        _ => slope.abs(),
    }
}
