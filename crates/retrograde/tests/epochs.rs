//! Epochs in a given order, against the same steps made one by one from the reference's gradients.

use ndarray::Array2;
use retrograde::optimize::method::StepState;
use retrograde::optimize::{Adam, Sgd};
use retrograde::train::{EpochSettings, Epochs};
use retrograde::{
    Activation, Error, Examples, Init, Loss, Network, Output, Params, Regularisation, StepRules, reference,
};

const ROWS: usize = 11;
const LAMBDA: f64 = 0.3;

fn network() -> Network {
    Network::new(&[3, 4, 2], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy).expect("a network")
}

struct Data {
    x: Array2<f64>,
    y: Array2<f64>,
    weights: Vec<f64>,
}

impl Data {
    fn new() -> Self {
        let x = Array2::from_shape_fn((ROWS, 3), |(k, j)| ((k * 7 + j * 5) % 13) as f64 / 6.0 - 1.0);
        let y = Array2::from_shape_fn((ROWS, 2), |(k, i)| f64::from(u8::from((k * k) % 2 == i)));
        Self { x, y, weights: (0..ROWS).map(|k| 0.5 + (k % 4) as f64).collect() }
    }

    fn examples(&self, network: &Network) -> Examples<'_, f64> {
        Examples::new(network, self.x.view(), self.y.view(), Some(&self.weights)).expect("examples")
    }

    /// J_b and ∇J_b of the rows of a batch.
    fn cost_and_grad(&self, network: &Network, theta: &[f64], batch: &[u32]) -> (f64, Vec<f64>) {
        let row = |matrix: &Array2<f64>, k: u32| matrix.row(k as usize).to_vec();
        let rows: Vec<(Vec<f64>, Vec<f64>, f64)> =
            batch.iter().map(|&k| (row(&self.x, k), row(&self.y, k), self.weights[k as usize])).collect();
        let rows: Vec<(&[f64], &[f64], f64)> = rows.iter().map(|(x, y, w)| (&x[..], &y[..], *w)).collect();
        reference::cost_and_grad(network, theta, &rows, Regularisation::l2(LAMBDA))
    }
}

fn orders() -> [Vec<u32>; 3] {
    let rows = ROWS as u32;
    [(0..rows).collect(), (0..rows).rev().collect(), (0..rows).map(|k| k * 4 % rows).collect()]
}

fn settings(method: StepState<f64>) -> EpochSettings<f64> {
    EpochSettings {
        method,
        rules: StepRules::default(),
        regularisation: Regularisation::l2(LAMBDA),
        dropout: (Vec::new(), 1),
        batch: 4,
        threads: 2,
    }
}

/// Three epochs of ours at their rates, and of `step(θ, ∇J, η, t)` from the reference: θ and the costs of both.
fn compare(method: StepState<f64>, mut step: impl FnMut(&mut [f64], &[f64], f64, i32)) {
    let (network, data) = (network(), Data::new());
    let mut theta = Params::<f64>::init(&network, Init::Auto, 3).into_values();
    let mut wanted = theta.clone();
    let mut epochs = Epochs::new(&network, data.examples(&network), settings(method)).expect("epochs");
    let (rates, mut t, mut last) = ([0.2, 0.05, 0.1], 0, 0.2);
    for (order, rate) in orders().iter().zip(rates) {
        if let StepState::Sgd(sgd) = epochs.method() {
            sgd.keep_pace(last, rate);
        }
        last = rate;
        let found =
            epochs.run(&mut theta, order, rate, &mut || true).expect("an epoch").expect("a whole one");
        let mut sum = 0.0;
        for batch in order.chunks(4) {
            let (cost, grad) = data.cost_and_grad(&network, &wanted, batch);
            sum += batch.len() as f64 * cost;
            t += 1;
            step(&mut wanted, &grad, rate, t);
        }
        assert!((found - sum / ROWS as f64).abs() < 1e-13, "{found} {}", sum / ROWS as f64);
        for (a, b) in theta.iter().zip(&wanted) {
            assert!((a - b).abs() < 1e-13, "{a} {b}");
        }
    }
}

#[test]
fn momentum_in_units_of_the_weights() {
    for nesterov in [false, true] {
        let mut velocity = vec![0.0; network().weight_count()];
        let method = Sgd::new(0.9, nesterov, velocity.len());
        compare(StepState::Sgd(method), |theta, grad, rate, _| {
            for ((theta, grad), v) in theta.iter_mut().zip(grad).zip(&mut velocity) {
                *v = 0.9 * *v - rate * grad;
                *theta += if nesterov { 0.9 * *v - rate * grad } else { *v };
            }
        });
    }
}

#[test]
fn adam_with_epsilon_inside_and_outside() {
    // Large enough to see where it stands.
    const EPSILON: f64 = 0.01;
    for inner in [false, true] {
        let n = network().weight_count();
        let (mut m, mut v) = (vec![0.0_f64; n], vec![0.0_f64; n]);
        let method = Adam::new([0.9, 0.999], EPSILON, n);
        let method = if inner { method.with_inner_epsilon() } else { method };
        compare(StepState::Adam(method), |theta, grad, rate, t| {
            let (first, second) = (1.0 - 0.9_f64.powi(t), 1.0 - 0.999_f64.powi(t));
            for (((theta, grad), m), v) in theta.iter_mut().zip(grad).zip(&mut m).zip(&mut v) {
                *m = 0.9 * *m + 0.1 * grad;
                *v = 0.999 * *v + 0.001 * grad * grad;
                *theta -= if inner {
                    rate * second.sqrt() / first * *m / (v.sqrt() + EPSILON)
                } else {
                    rate * (*m / first) / ((*v / second).sqrt() + EPSILON)
                };
            }
        });
    }
}

#[test]
fn an_epoch_ends_where_it_is_asked_to() {
    let (network, data) = (network(), Data::new());
    let method = || StepState::Sgd(Sgd::new(0.0, false, network.weight_count()));
    let start = Params::<f64>::init(&network, Init::Auto, 3).into_values();
    let mut epochs = Epochs::new(&network, data.examples(&network), settings(method())).expect("epochs");
    let mut theta = start.clone();
    let mut asked = 0;
    let mut go_on = || {
        asked += 1;
        asked < 2
    };
    let [order, ..] = orders();
    assert_eq!(epochs.run(&mut theta, &order, 0.1, &mut go_on).expect("an epoch"), None);
    let mut first = start;
    let mut epochs = Epochs::new(&network, data.examples(&network), settings(method())).expect("epochs");
    epochs.run(&mut first, &order[..4], 0.1, &mut || true).expect("an epoch");
    assert_eq!(theta, first);
}

#[test]
fn rows_that_weigh_nothing_move_nothing() {
    let (network, mut data) = (network(), Data::new());
    data.weights = (0..ROWS).map(|k| f64::from(u8::from(k > 3))).collect();
    let method = StepState::Sgd(Sgd::new(0.0, false, network.weight_count()));
    let start = Params::<f64>::init(&network, Init::Auto, 3).into_values();
    let mut epochs = Epochs::new(&network, data.examples(&network), settings(method)).expect("epochs");
    let mut theta = start.clone();
    assert_eq!(epochs.run(&mut theta, &[0, 1, 2, 3], 0.1, &mut || true).expect("an epoch"), Some(0.0));
    assert_eq!(theta, start);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (network, data) = (network(), Data::new());
    let method = || StepState::Sgd(Sgd::new(0.0, false, network.weight_count()));
    let new = |settings| Epochs::new(&network, data.examples(&network), settings);
    assert!(matches!(new(EpochSettings { batch: 0, ..settings(method()) }), Err(Error::Setting { .. })));
    let rates = (vec![0.1, 0.2, 0.3], 1);
    assert!(matches!(new(EpochSettings { dropout: rates, ..settings(method()) }), Err(Error::Shape { .. })));
    let mut epochs = new(settings(method())).expect("epochs");
    let mut theta = vec![0.0; network.weight_count()];
    for (theta, order) in
        [(&mut theta[1..], vec![0]), (&mut [0.0; 26][..], vec![ROWS as u32]), (&mut [0.0; 26][..], vec![])]
    {
        assert!(matches!(epochs.run(theta, &order, 0.1, &mut || true), Err(Error::Shape { .. })));
    }
}
