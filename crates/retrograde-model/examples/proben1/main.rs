//! Proben1 (Prechelt 1994, report 21/94, Universität Karlsruhe) beside the report's own figures:
//! `cargo run --release -p retrograde-model --example proben1 -- ../shared/data/proben1`.
//!
//! By the report's rules: its split of the rows, its encoding, squared error, RPROP on all rows (here iRPROP−),
//! strips of five epochs, GL₅, P₅ < 0.1 or 3000 epochs, the weights of the lowest validation error, and the winner
//! takes all. The report's text was not at hand: starting weights in ±0.5, first steps in 0.05…0.2, linear outputs
//! and the no-shortcut "pivot" networks are from memory. Known to differ: the hidden units (x/(1 + |x|) is none of
//! the library's activations), one first step for all weights instead of one drawn for each, ten runs, RPROP's least
//! step 10⁻⁶ instead of 0, and larger starting weights and first steps for the linear networks.
//!
//! Nothing was chosen problem by problem but the hidden layers.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example prints its result")]

mod dt;
mod run;
mod stopping;

use retrograde::{Activation, Network, Output};
use run::{Choices, Outcome};
use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use stopping::End;

/// Tried: tanh and sigmoid hidden units, identity and sigmoid outputs, first steps 0.05, 0.1 and 0.2, on cancer1,
/// diabetes1, glass1, heart1 and gene1. Chosen by the validation error alone (the geometric mean over the problems of
/// the mean over the seeds) among those with linear outputs: 0.1100, against 0.1111 and 0.1166 for the other steps
/// and 0.1113 to 0.1317 for tanh. Sigmoid outputs came to 0.1096 to 0.1138.
///
/// The test errors of one other choice, tanh with 0.1, had been seen before: all eight rows were within 2 sd, those of
/// diabetes1 and heart1 with four times the deviation. For the linear networks, weights in ±0.01 and a first step
/// of 0.01 gave 6.56 ± 0.00 and 5.34 ± 0.28.
const CHOICES: Choices = Choices {
    hidden: Activation::Sigmoid,
    output: Output::Identity,
    weights_within: 0.5,
    first_step: 0.1,
    epochs: 3000,
};

/// One training for each of 1, 2, …
const SEEDS: u64 = 10;

/// A problem, the network for it, and the test error that the report found with such networks.
struct Row {
    name: &'static str,
    hidden: &'static [usize],
    mean: f64,
    /// None where it is not at hand.
    deviation: Option<f64>,
}

impl Row {
    const fn new(name: &'static str, hidden: &'static [usize], mean: f64, deviation: Option<f64>) -> Self {
        Self { name, hidden, mean, deviation }
    }
}

const ROWS: [Row; 8] = [
    Row::new("cancer1", &[4, 2], 1.38, Some(0.49)),
    Row::new("diabetes1", &[16, 8], 24.10, Some(1.91)),
    Row::new("thyroid1", &[16, 8], 2.38, Some(0.35)),
    Row::new("glass1", &[16, 8], 32.70, Some(5.34)),
    Row::new("heart1", &[32], 19.72, Some(0.96)),
    Row::new("gene1", &[4, 2], 16.67, Some(3.75)),
    Row::new("thyroid1", &[], 6.56, None),
    Row::new("cancer3", &[], 5.17, None),
];

fn main() -> ExitCode {
    match table() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("proben1: {e}");
            ExitCode::FAILURE
        }
    }
}

fn table() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("which folder has the files? proben1 DIR")?;
    println!(
        "Rows in a wrong class, in percent of the test rows: mean ± standard deviation of {SEEDS} trainings.\n"
    );
    println!(
        "| problem | network | published | ours | validation | epochs | ended by | seconds | within 2 sd or better |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for row in &ROWS {
        println!("{}", line(row, Path::new(&folder))?);
    }
    println!(
        "\nValidation: the lowest mean of ½‖a − y‖². Where no published deviation is at hand, sd is ours."
    );
    Ok(())
}

fn line(row: &Row, folder: &Path) -> Result<String, Box<dyn Error>> {
    let problem = dt::read(folder, row.name)?;
    let network = run::network(&problem, row.hidden, &CHOICES)?;
    let clock = Instant::now();
    let outcomes: Vec<Outcome> =
        (1..=SEEDS).map(|seed| run::run(&problem, &network, &CHOICES, seed)).collect::<Result<_, _>>()?;
    let seconds = clock.elapsed().as_secs_f64();
    Ok(cells(row, &network, &outcomes, seconds))
}

fn cells(row: &Row, network: &Network, outcomes: &[Outcome], seconds: f64) -> String {
    let (mean, deviation) = statistics(outcomes.iter().map(|o| o.test_error));
    let (validation, _) = statistics(outcomes.iter().map(|o| o.validation));
    let (epochs, _) = statistics(outcomes.iter().map(|o| o.epochs as f64));
    let within = 2.0 * row.deviation.unwrap_or(deviation);
    let verdict = if mean <= row.mean + within { "yes" } else { "no" };
    let mut published = format!("{:.2}", row.mean);
    if let Some(sd) = row.deviation {
        let _ = write!(published, " ± {sd:.2}"); // a String takes everything
    }
    let ends = [(End::Loss, "GL"), (End::Progress, "P"), (End::Epochs, "epochs")].map(|(end, name)| {
        let count = outcomes.iter().filter(|o| o.end == end).count();
        if count == 0 { String::new() } else { format!("{count} {name}") }
    });
    let ends = ends.iter().filter(|e| !e.is_empty()).cloned().collect::<Vec<_>>().join(", ");
    format!(
        "| {} | {} | {published} | {mean:.2} ± {deviation:.2} | {validation:.4} | {epochs:.0} | {ends} | {seconds:.1} | {verdict} |",
        row.name,
        network.describe(),
    )
}

/// Mean and standard deviation (of a sample: over n − 1).
fn statistics(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let square: f64 = values.map(|v| (v - mean).powi(2)).sum();
    (mean, (square / (n - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation_by_hand() {
        assert_eq!(statistics([1.0, 2.0, 3.0, 6.0].into_iter()), (3.0, (14.0_f64 / 3.0).sqrt()));
    }
}
