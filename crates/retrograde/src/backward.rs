//! The error is learnt from the back: δ⁽ᴸ⁾ from the loss, then δ⁽ˡ⁾ from δ⁽ˡ⁺¹⁾, and Δ⁽ˡ⁾ along the way.
//!
//! Each product carries its equation. A block's δ holds w_k ∂ℓ_k/∂z once the row weights are multiplied in at
//! the last layer: the recurrence is linear, so the weight travels to every layer by itself.

use crate::forward::Workspace;
use crate::network::{LayerShape, Network};
use crate::product::{a_b, add_at_b};
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
    let mut cost = 0.0;
    for k in 0..rows {
        let row = k * units..(k + 1) * units;
        let z = &workspace.z[last][row.clone()];
        let (a, delta) = (&mut workspace.a[last][row.clone()], &mut workspace.delta[last][row.clone()]);
        let loss = network.loss().cost_and_delta(network.output(), z, &y[row], a, delta);
        workspace.costs[k] = loss;
        match weights {
            None => cost += loss.value(),
            Some(w) if w[k].value() == 0.0 => {
                delta.fill(T::zero());
                forget(network, k, workspace);
            }
            Some(w) => {
                cost += w[k].value() * loss.value();
                scale(delta, w[k]);
            }
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

/// From δ⁽ᴸ⁾ in the workspace: δ of every hidden layer, and `grad_sum` += Δ of this block.
///
/// At most `chunk` rows are summed by one product, so that long sums of f32 stay accurate.
pub(crate) fn backward<T: Scalar>(
    network: &Network,
    theta: &[T],
    x: &[T],
    rows: usize,
    workspace: &mut Workspace<T>,
    (grad_sum, chunk): (&mut [T], usize),
) {
    for l in (0..network.depth()).rev() {
        let layer = network.layer(l);
        let input =
            if l == 0 { workspace.masks.inputs(x) } else { &workspace.a[l - 1][..rows * layer.inputs] };
        let delta = &workspace.delta[l][..rows * layer.units];
        accumulate(&layer, delta, input, grad_sum, chunk);
        if l > 0 {
            let (below, here) = workspace.delta.split_at_mut(l);
            let delta_below = &mut below[l - 1][..rows * layer.inputs];
            let weights = &theta[layer.weights.clone()];
            // δ⁽ˡ⁾ = (δ⁽ˡ⁺¹⁾ W⁽ˡ⁾) ∘ g′(z⁽ˡ⁾)
            a_b(delta_below, &here[0][..rows * layer.units], weights, [rows, layer.units, layer.inputs]);
            for (delta, &slope) in delta_below.iter_mut().zip(&workspace.slope[l - 1]) {
                *delta *= slope;
            }
        }
    }
}

/// Δ⁽ˡ⁾_ij += Σ_k δ⁽ˡ⁺¹⁾_ki a⁽ˡ⁾_kj and, for the bias, Δ⁽ˡ⁾_i0 += Σ_k δ⁽ˡ⁺¹⁾_ki.
pub(crate) fn accumulate<T: Scalar>(
    layer: &LayerShape,
    delta: &[T],
    input: &[T],
    grad_sum: &mut [T],
    chunk: usize,
) {
    accumulate_weights(layer, delta, input, grad_sum, chunk);
    let bias = &mut grad_sum[layer.bias.clone()];
    // The bias meets a = 1; its rows are summed in short runs for the same reason.
    for block in delta.chunks(RUN * layer.units) {
        for (i, bias) in bias.iter_mut().enumerate() {
            *bias += block.iter().skip(i).step_by(layer.units).copied().sum::<T>();
        }
    }
}

/// The same without the biases.
pub(crate) fn accumulate_weights<T: Scalar>(
    layer: &LayerShape,
    delta: &[T],
    input: &[T],
    grad_sum: &mut [T],
    chunk: usize,
) {
    let weights = &mut grad_sum[layer.weights.clone()];
    match (layer.units, layer.inputs) {
        (1, _) => add_weighted_rows(weights, delta, input),
        (_, 1) => add_weighted_rows(weights, input, delta),
        _ => {
            for (delta, input) in delta.chunks(chunk * layer.units).zip(input.chunks(chunk * layer.inputs)) {
                let rows = delta.len() / layer.units;
                add_at_b(weights, delta, input, [rows, layer.units, layer.inputs]);
            }
        }
    }
}

/// Rows added to each other before they are added to the total: the square root of a block's, so that neither
/// the run nor the runs become a long sum.
const RUN: usize = 16;

/// Δ_j += Σ_k v_k m_kj: the product above where one side is a single column.
///
/// faer adds the rows of such a product to the total one by one. 256 equal rows of f32 then lose 3e-6 of it.
fn add_weighted_rows<T: Scalar>(total: &mut [T], v: &[T], matrix: &[T]) {
    const TILE: usize = 64;
    let width = total.len();
    for (v, rows) in v.chunks(RUN).zip(matrix.chunks(RUN * width)) {
        for (tile, total) in total.chunks_mut(TILE).enumerate() {
            let mut sum = [T::zero(); TILE];
            for (&v, row) in v.iter().zip(rows.chunks_exact(width)) {
                for (sum, &m) in sum.iter_mut().zip(&row[tile * TILE..][..total.len()]) {
                    *sum += v * m;
                }
            }
            for (total, sum) in total.iter_mut().zip(sum) {
                *total += sum;
            }
        }
    }
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
