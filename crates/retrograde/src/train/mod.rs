//! The training loop: batches, epochs, early stopping, and what happens when a value stops being finite.
//!
//! The core reads no clock and prints nothing: progress goes out, and a wish to stop comes in, through an
//! [`Observer`]. Whatever ends a training, the best finite weights seen are what it returns.
//!
//! Rows are either in memory, as [`Examples`](crate::Examples), or come in windows of which each is shuffled, as
//! [`Streamed`](crate::Streamed): wherever a training takes the one it takes the other, and where a window holds all rows
//! both give the same bits.

mod batches;
mod divergence;
mod epochs;
mod judge;
mod probe;
mod range_test;
mod rows;
mod rules;
mod settings;
mod side_by_side;
mod state;
mod training;
mod windows;

pub use divergence::{Divergence, NonFinite, Quantity};
pub use epochs::{EpochSettings, Epochs};
pub use range_test::{RangePoint, RangeSettings, RangeTest, range_test};
pub use rows::{Rows, Validation};
pub use rules::StepRules;
pub use settings::{BatchSize, TrainSettings};
pub use side_by_side::{Job, Observers, share_out, side_by_side};
pub use state::TrainState;
pub use training::Training;

use crate::error::{Error, Result};
use crate::layers::LayerRecord;
use crate::params::Params;
use crate::real::Scalar;
use crate::score::Score;
use serde::{Deserialize, Serialize};

/// What one epoch (or one iteration of a batch method) came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: usize,
    /// J, and (λ₁/M) Σ|W| with an L1 penalty, on the training rows: at the end of the epoch when all rows are one batch, else the mean over the rows of the
    /// epoch's batches, each before its step.
    pub train_cost: f64,
    /// The validation rows' score at the end of the epoch.
    pub validation: Option<Score>,
    /// ‖∇J‖, measured where `train_cost` is.
    pub grad_norm: f64,
    /// η of the step methods.
    pub learning_rate: Option<f64>,
    /// Gradients of all rows computed so far (a whole epoch of mini-batches counts 1).
    pub evaluations: f64,
    /// Every layer that computes, where the training stood at the end of the epoch; empty where none was looked at.
    ///
    /// Looking takes up to 256 rows, evenly spread over the training rows (of a stream: over its last window) and with all
    /// units there, once forward and backward. ∇J is the training's own: of all rows where they are one batch, else of the
    /// epoch's last batch, clipped if it was. It is done whenever the training has done fifty times the work of it since
    /// the last time, but the more rarely the more epochs there were: from epoch 16 on, when they have become a sixteenth
    /// more. Both are counted, not timed, and the training is the same without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerRecord>,
}

/// Why a training ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// All epochs were run.
    Epochs,
    /// The cost stopped improving: by less than the tolerance for `patience` epochs, or no step lowers it.
    Converged,
    /// The validation cost did not improve for `patience` epochs.
    Patience,
    /// The observer asked for it.
    Asked,
    /// A value stopped being finite.
    Diverged(Divergence),
    /// A stream of rows could not be read, or held what cannot be computed with. The training can be resumed when it can.
    Stream(StreamFailure),
}

/// What kept a training from reading its rows, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StreamFailure {
    /// The epoch that was under way, from 1.
    pub epoch: usize,
    /// Its batch that the rows were wanted for, from 1, or the last one where they were wanted for its end.
    pub batch: usize,
    /// What went wrong, in words; [`Streamed::failure`](crate::Streamed::failure) has the error itself.
    pub message: String,
}

impl StreamFailure {
    pub(crate) fn at(epoch: usize, batch: usize, error: &Error) -> Self {
        Self { epoch, batch, message: error.to_string() }
    }
}

impl std::fmt::Display for StreamFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, at epoch {}, batch {}", self.message, self.epoch, self.batch)
    }
}

/// What an observer wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Finish here, with the best weights so far.
    Stop,
}

/// Watches a training and may stop it. `()` watches nothing.
pub trait Observer {
    /// After every batch (or every iteration of a batch method).
    fn batch(&mut self, epoch: usize, batch: usize, batches: usize) -> Flow {
        let _ = (epoch, batch, batches);
        Flow::Continue
    }

    /// After every epoch; `best` tells whether it is the best so far.
    fn epoch(&mut self, record: &EpochRecord, best: bool) -> Flow {
        let _ = (record, best);
        Flow::Continue
    }
}

impl Observer for () {}

/// A finished training.
#[derive(Debug, Clone)]
pub struct Fit<T> {
    /// The best finite weights: of the epoch with the lowest validation cost, or training cost without one.
    pub params: Params<T>,
    /// The epoch they are from; 0 is the start.
    pub best_epoch: usize,
    /// One record per epoch.
    pub history: Vec<EpochRecord>,
    /// Why it ended.
    pub stop: StopReason,
}

/// Trains from `start` on `train`, judging by `validation` where given.
///
/// Both may be `&`[`Examples`](crate::Examples) or `&mut` [`Streamed`](crate::Streamed).
///
/// The result depends on the arguments alone, not on the number of threads or the speed of the machine
/// (unless the observer stops it by the clock).
///
/// # Errors
/// Settings out of range, or that contradict each other, and rows that all fit into a window but cannot be read into it. A
/// diverged training is no error but a [`StopReason`], and so is one whose rows can no longer be read.
pub fn train<'a, T: Scalar>(
    start: &Params<T>,
    train: impl Into<Rows<'a, T>>,
    validation: impl Into<Validation<'a, T>>,
    settings: &TrainSettings,
    observer: &mut dyn Observer,
) -> Result<Fit<T>> {
    let mut training = Training::new(start, train, validation, settings)?;
    while training.advance(observer) == Flow::Continue {}
    training.finish(observer)
}
