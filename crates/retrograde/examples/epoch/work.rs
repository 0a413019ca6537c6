//! The work of each case through the public API, ready to be done again and again.

use crate::Failure;
use crate::cases::{Case, Kind, LAMBDA, LEARNING_RATE};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2};
use retrograde::{
    Activation, BatchSize, EpochRecord, Examples, Flow, Loss, Network, NetworkObjective, Objective, Observer,
    Optimizer, Output, Params, Predictor, Regularisation, Scalar, TrainSettings, Training,
};
use std::hint::black_box;
use std::time::Instant;

/// What one measurement came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    pub(crate) seconds: f64,
    /// What else is worth knowing of it, by name.
    pub(crate) notes: Vec<(&'static str, f64)>,
}

/// One measurement, to be called again and again.
pub(crate) type Measure = Box<dyn FnMut() -> Result<Sample, Failure>>;

/// Calls that are timed together in case H: one takes less time than reading the clock.
const CALLS: u32 = 20_000;

/// More epochs than anybody measures.
const UNLIMITED: usize = 1_000_000;

/// The case's data and network, set up so that only its work is left to do. `cost` is where case F stops.
pub(crate) fn prepare(case: &'static Case, threads: usize, cost: f64) -> Result<Measure, Failure> {
    match case.kind {
        Kind::Epoch => epochs(case, threads),
        Kind::Evaluation => evaluations(case, threads),
        Kind::Descent => descents(case, threads, cost),
        Kind::Prediction => predictions(case, threads),
        Kind::Call => calls(case),
        Kind::Product => products(case, threads),
    }
}

/// Bytes of X and Y as the case holds them.
pub(crate) fn data_bytes(case: &Case) -> usize {
    let (columns, size) = match case.kind {
        Kind::Epoch => (case.inputs() + case.outputs(), size_of::<f32>()),
        Kind::Evaluation | Kind::Descent => (case.inputs() + case.outputs(), size_of::<f64>()),
        Kind::Prediction | Kind::Call => (case.inputs(), size_of::<f32>()),
        Kind::Product => (0, 0),
    };
    case.rows * columns * size
}

fn relu_softmax(case: &Case) -> Result<Network, Failure> {
    Ok(Network::new(case.sizes, &[Activation::Relu], Output::Softmax, Loss::CrossEntropy)?)
}

fn start<T: Scalar>(case: &Case, network: &Network) -> Result<Params<T>, Failure> {
    let layers = case.weights();
    let mut theta = vec![0.0; network.weight_count()];
    for (shape, (weights, bias)) in network.layers().zip(&layers) {
        theta[shape.weights].copy_from_slice(weights);
        theta[shape.bias].copy_from_slice(bias);
    }
    Ok(Params::from_values(network, theta.into_iter().map(T::constant).collect())?)
}

/// X and one-hot Y, which live as long as the program.
fn examples<T: Scalar>(case: &Case, network: &Network) -> Result<Examples<'static, T>, Failure> {
    let x = Array2::from_shape_vec((case.rows, case.inputs()), case.x(T::constant))?;
    let mut y = Array2::from_elem((case.rows, case.outputs()), T::zero());
    for (row, class) in case.classes().into_iter().enumerate() {
        y[[row, class]] = T::one();
    }
    let (x, y) = (&*Box::leak(Box::new(x)), &*Box::leak(Box::new(y)));
    Ok(Examples::new(network, x.view(), y.view(), None)?)
}

fn epochs(case: &'static Case, threads: usize) -> Result<Measure, Failure> {
    let network = relu_softmax(case)?;
    let examples = examples::<f32>(case, &network)?;
    let settings = TrainSettings {
        optimizer: Optimizer::ADAM,
        learning_rate: Some(LEARNING_RATE),
        batch: BatchSize::Rows(case.batch),
        epochs: Some(UNLIMITED),
        patience: UNLIMITED,
        threads,
        ..TrainSettings::default()
    };
    let mut training = Training::new(&start(case, &network)?, &examples, None, &settings)?;
    Ok(Box::new(move || {
        let (epoch, _) = training.state().place();
        let begun = Instant::now();
        while training.state().place().0 == epoch {
            if training.advance(&mut ()) == Flow::Stop && training.state().place().0 == epoch {
                return Err(format!("the training stopped in epoch {}", epoch + 1).into());
            }
        }
        Ok(Sample { seconds: begun.elapsed().as_secs_f64(), notes: Vec::new() })
    }))
}

fn sigmoids(case: &Case) -> Result<Network, Failure> {
    Ok(Network::new(case.sizes, &[Activation::Sigmoid], Output::Sigmoid, Loss::CrossEntropy)?)
}

fn evaluations(case: &'static Case, threads: usize) -> Result<Measure, Failure> {
    let network = sigmoids(case)?;
    let examples = examples::<f64>(case, &network)?;
    let theta = start::<f64>(case, &network)?.into_values();
    let mut objective = NetworkObjective::new(&network, examples, Regularisation::default(), threads)?;
    let mut grad = vec![0.0; theta.len()];
    Ok(Box::new(move || {
        let begun = Instant::now();
        let cost = objective.cost_and_grad(black_box(&theta), &mut grad);
        let seconds = begun.elapsed().as_secs_f64();
        black_box(&grad);
        Ok(Sample { seconds, notes: vec![("cost", cost)] })
    }))
}

/// Stops where the cost is low enough.
struct Until {
    target: f64,
    last: Option<EpochRecord>,
}

impl Observer for Until {
    fn epoch(&mut self, record: &EpochRecord, _best: bool) -> Flow {
        self.last = Some(record.clone());
        if record.train_cost <= self.target { Flow::Stop } else { Flow::Continue }
    }
}

fn descents(case: &'static Case, threads: usize, target: f64) -> Result<Measure, Failure> {
    let network = sigmoids(case)?;
    let examples = examples::<f64>(case, &network)?;
    let start = start::<f64>(case, &network)?;
    let settings = TrainSettings {
        optimizer: Optimizer::LBFGS,
        regularisation: Regularisation::l2(LAMBDA),
        epochs: Some(UNLIMITED),
        tolerance: Some(0.0),
        patience: UNLIMITED,
        threads,
        ..TrainSettings::default()
    };
    Ok(Box::new(move || {
        let mut until = Until { target, last: None };
        let begun = Instant::now();
        let mut training = Training::new(&start, &examples, None, &settings)?;
        while training.advance(&mut until) == Flow::Continue {}
        let seconds = begun.elapsed().as_secs_f64();
        let last = until.last.ok_or("the training made no iteration")?;
        if !(last.train_cost <= target) {
            return Err(format!("the training stopped at a cost of {}", last.train_cost).into());
        }
        let notes = vec![
            ("evaluations", last.evaluations),
            ("iterations", last.epoch as f64),
            ("cost", last.train_cost),
        ];
        Ok(Sample { seconds, notes })
    }))
}

fn predictions(case: &'static Case, threads: usize) -> Result<Measure, Failure> {
    let network = relu_softmax(case)?;
    let mut predictor = Predictor::new(&start::<f32>(case, &network)?, threads)?;
    let x = case.x(|v| v as f32);
    let mut a = vec![0.0; case.rows * network.outputs()];
    Ok(Box::new(move || {
        let begun = Instant::now();
        predictor.predict_into(&x, &mut a)?;
        let seconds = begun.elapsed().as_secs_f64();
        Ok(Sample { seconds, notes: vec![("first", f64::from(a[0]))] })
    }))
}

fn calls(case: &'static Case) -> Result<Measure, Failure> {
    let network = relu_softmax(case)?;
    let mut predictor = Predictor::new(&start::<f32>(case, &network)?, 1)?;
    let x = case.x(|v| v as f32);
    let mut a = vec![0.0; network.outputs()];
    Ok(Box::new(move || {
        let begun = Instant::now();
        for _ in 0..CALLS {
            predictor.predict_into(black_box(&x), black_box(&mut a))?;
        }
        let seconds = begun.elapsed().as_secs_f64() / f64::from(CALLS);
        Ok(Sample { seconds, notes: vec![("first", f64::from(a[0]))] })
    }))
}

/// Every thread a product of its own, so that none waits for another: the rate that everything else is held against.
fn products(case: &'static Case, threads: usize) -> Result<Measure, Failure> {
    let (m, k, n) = (case.rows, case.sizes[0], case.sizes[1]);
    let a = Array2::from_shape_vec((m, k), case.x(|v| v as f32))?;
    let b = case.weights()[0].0.iter().map(|&w| w as f32).collect();
    let b = Array2::from_shape_vec((n, k), b)?;
    let mut results = vec![Array2::from_elem((m, n), 0.0f32); threads];
    Ok(Box::new(move || {
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for c in &mut results {
                let (a, b): (_, ArrayView2<f32>) = (&a, b.t());
                scope.spawn(move || general_mat_mul(1.0, a, &b, 0.0, c));
            }
        });
        let seconds = begun.elapsed().as_secs_f64();
        black_box(&results);
        Ok(Sample { seconds, notes: Vec::new() })
    }))
}
