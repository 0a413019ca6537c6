//! A network's cost through argmin's traits, and argmin's solvers beside ours.
#![cfg(feature = "argmin")]

mod common;

use argmin::core::{CostFunction, Executor, Gradient, Hessian, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use argmin::solver::trustregion::{Steihaug, TrustRegion};
use argmin_math::{ArgminDot, ArgminWeightedDot};
use common::problem::Overflow;
use common::{Limits, Problem, assert_close, problems};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use retrograde::argmin_problem::{ArgminProblem, Counts, HessianOperator};
use retrograde::optimize::minimise::{Closure, MinimiseSettings, minimise};
use retrograde::real::norm;
use retrograde::{
    Activation, Evaluator, Loss, Network, NetworkObjective, Objective, Optimizer, Output, Regularisation,
};

const LIMITS: Limits =
    Limits { depth: 3, units: 6, rows: 300, work: 4_000, saturation: 3.0, overflow: Overflow::Never };

fn random(seed: u64, length: usize) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..length).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn objective(problem: &Problem<f64>) -> NetworkObjective<'_, f64> {
    NetworkObjective::new(&problem.network, problem.examples(), problem.regularisation, 1)
        .expect("the generator makes valid settings")
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| v.to_bits()).collect()
}

/// `rows` rows whose targets are those of a random linear unit, one in ten turned round: not separable.
fn linear_problem(output: Output, loss: Loss, rows: usize) -> Problem<f64> {
    let network = Network::new(&[5, 1], &[], output, loss).expect("a valid network");
    let x = Array2::from_shape_vec((rows, 5), random(1, 5 * rows)).expect("that many numbers");
    let w = random(2, 5);
    let y = Array2::from_shape_fn((rows, 1), |(k, _)| {
        let z: f64 = x.row(k).iter().zip(&w).map(|(x, w)| x * w).sum();
        f64::from(u8::from((z > 0.0) != (k % 10 == 0)))
    });
    Problem { theta: vec![0.0; 6], network, x, y, weights: None, regularisation: Regularisation::l2(0.5) }
}

fn logistic() -> Problem<f64> {
    linear_problem(Output::Sigmoid, Loss::CrossEntropy, 300)
}

/// J at the minimum and where it is, by our L-BFGS.
fn lowest(problem: &Problem<f64>) -> (f64, Vec<f64>) {
    let settings = MinimiseSettings { grad_norm: 1e-10, ..MinimiseSettings::default() };
    let found = minimise(objective(problem), problem.theta.clone(), Optimizer::LBFGS, settings)
        .expect("a finite start");
    // As far down as the rounding of a cost of thousands lets a line search see.
    let mut start = vec![0.0; problem.theta.len()];
    objective(problem).cost_and_grad(&problem.theta, &mut start);
    assert!(norm(&found.point.grad) < 1e-8 * norm(&start).max(1.0), "{found:?}");
    (found.point.cost, found.point.theta)
}

#[track_caller]
fn assert_same_minimum((cost, theta): (f64, &[f64]), problem: &Problem<f64>) {
    let (expected, at) = lowest(problem);
    assert_close("J", cost, expected, (0.0, 1e-9));
    for (found, expected) in theta.iter().zip(&at) {
        assert_close("Θ", *found, *expected, (1e-5, 1e-5));
    }
}

#[test]
fn cost_and_gradient_are_the_evaluators_to_the_bit() {
    for seed in 0..problems(300, 100) {
        let problem = Problem::random(seed, LIMITS);
        let (cost, grad) = problem.evaluate(1);
        let asked = ArgminProblem::new(objective(&problem));
        assert_eq!(asked.cost(&problem.theta).unwrap().to_bits(), cost.to_bits(), "{seed}");
        assert_eq!(bits(&asked.gradient(&problem.theta).unwrap()), bits(&grad), "{seed}");
        let asked = ArgminProblem::new(objective(&problem));
        assert_eq!(bits(&asked.gradient(&problem.theta).unwrap()), bits(&grad), "{seed}, ∇J first");
    }
}

#[test]
fn the_hessian_is_the_evaluators_to_the_bit() {
    for seed in 0..problems(300, 100) {
        let problem = Problem::random(seed, LIMITS);
        let n = problem.theta.len();
        let (u, v) = (random(seed, n), random(seed + 1_000, n));
        let mut expected = vec![0.0; n];
        Evaluator::new(&problem.network, problem.regularisation, problem.x.nrows(), 1)
            .expect("valid")
            .hessian_vector(&problem.theta, &problem.examples(), &v, &mut expected);
        let hessian = ArgminProblem::new(objective(&problem)).hessian(&problem.theta).unwrap();
        assert_eq!(bits(&hessian.dot(&v)), bits(&expected), "{seed}");
        let form: f64 = u.weighted_dot(&hessian, &v);
        let by_hand: f64 = u.dot(&expected);
        assert_eq!(form.to_bits(), by_hand.to_bits(), "{seed}");
    }
}

#[test]
fn what_is_asked_at_one_point_is_computed_once() {
    let problem = logistic();
    let asked = ArgminProblem::new(objective(&problem));
    let (here, there) = (vec![0.0; 6], vec![-0.0; 6]);
    asked.cost(&here).unwrap();
    asked.clone().gradient(&here).unwrap();
    let hessian = asked.hessian(&here).unwrap();
    assert_eq!(asked.counts(), Counts { evaluations: 1, products: 0 });
    // −0 is another point: a gradient that is asked there has its own signs.
    asked.cost(&there).unwrap();
    assert_eq!(asked.counts().evaluations, 2);
    // The operator stays where it was made.
    assert_eq!(bits(&hessian.point().theta), bits(&here));
    hessian.clone().dot(&random(1, 6));
    assert_eq!(hessian.dot(&vec![0.0; 6]), vec![0.0; 6]);
    assert_eq!(asked.counts(), Counts { evaluations: 2, products: 1 });
    asked.cost(&here).unwrap();
    assert_eq!(asked.counts().evaluations, 3);
}

#[test]
fn trust_region_and_lbfgs_of_argmin_reach_the_minimum_of_ours() {
    let problem = logistic();
    let trust_region = TrustRegion::new(Steihaug::new().with_max_iters(12));
    let found = Executor::new(ArgminProblem::new(objective(&problem)), trust_region)
        .configure(|state| state.param(problem.theta.clone()).max_iters(30))
        .run()
        .unwrap();
    let state = found.state();
    assert_same_minimum((state.get_best_cost(), state.get_best_param().unwrap()), &problem);

    let lbfgs = LBFGS::new(MoreThuenteLineSearch::new(), 10);
    let found = Executor::new(ArgminProblem::new(objective(&problem)), lbfgs)
        .configure(|state| state.param(problem.theta.clone()).max_iters(200))
        .run()
        .unwrap();
    let state = found.state();
    assert_same_minimum((state.get_best_cost(), state.get_best_param().unwrap()), &problem);
}

/// e^z overflows at the end of the first step; the region has to shrink until it does not.
#[test]
fn a_trust_region_comes_back_from_a_step_that_overflows() {
    let mut problem = linear_problem(Output::Exp, Loss::Poisson, 100);
    problem.x *= 20.0;
    problem.y *= 1e3;
    let mut far = objective(&problem);
    let mut grad = vec![0.0; 6];
    far.cost_and_grad(&[0.0; 6], &mut grad);
    let step: Vec<f64> = grad.iter().map(|g| -1e3 * g / norm(&grad)).collect();
    assert!(!far.cost_and_grad(&step, &mut grad).is_finite());

    let solver = TrustRegion::new(Steihaug::new().with_max_iters(12)).with_max_radius(1e6).unwrap();
    let found = Executor::new(ArgminProblem::new(far), solver.with_radius(1e3).unwrap())
        .configure(|state| state.param(vec![0.0; 6]).max_iters(200))
        .run()
        .unwrap();
    let state = found.state();
    assert_same_minimum((state.get_best_cost(), state.get_best_param().unwrap()), &problem);
}

/// Two relu units of ±∞: their difference is not a number.
#[test]
fn what_is_not_finite_is_infinite_cost_and_no_hessian() {
    let network =
        Network::new(&[1, 2, 1], &[Activation::Relu], Output::Identity, Loss::SquaredError).unwrap();
    let problem = Problem {
        network,
        // Both hidden units are infinite, and their difference is not a number.
        theta: vec![1e200, 1e200, 0.0, 0.0, 1.0, -1.0, 0.0],
        x: Array2::from_elem((1, 1), 1e200),
        y: Array2::from_elem((1, 1), 1.0),
        weights: None,
        regularisation: Regularisation::default(),
    };
    let asked = ArgminProblem::new(objective(&problem));
    assert!(problem.evaluate(1).0.is_nan());
    assert_eq!(asked.cost(&problem.theta).unwrap(), f64::INFINITY);
    assert_eq!(bits(&asked.gradient(&problem.theta).unwrap()), bits(&problem.evaluate(1).1));
    let refusal = "J or a component of ∇J where the Hessian is asked for is NaN; it must be a finite number";
    assert_eq!(asked.hessian(&problem.theta).unwrap_err().to_string(), refusal);
    let run = Executor::new(asked, TrustRegion::new(Steihaug::new()))
        .configure(|state| state.param(problem.theta.clone()).max_iters(10))
        .run();
    assert_eq!(run.err().expect("a start without a Hessian").to_string(), refusal);
}

#[test]
fn another_length_is_refused() {
    let problem = logistic();
    let asked = ArgminProblem::new(objective(&problem));
    let refusal = "the parameter vector is 5 long; expected 6 long";
    assert_eq!(asked.cost(&vec![0.0; 5]).unwrap_err().to_string(), refusal);
    assert_eq!(asked.gradient(&vec![0.0; 5]).unwrap_err().to_string(), refusal);
    assert_eq!(asked.hessian(&vec![0.0; 5]).unwrap_err().to_string(), refusal);
    assert_eq!(asked.counts(), Counts::default());
}

/// A function that gives J and ∇J alone: its Hessian is a difference of gradients.
#[test]
fn a_closure_is_a_problem_too() {
    let rosenbrock = Closure::new(2, |x: &[f64], grad: &mut [f64]| {
        let (valley, distance) = (x[1] - x[0] * x[0], 1.0 - x[0]);
        grad.copy_from_slice(&[-400.0 * x[0] * valley - 2.0 * distance, 200.0 * valley]);
        100.0 * valley * valley + distance * distance
    });
    let solver = TrustRegion::new(Steihaug::new().with_max_iters(4));
    let found = Executor::new(ArgminProblem::new(rosenbrock), solver)
        .configure(|state| state.param(vec![-1.2, 1.0]).max_iters(100))
        .run()
        .unwrap();
    for x in found.state().get_best_param().unwrap() {
        assert_close("x", *x, 1.0, (1e-6, 0.0));
    }
}

#[test]
fn argmins_feature_rayon_would_find_what_it_asks_for() {
    fn send_and_sync<T: Send + Sync>() {}
    send_and_sync::<ArgminProblem<NetworkObjective<'_, f64>>>();
    send_and_sync::<HessianOperator<NetworkObjective<'_, f64>>>();
}
