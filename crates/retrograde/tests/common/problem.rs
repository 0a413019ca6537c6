//! Random problems: a network, its weights, examples and regularisation, all from one seed.

use ndarray::Array2;
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use retrograde::{
    Activation, Evaluator, Examples, Loss, Network, Output, Params, Regularisation, Scalar, reference,
};

/// How large a random problem may become.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Weight matrices, at most.
    pub depth: usize,
    /// Units of a layer, at most.
    pub units: usize,
    /// Rows, at most.
    pub rows: usize,
    /// Rows times weights, at most; one problem in sixteen may exceed it.
    pub work: usize,
    /// The |z| that a saturated layer is scaled to, at most.
    pub saturation: f64,
    /// Whether an exp output may be given a z at which it overflows.
    pub overflow: Overflow,
}

/// See [`Limits::overflow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overflow {
    /// One exp output in ten may have |z| up to 800.
    Sometimes,
    /// Every exp output has |z| ≤ 20.
    Never,
}

/// One network with weights and data in the scalar type T.
#[derive(Debug, Clone)]
pub(crate) struct Problem<T> {
    pub network: Network,
    pub theta: Vec<T>,
    pub x: Array2<T>,
    pub y: Array2<T>,
    pub weights: Option<Vec<T>>,
    pub regularisation: Regularisation,
}

impl Problem<f64> {
    /// The problem of this seed: every activation, every output with every loss it may have, λ or none, row
    /// weights or none, smoothing or none, from tiny weights to saturated ones.
    pub(crate) fn random(seed: u64, limits: Limits) -> Self {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let network = random_network(rng, &limits);
        let most =
            if rng.random_bool(1.0 / 16.0) { limits.rows } else { limits.work / network.weight_count() };
        let rows = random_size(rng, limits.rows.min(most.max(1)));
        let sparse = rng.random_bool(0.2);
        let scale = log_uniform(rng, 0.1, 3.0);
        let x = Array2::from_shape_simple_fn((rows, network.inputs()), || {
            if sparse && rng.random_bool(0.6) { 0.0 } else { scale * rng.random_range(-1.0..1.0) }
        });
        let y = random_targets(rng, &network, rows);
        let mut theta = random_weights(rng, &network);
        rescale(rng, &network, &mut theta, &x, &limits);
        let lambda = if rng.random_bool(0.5) { 0.0 } else { log_uniform(rng, 1e-3, 10.0) };
        let smoothed = *network.loss() == Loss::CrossEntropy && rng.random_bool(0.3);
        let label_smoothing = if smoothed { rng.random_range(0.01..0.5) } else { 0.0 };
        let weights = random_row_weights(rng, rows);
        Self { network, theta, x, y, weights, regularisation: Regularisation { lambda, label_smoothing } }
    }

    /// J and ∇J by the scalar loops of the reference.
    pub(crate) fn reference(&self) -> (f64, Vec<f64>) {
        reference::cost_and_grad(&self.network, &self.theta, &self.rows(), self.regularisation)
    }

    /// Inputs, targets and weight of every row.
    pub(crate) fn rows(&self) -> Vec<(&[f64], &[f64], f64)> {
        let row = |matrix: &'_ Array2<f64>, k: usize| -> std::ops::Range<usize> {
            k * matrix.ncols()..(k + 1) * matrix.ncols()
        };
        let (x, y) = (self.x.as_slice().expect("row-major"), self.y.as_slice().expect("row-major"));
        (0..self.x.nrows())
            .map(|k| (&x[row(&self.x, k)], &y[row(&self.y, k)], self.weights.as_ref().map_or(1.0, |w| w[k])))
            .collect()
    }
}

impl<T: Scalar> Problem<T> {
    /// The examples, checked.
    pub(crate) fn examples(&self) -> Examples<'_, T> {
        Examples::new(&self.network, self.x.view(), self.y.view(), self.weights.as_deref())
            .expect("the generator makes valid examples")
    }

    /// The weights as parameters.
    pub(crate) fn params(&self) -> Params<T> {
        Params::from_values(&self.network, self.theta.clone()).expect("one value for every weight")
    }

    /// J and ∇J by the fast path on this many threads.
    pub(crate) fn evaluate(&self, threads: usize) -> (f64, Vec<T>) {
        let mut evaluator = Evaluator::new(&self.network, self.regularisation, self.x.nrows(), threads)
            .expect("the generator makes valid settings");
        let mut grad = vec![T::constant(f64::NAN); self.theta.len()];
        let cost = evaluator.cost_and_grad(&self.theta, &self.examples(), &mut grad);
        (cost, grad)
    }

    /// The same problem in another scalar type.
    pub(crate) fn convert<U: Scalar>(&self) -> Problem<U> {
        let number = |v: &T| U::constant(v.value());
        Problem {
            network: self.network.clone(),
            theta: self.theta.iter().map(number).collect(),
            x: self.x.map(number),
            y: self.y.map(number),
            weights: self.weights.as_ref().map(|w| w.iter().map(number).collect()),
            regularisation: self.regularisation,
        }
    }

    /// What to print when this problem fails.
    pub(crate) fn describe(&self) -> String {
        format!(
            "{} · {:?} · {} rows{} · {:?}",
            self.network.describe(),
            self.network.loss(),
            self.x.nrows(),
            if self.weights.is_some() { ", weighted" } else { "" },
            self.regularisation
        )
    }
}

/// Half of the sizes small, half of them anything up to `most`.
fn random_size(rng: &mut ChaCha8Rng, most: usize) -> usize {
    if rng.random_bool(0.5) {
        (log_uniform(rng, 1.0, most as f64 + 1.0) as usize).clamp(1, most)
    } else {
        rng.random_range(1..=most)
    }
}

fn log_uniform(rng: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    rng.random_range(low.ln()..high.ln()).exp()
}

fn random_network(rng: &mut ChaCha8Rng, limits: &Limits) -> Network {
    let depth = rng.random_range(1..=limits.depth);
    let mut sizes: Vec<usize> = (0..=depth).map(|_| random_size(rng, limits.units)).collect();
    let hidden: Vec<Activation> =
        (1..depth).map(|_| *Activation::ALL.choose(rng).expect("not empty")).collect();
    let name = *Loss::NAMES.choose(rng).expect("not empty");
    let units = sizes[depth];
    let loss = match name {
        "cross-entropy" => Loss::CrossEntropy,
        "squared-error" => Loss::SquaredError,
        "absolute" => Loss::Absolute,
        "huber" => Loss::Huber { delta: log_uniform(rng, 0.01, 10.0) },
        "poisson" => Loss::Poisson,
        "gamma" => Loss::Gamma,
        "quantile" => {
            Loss::Quantile { levels: (0..units.max(2)).map(|_| rng.random_range(0.01..0.99)).collect() }
        }
        other => panic!("the generator does not know the loss {other}"),
    };
    let output = *loss.outputs().choose(rng).expect("every loss has an output");
    // One softmax output is refused, and the quantile levels above are at least two.
    if output == Output::Softmax || matches!(loss, Loss::Quantile { .. }) {
        sizes[depth] = units.max(2);
    }
    Network::new(&sizes, &hidden, output, loss).expect("the generator makes valid networks")
}

fn random_targets(rng: &mut ChaCha8Rng, network: &Network, rows: usize) -> Array2<f64> {
    let units = network.outputs();
    let style = rng.random_range(0..4);
    let mut y = Array2::zeros((rows, units));
    for mut row in y.rows_mut() {
        let favourite = rng.random_range(0..units);
        for (j, y) in row.iter_mut().enumerate() {
            *y = match (network.loss(), network.output()) {
                (Loss::Gamma, _) => log_uniform(rng, 1e-3, 1e3),
                (Loss::Poisson, _) => f64::from(rng.random_range(0..20u32)),
                (_, Output::Exp) => log_uniform(rng, 0.1, 20.0),
                (Loss::CrossEntropy, Output::Softmax) if style < 2 => f64::from(u8::from(j == favourite)),
                (_, Output::Sigmoid | Output::Softmax) if style == 2 => rng.random_range(0.0..1.0),
                (_, Output::Sigmoid | Output::Softmax) => f64::from(rng.random_range(0..2u8)),
                _ => rng.random_range(-5.0..5.0),
            };
        }
        // Soft classes that add up to 1; in style 2 the masses stay what they are, which is allowed too.
        if style == 3 && network.output() == Output::Softmax {
            row.mapv_inplace(|y| y + 0.1);
            let sum = row.sum();
            row.mapv_inplace(|y| y / sum);
        }
    }
    y
}

fn random_weights(rng: &mut ChaCha8Rng, network: &Network) -> Vec<f64> {
    let mut theta = vec![0.0; network.weight_count()];
    for layer in network.layers() {
        let gain = log_uniform(rng, 0.01, 4.0);
        let limit = gain / (layer.inputs as f64).sqrt();
        theta[layer.weights].iter_mut().for_each(|w| *w = rng.random_range(-limit..limit));
        if rng.random_bool(0.8) {
            theta[layer.bias].iter_mut().for_each(|b| *b = rng.random_range(-gain..gain));
        }
    }
    theta
}

/// Saturates a layer in three of ten problems, and keeps the exp output where e^z can be a prediction.
fn rescale(rng: &mut ChaCha8Rng, network: &Network, theta: &mut [f64], x: &Array2<f64>, limits: &Limits) {
    if rng.random_bool(0.3) {
        let target = log_uniform(rng, 10.0f64.min(limits.saturation / 2.0), limits.saturation);
        scale_layer(network, theta, x, rng.random_range(0..network.depth()), |_| target);
    }
    if network.output() == Output::Exp {
        let overflow = limits.overflow == Overflow::Sometimes && rng.random_bool(0.1);
        let most = if overflow { 800.0 } else { log_uniform(rng, 0.1, 20.0) };
        scale_layer(network, theta, x, network.depth() - 1, |z| if overflow { most } else { z.min(most) });
    }
}

/// Multiplies Θ of layer `l` so that its largest |z| becomes what `wanted` makes of it.
fn scale_layer(network: &Network, theta: &mut [f64], x: &Array2<f64>, l: usize, wanted: impl Fn(f64) -> f64) {
    let largest = x
        .outer_iter()
        .flat_map(|x| reference::forward(network, theta, x.to_slice().expect("row-major")).0.swap_remove(l))
        .fold(0.0f64, |largest, z| largest.max(z.abs()));
    if largest > 0.0 {
        let factor = wanted(largest) / largest;
        let layer = network.layer(l);
        theta[layer.weights.start..layer.bias.end].iter_mut().for_each(|v| *v *= factor);
    }
}

/// None, whole numbers, or anything from 0 to 2; one weight in five is 0, and never all of them.
fn random_row_weights(rng: &mut ChaCha8Rng, rows: usize) -> Option<Vec<f64>> {
    let style = rng.random_range(0..4);
    if style < 2 {
        return None;
    }
    let mut weights: Vec<f64> = (0..rows)
        .map(|_| {
            if rng.random_bool(0.2) {
                0.0
            } else if style == 2 {
                f64::from(rng.random_range(1..4u8))
            } else {
                rng.random_range(0.0..2.0)
            }
        })
        .collect();
    weights[0] = weights[0].max(0.5);
    Some(weights)
}
