//! The costs that are compared on, and where each seed starts.

use crate::Failure;
use ndarray::Array2;
use rand::RngExt;
use retrograde::random::{Purpose, stream};
use retrograde::{
    Activation, Examples, Init, Loss, Network, NetworkObjective, Objective, Output, Params, Regularisation,
};

/// A cost and where to start on it.
pub(crate) struct Case {
    pub(crate) objective: Box<dyn Fn() -> Box<dyn Objective<f64>>>,
    pub(crate) start: Vec<f64>,
}

/// Σ 100 (x_{i+1} − x_i²)² + (1 − x_i)² (Rosenbrock 1960).
struct Rosenbrock(usize);

impl Objective<f64> for Rosenbrock {
    fn dimension(&self) -> usize {
        self.0
    }

    fn cost_and_grad(&mut self, x: &[f64], grad: &mut [f64]) -> f64 {
        grad.fill(0.0);
        let mut cost = 0.0;
        for i in 0..self.0 - 1 {
            let (valley, distance) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
            cost += 100.0 * valley * valley + distance * distance;
            grad[i] -= 400.0 * x[i] * valley + 2.0 * distance;
            grad[i + 1] += 200.0 * valley;
        }
        cost
    }
}

/// The usual start for seed 0, and a random one around it for the others.
pub(crate) fn rosenbrock(n: usize, seed: u64) -> Case {
    let mut rng = stream(seed, Purpose::Initialisation, 7);
    let spread = if seed == 0 { 0.0 } else { 0.5 };
    let start = (0..n).map(|i| [-1.2, 1.0][i % 2] + spread * rng.random_range(-1.0..1.0)).collect();
    Case { objective: Box::new(move || Box::new(Rosenbrock(n))), start }
}

/// A network on rows that live as long as the program.
fn network_case(
    network: &Network,
    (x, y): (Array2<f64>, Array2<f64>),
    lambda: f64,
    start: Vec<f64>,
) -> Result<Case, Failure> {
    let (x, y) = (&*Box::leak(Box::new(x)), &*Box::leak(Box::new(y)));
    let examples = Examples::new(network, x.view(), y.view(), None)?;
    // Checked here once, so that the closure cannot fail.
    NetworkObjective::new(network, examples, Regularisation::l2(lambda), 1)?;
    let network = network.clone();
    let objective = move || -> Box<dyn Objective<f64>> {
        Box::new(
            NetworkObjective::new(&network, examples, Regularisation::l2(lambda), 1).expect("checked above"),
        )
    };
    Ok(Case { objective: Box::new(objective), start })
}

/// Rows around one centre for each class; `noise` is the spread within a class.
fn blobs(rows: usize, inputs: usize, classes: usize, noise: f64) -> (Array2<f64>, Array2<f64>) {
    let mut rng = stream(1, Purpose::Shuffle, 0);
    let mut normal = || (0..12).map(|_| rng.random_range(-0.5..0.5)).sum::<f64>();
    let centres = Array2::from_shape_simple_fn((classes, inputs), &mut normal);
    let x = Array2::from_shape_fn((rows, inputs), |(k, j)| centres[[k % classes, j]] + noise * normal());
    let y = Array2::from_shape_fn((rows, classes), |(k, i)| f64::from(u8::from(k % classes == i)));
    (x, y)
}

/// Ten classes around ten centres in 64 dimensions, 300 rows, the course's λ = 1.
pub(crate) fn ten_classes(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[64, 16, 10], &[Activation::Sigmoid], Output::Softmax, Loss::CrossEntropy)?;
    let start = Params::<f64>::init(&network, Init::Course, seed).into_values();
    network_case(&network, blobs(300, 64, 10, 2.0), 1.0, start)
}

/// Three classes, one of the eight inputs in units 10⁴ times smaller than the others.
pub(crate) fn badly_scaled(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[8, 6, 3], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy)?;
    let start = Params::<f64>::init(&network, Init::Course, seed).into_values();
    let (mut x, y) = blobs(300, 8, 3, 1.0);
    x.column_mut(0).mapv_inplace(|v| 1e4 * v);
    network_case(&network, (x, y), 0.1, start)
}

/// Exclusive or without regularisation, from weights 20 times too large: the units start saturated.
pub(crate) fn saturated_xor(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[2, 4, 1], &[Activation::Sigmoid], Output::Sigmoid, Loss::CrossEntropy)?;
    let start = Params::<f64>::init(&network, Init::Course, seed);
    let x = Array2::from_shape_vec((4, 2), vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])?;
    let y = Array2::from_shape_vec((4, 1), vec![0.0, 1.0, 1.0, 0.0])?;
    network_case(&network, (x, y), 0.0, start.values().iter().map(|w| 20.0 * w).collect())
}

/// Counts up to e⁴ of inputs up to ±20: a step of length 1 along −∇J makes eᶻ overflow.
pub(crate) fn poisson(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[3, 6, 1], &[Activation::Tanh], Output::Exp, Loss::Poisson)?;
    let start = Params::<f64>::init(&network, Init::Course, seed).into_values();
    let (mut x, _) = blobs(200, 3, 4, 1.0);
    x.mapv_inplace(|v| 6.0 * v);
    let y =
        Array2::from_shape_fn((200, 1), |(k, _)| (2.0 + 2.0 * (0.2 * x[[k, 0]]).sin()).exp().round() * 40.0);
    network_case(&network, (x, y), 0.1, start)
}

/// sin x on [−3, 3] at 100 places.
pub(crate) fn sine(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[1, 10, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError)?;
    let start = Params::<f64>::init(&network, Init::Course, seed).into_values();
    let x = Array2::from_shape_fn((100, 1), |(k, _)| -3.0 + 6.0 * k as f64 / 99.0);
    let y = x.mapv(f64::sin);
    network_case(&network, (x, y), 0.0, start)
}
