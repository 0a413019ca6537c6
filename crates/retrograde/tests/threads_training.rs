//! Trained parameters, bit by bit: the same on any number of threads, with every method, and with other trainings beside.

mod common;

use common::{STEP_METHODS, layer_numbers};
use ndarray::Array2;
use retrograde::{
    Activation, BatchSize, Evaluator, Examples, Flow, Init, Loss, Network, Optimizer, Output, Params,
    Regularisation, Scalar, StopReason, TrainSettings, Training,
};

/// A network with rows that it learns from.
struct Case<T> {
    network: Network,
    x: Array2<T>,
    y: Array2<T>,
    weights: Vec<T>,
}

impl<T: Scalar> Case<T> {
    fn new(sizes: &[usize], hidden: &[Activation], output: Output, loss: Loss, rows: usize) -> Self {
        let network = Network::new(sizes, hidden, output, loss).expect("a valid network");
        let wave = |(k, j): (usize, usize)| T::constant(((k * 31 + j) as f64 * 0.7).sin());
        let outputs = network.outputs();
        Self {
            x: Array2::from_shape_fn((rows, network.inputs()), wave),
            y: Array2::from_shape_fn((rows, outputs), |(k, j)| {
                T::constant(f64::from(u8::from(k % outputs == j)))
            }),
            weights: (0..rows).map(|k| T::constant(1.0 + (k % 3) as f64 / 3.0)).collect(),
            network,
        }
    }

    /// Wide enough that a batch of 200 rows is worth four threads.
    fn classes(rows: usize) -> Self {
        let hidden = [Activation::Relu, Activation::Tanh];
        Self::new(&[30, 120, 60, 4], &hidden, Output::Softmax, Loss::CrossEntropy, rows)
    }

    /// Few weights, as Levenberg–Marquardt wants them.
    fn curve(rows: usize) -> Self {
        Self::new(&[6, 14, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError, rows)
    }

    /// The last parameters, the best ones and what each epoch came to, as bits.
    fn bits(&self, settings: &TrainSettings) -> Vec<u64> {
        let weights = Some(&self.weights[..]);
        let rows =
            Examples::new(&self.network, self.x.view(), self.y.view(), weights).expect("valid examples");
        let start = Params::<T>::init(&self.network, Init::Auto, 3);
        let mut training = Training::new(&start, &rows, None, settings).expect("valid settings");
        while training.advance(&mut ()) == Flow::Continue {}
        let last = training.theta().to_vec();
        assert!(last != start.values(), "not a step with {}", settings.optimizer.name());
        let fit = training.finish(&mut ()).expect("threads");
        assert!(!matches!(fit.stop, StopReason::Diverged(_)), "{:?}", fit.stop);
        let theta = last.iter().chain(fit.params.values()).map(|w| w.value());
        let history = fit.history.iter().flat_map(|record| [record.train_cost, record.grad_norm]);
        let layers = fit.history.iter().flat_map(|record| layer_numbers(&record.layers));
        theta.chain(history).chain(layers).map(f64::to_bits).collect()
    }

    fn expect_same_bits(&self, settings: &TrainSettings, several: usize) {
        let on = |threads| TrainSettings { threads, ..settings.clone() };
        let alone = self.bits(&on(1));
        for threads in [2, 3, 8] {
            let batch = settings.batch_rows(self.x.nrows());
            let at_work = Evaluator::<T>::new(&self.network, settings.regularisation, batch, threads);
            let at_work = at_work.expect("an evaluator").threads();
            assert!(at_work > 1 && at_work >= threads.min(several), "{at_work} of {threads} threads at work");
            let same = self.bits(&on(threads)) == alone;
            let (name, rows) = (settings.optimizer.name(), self.x.nrows());
            assert!(same, "{} {name}, {rows} rows in batches of {batch}, {threads} threads", T::NAME);
        }
    }
}

fn settings(optimizer: Optimizer, batch: BatchSize) -> TrainSettings {
    TrainSettings {
        optimizer,
        batch,
        epochs: Some(2),
        regularisation: Regularisation { lambda: 0.1, label_smoothing: 0.0 },
        ..TrainSettings::default()
    }
}

/// All rows at once around one group of 256 rows and beyond; batches of one group, the last of fewer rows, and of several.
fn step_methods<T: Scalar>() {
    for (rows, batch, several) in [
        (255, BatchSize::Full, 4),
        (256, BatchSize::Full, 4),
        (257, BatchSize::Full, 4),
        (1100, BatchSize::Full, 8),
        (700, BatchSize::Rows(200), 4),
        (700, BatchSize::Rows(256), 4),
        (1500, BatchSize::Rows(600), 8),
    ] {
        let case = Case::<T>::classes(rows);
        for optimizer in STEP_METHODS {
            let settings = settings(optimizer, batch);
            case.expect_same_bits(&settings, several);
            let dropout = vec![0.1, 0.5, 0.2];
            case.expect_same_bits(&TrainSettings { dropout, ..settings }, several);
        }
    }
}

fn batch_methods<T: Scalar>() {
    let methods = [
        Optimizer::Rprop,
        Optimizer::ConjugateGradients,
        Optimizer::ScaledConjugateGradients,
        Optimizer::LBFGS,
    ];
    for rows in [256, 257, 1100] {
        let case = Case::<T>::classes(rows);
        for optimizer in methods {
            let settings = TrainSettings { epochs: Some(4), ..settings(optimizer, BatchSize::Auto) };
            case.expect_same_bits(&settings, 4);
        }
    }
    let settings = TrainSettings { epochs: Some(2), ..settings(Optimizer::LM, BatchSize::Auto) };
    Case::<T>::curve(15_000).expect_same_bits(&settings, 3);
}

#[test]
fn step_methods_in_f32() {
    step_methods::<f32>();
}

#[test]
fn step_methods_in_f64() {
    step_methods::<f64>();
}

#[test]
fn batch_methods_in_f32() {
    batch_methods::<f32>();
}

#[test]
fn batch_methods_in_f64() {
    batch_methods::<f64>();
}

/// Teams of their own: none waits for another's work.
#[test]
fn four_trainings_at_once_have_the_bits_of_each_alone() {
    let case = Case::<f32>::classes(900);
    let methods = [Optimizer::ADAM, Optimizer::LBFGS, Optimizer::SGD, Optimizer::Rprop];
    let job = |optimizer, threads| {
        let batch = if optimizer == Optimizer::Rprop { BatchSize::Auto } else { BatchSize::Rows(200) };
        let batch = if optimizer == Optimizer::LBFGS { BatchSize::Auto } else { batch };
        TrainSettings { threads, epochs: Some(5), ..settings(optimizer, batch) }
    };
    let alone = methods.map(|optimizer| case.bits(&job(optimizer, 1)));
    for threads in [1, 2] {
        let case = &case;
        let at_once = std::thread::scope(|scope| {
            methods
                .map(|optimizer| scope.spawn(move || case.bits(&job(optimizer, threads))))
                .map(|training| training.join().unwrap())
        });
        assert!(at_once == alone, "{threads} threads each");
    }
}
