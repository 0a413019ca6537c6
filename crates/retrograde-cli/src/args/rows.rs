//! What rows count for, and which of them are for what.

use super::parse::{self, ValidationChoice};
use clap::Args;
use retrograde_model::ClassWeights;

/// Weights, and the parts of the table.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rows")]
pub(crate) struct RowArgs {
    /// A column of numbers from 0 that say what each row counts for; it is no input then. Whole weights are repeated
    /// rows
    #[arg(long, value_name = "COLUMN")]
    pub(crate) weight: Option<String>,

    /// What each class counts for beside that: balanced (all classes the same together), or numbers such as
    /// yes=2,no=0.5 [default: 1]
    #[arg(long, value_name = "WEIGHTS", value_parser = parse::class_weights)]
    pub(crate) class_weight: Option<ClassWeights>,

    /// Rows to judge by: a share such as 0.2, a table, none, or auto (of 50 rows or more 0.2 up to 100 rows, or 0.05 where
    /// that is more); those of --test are none of them. A table is held in memory, with --stream too
    #[arg(long, value_name = "SHARE|FILE", default_value = "auto", value_parser = parse::validation)]
    pub(crate) validation: ValidationChoice,

    /// Rows that are kept out of everything and scored once, at the end: a share of all rows such as 0.2
    #[arg(long, value_name = "SHARE", value_parser = parse::share, allow_negative_numbers = true)]
    pub(crate) test: Option<f64>,

    /// Hold out the last rows in the order of this column of dates or numbers, instead of random ones; it remains an
    /// input
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["group", "split_column"])]
    pub(crate) split_by: Option<String>,

    /// Rows with the same value in this column stay together, and it is no input
    #[arg(long, value_name = "COLUMN", conflicts_with = "split_column")]
    pub(crate) group: Option<String>,

    /// A column that names the part of each row: train, validation or test (or 0, 1, 2)
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["validation", "test"])]
    pub(crate) split_column: Option<String>,
}
