//! Second derivatives against differences of the gradient, and of the outputs.

mod common;

use common::problem::Overflow;
use common::{Limits, Problem, assert_close, problems};
use ndarray::{Array2, ArrayView2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use retrograde::{Activation, Evaluator, Examples, Loss, Network, Output, Regularisation, reference};

const LIMITS: Limits =
    Limits { depth: 4, units: 6, rows: 300, work: 4_000, saturation: 3.0, overflow: Overflow::Never };

fn direction(seed: u64, length: usize) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..length).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn evaluator(problem: &Problem<f64>, threads: usize) -> Evaluator<f64> {
    Evaluator::new(&problem.network, problem.regularisation, problem.x.nrows(), threads).expect("valid")
}

fn hessian_vector(problem: &Problem<f64>, v: &[f64], threads: usize) -> Vec<f64> {
    let mut out = vec![0.0; v.len()];
    evaluator(problem, threads).hessian_vector(&problem.theta, &problem.examples(), v, &mut out);
    out
}

/// Corners have no second derivative; the difference would step over them.
fn is_smooth(problem: &Problem<f64>) -> bool {
    let corners =
        matches!(problem.network.loss(), Loss::Absolute | Loss::Huber { .. } | Loss::Quantile { .. });
    !corners && !problem.network.hidden().iter().any(|g| g.has_kink())
}

#[test]
fn the_r_operator_is_the_derivative_of_the_gradient() {
    let mut seen = 0;
    for seed in 0..problems(600, 150) {
        let problem = Problem::random(seed, LIMITS);
        if !is_smooth(&problem) {
            continue;
        }
        let n = problem.theta.len();
        let v = direction(seed, n);
        let found = hessian_vector(&problem, &v, 1);
        let h = 1e-5 / dot(&v, &v).sqrt();
        let beside = |step: f64| {
            let theta = problem.theta.iter().zip(&v).map(|(t, v)| t + step * v).collect();
            Problem { theta, ..problem.clone() }.reference().1
        };
        let (above, below) = (beside(h), beside(-h));
        let numerical: Vec<f64> = above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * h)).collect();
        let size = dot(&numerical, &numerical).sqrt().max(1e-3);
        for (found, numerical) in found.iter().zip(&numerical) {
            assert_close(
                &format!("{seed}: {}", problem.network.describe()),
                *found,
                *numerical,
                (2e-5 * size, 0.0),
            );
        }
        // H is symmetric: u·Hv = v·Hu.
        let u = direction(seed + 1_000_000, n);
        let (uhv, vhu) = (dot(&u, &found), dot(&v, &hessian_vector(&problem, &u, 1)));
        assert_close("symmetry", uhv, vhu, (1e-11 * size * dot(&u, &u).sqrt(), 0.0));
        seen += 1;
    }
    assert!(seen > 30, "{seen} smooth problems");
}

/// With no hidden layer z is linear in Θ: Gauss–Newton leaves nothing out where the loss matches its output.
#[test]
fn gauss_newton_is_the_hessian_of_a_linear_network() {
    let mut seen = 0;
    for seed in 0..problems(2_000, 800) {
        let problem = Problem::random(seed, Limits { depth: 1, ..LIMITS });
        let network = &problem.network;
        let whole = network.loss().matches(network.output()) || *network.loss() == Loss::Gamma;
        if network.depth() > 1 || !whole {
            continue;
        }
        let n = problem.theta.len();
        let mut matrix = Vec::new();
        assert!(evaluator(&problem, 1).gauss_newton(&problem.theta, &problem.examples(), &mut matrix));
        let v = direction(seed, n);
        let product: Vec<f64> = matrix.chunks_exact(n).map(|row| dot(row, &v)).collect();
        let exact = hessian_vector(&problem, &v, 1);
        let size = dot(&exact, &exact).sqrt();
        for (found, exact) in product.iter().zip(&exact) {
            assert_close(&network.describe(), *found, *exact, (1e-11 * size, 1e-12));
        }
        seen += 1;
    }
    assert!(seen > 30, "{seen} linear problems");
}

/// Σ w Jᵀ C J with J and C by differences of the reference.
fn by_differences(problem: &Problem<f64>) -> Vec<f64> {
    let (network, n) = (&problem.network, problem.theta.len());
    let outputs = network.outputs();
    let total: f64 = problem.rows().iter().map(|(_, _, w)| w).sum();
    let squared = *network.loss() == Loss::SquaredError;
    let mut matrix = vec![0.0; n * n];
    for (x, y, weight) in problem.rows() {
        let last = |theta: &[f64]| {
            let (z, a) = reference::forward(network, theta, x);
            if squared { a[a.len() - 1].clone() } else { z[z.len() - 1].clone() }
        };
        let mut jacobian = vec![vec![0.0; n]; outputs];
        for p in 0..n {
            let h = 1e-5;
            let mut theta = problem.theta.clone();
            theta[p] += h;
            let above = last(&theta);
            theta[p] -= 2.0 * h;
            let below = last(&theta);
            for o in 0..outputs {
                jacobian[o][p] = (above[o] - below[o]) / (2.0 * h);
            }
        }
        let z = reference::forward(network, &problem.theta, x).0;
        let z = &z[z.len() - 1];
        let y = problem.regularisation.smooth(network.output(), y);
        for o in 0..outputs {
            for q in 0..outputs {
                let curvature = if squared {
                    f64::from(u8::from(o == q))
                } else {
                    let at = |h: f64| {
                        let mut z = z.clone();
                        z[q] += h;
                        let (mut a, mut delta) = (vec![0.0; outputs], vec![0.0; outputs]);
                        network.loss().cost_and_delta(network.output(), &z, &y, &mut a, &mut delta);
                        delta[o]
                    };
                    (at(1e-5) - at(-1e-5)) / 2e-5
                };
                for i in 0..n {
                    for j in 0..n {
                        matrix[i * n + j] += weight * jacobian[o][i] * curvature * jacobian[q][j] / total;
                    }
                }
            }
        }
    }
    for layer in network.layers() {
        for i in layer.weights {
            matrix[i * n + i] += problem.regularisation.lambda / total;
        }
    }
    matrix
}

#[test]
fn gauss_newton_is_made_of_the_jacobian() {
    let limits = Limits { depth: 3, units: 4, rows: 12, work: 300, ..LIMITS };
    let (mut seen, mut softmax_squared) = (0, 0);
    for seed in 0..problems(500, 250) {
        let problem = Problem::random(seed, limits);
        let curved = matches!(
            problem.network.loss(),
            Loss::SquaredError | Loss::CrossEntropy | Loss::Poisson | Loss::Gamma
        );
        if !curved || problem.network.hidden().iter().any(|g| g.has_kink()) || problem.theta.len() > 60 {
            continue;
        }
        let (mut found, mut again) = (Vec::new(), Vec::new());
        assert!(evaluator(&problem, 1).gauss_newton(&problem.theta, &problem.examples(), &mut found));
        assert!(evaluator(&problem, 3).gauss_newton(&problem.theta, &problem.examples(), &mut again));
        assert_eq!(found, again, "threads change no bit");
        let wanted = by_differences(&problem);
        let size = wanted.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        for (found, wanted) in found.iter().zip(&wanted) {
            let what = format!("{seed}: {} {}", problem.network.describe(), problem.network.loss().name());
            assert_close(&what, *found, *wanted, (1e-6 * size.max(1e-6), 0.0));
        }
        let softmax = problem.network.output() == Output::Softmax;
        softmax_squared += usize::from(softmax && *problem.network.loss() == Loss::SquaredError);
        seen += 1;
    }
    assert!(seen > 30 && softmax_squared > 0, "{seen} problems, {softmax_squared} of them the hardest");
}

#[test]
fn a_loss_with_corners_has_no_gauss_newton_matrix() {
    let problem = (0..500)
        .map(|seed| Problem::random(seed, LIMITS))
        .find(|p| *p.network.loss() == Loss::Absolute)
        .expect("one in seven");
    let mut matrix = Vec::new();
    assert!(!evaluator(&problem, 1).gauss_newton(&problem.theta, &problem.examples(), &mut matrix));
}

#[test]
fn threads_change_no_bit_of_a_product() {
    let rows = |p: &Problem<f64>| p.x.nrows() > 256;
    let problem = (0..5_000).map(|seed| Problem::random(seed, LIMITS)).find(rows).expect("more than a block");
    let v = direction(1, problem.theta.len());
    let one = hessian_vector(&problem, &v, 1);
    for threads in [2, 3, 8] {
        assert_eq!(one, hessian_vector(&problem, &v, threads), "{threads} threads");
    }
}

/// A row of weight 0 is not there, whatever overflows in it.
#[test]
fn a_row_of_weight_zero_is_not_there() {
    let network =
        Network::new(&[1, 2, 1], &[Activation::Relu], Output::Identity, Loss::SquaredError).expect("valid");
    let theta = vec![100.0, -3.0, 0.5, 0.1, 2.0, -1.0, 0.3];
    let x = ndarray::array![[1.0], [1e307], [-2.0]];
    let y = ndarray::array![[0.5], [1.0], [2.0]];
    let weights = [1.0, 0.0, 2.0];
    let v = direction(1, theta.len());
    let of = |x: ArrayView2<'_, f64>, y: ArrayView2<'_, f64>, weights: &[f64]| {
        let rows = Examples::new(&network, x, y, Some(weights)).expect("rows");
        let mut evaluator = Evaluator::new(&network, Regularisation::l2(0.5), x.nrows(), 1).expect("valid");
        let (mut product, mut matrix) = (vec![0.0; theta.len()], Vec::new());
        evaluator.hessian_vector(&theta, &rows, &v, &mut product);
        assert!(evaluator.gauss_newton(&theta, &rows, &mut matrix));
        (product, matrix)
    };
    let with = of(x.view(), y.view(), &weights);
    let (x, y) = (x.select(ndarray::Axis(0), &[0, 2]), y.select(ndarray::Axis(0), &[0, 2]));
    let without = of(x.view(), y.view(), &[1.0, 2.0]);
    for (with, without) in with.0.iter().chain(&with.1).zip(without.0.iter().chain(&without.1)) {
        assert_close("with and without the row", *with, *without, (1e-12, 1e-12));
    }
}

/// Many equal rows in f32 have the product of one.
#[test]
fn long_sums_of_f32_keep_their_digits() {
    let network = Network::new(&[3, 5, 4, 2], &[Activation::Tanh], Output::Identity, Loss::SquaredError)
        .expect("valid");
    let theta: Vec<f32> = direction(5, network.weight_count()).iter().map(|&t| t as f32).collect();
    let v: Vec<f32> = direction(6, theta.len()).iter().map(|&t| t as f32).collect();
    let product = |rows: usize| {
        let x = Array2::from_shape_fn((rows, 3), |(_, j)| [0.3f32, -0.7, 1.1][j]);
        let y = Array2::from_elem((rows, 2), 0.5f32);
        let examples = Examples::new(&network, x.view(), y.view(), None).expect("rows");
        let mut out = vec![0.0f32; theta.len()];
        Evaluator::new(&network, Regularisation::default(), rows, 2)
            .expect("valid")
            .hessian_vector(&theta, &examples, &v, &mut out);
        out
    };
    let (one, many) = (product(1), product(1 << 17));
    let size = one.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    for (one, many) in one.iter().zip(&many) {
        assert_close("one row and many", f64::from(*many), f64::from(*one), (2e-6 * f64::from(size), 0.0));
    }
}
