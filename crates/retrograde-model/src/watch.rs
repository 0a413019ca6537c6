//! Who watches a training, and what there is to see before it starts.

use crate::checkpoint::CheckpointEvent;
use crate::division::SplitRecord;
use crate::model::Layer;
use retrograde::{EpochRecord, Flow, Observer};
use serde::Serialize;
use std::time::Instant;

/// Watches a training and may stop it. `()` watches nothing.
///
/// A training that is stopped keeps the best weights so far.
pub trait Watch {
    /// Once, after the rows are split and encoded and before the first epoch (in a cross-validation: once per fold).
    fn started(&mut self, plan: &FitPlan) {
        let _ = plan;
    }

    /// After every epoch; `best` tells whether it is the best so far, `seconds` is the time since [`crate::fit`] began.
    fn epoch(&mut self, record: &EpochRecord, best: bool, seconds: f64) -> Flow {
        let _ = (record, best, seconds);
        Flow::Continue
    }

    /// After every batch (or every iteration of a batch method); both count from 1.
    fn batch(&mut self, epoch: usize, batch: usize, batches: usize) -> Flow {
        let _ = (epoch, batch, batches);
        Flow::Continue
    }

    /// When a training is resumed from a checkpoint, or one could not be written.
    fn checkpoint(&mut self, event: &CheckpointEvent) {
        let _ = event;
    }

    /// In a cross-validation, before anything else is told of fold `fold` of `folds` (from 1).
    fn fold(&mut self, fold: usize, folds: usize) {
        let _ = (fold, folds);
    }
}

impl Watch for () {}

/// What is going to be trained, and on what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FitPlan {
    /// The table's name.
    pub name: String,
    /// How its bytes were understood: `csv · comma · header`.
    pub format: String,
    /// All rows of the table.
    pub rows: usize,
    /// Columns of numbers that become inputs.
    pub numeric: usize,
    /// Category columns, booleans among them, that become inputs.
    pub categorical: usize,
    /// Columns of dates that become inputs.
    pub dates: usize,
    /// Inputs after encoding.
    pub inputs: usize,
    /// Missing cells in the columns that become inputs.
    pub missing: usize,
    /// What is predicted.
    pub task: Task,
    /// Rows trained on.
    pub train_rows: usize,
    /// Rows that judge; 0 means none.
    pub validation_rows: usize,
    /// Rows that are scored once, at the end; 0 means none.
    pub test_rows: usize,
    /// How rows were divided.
    pub split: SplitRecord,
    /// The column of the rows' weights.
    pub weight: Option<String>,
    /// What each class counts for, where they do not count the same.
    pub class_weights: Vec<(String, f64)>,
    /// The seed of the split and of the training.
    pub seed: u64,
    /// `27 → 32 relu → 16 relu → 1 sigmoid`.
    pub network: String,
    /// The same as a list, inputs first.
    pub layers: Vec<Layer>,
    /// Weights and biases.
    pub weights: usize,
    /// The loss: `cross-entropy`, `huber:1.5`.
    pub loss: String,
    /// λ.
    pub lambda: f64,
    /// The method: `adam`, or `lbfgs, chosen by auto`.
    pub method: String,
    /// Epochs, or iterations of a batch method, at most.
    pub epochs: usize,
    /// What was decided on the way, such as a column that was left out.
    pub notes: Vec<String>,
}

impl FitPlan {
    /// Columns that become inputs.
    pub fn features(&self) -> usize {
        self.numeric + self.categorical + self.dates
    }
}

/// What is predicted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// One of several classes.
    Classes {
        /// The target column.
        column: String,
        /// Each class with its rows in the whole table, in the encoder's order.
        classes: Vec<(String, usize)>,
    },
    /// Numbers.
    Numbers {
        /// The target columns.
        columns: Vec<String>,
    },
}

impl Task {
    /// `classes` or `numbers`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Classes { .. } => "classes",
            Self::Numbers { .. } => "numbers",
        }
    }
}

/// The clock of one training.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
    limit: Option<f64>,
}

impl Clock {
    /// Starts now.
    pub(crate) fn start(limit: Option<f64>) -> Result<Self, retrograde::Error> {
        match limit {
            Some(seconds) if seconds.is_nan() || seconds <= 0.0 => Err(retrograde::Error::Setting {
                what: "the time limit",
                found: seconds.to_string(),
                expected: "a positive number of seconds",
            }),
            limit => Ok(Self { start: Instant::now(), limit }),
        }
    }

    /// Seconds since the start.
    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    fn is_over(&self) -> bool {
        self.limit.is_some_and(|limit| self.seconds() >= limit)
    }
}

/// A [`Watch`] and a clock as the core's observer.
pub(crate) struct Watched<'a> {
    watch: &'a mut dyn Watch,
    clock: Clock,
    /// Whether it was the clock that ended the training.
    pub(crate) out_of_time: bool,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(watch: &'a mut dyn Watch, clock: Clock) -> Self {
        Self { watch, clock, out_of_time: false }
    }

    /// Tells what is going to be trained.
    pub(crate) fn started(&mut self, plan: &FitPlan) {
        self.watch.started(plan);
    }

    /// Tells about a checkpoint.
    pub(crate) fn checkpoint(&mut self, event: &CheckpointEvent) {
        self.watch.checkpoint(event);
    }

    /// A wish to stop wins over the clock: it is the answer that a person waits for.
    fn or_time(&mut self, flow: Flow) -> Flow {
        if flow == Flow::Continue && self.clock.is_over() {
            self.out_of_time = true;
            return Flow::Stop;
        }
        flow
    }
}

impl Observer for Watched<'_> {
    fn batch(&mut self, epoch: usize, batch: usize, batches: usize) -> Flow {
        let flow = self.watch.batch(epoch, batch, batches);
        self.or_time(flow)
    }

    fn epoch(&mut self, record: &EpochRecord, best: bool) -> Flow {
        let seconds = self.clock.seconds();
        let flow = self.watch.epoch(record, best, seconds);
        self.or_time(flow)
    }
}
