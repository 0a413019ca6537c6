//! How many digits a problem leaves to any order of evaluation: what decides whether a difference is a fault.

use super::{Problem, worst_matrix};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use retrograde::{Activation, Loss, Network, Output, reference};

impl Problem<f64> {
    /// How far rounding the numbers alone carries ∇J: the largest relative change of a matrix (as
    /// [`worst_matrix`] measures it) and of J when every weight, input and target moves by one `epsilon` relative
    /// to itself, up or down by chance.
    ///
    /// Forward and backward in another order are, to first order, the exact ones of numbers moved like that.
    pub(crate) fn sensitivity(&self, epsilon: f64) -> (f64, f64) {
        let (cost, grad) = self.reference();
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut largest = (0.0f64, 0.0f64);
        for _ in 0..8 {
            let mut moved = self.clone();
            for value in moved.theta.iter_mut().chain(&mut moved.x).chain(&mut moved.y) {
                *value *= 1.0 + if rng.random_bool(0.5) { epsilon } else { -epsilon };
            }
            let (moved_cost, moved_grad) = moved.reference();
            largest.0 = largest.0.max(worst_matrix(&self.network, &moved_grad, &grad, 1e-290).0);
            largest.1 = largest.1.max(((moved_cost - cost) / cost).abs());
        }
        largest
    }

    /// ∇J with every product taken as its absolute value: Σ_k w_k Σ_paths |…|/M + λ|Θ|/M.
    ///
    /// A derivative is a sum over rows and over paths through the network. Where they cancel, ε times this sum is
    /// what rounding each of them leaves, whatever the order of the sum.
    pub(crate) fn magnitude(&self) -> Vec<f64> {
        let network = &self.network;
        let mut sums = vec![0.0; self.theta.len()];
        let mut total = 0.0;
        for (x, y, w) in self.rows().into_iter().filter(|row| row.2 > 0.0) {
            total += w;
            let y = self.regularisation.smooth(network.output(), y);
            let trace = reference::backpropagate(network, &self.theta, x, &y);
            let mut delta = last_magnitude(network, &trace.z[network.depth() - 1], &y);
            for d in &mut delta {
                *d *= w;
            }
            for l in (0..network.depth()).rev() {
                let layer = network.layer(l);
                let mut below = vec![0.0; layer.inputs];
                for (i, &delta) in delta.iter().enumerate() {
                    sums[layer.bias.start + i] += delta;
                    for (j, below) in below.iter_mut().enumerate() {
                        let p = layer.weights.start + i * layer.inputs + j;
                        sums[p] += delta * trace.a[l][j].abs();
                        *below += delta * self.theta[p].abs();
                    }
                }
                if l > 0 {
                    let slope = |z| reference::slope(network.hidden()[l - 1], z).abs();
                    delta = below.iter().zip(&trace.z[l - 1]).map(|(b, &z)| b * slope(z)).collect();
                }
            }
        }
        for layer in network.layers() {
            for p in layer.weights {
                sums[p] += self.regularisation.lambda * self.theta[p].abs();
            }
        }
        sums.iter().map(|sum| sum / total).collect()
    }

    /// The error of a matrix, relative to its largest entry, that rounding at `epsilon` explains: 32 times the
    /// [`Problem::sensitivity`] plus, for sums that cancel, 32 ε times the [`Problem::magnitude`].
    ///
    /// The factors cover sums of up to 300 rows and 70 units through six layers, whose errors grow like √n.
    pub(crate) fn explained_error(&self, epsilon: f64) -> f64 {
        let (_, grad) = self.reference();
        let magnitude = self.magnitude();
        let largest = |v: &[f64]| v.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let cancelled = self
            .network
            .layers()
            .flat_map(|layer| [layer.weights, layer.bias])
            .map(|range| largest(&magnitude[range.clone()]) / largest(&grad[range]))
            .filter(|ratio| ratio.is_finite())
            .fold(0.0, f64::max);
        32.0 * (self.sensitivity(epsilon).0 + epsilon * cancelled)
    }
}

/// δ⁽ᴸ⁾ with every difference taken as a sum: a(1−y) + y(1−a) for a sigmoid's a − y, and so on. Where a unit is
/// saturated and right both terms are as tiny as δ, so no digit of a tail is given away.
fn last_magnitude(network: &Network, z: &[f64], y: &[f64]) -> Vec<f64> {
    let a = reference::predict(network.output(), z);
    let units = 0..z.len();
    let others = |k: usize, of: &[f64]| -> f64 { (0..z.len()).filter(|&j| j != k).map(|j| of[j]).sum() };
    let residual = |k: usize| match network.output() {
        Output::Sigmoid => {
            a[k] * (1.0 - y[k]).abs() + y[k].abs() * reference::activate(Activation::Sigmoid, -z[k])
        }
        Output::Softmax => a[k] * (1.0 - y[k]).abs() + y[k].abs() * others(k, &a),
        _ => a[k].abs() + y[k].abs(),
    };
    match network.loss() {
        Loss::CrossEntropy if network.output() == Output::Softmax => {
            units.map(|k| a[k] * others(k, y) + y[k] * others(k, &a)).collect()
        }
        Loss::CrossEntropy | Loss::Poisson => units.map(residual).collect(),
        Loss::Gamma => units.map(|k| 1.0 + y[k] * (-z[k]).exp()).collect(),
        loss => {
            let slope: Vec<f64> = units
                .clone()
                .map(|k| match loss {
                    Loss::SquaredError => residual(k),
                    Loss::Huber { delta } => delta.min(residual(k)),
                    _ => 1.0,
                })
                .collect();
            let weighed: Vec<f64> = slope.iter().zip(&a).map(|(c, a)| c * a).collect();
            units
                .map(|k| match network.output() {
                    Output::Sigmoid => slope[k] * reference::slope(Activation::Sigmoid, z[k]),
                    Output::Softmax => a[k] * (slope[k] * others(k, &a) + others(k, &weighed)),
                    Output::Exp => slope[k] * a[k],
                    _ => slope[k],
                })
                .collect()
        }
    }
}
