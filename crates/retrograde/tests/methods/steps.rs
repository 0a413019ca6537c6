//! Step methods against PyTorch's: the weights after so many steps on all rows, and on batches.

use crate::case::{Case, network, whole};
use crate::common::assert_close;
use crate::golden::{list, name, number, section, vector};
use retrograde::evaluator::Divisors;
use retrograde::optimize::{Method, StepMethod};
use retrograde::{
    Activation, Evaluator, Examples, Flow, Loss, Optimizer, Output, Regularisation, Spread, StepRules,
    TrainSettings,
};
use serde_json::Value;

/// The optimizer and learning rate of a golden entry.
fn step_method(name: &str, settings: &Value) -> (Optimizer, f64) {
    let setting = |name: &str| number(&settings[name]);
    let betas = || (setting("beta1"), setting("beta2"), setting("eps"));
    match name.trim_end_matches("_mini_batch") {
        "sgd" | "sgd_momentum" => {
            (Optimizer::Sgd { momentum: setting("momentum"), nesterov: false }, setting("lr"))
        }
        "nesterov" => (Optimizer::Sgd { momentum: setting("momentum"), nesterov: true }, setting("lr")),
        "adam" => {
            let (beta1, beta2, epsilon) = betas();
            (Optimizer::Adam { beta1, beta2, epsilon }, setting("lr"))
        }
        "adamw" => {
            let (beta1, beta2, epsilon) = betas();
            (Optimizer::AdamW { beta1, beta2, epsilon }, setting("lr"))
        }
        "rmsprop" => (Optimizer::RmsProp { decay: setting("alpha"), epsilon: setting("eps") }, setting("lr")),
        "rprop" => (Optimizer::Rprop, setting("initial_step")),
        other => panic!("{other} is no method"),
    }
}

fn steps_case(steps: &Value) -> (Case, f64) {
    let problem = &steps["problem"];
    let network = network(&[3, 4, 2], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy);
    (Case::golden(network, problem, vector(&steps["theta0"])), number(&problem["lambda"]))
}

#[test]
fn fifty_steps_are_pytorch_s() {
    let golden = section("steps");
    let (case, lambda) = steps_case(&golden);
    let mut seen = 0;
    for entry in list(&golden["methods"]) {
        let name = name(entry);
        let Some(steps) = entry["steps"].as_u64() else { continue };
        let (optimizer, rate) = step_method(name, &entry["settings"]);
        let rules =
            StepRules { weight_decay: entry["settings"]["weight_decay"].as_f64(), ..StepRules::default() };
        let settings =
            TrainSettings { learning_rate: Some(rate), rules, ..whole(optimizer, lambda, steps as usize) };
        let mut training = case.training(&settings);
        while training.advance(&mut ()) == Flow::Continue {}
        for (k, (found, wanted)) in training.theta().iter().zip(vector(&entry["theta"])).enumerate() {
            assert_close(&format!("{name}, parameter {k}"), *found, wanted, (1e-12, 0.0));
        }
        let fit = training.finish(&mut ()).expect("a fit");
        let last = fit.history.last().expect("epochs").train_cost;
        assert_close(name, last, number(&entry["cost"]), (1e-12, 0.0));
        seen += 1;
    }
    assert_eq!(seen, 7);
}

/// The rows in their own order: the trainer's is its own.
#[test]
fn steps_on_batches_are_pytorch_s() {
    let golden = section("steps");
    let (case, lambda) = steps_case(&golden);
    let all = case.examples();
    for entry in list(&golden["methods"]) {
        let name = name(entry);
        let Some(epochs) = entry["epochs"].as_u64() else { continue };
        let size = entry["batch"].as_u64().expect("a size") as usize;
        let (optimizer, rate) = step_method(name, &entry["settings"]);
        let mut theta = case.start.values().to_vec();
        let Method::Step(mut method) = Method::<f64>::new(optimizer, theta.len()) else { panic!("{name}") };
        let mut evaluator =
            Evaluator::new(&case.network, Regularisation::l2(lambda), size, 1).expect("valid");
        let mut grad = vec![0.0; theta.len()];
        for first in (0..epochs as usize).flat_map(|_| (0..all.rows()).step_by(size)) {
            let last = (first + size).min(all.rows());
            let (x, y) =
                (case.x.slice(ndarray::s![first..last, ..]), case.y.slice(ndarray::s![first..last, ..]));
            let rows = Examples::new(&case.network, x, y, None).expect("a batch");
            evaluator.cost_and_grad_over(&theta, &rows, Divisors::share(&all, rows.rows()), &mut grad);
            method.step(&mut theta, &grad, rate, &mut Spread::alone());
        }
        for (found, wanted) in theta.iter().zip(vector(&entry["theta"])) {
            assert_close(name, *found, wanted, (1e-12, 0.0));
        }
    }
}
