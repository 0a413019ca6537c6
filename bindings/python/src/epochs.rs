//! Training by steps, epoch after epoch, while Python decides on order, rate and end.

use crate::arrays::{Number, PyRows, Rows, by_dtype, in_use, vector, without_gaps};
use crate::compute::{Signals, compute, raise};
use crate::method::Method;
use crate::network::Network;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use retrograde::optimize::Sgd;
use retrograde::optimize::method::StepState;
use retrograde::train::{EpochSettings, Epochs};
use retrograde::{Regularisation, StepRules};

/// What stays the same from epoch to epoch.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Settings {
    /// λ, over the weight of the batch at hand: scikit-learn's `alpha`.
    alpha: f64,
    batch: usize,
    threads: usize,
    /// d of the decay W ← (1 − ηd)W before each step.
    weight_decay: f64,
    /// The share of units dropped, of the inputs and of each hidden layer; empty for none.
    dropout: Vec<f64>,
    /// Chooses them.
    seed: u64,
}

/// What Python says before an epoch: the order of rows, or None for the one they lie in, and the rate.
type Next<'py> = Option<(Option<Bound<'py, PyAny>>, f64)>;

/// Moves θ, in place, epoch by epoch until `next_epoch` returns None.
#[pyfunction]
pub(crate) fn fit_epochs(
    network: &Network,
    theta: &Bound<'_, PyAny>,
    rows: PyRows<'_>,
    method: &Bound<'_, Method>,
    settings: Settings,
    next_epoch: &Bound<'_, PyAny>,
) -> PyResult<()> {
    by_dtype!(theta, fit(&network.inner, &rows, method, &settings, next_epoch))
}

fn fit<'py, T: Number>(
    theta: &Bound<'py, PyArray1<T>>,
    network: &retrograde::Network,
    rows: &PyRows<'py>,
    method: &Bound<'py, Method>,
    settings: &Settings,
    next_epoch: &Bound<'py, PyAny>,
) -> PyResult<()> {
    let rows = Rows::<T>::new(rows)?;
    let examples = rows.examples(network)?;
    let settings = EpochSettings {
        method: method.borrow_mut().lend::<T>(network.weight_count())?,
        rules: StepRules { weight_decay: Some(settings.weight_decay), ..StepRules::default() },
        regularisation: Regularisation::l2(settings.alpha),
        dropout: (settings.dropout.clone(), settings.seed),
        batch: settings.batch,
        threads: settings.threads,
    };
    // As the method goes in with the settings, it is kept for the case that they are refused.
    let kept = settings.method.clone();
    let mut epochs = match Epochs::new(network, examples, settings) {
        Ok(epochs) => epochs,
        Err(error) => {
            method.borrow_mut().take_back(kept);
            return Err(raise(error));
        }
    };
    drop(kept);
    let as_they_lie: Vec<u32> = (0..examples.rows() as u32).collect();
    let outcome = run(theta, &mut epochs, &as_they_lie, method, next_epoch);
    let placeholder = StepState::Sgd(Sgd::new(0.0, false, 0));
    method.borrow_mut().take_back(std::mem::replace(epochs.method(), placeholder));
    outcome
}

fn run<T: Number>(
    theta: &Bound<'_, PyArray1<T>>,
    epochs: &mut Epochs<'_, T>,
    as_they_lie: &[u32],
    method: &Bound<'_, Method>,
    next_epoch: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let mut signals = Signals::new();
    let mut cost = None;
    loop {
        let next: Next<'_> = next_epoch.call1((cost,))?.extract()?;
        let Some((order, rate)) = next else { return Ok(()) };
        if let Some(last) = method.borrow_mut().change_rate(rate)
            && let StepState::Sgd(sgd) = epochs.method()
        {
            sgd.keep_pace(last, rate);
        }
        let order = order.as_ref().map(|order| vector::<u32>("the order of rows", order)).transpose()?;
        let order = match &order {
            Some(order) => without_gaps("the order of rows", order.as_slice().ok())?,
            None => as_they_lie,
        };
        // Borrowed for this epoch alone: `next_epoch` may look at the weights.
        let mut weights = theta.try_readwrite().map_err(|_| in_use("theta"))?;
        let weights =
            weights.as_slice_mut().map_err(|_| pyo3::exceptions::PyValueError::new_err("theta has gaps"))?;
        cost = compute(theta.py(), || epochs.run(weights, order, rate, &mut || signals.go_on()))?;
        signals.outcome()?;
    }
}
