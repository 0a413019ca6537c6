//! Decides when a checkpoint is due, and writes it.

use super::{CheckpointEvent, CheckpointPlan, Description, Every, write};
use crate::model::Number;
use retrograde::{Flow, TrainState};
use std::time::Instant;

/// Writes the checkpoints of one training.
pub(crate) struct Keeper {
    plan: CheckpointPlan,
    description: Description,
    last: Instant,
    last_epoch: usize,
    /// Whether the last one could not be written.
    failing: bool,
}

impl Keeper {
    pub(crate) fn new(plan: CheckpointPlan, description: Description, epoch: usize) -> Self {
        Self { plan, description, last: Instant::now(), last_epoch: epoch, failing: false }
    }

    /// Writes one when it is due, or when the training stops.
    ///
    /// A disk that is full does not end a training: the event says so, and the next one is tried when it is due.
    pub(crate) fn offer<T: Number>(&mut self, state: &TrainState<T>, flow: Flow) -> Option<CheckpointEvent> {
        let (epochs, batches) = state.place();
        let due = match self.plan.every {
            Every::Seconds(seconds) => self.last.elapsed().as_secs_f64() >= seconds,
            Every::Epochs(n) => batches == 0 && epochs >= self.last_epoch + n.max(1),
        };
        if !due && flow == Flow::Continue {
            return None;
        }
        let written = write(&self.plan.path, &self.description, state);
        // The pause between two is never shorter than the interval, however long writing takes.
        self.last = Instant::now();
        self.last_epoch = epochs;
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
