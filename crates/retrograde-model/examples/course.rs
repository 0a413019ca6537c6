//! Exercise 4 of Andrew Ng's course, with its data and weights:
//! `cargo run --release --example course -- DIR [SEED]`, where DIR holds `ex4data1.mat` and `ex4weights.mat`.
//!
//! Prints one JSON document: the costs with the given weights for λ = 0, 1, 3, σ′ at five points, the accuracy
//! of the given weights, and accuracy and cost after 50 iterations of conjugate gradients at λ = 1 from a
//! random start.

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use ndarray::{Array2, ArrayView2};
use retrograde::train::BatchSize;
use retrograde::{
    Activation, CostPart, Evaluator, Examples, Init, Loss, Network, Optimizer, Output, Params,
    Regularisation, TrainSettings, train,
};
use retrograde_data::read_mat_variables;
use std::error::Error;
use std::path::Path;

const ITERATIONS: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder =
        arguments.next().ok_or("usage: course DIR [SEED], with ex4data1.mat and ex4weights.mat in DIR")?;
    let seed = arguments.next().map_or(Ok(1), |s| s.parse())?;
    let document = exercise(Path::new(&folder), seed)?;
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(())
}

fn exercise(folder: &Path, seed: u64) -> Result<serde_json::Value, Box<dyn Error>> {
    let data = read_mat_variables(&std::fs::read(folder.join("ex4data1.mat"))?)?;
    let weights = read_mat_variables(&std::fs::read(folder.join("ex4weights.mat"))?)?;
    let network = Network::new(&[400, 25, 10], &[Activation::Sigmoid], Output::Sigmoid, Loss::CrossEntropy)?;
    let x = variable(&data, "X")?.as_standard_layout().into_owned();
    let y = one_hot(variable(&data, "y")?);
    let examples = Examples::new(&network, x.view(), y.view(), None)?;

    // nn_params = [Theta1(:); Theta2(:)], as the exercise unrolls them.
    let unrolled: Vec<f64> = ["Theta1", "Theta2"]
        .iter()
        .map(|name| variable(&weights, name))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flat_map(|theta| theta.t().iter().copied().collect::<Vec<_>>())
        .collect();
    let given = retrograde::orders::from_course(&network, &unrolled)?;

    let cost = |theta: &[f64], lambda: f64| -> Result<f64, retrograde::Error> {
        let mut evaluator = Evaluator::new(&network, Regularisation::l2(lambda), x.nrows(), 0)?;
        Ok(evaluator.cost(theta, &examples, CostPart::WithPenalty))
    };
    let settings = TrainSettings {
        optimizer: Optimizer::ConjugateGradients,
        regularisation: Regularisation::l2(1.0),
        epochs: Some(ITERATIONS),
        batch: BatchSize::Full,
        seed,
        ..TrainSettings::default()
    };
    let start = Params::<f64>::init(&network, Init::Course, seed);
    let fit = train(&start, &examples, None, &settings, &mut ())?;
    let slopes = [-1.0, -0.5, 0.0, 0.5, 1.0].map(|z| Activation::Sigmoid.value_and_slope::<f64>(z).1);
    Ok(serde_json::json!({
        "schema": "retrograde.course/1",
        "seed": seed,
        "cost": {"0": cost(&given, 0.0)?, "1": cost(&given, 1.0)?, "3": cost(&given, 3.0)?},
        "sigmoid_gradient": slopes,
        "accuracy_given_weights": accuracy(&Params::from_values(&network, given)?, x.view(), &y)?,
        "iterations": fit.history.len(),
        "gradient_evaluations": fit.history.last().map(|record| record.evaluations),
        "cost_trained": cost(fit.params.values(), 1.0)?,
        "accuracy_trained": accuracy(&fit.params, x.view(), &y)?,
    }))
}

fn variable<'a>(file: &'a [(String, Array2<f64>)], name: &str) -> Result<&'a Array2<f64>, String> {
    file.iter().find(|(n, _)| n == name).map(|(_, m)| m).ok_or(format!("the file has no variable {name}"))
}

/// Label 1…10 (10 stands for the digit 0) as a row with a 1 in its place.
fn one_hot(labels: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((labels.len(), 10), |(k, i)| f64::from(u8::from(labels[[k, 0]] == (i + 1) as f64)))
}

/// The share of rows whose largest output is the label's, as in the exercise's predict.m.
fn accuracy(params: &Params<f64>, x: ArrayView2<'_, f64>, y: &Array2<f64>) -> Result<f64, retrograde::Error> {
    let a = retrograde::predict(params, x)?;
    let argmax = |row: ndarray::ArrayView1<'_, f64>| retrograde::loss::argmax(&row.to_vec());
    let hits =
        a.outer_iter().zip(y.outer_iter()).filter(|(a, y)| argmax(a.view()) == argmax(y.view())).count();
    Ok(hits as f64 / x.nrows() as f64)
}
