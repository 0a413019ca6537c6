//! An epoch of case A with a quarter of its rows in the window, beside the same epoch with all rows in memory.
//!
//! The supplier copies from a vector: what is measured is what a window costs where reading costs nothing.
//!
//! `cargo run --release -p retrograde --example streamed [threads] [rounds]`
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example times itself and prints what it measured"
)]

#[allow(dead_code, reason = "all cases are in that file")]
#[path = "epoch/cases.rs"]
mod cases;

use cases::{Case, LEARNING_RATE};
use ndarray::ArrayView2;
use retrograde::stream::{Failure, Order, RowStream};
use retrograde::{
    Activation, BatchSize, Examples, Flow, Init, Loss, Network, Optimizer, Output, Params, Streamed,
    TrainSettings, Training,
};
use std::sync::Arc;
use std::time::Instant;

/// X and Y in memory.
struct Copied {
    rows: Arc<(Vec<f32>, Vec<f32>)>,
    widths: (usize, usize),
    next: usize,
}

impl RowStream<f32> for Copied {
    fn rows(&self) -> usize {
        self.rows.0.len() / self.widths.0
    }

    fn widths(&self) -> (usize, usize) {
        self.widths
    }

    fn rewind(&mut self, _: Order) -> Result<(), Failure> {
        self.next = 0;
        Ok(())
    }

    fn fill(&mut self, x: &mut [f32], y: &mut [f32], _: Option<&mut [f32]>) -> Result<usize, Failure> {
        let (inputs, outputs) = self.widths;
        let read = (x.len() / inputs).min(self.rows() - self.next);
        for (to, from, width) in [(x, &self.rows.0, inputs), (y, &self.rows.1, outputs)] {
            to[..read * width].copy_from_slice(&from[self.next * width..(self.next + read) * width]);
        }
        self.next += read;
        Ok(read)
    }
}

fn one_hot(case: &Case) -> Vec<f32> {
    let mut y = vec![0.0; case.rows * case.outputs()];
    for (row, class) in case.classes().into_iter().enumerate() {
        y[row * case.outputs() + class] = 1.0;
    }
    y
}

/// Seconds of the next epoch.
fn epoch(training: &mut Training<'_, f32>) -> Result<f64, Failure> {
    let (epoch, _) = training.state().place();
    let begun = Instant::now();
    while training.state().place().0 == epoch {
        if training.advance(&mut ()) == Flow::Stop && training.state().place().0 == epoch {
            return Err(format!("the training stopped in epoch {}", epoch + 1).into());
        }
    }
    Ok(begun.elapsed().as_secs_f64())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<usize>());
    let threads = args.next().transpose()?.unwrap_or(0);
    let rounds = args.next().transpose()?.unwrap_or(21).max(1);
    let case = cases::find("A").ok_or("there is a case A")?;
    let network = Network::new(case.sizes, &[Activation::Relu], Output::Softmax, Loss::CrossEntropy)?;
    let rows = Arc::new((case.x(|v| v as f32), one_hot(case)));
    let widths = (case.inputs(), case.outputs());
    let examples = Examples::new(
        &network,
        ArrayView2::from_shape((case.rows, widths.0), &rows.0)?,
        ArrayView2::from_shape((case.rows, widths.1), &rows.1)?,
        None,
    )?;
    let settings = TrainSettings {
        optimizer: Optimizer::ADAM,
        learning_rate: Some(LEARNING_RATE),
        batch: BatchSize::Rows(case.batch),
        epochs: Some(rounds + 2),
        patience: rounds + 2,
        threads,
        ..TrainSettings::default()
    };
    let start = Params::init(&network, Init::Auto, 1);
    let copied = Copied { rows: Arc::clone(&rows), widths, next: 0 };
    let mut streamed = Streamed::new(&network, copied, case.rows / 4)?;
    let mut in_windows = Training::new(&start, &mut streamed, None, &settings)?;
    let mut in_memory = Training::new(&start, &examples, None, &settings)?;
    // Each waits for its turn, and the first two epochs warm up.
    epoch(&mut in_memory)?;
    epoch(&mut in_windows)?;
    let pairs = (0..rounds)
        .map(|_| Ok((epoch(&mut in_memory)?, epoch(&mut in_windows)?)))
        .collect::<Result<Vec<_>, Failure>>()?;
    println!("{}", case.describe());
    println!("{:36} {:.4} s", "in memory", median(pairs.iter().map(|pair| pair.0)));
    println!("{:36} {:.4} s", "a window of a quarter of the rows", median(pairs.iter().map(|pair| pair.1)));
    println!("{:36} {:.3}", "speed of the second to the first", median(pairs.iter().map(|(a, b)| a / b)));
    Ok(())
}
