//! The command's model files.

use crate::arrays::{Number, by_dtype};
use crate::compute::{raise, work};
use crate::encoder::Encoder;
use crate::evaluate::copied;
use crate::network::Network;
use crate::table::refuse_model;
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use retrograde::optimize::Optimizer;
use retrograde::{EpochRecord, Init, LayerRecord, Loss, Params, Score, TrainSettings};
use retrograde_model::{Model, ModelParts, Provenance, StopReason, Weights};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a training was, as far as its model says it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct About {
    /// The method, by the core's name.
    optimizer: String,
    /// λ of the course, over all rows.
    penalty: f64,
    /// J of each epoch.
    costs: Vec<f64>,
    /// Accuracy of each epoch on held-out rows, or nothing.
    accuracies: Vec<f64>,
    /// The epoch that the weights are from.
    best_epoch: usize,
    /// Training rows.
    rows: usize,
    /// Rows that judged.
    held_out: usize,
    /// [`load_model`]'s `layers`, or `[]`.
    layers: String,
}

/// An epoch after which the layers were looked at.
#[derive(Serialize, Deserialize)]
struct Look {
    epoch: usize,
    layers: Vec<LayerRecord>,
}

impl About {
    fn settings(&self) -> PyResult<TrainSettings> {
        let mut settings = TrainSettings {
            optimizer: Optimizer::from_name(&self.optimizer).map_err(raise)?,
            ..TrainSettings::default()
        };
        settings.regularisation.lambda = self.penalty;
        Ok(settings)
    }

    fn history(&self) -> PyResult<Vec<EpochRecord>> {
        let score = |index: usize| {
            let accuracy = self.accuracies.get(index).copied().filter(|accuracy| accuracy.is_finite())?;
            Some(Score { cost: f64::NAN, accuracy: Some(accuracy), rmse: None })
        };
        let record = |(index, cost): (usize, &f64)| EpochRecord {
            epoch: index + 1,
            train_cost: *cost,
            validation: score(index),
            grad_norm: f64::NAN,
            learning_rate: None,
            evaluations: (index + 1) as f64,
            layers: Vec::new(),
        };
        let mut history: Vec<EpochRecord> = self.costs.iter().enumerate().map(record).collect();
        let refused = |reason: String| PyValueError::new_err(format!("the history of layers: {reason}"));
        let looks: Vec<Look> =
            serde_json::from_str(&self.layers).map_err(|error| refused(error.to_string()))?;
        for Look { epoch, layers } in looks {
            let record = epoch.checked_sub(1).and_then(|index| history.get_mut(index));
            let epochs = self.costs.len();
            record.ok_or_else(|| refused(format!("epoch {epoch} of {epochs}")))?.layers = layers;
        }
        Ok(history)
    }

    fn provenance(&self) -> Provenance {
        let rows = self.rows + self.held_out;
        Provenance {
            name: "X".to_owned(),
            rows,
            train_rows: self.rows,
            validation_rows: self.held_out,
            ..Provenance::default()
        }
    }
}

/// A type of weights.
trait Kept: Number {
    fn weights(params: Params<Self>) -> Weights;
}

impl Kept for f32 {
    fn weights(params: Params<f32>) -> Weights {
        Weights::F32(params)
    }
}

impl Kept for f64 {
    fn weights(params: Params<f64>) -> Weights {
        Weights::F64(params)
    }
}

/// Writes a model file, whole or not at all.
#[pyfunction]
pub(crate) fn save_model(
    path: PathBuf,
    encoder: &Encoder,
    network: &Network,
    theta: &Bound<'_, PyAny>,
    about: About,
) -> PyResult<()> {
    by_dtype!(theta, save(&path, encoder, network, &about))
}

fn save<T: Kept>(
    theta: &Bound<'_, PyArray1<T>>,
    path: &std::path::Path,
    encoder: &Encoder,
    network: &Network,
    about: &About,
) -> PyResult<()> {
    let params = Params::from_values(&network.inner, copied(theta)?).map_err(raise)?;
    let parts = ModelParts {
        encoder: encoder.inner.clone(),
        weights: T::weights(params),
        settings: about.settings()?,
        init: Init::Course,
        history: about.history()?,
        best_epoch: about.best_epoch,
        stop: StopReason::Epochs,
        provenance: about.provenance(),
    };
    work(theta.py(), || Model::from_parts(parts).and_then(|model| model.save(path)).map_err(refuse_model))
}

/// The looks of a history, in the words of `inspect --json`.
fn layers(history: &[EpochRecord]) -> PyResult<String> {
    let look = |record: &EpochRecord| Look { epoch: record.epoch, layers: record.layers.clone() };
    let looks: Vec<Look> = history.iter().filter(|record| !record.layers.is_empty()).map(look).collect();
    serde_json::to_string(&looks).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Reads a model file, the command's own or one of [`save_model`]: a dictionary of what an estimator is made of.
#[pyfunction]
pub(crate) fn load_model(py: Python<'_>, path: PathBuf) -> PyResult<Bound<'_, PyDict>> {
    let model = work(py, || Model::load(&path).map_err(refuse_model))?;
    let network = model.network();
    let found = PyDict::new(py);
    found.set_item("sizes", network.sizes())?;
    let hidden: Vec<&str> = network.hidden().iter().map(|activation| activation.name()).collect();
    found.set_item("activations", hidden)?;
    found.set_item("output", network.output().name())?;
    found.set_item("loss", network.loss().name())?;
    match network.loss() {
        Loss::Huber { delta } => found.set_item("delta", delta)?,
        Loss::Quantile { levels } => found.set_item("levels", levels)?,
        _ => {}
    }
    match model.weights() {
        Weights::F32(params) => found.set_item("theta", params.values().to_vec().into_pyarray(py))?,
        Weights::F64(params) => found.set_item("theta", params.values().to_vec().into_pyarray(py))?,
    }
    found.set_item("optimizer", model.settings().optimizer.name())?;
    found.set_item("penalty", model.lambda())?;
    found.set_item("costs", model.history().iter().map(|epoch| epoch.train_cost).collect::<Vec<_>>())?;
    let accuracy = |epoch: &EpochRecord| epoch.validation.as_ref().and_then(|score| score.accuracy);
    found.set_item("accuracies", model.history().iter().filter_map(accuracy).collect::<Vec<_>>())?;
    found.set_item("layers", layers(model.history())?)?;
    found.set_item("best_epoch", model.best_epoch())?;
    found.set_item("rows", model.provenance().train_rows)?;
    found.set_item("held_out", model.provenance().validation_rows)?;
    found.set_item("encoder", Bound::new(py, Encoder { inner: model.encoder().clone() })?)?;
    Ok(found)
}
