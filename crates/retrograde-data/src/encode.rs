//! How columns become numbers: learned from training rows, kept with a model.
//!
//! ```text
//! EncoderFit::new ─ add(piece, rows) … ─ finish ─→ Encoder ─ transform(table, rows) ─→ rows × width
//!     = Encoder::fit(table, rows)                          ├ names, origins: what each of the inputs is
//!                                                          └ targets(table, rows) ─→ classes or numbers
//! ```

mod boolean;
mod category;
mod date;
mod features;
mod fit;
mod input;
mod number;
mod roles;
mod settings;
mod statistics;
mod target;
mod target_fit;
mod transform;
mod twofold;
mod unseen;
mod validate;

pub(crate) use boolean::is_boolean;
pub use date::{DateInput, DatePart};
pub use fit::EncoderFit;
pub use input::{InputColumn, InputOrigin, InputValue};
pub use number::NumberScale;
pub use settings::{EncoderSettings, Reserved, Scaling, TargetScaling, TaskChoice};
pub use target::{TargetEncoding, Targets, rows_with_targets};
pub use transform::Element;
pub use unseen::Unseen;

use crate::table::{ColumnType, Table};
use serde::{Deserialize, Serialize};

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
    /// The settings that its columns do not show; an encoder of an older version has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choices: Option<Choices>,
}

/// What an encoder was asked for, as far as its columns do not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// How input numbers are scaled.
    pub scaling: Scaling,
    /// How target numbers are scaled.
    pub target_scaling: TargetScaling,
    /// The largest number of levels of a category that get an input of their own.
    pub max_levels: usize,
}

impl Choices {
    fn of(settings: &EncoderSettings) -> Self {
        let EncoderSettings { scaling, target_scaling, max_levels, .. } = *settings;
        Self { scaling, target_scaling, max_levels }
    }
}

impl Encoder {
    /// The number of encoded inputs: the columns of [`Encoder::transform`]'s matrix.
    pub fn width(&self) -> usize {
        self.inputs.iter().map(InputColumn::width).sum()
    }

    /// One name per encoded input: `age`, `age is missing`, `time_hour weekday`, `sex=male`, `sex=unseen or missing`.
    pub fn names(&self) -> Vec<String> {
        self.origins().iter().map(ToString::to_string).collect()
    }

    /// The column behind each encoded input, and what the input is of it.
    pub fn origins(&self) -> Vec<InputOrigin> {
        let of = |input: &InputColumn| {
            let column = input.column().to_owned();
            input.values().into_iter().map(move |value| InputOrigin { column: column.clone(), value })
        };
        self.inputs.iter().flat_map(of).collect()
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
        let kind = |input: &InputColumn| match input {
            InputColumn::Number { .. } => None,
            InputColumn::Category { .. } | InputColumn::Boolean { .. } => Some(ColumnType::Category),
            InputColumn::Date { .. } => Some(ColumnType::Date),
        };
        let inputs = self.inputs.iter().filter_map(|input| Some((input.column().to_owned(), kind(input)?)));
        let target = match &self.target {
            TargetEncoding::Classes { column, .. } => Some((column.clone(), ColumnType::Category)),
            TargetEncoding::Numbers { .. } => None,
        };
        inputs.chain(target).collect()
    }

    /// Settings that learn an encoder of the same kind: the same targets, the same columns, the same scaling.
    ///
    /// For an encoder of an older version, which does not say how it was asked to scale, numbers that are all as they
    /// were stay so.
    pub fn settings(&self) -> EncoderSettings {
        let identical = |s: NumberScale| s == NumberScale::IDENTITY;
        let (task, targets_as_they_are) = match &self.target {
            TargetEncoding::Classes { .. } => (TaskChoice::Classes, true),
            TargetEncoding::Numbers { mean, scale, .. } => {
                let pairs = mean.iter().zip(scale);
                let mut scales =
                    pairs.map(|(&center, &scale)| NumberScale { center, scale, ..NumberScale::IDENTITY });
                (TaskChoice::Numbers, scales.all(identical))
            }
        };
        let inputs_as_they_are = self.inputs.iter().flat_map(InputColumn::scales).all(identical);
        let defaults = EncoderSettings::default();
        let Choices { scaling, target_scaling, max_levels } = self.choices.unwrap_or(Choices {
            scaling: if inputs_as_they_are { Scaling::None } else { Scaling::Standard },
            target_scaling: if targets_as_they_are { TargetScaling::None } else { TargetScaling::Standard },
            max_levels: defaults.max_levels,
        });
        EncoderSettings {
            targets: self.target.columns().into_iter().map(str::to_owned).collect(),
            features: Some(self.inputs.iter().map(|input| input.column().to_owned()).collect()),
            task,
            scaling,
            target_scaling,
            max_levels,
            ..defaults
        }
    }
}
