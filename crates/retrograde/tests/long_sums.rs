//! Sums over very many rows in f32: ten million equal rows have the gradient of one.

mod common;

use common::{assert_close, worst_matrix};
use ndarray::Array2;
use retrograde::{Activation, Evaluator, Examples, Init, Loss, Network, Output, Params, Regularisation};

/// J and ∇J of `rows` equal rows.
fn equal_rows(network: &Network, theta: &[f32], rows: usize, threads: usize) -> (f64, Vec<f64>) {
    let x = Array2::from_shape_fn((rows, network.inputs()), |(_, j)| [0.3, -0.7][j]);
    // A soft target, so that no δ is 0.
    let y = Array2::from_shape_fn((rows, network.outputs()), |(_, j)| [0.9, 0.1][j]);
    let examples = Examples::new(network, x.view(), y.view(), None).expect("valid examples");
    let mut evaluator =
        Evaluator::new(network, Regularisation::default(), rows, threads).expect("valid settings");
    let mut grad = vec![0.0f32; theta.len()];
    let cost = evaluator.cost_and_grad(theta, &examples, &mut grad);
    (cost, grad.into_iter().map(f64::from).collect())
}

/// Fewer and more units than vectors and tiles have room for.
const SIZES: [[usize; 3]; 5] = [[2, 3, 1], [2, 3, 2], [1, 3, 1], [1, 1, 1], [2, 40, 2]];

/// The largest error of a matrix over these networks, relative to its largest entry.
fn worst_error(sizes: &[[usize; 3]], hidden: &[Activation], rows: usize, threads: usize) -> f64 {
    let mut worst = 0.0f64;
    for sizes in sizes {
        let output = if sizes[2] == 1 { Output::Sigmoid } else { Output::Softmax };
        for hidden in hidden {
            let network =
                Network::new(sizes, &[*hidden], output, Loss::CrossEntropy).expect("a valid network");
            let theta = Params::<f32>::init(&network, Init::Course, 11).into_values();
            let (cost, one) = equal_rows(&network, &theta, 1, 1);
            let (many_cost, many) = equal_rows(&network, &theta, rows, threads);
            let what = format!("{rows} rows, {}", network.describe());
            assert_close(&what, many_cost, cost, (0.0, 1e-6));
            let (error, matrix) = worst_matrix(&network, &many, &one, 0.0);
            assert!(error <= 1e-6, "{what}: {matrix} is off by {error:e}");
            worst = worst.max(error);
        }
    }
    worst
}

#[test]
fn equal_rows_of_several_blocks() {
    for rows in [257, 1000, 30_000] {
        println!(
            "{rows} rows: {:.1e}",
            worst_error(&SIZES, &[Activation::Sigmoid, Activation::Gelu], rows, 1)
        );
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code")]
fn ten_million_equal_rows() {
    let error = worst_error(&SIZES[..2], &[Activation::Sigmoid], 10_000_000, 2);
    println!("10,000,000 rows: {error:.1e}");
}
