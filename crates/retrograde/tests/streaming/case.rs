//! Networks with rows that they learn from.

use crate::common::{Habits, Supplier, layer_numbers};
use ndarray::Array2;
use retrograde::train::{Rows, Validation};
use retrograde::{
    Activation, BatchSize, Examples, Fit, Flow, Init, Loss, Network, Optimizer, Output, Params,
    Regularisation, Scalar, Streamed, TrainSettings, Training,
};

pub(crate) struct Case<T> {
    pub network: Network,
    pub x: Array2<T>,
    pub y: Array2<T>,
    pub weights: Vec<T>,
}

impl<T: Scalar> Case<T> {
    fn new(network: Network, rows: usize) -> Self {
        let wave = |(k, j): (usize, usize)| T::constant(((k * 31 + j) as f64 * 0.7).sin());
        let outputs = network.outputs();
        let class = |(k, j)| T::constant(f64::from(u8::from(k % outputs == j)));
        Self {
            x: Array2::from_shape_fn((rows, network.inputs()), wave),
            y: Array2::from_shape_fn((rows, outputs), class),
            weights: (0..rows).map(|k| T::constant(1.0 + (k % 3) as f64 / 3.0)).collect(),
            network,
        }
    }

    /// Wide enough that a batch of 200 rows is worth four threads.
    pub(crate) fn wide(rows: usize) -> Self {
        let hidden = [Activation::Relu, Activation::Tanh];
        let network = Network::new(&[30, 120, 60, 4], &hidden, Output::Softmax, Loss::CrossEntropy);
        Self::new(network.expect("a valid network"), rows)
    }

    pub(crate) fn narrow(rows: usize) -> Self {
        let network = Network::new(&[5, 6, 2], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy);
        Self::new(network.expect("a valid network"), rows)
    }

    pub(crate) fn start(&self) -> Params<T> {
        Params::init(&self.network, Init::Auto, 3)
    }

    pub(crate) fn examples(&self) -> Examples<'_, T> {
        Examples::new(&self.network, self.x.view(), self.y.view(), Some(&self.weights))
            .expect("valid examples")
    }

    pub(crate) fn supplier(&self, habits: Habits) -> Supplier<T> {
        Supplier::new(&self.x, &self.y, Some(&self.weights)).with(habits)
    }

    pub(crate) fn streamed(&self, window: usize) -> Streamed<T> {
        self.supplier(Habits::default()).streamed(&self.network, window)
    }

    /// The last parameters, the best ones and what each epoch came to, as bits.
    pub(crate) fn bits<'a>(
        &self,
        rows: impl Into<Rows<'a, T>>,
        validation: impl Into<Validation<'a, T>>,
        settings: &TrainSettings,
    ) -> Vec<u64> {
        let start = self.start();
        let mut training = Training::new(&start, rows, validation, settings).expect("valid settings");
        while training.advance(&mut ()) == Flow::Continue {}
        assert!(training.theta() != start.values(), "not a step with {}", settings.optimizer.name());
        let last = training.theta().to_vec();
        bits(&last, &training.finish(&mut ()).expect("threads"))
    }
}

pub(crate) fn bits<T: Scalar>(last: &[T], fit: &Fit<T>) -> Vec<u64> {
    let theta = last.iter().chain(fit.params.values()).map(|w| w.value());
    let history = fit.history.iter().flat_map(|record| {
        let score = record.validation.map_or(0.0, |score| score.cost + score.accuracy.unwrap_or(0.0));
        [record.train_cost, record.grad_norm, record.evaluations, score]
    });
    let layers = fit.history.iter().flat_map(|record| layer_numbers(&record.layers));
    theta.chain(history).chain(layers).chain([fit.best_epoch as f64]).map(f64::to_bits).collect()
}

pub(crate) fn settings(optimizer: Optimizer, batch: usize) -> TrainSettings {
    TrainSettings {
        optimizer,
        batch: if optimizer.is_batch_method() { BatchSize::Auto } else { BatchSize::Rows(batch) },
        epochs: Some(3),
        regularisation: Regularisation { lambda: 0.1, label_smoothing: 0.0 },
        threads: 1,
        ..TrainSettings::default()
    }
}

/// The settings with units dropped in every layer of the wide network or the narrow one.
pub(crate) fn with_dropout(settings: TrainSettings, depth: usize) -> TrainSettings {
    TrainSettings { dropout: vec![0.2; depth], ..settings }
}
