//! The specification: backpropagation as the course writes it, in scalar loops, one example at a time.
//!
//! Read this file first. Nothing here is fast; every line is an equation of docs/notation.md, and the fast path
//! (forward.rs, loss/, backward.rs, objective.rs) is tested to give the same numbers. Units count from 0 in
//! code and from 1 in the equations; `a[l]` is a⁽ˡ⁺¹⁾, so `a[0]` is the input.

use crate::activation::{Activation, LEAKY_SLOPE, SELU_SATURATION, SELU_SCALE};
use crate::loss::{Loss, Output};
use crate::network::{Network, WeightId};
use crate::regularisation::Regularisation;

/// One example's way through the network and back.
#[derive(Debug, Clone)]
pub struct Trace {
    /// z of layers 2…L; `z[0]` is z⁽²⁾.
    pub z: Vec<Vec<f64>>,
    /// a of layers 1…L; `a[0]` is the input.
    pub a: Vec<Vec<f64>>,
    /// δ of layers 2…L; `delta[0]` is δ⁽²⁾.
    pub delta: Vec<Vec<f64>>,
    /// ℓ of this example.
    pub cost: f64,
}

/// J(Θ) and the unrolled ∇J for rows of inputs and targets, each row with a weight.
///
/// `theta` is the flat vector of [`crate::params`].
pub fn cost_and_grad(
    network: &Network,
    theta: &[f64],
    rows: &[(&[f64], &[f64], f64)],
    regularisation: Regularisation,
) -> (f64, Vec<f64>) {
    let total: f64 = rows.iter().map(|(_, _, w)| w).sum(); // M = Σ w_k
    let mut grad_sum = vec![0.0; theta.len()]; // Δ = 0
    let mut cost = 0.0;
    for &(x, y, w) in rows {
        if w == 0.0 {
            continue; // a row of weight 0 is not there
        }
        let trace = backpropagate(network, theta, x, &smooth(network, y, regularisation.label_smoothing));
        cost += w * trace.cost;
        for (p, sum) in grad_sum.iter_mut().enumerate() {
            let WeightId { layer, unit, source } = network.weight_at(p);
            let a = source.map_or(1.0, |j| trace.a[layer][j]); // the bias meets a₀ = 1
            *sum += w * trace.delta[layer][unit] * a; // Δ⁽ˡ⁾_ij += w a⁽ˡ⁾_j δ⁽ˡ⁺¹⁾_i
        }
    }
    let lambda = regularisation.lambda;
    let mut grad = vec![0.0; theta.len()];
    let mut squares = 0.0;
    for p in 0..theta.len() {
        let is_bias = network.weight_at(p).source.is_none();
        grad[p] = if is_bias {
            grad_sum[p] / total // D_i0 = Δ_i0 / M
        } else {
            squares += theta[p] * theta[p];
            (grad_sum[p] + lambda * theta[p]) / total // D_ij = (Δ_ij + λ Θ_ij) / M
        };
    }
    (cost / total + lambda / (2.0 * total) * squares, grad)
}

/// Forward and backward for one example.
pub fn backpropagate(network: &Network, theta: &[f64], x: &[f64], y: &[f64]) -> Trace {
    backpropagate_dropped(network, theta, (x, y), &[])
}

/// The same with a factor d for the inputs and every hidden unit, 0 where it is dropped: a = d ∘ g(z). An empty list of
/// a layer, or of all, drops nothing.
pub fn backpropagate_dropped(
    network: &Network,
    theta: &[f64],
    (x, y): (&[f64], &[f64]),
    factors: &[Vec<f64>],
) -> Trace {
    let (z, a) = forward_dropped(network, theta, x, factors);
    let last = network.depth() - 1;
    let mut delta = vec![Vec::new(); network.depth()];
    delta[last] = last_delta(network, &z[last], y);
    for l in (0..last).rev() {
        let above = network.layer(l + 1);
        delta[l] = (0..above.inputs)
            .map(|j| {
                // δ⁽ˡ⁾_j = (Σ_i δ⁽ˡ⁺¹⁾_i W⁽ˡ⁾_ij) g′(z⁽ˡ⁾_j): the bias column drops out
                let blame: f64 = (0..above.units)
                    .map(|i| delta[l + 1][i] * theta[above.weights.start + i * above.inputs + j])
                    .sum();
                // with dropout: ∘ d⁽ˡ⁾, for a = d ∘ g(z)
                blame * slope(network.hidden()[l], z[l][j]) * factor(factors, l + 1, j)
            })
            .collect();
    }
    let cost = loss(network, &z[last], y);
    Trace { z, a, delta, cost }
}

/// z⁽ˡ⁺¹⁾ = Θ⁽ˡ⁾ [1; a⁽ˡ⁾] and a⁽ˡ⁺¹⁾ = g(z⁽ˡ⁺¹⁾).
pub fn forward(network: &Network, theta: &[f64], x: &[f64]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    forward_dropped(network, theta, x, &[])
}

/// d of unit `j` of layer `l`, the inputs being layer 0; 1 where nothing is dropped.
pub(crate) fn factor(factors: &[Vec<f64>], l: usize, j: usize) -> f64 {
    factors.get(l).and_then(|layer| layer.get(j)).copied().unwrap_or(1.0)
}

fn forward_dropped(
    network: &Network,
    theta: &[f64],
    x: &[f64],
    factors: &[Vec<f64>],
) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut a: Vec<Vec<f64>> = vec![x.iter().enumerate().map(|(j, x)| x * factor(factors, 0, j)).collect()];
    let mut zs = Vec::new();
    for (l, layer) in network.layers().enumerate() {
        let z: Vec<f64> = (0..layer.units)
            .map(|i| {
                let mut z = theta[layer.bias.start + i];
                for j in 0..layer.inputs {
                    z += theta[layer.weights.start + i * layer.inputs + j] * a[l][j];
                }
                z
            })
            .collect();
        a.push(match network.hidden().get(l) {
            Some(&activation) => {
                let unit = |(j, &z): (usize, &f64)| activate(activation, z) * factor(factors, l + 1, j);
                z.iter().enumerate().map(unit).collect()
            }
            None => predict(network.output(), &z),
        });
        zs.push(z);
    }
    (zs, a)
}

/// y(1 − s) + s/K over K classes; s/2 for independent labels.
pub fn smooth(network: &Network, y: &[f64], share: f64) -> Vec<f64> {
    let spread =
        if network.output() == Output::Softmax { y.iter().sum::<f64>() / y.len() as f64 } else { 0.5 };
    y.iter().map(|y| if share == 0.0 { *y } else { y * (1.0 - share) + share * spread }).collect()
}

/// σ(z).
fn sigmoid(z: f64) -> f64 {
    // For z < 0, 1/(1 + e^−z) would divide by infinity; e^z/(1 + e^z) is the same number.
    if z >= 0.0 { 1.0 / (1.0 + (-z).exp()) } else { z.exp() / (1.0 + z.exp()) }
}

/// g(z).
pub fn activate(activation: Activation, z: f64) -> f64 {
    match activation {
        Activation::Identity => z,
        Activation::Sigmoid => sigmoid(z),
        Activation::Tanh => z.tanh(),
        Activation::Relu => {
            if z > 0.0 {
                z
            } else {
                0.0
            }
        }
        Activation::LeakyRelu => {
            if z > 0.0 {
                z
            } else {
                LEAKY_SLOPE * z
            }
        }
        Activation::Elu => {
            if z > 0.0 {
                z
            } else {
                z.exp_m1()
            }
        }
        Activation::Selu => SELU_SCALE * if z > 0.0 { z } else { SELU_SATURATION * z.exp_m1() },
        Activation::Gelu => z * normal_cdf(z),
        Activation::Silu => z * sigmoid(z),
        Activation::Softplus => softplus(z),
        Activation::Mish => z * softplus(z).tanh(),
    }
}

/// g′(z).
pub fn slope(activation: Activation, z: f64) -> f64 {
    match activation {
        Activation::Identity => 1.0,
        Activation::Sigmoid => sigmoid(z) * sigmoid(-z), // σ(1 − σ), and 1 − σ(z) = σ(−z)
        Activation::Tanh => 4.0 * sigmoid(2.0 * z) * sigmoid(-2.0 * z), // tanh z = 2σ(2z) − 1
        Activation::Relu => {
            if z > 0.0 {
                1.0
            } else {
                0.0
            }
        }
        Activation::LeakyRelu => {
            if z > 0.0 {
                1.0
            } else {
                LEAKY_SLOPE
            }
        }
        Activation::Elu => {
            if z > 0.0 {
                1.0
            } else {
                z.exp()
            }
        }
        Activation::Selu => SELU_SCALE * if z > 0.0 { 1.0 } else { SELU_SATURATION * z.exp() },
        Activation::Gelu => normal_cdf(z) + z * (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt(),
        Activation::Silu => sigmoid(z) * (1.0 + z * sigmoid(-z)),
        Activation::Softplus => sigmoid(z),
        Activation::Mish => {
            // tanh′(s) = 4 σ(2s) σ(−2s) with s = ln(1 + eᶻ), and s′ = σ(z)
            let s = softplus(z);
            s.tanh() + z * 4.0 * sigmoid(2.0 * s) * sigmoid(-2.0 * s) * sigmoid(z)
        }
    }
}

fn softplus(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// a⁽ᴸ⁾ from z⁽ᴸ⁾.
pub fn predict(output: Output, z: &[f64]) -> Vec<f64> {
    match output {
        Output::Identity => z.to_vec(),
        Output::Sigmoid => z.iter().map(|&z| sigmoid(z)).collect(),
        Output::Exp => z.iter().map(|z| z.exp()).collect(),
        // p_k = 1 / Σ_j e^(z_j − z_k): no exponential of a large positive number survives in a p that matters
        Output::Softmax => z.iter().map(|k| 1.0 / z.iter().map(|j| (j - k).exp()).sum::<f64>()).collect(),
    }
}

/// a − y of unit k, with 1 − a computed and not subtracted where a may round to 1.
fn residual(output: Output, z: &[f64], y: &[f64], k: usize) -> f64 {
    let a = predict(output, z);
    let one_minus_a = match output {
        Output::Sigmoid => sigmoid(-z[k]),
        Output::Softmax => (0..z.len()).filter(|&j| j != k).map(|j| a[j]).sum(),
        Output::Identity | Output::Exp => return a[k] - y[k],
    };
    a[k] * (1.0 - y[k]) - y[k] * one_minus_a
}

/// ℓ(z, y).
pub fn loss(network: &Network, z: &[f64], y: &[f64]) -> f64 {
    let output = network.output();
    let units = 0..z.len();
    match (network.loss(), output) {
        (Loss::CrossEntropy, Output::Softmax) => {
            // −Σ y ln p, with ln p_k = −ln Σ_j e^(z_j − z_k)
            units.filter(|&k| y[k] != 0.0).map(|k| y[k] * log_sum_exp(z, k)).sum()
        }
        (Loss::CrossEntropy, _) => {
            // −y ln σ(z) − (1 − y) ln σ(−z)
            units.map(|k| y[k] * softplus(-z[k]) + (1.0 - y[k]) * softplus(z[k])).sum()
        }
        (Loss::Poisson, _) => units.map(|k| z[k].exp() - y[k] * z[k]).sum(),
        (Loss::Gamma, _) => units.map(|k| z[k] + y[k] * (-z[k]).exp()).sum(),
        (loss, _) => units.map(|k| penalty(loss, k, residual(output, z, y, k)).0).sum(),
    }
}

/// ln Σ_j e^(z_j − z_k), exact where class k is nearly certain.
fn log_sum_exp(z: &[f64], k: usize) -> f64 {
    let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if z[k] == max {
        return (0..z.len()).filter(|&j| j != k).map(|j| (z[j] - max).exp()).sum::<f64>().ln_1p();
    }
    (max - z[k]) + z.iter().map(|z| (z - max).exp()).sum::<f64>().ln()
}

/// (ρ(r), ρ′(r)) of a loss of the residual r = a − y.
fn penalty(loss: &Loss, k: usize, r: f64) -> (f64, f64) {
    let sign = if r == 0.0 { 0.0 } else { r.signum() };
    match loss {
        Loss::Absolute => (r.abs(), sign),
        Loss::Huber { delta } if r.abs() > *delta => (delta * (r.abs() - 0.5 * delta), delta * sign),
        Loss::Quantile { levels } => {
            let q = levels[k];
            let slope = if r > 0.0 {
                1.0 - q
            } else if r < 0.0 {
                -q
            } else {
                0.0
            };
            (slope * r, slope)
        }
        _ => (0.5 * r * r, r),
    }
}

/// ∂ℓ/∂a⁽ᴸ⁾ of the losses that are functions of a − y.
pub fn residual_slope(network: &Network, z: &[f64], y: &[f64]) -> Vec<f64> {
    (0..z.len()).map(|k| penalty(network.loss(), k, residual(network.output(), z, y, k)).1).collect()
}

/// δ⁽ᴸ⁾ = ∂ℓ/∂z⁽ᴸ⁾: a − y where loss and output match, else ∂ℓ/∂a times the output's Jacobian.
pub fn last_delta(network: &Network, z: &[f64], y: &[f64]) -> Vec<f64> {
    let output = network.output();
    let a = predict(output, z);
    let units = 0..z.len();
    match network.loss() {
        Loss::CrossEntropy if output == Output::Softmax => units
            .clone()
            .map(|k| {
                // p_k Σ_j y_j − y_k = Σ_{j≠k} (p_k y_j − y_k p_j)
                units.clone().filter(|&j| j != k).map(|j| a[k] * y[j] - y[k] * a[j]).sum()
            })
            .collect(),
        Loss::CrossEntropy | Loss::Poisson => units.map(|k| residual(output, z, y, k)).collect(),
        Loss::Gamma => units.map(|k| 1.0 - y[k] * (-z[k]).exp()).collect(),
        _ => {
            let c = residual_slope(network, z, y);
            units
                .clone()
                .map(|k| match output {
                    Output::Identity => c[k],
                    Output::Sigmoid => c[k] * slope(Activation::Sigmoid, z[k]),
                    Output::Exp => c[k] * a[k],
                    // Σ_j c_j ∂a_j/∂z_k = Σ_j c_j a_j (1[j=k] − a_k) = a_k Σ_j a_j (c_k − c_j)
                    Output::Softmax => a[k] * units.clone().map(|j| a[j] * (c[k] - c[j])).sum::<f64>(),
                })
                .collect()
        }
    }
}
