//! How one column becomes inputs, and what each of them stands for.

use super::date::{DateInput, DatePart};
use super::number::NumberScale;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How one column becomes inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum InputColumn {
    /// One input, the scaled number; with the indicator, a second one that is 1 where the number is missing, else 0.
    Number {
        /// The column's name.
        column: String,
        /// How the number is scaled.
        #[serde(flatten)]
        scale: NumberScale,
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
    /// One input, 1 for yes and 0 for no; with the indicator, a second one that is 1 where the answer is missing or no
    /// answer, else 0.
    ///
    /// A category is one when its levels in the training rows are both answers of one of these pairs and nothing else:
    /// true and false, yes and no, t and f, y and n. Upper case and spaces around them do not count. With a third text,
    /// or with only one of the answers, it stays a [`InputColumn::Category`]; so does a column of 0 and 1 a number. Later, the
    /// answers of any of these pairs are understood, and 1 and 0.
    Boolean {
        /// The column's name.
        column: String,
        /// The no, as the training rows first write it.
        no: String,
        /// The yes, as the training rows first write it.
        yes: String,
        /// Stands in for a missing answer: the more frequent one of the training rows, no if both are as frequent.
        fill: bool,
        /// Whether there is a second input; it is there when a training row lacked the answer.
        missing_indicator: bool,
    },
    /// One input per part; with the indicator, a last one that is 1 where the date is missing, else 0.
    ///
    /// Parts that are the same in all training rows are left out; a column with the same date in all of them has no
    /// inputs.
    Date {
        /// The column's name.
        column: String,
        /// The parts, each scaled like a number.
        parts: Vec<DateInput>,
        /// Whether there is a last input; it is there when a training row lacked the date.
        missing_indicator: bool,
    },
}

/// What an encoded input is of its column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputValue {
    /// The number itself, scaled.
    Number,
    /// A part of the date, scaled.
    Part(DatePart),
    /// 1 where the cell has this level, or this yes.
    Level(String),
    /// 1 where the cell is missing.
    Missing,
    /// 1 where the cell is missing, was never seen in training, or is too rare to have an input.
    Rest,
}

/// The column and value behind an encoded input.
///
/// It prints as the input's name: `age`, `age is missing`, `time_hour weekday`, `sex=male`, `sex=unseen or missing`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InputOrigin {
    /// The column's name.
    pub column: String,
    /// What the input is of it.
    pub value: InputValue,
}

impl fmt::Display for InputOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = &self.column;
        match &self.value {
            InputValue::Number => f.write_str(column),
            InputValue::Part(part) => write!(f, "{column} {}", part.name()),
            InputValue::Level(level) => write!(f, "{column}={level}"),
            InputValue::Missing => write!(f, "{column} is missing"),
            InputValue::Rest => write!(f, "{column}=unseen or missing"),
        }
    }
}

impl InputColumn {
    /// The column's name in the table.
    pub fn column(&self) -> &str {
        match self {
            Self::Number { column, .. }
            | Self::Category { column, .. }
            | Self::Boolean { column, .. }
            | Self::Date { column, .. } => column,
        }
    }

    /// The number of inputs that the column becomes.
    pub fn width(&self) -> usize {
        match self {
            Self::Number { missing_indicator, .. } | Self::Boolean { missing_indicator, .. } => {
                1 + usize::from(*missing_indicator)
            }
            Self::Category { levels, .. } => levels.len() + 1,
            Self::Date { parts, missing_indicator, .. } => parts.len() + usize::from(*missing_indicator),
        }
    }

    /// What the inputs stand for, in order.
    pub fn values(&self) -> Vec<InputValue> {
        let (mut values, indicator) = match self {
            Self::Number { missing_indicator, .. } => (vec![InputValue::Number], *missing_indicator),
            Self::Category { levels, .. } => {
                let levels = levels.iter().cloned().map(InputValue::Level);
                (levels.chain([InputValue::Rest]).collect(), false)
            }
            Self::Boolean { yes, missing_indicator, .. } => {
                (vec![InputValue::Level(yes.clone())], *missing_indicator)
            }
            Self::Date { parts, missing_indicator, .. } => {
                (parts.iter().map(|input| InputValue::Part(input.part)).collect(), *missing_indicator)
            }
        };
        values.extend(indicator.then_some(InputValue::Missing));
        values
    }

    /// The scaling of each number and part of a date among the inputs.
    pub(super) fn scales(&self) -> Vec<NumberScale> {
        match self {
            Self::Number { scale, .. } => vec![*scale],
            Self::Date { parts, .. } => parts.iter().map(|input| input.scale).collect(),
            Self::Category { .. } | Self::Boolean { .. } => Vec::new(),
        }
    }
}
