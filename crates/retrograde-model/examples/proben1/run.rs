//! One training by the report's rules, and its error on the test rows.

use crate::dt::{Problem, Rows};
use crate::stopping::{End, Judge, STRIP, Strip};
use ndarray::{Array2, ArrayView1};
use rand::RngExt;
use retrograde::random::{Purpose, stream};
use retrograde::train::BatchSize;
use retrograde::{
    Activation, Error, Evaluator, Examples, Flow, Loss, Network, Optimizer, Output, Params, Regularisation,
    StopReason, TrainSettings, Training, predict,
};

/// What is the same for all problems.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choices {
    pub hidden: Activation,
    pub output: Output,
    /// Starting weights are uniform in ± this, biases too.
    pub weights_within: f64,
    /// RPROP's first step.
    pub first_step: f64,
    pub epochs: usize,
}

/// What one training came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    /// Share of the test rows put into a wrong class, in percent.
    pub test_error: f64,
    /// The lowest validation error, as the mean of ½‖a − y‖² over the rows.
    pub validation: f64,
    pub epochs: usize,
    pub end: End,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Library(#[from] Error),
    #[error("seed {seed}: the training ended by itself: {stop:?}")]
    Stopped { seed: u64, stop: StopReason },
}

pub(crate) fn network(problem: &Problem, hidden: &[usize], choices: &Choices) -> Result<Network, Error> {
    let (inputs, outputs) = (problem.training.x.ncols(), problem.training.y.ncols());
    let sizes = [&[inputs], hidden, &[outputs]].concat();
    Network::new(&sizes, &vec![choices.hidden; hidden.len()], choices.output, Loss::SquaredError)
}

pub(crate) fn run(
    problem: &Problem,
    network: &Network,
    choices: &Choices,
    seed: u64,
) -> Result<Outcome, RunError> {
    let training_rows = examples(network, &problem.training)?;
    let validation_rows = examples(network, &problem.validation)?;
    let none = Regularisation::l2(0.0);
    let settings = TrainSettings {
        optimizer: Optimizer::Rprop,
        learning_rate: Some(choices.first_step),
        regularisation: none,
        epochs: Some(choices.epochs),
        batch: BatchSize::Full,
        // The library's own reasons to stop are out of the way.
        tolerance: Some(0.0),
        patience: usize::MAX,
        threads: 1,
        ..TrainSettings::default()
    };
    // The library would look at validation rows after every epoch; the report looks, and keeps weights, only at the
    // ends of strips. So they stay out of the training and are judged here.
    let start = start(network, choices.weights_within, seed)?;
    let mut training = Training::new(&start, &training_rows, None, &settings)?;
    let mut evaluator = Evaluator::new(network, none, validation_rows.rows(), settings.threads)?;
    let mut judge = Judge::new();
    let mut strip = Strip::default();
    let mut best = (f64::INFINITY, start.into_values());
    let end = loop {
        let over = (0..STRIP).any(|_| training.advance(&mut strip) == Flow::Stop);
        if training.state().place().0 % STRIP != 0 {
            break End::Epochs;
        }
        let validation = evaluator.score(training.theta(), &validation_rows).cost;
        let (is_best, end) = judge.strip(validation, &mut strip);
        if is_best {
            best = (validation, training.theta().to_vec());
        }
        if let Some(end) = end {
            break end;
        }
        if over {
            break End::Epochs;
        }
    };
    let fit = training.finish(&mut ())?;
    if !matches!(fit.stop, StopReason::Asked | StopReason::Epochs) {
        return Err(RunError::Stopped { seed, stop: fit.stop });
    }
    let params = Params::from_values(network, best.1)?;
    let a = predict(&params, problem.test.x.view())?;
    let test_error = wrong(&a, &problem.test.y);
    Ok(Outcome { test_error, validation: best.0, epochs: fit.history.len(), end })
}

fn examples<'a>(network: &Network, rows: &'a Rows) -> Result<Examples<'a, f64>, Error> {
    Examples::new(network, rows.x.view(), rows.y.view(), None)
}

fn start(network: &Network, within: f64, seed: u64) -> Result<Params<f64>, Error> {
    let mut rng = stream(seed, Purpose::Initialisation, 0);
    let values = (0..network.weight_count()).map(|_| rng.random_range(-within..=within)).collect();
    Params::from_values(network, values)
}

/// The percentage of rows in a wrong class.
fn wrong(a: &Array2<f64>, y: &Array2<f64>) -> f64 {
    let wrong = a.rows().into_iter().zip(y.rows()).filter(|(a, y)| class(*a) != class(*y)).count();
    100.0 * wrong as f64 / y.nrows() as f64
}

/// The winner takes all: the first of the largest outputs; of a single output, whether it reaches ½.
fn class(outputs: ArrayView1<'_, f64>) -> usize {
    if outputs.len() == 1 {
        return usize::from(outputs[0] >= 0.5);
    }
    (1..outputs.len()).fold(0, |winner, i| if outputs[i] > outputs[winner] { i } else { winner })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_winner_takes_all() {
        let y = array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]];
        let a = array![[0.4, 0.3, 0.3], [9.0, 8.0, 7.0], [-3.0, -2.0, -1.0], [0.5, 0.0, 0.5]];
        assert_eq!(wrong(&a, &y), 50.0);
        assert_eq!(wrong(&array![[0.5], [0.49], [0.9], [-1.0]], &array![[1.0], [0.0], [0.0], [0.0]]), 25.0);
    }

    #[test]
    fn starting_weights_depend_on_the_seed_alone() {
        let network = Network::new(&[3, 2], &[], Output::Identity, Loss::SquaredError).unwrap();
        let first = start(&network, 0.5, 1).unwrap();
        assert_eq!(first, start(&network, 0.5, 1).unwrap());
        assert_ne!(first, start(&network, 0.5, 2).unwrap());
        assert!(first.values().iter().all(|w| w.abs() <= 0.5 && *w != 0.0));
    }
}
