//! Sums over very many rows in f32: ten million equal rows have the gradient of one.

mod common;

use common::{assert_close, worst_matrix};
use ndarray::Array2;
use retrograde::{Activation, Evaluator, Examples, Init, Loss, Network, Output, Params, Regularisation};

/// J and ∇J of `rows` equal rows.
fn equal_rows(network: &Network, theta: &[f32], rows: usize, threads: usize) -> (f64, Vec<f64>) {
    let x = Array2::from_shape_fn((rows, 2), |(_, j)| [0.3, -0.7][j]);
    // A soft target, so that no δ is 0.
    let y = Array2::from_shape_fn((rows, network.outputs()), |(_, j)| [0.9, 0.1][j]);
    let examples = Examples::new(network, x.view(), y.view(), None).expect("valid examples");
    let mut evaluator =
        Evaluator::new(network, Regularisation::default(), rows, threads).expect("valid settings");
    let mut grad = vec![0.0f32; theta.len()];
    let cost = evaluator.cost_and_grad(theta, &examples, &mut grad);
    (cost, grad.into_iter().map(f64::from).collect())
}

fn compare(rows: usize, threads: usize) {
    for (outputs, output) in [(1, Output::Sigmoid), (2, Output::Softmax)] {
        for hidden in [Activation::Sigmoid, Activation::Relu] {
            let network = Network::new(&[2, 3, outputs], &[hidden], output, Loss::CrossEntropy)
                .expect("a valid network");
            let theta = Params::<f32>::init(&network, Init::Course, 11).into_values();
            let (cost, one) = equal_rows(&network, &theta, 1, 1);
            let (many_cost, many) = equal_rows(&network, &theta, rows, threads);
            let what = format!("{rows} rows, {}", network.describe());
            assert_close(&what, many_cost, cost, (0.0, 1e-6));
            let (error, matrix) = worst_matrix(&network, &many, &one, 0.0);
            println!("{what}: {error:.1e} in {matrix}");
            assert!(error <= 1e-6, "{what}: {matrix} is off by {error:e}");
        }
    }
}

#[test]
fn a_hundred_thousand_equal_rows() {
    compare(100_000, 1);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code")]
fn ten_million_equal_rows() {
    compare(10_000_000, 2);
}
