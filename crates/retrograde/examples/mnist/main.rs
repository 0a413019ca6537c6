//! MNIST with two hidden layers, 784-100-100-10: rows in a wrong class after twenty epochs, for some seeds.
//!
//! `cargo run --release -p retrograde --example mnist -- ../shared/data/mnist`
//!
//! Relu, softmax, cross-entropy, Adam, f32. Pixels go from 0 to 1. All settings are the defaults but one: the learning
//! rate falls along half a cosine to 0. With a constant one the last steps are hardly shorter than the first, and which weights they
//! end with is a matter of chance. The schedule was chosen with `--held-out`, without the test rows.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example reads its data, times itself and prints what it measured"
)]

mod idx;

use idx::Rows;
use ndarray::{ArrayView2, Axis};
use retrograde::{
    Activation, Evaluator, Examples, Init, Loss, Network, Output, Params, Schedule, Shape, StopReason,
    TrainSettings, train,
};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

const HELP: &str = "mnist [FOLDER] [--epochs 20] [--seeds 3] [--threads 0] [--constant] [--held-out]

  FOLDER       of the four files *-ubyte.gz; by default ../shared/data/mnist
  --epochs N   passes over the training rows
  --seeds N    trainings, with the seeds 1, 2, ... N
  --threads N  threads at most; 0: all
  --constant   the learning rate stays what it is: all settings are the defaults
  --held-out   trains without the last 10,000 training rows and counts errors among them; the test rows are not
               read: what to choose settings by
";

/// Training rows that `--held-out` keeps back.
const HELD_OUT: usize = 10_000;

struct Options {
    folder: PathBuf,
    epochs: usize,
    seeds: u64,
    threads: usize,
    schedule: Schedule,
    judged: Judged,
}

/// The rows that errors are counted among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    Test,
    HeldOut,
}

/// None where only the help is wanted.
fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Options>, Failure> {
    let falling = Shape::Cosine { period: None, growth: 1, floor: 0.0 };
    let mut options = Options {
        folder: PathBuf::from("../shared/data/mnist"),
        epochs: 20,
        seeds: 3,
        threads: 0,
        schedule: Schedule { shape: falling, warm_up: 0.0 },
        judged: Judged::Test,
    };
    while let Some(name) = args.next() {
        let mut count = || -> Result<u64, Failure> {
            let value = args.next().ok_or_else(|| format!("{name} needs a number"))?;
            value.parse().map_err(|_| format!("{name}: found {value}, expected a number").into())
        };
        match name.as_str() {
            "--epochs" => options.epochs = usize::try_from(count()?)?,
            "--seeds" => match count()? {
                0 => return Err("--seeds: found 0, expected at least 1".into()),
                seeds => options.seeds = seeds,
            },
            "--threads" => options.threads = usize::try_from(count()?)?,
            "--constant" => options.schedule = Schedule::default(),
            "--held-out" => options.judged = Judged::HeldOut,
            "--help" | "-h" => return Ok(None),
            _ if name.starts_with('-') => return Err(format!("unknown: {name}\n\n{HELP}").into()),
            _ => options.folder = PathBuf::from(name),
        }
    }
    Ok(Some(options))
}

/// Inputs and targets of some rows.
type Views<'a> = (ArrayView2<'a, f32>, ArrayView2<'a, f32>);

fn whole(rows: &Rows) -> Views<'_> {
    (rows.x.view(), rows.y.view())
}

/// All but the last rows, and the last.
fn split(rows: &Rows, last: usize) -> (Views<'_>, Views<'_>) {
    let at = rows.x.nrows().saturating_sub(last);
    let ((x, x_last), (y, y_last)) =
        (rows.x.view().split_at(Axis(0), at), rows.y.view().split_at(Axis(0), at));
    ((x, y), (x_last, y_last))
}

/// What a training came to.
struct Outcome {
    /// Of the rows judged.
    errors: usize,
    seconds: f64,
}

/// The weights are those of the epoch with the lowest cost of the training rows, as the library keeps them: the rows
/// judged have no say in it.
fn run(network: &Network, options: &Options, views: (Views, Views), seed: u64) -> Result<Outcome, Failure> {
    let (training, judged) = views;
    let training = Examples::new(network, training.0, training.1, None)?;
    let judged = Examples::new(network, judged.0, judged.1, None)?;
    let settings = TrainSettings {
        epochs: Some(options.epochs),
        schedule: options.schedule,
        // All the epochs, whether the cost still falls or not.
        patience: options.epochs.max(1),
        threads: options.threads,
        seed,
        ..TrainSettings::default()
    };
    let start = Params::<f32>::init(network, Init::Auto, seed);
    let begun = Instant::now();
    let fit = train(&start, &training, None, &settings, &mut ())?;
    let seconds = begun.elapsed().as_secs_f64();
    if fit.stop != StopReason::Epochs {
        return Err(format!("the training with seed {seed} ended early: {:?}", fit.stop).into());
    }
    let mut evaluator = Evaluator::new(network, settings.regularisation, judged.rows(), options.threads)?;
    let score = evaluator.score(fit.params.values(), &judged);
    let accuracy = score.accuracy.ok_or("a network for classes has an accuracy")?;
    let errors = ((1.0 - accuracy) * judged.rows() as f64).round() as usize;
    Ok(Outcome { errors, seconds })
}

fn percent(errors: f64, rows: usize) -> f64 {
    100.0 * errors / rows as f64
}

fn table(options: &Options) -> Result<(), Failure> {
    let network = Network::new(
        &[idx::PIXELS, 100, 100, idx::DIGITS],
        &[Activation::Relu; 2],
        Output::Softmax,
        Loss::CrossEntropy,
    )?;
    let files = idx::read(&options.folder, "train")?;
    let test;
    let views = match options.judged {
        Judged::HeldOut => split(&files, HELD_OUT),
        Judged::Test => {
            test = idx::read(&options.folder, "t10k")?;
            (whole(&files), whole(&test))
        }
    };
    let (rows, judged) = (views.0.0.nrows(), views.1.0.nrows());
    let name = if options.judged == Judged::Test { "test" } else { "held-out" };
    println!(
        "{}, {rows} rows, {} epochs; errors among {judged} {name} rows\n",
        network.describe(),
        options.epochs
    );
    println!("| seed | errors | {name} error | seconds of training |");
    println!("|---|---|---|---|");
    let mut sums = (0.0, 0.0);
    for seed in 1..=options.seeds {
        let Outcome { errors, seconds } = run(&network, options, views, seed)?;
        println!("| {seed} | {errors} | {:.2} % | {seconds:.1} |", percent(errors as f64, judged));
        sums = (sums.0 + errors as f64, sums.1 + seconds);
    }
    let (errors, seconds) = (sums.0 / options.seeds as f64, sums.1 / options.seeds as f64);
    println!("| mean | {errors:.1} | {:.2} % | {seconds:.1} |", percent(errors, judged));
    Ok(())
}

fn main() -> ExitCode {
    let result = parse(std::env::args().skip(1)).and_then(|options| {
        let Some(options) = options else {
            print!("{HELP}");
            return Ok(());
        };
        table(&options)
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("mnist: {e}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn options(args: &[&str]) -> Result<Option<Options>, Failure> {
        parse(args.iter().map(|&arg| arg.to_owned()))
    }

    #[test]
    fn arguments_that_mean_nothing_are_refused() {
        let found = options(&["here", "--seeds", "5", "--constant"]).unwrap().unwrap();
        assert_eq!((found.folder, found.seeds, found.epochs), (PathBuf::from("here"), 5, 20));
        assert_eq!((found.schedule, found.judged), (Schedule::default(), Judged::Test));
        assert!(options(&["--help"]).unwrap().is_none());
        let message = |args| options(args).err().unwrap().to_string();
        assert_eq!(message(&["--epochs"]), "--epochs needs a number");
        assert_eq!(message(&["--epochs", "-1"]), "--epochs: found -1, expected a number");
        assert_eq!(message(&["--seeds", "0"]), "--seeds: found 0, expected at least 1");
        assert!(message(&["--epoch", "1"]).starts_with("unknown: --epoch\n"));
    }

    #[test]
    fn the_last_rows_are_held_out() {
        let column = |rows: usize| Array2::from_shape_fn((rows, 1), |(k, _)| k as f32);
        let rows = Rows { x: column(5), y: column(5) };
        let (training, last) = split(&rows, 2);
        assert!(training.0.iter().eq(&[0.0, 1.0, 2.0]) && training.1.nrows() == 3);
        assert!(last.0.iter().eq(&[3.0, 4.0]) && last.1.nrows() == 2);
        assert!(split(&rows, 6).0.0.is_empty());
    }
}
