//! Second derivatives: H v by the R-operator, and the Gauss–Newton matrix.
//!
//! The R-operator (Pearlmutter 1994) differentiates every line of backpropagation along a direction V:
//!
//! ```text
//! R z⁽ˡ⁺¹⁾ = W R a⁽ˡ⁾ + V_W a⁽ˡ⁾ + V_b          R a = g′(z) ∘ R z
//! R δ⁽ᴸ⁾ = ∂δ/∂z R z⁽ᴸ⁾                         R δ⁽ˡ⁾ = (R δ W + δ V_W) ∘ g′(z) + (δ W) ∘ g″(z) ∘ R z
//! H V = (Σ_k R δᵀ a + δᵀ R a + λ V_W)/M
//! ```
//!
//! ∂δ/∂z · R z and g″ · R z come from running δ and g′ over dual numbers, so that no formula is written twice.
//!
//! [`gauss_newton`] has the other matrix.

mod gauss_newton;
mod sums;

use crate::backward::forget;
use crate::dual::Dual;
use crate::evaluator::Block;
use crate::examples::Examples;
use crate::forward::{Keep, Workspace};
use crate::machine::team::Team;
use crate::network::Network;
use crate::packed::Weights;
use crate::product::library::{a_b, add_a_b, add_a_bt};
use crate::real::Scalar;
use crate::regularisation::{Regularisation, smooth_into};
use sums::{accumulate, accumulate_weights};

/// Rows whose second derivatives are computed together.
const ROWS: usize = 256;
/// Such blocks that are worked on side by side.
const BLOCKS: usize = 8;
/// Rows of f32 that one product adds up, where there are several blocks.
const F32_CHUNK: usize = 32;

/// The buffers for second derivatives of one network.
#[derive(Debug)]
pub(crate) struct Curvature<T> {
    network: Network,
    regularisation: Regularisation,
    slots: Vec<Tangent<T>>,
    sum: Vec<T>,
    carry: Vec<T>,
}

/// One block with everything's derivative along V.
#[derive(Debug)]
struct Tangent<T> {
    workspace: Workspace<T>,
    rz: Vec<Vec<T>>,
    ra: Vec<Vec<T>>,
    rdelta: Vec<Vec<T>>,
    /// Σ_k R δᵀ a + δᵀ R a.
    sum: Vec<T>,
}

impl<T: Scalar> Curvature<T> {
    pub fn new(network: &Network, regularisation: Regularisation, rows: usize) -> Self {
        let blocks = rows.div_ceil(ROWS).clamp(1, BLOCKS);
        let slots = (0..blocks).map(|_| Tangent::new(network, ROWS.min(rows.max(1)))).collect();
        let zeros = vec![T::zero(); network.weight_count()];
        Self { network: network.clone(), regularisation, slots, sum: zeros.clone(), carry: zeros }
    }

    /// `out` = H v.
    pub fn hessian_vector(
        &mut self,
        weights: Weights<'_, T>,
        examples: &Examples<'_, T>,
        (v, out): (&[T], &mut [T]),
        team: &mut Team,
    ) {
        let blocks = examples.rows().div_ceil(ROWS);
        let chunk = if blocks > 1 && T::EPSILON > f64::EPSILON { F32_CHUNK } else { ROWS };
        let (network, regularisation) = (&self.network, &self.regularisation);
        self.sum.fill(T::zero());
        self.carry.fill(T::zero());
        let width = self.slots.len();
        for first in (0..blocks).step_by(width) {
            let slots = &mut self.slots[..width.min(blocks - first)];
            team.for_each(slots, |offset, slot| {
                let first = (first + offset) * ROWS;
                let block = Block::between(examples, network, first, ROWS.min(examples.rows() - first));
                slot.run(network, regularisation, (weights, v, chunk), &block);
            });
            for slot in slots.iter() {
                T::add_compensated(&mut self.sum, &mut self.carry, &slot.sum);
            }
        }
        let total = examples.total_weight();
        let (scale, decay) = (T::constant(1.0 / total), T::constant(self.regularisation.lambda / total));
        for ((out, &sum), &v) in out.iter_mut().zip(&self.sum).zip(v) {
            *out = sum * scale + decay * v;
        }
        for layer in self.network.layers() {
            for i in layer.bias {
                out[i] = self.sum[i] * scale;
            }
        }
    }
}

impl<T: Scalar> Tangent<T> {
    fn new(network: &Network, rows: usize) -> Self {
        let buffers = || network.sizes()[1..].iter().map(|s| vec![T::zero(); s * rows]).collect::<Vec<_>>();
        Self {
            workspace: Workspace::new(network, rows),
            rz: buffers(),
            ra: buffers(),
            rdelta: buffers(),
            sum: vec![T::zero(); network.weight_count()],
        }
    }

    /// One block's share of Σ_k R δᵀ a + δᵀ R a.
    fn run(
        &mut self,
        network: &Network,
        regularisation: &Regularisation,
        (weights, v, chunk): (Weights<'_, T>, &[T], usize),
        block: &Block<'_, T>,
    ) {
        let theta = weights.theta;
        T::forward(network, weights, block.x, block.rows, &mut self.workspace, Keep::Slopes);
        self.forward(network, theta, v, block);
        self.last_layer(network, regularisation, block);
        self.sum.fill(T::zero());
        self.backward(network, (theta, v, chunk), block);
    }

    /// R z and R a, layer by layer.
    fn forward(&mut self, network: &Network, theta: &[T], v: &[T], block: &Block<'_, T>) {
        let (rows, x) = (block.rows, block.matrix());
        for (l, layer) in network.layers().enumerate() {
            let shape = [rows, layer.inputs, layer.units];
            let rz = &mut self.rz[l][..rows * layer.units];
            for row in rz.chunks_exact_mut(layer.units) {
                row.copy_from_slice(&v[layer.bias.clone()]);
            }
            let a = if l == 0 { &x[..] } else { &self.workspace.a[l - 1][..rows * layer.inputs] };
            add_a_bt(rz, a, &v[layer.weights.clone()], shape);
            if l > 0 {
                let ra = &self.ra[l - 1][..rows * layer.inputs];
                add_a_bt(rz, ra, &theta[layer.weights.clone()], shape);
            }
            if l + 1 < network.depth() {
                let slopes = &self.workspace.slope[l];
                for ((ra, &rz), &slope) in self.ra[l].iter_mut().zip(rz.iter()).zip(slopes) {
                    *ra = slope * rz;
                }
            }
        }
    }

    /// δ⁽ᴸ⁾ and R δ⁽ᴸ⁾, weighted, by dual numbers.
    fn last_layer(&mut self, network: &Network, regularisation: &Regularisation, block: &Block<'_, T>) {
        let (last, units) = (network.depth() - 1, network.outputs());
        let zero = vec![Dual::default(); units];
        let (mut z, mut a, mut delta) = (zero.clone(), zero.clone(), zero);
        let y = targets(&mut self.workspace.smoothed, network, regularisation, block);
        for k in 0..block.rows {
            let row = k * units..(k + 1) * units;
            for (z, at) in z.iter_mut().zip(row.clone()) {
                *z = Dual::new(self.workspace.z[last][at].value(), self.rz[last][at].value());
            }
            network.loss().cost_and_delta(network.output(), &z, &y[row.clone()], &mut a, &mut delta);
            let weight = block.weights.map_or(1.0, |w| w[k].value());
            for (at, d) in row.zip(&delta) {
                self.workspace.delta[last][at] = T::constant(weight * d.value);
                self.rdelta[last][at] = T::constant(weight * d.derivative);
            }
        }
        for (k, _) in block.weights.unwrap_or_default().iter().enumerate().filter(|(_, w)| w.value() == 0.0) {
            self.forget(network, k);
        }
    }

    /// Takes everything of row `k` to 0, as if it were not there: 0·∞ would be NaN where one of its units has overflowed.
    fn forget(&mut self, network: &Network, k: usize) {
        forget(network, k, &mut self.workspace);
        for (l, &units) in network.sizes()[1..].iter().enumerate() {
            let row = k * units..(k + 1) * units;
            self.workspace.z[l][row.clone()].fill(T::zero());
            self.rz[l][row.clone()].fill(T::zero());
            self.ra[l][row.clone()].fill(T::zero());
            if l + 1 == network.depth() {
                self.workspace.delta[l][row.clone()].fill(T::zero());
                self.rdelta[l][row].fill(T::zero());
            }
        }
    }

    /// From the last layer down: the sums of every layer, δ and R δ of the one below.
    fn backward(&mut self, network: &Network, (theta, v, chunk): (&[T], &[T], usize), block: &Block<'_, T>) {
        let (rows, x) = (block.rows, block.matrix());
        for l in (0..network.depth()).rev() {
            let layer = network.layer(l);
            let (delta_below, delta) = self.workspace.delta.split_at_mut(l);
            let (rdelta_below, rdelta) = self.rdelta.split_at_mut(l);
            let (delta, rdelta) = (&delta[0][..rows * layer.units], &rdelta[0][..rows * layer.units]);
            let a = if l == 0 { &x[..] } else { &self.workspace.a[l - 1][..rows * layer.inputs] };
            accumulate(&layer, rdelta, a, &mut self.sum, chunk);
            if l == 0 {
                continue;
            }
            accumulate_weights(&layer, delta, &self.ra[l - 1][..rows * layer.inputs], &mut self.sum, chunk);
            let shape = [rows, layer.units, layer.inputs];
            let (w, v) = (&theta[layer.weights.clone()], &v[layer.weights.clone()]);
            let below = &mut delta_below[l - 1][..rows * layer.inputs];
            let rbelow = &mut rdelta_below[l - 1][..rows * layer.inputs];
            a_b(below, delta, w, shape);
            a_b(rbelow, rdelta, w, shape);
            add_a_b(rbelow, delta, v, shape);
            let activation = network.hidden()[l - 1];
            let (z, rz, slope) = (&self.workspace.z[l - 1], &self.rz[l - 1], &self.workspace.slope[l - 1]);
            for (at, (below, rbelow)) in below.iter_mut().zip(rbelow).enumerate() {
                let bent = activation.value_and_slope(Dual::new(z[at].value(), rz[at].value())).1.derivative;
                *rbelow = *rbelow * slope[at] + *below * T::constant(bent);
                *below *= slope[at];
            }
        }
    }
}

/// The block's targets, smoothed where they are to be.
fn targets<'a, T: Scalar>(
    smoothed: &'a mut [T],
    network: &Network,
    regularisation: &Regularisation,
    block: &Block<'a, T>,
) -> &'a [T] {
    if regularisation.label_smoothing == 0.0 {
        return block.y;
    }
    smooth_into(network, regularisation.label_smoothing, block.y, smoothed);
    smoothed
}
