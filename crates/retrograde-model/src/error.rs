//! Everything that can go wrong between a table, a network and a model file.

use crate::model::Model;
use retrograde_data::{DataError, nearest, shell};

/// Why a model could not be trained, asked, saved or read.
///
/// `Display` is one line; [`ModelError::details`] has further lines and [`ModelError::hint`] a remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The table cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A setting, a shape or a value that the core refuses.
    #[error(transparent)]
    Core(#[from] retrograde::Error),
    /// Task, output and loss contradict each other.
    #[error("{found}; expected {expected}")]
    Task {
        /// What was asked for.
        found: String,
        /// What would go together.
        expected: String,
    },
    /// A target that the loss cannot take.
    #[error("{name}, {at}: the target `{column}` is {found}; the loss needs {expected}")]
    Target {
        /// The table.
        name: String,
        /// The row.
        at: String,
        /// The target column.
        column: String,
        /// Its value.
        found: f64,
        /// The rule it breaks.
        expected: &'static str,
    },
    /// A weight of a row that cannot be one.
    #[error("{name}, {at}, column `{column}`: the weight is {found}, expected a finite number of 0 or more")]
    RowWeight {
        /// The table.
        name: String,
        /// The row.
        at: String,
        /// The column of weights.
        column: String,
        /// What is there.
        found: String,
    },
    /// Weights that leave no row.
    #[error("every row of {name} has weight 0 in the column `{column}`")]
    NoWeight {
        /// The table.
        name: String,
        /// The column of weights.
        column: String,
    },
    /// A class weight for a class that there is not.
    #[error("no class `{found}` of `{column}` to give a weight to")]
    WeightedClass {
        /// The name.
        found: String,
        /// The target.
        column: String,
        /// The classes of the training rows.
        classes: Vec<String>,
    },
    /// Class weights where numbers are predicted.
    #[error("class weights, but `{column}` is predicted as a number")]
    WeightedNumber {
        /// The target.
        column: String,
    },
    /// Rows that cannot be divided as asked.
    #[error("{name} cannot be divided by `{column}`: {reason}")]
    Split {
        /// The table.
        name: String,
        /// The column to divide by.
        column: String,
        /// Why.
        reason: String,
        /// What to do about it.
        remedy: String,
    },
    /// A number of folds that the rows do not allow.
    #[error("{found} folds: {reason}")]
    Folds {
        /// The folds asked for.
        found: usize,
        /// Why that is not possible.
        reason: String,
    },
    /// A text that names no weight of this model.
    #[error("no weight `{found}`: {expected}")]
    WeightName {
        /// The text.
        found: String,
        /// What would be a name.
        expected: String,
    },
    /// A file that is no model at all.
    #[error("{path} is not a retrograde model: {reason}")]
    File {
        /// The file.
        path: String,
        /// What was found instead.
        reason: String,
    },
    /// A model file of a later version.
    #[error("{path} is in model format {found}; this version reads formats up to {supported}")]
    Newer {
        /// The file.
        path: String,
        /// Its format.
        found: u64,
        /// The newest format known here.
        supported: u64,
    },
    /// A model file that was cut off or altered.
    #[error("{path} is a damaged model file: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// What was found, and what was expected.
        reason: String,
    },
    /// A row that cannot be explained.
    #[error(
        "{name} has no row {row} to explain: {}",
        if row >= rows { format!("its rows are 0 to {}", rows.saturating_sub(1)) } else { "it has no target, or weighs nothing".to_owned() }
    )]
    NotExplained {
        /// The table.
        name: String,
        /// The row asked for.
        row: usize,
        /// The rows of the table.
        rows: usize,
    },
    /// Parts that make no model.
    #[error("these parts make no model: {reason}")]
    Parts {
        /// What does not fit.
        reason: String,
    },
    /// A file that is no checkpoint, or was cut off or altered.
    #[error("{path} is not a whole checkpoint: {reason}")]
    Checkpoint {
        /// The file.
        path: String,
        /// What was found.
        reason: String,
    },
    /// A checkpoint of another training.
    #[error("{path} is a checkpoint of another training")]
    Resume {
        /// The file.
        path: String,
        /// What differs, with both values.
        difference: String,
    },
    /// A file that a new training's checkpoints would write over.
    #[error("{path} holds {}, which a checkpoint would write over", what_is_there(*resumable))]
    Occupied {
        /// The file.
        path: String,
        /// Whether it is a training that has not ended; else it is no checkpoint at all.
        resumable: bool,
    },
    /// One method of a comparison cannot do what is asked.
    #[error("{method}: {source}")]
    Method {
        /// Its name.
        method: &'static str,
        /// What it refuses.
        source: retrograde::Error,
    },
    /// More encoded rows than there is memory for.
    #[error("{rows} encoded rows of {columns} inputs need {:.1} GB of memory, which there is not", bytes / 1e9)]
    Memory {
        /// The rows.
        rows: usize,
        /// The encoded inputs.
        columns: usize,
        /// What they take.
        bytes: f64,
    },
    /// No room, or no right, for the file of encoded rows.
    #[error("cannot keep the encoded rows in {folder}: {source}")]
    Scratch {
        /// The folder.
        folder: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The file of encoded rows can no longer be read.
    #[error("the encoded rows can no longer be read: {reason}")]
    ScratchLost {
        /// The system's answer.
        reason: String,
        /// The model with the best weights until then, where there are any.
        model: Option<Box<Model>>,
    },
    /// Rows that are streamed where all are needed.
    #[error("{what} needs all rows in memory")]
    Streamed {
        /// Who needs them.
        what: &'static str,
    },
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: String,
        /// The system's answer.
        source: std::io::Error,
    },
}

/// The first names, and how many there are when not all are shown.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown}, … ({})", names.len()) } else { shown }
}

fn what_is_there(resumable: bool) -> &'static str {
    if resumable { "a training that has not ended" } else { "something that is no checkpoint" }
}

impl ModelError {
    /// One remedy, to be pasted where it is a command or an option.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Data(error) => error.hint(),
            Self::File { .. } => Some("a model is what  retrograde train … -o FILE  writes".into()),
            Self::Newer { .. } => Some("use the version of retrograde that wrote it, or a later one".into()),
            Self::Damaged { .. } => Some("copy the file again from where it came, or train again".into()),
            Self::Checkpoint { .. } => {
                Some("--checkpoint run.ck  begins a training that can be resumed".into())
            }
            Self::Occupied { path, resumable: true } => {
                Some(format!("--resume {}  goes on with it; or choose another file", shell(path)))
            }
            Self::Occupied { .. } => Some("--checkpoint run.ck".into()),
            Self::RowWeight { .. } => Some("correct the cell, or leave --weight out".into()),
            Self::NoWeight { .. } => Some("is it the right column?".into()),
            Self::WeightedClass { found, classes, .. } => {
                let near = nearest(found, classes.iter().map(String::as_str));
                near.map(|near| format!("did you mean  --class-weight {} ?", shell(&format!("{near}=2"))))
            }
            Self::WeightedNumber { .. } => Some("leave --class-weight out, or say  --task classes".into()),
            Self::Scratch { .. } => {
                Some("-o DISK/model.rg  keeps them beside the model, on a disk with room".into())
            }
            Self::Memory { .. } => Some("--stream  keeps them in a file".into()),
            Self::ScratchLost { .. } => Some("--checkpoint run.ck  lets the next training be resumed".into()),
            Self::Streamed { .. } => Some("leave --stream out".into()),
            Self::Split { remedy, .. } => Some(remedy.clone()),
            Self::Method { method, .. } => {
                Some(format!("leave {method} out of the comparison, or the option"))
            }
            Self::Resume { .. } => {
                Some("give the command that wrote it, or leave --resume out to begin anew".into())
            }
            _ => None,
        }
    }

    /// Further lines below the first, such as the columns that there are.
    pub fn details(&self) -> Vec<String> {
        match self {
            Self::Data(error) => error.details(),
            Self::Resume { difference, .. } => vec![difference.clone()],
            Self::WeightedClass { classes, .. } => vec![format!("classes: {}", listed(classes))],
            _ => Vec::new(),
        }
    }

    /// Whether the fault lies in a model file or a checkpoint, not in a table or in the settings.
    pub fn is_model_file(&self) -> bool {
        matches!(
            self,
            Self::File { .. }
                | Self::Newer { .. }
                | Self::Damaged { .. }
                | Self::Checkpoint { .. }
                | Self::Resume { .. }
                | Self::Occupied { .. }
        )
    }
}
