//! What acts on the steps: L1 against scikit-learn's lasso, and the largest norm against PyTorch's renorm.

use crate::case::{Case, LINEAR, PLAIN_SGD, network, whole};
use crate::common::assert_close;
use crate::golden::{number, section, vector};
use ndarray::Array2;
use retrograde::{
    Activation, BatchSize, CostPart, Evaluator, Init, Loss, Optimizer, Output, Params, Regularisation,
    Schedule, Shape, StepRules, TrainSettings,
};
use serde_json::Value;

/// A linear model and the solution of its penalised problem.
fn penalised(entry: &Value, output: Output, loss: Loss) -> (Case, StepRules, Vec<f64>) {
    let coefficients = vector(&entry["coef"]);
    let network = network(&[coefficients.len(), 1], LINEAR, output, loss);
    let theta = vec![0.1; coefficients.len() + 1];
    let rules = StepRules { l1: number(&entry["lambda1"]), ..StepRules::default() };
    let wanted = [coefficients, vector(&entry["intercept"])].concat();
    (Case::golden(network, entry, theta), rules, wanted)
}

#[test]
fn proximal_steps_end_where_scikit_learn_s_lasso_does() {
    // J is flat at its minimum to rounding: the weights of the lowest are known to √ε.
    let golden = section("regularisers");
    let cases = [
        penalised(&golden["lasso"], Output::Identity, Loss::SquaredError),
        penalised(&golden["logistic_l1"], Output::Sigmoid, Loss::CrossEntropy),
    ];
    let decaying = Schedule { shape: Shape::Cosine { period: None, growth: 1, floor: 0.0 }, warm_up: 0.0 };
    for (case, rules, wanted) in &cases {
        for (optimizer, rate, schedule, tolerance) in [
            (PLAIN_SGD, 0.2, Schedule::default(), 3e-8),
            (Optimizer::SGD, 0.02, Schedule::default(), 3e-8),
            (Optimizer::NESTEROV, 0.02, Schedule::default(), 3e-8),
            (Optimizer::ADAM, 0.01, decaying, 1e-4),
            (Optimizer::RMSPROP, 0.01, decaying, 1e-4),
        ] {
            let settings = TrainSettings {
                learning_rate: Some(rate),
                schedule,
                rules: *rules,
                ..whole(optimizer, 0.0, 20_000)
            };
            let fit = case.train(&settings);
            for (found, wanted) in fit.params.values().iter().zip(wanted) {
                assert_close(optimizer.name(), *found, *wanted, (tolerance, 0.0));
                assert_eq!(*found == 0.0, *wanted == 0.0, "{}: zeros are exact", optimizer.name());
            }
        }
    }
}

/// What is recorded and compared is J with the penalty that was minimised.
#[test]
fn l1_is_part_of_the_cost() {
    let golden = section("regularisers");
    let (case, rules, _) = penalised(&golden["lasso"], Output::Identity, Loss::SquaredError);
    let settings = TrainSettings { rules, learning_rate: Some(0.1), ..whole(Optimizer::SGD, 0.0, 3) };
    let fit = case.train(&settings);
    let bare = Evaluator::new(&case.network, Regularisation::default(), 20, 1);
    let kept = fit.params.values();
    let cost = bare.expect("valid").cost(kept, &case.examples(), CostPart::Loss);
    let penalty = rules.l1 / 20.0 * kept[..5].iter().map(|w| w.abs()).sum::<f64>();
    assert_close("J + penalty", fit.history[fit.best_epoch - 1].train_cost, cost + penalty, (1e-14, 0.0));
}

/// Adam's roots are near 0 for weights whose derivatives were: the penalty must not take whole units with them.
#[test]
fn l1_kills_no_unit_at_the_first_step() {
    let network = network(&[4, 32, 32, 1], &[Activation::Relu], Output::Identity, Loss::SquaredError);
    let x = Array2::from_shape_fn((800, 4), |(k, j)| (((k * 37 + j * 101) % 211) as f64 / 105.0) - 1.0);
    let y = Array2::from_shape_fn((800, 1), |(k, _)| (3.0 * x[[k, 0]]).sin() + x[[k, 1]] * x[[k, 2]]);
    let theta = Params::init(&network, Init::Auto, 1).into_values();
    let case = Case::new(network, x, y, theta);
    for optimizer in [Optimizer::ADAM, Optimizer::RMSPROP, Optimizer::SGD] {
        let settings = TrainSettings {
            optimizer,
            batch: BatchSize::Rows(16),
            rules: StepRules { l1: 0.01, ..StepRules::default() },
            ..TrainSettings::default()
        };
        let mut training = case.training(&settings);
        training.advance(&mut ());
        let steps = training.theta().iter().zip(case.start.values());
        let zeros = steps.filter(|(now, then)| **now == 0.0 && **then != 0.0).count();
        assert!(
            zeros < 60,
            "{}: {zeros} of {} weights are 0 after one step",
            optimizer.name(),
            case.network.weight_count()
        );
    }
}

#[test]
fn the_largest_norm_is_that_of_renorm() {
    let golden = section("regularisers");
    let entry = &golden["max_norm"];
    let (input, wanted) = (vector(&entry["in"]), vector(&entry["exact"]));
    // One layer of 3 units and 4 inputs; a step of 0 leaves the rule alone.
    let network = network(&[4, 3], LINEAR, Output::Identity, Loss::SquaredError);
    let (x, y) = (Array2::zeros((1, 4)), Array2::from_elem((1, 3), 9.0));
    let case = Case::new(network, x, y, [input, vec![9.0; 3]].concat());
    let rules = StepRules { max_norm: Some(number(&entry["maxnorm"])), ..StepRules::default() };
    let mut training = case.training(&TrainSettings { rules, ..whole(PLAIN_SGD, 0.0, 1) });
    training.advance(&mut ());
    for (found, wanted) in training.theta().iter().zip(wanted) {
        assert_close("max-norm", *found, wanted, (1e-15, 0.0));
    }
    assert_eq!(training.theta()[12..], [9.0; 3], "biases are left alone");
}
