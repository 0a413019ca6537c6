//! The gradient check, as plain Python objects.

use crate::arrays::{PyRows, Rows, no_theta};
use crate::compute::{compute, raise};
use crate::evaluate::copied;
use crate::network::Network;
use numpy::PyArray1;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use retrograde::{CheckSettings, Params, Regularisation};

/// How to check.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Settings {
    /// λ: scikit-learn's `alpha`.
    alpha: f64,
    /// How many weights; None: all.
    weights: Option<usize>,
    /// How many rows at most.
    rows: usize,
    seed: u64,
}

/// Every derivative beside a numerical one with its uncertainty, as dicts and lists. All in f64.
#[pyfunction]
pub(crate) fn check<'py>(
    network: &Network,
    theta: &Bound<'py, PyAny>,
    rows: PyRows<'py>,
    settings: Settings,
) -> PyResult<Bound<'py, PyAny>> {
    let network = &network.inner;
    let values = copied(theta.cast::<PyArray1<f64>>().map_err(|_| no_theta(theta))?)?;
    let params = Params::from_values(network, values).map_err(raise)?;
    let rows = Rows::<f64>::new(&rows)?;
    let examples = rows.examples(network)?;
    let settings = CheckSettings {
        weights: settings.weights,
        rows: settings.rows,
        seed: settings.seed,
        regularisation: Regularisation::l2(settings.alpha),
        ..CheckSettings::default()
    };
    let report = compute(theta.py(), || retrograde::check(&params, &examples, &settings))?;
    let text = serde_json::to_string(&report).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    theta.py().import("json")?.call_method1("loads", (text,))
}
