//! The Gauss–Newton matrix: second derivatives without what bends the network itself.
//!
//! ```text
//! H ≈ (Σ_k w_k J_kᵀ C_k J_k + λ I_W)/M          J_k = ∂z_k⁽ᴸ⁾/∂Θ,  C_k = ∂²ℓ/∂z²
//! ```
//!
//! or for squared error of an output a(z) the positive C_k = (∂a/∂z)ᵀ(∂a/∂z). C_k is a sum of v vᵀ over as many vectors v as
//! there are outputs; each, taken back through the network, gives one row of a matrix B with
//! BᵀB = Σ_k w_k J_kᵀ C_k J_k. B is never there for more than one block of rows.

use super::{Curvature, ROWS, Tangent, targets};
use crate::activation::sigmoid_and_slope;
use crate::evaluator::Block;
use crate::examples::Examples;
use crate::forward::Keep;
use crate::loss::{Loss, Output};
use crate::machine::team::{Parts, Team};
use crate::network::Network;
use crate::packed::Weights;
use crate::product::library::{a_b, add_gram_panel};
use crate::real::Scalar;
use crate::regularisation::Regularisation;

/// Bytes that the rows of B of one block may take.
const BLOCK_BYTES: usize = 32 << 20;
/// Rows of BᵀB that one product computes.
const PANEL: usize = 64;

impl<T: Scalar> Curvature<T> {
    /// The Gauss–Newton matrix; false when the loss has none.
    pub fn gauss_newton(
        &mut self,
        weights: Weights<'_, T>,
        examples: &Examples<'_, T>,
        matrix: &mut Vec<f64>,
        team: &mut Team,
    ) -> bool {
        if !self.network.loss().is_curved() {
            return false;
        }
        let n = self.network.weight_count();
        let outputs = self.network.outputs();
        matrix.clear();
        matrix.resize(n * n, 0.0);
        let block_rows = (BLOCK_BYTES / (n * outputs * size_of::<f64>())).clamp(1, ROWS);
        let panels = (0..n).step_by(PANEL).map(|i| i * n..n.min(i + PANEL) * n);
        let panels = Parts::of_ranges(panels.collect());
        let mut factors = vec![0.0; block_rows * outputs * n];
        for first in (0..examples.rows()).step_by(block_rows) {
            let rows = block_rows.min(examples.rows() - first);
            let block = Block::between(examples, &self.network, first, rows);
            let slot = &mut self.slots[0];
            let factors = &mut factors[..rows * outputs * n];
            slot.factors(&self.network, &self.regularisation, weights, &block, factors);
            team.for_parts(&mut matrix[..], &panels, |panel, [out, _]| {
                add_gram_panel(out, factors, n, panel * PANEL);
            });
        }
        self.finish(examples.total_weight(), matrix);
        true
    }

    /// (BᵀB + λ I_W)/M, with the upper triangle from the lower.
    fn finish(&self, total: f64, matrix: &mut [f64]) {
        let n = self.network.weight_count();
        for i in 0..n {
            for j in 0..=i {
                let value = matrix[i * n + j] / total;
                matrix[i * n + j] = value;
                matrix[j * n + i] = value;
            }
        }
        for layer in self.network.layers() {
            for i in layer.weights {
                matrix[i * n + i] += self.regularisation.lambda / total;
            }
        }
    }
}

impl<T: Scalar> Tangent<T> {
    /// The rows of B for one block: row k·s_L + o from the o-th v of example k.
    fn factors(
        &mut self,
        network: &Network,
        regularisation: &Regularisation,
        weights: Weights<'_, T>,
        block: &Block<'_, T>,
        factors: &mut [f64],
    ) {
        let (rows, outputs, n) = (block.rows, network.outputs(), network.weight_count());
        let last = network.depth() - 1;
        T::forward(network, weights, block.x, rows, &mut self.workspace, Keep::Slopes);
        let y = targets(&mut self.workspace.smoothed, network, regularisation, block);
        let y: Vec<f64> = y[..rows * outputs].iter().map(|y| y.value()).collect();
        let mut z = vec![0.0; outputs];
        let mut roots = Roots { a: vec![0.0; outputs], v: vec![0.0; outputs * outputs] };
        let mut seeds = vec![T::zero(); rows * outputs * outputs];
        for k in 0..rows {
            let row = k * outputs..(k + 1) * outputs;
            let weight = block.weights.map_or(1.0, |w| w[k].value());
            if weight == 0.0 {
                self.forget(network, k);
                continue;
            }
            for (to, from) in z.iter_mut().zip(&self.workspace.z[last][row.clone()]) {
                *to = from.value();
            }
            roots.find(network, &z, &y[row]);
            for (o, v) in roots.v.chunks_exact(outputs).enumerate() {
                for (i, v) in v.iter().enumerate() {
                    seeds[(o * rows + k) * outputs + i] = T::constant(weight.sqrt() * v);
                }
            }
        }
        for (o, seed) in seeds.chunks_exact(rows * outputs).enumerate() {
            self.workspace.delta[last][..rows * outputs].copy_from_slice(seed);
            self.take_back(network, weights.theta, block, |k, at, value| {
                factors[(k * outputs + o) * n + at] = value;
            });
        }
    }

    /// With v as δ⁽ᴸ⁾: every a_j δ_i of every row, one by one.
    fn take_back(
        &mut self,
        network: &Network,
        theta: &[T],
        block: &Block<'_, T>,
        mut put: impl FnMut(usize, usize, f64),
    ) {
        let (rows, x) = (block.rows, block.matrix());
        for l in (0..network.depth()).rev() {
            let layer = network.layer(l);
            let a = if l == 0 { &x[..] } else { &self.workspace.a[l - 1][..rows * layer.inputs] };
            let (below, here) = self.workspace.delta.split_at_mut(l);
            let delta = &here[0][..rows * layer.units];
            let per_row = delta.chunks_exact(layer.units).zip(a.chunks_exact(layer.inputs));
            for (k, (delta, a)) in per_row.enumerate() {
                for (i, delta) in delta.iter().enumerate() {
                    let start = layer.weights.start + i * layer.inputs;
                    for (j, a) in a.iter().enumerate() {
                        put(k, start + j, delta.value() * a.value());
                    }
                    put(k, layer.bias.start + i, delta.value());
                }
            }
            if l > 0 {
                let below = &mut below[l - 1][..rows * layer.inputs];
                a_b(below, delta, &theta[layer.weights.clone()], [rows, layer.units, layer.inputs]);
                for (delta, &slope) in below.iter_mut().zip(&self.workspace.slope[l - 1]) {
                    *delta *= slope;
                }
            }
        }
    }
}

/// Vectors v_o with Σ_o v_o v_oᵀ = C of one example, one after the other.
struct Roots {
    a: Vec<f64>,
    v: Vec<f64>,
}

impl Roots {
    /// C = ∂²ℓ/∂z² of the losses that match their output and of gamma, and (∂a/∂z)ᵀ(∂a/∂z) of squared error.
    fn find(&mut self, network: &Network, z: &[f64], y: &[f64]) {
        let units = z.len();
        let Self { a, v } = self;
        network.output().apply(z, a);
        v.fill(0.0);
        match (network.loss(), network.output()) {
            (loss, Output::Softmax) => {
                // Cross-entropy: C = m (diag p − p pᵀ) = Σ_o m p_o (e_o − p)(e_o − p)ᵀ, m the mass of the target.
                // Squared error: ∂a_o/∂z = p_o (e_o − p).
                let mass: f64 = y.iter().sum();
                for o in 0..units {
                    let factor = if *loss == Loss::CrossEntropy { (mass * a[o]).sqrt() } else { a[o] };
                    for i in 0..units {
                        v[o * units + i] = factor * (f64::from(u8::from(i == o)) - a[i]);
                    }
                }
            }
            (loss, output) => {
                for o in 0..units {
                    v[o * units + o] = match (loss, output) {
                        (Loss::CrossEntropy, _) => sigmoid_and_slope(z[o]).1.sqrt(),
                        (Loss::Poisson, _) => a[o].sqrt(),
                        (Loss::Gamma, _) => (y[o] * (-z[o]).exp()).sqrt(),
                        (_, Output::Sigmoid) => sigmoid_and_slope(z[o]).1,
                        (_, Output::Exp) => a[o],
                        _ => 1.0,
                    };
                }
            }
        }
    }
}
