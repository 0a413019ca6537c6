//! Sparse inputs against the same inputs given densely, bit by bit.

mod common;

use common::problem::Overflow;
use common::{Limits, Problem, assert_close, problems};
use ndarray::{Array2, array};
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use retrograde::dropout::Draw;
use retrograde::examples::Sparse;
use retrograde::{
    Activation, BatchSize, CheckSettings, CostPart, Evaluator, Examples, Init, Loss, Network, Optimizer,
    Output, Params, Predictor, Regularisation, Scalar, Trace, TrainSettings, Verdict, check, train,
};

const LIMITS: Limits =
    Limits { depth: 4, units: 70, rows: 600, work: 400_000, saturation: 20.0, overflow: Overflow::Never };

/// Around a block of 32 rows, around the eight blocks of a group, and beyond.
const ROWS: [usize; 8] = [1, 31, 32, 33, 255, 256, 257, 600];

/// The nonzeros of a matrix.
struct Held<T> {
    row_starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<T>,
    width: usize,
}

impl<T: Scalar> Held<T> {
    fn of(x: &Array2<T>) -> Self {
        let mut held =
            Self { row_starts: vec![0], columns: Vec::new(), values: Vec::new(), width: x.ncols() };
        for row in x.rows() {
            for (j, &value) in row.iter().enumerate().filter(|(_, value)| value.value() != 0.0) {
                held.columns.push(j as u32);
                held.values.push(value);
            }
            held.row_starts.push(held.columns.len());
        }
        held
    }

    fn view(&self) -> Sparse<'_, T> {
        Sparse::new(&self.row_starts, &self.columns, &self.values, self.width).expect("a valid matrix")
    }

    fn examples<'a>(&'a self, problem: &'a Problem<T>) -> Examples<'a, T> {
        Examples::sparse(&problem.network, self.view(), problem.y.view(), problem.weights.as_deref())
            .expect("the generator makes valid examples")
    }
}

/// The problem of this seed with this many rows, most inputs of them 0: some rows and some columns are empty.
fn problem(seed: u64, rows: usize) -> Problem<f64> {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let mut problem = Problem::random(seed, LIMITS);
    let density = *[0.0, 0.02, 0.1, 0.5, 1.0].choose(rng).expect("not empty");
    let empty_columns: Vec<bool> = (0..problem.x.ncols()).map(|_| rng.random_bool(0.3)).collect();
    let of = problem.x.nrows();
    problem.x = Array2::from_shape_fn((rows, problem.x.ncols()), |(k, j)| {
        let absent = k % 5 == 3 || empty_columns[j] || !rng.random_bool(density);
        if absent { 0.0 } else { problem.x[[k % of, j]] * (1.0 + 0.01 * (k / of) as f64) }
    });
    problem.y = Array2::from_shape_fn((rows, problem.y.ncols()), |(k, j)| problem.y[[k % of, j]]);
    problem.weights = problem
        .weights
        .map(|weights| (0..rows).map(|k| weights[k % of]).collect())
        .filter(|weights: &Vec<f64>| weights.iter().sum::<f64>() > 0.0);
    problem
}

/// J, ∇J, J without the gradient and the score's cost as bits (in f64, which tells f32s apart as well).
fn bits<T: Scalar>(problem: &Problem<T>, examples: &Examples<'_, T>, threads: usize) -> Vec<u64> {
    let mut evaluator =
        Evaluator::new(&problem.network, problem.regularisation, examples.rows(), threads).expect("valid");
    let mut grad = vec![T::constant(f64::NAN); problem.theta.len()];
    let cost = evaluator.cost_and_grad(&problem.theta, examples, &mut grad);
    let cost_alone = evaluator.cost(&problem.theta, examples, CostPart::WithPenalty);
    let score = evaluator.score(&problem.theta, examples).cost;
    [cost, cost_alone, score].into_iter().chain(grad.iter().map(|g| g.value())).map(f64::to_bits).collect()
}

fn same_bits<T: Scalar>(problem: &Problem<T>) {
    let dense = bits(problem, &problem.examples(), 1);
    let held = Held::of(&problem.x);
    for threads in [1, 2, 3, 8] {
        let sparse = bits(problem, &held.examples(problem), threads);
        assert!(sparse == dense, "{}, {threads} threads: {}", T::NAME, problem.describe());
    }
}

#[test]
fn cost_and_gradient_have_the_bits_of_dense_inputs() {
    for seed in 0..problems(400, 80) {
        let problem = problem(seed, ROWS[seed as usize % ROWS.len()]);
        same_bits(&problem);
        same_bits(&problem.convert::<f32>());
    }
}

/// Enough work for threads, and more columns than a tile holds.
fn wide(rows: usize) -> Problem<f64> {
    let network = Network::new(&[3000, 70, 3], &[Activation::Relu], Output::Softmax, Loss::CrossEntropy)
        .expect("a valid network");
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let x = Array2::from_shape_simple_fn((rows, 3000), || {
        if rng.random_bool(0.02) { rng.random_range(-1.0..1.0) } else { 0.0 }
    });
    Problem {
        theta: Params::init(&network, Init::Auto, 1).into_values(),
        y: Array2::from_shape_fn((rows, 3), |(k, j)| f64::from(u8::from(k % 3 == j))),
        x,
        network,
        weights: None,
        regularisation: Regularisation::l2(0.1),
    }
}

#[test]
fn wide_inputs_have_the_bits_of_dense_ones_on_any_number_of_threads() {
    for rows in ROWS {
        let problem = wide(rows);
        same_bits(&problem);
        same_bits(&problem.convert::<f32>());
    }
}

#[test]
fn a_zero_may_be_held() {
    let problem = wide(33);
    let mut held = Held::of(&problem.x);
    held.values.iter_mut().step_by(3).for_each(|value| *value = 0.0);
    let mut dense = problem.clone();
    for k in 0..33 {
        for at in held.row_starts[k]..held.row_starts[k + 1] {
            dense.x[[k, held.columns[at] as usize]] = held.values[at];
        }
    }
    assert!(bits(&problem, &held.examples(&problem), 1) == bits(&dense, &dense.examples(), 1));
}

fn settings(dropout: Vec<f64>) -> TrainSettings {
    TrainSettings { epochs: Some(3), batch: BatchSize::Rows(50), dropout, threads: 2, ..Default::default() }
}

#[test]
fn a_training_finds_the_weights_of_dense_inputs() {
    let problem = wide(333);
    let (held, start) = (Held::of(&problem.x), problem.params());
    for optimizer in [Optimizer::ADAM, Optimizer::Auto] {
        for dropout in [Vec::new(), vec![0.3, 0.5]] {
            let settings = TrainSettings { optimizer, ..settings(dropout) };
            let fit = |rows: &Examples<'_, f64>| train(&start, rows, Some(rows), &settings, &mut ()).unwrap();
            let (dense, sparse) = (fit(&problem.examples()), fit(&held.examples(&problem)));
            assert!(dense.params.values() != start.values());
            assert!(dense.params.values() == sparse.params.values());
            assert_eq!(dense.history.len(), sparse.history.len());
            for (dense, sparse) in dense.history.iter().zip(&sparse.history) {
                assert_eq!(dense.train_cost.to_bits(), sparse.train_cost.to_bits());
            }
        }
    }
}

#[test]
fn inputs_are_dropped_as_dense_ones_are() {
    for seed in 0..40 {
        let problem = problem(seed, ROWS[seed as usize % ROWS.len()]);
        let mut rates = vec![0.4; problem.network.depth()];
        rates[0] = 0.2;
        let held = Held::of(&problem.x);
        let grad = |examples: &Examples<'_, f64>, threads: usize| {
            let mut evaluator =
                Evaluator::new(&problem.network, problem.regularisation, examples.rows(), threads).unwrap();
            evaluator.drop_units(Some(Draw { rates: rates.clone(), seed, epoch: 2, batch: 1 }));
            let mut grad = vec![0.0; problem.theta.len()];
            (evaluator.cost_and_grad(&problem.theta, examples, &mut grad), grad)
        };
        let dense = grad(&problem.examples(), 1);
        for threads in [1, 2] {
            assert!(grad(&held.examples(&problem), threads) == dense, "{}", problem.describe());
        }
    }
}

#[test]
fn predictions_have_the_bits_of_dense_inputs() {
    for rows in [0, 1, 33, 600] {
        let problem = wide(rows).convert::<f32>();
        let held = Held::of(&problem.x);
        for threads in [1, 2] {
            let mut predictor = Predictor::new(&problem.params(), threads).unwrap();
            let (mut dense, mut sparse) = (vec![0.0; rows * 3], vec![1.0; rows * 3]);
            predictor.predict_into(problem.x.as_slice().unwrap(), &mut dense).unwrap();
            predictor.predict_sparse_into(held.view(), &mut sparse).unwrap();
            assert!(dense == sparse, "{rows} rows, {threads} threads");
        }
    }
}

#[test]
fn numerical_derivatives_agree() {
    let network =
        Network::new(&[40, 6, 2], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy).unwrap();
    let problem = Problem {
        x: wide(70).x.slice_move(ndarray::s![.., ..40]).as_standard_layout().into_owned(),
        y: Array2::from_shape_fn((70, 2), |(k, j)| f64::from(u8::from(k % 2 == j))),
        theta: Params::init(&network, Init::Auto, 3).into_values(),
        network,
        weights: Some((0..70).map(|k| f64::from(k % 3)).collect()),
        regularisation: Regularisation::l2(0.5),
    };
    let held = Held::of(&problem.x);
    let settings = CheckSettings { regularisation: problem.regularisation, ..CheckSettings::default() };
    let report = check(&problem.params(), &held.examples(&problem), &settings).unwrap();
    assert_eq!(report.verdict, Verdict::Agrees);
    assert!(report.results.iter().any(|weight| weight.backpropagation != 0.0));
    let dense = check(&problem.params(), &problem.examples(), &settings).unwrap();
    let of = |report: &retrograde::CheckReport| -> Vec<f64> {
        report.results.iter().map(|weight| weight.backpropagation).collect()
    };
    assert_eq!(of(&report), of(&dense));
}

#[test]
fn traces_pulls_and_second_derivatives_are_those_of_dense_inputs() {
    for seed in 0..30 {
        let problem = problem(seed, 33);
        let held = Held::of(&problem.x);
        let (dense, sparse, params) = (problem.examples(), held.examples(&problem), problem.params());
        let trace = |rows| Trace::of(&params, rows, problem.regularisation).unwrap();
        let (found, wanted) = (trace(&sparse), trace(&dense));
        assert!(
            found.z == wanted.z && found.delta == wanted.delta && found.input_delta == wanted.input_delta
        );
        let pulls =
            |rows| retrograde::pull::gradient_norms(&params, rows, problem.regularisation, 1).unwrap();
        assert_eq!(pulls(&sparse), pulls(&dense));
        let v: Vec<f64> = (0..problem.theta.len()).map(|i| (i as f64).sin()).collect();
        let mut evaluator = Evaluator::new(&problem.network, problem.regularisation, 33, 1).unwrap();
        let mut product = |rows: &Examples<'_, f64>| {
            let mut out = vec![0.0; v.len()];
            evaluator.hessian_vector(&problem.theta, rows, &v, &mut out);
            out
        };
        assert_eq!(product(&sparse), product(&dense));
        assert!((0..33).all(|k| sparse.row(k).0 == dense.row(k).0 && sparse.row(k).2 == dense.row(k).2));
        if problem.theta.len() < 300 {
            let mut gauss_newton = |rows: &Examples<'_, f64>| {
                let mut matrix = Vec::new();
                evaluator.gauss_newton(&problem.theta, rows, &mut matrix);
                matrix
            };
            assert_eq!(gauss_newton(&sparse), gauss_newton(&dense));
        }
    }
}

#[test]
fn infinite_weights_reach_only_the_rows_that_have_their_input() {
    let network = Network::new(&[2, 1], &[], Output::Identity, Loss::SquaredError).unwrap();
    let x = Sparse::new(&[0, 1], &[0], &[2.0], 2).unwrap();
    let y = array![[0.0]];
    let rows = Examples::sparse(&network, x, y.view(), None).unwrap();
    let mut evaluator = Evaluator::<f64>::new(&network, Regularisation::default(), 1, 1).unwrap();
    let cost = evaluator.cost(&[1.0, f64::INFINITY, 0.0], &rows, CostPart::Loss);
    assert_close("cost", cost, 2.0, (0.0, 0.0));
}

/// What is said about a matrix that is none.
fn refused(row_starts: &[usize], columns: &[u32], values: &[f64]) -> String {
    Sparse::new(row_starts, columns, values, 4).expect_err("must be refused").to_string()
}

#[test]
fn what_is_no_matrix_is_refused() {
    assert_eq!(
        refused(&[0, 2], &[0, 1], &[1.0]),
        "the set of nonzeros is 2 columns and 1 values; expected as many of both"
    );
    assert_eq!(
        refused(&[], &[], &[]),
        "the list of row starts is empty; expected 0 and the end of every row"
    );
    assert_eq!(
        refused(&[1, 2], &[0, 1], &[1.0; 2]),
        "the list of row starts is one that begins with 1; expected 0 at its beginning"
    );
    assert_eq!(
        refused(&[0, 2, 1, 2], &[0, 1], &[1.0; 2]),
        "the list of row starts is falling: row 1 starts at 2 and ends at 1; expected each at least the one before"
    );
    assert_eq!(
        refused(&[0, 1], &[0, 1], &[1.0; 2]),
        "the list of row starts is one that ends with 1; expected 2, the number of values, at its end"
    );
    for second in [0, 1] {
        assert_eq!(
            refused(&[0, 0, 2], &[1, second], &[1.0; 2]),
            format!(
                "a row of the sparse input matrix is not in order: row 1 has column {second} after column 1; \
                 expected its columns ascending, each once"
            )
        );
    }
    assert_eq!(
        refused(&[0, 0, 2], &[1, 4], &[1.0; 2]),
        "a row of the sparse input matrix is too wide: row 1 has column 4; expected columns below 4"
    );
    assert_eq!(
        refused(&[0, 0, 2], &[1, 3], &[1.0, f64::NAN]),
        "the input of row 1, column 3 is NaN; expected a finite number"
    );
}

#[test]
fn what_does_not_fit_the_network_is_refused() {
    let network = Network::new(&[3, 1], &[], Output::Sigmoid, Loss::CrossEntropy).unwrap();
    let refused = |x: Sparse<'_, f64>, y: &Array2<f64>, weights: Option<&[f64]>| {
        Examples::sparse(&network, x, y.view(), weights).expect_err("must be refused").to_string()
    };
    let wide = Sparse::new(&[0, 1], &[0], &[1.0], 4).unwrap();
    let fits = Sparse::new(&[0, 1], &[0], &[1.0], 3).unwrap();
    let none = Sparse::new(&[0], &[], &[], 3).unwrap();
    assert_eq!(refused(wide, &array![[1.0]], None), "the input matrix is 1×4; expected 1×3");
    assert_eq!(refused(none, &Array2::zeros((0, 1)), None), "the input matrix is 0×3; expected 1×3");
    assert_eq!(refused(fits, &array![[1.0], [0.0]], None), "the target matrix is 2×1; expected 1×1");
    assert!(refused(fits, &array![[2.0]], None).starts_with("the target of row 0, column 0 is 2"));
    assert!(refused(fits, &array![[1.0]], Some(&[0.0])).starts_with("the row weights sum to 0"));
    let params = Params::<f64>::init(&network, Init::Auto, 1);
    let mut predictor = Predictor::new(&params, 1).unwrap();
    let refused = |result: retrograde::Result<()>| result.expect_err("must be refused").to_string();
    assert_eq!(
        refused(predictor.predict_sparse_into(wide, &mut [0.0])),
        "the set of rows to predict is 1×4 inputs and room for 1 outputs; expected 3 inputs and 1 outputs for each row"
    );
    assert_eq!(
        refused(predictor.predict_sparse_into(fits, &mut [0.0; 2])),
        "the set of rows to predict is 1×3 inputs and room for 2 outputs; expected 3 inputs and 1 outputs for each row"
    );
}
