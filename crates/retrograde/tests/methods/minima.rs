//! Batch methods against SciPy's: the same minima, for no more gradients.

use crate::case::{Case, LINEAR, network, whole};
use crate::common::close;
use crate::golden::{list, name, number, section, vector};
use retrograde::{Activation, CostPart, Evaluator, Loss, Optimizer, Output, TrainSettings};
use serde_json::Value;

fn minimum_case(entry: &Value) -> (Case, f64) {
    let network = match name(entry) {
        "regression_2_3_1" => network(&[2, 3, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError),
        "classes_4_3_3" => network(&[4, 3, 3], &[Activation::Sigmoid], Output::Softmax, Loss::CrossEntropy),
        "logistic_4_1" => network(&[4, 1], LINEAR, Output::Sigmoid, Loss::CrossEntropy),
        other => panic!("{other} is no problem"),
    };
    let problem = &entry["problem"];
    (Case::golden(network, problem, vector(&entry["theta0"])), number(&problem["lambda"]))
}

/// Gradients until J is within 1e-6 of the minimum, relatively; and the lowest J.
fn reached(case: &Case, settings: &TrainSettings, minimum: f64) -> (f64, f64) {
    let fit = case.train(settings);
    let near = |cost: f64| cost <= minimum * (1.0 + 1e-6);
    let evaluations =
        fit.history.iter().find(|r| near(r.train_cost)).map_or(f64::INFINITY, |r| r.evaluations);
    let mut evaluator =
        Evaluator::new(&case.network, settings.regularisation, case.x.nrows(), 1).expect("valid");
    (evaluations, evaluator.cost(fit.params.values(), &case.examples(), CostPart::WithPenalty))
}

#[test]
fn minima_are_scipy_s_for_no_more_gradients() {
    let golden = section("minima");
    for entry in list(&golden["problems"]) {
        let (case, lambda) = minimum_case(entry);
        let name = name(entry);
        for (optimizer, theirs) in [(Optimizer::LBFGS, "l_bfgs_b"), (Optimizer::ConjugateGradients, "cg")] {
            let theirs = &entry["methods"][theirs];
            let minimum = number(&theirs["cost"]);
            let (evaluations, cost) = reached(&case, &whole(optimizer, lambda, 3_000), minimum);
            println!(
                "{name}, {}: {evaluations} gradients, SciPy's {}",
                optimizer.name(),
                theirs["evaluations_to_1e-6"]
            );
            assert!(close(cost, minimum, 0.0, 1e-6), "{name}, {}: {cost}, SciPy {minimum}", optimizer.name());
            let allowed = 1.2 * number(&theirs["evaluations_to_1e-6"]);
            assert!(evaluations <= allowed, "{name}, {}: {evaluations} > {allowed}", optimizer.name());
        }
        // No SciPy twins. Gauss–Newton's first steps lead to other stationary points of the two with a hidden layer.
        let minimum = number(&entry["methods"]["l_bfgs_b"]["cost"]);
        let (evaluations, cost) =
            reached(&case, &whole(Optimizer::ScaledConjugateGradients, lambda, 3_000), minimum);
        println!("{name}, scg: {evaluations} gradients");
        assert!(cost <= minimum * (1.0 + 1e-6), "{name}, scg: {cost}, SciPy {minimum}");
        let fit = case.train(&whole(Optimizer::LM, lambda, 3_000));
        let last = fit.history.last().expect("iterations");
        assert!(last.grad_norm < 1e-8, "{name}, lm: {last:?}");
        if case.network.depth() == 1 {
            assert!(last.train_cost <= minimum * (1.0 + 1e-12), "{name}, lm: {last:?}");
        }
    }
}
