//! A trained network with everything that is needed to ask it again.

use crate::division::SplitRecord;
use crate::fit::StopReason;
use crate::settings::Dtype;
use crate::weighting::Weighting;
use retrograde::{EpochRecord, Init, Network, Params, Scalar, TrainSettings};
use retrograde_data::{Element, Encoder, Form};
use serde::{Deserialize, Serialize};

/// Encoder, network, parameters, training settings and history.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) encoder: Encoder,
    pub(crate) weights: Weights,
    pub(crate) weighting: Weighting,
    pub(crate) settings: TrainSettings,
    pub(crate) init: Init,
    pub(crate) history: Vec<EpochRecord>,
    pub(crate) best_epoch: usize,
    pub(crate) stop: StopReason,
    pub(crate) provenance: Provenance,
    pub(crate) version: String,
}

/// The parameters in the type they were trained in.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// 32-bit.
    F32(Params<f32>),
    /// 64-bit.
    F64(Params<f64>),
}

/// The table a model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Its name.
    pub name: String,
    /// A 64-bit fingerprint of its bytes.
    pub fingerprint: Option<u64>,
    /// All its rows.
    pub rows: usize,
    /// The rows trained on.
    pub train_rows: usize,
    /// The rows that judged.
    pub validation_rows: usize,
    /// The rows that were scored once, at the end.
    #[serde(default)]
    pub test_rows: usize,
    /// How they were divided.
    #[serde(default)]
    pub split: SplitRecord,
    /// What the cells of its columns of text mean where others that look alike may mean something else, to be given to
    /// [`retrograde_data::ReadOptions::forms`] when a table is read for the model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<(String, Form)>,
}

/// A layer of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// Its units, or the number of inputs.
    pub units: usize,
    /// The activation; `input` for the first layer.
    pub activation: &'static str,
}

/// The layers, inputs first.
pub(crate) fn layers(network: &Network) -> Vec<Layer> {
    let hidden = network.hidden().iter().map(|a| a.name());
    let activations = std::iter::once("input").chain(hidden).chain([network.output().name()]);
    network.sizes().iter().zip(activations).map(|(&units, activation)| Layer { units, activation }).collect()
}

impl Weights {
    /// The type of the numbers.
    pub fn dtype(&self) -> Dtype {
        match self {
            Self::F32(_) => Dtype::F32,
            Self::F64(_) => Dtype::F64,
        }
    }

    /// The network they belong to.
    pub fn network(&self) -> &Network {
        match self {
            Self::F32(params) => params.network(),
            Self::F64(params) => params.network(),
        }
    }

    /// The parameters in f64: f32 widens exactly.
    pub fn to_f64(&self) -> Params<f64> {
        match self {
            Self::F32(params) => params.convert(),
            Self::F64(params) => params.clone(),
        }
    }
}

/// The two types that networks and matrices share.
pub(crate) trait Number: Scalar + Element + bytemuck::Pod {
    /// Parameters as a model holds them.
    fn weights(params: Params<Self>) -> Weights;
}

impl Number for f32 {
    fn weights(params: Params<Self>) -> Weights {
        Weights::F32(params)
    }
}

impl Number for f64 {
    fn weights(params: Params<Self>) -> Weights {
        Weights::F64(params)
    }
}

impl Model {
    /// How columns become inputs and targets.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// The network's shape.
    pub fn network(&self) -> &Network {
        self.weights.network()
    }

    /// The layers, inputs first.
    pub fn layers(&self) -> Vec<Layer> {
        layers(self.network())
    }

    /// The parameters as trained.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The parameters in f64: f32 widens exactly.
    pub fn params_f64(&self) -> Params<f64> {
        self.weights.to_f64()
    }

    /// The type of the parameters.
    pub fn dtype(&self) -> Dtype {
        self.weights.dtype()
    }

    /// The settings of the training.
    pub fn settings(&self) -> &TrainSettings {
        &self.settings
    }

    /// How the weights started.
    pub fn init(&self) -> Init {
        self.init
    }

    /// λ.
    pub fn lambda(&self) -> f64 {
        self.settings.regularisation.lambda
    }

    /// The seed of the split and of the training.
    pub fn seed(&self) -> u64 {
        self.settings.seed
    }

    /// One record per epoch.
    pub fn history(&self) -> &[EpochRecord] {
        &self.history
    }

    /// The epoch the parameters are from; 0 is the start.
    pub fn best_epoch(&self) -> usize {
        self.best_epoch
    }

    /// Why the training ended.
    pub fn stop(&self) -> StopReason {
        self.stop
    }

    /// The table it was trained on.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// What rows counted for in training.
    pub fn weighting(&self) -> &Weighting {
        &self.weighting
    }

    /// The version of retrograde that trained it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The classes, or `None` when numbers are predicted.
    pub fn classes(&self) -> Option<&[String]> {
        self.encoder.target.classes()
    }

    /// `classes` or `numbers`.
    pub fn task(&self) -> &'static str {
        if self.classes().is_some() { "classes" } else { "numbers" }
    }
}
