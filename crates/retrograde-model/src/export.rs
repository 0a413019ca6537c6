//! A network as JSON, for a program in any language.

use crate::loss_choice::describe;
use crate::model::Model;
use serde_json::{Value, json};

impl Model {
    /// The network with its encoder as one JSON document, schema `retrograde.network/1`.
    ///
    /// | field | content |
    /// |---|---|
    /// | `layers` | `[{units, activation}]`, inputs first, whose activation is `input` |
    /// | `loss`, `lambda` | as trained |
    /// | `weights` | one flat list per matrix Θ⁽ˡ⁾ without its bias: row-major, s_{l+1}×s_l |
    /// | `biases` | one list of s_{l+1} per matrix |
    /// | `inputs` | the names of the encoded inputs |
    /// | `classes` | the classes in the order of the outputs, or `null`; with a single output it is P(second class) |
    /// | `encoder` | how columns become inputs, and outputs become targets |
    ///
    /// Numbers are in the shortest form that reads back as the same f64; f32 weights are widened exactly.
    pub fn export_json(&self) -> Value {
        let params = self.params_f64();
        let matrices = || 0..self.network().depth();
        let weights: Vec<Vec<f64>> =
            matrices().map(|l| params.weights(l).iter().copied().collect()).collect();
        let biases: Vec<Vec<f64>> = matrices().map(|l| params.bias(l).to_vec()).collect();
        json!({
            "schema": "retrograde.network/1",
            "version": self.version,
            "dtype": self.dtype().name(),
            "task": self.task(),
            "layers": self.layers(),
            "loss": describe(self.network().loss()),
            "lambda": self.lambda(),
            "weights": weights,
            "biases": biases,
            "inputs": self.encoder.names(),
            "classes": self.classes(),
            "encoder": self.encoder,
        })
    }
}
