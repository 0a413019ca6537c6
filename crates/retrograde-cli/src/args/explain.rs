//! The verb that shows the calculus.

use super::parse;
use super::table::ReadArgs;
use clap::{Args, ValueEnum};
use retrograde_model::RankedBy;
use std::path::PathBuf;

/// Show the calculus of one row: forward, backward, and each number's numerical twin
///
/// The row as the table has it, its way through the network, the error terms on the way back, and for one weight the product a·δ of
/// this row, the pulls of all rows, and how they become ∂J/∂Θ. Rows count from 0.
#[derive(Debug, Args)]
#[command(after_help = "Weights are named as L1[2,u]: matrix 1, to unit 2 (from 1), from input u; L2[1,0]
is a bias. Units are named as L2[3]: layer 2 (the inputs are layer 1), unit 3.

Examples:
  retrograde explain @mazur                            the worked example
  retrograde explain iris.rg iris.csv --row 70
  retrograde explain iris.rg iris.csv --row 70 --weight 'L1[2,petal_width]'
  retrograde explain iris.rg iris.csv --row 70 --unit 'L2[1]' --input
  retrograde explain iris.rg iris.csv --row 70 --proof
  retrograde explain iris.rg iris.csv --worst 5          the hardest rows
  retrograde explain iris.rg iris.csv --worst 5 --by cost

docs/pulls.md says how often they have wrong labels.")]
pub(crate) struct ExplainArgs {
    /// The model, as `retrograde train -o MODEL` writes it; - for stdin; @mazur for the worked example
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,

    /// The table: a file or a pattern such as data/*.csv, - for stdin, or an embedded set such as @digits
    #[arg(value_name = "DATA")]
    pub(crate) data: Option<PathBuf>,

    /// The row to explain [default: the one that pulls hardest]
    #[arg(long, value_name = "K", conflicts_with = "worst")]
    pub(crate) row: Option<usize>,

    /// List the N rows that pull hardest, by the norm of their own gradient
    #[arg(long, value_name = "N", value_parser = parse::positive)]
    #[arg(conflicts_with_all = ["weight", "unit", "input", "proof"])]
    pub(crate) worst: Option<usize>,

    /// What --worst ranks rows by: pull, the norm of their own gradient, or cost, which finds more wrong labels
    #[arg(long, value_name = "WHAT", default_value = "pull", hide_possible_values = true)]
    #[arg(requires = "worst", conflicts_with_all = ["row", "weight", "unit", "input", "proof"])]
    pub(crate) by: By,

    /// A weight, in this row and in all rows, such as L1[2,u]
    #[arg(long, value_name = "NAME")]
    pub(crate) weight: Option<String>,

    /// A unit, such as L2[3]: what reaches it, how far g opens, the blame that comes back
    #[arg(long, value_name = "NAME")]
    pub(crate) unit: Option<String>,

    /// The derivatives of cost and outputs by the inputs
    #[arg(long)]
    pub(crate) input: bool,

    /// Prove ∂J/∂Θ = a·δ line by line on this row; for --weight, or one of the first layer
    #[arg(long)]
    pub(crate) proof: bool,

    #[command(flatten)]
    pub(crate) read: ReadArgs,

    /// Print one JSON document (retrograde.trace/1; with --worst retrograde.worst/1)
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
}

/// What rows are ranked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    Pull,
    Cost,
}

impl From<By> for RankedBy {
    fn from(by: By) -> Self {
        match by {
            By::Pull => Self::Pull,
            By::Cost => Self::Cost,
        }
    }
}
