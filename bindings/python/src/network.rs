//! The network's shape.

use crate::compute::raise;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use retrograde::{Activation, Loss, Optimizer, Output};

/// The loss of that name; `constants` are Huber's δ, or the quantile level of each output.
fn loss_of(name: &str, constants: Vec<f64>) -> PyResult<Loss> {
    let simple = match name {
        "cross-entropy" => Loss::CrossEntropy,
        "squared-error" => Loss::SquaredError,
        "absolute" => Loss::Absolute,
        "poisson" => Loss::Poisson,
        "gamma" => Loss::Gamma,
        "quantile" => return Ok(Loss::Quantile { levels: constants }),
        "huber" => match constants[..] {
            [delta] => return Ok(Loss::Huber { delta }),
            _ => return Err(PyValueError::new_err("`huber` needs one constant, its delta")),
        },
        _ => {
            let known = Loss::NAMES.join(", ");
            return Err(PyValueError::new_err(format!("`{name}` is no loss; choose one of {known}")));
        }
    };
    if constants.is_empty() {
        return Ok(simple);
    }
    Err(PyValueError::new_err(format!("`{name}` has no constants; it was given {constants:?}")))
}

/// Layer sizes, activations, output and loss, checked once.
#[derive(Debug)]
#[pyclass(frozen, module = "retrograde._core")]
pub(crate) struct Network {
    pub(crate) inner: retrograde::Network,
}

#[pymethods]
impl Network {
    #[new]
    #[pyo3(signature = (sizes, activations, output, loss, constants=Vec::new()))]
    fn new(
        sizes: Vec<usize>,
        activations: Vec<String>,
        output: &str,
        loss: &str,
        constants: Vec<f64>,
    ) -> PyResult<Self> {
        let activations = activations.iter().map(|name| Activation::from_name(name));
        let activations = activations.collect::<retrograde::Result<Vec<_>>>().map_err(raise)?;
        let output = Output::from_name(output).map_err(raise)?;
        let loss = loss_of(loss, constants)?;
        let inner = retrograde::Network::new(&sizes, &activations, output, loss).map_err(raise)?;
        Ok(Self { inner })
    }

    /// The length of θ.
    #[getter]
    fn weight_count(&self) -> usize {
        self.inner.weight_count()
    }

    /// The method that suits so many rows of this network when nobody chose one.
    fn automatic(&self, rows: usize) -> &'static str {
        Optimizer::automatic(&self.inner, rows).name()
    }

    fn __repr__(&self) -> String {
        format!("<Network {}, {}>", self.inner.describe(), self.inner.loss().name())
    }
}
