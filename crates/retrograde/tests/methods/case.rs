//! What the methods are started on: a network with its rows and first weights, and the settings of a whole training.

use crate::golden::{matrix, one_hot};
use ndarray::Array2;
use retrograde::{
    Activation, BatchSize, Examples, Fit, Loss, Network, Optimizer, Output, Params, Regularisation,
    TrainSettings, Training, train,
};
use serde_json::Value;

/// No hidden layer.
pub(crate) const LINEAR: &[Activation] = &[];
/// The gradient times the learning rate and nothing else.
pub(crate) const PLAIN_SGD: Optimizer = Optimizer::Sgd { momentum: 0.0, nesterov: false };

pub(crate) fn network(sizes: &[usize], hidden: &[Activation], output: Output, loss: Loss) -> Network {
    Network::new(sizes, hidden, output, loss).expect("a network")
}

/// A network with its rows.
pub(crate) struct Case {
    pub network: Network,
    pub x: Array2<f64>,
    pub y: Array2<f64>,
    pub start: Params<f64>,
}

impl Case {
    pub(crate) fn new(network: Network, x: Array2<f64>, y: Array2<f64>, theta: Vec<f64>) -> Self {
        let start = Params::from_values(&network, theta).expect("a start");
        Self { network, x, y, start }
    }

    /// With the `x` and `y` of a golden entry; the targets of softmax are class codes.
    pub(crate) fn golden(network: Network, problem: &Value, theta: Vec<f64>) -> Self {
        let x = matrix(&problem["x"], network.inputs());
        let classes = network.output() == Output::Softmax;
        let read = if classes { one_hot } else { matrix };
        let y = read(&problem["y"], network.outputs());
        Self::new(network, x, y, theta)
    }

    pub(crate) fn examples(&self) -> Examples<'_, f64> {
        Examples::new(&self.network, self.x.view(), self.y.view(), None).expect("examples")
    }

    pub(crate) fn training(&self, settings: &TrainSettings) -> Training<'_, f64> {
        Training::new(&self.start, &self.examples(), None, settings).expect("settings")
    }

    pub(crate) fn train(&self, settings: &TrainSettings) -> Fit<f64> {
        train(&self.start, &self.examples(), None, settings, &mut ()).expect("a fit")
    }
}

/// All rows, no stopping but by the number of epochs.
pub(crate) fn whole(optimizer: Optimizer, lambda: f64, epochs: usize) -> TrainSettings {
    TrainSettings {
        optimizer,
        regularisation: Regularisation::l2(lambda),
        batch: BatchSize::Full,
        epochs: Some(epochs),
        tolerance: Some(0.0),
        patience: usize::MAX,
        ..TrainSettings::default()
    }
}
