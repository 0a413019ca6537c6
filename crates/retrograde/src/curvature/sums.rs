//! Sums over rows by the library's products, for second derivatives.

use crate::network::LayerShape;
use crate::product::library::add_at_b;
use crate::real::Scalar;

/// Δ⁽ˡ⁾_ij += Σ_k δ⁽ˡ⁺¹⁾_ki a⁽ˡ⁾_kj and, for the bias, Δ⁽ˡ⁾_i0 += Σ_k δ⁽ˡ⁺¹⁾_ki.
///
/// At most `chunk` rows are summed by one product, so that long sums of f32 stay accurate.
pub(super) fn accumulate<T: Scalar>(
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
pub(super) fn accumulate_weights<T: Scalar>(
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
/// A matrix product adds these rows to the total one by one. 256 equal rows of f32 then lose 3e-6 of it.
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
