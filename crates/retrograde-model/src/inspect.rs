//! A description of a model: layers, encodings, history.

use crate::file::FORMAT;
use crate::fit::StopReason;
use crate::loss_choice::describe;
use crate::model::{Layer, Model, Provenance};
use crate::weighting::Weighting;
use retrograde::{EpochRecord, Init, TrainSettings};
use retrograde_data::Encoder;
use serde::Serialize;

/// What a model consists of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// The model format that this version writes.
    pub format: u64,
    /// The version of retrograde that trained the model.
    pub version: String,
    /// `f32` or `f64`.
    pub dtype: &'static str,
    /// `classes` or `numbers`.
    pub task: &'static str,
    /// `27 → 32 relu → 16 relu → 1 sigmoid`.
    pub network: String,
    /// The layers, inputs first.
    pub layers: Vec<Layer>,
    /// The matrices between them.
    pub matrices: Vec<LayerInspection>,
    /// Weights and biases.
    pub weights: usize,
    /// The loss with its parameter.
    pub loss: String,
    /// The names of the encoded inputs.
    pub inputs: Vec<String>,
    /// The classes in the order of the outputs.
    pub classes: Option<Vec<String>>,
    /// How columns become inputs and targets.
    pub encoder: Encoder,
    /// The settings of the training.
    pub settings: TrainSettings,
    /// How the weights started.
    pub init: Init,
    /// The seed of the split and of the training.
    pub seed: u64,
    /// The epoch the weights are from; 0 is the start.
    pub best_epoch: usize,
    /// Why the training ended.
    pub stop: StopReason,
    /// What rows counted for.
    pub weighting: Weighting,
    /// The table the model was trained on.
    pub data: Provenance,
    /// One record per epoch.
    pub history: Vec<EpochRecord>,
}

/// A matrix Θ⁽ˡ⁾ in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerInspection {
    /// Its name, `L1`.
    pub name: String,
    /// s_{l+1}, its rows.
    pub units: usize,
    /// s_l, its columns without the bias.
    pub inputs: usize,
    /// Its entries, with the biases.
    pub weights: usize,
    /// ‖W‖, the root of the sum of squares.
    pub weight_norm: f64,
    /// ‖b‖.
    pub bias_norm: f64,
    /// The largest |Θ_ij|.
    pub largest: f64,
    /// Entries of W that are exactly 0.
    pub zeros: usize,
}

impl Model {
    /// Describes the model; no data is needed.
    pub fn inspect(&self) -> Inspection {
        let network = self.network();
        Inspection {
            format: FORMAT,
            version: self.version.clone(),
            dtype: self.dtype().name(),
            task: self.task(),
            network: network.describe(),
            layers: self.layers(),
            matrices: self.matrix_figures(),
            weights: network.weight_count(),
            loss: describe(network.loss()),
            inputs: self.encoder.names(),
            classes: self.classes().map(<[String]>::to_vec),
            encoder: self.encoder.clone(),
            settings: self.settings.clone(),
            init: self.init,
            seed: self.seed(),
            best_epoch: self.best_epoch,
            stop: self.stop,
            weighting: self.weighting.clone(),
            data: self.provenance.clone(),
            history: self.history.clone(),
        }
    }

    fn matrix_figures(&self) -> Vec<LayerInspection> {
        let params = self.params_f64();
        let figures = |(l, layer): (usize, retrograde::network::LayerShape)| {
            let weights = &params.values()[layer.weights.clone()];
            let bias = &params.values()[layer.bias.clone()];
            LayerInspection {
                name: format!("L{}", l + 1),
                units: layer.units,
                inputs: layer.inputs,
                weights: weights.len() + bias.len(),
                weight_norm: retrograde::real::norm(weights),
                bias_norm: retrograde::real::norm(bias),
                largest: weights.iter().chain(bias).fold(0.0, |largest, w| w.abs().max(largest)),
                zeros: weights.iter().filter(|w| **w == 0.0).count(),
            }
        };
        self.network().layers().enumerate().map(figures).collect()
    }
}
