//! Every parameter learning method on the same problems: `cargo run --release --example methods [-- SECONDS]`.
//!
//! Each gets the same start, all rows in every step where it can (the others their batches), f64, and as much time as it
//! wants up to so many seconds (10 by default). Printed as Markdown: the cost J reached, how far above the lowest of all
//! that is, gradients of all rows, seconds. `retrograde train … --compare` is this on a table of one's own.

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use retrograde::{Activation, BatchSize, Init, Optimizer, Regularisation, Schedule};
use retrograde_data::{ReadOptions, Table, embedded, read};
use retrograde_model::{Dtype, FitSettings, MethodRun, Validation, compare};
use std::error::Error;
use std::path::Path;

/// A table and the network for it.
struct Problem {
    /// An embedded set, or a file of the shared data.
    data: &'static str,
    target: &'static str,
    hidden: &'static [usize],
    activation: Activation,
    lambda: f64,
}

const PROBLEMS: [Problem; 6] = [
    Problem { data: "@xor", target: "", hidden: &[4], activation: Activation::Tanh, lambda: 0.01 },
    Problem { data: "@sine", target: "", hidden: &[10], activation: Activation::Tanh, lambda: 0.0 },
    Problem { data: "@digits", target: "", hidden: &[], activation: Activation::Relu, lambda: 1.0 },
    Problem { data: "@digits", target: "", hidden: &[16], activation: Activation::Sigmoid, lambda: 1.0 },
    Problem {
        data: "../shared/data/ng-ex4/ex4data1.mat",
        target: "y",
        hidden: &[25],
        activation: Activation::Sigmoid,
        lambda: 1.0,
    },
    Problem {
        data: "../shared/data/california-housing/cal_housing.data",
        target: "medianHouseValue",
        hidden: &[16],
        activation: Activation::Tanh,
        lambda: 0.1,
    },
];

/// Round rates, tuned to no problem: `retrograde find-learning-rate` would propose others.
const METHODS: [(Optimizer, Option<f64>); 11] = [
    (Optimizer::GradientDescent, Some(0.3)),
    (Optimizer::SGD, Some(0.1)),
    (Optimizer::NESTEROV, Some(0.1)),
    (Optimizer::ADAM, Some(0.01)),
    (Optimizer::ADAMW, Some(0.01)),
    (Optimizer::RMSPROP, Some(0.001)),
    (Optimizer::Rprop, None),
    (Optimizer::ConjugateGradients, None),
    (Optimizer::ScaledConjugateGradients, None),
    (Optimizer::LBFGS, None),
    (Optimizer::LM, None),
];

fn main() -> Result<(), Box<dyn Error>> {
    let seconds = std::env::args().nth(1).map_or(Ok(10.0), |s| s.parse())?;
    for problem in &PROBLEMS {
        if problem.data.starts_with('@') || Path::new(problem.data).exists() {
            problem.run(seconds)?;
        } else {
            println!("\n{} is not there", problem.data);
        }
    }
    Ok(())
}

impl Problem {
    fn table(&self) -> Result<(Table, Vec<String>), Box<dyn Error>> {
        if self.data.starts_with('@') {
            let set = embedded(self.data)?;
            return Ok((set.table, set.targets));
        }
        Ok((read(Path::new(self.data), &ReadOptions::default())?, vec![self.target.to_owned()]))
    }

    fn run(&self, seconds: f64) -> Result<(), Box<dyn Error>> {
        let (table, targets) = self.table()?;
        let mut settings = FitSettings {
            hidden: self.hidden.to_vec().into(),
            activations: vec![self.activation],
            init: Init::Course,
            dtype: Dtype::F64,
            validation: Validation::None,
            check: None,
            ..FitSettings::default()
        };
        settings.encoder.targets = targets;
        let train = &mut settings.train;
        train.batch = BatchSize::Full;
        // To the end, however long it takes: a rate that falls would end it at a time of its own.
        train.schedule = Schedule::default();
        train.regularisation = Regularisation::l2(self.lambda);
        train.epochs = Some(1_000_000);
        train.tolerance = Some(1e-13);
        let (mut runs, mut refusals) = (Vec::new(), Vec::new());
        for (method, rate) in METHODS {
            settings.train.learning_rate = rate;
            settings.train.rules.weight_decay = matches!(method, Optimizer::AdamW { .. }).then_some(0.01);
            match compare(&table, &settings, &[method], Some(seconds), &mut ()) {
                Ok(found) => runs.extend(found.runs),
                Err(refused) => refusals.push(format!("`{}`: {refused}", method.name())),
            }
        }
        self.print(&runs);
        for refusal in refusals {
            println!("\n{refusal}");
        }
        Ok(())
    }

    fn print(&self, runs: &[MethodRun]) {
        let hidden: Vec<String> = self.hidden.iter().map(usize::to_string).collect();
        let hidden = if hidden.is_empty() { "no hidden layer".to_owned() } else { hidden.join("-") };
        let lowest = runs.iter().map(|run| run.train.cost).fold(f64::INFINITY, f64::min);
        println!("\n{}, {hidden} {}, lambda = {}\n", self.data, self.activation.name(), self.lambda);
        println!("| method | J | above | gradients | seconds | stop |\n|---|---:|---:|---:|---:|---|");
        for run in runs {
            let above = (run.train.cost - lowest) / lowest;
            println!(
                "| {} | {:.9} | {above:.1e} | {:.0} | {:.2} | {} |",
                run.method,
                run.train.cost,
                run.evaluations,
                run.seconds,
                run.stop.name()
            );
        }
    }
}
