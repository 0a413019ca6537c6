//! Forward propagation: z⁽ˡ⁺¹⁾ = W⁽ˡ⁾ a⁽ˡ⁾ + b⁽ˡ⁾ and a⁽ˡ⁺¹⁾ = g(z⁽ˡ⁺¹⁾), a block of rows at a time.

use crate::dropout::Masks;
use crate::examples::{Inputs, contiguous};
use crate::loss::Scratch;
use crate::network::Network;
use crate::packed::Weights;
use crate::params::Params;
use crate::predict::Predictor;
use crate::product::{BLOCK_MOST, Start, multiply, multiply_sparse};
use crate::real::Scalar;
use crate::{Error, Result};
use ndarray::{Array2, ArrayView2};

/// Rows that go through the network together: enough for the matrix products, few enough for the first caches and for
/// short sums. Which rows are in a block depends on the rows alone, never on the threads.
pub const BLOCK_ROWS: usize = BLOCK_MOST;

/// Everything one block of rows leaves behind on its way: allocated once, used for every block.
///
/// Index `l` holds layer l+2 of the calculus: `z[0]` is Z⁽²⁾, what the first hidden layer receives.
#[derive(Debug)]
pub(crate) struct Workspace<T> {
    pub z: Vec<Vec<T>>,
    pub a: Vec<Vec<T>>,
    /// g′(z) of the hidden layers.
    pub slope: Vec<Vec<T>>,
    pub delta: Vec<Vec<T>>,
    /// ℓ of each row, unweighted.
    pub costs: Vec<T>,
    /// What the last layer computes with.
    pub scratch: Scratch<T>,
    /// The targets of the block when they are smoothed.
    pub smoothed: Vec<T>,
    /// The units dropped from the block.
    pub masks: Masks<T>,
}

/// Whether the pass will be followed by a backward one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Only the activations.
    Activations,
    /// The activations and g′(z), for the backward pass.
    Slopes,
}

impl<T: Scalar> Workspace<T> {
    pub fn new(network: &Network, rows: usize) -> Self {
        let buffers = |sizes: &[usize]| sizes.iter().map(|s| vec![T::zero(); s * rows]).collect::<Vec<_>>();
        let after_input = &network.sizes()[1..];
        Self {
            z: buffers(after_input),
            a: buffers(after_input),
            slope: buffers(&after_input[..after_input.len() - 1]),
            delta: buffers(after_input),
            costs: vec![T::zero(); rows],
            scratch: Scratch::new(rows, network.outputs()),
            smoothed: vec![T::zero(); rows * network.outputs()],
            masks: Masks::none(),
        }
    }

    /// For [`BLOCK_ROWS`] rows that go forward only.
    pub fn for_predictions(network: &Network) -> Self {
        let buffers = |sizes: &[usize]| sizes.iter().map(|s| vec![T::zero(); s * BLOCK_ROWS]).collect();
        let after_input = &network.sizes()[1..];
        Self {
            z: buffers(after_input),
            a: buffers(&after_input[..after_input.len() - 1]),
            slope: Vec::new(),
            delta: Vec::new(),
            costs: Vec::new(),
            scratch: Scratch::new(0, 0),
            smoothed: Vec::new(),
            masks: Masks::none(),
        }
    }
}

/// Z and A of every hidden layer and Z⁽ᴸ⁾ for `rows` rows of `x`; A⁽ᴸ⁾ is left to the loss, which shares its work.
pub(crate) fn forward<T: Scalar>(
    network: &Network,
    weights: Weights<'_, T>,
    x: Inputs<'_, T>,
    rows: usize,
    workspace: &mut Workspace<T>,
    keep: Keep,
) {
    workspace.masks.apply_to_inputs(x, rows);
    let Workspace { z, a, slope, masks, .. } = workspace;
    let x = masks.inputs(x);
    for (l, layer) in network.layers().enumerate() {
        let (below, here) = a.split_at_mut(l);
        let input = if l == 0 { x } else { Inputs::new(&below[l - 1], layer.inputs) };
        let z = &mut z[l][..rows * layer.units];
        // Z⁽ˡ⁺¹⁾ = 1 b⁽ˡ⁾ᵀ + A⁽ˡ⁾ W⁽ˡ⁾ᵀ
        let bias = &weights.theta[layer.bias];
        let w = weights.packed.forward(l);
        match input {
            Inputs::Dense(a) => multiply(z, (rows, |k| a.row(k)), w, Start::Row(bias)),
            Inputs::Sparse(a) => multiply_sparse(z, (rows, |k| a.row(k)), w, bias),
        }
        // A⁽ˡ⁺¹⁾ = g(Z⁽ˡ⁺¹⁾)
        if let Some(activation) = network.hidden().get(l) {
            let a = &mut here[0][..rows * layer.units];
            match keep {
                Keep::Activations => activation.apply(z, a),
                Keep::Slopes => {
                    let slope = &mut slope[l][..rows * layer.units];
                    activation.apply_with_slope(z, a, slope);
                    // a = d ∘ g(z) and ∂a/∂z = d ∘ g′(z) with the dropped units' d = 0
                    masks.apply(l, a);
                    masks.apply(l, slope);
                }
            }
        }
    }
}

/// A⁽ᴸ⁾ for every row of X: what the network predicts.
///
/// # Errors
/// [`Error::Shape`] when X has another number of columns than the network inputs, or is not row-major.
pub fn predict<T: Scalar>(params: &Params<T>, x: ArrayView2<'_, T>) -> Result<Array2<T>> {
    let network = params.network();
    if x.ncols() != network.inputs() {
        return Err(Error::Shape {
            what: "the input matrix",
            found: format!("{} columns wide", x.ncols()),
            expected: format!("{} inputs for {}", network.inputs(), network.describe()),
        });
    }
    let values = contiguous("the input matrix", x)?;
    let mut prediction = Array2::from_elem((x.nrows(), network.outputs()), T::zero());
    let out = prediction.as_slice_mut().expect("a fresh matrix is contiguous");
    Predictor::new(params, 1)?.predict_into(values, out)?;
    Ok(prediction)
}
