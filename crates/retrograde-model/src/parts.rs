//! A model put together from its parts, such as by another language's library that has trained the network itself.

use crate::error::ModelError;
use crate::file::describes_a_model;
use crate::fit::StopReason;
use crate::model::{Model, Provenance, Weights};
use crate::weighting::Weighting;
use retrograde::{EpochRecord, Init, TrainSettings};
use retrograde_data::Encoder;

/// What a model is made of, see the methods of [`Model`] for what each part says.
#[derive(Clone, Debug)]
pub struct ModelParts {
    /// How columns become inputs and targets.
    pub encoder: Encoder,
    /// The network and its parameters.
    pub weights: Weights,
    /// The settings of the training, as far as they can be said.
    pub settings: TrainSettings,
    /// How the weights started.
    pub init: Init,
    /// One record per epoch.
    pub history: Vec<EpochRecord>,
    /// The epoch the parameters are from; 0 is the start.
    pub best_epoch: usize,
    /// Why the training ended.
    pub stop: StopReason,
    /// The table it was trained on.
    pub provenance: Provenance,
}

impl Model {
    /// A model of these parts, of this version of retrograde.
    ///
    /// # Errors
    /// [`ModelError::Parts`] where they do not fit each other: an encoder of another width than the network's inputs, outputs that are
    /// not the target's, weights that are not finite, settings that no training takes.
    pub fn from_parts(parts: ModelParts) -> Result<Self, ModelError> {
        let ModelParts { encoder, weights, settings, init, history, best_epoch, stop, provenance } = parts;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let weighting = Weighting::default();
        let model = Self {
            encoder,
            weights,
            weighting,
            settings,
            init,
            history,
            best_epoch,
            stop,
            provenance,
            version,
        };
        let params = model.params_f64();
        if let Some(index) = params.values().iter().position(|w| !w.is_finite()) {
            let (id, value) = (model.network().weight_at(index), params.values()[index]);
            let reason = format!("the weight {id} is {value}, expected a finite number");
            return Err(ModelError::Parts { reason });
        }
        describes_a_model(&model).map_err(|reason| ModelError::Parts { reason })?;
        Ok(model)
    }
}
