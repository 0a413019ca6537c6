//! The command line as it is written; nothing is looked up or decided here.

mod ask;
mod explain;
mod parse;
mod report;
mod rows;
mod table;
mod train;

pub(crate) use ask::{
    CheckArgs, CompletionsArgs, DataArgs, EvaluateArgs, ExportArgs, ExportFormat, GradientArgs,
    GradientFormat, InspectArgs, ModelAndTable, Order, PredictArgs,
};
pub(crate) use explain::{By, ExplainArgs};
pub(crate) use parse::{ValidationChoice, column_type, date_order, delimiter, encoding};
pub(crate) use report::{ReportArgs, ReportFormat};
pub(crate) use rows::RowArgs;
pub(crate) use table::{ColumnArgs, ReadArgs};
pub(crate) use train::{FindLearningRateArgs, LearnArgs, TrainArgs};

use clap::{Parser, Subcommand, ValueEnum};

/// The command.
#[derive(Debug, Parser)]
#[command(
    name = "retrograde",
    version,
    about = "Feed-forward networks by backpropagation that you can use, see and trust",
    override_help = crate::overview::TEXT,
    max_term_width = 80,
    disable_help_subcommand = false
)]
pub(crate) struct Cli {
    /// When to use colour: always, auto (on a terminal, unless NO_COLOR is set) or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    #[arg(help_heading = "Output")]
    pub(crate) color: When,

    /// Say nothing but errors; answers on stdout are given all the same
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,

    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Train(Box<TrainArgs>),
    FindLearningRate(Box<FindLearningRateArgs>),
    Evaluate(Box<EvaluateArgs>),
    Predict(Box<PredictArgs>),
    Check(Box<CheckArgs>),
    Explain(Box<ExplainArgs>),
    Gradient(Box<GradientArgs>),
    Inspect(InspectArgs),
    Report(Box<ReportArgs>),
    Export(ExportArgs),
    Data(Box<DataArgs>),
    Completions(CompletionsArgs),
}
