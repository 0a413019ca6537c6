//! Everything that can go wrong in the core: what was found, what was expected, and where.

use crate::stream::StreamError;

/// An error of the core library.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A network cannot have this shape.
    #[error("the network's layers are {found:?}; {expected}")]
    Layers {
        /// The sizes given.
        found: Vec<usize>,
        /// The rule they break.
        expected: String,
    },
    /// Output activation and loss do not go together.
    #[error("the loss `{loss}` cannot follow the output `{output}`; it goes with {expected}")]
    OutputLoss {
        /// The loss's name.
        loss: String,
        /// The output's name.
        output: String,
        /// The outputs that loss goes with.
        expected: String,
    },
    /// A word that names no member of a closed list.
    #[error("`{found}` is no {what}; choose one of {expected}")]
    Unknown {
        /// What was to be named: an activation, a loss, …
        what: &'static str,
        /// The word found.
        found: String,
        /// The words known.
        expected: String,
    },
    /// A number outside its range.
    #[error("{what} is {found}; it must be {expected}")]
    Setting {
        /// The setting.
        what: &'static str,
        /// The value found.
        found: String,
        /// The range.
        expected: &'static str,
    },
    /// A matrix or vector of the wrong shape.
    #[error("{what} is {found}; expected {expected}")]
    Shape {
        /// Which matrix.
        what: &'static str,
        /// The shape found.
        found: String,
        /// The shape expected.
        expected: String,
    },
    /// A value that cannot be computed with.
    #[error("{what} of row {row}, column {column} is {found}; expected {expected}")]
    Value {
        /// Which matrix.
        what: &'static str,
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
        /// The value.
        found: f64,
        /// The rule it breaks.
        expected: &'static str,
    },
    /// Row weights that leave nothing to average over.
    #[error("the row weights sum to {found}; the cost is an average over them, so the sum must be positive")]
    WeightSum {
        /// Their sum.
        found: f64,
    },
    /// A stream of rows that its supplier could not go on with.
    #[error("the stream of rows broke off after {rows} rows: {cause}")]
    Stream {
        /// How many rows of the pass had been read.
        rows: usize,
        /// The supplier's own error.
        cause: StreamError,
    },
    /// An injected bug that would change nothing here.
    #[error("the bug `{bug}` cannot show on this network: {reason}")]
    BugWithoutEffect {
        /// The bug's name.
        bug: &'static str,
        /// Why it changes nothing.
        reason: &'static str,
    },
}

/// The core's result.
pub type Result<T> = std::result::Result<T, Error>;
