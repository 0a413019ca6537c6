//! The two witnesses of a derivative: central differences with their uncertainty, and dual numbers.
//!
//! Both start from the reference's forward pass, row by row, and change one weight: only what lies above it is
//! computed again, in differences from the unchanged pass, so that the rounding of large z cancels. Neither
//! uses the fast path nor any g′ of it.

use crate::activation::Activation;
use crate::dropout::Draw;
use crate::dual::Dual;
use crate::evaluator::GROUP_BLOCKS;
use crate::examples::Examples;
use crate::forward::BLOCK_ROWS;
use crate::loss::{Loss, Output};
use crate::network::{Network, WeightId};
use crate::params::Params;
use crate::product::CHAIN;
use crate::real::{Real, Sum};
use crate::reference;
use crate::regularisation::Regularisation;

/// ε of f64.
const EPS: f64 = f64::EPSILON;
/// ε times this is the smallest number there is: what a product that underflows is off by.
const TINY: f64 = f64::MIN_POSITIVE;

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

/// One row with everything the unchanged network computes for it.
pub(crate) struct Row {
    pub weight: f64,
    /// d of the inputs and hidden units; empty where nothing is dropped.
    factors: Vec<Vec<f64>>,
    pub y: Vec<f64>,
    pub pass: reference::Trace,
    /// Σ_j |W_ij a_j| + |b_i|: what the rounding of z_i is proportional to.
    terms: Vec<Vec<f64>>,
    /// δ with every product taken by its magnitude, and what it moves with z: its rounding is proportional to it.
    magnitude: Vec<Vec<f64>>,
    /// The rounding of ℓ to first order, in units of ε.
    noise: f64,
    /// Units at a jump of g′, and the loss at one of its own, as far as rounding can tell.
    jumps: Vec<Vec<bool>>,
    loss_jump: bool,
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
        let value = self.theta[index];
        let reach = self.rows.iter().map(|r| r.input(id).abs()).fold(1.0, f64::max);
        // ∛ε balances truncation h² against rounding ε/h; the shift of z, not of Θ, is what must be small.
        let wanted = EPS.cbrt() * value.abs().max(1.0) / reach;
        let step = (value + wanted) - value;
        let (full, kink_full) = self.central_difference(id, step);
        let (half, kink_half) = self.central_difference(id, 0.5 * step);
        let decay = self.decay(index);
        let mut dual = Sum::default();
        let (mut noise, mut rounding) = (0.0, 0.0);
        let mut undefined = !self.finite;
        for row in &self.rows {
            dual.add(row.weight * self.shifted(row, id, Dual::new(0.0, 1.0)).derivative);
            noise += row.weight * row.noise;
            rounding += row.weight * row.rounding(id);
            undefined |= row.touches_jump(id);
        }
        let decay_rounding = 4.0 * decay.abs();
        let dual_uncertainty = EPS * (self.roundings() * rounding / self.total + decay_rounding);
        let truncation = 4.0 / 3.0 * (full - half).abs();
        let uncertainty = truncation + 4.0 * EPS * noise / (step * self.total) + dual_uncertainty;
        Derivative {
            index,
            id,
            value,
            step,
            numerical: full + decay,
            uncertainty,
            dual: dual.value() / self.total + decay,
            dual_uncertainty,
            kink: kink_full || kink_half,
            undefined,
        }
    }

    /// How many roundings, each of ε, a term of D goes through: those on its way through the network, and one for every
    /// row that is added within a chain and every chain that is added within a group. Groups are added with their rounding
    /// carried along, as all is here.
    fn roundings(&self) -> f64 {
        const CHAIN_ROWS: usize = CHAIN * BLOCK_ROWS;
        let rows = self.rows.len();
        32.0 + rows.min(CHAIN_ROWS) as f64 + rows.div_ceil(CHAIN_ROWS).min(GROUP_BLOCKS / CHAIN) as f64
    }

    /// (1/M) Σ w_k (ℓ_k(Θ + h e) − ℓ_k(Θ − h e))/2h, and whether a kink lies between. The penalty is a
    /// parabola, whose central difference is λΘ/M exactly: the caller adds it.
    fn central_difference(&self, id: WeightId, h: f64) -> (f64, bool) {
        let mut sum = Sum::default();
        let mut kink = false;
        for row in &self.rows {
            let (above, below) = (self.shifted_pass(row, id, h), self.shifted_pass(row, id, -h));
            sum.add(row.weight * (above.cost - below.cost));
            kink |= self.crosses(row, &above, &below, id);
        }
        (sum.value() / (2.0 * h * self.total), kink)
    }

    /// ℓ of a row with `shift` added to one weight, over any kind of number.
    fn shifted<R: Real>(&self, row: &Row, id: WeightId, shift: R) -> R {
        self.shifted_pass(row, id, shift).cost
    }

    fn shifted_pass<R: Real>(&self, row: &Row, id: WeightId, shift: R) -> Shifted<R> {
        // z_i⁽ˡ⁺¹⁾ moves by shift·a_j; above, z moves by W (a′ − a).
        let mut z = vec![lift(&row.pass.z[id.layer])];
        z[0][id.unit] += shift * R::constant(row.input(id));
        let mut change = vec![R::zero(); z[0].len()];
        for l in id.layer..self.network.depth() - 1 {
            let here = &z[l - id.layer];
            let activation = self.network.hidden()[l];
            for (unit, change) in change.iter_mut().enumerate() {
                let moved = l > id.layer || unit == id.unit;
                *change = if moved {
                    activation.value(here[unit]) * R::constant(row.factor(l + 1, unit))
                        - R::constant(row.pass.a[l + 1][unit])
                } else {
                    R::zero()
                };
            }
            let only = (l == id.layer).then_some(id.unit);
            let next = self.moved(l + 1, &row.pass.z[l + 1], &change, only);
            change = vec![R::zero(); next.len()];
            z.push(next);
        }
        let last = &z[z.len() - 1];
        let mut scratch = vec![R::zero(); last.len()];
        let cost = self.network.loss().cost(self.network.output(), last, &row.y, &mut scratch);
        Shifted { cost, z }
    }

    /// z + W·change of one layer; `only` names the single unit below that changed.
    fn moved<R: Real>(&self, l: usize, z: &[f64], change: &[R], only: Option<usize>) -> Vec<R> {
        let layer = self.network.layer(l);
        let weight = |i: usize, j: usize| R::constant(self.theta[layer.weights.start + i * layer.inputs + j]);
        (0..layer.units)
            .map(|i| {
                let base = R::constant(z[i]);
                if let Some(j) = only {
                    return base + weight(i, j) * change[j];
                }
                let mut sum = R::zero();
                for (j, &change) in change.iter().enumerate() {
                    sum += weight(i, j) * change;
                }
                base + sum
            })
            .collect()
    }

    /// Whether a unit's z, or the loss's residual, passes a kink between the two evaluations.
    fn crosses(&self, row: &Row, above: &Shifted<f64>, below: &Shifted<f64>, id: WeightId) -> bool {
        for (offset, (high, low)) in above.z.iter().zip(&below.z).enumerate() {
            let Some(activation) = self.network.hidden().get(id.layer + offset) else { continue };
            if activation.has_kink() && high.iter().zip(low).any(|(h, l)| h != l && (*h > 0.0) != (*l > 0.0))
            {
                return true;
            }
        }
        let output = self.network.output();
        let (high, low) = (&above.z[above.z.len() - 1], &below.z[below.z.len() - 1]);
        let (high, low) = (reference::predict(output, high), reference::predict(output, low));
        self.network.loss().kink_between(&low, &high, &row.y)
    }

    /// ∇J·v by one dual pass over all weights, and the rounding of D·v.
    pub fn along(&self, v: &[f64]) -> (f64, f64) {
        let mut derivative = Sum::default();
        let mut rounding = 0.0;
        for row in &self.rows {
            derivative.add(row.weight * self.row_along(row, v).derivative);
            rounding += row.weight * row.total_rounding(self.network, v);
        }
        let decay: Vec<f64> = (0..v.len()).map(|p| self.decay(p) * v[p]).collect();
        let decay_rounding: f64 = decay.iter().map(|d| 4.0 * d.abs()).sum();
        let rounding = EPS * (self.roundings() * rounding / self.total + decay_rounding);
        (derivative.value() / self.total + decay.iter().sum::<f64>(), rounding)
    }

    fn row_along(&self, row: &Row, v: &[f64]) -> Dual {
        let mut a: Vec<Dual> = lift(&row.pass.a[0]);
        for (l, layer) in self.network.layers().enumerate() {
            let z: Vec<Dual> = (0..layer.units)
                .map(|i| {
                    let at = |p: usize| Dual::new(self.theta[p], v[p]);
                    let mut z = at(layer.bias.start + i);
                    for (j, &a) in a.iter().enumerate() {
                        z += at(layer.weights.start + i * layer.inputs + j) * a;
                    }
                    // The value is known from the reference: no second rounding.
                    Dual::new(row.pass.z[l][i], z.derivative)
                })
                .collect();
            a = match self.network.hidden().get(l) {
                Some(activation) => {
                    let unit =
                        |(j, &z): (usize, &Dual)| activation.value(z) * Dual::constant(row.factor(l + 1, j));
                    z.iter().enumerate().map(unit).collect()
                }
                None => z,
            };
        }
        let mut scratch = vec![Dual::default(); a.len()];
        self.network.loss().cost(self.network.output(), &a, &row.y, &mut scratch)
    }

    /// ∂ℓ/∂Θ of one row alone, by dual numbers.
    pub fn row_derivative(&self, row: usize, index: usize) -> f64 {
        self.shifted(&self.rows[row], self.network.weight_at(index), Dual::new(0.0, 1.0)).derivative
    }

    /// Whether some derivative does not exist here.
    pub fn undefined_somewhere(&self) -> bool {
        !self.finite || self.rows.iter().any(|r| r.loss_jump || r.jumps.iter().flatten().any(|&j| j))
    }
}

/// A row's pass with one weight changed: z from the changed layer up.
struct Shifted<R> {
    cost: R,
    z: Vec<Vec<R>>,
}

fn lift<R: Real>(values: &[f64]) -> Vec<R> {
    values.iter().map(|&v| R::constant(v)).collect()
}

impl Row {
    fn new(
        network: &Network,
        theta: &[f64],
        (x, y): (&[f64], Vec<f64>),
        weight: f64,
        factors: Vec<Vec<f64>>,
    ) -> Self {
        let pass = reference::backpropagate_dropped(network, theta, (x, &y), &factors);
        let at = Place { network, theta, pass: &pass, factors: &factors };
        let terms: Vec<Vec<f64>> = network
            .layers()
            .enumerate()
            .map(|(l, layer)| {
                let product =
                    |i: usize, j: usize| theta[layer.weights.start + i * layer.inputs + j] * pass.a[l][j];
                (0..layer.units)
                    .map(|i| {
                        theta[layer.bias.start + i].abs()
                            + (0..layer.inputs).map(|j| product(i, j).abs()).sum::<f64>()
                    })
                    .collect()
            })
            .collect();
        let blame: Vec<f64> = pass.delta[network.depth() - 1].iter().map(|d| d.abs()).collect();
        let rounded = blame.iter().zip(curvature(network, &pass, &y)).map(|(d, c)| d + c).collect();
        // δ is multiplied by the weight of its row first; what underflows there is as large beside a light row.
        let tiny = if weight > 0.0 { TINY / weight.min(1.0) } else { 0.0 };
        let magnitude = at.magnitudes(rounded, tiny);
        let blame = at.magnitudes(blame, 0.0);
        let propagated: f64 =
            blame.iter().flatten().zip(terms.iter().flatten()).map(|(m, t)| m * (1.0 + t)).sum();
        let rounding = at.roundings(&terms);
        let jumps = network
            .hidden()
            .iter()
            .zip(pass.z.iter().zip(&rounding))
            .enumerate()
            .map(|(l, (g, (z, r)))| {
                // What is dropped moves nothing, jump or not.
                let jumps = |j: usize| g.slope_jumps() && reference::factor(&factors, l + 1, j) != 0.0;
                z.iter().zip(r).enumerate().map(|(j, (z, &r))| jumps(j) && z.abs() <= r).collect()
            })
            .collect();
        let of_output = output_roundings(network.output(), &pass, &rounding[network.depth() - 1]);
        let loss_jump = network.loss().on_jump(&pass.a[network.depth()], &of_output, &y);
        let noise = 4.0 * pass.cost.abs() + propagated;
        Self { weight, factors, y, pass, terms, magnitude, noise, jumps, loss_jump }
    }

    /// d of unit `j` of layer `l`, the inputs being layer 0.
    fn factor(&self, l: usize, j: usize) -> f64 {
        reference::factor(&self.factors, l, j)
    }

    fn is_finite(&self) -> bool {
        self.pass.cost.is_finite()
            && self.magnitude.iter().flatten().all(|m| m.is_finite())
            && self.noise.is_finite()
    }

    /// a_j that the weight multiplies; 1 for a bias.
    pub fn input(&self, id: WeightId) -> f64 {
        id.source.map_or(1.0, |j| self.pass.a[id.layer][j])
    }

    /// What the rounding of a_j δ_i is proportional to: δ_i moves with the rounding of every z.
    fn rounding(&self, id: WeightId) -> f64 {
        (self.input(id).abs() + TINY) * self.magnitude[id.layer][id.unit] * self.sensitivity() + TINY
    }

    fn total_rounding(&self, network: &Network, v: &[f64]) -> f64 {
        let mut sum = 0.0;
        for l in 0..network.depth() {
            let inputs: f64 = 1.0 + self.pass.a[l].iter().map(|a| a.abs()).sum::<f64>();
            let magnitude: f64 = self.magnitude[l].iter().sum();
            sum += inputs * magnitude;
        }
        debug_assert!(v.iter().all(|v| v.abs() == 1.0));
        sum * self.sensitivity()
    }

    /// 1 + the largest Σ|W a|: a relative change of ε in z by so much changes δ by so many ε.
    fn sensitivity(&self) -> f64 {
        1.0 + self.terms.iter().flatten().fold(0.0f64, |m, &t| m.max(t))
    }

    /// Whether changing the weight moves a unit that sits at its kink, or a loss that does.
    fn touches_jump(&self, id: WeightId) -> bool {
        if self.weight == 0.0 || self.input(id) == 0.0 {
            return false;
        }
        let own = self.jumps.get(id.layer).is_some_and(|units| units[id.unit]);
        let above = self.jumps.iter().skip(id.layer + 1).flatten().any(|&at| at);
        own || above || self.loss_jump
    }
}

/// One row's pass through the unchanged network.
#[derive(Clone, Copy)]
struct Place<'a> {
    network: &'a Network,
    theta: &'a [f64],
    pass: &'a reference::Trace,
    factors: &'a [Vec<f64>],
}

impl Place<'_> {
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
            let weight = |i: usize, j: usize| self.theta[above.weights.start + i * above.inputs + j].abs();
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
    /// what the layers below pass on.
    fn roundings(&self, terms: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut roundings: Vec<Vec<f64>> = Vec::new();
        let mut of_a = vec![0.0; self.network.inputs()];
        for (l, layer) in self.network.layers().enumerate() {
            let own = EPS * (layer.inputs + 2) as f64;
            let of_z: Vec<f64> = (0..layer.units)
                .map(|i| {
                    let row = &self.theta[layer.weights.start + i * layer.inputs..][..layer.inputs];
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
}

/// The factors of dropout, block by block as the fast path draws them.
struct Dropped {
    blocks: Vec<Vec<Vec<f64>>>,
}

impl Dropped {
    fn new(network: &Network, draw: Option<&Draw>, rows: usize) -> Self {
        let block = |(index, draw): (usize, &Draw)| {
            draw.factors(network, index, BLOCK_ROWS.min(rows - index * BLOCK_ROWS))
        };
        let draws = (0..rows.div_ceil(BLOCK_ROWS)).filter_map(|index| Some((index, draw?)));
        Self { blocks: draws.map(block).collect() }
    }

    /// Those of one row.
    fn of(&self, network: &Network, row: usize) -> Vec<Vec<f64>> {
        let Some(block) = self.blocks.get(row / BLOCK_ROWS) else { return Vec::new() };
        let k = row % BLOCK_ROWS;
        let of_layer = |(layer, &units): (&Vec<f64>, &usize)| {
            layer.get(k * units..(k + 1) * units).map(<[f64]>::to_vec).unwrap_or_default()
        };
        block.iter().zip(network.sizes()).map(of_layer).collect()
    }
}

/// The same of the prediction a⁽ᴸ⁾.
fn output_roundings(output: Output, pass: &reference::Trace, of_z: &[f64]) -> Vec<f64> {
    let (z, a) = (&pass.z[pass.z.len() - 1], &pass.a[pass.a.len() - 1]);
    let largest = of_z.iter().copied().fold(0.0, f64::max);
    let passed = |k: usize| match output {
        Output::Identity => of_z[k],
        Output::Sigmoid => reference::slope(Activation::Sigmoid, z[k]) * of_z[k],
        Output::Softmax => a[k] * (of_z[k] + largest),
        Output::Exp => a[k] * of_z[k],
    };
    (0..a.len()).map(|k| passed(k) + 4.0 * EPS * a[k].abs()).collect()
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

/// How much δ⁽ᴸ⁾ moves with z⁽ᴸ⁾, by order of magnitude: a − y may be 0 while its rounding is not.
fn curvature(network: &Network, pass: &reference::Trace, y: &[f64]) -> Vec<f64> {
    let (z, a) = (&pass.z[network.depth() - 1], &pass.a[network.depth()]);
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
