//! Decides when a checkpoint is due, and writes it.

use super::{Checkpoint, CheckpointEvent, CheckpointPlan, Description, Every, write};
use crate::error::ModelError;
use crate::model::Number;
use crate::save::Old;
use retrograde::{Flow, TrainState};
use std::io;
use std::path::PathBuf;
use std::time::Instant;

/// Writes the checkpoints of one training.
pub(crate) struct Keeper {
    plan: CheckpointPlan,
    description: Description,
    last: Instant,
    last_epoch: usize,
    /// What the last write took, in seconds.
    took: f64,
    /// What is at the path now.
    old: Old,
    /// Whether the last one could not be written.
    failing: bool,
}

/// With intervals of a second or more, writing takes at most this share of the time.
const SHARE: f64 = 0.01;

impl Keeper {
    pub(crate) fn new(plan: CheckpointPlan, description: Description, epoch: usize) -> Self {
        let old = if Checkpoint::read(&plan.path).is_ok() { Old::Keep } else { Old::Replace };
        Self { plan, description, last: Instant::now(), last_epoch: epoch, took: 0.0, old, failing: false }
    }

    /// Writes the first one, before there is anything to lose.
    pub(crate) fn begin<T: Number>(&mut self, state: &TrainState<T>) -> Result<(), ModelError> {
        self.write(state).map_err(|source| ModelError::Io {
            action: "write",
            path: self.plan.path.display().to_string(),
            source,
        })
    }

    fn write<T: Number>(&mut self, state: &TrainState<T>) -> io::Result<()> {
        let start = Instant::now();
        let written = write(&self.plan.path, &self.description, state, self.old);
        if written.is_ok() {
            self.old = Old::Keep;
        }
        // The pause between two is never shorter than the interval, however long writing takes.
        self.last = Instant::now();
        self.took = start.elapsed().as_secs_f64();
        self.last_epoch = state.place().0;
        written
    }

    /// The file, when the last one could be written.
    pub(crate) fn kept(&self) -> Option<PathBuf> {
        (!self.failing).then(|| self.plan.path.clone())
    }

    /// Writes one when it is due, or when the training stops.
    ///
    /// A disk that is full does not end a training: the event says so, and the next one is tried when it is due.
    pub(crate) fn offer<T: Number>(&mut self, state: &TrainState<T>, flow: Flow) -> Option<CheckpointEvent> {
        let (epochs, batches) = state.place();
        let due = match self.plan.every {
            Every::Seconds(seconds) => {
                let least = if seconds >= 1.0 { self.took / SHARE } else { 0.0 };
                self.last.elapsed().as_secs_f64() >= seconds.max(least)
            }
            Every::Epochs(n) => batches == 0 && epochs >= self.last_epoch + n.max(1),
        };
        if !due && flow == Flow::Continue {
            return None;
        }
        let written = self.write(state);
        let path = self.plan.path.display().to_string();
        let was_failing = std::mem::replace(&mut self.failing, written.is_err());
        match written {
            // Said once, and once more at the end: not at every try.
            Err(problem) if !was_failing || flow == Flow::Stop => {
                Some(CheckpointEvent::Failed { path, problem: problem.to_string() })
            }
            Ok(()) if was_failing => Some(CheckpointEvent::Recovered { path }),
            _ => None,
        }
    }
}
