//! `retrograde train`.

use super::parse;
use super::rows::RowArgs;
use super::table::{ColumnArgs, ReadArgs};
use clap::Args;
use retrograde::{Activation, BatchSize, Init, Optimizer, Output, Shape};
use retrograde_model::{Dtype, Every, FitSettings, Hidden, LossChoice};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  retrograde train @digits -o digits.rg
  retrograde train churn.csv --target churned --hidden 32,16 -o churn.rg
  retrograde train house.csv --target price --loss huber:1.5 --validation 0.3
  retrograde train flights.csv --target delay --split-by date --test 0.2
  retrograde train churn.csv --target churned --class-weight balanced
  retrograde train @iris --hidden none --optimizer lbfgs --lambda 0.1 --json
  retrograde train big.csv --target y --checkpoint run.ck -o big.rg
  retrograde train big.csv --target y --resume run.ck -o big.rg
  retrograde train @digits --compare sgd,adam,rprop,lbfgs --svg methods.svg

The transcript goes to stderr. stdout has the JSON document of --json, or the
model with -o -. Ctrl-C finishes the batch and saves the best weights so far;
a second one stops at once, and nothing is saved. A training with --checkpoint
survives even that: the same command with --resume goes on from it and ends
with the same model, byte for byte.";

/// Fit a network to a table
///
/// Rows are split into training and validation rows, the network learns until the validation cost stops
/// improving, its best weights are kept, and its derivatives are checked.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    pub(crate) on: LearnArgs,

    /// Where the model goes; - is stdout [default: it is not kept]
    #[arg(short = 'o', long = "model", value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) survival: SurvivalArgs,

    #[command(flatten)]
    pub(crate) comparison: ComparisonArgs,

    /// Do not compare the derivatives with numerical ones at the end
    #[arg(long, help_heading = "Output")]
    pub(crate) no_check: bool,

    /// Print one JSON document (retrograde.train/1; with --compare retrograde.compare/1) to stdout
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// What is to be learnt, from what, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct LearnArgs {
    /// The table: a file or a pattern such as data/*.csv, - for stdin, or an embedded set such as @digits
    #[arg(value_name = "DATA")]
    pub(crate) data: PathBuf,

    /// Read and use the table by a plan that  retrograde data DATA --save FILE  wrote; other options come first
    #[arg(long, value_name = "FILE", help_heading = "Reading the table")]
    pub(crate) plan: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) columns: ColumnArgs,

    #[command(flatten)]
    pub(crate) rows: RowArgs,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    #[command(flatten)]
    pub(crate) learning: LearningArgs,

    #[command(flatten)]
    pub(crate) read: ReadArgs,
}

/// Try learning rates from small to large and propose one
///
/// A range test (Smith 2017): one short training whose learning rate grows with every step, until its cost blows up.
/// Proposed is a tenth of the rate at which the smoothed cost was lowest. Exits with 1 when it fell at none.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  retrograde find-learning-rate @digits
  retrograde find-learning-rate churn.csv --target churned --optimizer sgd
  retrograde find-learning-rate @sine --svg rates.svg --json")]
pub(crate) struct FindLearningRateArgs {
    #[command(flatten)]
    pub(crate) on: LearnArgs,

    /// The first rate
    #[arg(long, value_name = "X", default_value_t = 1e-6, help_heading = "Range")]
    pub(crate) from: f64,

    /// The last rate, if the cost does not blow up before
    #[arg(long, value_name = "X", default_value_t = 10.0, help_heading = "Range")]
    pub(crate) to: f64,

    /// Steps from one to the other
    #[arg(long, value_name = "N", default_value_t = 200, help_heading = "Range")]
    pub(crate) steps: usize,

    /// Draw the curve
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) svg: Option<PathBuf>,

    /// Print one JSON document (retrograde.learning-rate/1) to stdout
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// The network.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// Units of each hidden layer, none for a linear model, or auto (256,128; from 10,000 rows on 256,256,128)
    #[arg(long, value_name = "UNITS", default_value = "auto", value_parser = parse::hidden)]
    pub(crate) hidden: Hidden,

    /// One activation, or one for each hidden layer: identity, sigmoid, tanh, relu, leaky_relu, elu, selu, gelu,
    /// silu, softplus, mish
    #[arg(long, value_name = "NAMES", default_value = "relu", value_delimiter = ',')]
    #[arg(value_parser = parse::activation)]
    pub(crate) activation: Vec<Activation>,

    /// Last activation: identity, sigmoid, softmax, exp [default: by task and loss]
    #[arg(long, value_name = "NAME", value_parser = parse::output)]
    pub(crate) output_activation: Option<Output>,

    /// cross-entropy, squared-error, absolute, huber:1.5, poisson, gamma, quantile:0.1,0.5,0.9 [default: by task]
    #[arg(long, value_name = "LOSS", value_parser = parse::loss)]
    pub(crate) loss: Option<LossChoice>,

    /// Starting weights: course (±√6/√(inputs + outputs)), auto (by activation), he, lecun, zeros
    #[arg(long, value_name = "NAME", default_value = "course", value_parser = parse::init)]
    pub(crate) init: Init,

    /// Numbers that training computes with: f32, f64
    #[arg(long, value_name = "TYPE", default_value = "f32", value_parser = parse::dtype)]
    pub(crate) dtype: Dtype,
}

/// How it learns.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Learning")]
pub(crate) struct LearningArgs {
    /// Parameter learning method: gd, sgd, nesterov, adam, adamw, rmsprop, rprop, cg, scg, lbfgs, lm, or auto (by rows
    /// and weights)
    #[arg(long, value_name = "NAME", default_value = "adamw", value_parser = parse::optimizer)]
    pub(crate) optimizer: Optimizer,

    /// Step size [default: gd 0.5, sgd, nesterov and rprop 0.05, adam and adamw 0.003, rmsprop 0.001; cg, scg, lbfgs
    /// and lm find their own]
    #[arg(long, value_name = "X")]
    pub(crate) learning_rate: Option<f64>,

    /// Its course: constant, inverse[:0.5], adaptive, step:EPOCHS,FACTOR, cosine, cosine:EPOCHS[,GROWTH] (restarts),
    /// one-cycle[:0.3], or auto (cosine where a step takes some of the rows, else constant)
    #[arg(long, value_name = "SHAPE", default_value = "auto", value_parser = parse::schedule)]
    pub(crate) schedule: Shape,

    /// Epochs over which the step size grows to its full length first
    #[arg(long, value_name = "EPOCHS", default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) warm_up: f64,

    /// Momentum of sgd and nesterov [default: 0.9]
    #[arg(long, value_name = "X")]
    pub(crate) momentum: Option<f64>,

    /// L2 penalty λ/2m·Σ‖W‖² over m rows, biases left out; a few rows need less
    #[arg(long, value_name = "X", default_value_t = default_lambda(), allow_negative_numbers = true)]
    pub(crate) lambda: f64,

    /// L1 penalty λ₁/m·Σ|W|, by proximal steps: weights become exactly 0
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) l1: f64,

    /// Weight decay apart from the gradient, W ← (1 − ηd)W per step [default: adamw 0.3, else 0]
    #[arg(long, value_name = "D", allow_negative_numbers = true)]
    pub(crate) weight_decay: Option<f64>,

    /// Share of units left out of each step: one for all hidden layers, or one for the inputs and one per hidden layer
    #[arg(long, value_name = "RATES", value_delimiter = ',', allow_negative_numbers = true)]
    pub(crate) dropout: Vec<f64>,

    /// Largest norm of the weights into one unit
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub(crate) max_norm: Option<f64>,

    /// Largest norm of a gradient; longer ones are scaled down
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub(crate) clip_norm: Option<f64>,

    /// Share of a class target spread over all classes
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) label_smoothing: f64,

    /// Epochs (iterations, where a step takes all rows) at most [default: 60, but so many that there are 2,000 to 10,000
    /// steps; 200 with another schedule than auto; cg, scg, lbfgs, rprop 500; lm 200; gd 5000]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,

    /// Rows per step: a number, full, or auto (a fiftieth, 16 to 256)
    #[arg(long, value_name = "N", default_value = "auto", value_parser = parse::batch)]
    pub(crate) batch: BatchSize,

    /// Share of the cost below which an improvement does not count [default: 1e-4; where a step
    /// takes all rows 1e-7]
    #[arg(long, value_name = "X")]
    pub(crate) tolerance: Option<f64>,

    /// Epochs without an improvement before it stops
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) patience: usize,

    /// Stop after this time, e.g. 30s, 2m [default: never]
    #[arg(long, value_name = "TIME", value_parser = parse::duration)]
    pub(crate) time_limit: Option<f64>,

    /// Seed of the split, the starting weights and the order of rows
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Threads at most, 0 for all; the result does not depend on it
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
}

/// Training that survives being killed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Survival")]
pub(crate) struct SurvivalArgs {
    /// Write the state of the training to this file on the way; the one before is kept as FILE.previous, and FILE.new is
    /// there while one is written
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    pub(crate) checkpoint: Option<PathBuf>,

    /// How often: a time such as 30s or 5m, or a number of epochs [default: 30s]
    #[arg(long, value_name = "TIME|N", value_parser = parse::every, conflicts_with = "compare")]
    pub(crate) every: Option<Every>,

    /// Keep the encoded rows in a file beside the model, or among the temporary files, and a window of them in memory: for
    /// tables larger than memory. Only rows of one window are shuffled with each other
    #[arg(long, conflicts_with = "compare")]
    pub(crate) stream: bool,

    /// Rows of the window, of which two are held [default: as many as 128 MiB hold]
    #[arg(long, value_name = "ROWS", value_parser = parse::window, requires = "stream")]
    pub(crate) window: Option<usize>,

    /// Go on from a checkpoint, with the command that wrote it; checkpoints go on being written there
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    pub(crate) resume: Option<PathBuf>,
}

/// Methods side by side.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Comparison")]
pub(crate) struct ComparisonArgs {
    /// Train once with each of these methods from the same start, and show what each came to
    #[arg(long, value_name = "METHODS", value_delimiter = ',', value_parser = parse::optimizer)]
    #[arg(conflicts_with_all = ["model", "optimizer", "momentum"])]
    pub(crate) compare: Vec<Optimizer>,

    /// Draw J by seconds and by gradients
    #[arg(long, value_name = "FILE", requires = "compare")]
    pub(crate) svg: Option<PathBuf>,
}

fn default_lambda() -> f64 {
    FitSettings::default().train.regularisation.lambda
}
