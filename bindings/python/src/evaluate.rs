//! Predictions, and J and ∇J, of given weights.

use crate::arrays::{Inputs, Number, PyRows, Rows, View, by_dtype, in_use, without_gaps};
use crate::compute::{compute, raise};
use crate::network::Network;
use ndarray::{Array2, ArrayView2};
use numpy::{IntoPyArray, PyArray1, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use retrograde::pull::gradient_norms;
use retrograde::{Evaluator, Params, Predictor, Regularisation};

/// A⁽ᴸ⁾, m×s_L, of every row of x.
#[pyfunction]
pub(crate) fn predict<'py>(
    network: &Network,
    theta: &Bound<'py, PyAny>,
    x: &Bound<'py, PyAny>,
    threads: usize,
) -> PyResult<Bound<'py, PyAny>> {
    by_dtype!(theta, predictions(&network.inner, x, threads))
}

fn predictions<'py, T: Number>(
    theta: &Bound<'py, PyArray1<T>>,
    network: &retrograde::Network,
    x: &Bound<'py, PyAny>,
    threads: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let params = Params::from_values(network, copied(theta)?).map_err(raise)?;
    let x = Inputs::<T>::new(x)?;
    let view = x.view(network)?;
    let rows = view.rows();
    let out = match view {
        View::Dense(x) => {
            let x = whole_rows(network, x)?;
            compute(theta.py(), || {
                let mut out = vec![T::zero(); rows * network.outputs()];
                Predictor::new(&params, threads)?.predict_into(x, &mut out)?;
                Ok(out)
            })?
        }
        View::Sparse(x) => compute(theta.py(), || {
            let mut out = vec![T::zero(); rows * network.outputs()];
            Predictor::new(&params, threads)?.predict_sparse_into(x, &mut out)?;
            Ok(out)
        })?,
    };
    let out = Array2::from_shape_vec((rows, network.outputs()), out);
    let out = out.map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(out.into_pyarray(theta.py()).into_any())
}

/// x row by row, with as many columns as the network has inputs.
fn whole_rows<'a, T>(network: &retrograde::Network, x: ArrayView2<'a, T>) -> PyResult<&'a [T]> {
    if x.ncols() != network.inputs() {
        let (found, wanted) = (x.ncols(), network.inputs());
        return Err(PyValueError::new_err(format!("x has {found} columns; expected {wanted}")));
    }
    without_gaps("x", x.to_slice())
}

/// A⁽²⁾ … A⁽ᴸ⁾ of every row of x: a list of arrays, each m×s_l.
#[pyfunction]
pub(crate) fn layers<'py>(
    network: &Network,
    theta: &Bound<'py, PyAny>,
    x: &Bound<'py, PyAny>,
    threads: usize,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    by_dtype!(theta, activations(&network.inner, x, threads))
}

fn activations<'py, T: Number>(
    theta: &Bound<'py, PyArray1<T>>,
    network: &retrograde::Network,
    x: &Bound<'py, PyAny>,
    threads: usize,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let params = Params::from_values(network, copied(theta)?).map_err(raise)?;
    let x = Inputs::<T>::new(x)?;
    let view = x.view(network)?;
    let rows = view.rows();
    let layers = match view {
        View::Dense(x) => {
            let x = whole_rows(network, x)?;
            compute(theta.py(), || Predictor::new(&params, threads)?.layers(x))?
        }
        View::Sparse(x) => compute(theta.py(), || Predictor::new(&params, threads)?.layers_sparse(x))?,
    };
    let arrays = layers.into_iter().zip(network.layers()).map(|(layer, shape)| {
        let layer = Array2::from_shape_vec((rows, shape.units), layer);
        let layer = layer.map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(layer.into_pyarray(theta.py()).into_any())
    });
    arrays.collect()
}

/// ‖∇J_k‖ of every row, where J_k = w_k ℓ_k: without λ and without 1/M.
#[pyfunction]
pub(crate) fn pull<'py>(
    network: &Network,
    theta: &Bound<'py, PyAny>,
    rows: PyRows<'py>,
    threads: usize,
) -> PyResult<Bound<'py, PyAny>> {
    by_dtype!(theta, norms(&network.inner, &rows, threads))
}

fn norms<'py, T: Number>(
    theta: &Bound<'py, PyArray1<T>>,
    network: &retrograde::Network,
    rows: &PyRows<'py>,
    threads: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let params = Params::from_values(network, copied(theta)?).map_err(raise)?;
    let rows = Rows::<T>::new(rows)?;
    let examples = rows.examples(network)?;
    let compute_norms = || gradient_norms(&params, &examples, Regularisation::default(), threads);
    let norms = compute(theta.py(), compute_norms)?;
    Ok(norms.into_pyarray(theta.py()).into_any())
}

/// J and ∇J at θ, of one and the same function.
#[pyfunction]
pub(crate) fn cost_and_grad<'py>(
    network: &Network,
    theta: &Bound<'py, PyAny>,
    rows: PyRows<'py>,
    alpha: f64,
    threads: usize,
) -> PyResult<(f64, Bound<'py, PyAny>)> {
    by_dtype!(theta, evaluate(&network.inner, &rows, alpha, threads))
}

fn evaluate<'py, T: Number>(
    theta: &Bound<'py, PyArray1<T>>,
    network: &retrograde::Network,
    rows: &PyRows<'py>,
    alpha: f64,
    threads: usize,
) -> PyResult<(f64, Bound<'py, PyAny>)> {
    let params = Params::from_values(network, copied(theta)?).map_err(raise)?;
    let rows = Rows::<T>::new(rows)?;
    let examples = rows.examples(network)?;
    let regularisation = Regularisation::l2(alpha);
    regularisation.validate(network).map_err(raise)?;
    let (cost, grad) = compute(theta.py(), || {
        let mut grad = vec![T::zero(); network.weight_count()];
        let mut evaluator = Evaluator::new(network, regularisation, examples.rows(), threads)?;
        let cost = evaluator.cost_and_grad(params.values(), &examples, &mut grad);
        Ok((cost, grad))
    })?;
    Ok((cost, grad.into_pyarray(theta.py()).into_any()))
}

/// θ, copied.
pub(crate) fn copied<T: Number>(theta: &Bound<'_, PyArray1<T>>) -> PyResult<Vec<T>> {
    let theta = theta.try_readonly().map_err(|_| in_use("theta"))?;
    Ok(theta.as_array().to_vec())
}
