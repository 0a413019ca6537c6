//! The same bits on any number of threads, and in any evaluator that is large enough.

use ndarray::Array2;
use retrograde::{
    Activation, Evaluator, Examples, Init, Loss, Network, Output, Params, Regularisation, Scalar,
};

/// Around a block of 32 rows, around a group of eight blocks, and beyond.
const ROWS: [usize; 8] = [1, 31, 32, 33, 256, 257, 2048, 2049];

fn networks() -> [Network; 3] {
    let new = |sizes: &[usize], hidden, output, loss| Network::new(sizes, hidden, output, loss);
    [
        new(&[60, 300, 1], &[Activation::Sigmoid], Output::Sigmoid, Loss::CrossEntropy),
        new(&[70, 131, 57, 4], &[Activation::Gelu, Activation::Tanh], Output::Softmax, Loss::CrossEntropy),
        new(&[5, 640, 20], &[Activation::Relu], Output::Identity, Loss::SquaredError),
    ]
    .map(|network| network.expect("a valid network"))
}

/// Anything that depends on row and column and never repeats.
fn wave<T: Scalar>(rows: usize, columns: usize) -> Array2<T> {
    Array2::from_shape_fn((rows, columns), |(k, j)| T::constant(((k * columns + j) as f64 * 0.7).sin()))
}

/// J and ∇J as bits (in f64, which tells f32s apart as well).
fn bits<T: Scalar>(network: &Network, rows: usize, threads: usize, room: usize) -> Vec<u64> {
    let theta = Params::<T>::init(network, Init::Auto, 5).into_values();
    let x = wave::<T>(rows, network.inputs());
    let y = Array2::from_shape_fn((rows, network.outputs()), |(k, j)| {
        T::constant(f64::from(u8::from(k % network.outputs() == j)))
    });
    let weights: Vec<T> = (0..rows).map(|k| T::constant(1.0 + (k % 3) as f64 / 3.0)).collect();
    let examples = Examples::new(network, x.view(), y.view(), Some(&weights)).expect("valid examples");
    let mut evaluator =
        Evaluator::new(network, Regularisation::l2(0.3), room, threads).expect("valid settings");
    if threads > 1 && rows >= 256 {
        assert!(evaluator.threads() > 1, "{} is done by one thread", network.describe());
    }
    let mut grad = vec![T::constant(f64::NAN); theta.len()];
    let cost = evaluator.cost_and_grad(&theta, &examples, &mut grad);
    let first: Vec<u64> =
        std::iter::once(cost).chain(grad.iter().map(|g| g.value())).map(f64::to_bits).collect();
    // A second call in the same evaluator must not see what the first one left behind.
    let again = evaluator.cost_and_grad(&theta, &examples, &mut grad);
    let second = std::iter::once(again).chain(grad.iter().map(|g| g.value())).map(f64::to_bits);
    assert!(second.eq(first.iter().copied()), "the second call differs");
    assert!(first.iter().all(|&b| f64::from_bits(b).is_finite()));
    first
}

fn same_bits<T: Scalar>() {
    for network in networks() {
        for rows in ROWS {
            let expected = bits::<T>(&network, rows, 1, rows);
            for threads in [2, 3, 8] {
                let found = bits::<T>(&network, rows, threads, rows);
                assert!(found == expected, "{} {rows} rows, {threads} threads", T::NAME);
            }
            let roomy = bits::<T>(&network, rows, 2, 6000);
            assert!(roomy == expected, "{} {rows} rows in an evaluator for 6,000", T::NAME);
        }
    }
}

#[test]
fn f32_bits_do_not_depend_on_threads() {
    same_bits::<f32>();
}

#[test]
fn f64_bits_do_not_depend_on_threads() {
    same_bits::<f64>();
}
