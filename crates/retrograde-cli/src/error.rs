//! What stops a verb: found, expected and where, a hint that can be pasted, and the exit code.

use crate::exit::Exit;
use crate::output::text::clean;
use retrograde_data::{DataError, shell};
use retrograde_model::ModelError;
use std::io::ErrorKind;

/// The command's result.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// `exit`, whether the answer was read to its end or not: a closed pipe does not turn a no into a yes.
pub(crate) fn read_or_not(answered: Result<()>, exit: Exit) -> Result<Exit> {
    match answered {
        Err(failure) if !failure.is_pipe_closed() => Err(failure),
        _ => Ok(exit),
    }
}

/// Why a verb could not be carried out.
#[derive(Debug)]
pub(crate) struct Failure {
    parts: Box<Parts>,
}

#[derive(Debug)]
struct Parts {
    exit: Exit,
    /// Empty when nothing is to be said: the reader of stdout has gone.
    message: String,
    details: Vec<String>,
    hint: Option<String>,
    /// Below the hint: what was done all the same.
    last: Option<String>,
}

impl Failure {
    /// A failure with its first line.
    pub(crate) fn new(exit: Exit, message: impl AsRef<str>) -> Self {
        let message = clean(message.as_ref());
        Self { parts: Box::new(Parts { exit, message, details: Vec::new(), hint: None, last: None }) }
    }

    /// The command line cannot be followed.
    pub(crate) fn usage(message: impl AsRef<str>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Whether it is that nobody reads stdout any more.
    fn is_pipe_closed(&self) -> bool {
        self.parts.message.is_empty()
    }

    /// Whoever read stdout has stopped reading: end without a word.
    pub(crate) fn pipe_closed() -> Self {
        Self::new(Exit::Done, "")
    }

    /// A named output that cannot be written.
    pub(crate) fn output(exit: Exit, name: &str, problem: &std::io::Error) -> Self {
        Self::new(exit, format!("cannot write {name}: {problem}"))
    }

    /// Adds a line below the first.
    pub(crate) fn detail(mut self, line: impl AsRef<str>) -> Self {
        self.parts.details.push(clean(line.as_ref()));
        self
    }

    /// Sets the remedy.
    pub(crate) fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.parts.hint = Some(clean(hint.as_ref()));
        self
    }

    /// Sets the line below the hint: what was done all the same.
    pub(crate) fn last(mut self, line: impl AsRef<str>) -> Self {
        self.parts.last = Some(clean(line.as_ref()));
        self
    }

    /// How the command ends.
    pub(crate) fn exit(&self) -> Exit {
        self.parts.exit
    }

    /// The first line; empty when nothing is to be said.
    pub(crate) fn message(&self) -> &str {
        &self.parts.message
    }

    /// The lines below it.
    pub(crate) fn details(&self) -> &[String] {
        &self.parts.details
    }

    /// The remedy.
    pub(crate) fn remedy(&self) -> Option<&str> {
        self.parts.hint.as_deref()
    }

    /// What was done all the same.
    pub(crate) fn done(&self) -> Option<&str> {
        self.parts.last.as_deref()
    }

    fn with(exit: Exit, message: &str, details: Vec<String>, hint: Option<String>) -> Self {
        let failure = details.iter().fold(Self::new(exit, message), Self::detail);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<DataError> for Failure {
    fn from(problem: DataError) -> Self {
        let exit = exit_of_data(&problem);
        let hint = problem.hint().or_else(|| hint_of_data(&problem));
        Self::with(exit, &problem.to_string(), problem.details(), hint)
    }
}

/// A wrong option is a usage error, everything else is in the data.
fn exit_of_data(problem: &DataError) -> Exit {
    match problem {
        DataError::UnknownColumn { flag, .. } if !flag.is_empty() => Exit::Usage,
        DataError::UnknownEmbedded { .. }
        | DataError::NoTarget { .. }
        | DataError::Delimiter { .. }
        | DataError::TwoRoles { .. }
        | DataError::SeveralClassTargets { .. } => Exit::Usage,
        DataError::InvalidEncoder { .. } => Exit::Model,
        _ => Exit::Data,
    }
}

/// Remedies that take the command to know.
fn hint_of_data(problem: &DataError) -> Option<String> {
    Some(match problem {
        DataError::Io { source, .. } if source.kind() == ErrorKind::NotFound => {
            "is it in another folder? Embedded sets begin with @, as in  @digits".into()
        }
        DataError::Empty { .. } => "a table has the names of its columns in the first line, then rows".into(),
        DataError::UnknownColumn { name, .. } => format!("retrograde data {}", shell(name)),
        DataError::UnknownClass { .. } => "correct the cell, or train again with rows of that class".into(),
        DataError::Delimiter { .. } => "--delimiter semicolon".into(),
        DataError::LabelRows { .. } | DataError::LabelColumns { .. } => {
            "--labels FILE  takes one column with a row for each row of the table".into()
        }
        _ => return None,
    })
}

impl From<retrograde::Error> for Failure {
    fn from(problem: retrograde::Error) -> Self {
        use retrograde::Error;
        let exit = match problem {
            Error::Value { .. } | Error::WeightSum { .. } | Error::Setting { what: "a weight", .. } => {
                Exit::Data
            }
            _ => Exit::Usage,
        };
        Self::with(exit, &problem.to_string(), Vec::new(), hint_of_core(&problem))
    }
}

/// The core knows no options; these are the ones that set what it refused.
fn hint_of_core(problem: &retrograde::Error) -> Option<String> {
    use retrograde::Error;
    Some(match problem {
        Error::Setting { what, expected, .. } => match *what {
            "the batch" if expected.contains("window") => "a larger --window, or a smaller --batch".into(),
            "the method" if expected.contains("window") => "--optimizer adamw".into(),
            "lambda" => "--lambda 1".into(),
            "label smoothing" => "--label-smoothing 0.1, with cross-entropy".into(),
            "the learning rate" if expected.starts_with("left out") => "leave --learning-rate out".into(),
            "the learning rate" => "--learning-rate 0.01".into(),
            "epochs" => "--epochs 100".into(),
            "patience" => "--patience 20".into(),
            "the tolerance" => "--tolerance 1e-4".into(),
            "the batch" => "--batch full".into(),
            "the share of validation rows" => "--validation 0.2".into(),
            "the share of test rows" => "--test 0.2".into(),
            "a class weight" | "the list of class weights" => "--class-weight balanced".into(),
            "momentum" => "--momentum 0.9".into(),
            "huber's delta" => "--loss huber:1.5".into(),
            "a quantile level" => "--loss quantile:0.1,0.5,0.9".into(),
            _ => return hint_of_steps(what, expected),
        },
        Error::WeightSum { .. } => "give a class of these rows, or a row, a weight above 0".into(),
        Error::OutputLoss { expected, .. } => {
            format!("--output-activation {}", expected.split(' ').next().unwrap_or(expected))
        }
        Error::Shape { what: "the list of activations", .. } => "--activation relu".into(),
        Error::Shape { what: "the list of dropout rates", .. } => "--dropout 0.5".into(),
        Error::BugWithoutEffect { bug: "missing-lambda" | "regularised-bias", .. } => {
            "train with --lambda 1, or  --inject missing-slope".into()
        }
        Error::BugWithoutEffect { .. } => "--inject wrong-sign".into(),
        _ => return None,
    })
}

/// Of methods, schedules and what else is asked of the steps.
fn hint_of_steps(what: &str, expected: &str) -> Option<String> {
    let hint = match what {
        _ if expected.starts_with("left out: this method") => "--optimizer adam",
        _ if expected.starts_with("left out: rprop") => "--optimizer adam, or leave it out",
        "the loss for Levenberg–Marquardt" | "the memory that Levenberg–Marquardt needs" => {
            "--optimizer lbfgs"
        }
        "the method of a range test" => "--optimizer sgd",
        "the range of rates" => "--from 1e-6 --to 10",
        "the number of steps of a range test" => "--steps 200",
        "a dropout rate" => "--dropout 0.5",
        "the L1 penalty" => "--l1 0.1",
        "the weight decay" => "--weight-decay 0.01",
        "the norm that gradients are clipped to" => "--clip-norm 1",
        "the largest norm of a unit's weights" => "--max-norm 3",
        "the warm-up" => "--warm-up 5",
        "the factor of a step of the rate" | "the epochs between two steps of the rate" => {
            "--schedule step:30,0.5"
        }
        "the power of inverse scaling" => "--schedule inverse:0.5",
        "a period of the cosine" | "the floor of the cosine" => "--schedule cosine:10,2",
        "the rising share of the cycle" => "--schedule one-cycle:0.3",
        _ => return None,
    };
    Some(hint.to_owned())
}

impl From<ModelError> for Failure {
    fn from(problem: ModelError) -> Self {
        let exit = match problem {
            ModelError::Data(problem) => return problem.into(),
            ModelError::Core(problem) => return problem.into(),
            ModelError::File { .. }
            | ModelError::Newer { .. }
            | ModelError::Damaged { .. }
            | ModelError::Checkpoint { .. }
            | ModelError::Resume { .. }
            | ModelError::Occupied { .. }
            | ModelError::Io { .. } => Exit::Model,
            ModelError::Target { .. }
            | ModelError::RowWeight { .. }
            | ModelError::NoWeight { .. }
            | ModelError::Split { .. } => Exit::Data,
            _ => Exit::Usage,
        };
        let hint = problem.hint().or_else(|| hint_of_model(&problem));
        Self::with(exit, &problem.to_string(), problem.details(), hint)
    }
}

fn hint_of_model(problem: &ModelError) -> Option<String> {
    match problem {
        ModelError::Task { .. } => Some("--task numbers".into()),
        ModelError::Target { .. } => Some("correct the cell, or choose another --loss".into()),
        ModelError::Folds { reason, .. } if reason.starts_with("the class") => {
            Some("ask for fewer folds, or add rows to the class".into())
        }
        ModelError::Folds { .. } => Some("ask for fewer folds".into()),
        ModelError::Io { action: "read", .. } => {
            Some("a model is what  retrograde train DATA -o FILE  writes".into())
        }
        _ => None,
    }
}
