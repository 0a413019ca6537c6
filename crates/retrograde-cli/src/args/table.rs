//! How a table is read and which of its columns are used: the same options wherever a table is.

use clap::Args;
use retrograde_data::{DateOrder, Encoding, Scaling, TaskChoice};
use std::path::PathBuf;

/// How a file becomes a table.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading the table")]
pub(crate) struct ReadArgs {
    /// The first line is data, not column names; columns become c0, c1, …
    #[arg(long)]
    pub(crate) no_header: bool,

    /// The first line has column names although they look like data, e.g. 0,1,2
    #[arg(long, conflicts_with = "no_header")]
    pub(crate) header: bool,

    /// What separates cells: a character, or comma, semicolon, tab, pipe [default: found]
    #[arg(long, value_name = "CHAR", value_parser = super::parse::delimiter)]
    pub(crate) delimiter: Option<u8>,

    /// How characters are written as bytes, e.g. latin1, utf-16, shift_jis, gbk [default: found: UTF-8, UTF-16 with a byte order
    /// mark, or Windows-1252]
    #[arg(long, value_name = "NAME", value_parser = super::parse::encoding)]
    pub(crate) encoding: Option<Encoding>,

    /// Which comes first in dates such as 01/02/2020 where the cells leave it open: day or month [default: month with /, day
    /// with . and -]
    #[arg(long, value_name = "PART", value_parser = super::parse::date_order)]
    pub(crate) date_order: Option<DateOrder>,

    /// What a column is read as, whatever its cells look like: number, category or date, e.g. zip=category
    #[arg(long = "type", value_name = "COLUMN=TYPE")]
    pub(crate) types: Vec<String>,

    /// A file with one column and a row for each row of the table; joins it as `label`
    /// (not to the table of --validation)
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
}

/// Which columns are used for what.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Columns")]
pub(crate) struct ColumnArgs {
    /// The column to predict; repeat it, or write a,b, for several. Embedded sets know theirs
    #[arg(long, value_name = "COLUMN")]
    pub(crate) target: Vec<String>,

    /// Predict from these columns only, e.g. age,income [default: all others]
    #[arg(long, value_name = "COLUMNS")]
    pub(crate) features: Vec<String>,

    /// Leave columns out, e.g. customer_id
    #[arg(long, value_name = "COLUMNS")]
    pub(crate) drop: Vec<String>,

    /// Whether the target is one of several classes, or numbers: auto, classes, numbers
    ///
    /// auto: text is a class, and so is a column with at most 20 different whole numbers.
    #[arg(long, value_name = "TASK", default_value = "auto", value_parser = super::parse::task)]
    pub(crate) task: TaskChoice,

    /// How input numbers are scaled: standard ((x − mean) / deviation), robust (by median and quartiles, far values
    /// bent towards 3), none [default: standard]
    #[arg(long, value_name = "NAME", value_parser = super::parse::scale, conflicts_with = "no_standardize")]
    pub(crate) scale: Option<Scaling>,

    /// Leave numbers as they are [default: inputs and number targets are standardised]
    #[arg(long)]
    pub(crate) no_standardize: bool,
}
