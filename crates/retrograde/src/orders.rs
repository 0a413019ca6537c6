//! Exact conversions between the flat vector and the orders other programs unroll parameters in.
//!
//! Every function only moves values, so they serve parameters and gradients alike, and there and back is the
//! identity bit for bit.

use crate::error::{Error, Result};
use crate::network::Network;
use crate::real::Scalar;
use ndarray::{Array1, Array2, ArrayView2};

fn check_length(network: &Network, found: usize) -> Result<()> {
    if found == network.weight_count() {
        return Ok(());
    }
    Err(Error::Shape {
        what: "the unrolled vector",
        found: format!("{found} long"),
        expected: format!("{} weights for {}", network.weight_count(), network.describe()),
    })
}

/// For each place of the course's vector [Theta1(:); Theta2(:); …], the place in the flat vector.
///
/// Theta is s_{l+1}×(s_l + 1) with the bias in its first column, unrolled column by column.
fn course_places(network: &Network) -> impl Iterator<Item = usize> + '_ {
    network.layers().flat_map(|layer| {
        let weights = move |i: usize, j: usize| layer.weights.start + i * layer.inputs + j;
        layer
            .bias
            .clone()
            .chain((0..layer.inputs).flat_map(move |j| (0..layer.units).map(move |i| weights(i, j))))
    })
}

/// Flat order → the course's order [Theta1(:); Theta2(:); …].
///
/// # Errors
/// A vector of another length than the network's.
pub fn to_course<T: Scalar>(network: &Network, flat: &[T]) -> Result<Vec<T>> {
    check_length(network, flat.len())?;
    Ok(course_places(network).map(|place| flat[place]).collect())
}

/// The course's order → flat order.
///
/// # Errors
/// A vector of another length than the network's.
pub fn from_course<T: Scalar>(network: &Network, course: &[T]) -> Result<Vec<T>> {
    check_length(network, course.len())?;
    let mut flat = vec![T::zero(); course.len()];
    for (place, &value) in course_places(network).zip(course) {
        flat[place] = value;
    }
    Ok(flat)
}

/// W⁽ˡ⁾ᵀ and b⁽ˡ⁾ for every l: scikit-learn's `coefs_` and `intercepts_`.
pub type Coefs<T> = (Vec<Array2<T>>, Vec<Array1<T>>);

/// Flat order → scikit-learn's `coefs_` (s_l×s_{l+1}) and `intercepts_`.
///
/// # Errors
/// A vector of another length than the network's.
pub fn to_sklearn<T: Scalar>(network: &Network, flat: &[T]) -> Result<Coefs<T>> {
    check_length(network, flat.len())?;
    let mut coefs = Vec::new();
    let mut intercepts = Vec::new();
    for layer in network.layers() {
        let weights = &flat[layer.weights.clone()];
        coefs
            .push(Array2::from_shape_fn((layer.inputs, layer.units), |(j, i)| weights[i * layer.inputs + j]));
        intercepts.push(Array1::from(flat[layer.bias.clone()].to_vec()));
    }
    Ok((coefs, intercepts))
}

/// scikit-learn's `coefs_` and `intercepts_` → flat order.
///
/// # Errors
/// Matrices that do not have the network's shapes.
pub fn from_sklearn<T: Scalar>(
    network: &Network,
    coefs: &[Array2<T>],
    intercepts: &[Array1<T>],
) -> Result<Vec<T>> {
    let transposed: Vec<ArrayView2<'_, T>> = coefs.iter().map(|c| c.t()).collect();
    from_matrices(network, &transposed, intercepts)
}

/// Flat order → PyTorch's `state_dict` order: `0.weight`, `0.bias`, … of a `Sequential` of `Linear` layers.
///
/// `Linear.weight` is W⁽ˡ⁾ row-major, so the values are the flat vector cut at the layers.
///
/// # Errors
/// A vector of another length than the network's.
pub fn to_torch<T: Scalar>(network: &Network, flat: &[T]) -> Result<Vec<(Array2<T>, Array1<T>)>> {
    check_length(network, flat.len())?;
    Ok(network
        .layers()
        .map(|layer| {
            let weights = &flat[layer.weights.clone()];
            let matrix =
                Array2::from_shape_fn((layer.units, layer.inputs), |(i, j)| weights[i * layer.inputs + j]);
            (matrix, Array1::from(flat[layer.bias.clone()].to_vec()))
        })
        .collect())
}

/// PyTorch's `state_dict` order → flat order.
///
/// # Errors
/// Matrices that do not have the network's shapes.
pub fn from_torch<T: Scalar>(network: &Network, linear: &[(Array2<T>, Array1<T>)]) -> Result<Vec<T>> {
    let weights: Vec<ArrayView2<'_, T>> = linear.iter().map(|(w, _)| w.view()).collect();
    let biases: Vec<Array1<T>> = linear.iter().map(|(_, b)| b.clone()).collect();
    from_matrices(network, &weights, &biases)
}

/// W⁽ˡ⁾ and b⁽ˡ⁾ of every layer → flat order.
fn from_matrices<T: Scalar>(
    network: &Network,
    weights: &[ArrayView2<'_, T>],
    biases: &[Array1<T>],
) -> Result<Vec<T>> {
    let mismatch = |what, found: String, expected: String| Err(Error::Shape { what, found, expected });
    if weights.len() != network.depth() || biases.len() != network.depth() {
        return mismatch(
            "the list of matrices",
            format!("{} weights and {} biases", weights.len(), biases.len()),
            format!("{} of each for {}", network.depth(), network.describe()),
        );
    }
    let mut flat = Vec::with_capacity(network.weight_count());
    for ((layer, w), b) in network.layers().zip(weights).zip(biases) {
        if w.dim() != (layer.units, layer.inputs) || b.len() != layer.units {
            return mismatch(
                "a weight matrix",
                format!("{:?} with a bias of {}", w.dim(), b.len()),
                format!("{:?} with a bias of {}", (layer.units, layer.inputs), layer.units),
            );
        }
        flat.extend(w.iter().copied());
        flat.extend(b.iter().copied());
    }
    Ok(flat)
}
