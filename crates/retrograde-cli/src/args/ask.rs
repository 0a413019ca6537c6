//! The verbs that ask something of a model or a table.

use super::parse;
use super::table::{ColumnArgs, ReadArgs};
use clap::{Args, ValueEnum};
use retrograde::Bug;
use std::path::PathBuf;

/// The model file, and the table that it is asked about.
#[derive(Debug, Clone, Args)]
pub(crate) struct ModelAndTable {
    /// The model, as `retrograde train -o MODEL` writes it; - for stdin
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,

    /// The table: a file or a pattern such as data/*.csv, - for stdin, or an embedded set such as @digits
    #[arg(value_name = "DATA")]
    pub(crate) data: PathBuf,
}

/// Score a model on rows with known answers
///
/// Classes: cost, accuracy, log loss, area under the ROC curve, confusion. Numbers: cost, RMSE, MAE, R².
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  retrograde evaluate churn.rg new.csv
  retrograde evaluate churn.rg new.csv --min-accuracy 0.8   exits with 1 below
  retrograde evaluate churn.rg churn.csv --cv 5             retrains on 5 folds

The rows that a model was trained on flatter it: use others, or --cv.")]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    pub(crate) on: ModelAndTable,

    /// Train anew with the model's settings on all but one of K folds, score on that one, K times
    #[arg(long, value_name = "K", value_parser = parse::folds)]
    pub(crate) cv: Option<usize>,

    /// Exit with 1 when the accuracy is lower (the mean with --cv)
    #[arg(long, value_name = "X")]
    pub(crate) min_accuracy: Option<f64>,

    /// Exit with 1 when R² is lower (the mean with --cv)
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub(crate) min_r2: Option<f64>,

    /// Threads at most for --cv, 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// Print one JSON document (retrograde.evaluate/1)
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// Predict new rows
///
/// Prints CSV, one line for each row. The model knows its columns and encodings; a target column is not needed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  retrograde predict churn.rg new.csv -o answers.csv
  cat new.csv | retrograde predict churn.rg - --proba")]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    pub(crate) on: ModelAndTable,

    /// Also print the probability of each class
    #[arg(long)]
    pub(crate) proba: bool,

    /// Where the CSV goes [default: stdout]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// Print JSON Lines (retrograde.predict/1) instead of CSV
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// Compare backpropagation's derivatives with numerical ones
///
/// Each derivative gets a verdict: it agrees within the numerical derivative's uncertainty, it differs, or nobody
/// can tell. One random direction tests the whole vector. Exits with 1 when something differs.
#[derive(Debug, Args)]
#[command(after_help = "Bugs for --inject, to see the check fail and name them:
  missing-slope      g'(z) is left out of the hidden layers' error terms
  last-layer-slope   a factor g'(z) too many, or too few, in the last layer's
  regularised-bias   λ applies to the biases too
  missing-lambda     λΘ/m is left out
  not-averaged       the sum over the rows is not divided by m
  wrong-sign         the sign is reversed
  transposed         one layer's matrix is transposed
  missing-bias       the derivatives of the biases are 0
  last-row-only      each row overwrites the sum instead of adding to it

Examples:
  retrograde check digits.rg @digits
  retrograde check digits.rg @digits --all --rows 50
  retrograde check digits.rg @digits --inject missing-slope")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) on: ModelAndTable,

    /// Check every weight
    #[arg(long, conflicts_with = "weights")]
    pub(crate) all: bool,

    /// Check this many weights, spread over layers and biases
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = parse::positive)]
    pub(crate) weights: usize,

    /// Use this many rows at most
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = parse::positive)]
    pub(crate) rows: usize,

    /// Plant a mistake in backpropagation: the check must find it
    #[arg(long, value_name = "BUG", value_parser = parse::bug)]
    pub(crate) inject: Option<Bug>,

    /// Seed of the choice of weights, rows and direction
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// Print one JSON document (retrograde.check/1)
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// Print J and the unrolled gradient, for an optimiser in any language
///
/// J and ∇J of the model's network on all rows of the table, in f64, with the λ it was trained with. A number that
/// overflows is null in JSON.
#[derive(Debug, Args)]
#[command(after_help = "Orders:
  flat    layer by layer: W row by row (one row per unit), then the biases
  course  [Theta1(:); Theta2(:); …] column by column, the bias in column 1

Examples:
  retrograde gradient digits.rg @digits                  JSON with cost and grad
  retrograde gradient digits.rg @digits --theta t.npy -o g.npy    prints J
  echo '[0.1, …]' | retrograde gradient xor.rg @xor --theta -")]
pub(crate) struct GradientArgs {
    #[command(flatten)]
    pub(crate) on: ModelAndTable,

    /// Weights to use instead of the model's: a .npy vector, a JSON array or {"theta": […]}, - for stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) theta: Option<PathBuf>,

    /// Order of the vectors, in and out
    #[arg(long, value_name = "ORDER", default_value = "flat", hide_possible_values = true)]
    pub(crate) order: Order,

    /// json (J and ∇J) or npy (∇J; J goes to stdout, or to stderr when ∇J does) [default: by -o, else json]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) format: Option<GradientFormat>,

    /// Where the answer goes [default: stdout]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// The same as --format json
    #[arg(long, help_heading = "Output", conflicts_with = "format")]
    pub(crate) json: bool,
}

/// The order of unrolled parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    Flat,
    Course,
}

/// The format of a gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GradientFormat {
    Json,
    Npy,
}

/// Describe a model file: layers, encodings, history
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  retrograde inspect churn.rg
  retrograde inspect churn.rg --json")]
pub(crate) struct InspectArgs {
    /// The model, as `retrograde train -o MODEL` writes it; - for stdin
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,

    /// Print one JSON document (retrograde.inspect/1)
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// Write a model in another format
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  retrograde export churn.rg --format json -o churn.json")]
pub(crate) struct ExportArgs {
    /// The model, as `retrograde train -o MODEL` writes it; - for stdin
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,

    /// json: layers, activations, weights, encodings (retrograde.network/1)
    #[arg(long, value_name = "FORMAT", default_value = "json", hide_possible_values = true)]
    pub(crate) format: ExportFormat,

    /// Where it goes [default: stdout]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The formats of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Json,
}

/// Show how a table will be read: types, encodings, gaps; or list the embedded sets
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  retrograde data                                lists the embedded sets
  retrograde data churn.csv
  retrograde data churn.csv --target churned     what each column becomes")]
pub(crate) struct DataArgs {
    /// The table: a file or a pattern such as data/*.csv, - for stdin, or an embedded set such as @digits
    #[arg(value_name = "DATA")]
    pub(crate) data: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) columns: ColumnArgs,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// Write how the table is read and used to a file for  train --plan, to be edited
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) save: Option<PathBuf>,

    /// Print one JSON document (retrograde.data/1)
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  retrograde completions bash > /etc/bash_completion.d/retrograde
  retrograde completions fish > ~/.config/fish/completions/retrograde.fish")]
pub(crate) struct CompletionsArgs {
    /// bash, elvish, fish, powershell, zsh
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub(crate) shell: clap_complete::Shell,
}
