//! How columns become numbers: learned from training rows, kept with a model.

mod fit;
mod statistics;
mod target;
mod transform;
mod validate;

pub use target::{TargetEncoding, Targets};
pub use transform::Element;

use crate::table::{ColumnType, Table};
use serde::{Deserialize, Serialize};

/// What to learn from which columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncoderSettings {
    /// The columns to predict.
    pub targets: Vec<String>,
    /// The columns to predict from; `None` takes all that are neither targets nor dropped.
    pub features: Option<Vec<String>>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Whether the target is a class or a number.
    pub task: TaskChoice,
    /// How input numbers are scaled.
    pub scaling: Scaling,
    /// How target numbers are scaled.
    pub target_scaling: TargetScaling,
    /// The largest number of levels of a category that get an input of their own.
    pub max_levels: usize,
}

impl Default for EncoderSettings {
    /// All columns as inputs, standardised, at most 64 levels; the targets have to be named.
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            features: None,
            drop: Vec::new(),
            task: TaskChoice::Auto,
            scaling: Scaling::Standard,
            target_scaling: TargetScaling::Standard,
            max_levels: 64,
        }
    }
}

/// Whether the target is a class or a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskChoice {
    /// One category column: classes. One number column with only integers and at most 20 different ones in the
    /// training rows: classes. Everything else, and several targets: numbers.
    #[default]
    Auto,
    /// Classes: every different value of the one target column is one.
    Classes,
    /// Numbers.
    Numbers,
}

/// How input numbers are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scaling {
    /// (x − mean) / standard deviation, both of the training rows that have the number, the deviation with divisor n.
    #[default]
    Standard,
    /// As they are.
    None,
}

/// How target numbers are scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetScaling {
    /// (y − mean) / standard deviation, as for inputs.
    #[default]
    Standard,
    /// As they are.
    None,
}

/// How the columns of a table become network inputs and targets.
///
/// It is plain data: a model file holds it. After reading one from elsewhere call [`Encoder::validate`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoder {
    /// The columns that become inputs, in order.
    pub inputs: Vec<InputColumn>,
    /// What the network predicts.
    pub target: TargetEncoding,
    /// What was decided on the way, such as a column that was left out: one sentence each.
    pub notes: Vec<String>,
}

/// How one column becomes inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum InputColumn {
    /// One input (x − mean) / scale; with the indicator, a second one that is 1 where x is missing, else 0.
    Number {
        /// The column's name.
        column: String,
        /// What is subtracted.
        mean: f64,
        /// What is divided by; 1 for a constant column.
        scale: f64,
        /// Stands in for a missing number: the median of the training rows.
        fill: f64,
        /// Whether there is a second input; it is there when a training row lacked the number.
        missing_indicator: bool,
    },
    /// One input per level that is 1 where the cell has the level, and a last one for every other cell: missing,
    /// never seen in training, or too rare to have an input. Exactly one of them is 1.
    Category {
        /// The column's name.
        column: String,
        /// The levels with an input of their own, in order of first appearance in the training rows.
        levels: Vec<String>,
    },
}

/// The column and value behind each encoded input, see [`Encoder::origins`].
pub type Origins = Vec<(String, Option<String>)>;

impl InputColumn {
    /// The column's name in the table.
    pub fn column(&self) -> &str {
        match self {
            Self::Number { column, .. } | Self::Category { column, .. } => column,
        }
    }

    /// The number of inputs that the column becomes.
    pub fn width(&self) -> usize {
        match self {
            Self::Number { missing_indicator, .. } => 1 + usize::from(*missing_indicator),
            Self::Category { levels, .. } => levels.len() + 1,
        }
    }

    /// What the inputs stand for: `None` for the number itself, else the value whose presence it is.
    fn values(&self) -> Vec<Option<String>> {
        match self {
            Self::Number { missing_indicator: false, .. } => vec![None],
            Self::Number { missing_indicator: true, .. } => vec![None, Some("missing".into())],
            Self::Category { levels, .. } => {
                levels.iter().cloned().chain(["unseen or missing".into()]).map(Some).collect()
            }
        }
    }
}

impl Encoder {
    /// The number of encoded inputs: the columns of [`Encoder::transform`]'s matrix.
    pub fn width(&self) -> usize {
        self.inputs.iter().map(InputColumn::width).sum()
    }

    /// One name per encoded input: `age`, `age is missing`, `sex=male`, `sex=unseen or missing`.
    pub fn names(&self) -> Vec<String> {
        let name = |input: &InputColumn, value: Option<String>| match (input, value) {
            (_, None) => input.column().to_owned(),
            (InputColumn::Number { column, .. }, Some(value)) => format!("{column} is {value}"),
            (InputColumn::Category { column, .. }, Some(value)) => format!("{column}={value}"),
        };
        self.inputs.iter().flat_map(|input| input.values().into_iter().map(move |v| name(input, v))).collect()
    }

    /// The column behind each encoded input, with the value whose presence the input is; `None` for a number itself.
    pub fn origins(&self) -> Origins {
        let of = |input: &InputColumn| {
            input.values().into_iter().map(|v| (input.column().to_owned(), v)).collect()
        };
        self.inputs.iter().flat_map(|input| -> Origins { of(input) }).collect()
    }

    /// The columns of a table that the encoder does not use, in order.
    pub fn ignored(&self, table: &Table) -> Vec<String> {
        let used = |name: &str| {
            self.inputs.iter().any(|i| i.column() == name) || self.target.columns().contains(&name)
        };
        table.names().into_iter().filter(|name| !used(name)).map(str::to_owned).collect()
    }

    /// The types of the columns that are no numbers here, a class target among them, to be given to
    /// [`crate::ReadOptions::types`] when a table for this encoder is read, so that `01` is read as it was in training.
    pub fn types(&self) -> Vec<(String, ColumnType)> {
        let is_category = |input: &&InputColumn| matches!(input, InputColumn::Category { .. });
        let inputs = self.inputs.iter().filter(is_category).map(|i| i.column().to_owned());
        let target = match &self.target {
            TargetEncoding::Classes { column, .. } => Some(column.clone()),
            TargetEncoding::Numbers { .. } => None,
        };
        inputs.chain(target).map(|name| (name, ColumnType::Category)).collect()
    }
}
