//! The network's shape.

use crate::compute::raise;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use retrograde::{Activation, Loss, Output};

/// Losses without constants of their own.
const LOSSES: [Loss; 5] =
    [Loss::CrossEntropy, Loss::SquaredError, Loss::Absolute, Loss::Poisson, Loss::Gamma];

/// Layer sizes, activations, output and loss, checked once.
#[derive(Debug)]
#[pyclass(frozen, module = "retrograde._core")]
pub(crate) struct Network {
    pub(crate) inner: retrograde::Network,
}

#[pymethods]
impl Network {
    #[new]
    fn new(sizes: Vec<usize>, activations: Vec<String>, output: &str, loss: &str) -> PyResult<Self> {
        let activations = activations.iter().map(|name| Activation::from_name(name));
        let activations = activations.collect::<retrograde::Result<Vec<_>>>().map_err(raise)?;
        let output = Output::from_name(output).map_err(raise)?;
        let Some(loss) = LOSSES.into_iter().find(|known| known.name() == loss) else {
            let known = LOSSES.map(|loss| loss.name().to_owned()).join(", ");
            return Err(PyValueError::new_err(format!("`{loss}` is no loss; choose one of {known}")));
        };
        let inner = retrograde::Network::new(&sizes, &activations, output, loss).map_err(raise)?;
        Ok(Self { inner })
    }

    /// The length of θ.
    #[getter]
    fn weight_count(&self) -> usize {
        self.inner.weight_count()
    }

    fn __repr__(&self) -> String {
        format!("<Network {}, {}>", self.inner.describe(), self.inner.loss().name())
    }
}
