//! Levenberg–Marquardt against SciPy's `lm`: no more evaluations; and units that no row reaches.

use crate::case::{Case, network, whole};
use crate::golden::{list, name, number, section, vector};
use ndarray::Array2;
use retrograde::objective::Point;
use retrograde::optimize::{BatchMethod, Iteration, LevenbergMarquardt};
use retrograde::{Activation, Loss, NetworkObjective, Objective, Optimizer, Output, Regularisation};
use serde_json::Value;

/// Counts the points at which J was asked for.
struct Points<'a> {
    objective: NetworkObjective<'a, f64>,
    points: usize,
}

impl Objective<f64> for Points<'_> {
    fn dimension(&self) -> usize {
        self.objective.dimension()
    }

    fn cost_and_grad(&mut self, theta: &[f64], grad: &mut [f64]) -> f64 {
        self.points += 1;
        self.objective.cost_and_grad(theta, grad)
    }

    fn gauss_newton(&mut self, theta: &[f64], matrix: &mut Vec<f64>) -> bool {
        self.objective.gauss_newton(theta, matrix)
    }
}

/// Points until J is below `goal`.
fn least_squares(case: &Case, goal: f64) -> usize {
    let objective =
        NetworkObjective::new(&case.network, case.examples(), Regularisation::default(), 1).expect("valid");
    let mut objective = Points { objective, points: 0 };
    let theta = case.start.values().to_vec();
    let mut point = Point { cost: 0.0, grad: vec![0.0; theta.len()], theta };
    point.cost = objective.cost_and_grad(&point.theta, &mut point.grad);
    let mut method = LevenbergMarquardt::default();
    while point.cost > goal {
        assert!(objective.points < 2_000, "J is {} after {} points", point.cost, objective.points);
        assert_eq!(method.iterate(&mut objective, &mut point), Iteration::Moved, "J is {}", point.cost);
    }
    objective.points
}

#[test]
fn least_squares_are_scipy_s_for_no_more_evaluations() {
    let golden = section("least_squares");
    for entry in list(&golden["problems"]) {
        let name = name(entry);
        let (hidden, activation) =
            if name.starts_with("teacher") { (10, Activation::Tanh) } else { (3, Activation::Sigmoid) };
        let network = network(&[1, hidden, 1], &[activation], Output::Identity, Loss::SquaredError);
        let case = Case::golden(network, entry, vector(&entry["theta0"]));
        let lm = &entry["methods"]["lm"];
        let goals: Vec<(f64, &Value)> = if name.starts_with("teacher") {
            vec![
                (1e-6, &lm["evaluations_to_1e-6"]),
                (1e-8, &lm["evaluations_to_1e-8"]),
                (1e-10, &lm["evaluations_to_1e-10"]),
            ]
        } else {
            vec![(number(&lm["cost"]) * (1.0 + 1e-6), &lm["evaluations_to_1e-6_relative"])]
        };
        for (goal, theirs) in goals {
            let points = least_squares(&case, goal);
            println!("{name} to {goal:e}: {points} evaluations, SciPy's lm {theirs}");
            assert!(
                points as f64 <= 1.2 * number(theirs),
                "{name} to {goal:e}: {points}, SciPy's lm {theirs}"
            );
        }
    }
}

/// A unit without influence leaves a row of zeros in the matrix: the damping must make it solvable all the same.
#[test]
fn levenberg_marquardt_lives_with_dead_units() {
    let network = network(&[1, 3, 1], &[Activation::Relu], Output::Identity, Loss::SquaredError);
    // The third unit is dead on every row.
    let theta = vec![1.0, -1.0, 1.0, 0.1, 0.2, -100.0, 0.5, 0.5, 0.5, 0.0];
    let x = Array2::from_shape_fn((20, 1), |(k, _)| k as f64 / 10.0 - 1.0);
    let y = x.mapv(f64::abs);
    let fit = Case::new(network, x, y, theta).train(&whole(Optimizer::LM, 0.0, 50));
    assert!(fit.history.last().expect("iterations").train_cost < 1e-6, "{:?}", fit.history.last());
}
