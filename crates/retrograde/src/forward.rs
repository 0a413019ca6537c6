//! Forward propagation: z⁽ˡ⁺¹⁾ = W⁽ˡ⁾ a⁽ˡ⁾ + b⁽ˡ⁾ and a⁽ˡ⁺¹⁾ = g(z⁽ˡ⁺¹⁾), a block of rows at a time.

use crate::dropout::Masks;
use crate::examples::contiguous;
use crate::network::Network;
use crate::params::Params;
use crate::product::add_a_bt;
use crate::real::Scalar;
use crate::{Error, Result};
use ndarray::{Array2, ArrayView2};

/// Rows that go through the network together: enough for the matrix products, small enough for the cache.
pub const BLOCK_ROWS: usize = 256;

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
            smoothed: vec![T::zero(); rows * network.outputs()],
            masks: Masks::none(),
        }
    }
}

/// Z and A of every hidden layer and Z⁽ᴸ⁾ for `rows` rows of `x`; A⁽ᴸ⁾ is left to the loss, which shares its work.
pub(crate) fn forward<T: Scalar>(
    network: &Network,
    theta: &[T],
    x: &[T],
    rows: usize,
    workspace: &mut Workspace<T>,
    keep: Keep,
) {
    debug_assert_eq!(x.len(), rows * network.inputs());
    let masks = &mut workspace.masks;
    masks.apply_to_inputs(x);
    let x = masks.inputs(x);
    for (l, layer) in network.layers().enumerate() {
        let (weights, bias) = (&theta[layer.weights.clone()], &theta[layer.bias.clone()]);
        let (below, here) = workspace.a.split_at_mut(l);
        let input = if l == 0 { x } else { &below[l - 1][..rows * layer.inputs] };
        let z = &mut workspace.z[l][..rows * layer.units];
        // Z⁽ˡ⁺¹⁾ = 1 b⁽ˡ⁾ᵀ + A⁽ˡ⁾ W⁽ˡ⁾ᵀ
        for row in z.chunks_exact_mut(layer.units) {
            row.copy_from_slice(bias);
        }
        add_a_bt(z, input, weights, [rows, layer.inputs, layer.units]);
        // A⁽ˡ⁺¹⁾ = g(Z⁽ˡ⁺¹⁾)
        if let Some(activation) = network.hidden().get(l) {
            let a = &mut here[0][..rows * layer.units];
            match keep {
                Keep::Activations => activation.apply(z, a),
                Keep::Slopes => {
                    let slope = &mut workspace.slope[l][..rows * layer.units];
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
    let mut workspace = Workspace::new(network, BLOCK_ROWS.min(x.nrows()));
    let out = prediction.as_slice_mut().expect("a fresh matrix is contiguous");
    let blocks =
        values.chunks(BLOCK_ROWS * network.inputs()).zip(out.chunks_mut(BLOCK_ROWS * network.outputs()));
    for (x, out) in blocks {
        let rows = x.len() / network.inputs();
        forward(network, params.values(), x, rows, &mut workspace, Keep::Activations);
        let z = &workspace.z[network.depth() - 1];
        for (z, a) in z.chunks_exact(network.outputs()).zip(out.chunks_exact_mut(network.outputs())) {
            network.output().apply(z, a);
        }
    }
    Ok(prediction)
}
