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
//! Gauss–Newton leaves out what bends the network itself: H ≈ (Σ_k w_k J_kᵀ C_k J_k + λ I_W)/M with J_k = ∂z_k/∂Θ
//! and C_k = ∂²ℓ/∂z², or for squared error of an output a(z) the positive (∂a/∂z)ᵀ(∂a/∂z). C_k is a sum of
//! v vᵀ over as many vectors v as there are outputs; each, taken back through the network, gives one row of a matrix B
//! with BᵀB = Σ_k w_k J_kᵀ C_k J_k.

use crate::dual::Dual;
use crate::examples::Examples;
use crate::forward::{BLOCK_ROWS, Keep, Workspace, forward};
use crate::loss::{Loss, Output};
use crate::network::Network;
use crate::objective::{Block, GROUP, Regularisation, add_compensated, smooth_into};
use crate::optimize::choice::has_gauss_newton;
use crate::product::{a_b, add_a_b, add_a_bt, add_at_b, add_gram_panel};
use crate::real::Scalar;
use rayon::prelude::*;
use std::sync::Arc;

/// Bytes that the rows of B of one block may take.
const BLOCK_BYTES: usize = 32 << 20;
/// Rows of BᵀB that one product computes.
const PANEL: usize = 64;

/// The buffers for second derivatives of one network.
#[derive(Debug)]
pub(crate) struct Curvature<T> {
    network: Network,
    regularisation: Regularisation,
    pool: Option<Arc<rayon::ThreadPool>>,
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
    pub fn new(
        network: &Network,
        regularisation: Regularisation,
        rows: usize,
        pool: Option<Arc<rayon::ThreadPool>>,
    ) -> Self {
        let blocks = rows.div_ceil(BLOCK_ROWS).clamp(1, GROUP);
        let slots = (0..blocks).map(|_| Tangent::new(network, BLOCK_ROWS.min(rows.max(1)))).collect();
        let zeros = vec![T::zero(); network.weight_count()];
        Self { network: network.clone(), regularisation, pool, slots, sum: zeros.clone(), carry: zeros }
    }

    /// `out` = H v.
    pub fn hessian_vector(&mut self, theta: &[T], examples: &Examples<'_, T>, v: &[T], out: &mut [T]) {
        let blocks = examples.rows().div_ceil(BLOCK_ROWS);
        let (network, regularisation) = (&self.network, &self.regularisation);
        self.sum.fill(T::zero());
        self.carry.fill(T::zero());
        let width = self.slots.len();
        for first in (0..blocks).step_by(width) {
            let slots = &mut self.slots[..width.min(blocks - first)];
            let work = |(offset, slot): (usize, &mut Tangent<T>)| {
                let block = Block::of(examples, network, first + offset);
                slot.run(network, regularisation, (theta, v), &block);
            };
            match &self.pool {
                Some(pool) => pool.install(|| slots.par_iter_mut().enumerate().for_each(work)),
                None => slots.iter_mut().enumerate().for_each(work),
            }
            for slot in slots.iter() {
                add_compensated(&mut self.sum, &mut self.carry, &slot.sum);
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

    /// The Gauss–Newton matrix; false when the loss has none.
    pub fn gauss_newton(&mut self, theta: &[T], examples: &Examples<'_, T>, matrix: &mut Vec<f64>) -> bool {
        if !has_gauss_newton(self.network.loss()) {
            return false;
        }
        let n = self.network.weight_count();
        let outputs = self.network.outputs();
        matrix.clear();
        matrix.resize(n * n, 0.0);
        let block_rows = (BLOCK_BYTES / (n * outputs * size_of::<f64>())).clamp(1, BLOCK_ROWS);
        let mut factors = vec![0.0; block_rows * outputs * n];
        for first in (0..examples.rows()).step_by(block_rows) {
            let rows = block_rows.min(examples.rows() - first);
            let block = Block::between(examples, &self.network, first, rows);
            let slot = &mut self.slots[0];
            let factors = &mut factors[..rows * outputs * n];
            slot.factors(&self.network, &self.regularisation, theta, &block, factors);
            let add = |(panel, out): (usize, &mut [f64])| add_gram_panel(out, factors, n, panel * PANEL);
            match &self.pool {
                Some(pool) => {
                    pool.install(|| matrix.par_chunks_mut(PANEL * n).enumerate().for_each(add));
                }
                None => matrix.chunks_mut(PANEL * n).enumerate().for_each(add),
            }
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
        (theta, v): (&[T], &[T]),
        block: &Block<'_, T>,
    ) {
        forward(network, theta, block.x, block.rows, &mut self.workspace, Keep::Slopes);
        self.forward(network, theta, v, block);
        self.last_layer(network, regularisation, block);
        self.sum.fill(T::zero());
        self.backward(network, theta, v, block);
    }

    /// R z and R a, layer by layer.
    fn forward(&mut self, network: &Network, theta: &[T], v: &[T], block: &Block<'_, T>) {
        let rows = block.rows;
        for (l, layer) in network.layers().enumerate() {
            let shape = [rows, layer.inputs, layer.units];
            let rz = &mut self.rz[l][..rows * layer.units];
            for row in rz.chunks_exact_mut(layer.units) {
                row.copy_from_slice(&v[layer.bias.clone()]);
            }
            let a = if l == 0 { block.x } else { &self.workspace.a[l - 1][..rows * layer.inputs] };
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
                let (value, along) =
                    if weight == 0.0 { (0.0, 0.0) } else { (weight * d.value, weight * d.derivative) };
                self.workspace.delta[last][at] = T::constant(value);
                self.rdelta[last][at] = T::constant(along);
            }
        }
    }

    /// From the last layer down: the sums of every layer, δ and R δ of the one below.
    fn backward(&mut self, network: &Network, theta: &[T], v: &[T], block: &Block<'_, T>) {
        let rows = block.rows;
        for l in (0..network.depth()).rev() {
            let layer = network.layer(l);
            let (delta_below, delta) = self.workspace.delta.split_at_mut(l);
            let (rdelta_below, rdelta) = self.rdelta.split_at_mut(l);
            let (delta, rdelta) = (&delta[0][..rows * layer.units], &rdelta[0][..rows * layer.units]);
            let a = if l == 0 { block.x } else { &self.workspace.a[l - 1][..rows * layer.inputs] };
            let sum = &mut self.sum[layer.weights.start..layer.bias.end];
            let (weights, bias) = sum.split_at_mut(layer.weights.len());
            let shape = [rows, layer.units, layer.inputs];
            add_at_b(weights, rdelta, a, shape);
            for row in rdelta.chunks_exact(layer.units) {
                bias.iter_mut().zip(row).for_each(|(sum, &d)| *sum += d);
            }
            if l == 0 {
                continue;
            }
            add_at_b(weights, delta, &self.ra[l - 1][..rows * layer.inputs], shape);
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

    /// The rows of B for one block: row k·s_L + o from the o-th v of example k.
    fn factors(
        &mut self,
        network: &Network,
        regularisation: &Regularisation,
        theta: &[T],
        block: &Block<'_, T>,
        factors: &mut [f64],
    ) {
        let (rows, outputs, n) = (block.rows, network.outputs(), network.weight_count());
        let last = network.depth() - 1;
        forward(network, theta, block.x, rows, &mut self.workspace, Keep::Slopes);
        targets(&mut self.workspace.smoothed, network, regularisation, block);
        let mut z = vec![0.0; outputs];
        let mut v = vec![0.0; outputs * outputs];
        let mut seeds = vec![T::zero(); rows * outputs * outputs];
        for k in 0..rows {
            let row = k * outputs..(k + 1) * outputs;
            z.iter_mut().zip(&self.workspace.z[last][row.clone()]).for_each(|(z, at)| *z = at.value());
            let y: Vec<f64> = if regularisation.label_smoothing == 0.0 {
                block.y[row].iter().map(|y| y.value()).collect()
            } else {
                self.workspace.smoothed[row].iter().map(|y| y.value()).collect()
            };
            curvature_roots(network, &z, &y, &mut v);
            let weight = block.weights.map_or(1.0, |w| w[k].value());
            for (o, v) in v.chunks_exact(outputs).enumerate() {
                for (i, v) in v.iter().enumerate() {
                    let seed = if weight == 0.0 { 0.0 } else { weight.sqrt() * v };
                    seeds[(o * rows + k) * outputs + i] = T::constant(seed);
                }
            }
        }
        for (o, seed) in seeds.chunks_exact(rows * outputs).enumerate() {
            self.workspace.delta[last][..rows * outputs].copy_from_slice(seed);
            self.take_back(network, theta, block, |k, at, value| factors[(k * outputs + o) * n + at] = value);
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
        let rows = block.rows;
        for l in (0..network.depth()).rev() {
            let layer = network.layer(l);
            let a = if l == 0 { block.x } else { &self.workspace.a[l - 1][..rows * layer.inputs] };
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

/// Vectors v_o with Σ_o v_o v_oᵀ = C, one after the other: C = ∂²ℓ/∂z² of the losses that match their output, and
/// (∂a/∂z)ᵀ(∂a/∂z) of squared error.
fn curvature_roots(network: &Network, z: &[f64], y: &[f64], v: &mut [f64]) {
    let units = z.len();
    let mut a = vec![0.0; units];
    network.output().apply(z, &mut a);
    v.fill(0.0);
    match (network.loss(), network.output()) {
        (Loss::CrossEntropy, Output::Softmax) => {
            // C = m (diag p − p pᵀ) = Σ_o m p_o (e_o − p)(e_o − p)ᵀ, m the mass of the target.
            let mass: f64 = y.iter().sum();
            for o in 0..units {
                let root = (mass * a[o]).sqrt();
                for i in 0..units {
                    v[o * units + i] = root * (f64::from(u8::from(i == o)) - a[i]);
                }
            }
        }
        (_, Output::Softmax) => {
            // ∂a_o/∂z_i = p_o (1_oi − p_i)
            for o in 0..units {
                for i in 0..units {
                    v[o * units + i] = a[o] * (f64::from(u8::from(i == o)) - a[i]);
                }
            }
        }
        (loss, output) => {
            for o in 0..units {
                v[o * units + o] = match (loss, output) {
                    (Loss::CrossEntropy, _) => crate::activation::sigmoid_and_slope(z[o]).1.sqrt(),
                    (Loss::Poisson, _) => a[o].sqrt(),
                    (Loss::Gamma, _) => (y[o] * (-z[o]).exp()).sqrt(),
                    (_, Output::Sigmoid) => crate::activation::sigmoid_and_slope(z[o]).1,
                    (_, Output::Exp) => a[o],
                    _ => 1.0,
                };
            }
        }
    }
}
