//! What must not change the answer: the order of the rows, how they are batched, how a weight is written.

mod common;

use common::problem::Overflow;
use common::{Limits, Problem, assert_close, close, problems, worst_matrix};
use ndarray::{Array2, Axis, array};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use retrograde::{
    Activation, Evaluator, Examples, Init, Loss, Network, Output, Params, Regularisation, pull,
};

const LIMITS: Limits =
    Limits { depth: 6, units: 30, rows: 600, work: 40_000, saturation: 30.0, overflow: Overflow::Never };

fn random_problems(release: u64) -> impl Iterator<Item = (u64, Problem<f64>)> {
    (3_000_000..3_000_000 + problems(release, release / 4)).map(|seed| (seed, Problem::random(seed, LIMITS)))
}

/// Both evaluations agree to `rtol` of each matrix's largest entry, or to what cancelling rows leave.
#[track_caller]
fn assert_same(
    seed: u64,
    problem: &Problem<f64>,
    found: &(f64, Vec<f64>),
    expected: &(f64, Vec<f64>),
    rtol: f64,
) {
    let what = problem.describe();
    assert!(close(found.0, expected.0, 1e-300, rtol), "{seed}: J {:e} and {:e}, {what}", found.0, expected.0);
    let (error, matrix) = worst_matrix(&problem.network, &found.1, &expected.1, 1e-290);
    assert!(
        error <= rtol || error <= problem.explained_error(f64::EPSILON),
        "{seed}: {matrix} is off by {error:e}, {what}"
    );
}

/// The rows of these indices.
fn pick(problem: &Problem<f64>, rows: &[usize]) -> Problem<f64> {
    Problem {
        x: problem.x.select(Axis(0), rows),
        y: problem.y.select(Axis(0), rows),
        weights: problem.weights.as_ref().map(|w| rows.iter().map(|&k| w[k]).collect()),
        ..problem.clone()
    }
}

#[test]
fn the_order_of_the_rows() {
    for (seed, problem) in random_problems(200) {
        let mut order: Vec<usize> = (0..problem.x.nrows()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        assert_same(seed, &problem, &pick(&problem, &order).evaluate(1), &problem.evaluate(1), 1e-13);
    }
}

#[test]
fn two_batches_average_to_one_by_weight() {
    for (seed, mut problem) in random_problems(200) {
        let rows = problem.x.nrows();
        if rows < 2 {
            continue;
        }
        // λ belongs to the whole and not to the parts; each part needs some weight.
        problem.regularisation.lambda = 0.0;
        problem.weights.iter_mut().flatten().for_each(|w| *w = w.max(0.1));
        let cut = 1 + seed as usize % (rows - 1);
        let all: Vec<usize> = (0..rows).collect();
        let parts = [pick(&problem, &all[..cut]), pick(&problem, &all[cut..])];
        let total = problem.examples().total_weight();
        let mut average = (0.0, vec![0.0; problem.theta.len()]);
        for part in &parts {
            let share = part.examples().total_weight() / total;
            let (cost, grad) = part.evaluate(1);
            average.0 += share * cost;
            average.1.iter_mut().zip(grad).for_each(|(sum, g)| *sum += share * g);
        }
        assert_same(seed, &problem, &average, &problem.evaluate(1), 1e-12);
    }
}

#[test]
fn a_whole_weight_is_a_repeated_row() {
    for (seed, mut problem) in random_problems(200) {
        let counts: Vec<usize> = (0..problem.x.nrows()).map(|k| (k * 7 + seed as usize + 1) % 4).collect();
        if counts.iter().sum::<usize>() == 0 {
            continue;
        }
        let repeated: Vec<usize> = (0..counts.len()).flat_map(|k| vec![k; counts[k]]).collect();
        problem.weights = None;
        let expected = pick(&problem, &repeated).evaluate(1);
        problem.weights = Some(counts.iter().map(|&c| c as f64).collect());
        assert_same(seed, &problem, &problem.evaluate(1), &expected, 1e-12);
    }
}

#[test]
fn only_the_ratio_of_weights_counts_without_lambda() {
    for (seed, mut problem) in random_problems(50) {
        problem.regularisation.lambda = 0.0;
        problem.weights = Some(vec![1.0; problem.x.nrows()]);
        let ones = problem.evaluate(1);
        problem.weights = Some(vec![4.0; problem.x.nrows()]);
        assert_eq!(problem.evaluate(1), ones, "{seed}: powers of two change no bit");
        problem.weights = None;
        assert_same(seed, &problem, &ones, &problem.evaluate(1), 1e-15);
    }
}

#[test]
fn a_row_of_weight_0_is_not_there_even_where_a_hidden_unit_overflows() {
    let network =
        Network::new(&[1, 2, 1], &[Activation::Relu], Output::Identity, Loss::SquaredError).expect("valid");
    let theta: Vec<f32> = vec![1e20, 2.0, 0.0, 0.0, 1e20, 1.0, 0.5];
    let (x, y) = (ndarray::array![[1e30f32], [0.5]], ndarray::array![[1.0f32], [2.0]]);
    let weights = [0.0f32, 1.0];
    let both = Examples::new(&network, x.view(), y.view(), Some(&weights)).expect("valid");
    let one = Examples::new(&network, x.slice(ndarray::s![1.., ..]), y.slice(ndarray::s![1.., ..]), None)
        .expect("valid");
    let gradient = |rows: &Examples<'_, f32>| {
        let mut grad = vec![0.0f32; theta.len()];
        let mut evaluator = Evaluator::new(&network, Regularisation::default(), 2, 1).expect("valid");
        (evaluator.cost_and_grad(&theta, rows, &mut grad), grad)
    };
    assert_eq!(gradient(&both), gradient(&one));
    let params = Params::from_values(&network, theta.clone()).expect("valid");
    let norms =
        retrograde::pull::gradient_norms(&params, &both, Regularisation::default(), 1).expect("valid");
    assert!(norms[0] == 0.0 && norms[1] > 0.0, "{norms:?}");
}

#[test]
fn a_row_of_weight_0_is_not_there_even_at_infinite_loss() {
    let network = Network::new(&[1, 1, 1], &[Activation::Identity], Output::Exp, Loss::Poisson).unwrap();
    let theta = [1.0, 0.0, 1.0, 0.0]; // z = x
    let (x, y) = (array![[800.0], [0.5]], array![[3.0], [1.0]]);
    let evaluate = |x: &Array2<f64>, y: &Array2<f64>, weights: Option<&[f64]>| {
        let examples = Examples::new(&network, x.view(), y.view(), weights).unwrap();
        let mut evaluator = Evaluator::new(&network, Regularisation::l2(0.5), 2, 1).unwrap();
        let mut grad = vec![0.0; 4];
        let cost = evaluator.cost_and_grad(&theta, &examples, &mut grad);
        let input = evaluator.input_grad(&theta, &examples);
        (cost, grad, input.into_raw_vec_and_offset().0)
    };
    let (cost, grad, input) = evaluate(&x, &y, Some(&[0.0, 1.0]));
    let alone = evaluate(&array![[0.5]], &array![[1.0]], None);
    assert_eq!((cost, grad), (alone.0, alone.1));
    assert_eq!(input, [0.0, alone.2[0]]);
    let infinite = evaluate(&x, &y, None);
    assert_eq!(infinite.0, f64::INFINITY, "with a weight of 1 it is seen");
    assert!(infinite.1.iter().any(|g| !g.is_finite()));
}

#[test]
fn the_smallest_network_by_hand() {
    // One weight, one row: z = 2·3 − 1 = 5, J = ½(5 − 4)² + λ/2·2², ∂J/∂w = 1·3 + λ·2, ∂J/∂b = 1.
    let network = Network::new(&[1, 1], &[], Output::Identity, Loss::SquaredError).unwrap();
    let (x, y) = (array![[3.0]], array![[4.0]]);
    let examples = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let mut evaluator = Evaluator::new(&network, Regularisation::l2(0.5), 1, 1).unwrap();
    let mut grad = [0.0; 2];
    assert_eq!(evaluator.cost_and_grad(&[2.0, -1.0], &examples, &mut grad), 0.5 + 1.0);
    assert_eq!(grad, [4.0, 1.0]);
    assert_eq!(evaluator.input_grad(&[2.0, -1.0], &examples), array![[2.0]]);
}

#[test]
fn cost_alone_is_the_cost_beside_the_gradient() {
    use retrograde::CostPart::{Loss, WithPenalty};
    for (seed, problem) in random_problems(100) {
        let mut evaluator =
            Evaluator::new(&problem.network, problem.regularisation, problem.x.nrows(), 1).unwrap();
        let cost = evaluator.cost(&problem.theta, &problem.examples(), WithPenalty);
        assert_eq!(cost, problem.evaluate(1).0, "{seed}: {}", problem.describe());
        let mut without = problem.clone();
        without.regularisation.lambda = 0.0;
        let loss = evaluator.cost(&problem.theta, &problem.examples(), Loss);
        assert_eq!(loss, without.evaluate(1).0, "{seed}: {}", problem.describe());
    }
}

#[test]
fn norms_per_row_are_those_of_single_row_gradients() {
    for (seed, mut problem) in random_problems(60) {
        problem.regularisation.lambda = 0.0;
        let norms =
            pull::gradient_norms(&problem.params(), &problem.examples(), problem.regularisation, 1).unwrap();
        assert_eq!(norms.len(), problem.x.nrows());
        for (k, norm) in norms.into_iter().enumerate().step_by(17) {
            let weight = problem.weights.as_ref().map_or(1.0, |w| w[k]);
            let row = Problem { weights: None, ..pick(&problem, &[k]) };
            let (_, grad) = row.evaluate(1);
            let expected = weight * grad.iter().map(|g| g * g).sum::<f64>().sqrt();
            assert_close(&format!("{seed}, row {k}: {}", row.describe()), norm, expected, (1e-150, 1e-12));
        }
        let costs = pull::costs(&problem.params(), &problem.examples(), problem.regularisation, 2).unwrap();
        for (k, cost) in costs.into_iter().enumerate().step_by(17) {
            let (expected, _) = Problem { weights: None, ..pick(&problem, &[k]) }.evaluate(1);
            assert_close(&format!("{seed}, cost of row {k}"), cost, expected, (1e-150, 1e-12));
        }
    }
}

#[test]
fn norms_per_row_have_the_same_bits_on_any_number_of_threads() {
    // Wide and long enough for several threads, and not whole blocks or groups of rows.
    let hidden = [Activation::Tanh];
    let network = Network::new(&[120, 80, 3], &hidden, Output::Softmax, Loss::CrossEntropy).expect("valid");
    let params = Params::<f32>::init(&network, Init::Auto, 5);
    let x = Array2::from_shape_fn((1_003, 120), |(k, j)| ((k * 120 + j) as f32 * 0.37).sin());
    let y = Array2::from_shape_fn((1_003, 3), |(k, i)| f32::from(u8::from(k % 3 == i)));
    let examples = Examples::new(&network, x.view(), y.view(), None).expect("valid");
    let norms = |threads| pull::gradient_norms(&params, &examples, Regularisation::default(), threads);
    let alone = norms(1).expect("valid");
    assert!(alone.iter().all(|norm| *norm > 0.0));
    for threads in [2, 3, 5] {
        assert_eq!(norms(threads).expect("valid"), alone, "{threads} threads");
    }
}
