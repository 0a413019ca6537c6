//! The error is learnt from the back: δ⁽ᴸ⁾ from the loss, then δ⁽ˡ⁾ from δ⁽ˡ⁺¹⁾, and Δ⁽ˡ⁾ along the way.
//!
//! Each product carries its equation. A block's δ holds w_k ∂ℓ_k/∂z once the row weights are multiplied in at
//! the last layer: the recurrence is linear, so the weight travels to every layer by itself.

use crate::examples::Dense;
use crate::forward::Workspace;
use crate::loss::Rows;
use crate::machine::vectorised::vectorised;
use crate::network::Network;
use crate::packed::Weights;
use crate::product::library::a_b;
use crate::product::{Start, multiply};
use crate::real::Scalar;

/// δ⁽ᴸ⁾ (weighted) and Σ_k w_k ℓ_k of a block whose forward pass is in the workspace.
///
/// A weight of 0 means the row is not there: even an infinite loss then counts 0, not NaN.
pub(crate) fn last_layer<T: Scalar>(
    network: &Network,
    y: &[T],
    weights: Option<&[T]>,
    rows: usize,
    workspace: &mut Workspace<T>,
) -> f64 {
    let last = network.depth() - 1;
    let units = network.outputs();
    let all = rows * units;
    let Workspace { z, a, delta, costs, scratch, .. } = &mut *workspace;
    let found = Rows {
        z: &z[last][..all],
        y: &y[..all],
        a: &mut a[last][..all],
        delta: &mut delta[last][..all],
        costs: &mut costs[..rows],
    };
    network.loss().rows_cost_and_delta(network.output(), found, scratch);
    let Some(weights) = weights else { return costs[..rows].iter().map(|cost| cost.value()).sum() };
    let mut cost = 0.0;
    for (k, &weight) in weights.iter().enumerate() {
        let delta = &mut workspace.delta[last][k * units..(k + 1) * units];
        if weight.value() == 0.0 {
            delta.fill(T::zero());
            forget(network, k, workspace);
        } else {
            cost += weight.value() * workspace.costs[k].value();
            scale(delta, weight);
        }
    }
    cost
}

/// Takes what the hidden layers hold of row `k` to 0: 0·∞ would be NaN where one of its units has overflowed.
pub(crate) fn forget<T: Scalar>(network: &Network, k: usize, workspace: &mut Workspace<T>) {
    for (l, &units) in network.sizes()[1..network.depth()].iter().enumerate() {
        let row = k * units..(k + 1) * units;
        workspace.a[l][row.clone()].fill(T::zero());
        workspace.slope[l][row].fill(T::zero());
    }
}

fn scale<T: Scalar>(values: &mut [T], factor: T) {
    for value in values {
        *value *= factor;
    }
}

/// From δ⁽ᴸ⁾ in the workspace: δ of every hidden layer.
pub(crate) fn backward<T: Scalar>(
    network: &Network,
    weights: Weights<'_, T>,
    rows: usize,
    workspace: &mut Workspace<T>,
) {
    for l in (1..network.depth()).rev() {
        let layer = network.layer(l);
        let (below, here) = workspace.delta.split_at_mut(l);
        let delta = Dense::new(&here[0], layer.units);
        let delta_below = &mut below[l - 1][..rows * layer.inputs];
        // δ⁽ˡ⁾ = (δ⁽ˡ⁺¹⁾ W⁽ˡ⁾) ∘ g′(z⁽ˡ⁾)
        multiply(delta_below, (rows, |k| delta.row(k)), weights.packed.backward(l), Start::Zero);
        multiply_each(delta_below, &workspace.slope[l - 1]);
    }
}

/// x ← x ∘ y.
fn multiply_each<T: Scalar>(x: &mut [T], y: &[T]) {
    vectorised(
        #[inline(always)]
        || {
            for (x, &y) in x.iter_mut().zip(y) {
                *x *= y;
            }
        },
    );
}

/// Δ⁽ˡ⁾_i0 += Σ_k δ⁽ˡ⁺¹⁾_ki for the units of `bias`, `first` and on of a layer `width` wide: the bias meets a = 1.
pub(crate) fn accumulate_bias<T: Scalar>(bias: &mut [T], delta: &[T], (width, first): (usize, usize)) {
    const TILE: usize = 64;
    vectorised(
        #[inline(always)]
        || {
            for (tile, bias) in bias.chunks_mut(TILE).enumerate() {
                let mut sum = [T::zero(); TILE];
                for row in delta.chunks_exact(width) {
                    for (sum, &delta) in sum.iter_mut().zip(&row[first + tile * TILE..][..bias.len()]) {
                        *sum += delta;
                    }
                }
                for (bias, sum) in bias.iter_mut().zip(sum) {
                    *bias += sum;
                }
            }
        },
    );
}

/// ∂J/∂X of the block, unaveraged: δ⁽²⁾ W⁽¹⁾, weighted like δ.
pub(crate) fn input_gradient<T: Scalar>(
    network: &Network,
    theta: &[T],
    rows: usize,
    workspace: &Workspace<T>,
    grad_x: &mut [T],
) {
    let layer = network.layer(0);
    let delta = &workspace.delta[0][..rows * layer.units];
    a_b(grad_x, delta, &theta[layer.weights.clone()], [rows, layer.units, layer.inputs]);
}
