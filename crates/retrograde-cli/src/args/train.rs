//! `retrograde train`.

use super::parse::{self, Hidden, ValidationChoice};
use super::table::{ColumnArgs, ReadArgs};
use clap::Args;
use retrograde::{Activation, BatchSize, Init, Optimizer, Output};
use retrograde_model::{Dtype, FitSettings, LossChoice};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  retrograde train @digits -o digits.rg
  retrograde train churn.csv --target churned --hidden 32,16 -o churn.rg
  retrograde train house.csv --target price --loss huber:1.5 --validation 0.3
  retrograde train @iris --hidden none --optimizer lbfgs --lambda 0.1 --json

The transcript goes to stderr. stdout has the JSON document of --json, or the
model with -o -. Ctrl-C finishes the batch and saves the best weights so far;
a second one stops at once, and nothing is saved.";

/// Fit a network to a table
///
/// Rows are split into training and validation rows, the network learns until the validation cost stops
/// improving, its best weights are kept, and its derivatives are checked.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TrainArgs {
    /// The table: a file, - for stdin, or an embedded set such as @digits
    #[arg(value_name = "DATA")]
    pub(crate) data: PathBuf,

    /// Where the model goes; - is stdout [default: it is not kept]
    #[arg(short = 'o', long = "model", value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) columns: ColumnArgs,

    #[command(flatten)]
    pub(crate) network: NetworkArgs,

    #[command(flatten)]
    pub(crate) learning: LearningArgs,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// Do not compare the derivatives with numerical ones at the end
    #[arg(long, help_heading = "Output")]
    pub(crate) no_check: bool,

    /// Print one JSON document (retrograde.train/1) to stdout
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// The network.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// Units of each hidden layer, or none for a linear model
    #[arg(long, value_name = "UNITS", default_value = "32,16", value_parser = parse::hidden)]
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

    /// Starting weights: auto (by activation), course, he, lecun, zeros
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = parse::init)]
    pub(crate) init: Init,

    /// Numbers that training computes with: f32, f64
    #[arg(long, value_name = "TYPE", default_value = "f32", value_parser = parse::dtype)]
    pub(crate) dtype: Dtype,
}

/// How it learns.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Learning")]
pub(crate) struct LearningArgs {
    /// Parameter learning method: gd, sgd, nesterov, adam, cg, lbfgs
    #[arg(long, value_name = "NAME", default_value = "adam", value_parser = parse::optimizer)]
    pub(crate) optimizer: Optimizer,

    /// Step size [default: gd 0.5, sgd and nesterov 0.05, adam 0.003; cg and lbfgs search]
    #[arg(long, value_name = "X")]
    pub(crate) learning_rate: Option<f64>,

    /// Momentum of sgd and nesterov [default: 0.9]
    #[arg(long, value_name = "X")]
    pub(crate) momentum: Option<f64>,

    /// L2 penalty λ/2m·Σ‖W‖² over m rows, biases left out; a few rows need less
    #[arg(long, value_name = "X", default_value_t = default_lambda(), allow_negative_numbers = true)]
    pub(crate) lambda: f64,

    /// Share of a class target spread over all classes
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true)]
    pub(crate) label_smoothing: f64,

    /// Epochs (iterations of cg and lbfgs) at most [default: 200; cg, lbfgs 500; gd 5000]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<usize>,

    /// Rows per step: a number, full, or auto (a fiftieth, 16 to 256)
    #[arg(long, value_name = "N", default_value = "auto", value_parser = parse::batch)]
    pub(crate) batch: BatchSize,

    /// Share of the cost below which an improvement does not count [default: 1e-4; gd, cg, lbfgs 1e-7]
    #[arg(long, value_name = "X")]
    pub(crate) tolerance: Option<f64>,

    /// Epochs without an improvement before it stops
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) patience: usize,

    /// Rows to judge by: a share such as 0.2, a table, none, or auto (0.2 of 50 rows or more)
    #[arg(long, value_name = "SHARE|FILE", default_value = "auto", value_parser = parse::validation)]
    pub(crate) validation: ValidationChoice,

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

fn default_lambda() -> f64 {
    FitSettings::default().train.regularisation.lambda
}
