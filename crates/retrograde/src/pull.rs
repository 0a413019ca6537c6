//! How hard each row pulls: the norm of its own gradient, without computing its own gradient.
//!
//! ∇J_k is an outer product layer by layer, so ‖∇J_k‖² = Σ_l w_k² ‖δ_k⁽ˡ⁺¹⁾‖² (1 + ‖a_k⁽ˡ⁾‖²): two norms per
//! layer that one ordinary backward pass has at hand (Goodfellow 2015).

use crate::error::Result;
use crate::evaluator::{Evaluator, Visited};
use crate::examples::Examples;
use crate::network::Network;
use crate::params::Params;
use crate::real::{Scalar, dot};
use crate::regularisation::Regularisation;

/// ‖∇J_k‖ for every row k, where J_k = w_k ℓ_k: without λ and without 1/M. At most `threads` threads work, 0 for all there are;
/// the numbers do not depend on it.
///
/// # Errors
/// Regularisation (its label smoothing counts here) out of range.
pub fn gradient_norms<T: Scalar>(
    params: &Params<T>,
    examples: &Examples<'_, T>,
    regularisation: Regularisation,
    threads: usize,
) -> Result<Vec<f64>> {
    let network = params.network();
    of_every_row(params, examples, (regularisation, threads), |at, k| norm_of_row(network, at, k))
}

/// ℓ_k for every row k: without its weight, λ and 1/M. Threads as in [`gradient_norms`].
///
/// # Errors
/// Regularisation (its label smoothing counts here) out of range.
pub fn costs<T: Scalar>(
    params: &Params<T>,
    examples: &Examples<'_, T>,
    regularisation: Regularisation,
    threads: usize,
) -> Result<Vec<f64>> {
    of_every_row(params, examples, (regularisation, threads), |at, k| at.workspace.costs[k].value())
}

/// What `of_row` finds in each row of a block that has gone forward and backward.
fn of_every_row<T: Scalar>(
    params: &Params<T>,
    examples: &Examples<'_, T>,
    (regularisation, threads): (Regularisation, usize),
    of_row: impl Fn(&Visited<'_, T>, usize) -> f64 + Sync,
) -> Result<Vec<f64>> {
    let network = params.network();
    examples.expect_for(network)?;
    let mut evaluator = Evaluator::of_blocks(network, regularisation, examples.rows(), threads)?;
    let mut found = Vec::with_capacity(examples.rows());
    evaluator.over_blocks(
        params.values(),
        examples,
        |at| (0..at.block.rows).map(|k| of_row(at, k)).collect::<Vec<f64>>(),
        |_, of_block| found.extend(of_block),
    );
    Ok(found)
}

fn norm_of_row<T: Scalar>(network: &Network, at: &Visited<'_, T>, k: usize) -> f64 {
    let mut square = 0.0;
    for (l, layer) in network.layers().enumerate() {
        let delta = &at.workspace.delta[l][k * layer.units..(k + 1) * layer.units];
        let a = match l {
            0 => &at.block.x.row(k)[..],
            _ => &at.workspace.a[l - 1][k * layer.inputs..(k + 1) * layer.inputs],
        };
        square += dot(delta, delta) * (1.0 + dot(a, a)); // δ carries w_k
    }
    square.sqrt()
}

/// The mean over the rows of |w_k a_j δ_i| for every weight, in flat order: how hard the rows pull at it, in whatever direction.
///
/// # Errors
/// Regularisation (its label smoothing counts here) out of range.
pub fn mean_pulls(
    params: &Params<f64>,
    examples: &Examples<'_, f64>,
    regularisation: Regularisation,
) -> Result<Vec<f64>> {
    let network = params.network();
    examples.expect_for(network)?;
    let mut evaluator =
        Evaluator::new(network, regularisation, examples.rows().min(crate::forward::BLOCK_ROWS), 1)?;
    let mut sums = vec![0.0; network.weight_count()];
    evaluator.visit_blocks(params.values(), examples, |_, block, workspace| {
        for k in 0..block.rows {
            for (l, layer) in network.layers().enumerate() {
                let delta = &workspace.delta[l][k * layer.units..(k + 1) * layer.units];
                let a = match l {
                    0 => &block.x.row(k)[..],
                    _ => &workspace.a[l - 1][k * layer.inputs..(k + 1) * layer.inputs],
                };
                for (i, delta) in delta.iter().enumerate() {
                    let delta = delta.abs(); // δ carries w_k
                    let start = layer.weights.start + i * layer.inputs;
                    for (sum, a) in sums[start..start + layer.inputs].iter_mut().zip(a) {
                        *sum += delta * a.abs();
                    }
                    sums[layer.bias.start + i] += delta;
                }
            }
        }
    });
    let rows = examples.rows() as f64;
    Ok(sums.into_iter().map(|sum| sum / rows).collect())
}
