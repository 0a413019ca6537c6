//! The parameter learning methods side by side: `cargo run --release --example methods`.
//!
//! Every method gets the same start and the same gradient of all rows, and as many epochs as it wants up to a
//! cap. Printed as Markdown: the cost reached, its distance from the lowest of all, ‖∇J‖ there, how many
//! gradients of all rows it took, and seconds.

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use ndarray::Array2;
use retrograde::train::BatchSize;
use retrograde::{
    Activation, CostPart, Evaluator, Examples, Init, Loss, Network, Optimizer, Output, Params,
    Regularisation, TrainSettings, train,
};
use retrograde_data::{Encoder, EncoderSettings, Targets, embedded};
use std::error::Error;
use std::time::Instant;

/// One problem: a network on the rows of an embedded data set.
struct Problem {
    title: String,
    network: Network,
    x: Array2<f64>,
    y: Array2<f64>,
    lambda: f64,
    init: Init,
}

/// Method, learning rate where it has one, and epochs at most.
const METHODS: [(Optimizer, Option<f64>, usize); 6] = [
    (Optimizer::GradientDescent, Some(1.0), 40_000),
    (Optimizer::SGD, Some(0.3), 20_000),
    (Optimizer::NESTEROV, Some(0.3), 20_000),
    (Optimizer::ADAM, Some(0.01), 20_000),
    (Optimizer::ConjugateGradients, None, 2_000),
    (Optimizer::LBFGS, None, 2_000),
];

fn main() -> Result<(), Box<dyn Error>> {
    let sigmoid = Activation::Sigmoid;
    let problems = [
        Problem::new("@digits", &[], sigmoid, (Loss::CrossEntropy, 1.0))?,
        Problem::new("@digits", &[16], sigmoid, (Loss::CrossEntropy, 1.0))?,
        Problem::new("@xor", &[4], Activation::Tanh, (Loss::CrossEntropy, 0.01))?,
    ];
    for problem in &problems {
        table(problem)?;
    }
    Ok(())
}

impl Problem {
    fn new(
        set: &str,
        hidden: &[usize],
        activation: Activation,
        (loss, lambda): (Loss, f64),
    ) -> Result<Self, Box<dyn Error>> {
        let set_name = set;
        let set = embedded(set)?;
        let rows: Vec<usize> = (0..set.table.rows()).collect();
        let settings = EncoderSettings { targets: set.targets.clone(), ..EncoderSettings::default() };
        let encoder = Encoder::fit(&set.table, &rows, &settings)?;
        let x: Array2<f64> = encoder.transform(&set.table, &rows)?;
        let Targets::Classes(classes) = encoder.targets(&set.table, &rows)? else {
            return Err("these problems are classifications".into());
        };
        let count = classes.iter().max().map_or(0, |&c| c as usize + 1);
        let outputs = if count == 2 { 1 } else { count };
        let y = Array2::from_shape_fn((rows.len(), outputs), |(k, i)| {
            let wanted = if outputs == 1 { 1 } else { i };
            f64::from(u8::from(classes[k] as usize == wanted))
        });
        let output = if outputs == 1 { Output::Sigmoid } else { Output::Softmax };
        let sizes: Vec<usize> = [&[x.ncols()], hidden, &[outputs]].concat();
        let network = Network::new(&sizes, &vec![activation; hidden.len()], output, loss)?;
        let title = format!("{set_name}, {}, lambda = {lambda}", network.describe());
        Ok(Self { title, network, x, y, lambda, init: Init::Course })
    }
}

/// What one method reached.
struct Outcome {
    name: &'static str,
    cost: f64,
    grad_norm: f64,
    evaluations: f64,
    seconds: f64,
    hits: f64,
}

fn table(problem: &Problem) -> Result<(), Box<dyn Error>> {
    let outcomes: Vec<Outcome> = METHODS.iter().map(|m| run(problem, *m)).collect::<Result<_, _>>()?;
    let lowest = outcomes.iter().map(|o| o.cost).fold(f64::INFINITY, f64::min);
    println!("\n{} ({} rows, all of them in every step)\n", problem.title, problem.x.nrows());
    println!("| method | cost J | above the lowest | norm of the gradient | right | gradients | seconds |");
    println!("|---|---|---|---|---|---|---|");
    for o in outcomes {
        println!(
            "| {} | {:.9} | {:.1e} | {:.1e} | {:.2} % | {:.0} | {:.2} |",
            o.name,
            o.cost,
            (o.cost - lowest) / lowest,
            o.grad_norm,
            100.0 * o.hits,
            o.evaluations,
            o.seconds
        );
    }
    Ok(())
}

fn run(
    problem: &Problem,
    (optimizer, learning_rate, epochs): (Optimizer, Option<f64>, usize),
) -> Result<Outcome, Box<dyn Error>> {
    let examples = Examples::new(&problem.network, problem.x.view(), problem.y.view(), None)?;
    let settings = TrainSettings {
        optimizer,
        learning_rate,
        regularisation: Regularisation::l2(problem.lambda),
        epochs: Some(epochs),
        batch: BatchSize::Full,
        tolerance: Some(1e-13),
        ..TrainSettings::default()
    };
    let start = Params::<f64>::init(&problem.network, problem.init, 1);
    let clock = Instant::now();
    let fit = train(&start, &examples, None, &settings, &mut ())?;
    let seconds = clock.elapsed().as_secs_f64();
    let mut evaluator = Evaluator::new(&problem.network, settings.regularisation, problem.x.nrows(), 0)?;
    let mut grad = vec![0.0; problem.network.weight_count()];
    evaluator.cost_and_grad(fit.params.values(), &examples, &mut grad);
    Ok(Outcome {
        name: optimizer.name(),
        cost: evaluator.cost(fit.params.values(), &examples, CostPart::WithPenalty),
        grad_norm: retrograde::real::norm(&grad),
        evaluations: fit.history.last().map_or(0.0, |record| record.evaluations),
        seconds,
        hits: evaluator.score(fit.params.values(), &examples).accuracy.unwrap_or(f64::NAN),
    })
}
