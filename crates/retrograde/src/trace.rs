//! Everything backpropagation computes on its way, for every row and layer: what explanations are made of.

use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::examples::Examples;
use crate::params::Params;
use crate::real::Scalar;
use crate::regularisation::Regularisation;
use ndarray::Array2;

/// Z, A, g′(Z) and δ of every layer for m rows. Index 0 of each list is layer 2, the first that computes.
#[derive(Debug, Clone)]
pub struct Trace<T> {
    /// Z⁽²⁾ … Z⁽ᴸ⁾, each m×s_l.
    pub z: Vec<Array2<T>>,
    /// A⁽²⁾ … A⁽ᴸ⁾.
    pub a: Vec<Array2<T>>,
    /// g′(Z⁽²⁾) … g′(Z⁽ᴸ⁻¹⁾): the hidden layers only.
    pub slope: Vec<Array2<T>>,
    /// δ⁽²⁾ … δ⁽ᴸ⁾ = ∂ℓ_k/∂z, of each row for itself: without row weights and without 1/M.
    pub delta: Vec<Array2<T>>,
    /// ℓ_k of every row.
    pub costs: Vec<T>,
    /// ∂ℓ_k/∂x, m×s_1.
    pub input_delta: Array2<T>,
}

impl<T: Scalar> Trace<T> {
    /// Forward and backward for every row of `examples`, whose weights are not used.
    ///
    /// # Errors
    /// Regularisation (its label smoothing counts here) out of range.
    pub fn of(
        params: &Params<T>,
        examples: &Examples<'_, T>,
        regularisation: Regularisation,
    ) -> Result<Self> {
        let network = params.network();
        examples.expect_for(network)?;
        let rows = examples.rows();
        let unweighted = examples.unweighted();
        let zeros = |sizes: &[usize]| {
            sizes.iter().map(|&s| Array2::from_elem((rows, s), T::zero())).collect::<Vec<_>>()
        };
        let after_input = &network.sizes()[1..];
        let mut trace = Self {
            z: zeros(after_input),
            a: zeros(after_input),
            slope: zeros(&after_input[..after_input.len() - 1]),
            delta: zeros(after_input),
            costs: Vec::with_capacity(rows),
            input_delta: Array2::from_elem((rows, network.inputs()), T::zero()),
        };
        let mut evaluator = Evaluator::new(network, regularisation, rows.min(crate::forward::BLOCK_ROWS), 1)?;
        evaluator.visit_blocks(params.values(), &unweighted, |first, block, workspace| {
            let copy = |from: &[Vec<T>], to: &mut [Array2<T>]| {
                for (from, to) in from.iter().zip(to) {
                    let width = to.ncols();
                    let to = to.as_slice_mut().expect("a fresh matrix is contiguous");
                    to[first * width..(first + block.rows) * width]
                        .copy_from_slice(&from[..block.rows * width]);
                }
            };
            copy(&workspace.z, &mut trace.z);
            copy(&workspace.a, &mut trace.a);
            copy(&workspace.slope, &mut trace.slope);
            copy(&workspace.delta, &mut trace.delta);
            trace.costs.extend_from_slice(&workspace.costs[..block.rows]);
            let width = network.inputs();
            let out = trace.input_delta.as_slice_mut().expect("a fresh matrix is contiguous");
            let out = &mut out[first * width..(first + block.rows) * width];
            crate::backward::input_gradient(network, params.values(), block.rows, workspace, out);
        });
        Ok(trace)
    }
}
