//! The JSON description of a model: everything but the weights.

use super::history::{self, Line, Look};
use crate::fit::StopReason;
use crate::model::{Model, Provenance, Weights};
use crate::settings::Dtype;
use crate::weighting::Weighting;
use retrograde::{Init, Loss, Network, Output, TrainSettings};
use retrograde_data::{Encoder, TargetEncoding};
use serde::{Deserialize, Serialize};

/// What the text of `model` holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Contents {
    /// The version of retrograde that trained the model.
    version: String,
    pub(super) dtype: Dtype,
    pub(super) network: Network,
    encoder: Encoder,
    settings: TrainSettings,
    init: Init,
    best_epoch: usize,
    stop: StopReason,
    #[serde(default, skip_serializing_if = "Weighting::is_none")]
    weighting: Weighting,
    data: Provenance,
    /// The checksum of the parameters.
    pub(super) tensors: String,
    history: Vec<Line>,
    /// Files of versions that did not look at layers have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    layers: Vec<Look>,
}

impl Contents {
    /// The description of a model whose parameters have this checksum.
    pub(super) fn of(model: &Model, tensors: String) -> Self {
        let (epochs, layers) = history::lists(&model.history);
        Self {
            version: model.version.clone(),
            dtype: model.dtype(),
            network: model.network().clone(),
            encoder: model.encoder.clone(),
            settings: model.settings.clone(),
            init: model.init,
            best_epoch: model.best_epoch,
            stop: model.stop,
            weighting: model.weighting.clone(),
            data: model.provenance.clone(),
            tensors,
            history: epochs,
            layers,
        }
    }

    /// Checks everything that a model relies on; the network's own rules were checked when it was read.
    pub(super) fn validate(&self) -> Result<(), String> {
        self.encoder.validate().map_err(|error| error.to_string())?;
        self.settings.validate(&self.network).map_err(|error| error.to_string())?;
        self.weighting.validate(&self.encoder)?;
        let (width, inputs) = (self.encoder.width(), self.network.inputs());
        if width != inputs {
            return Err(format!("its encoder gives {width} inputs, its network takes {inputs}"));
        }
        let outputs = self.network.outputs();
        if !self.fits_target() {
            return Err(format!("its network has {outputs} outputs, which do not fit its target"));
        }
        if self.best_epoch > self.history.len() {
            let (best, epochs) = (self.best_epoch, self.history.len());
            return Err(format!("its weights are from epoch {best} of {epochs}"));
        }
        history::validate(self.history.len(), &self.layers, &self.network)
    }

    /// Whether the outputs are the target's.
    fn fits_target(&self) -> bool {
        let (outputs, output) = (self.network.outputs(), self.network.output());
        match &self.encoder.target {
            TargetEncoding::Classes { classes, .. } => {
                let single = classes.len() == 2 && output == Output::Sigmoid;
                matches!(output, Output::Sigmoid | Output::Softmax)
                    && !matches!(self.network.loss(), Loss::Quantile { .. })
                    && outputs == if single { 1 } else { classes.len() }
            }
            TargetEncoding::Numbers { columns, .. } => match self.network.loss() {
                Loss::Quantile { .. } => outputs % columns.len() == 0,
                _ => outputs == columns.len(),
            },
        }
    }

    /// The model, with its parameters.
    pub(super) fn into_model(self, weights: Weights) -> Model {
        Model {
            encoder: self.encoder,
            weights,
            weighting: self.weighting,
            settings: self.settings,
            init: self.init,
            history: history::records(&self.history, &self.layers),
            best_epoch: self.best_epoch,
            stop: self.stop,
            provenance: self.data,
            version: self.version,
        }
    }
}
