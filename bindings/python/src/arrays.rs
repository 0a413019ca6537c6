//! NumPy's arrays as the core's examples, borrowed and not copied.

use crate::compute::raise;
use crate::method::Held;
use ndarray::{ArrayView1, ArrayView2};
use numpy::{Element, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use retrograde::examples::Sparse;
use retrograde::{Examples, Network, Scalar};

/// A type that both θ and the core compute in.
pub(crate) trait Number: Scalar + Element + Held {}

impl Number for f32 {}

impl Number for f64 {}

/// `$function::<T>(θ, …)` with the type of θ.
macro_rules! by_dtype {
    ($theta:ident, $function:ident($($argument:expr),* $(,)?)) => {
        if let Ok(theta) = $theta.cast::<numpy::PyArray1<f64>>() {
            $function::<f64>(theta, $($argument),*)
        } else if let Ok(theta) = $theta.cast::<numpy::PyArray1<f32>>() {
            $function::<f32>(theta, $($argument),*)
        } else {
            Err($crate::arrays::no_theta($theta))
        }
    };
}
pub(crate) use by_dtype;

/// θ of another type.
pub(crate) fn no_theta(found: &Bound<'_, PyAny>) -> PyErr {
    let found = found.repr().map_or_else(|_| "another object".to_owned(), |text| text.to_string());
    PyTypeError::new_err(format!("theta must be a flat array of float32 or float64, not {found:.80}"))
}

/// A vector, borrowed.
pub(crate) fn vector<'py, T: Element>(
    what: &str,
    array: &Bound<'py, PyAny>,
) -> PyResult<PyReadonlyArray1<'py, T>> {
    let array =
        array.cast::<PyArray1<T>>().map_err(|_| wrong_type::<T>(array.py(), what, "a vector", array))?;
    array.try_readonly().map_err(|_| in_use(what))
}

/// A matrix, borrowed.
pub(crate) fn matrix<'py, T: Element>(
    what: &str,
    array: &Bound<'py, PyAny>,
) -> PyResult<PyReadonlyArray2<'py, T>> {
    let array =
        array.cast::<PyArray2<T>>().map_err(|_| wrong_type::<T>(array.py(), what, "a matrix", array))?;
    array.try_readonly().map_err(|_| in_use(what))
}

/// The numbers of a vector or matrix without gaps.
pub(crate) fn without_gaps<'a, T>(what: &str, slice: Option<&'a [T]>) -> PyResult<&'a [T]> {
    slice.ok_or_else(|| PyValueError::new_err(format!("{what} must be C-ordered and without gaps")))
}

/// An array that a computation under way writes to.
pub(crate) fn in_use(what: &str) -> PyErr {
    PyValueError::new_err(format!("{what} is in use by another computation, or may not be written to"))
}

fn wrong_type<T: Element>(py: Python<'_>, what: &str, shape: &str, found: &Bound<'_, PyAny>) -> PyErr {
    let found = match (found.getattr("dtype"), found.getattr("shape")) {
        (Ok(dtype), Ok(shape)) => format!("{dtype} of shape {shape}"),
        _ => found.get_type().to_string(),
    };
    PyTypeError::new_err(format!("{what} must be {shape} of {}, not {found}", T::get_dtype(py)))
}

/// X as an array, or as (data, indices, indptr) of a CSR matrix whose rows are sorted.
pub(crate) enum Inputs<'py, T: Element> {
    Dense(PyReadonlyArray2<'py, T>),
    Sparse(PyReadonlyArray1<'py, T>, PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, usize>),
}

impl<'py, T: Number> Inputs<'py, T> {
    pub(crate) fn new(x: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok((data, indices, indptr)) =
            x.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>)>()
        {
            let (data, indices) = (vector("data", &data)?, vector("indices", &indices)?);
            return Ok(Self::Sparse(data, indices, vector("indptr", &indptr)?));
        }
        Ok(Self::Dense(matrix("x", x)?))
    }

    /// The view that the core takes, checked where it is sparse.
    pub(crate) fn view(&self, network: &Network) -> PyResult<View<'_, T>> {
        match self {
            Self::Dense(x) => Ok(View::Dense(x.as_array())),
            Self::Sparse(data, indices, indptr) => {
                let data = without_gaps("data", data.as_slice().ok())?;
                let indices = without_gaps("indices", indices.as_slice().ok())?;
                let indptr = without_gaps("indptr", indptr.as_slice().ok())?;
                Sparse::new(indptr, indices, data, network.inputs()).map(View::Sparse).map_err(raise)
            }
        }
    }
}

/// X, borrowed.
pub(crate) enum View<'a, T> {
    Dense(ArrayView2<'a, T>),
    Sparse(Sparse<'a, T>),
}

impl<T: Scalar> View<'_, T> {
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Dense(x) => x.nrows(),
            Self::Sparse(x) => x.rows(),
        }
    }
}

/// What Python hands over as rows: x, y and their weights or None.
pub(crate) type PyRows<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Option<Bound<'py, PyAny>>);

/// Rows, borrowed from Python.
pub(crate) struct Rows<'py, T: Element> {
    x: Inputs<'py, T>,
    y: PyReadonlyArray2<'py, T>,
    weights: Option<PyReadonlyArray1<'py, T>>,
}

impl<'py, T: Number> Rows<'py, T> {
    pub(crate) fn new((x, y, weights): &PyRows<'py>) -> PyResult<Self> {
        let weights = weights.as_ref().map(|weights| vector("the row weights", weights)).transpose()?;
        Ok(Self { x: Inputs::new(x)?, y: matrix("y", y)?, weights })
    }

    /// Checked for `network`.
    pub(crate) fn examples(&self, network: &Network) -> PyResult<Examples<'_, T>> {
        let weights = self.weights.as_ref().map(|weights| weights.as_array());
        let weights =
            weights.map(|w: ArrayView1<'_, T>| without_gaps("the row weights", w.to_slice())).transpose()?;
        let y = self.y.as_array();
        match self.x.view(network)? {
            View::Dense(x) => Examples::new(network, x, y, weights),
            View::Sparse(x) => Examples::sparse(network, x, y, weights),
        }
        .map_err(raise)
    }
}
