//! The verb that writes a report.

use super::ask::ModelAndTable;
use super::table::ReadArgs;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Write a report: findings first, then the figures and numbers they rest on
///
/// One HTML file without scripts that needs no network: scores, the gradient check, dead and saturated units, the training, the
/// answers, what each column is worth, the rows that pull hardest.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  retrograde report churn.rg new.csv -o churn.html
  retrograde report churn.rg new.csv --format md -o -

docs/report.md says what each part means and states every threshold.")]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) on: ModelAndTable,

    /// Where the report goes; - for stdout
    #[arg(short = 'o', long = "output", value_name = "FILE", required = true)]
    pub(crate) output: PathBuf,

    /// html, md or json (retrograde.report/1) [default: by -o, else html]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) format: Option<ReportFormat>,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// The same as --format json
    #[arg(long, help_heading = "Output", conflicts_with = "format")]
    pub(crate) json: bool,
}

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Html,
    Md,
    Json,
}
