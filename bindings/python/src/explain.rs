//! The calculus of one row: the trace document, and its text.

use crate::arrays::{PyRows, Rows, no_theta};
use crate::compute::{compute, raise};
use crate::evaluate::copied;
use crate::network::Network;
use numpy::PyArray1;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use retrograde::explain::{Explainer, Names};
use retrograde::{Params, Regularisation, WeightId};

/// What is asked about a row.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Question {
    /// λ: scikit-learn's `alpha`.
    alpha: f64,
    row: usize,
    /// Matrix, unit, and source or None for the bias, all from 0.
    weight: Option<(usize, usize, Option<usize>)>,
    /// Layer that computes, and unit, from 0.
    unit: Option<(usize, usize)>,
    input: bool,
    proof: bool,
    /// Of the inputs and of the outputs.
    names: (Vec<String>, Vec<String>),
    threads: usize,
}

/// The trace document as JSON, and the text that the command prints. All in f64.
#[pyfunction]
pub(crate) fn explain(
    network: &Network,
    theta: &Bound<'_, PyAny>,
    rows: PyRows<'_>,
    question: Question,
) -> PyResult<(String, String)> {
    let network = &network.inner;
    let values = copied(theta.cast::<PyArray1<f64>>().map_err(|_| no_theta(theta))?)?;
    let params = Params::from_values(network, values).map_err(raise)?;
    let rows = Rows::<f64>::new(&rows)?;
    let examples = rows.examples(network)?;
    let (inputs, outputs) = question.names;
    let document = compute(theta.py(), || {
        let names = Names { inputs, outputs };
        let regularisation = Regularisation::l2(question.alpha);
        let explainer = Explainer::new(&params, examples, regularisation, names, question.threads)?;
        let k = question.row;
        let mut document = explainer.row(k)?;
        let weight = question.weight.map(|(layer, unit, source)| WeightId { layer, unit, source });
        document.weight = weight.map(|id| explainer.weight(k, id)).transpose()?;
        document.unit = question.unit.map(|unit| explainer.unit(k, unit)).transpose()?;
        document.input = question.input.then(|| explainer.inputs(k)).transpose()?;
        let id = weight.unwrap_or_else(|| document.most_moved());
        document.proof = question.proof.then(|| explainer.proof(k, id)).transpose()?;
        Ok(document)
    })?;
    let text =
        serde_json::to_string(&document).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    Ok((text, retrograde_cli::explanation(&document)))
}
