//! What to learn from which columns.

use serde::{Deserialize, Serialize};

/// What to learn from which columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncoderSettings {
    /// The columns to predict.
    pub targets: Vec<String>,
    /// The columns to predict from; `None` takes all that are neither targets, nor dropped, nor reserved.
    pub features: Option<Vec<String>>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Columns with another use, which are never inputs.
    pub reserved: Vec<Reserved>,
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
            reserved: Vec::new(),
            task: TaskChoice::Auto,
            scaling: Scaling::Standard,
            target_scaling: TargetScaling::Standard,
            max_levels: 64,
        }
    }
}

/// A column that says something about rows instead of describing them, such as their weights or their group: as an
/// input it would tell the network what it must not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The column's name.
    pub column: String,
    /// What it is, as an error says it: `the weight`.
    pub role: &'static str,
    /// The option that named it: `--weight`.
    pub flag: &'static str,
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

/// How input numbers are scaled: [`crate::NumberScale`] has the formula, this is where its parts come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scaling {
    /// (x − mean) / standard deviation, both of the training rows that have the number, the deviation with divisor n.
    #[default]
    Standard,
    /// z / √(1 + (z/3)²) of z = (x − median) / s, where s is the interquartile range q₇₅ − q₂₅, or (max − min) / 2 if
    /// that is 0. The middle half of the numbers spans 1, and none is beyond ±3.
    ///
    /// For columns with far outliers: they move neither median nor quartiles, and end near 3 instead of far out.
    /// From D. Holzmüller, L. Grinsztajn and I. Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees
    /// on tabular data", `NeurIPS` 2024, section 3.
    Robust,
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

impl TaskChoice {
    /// `auto`, `classes` or `numbers`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Classes => "classes",
            Self::Numbers => "numbers",
        }
    }
}

impl Scaling {
    /// `standard`, `robust` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Robust => "robust",
            Self::None => "none",
        }
    }
}
