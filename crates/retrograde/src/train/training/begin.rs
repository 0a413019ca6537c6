//! How a training begins, or is taken up again.

use super::{Training, Work};
use crate::dropout::Draw;
use crate::error::{Error, Result};
use crate::evaluator::Evaluator;
use crate::network::Network;
use crate::objective::{NetworkObjective, Objective, Point};
use crate::optimize::counted::Counted;
use crate::params::Params;
use crate::real::Scalar;
use crate::train::batches::Batches;
use crate::train::judge::Judge;
use crate::train::probe::Probe;
use crate::train::{Rows, StopReason, TrainSettings, TrainState, Validation};

impl<'a, T: Scalar> Training<'a, T> {
    /// A training that has not begun. `settings` may leave the method to be chosen. Rows may be `&Examples` or
    /// `&mut Streamed`: of a window that holds them all they are read here, else on the way.
    ///
    /// # Errors
    /// Settings out of range, or that contradict each other or a window; examples made for another network; of rows that are
    /// read here, what keeps them from being read.
    pub fn new(
        start: &Params<T>,
        train: impl Into<Rows<'a, T>>,
        validation: impl Into<Validation<'a, T>>,
        settings: &TrainSettings,
    ) -> Result<Self> {
        let network = start.network();
        let (train, Validation(validation)) = (train.into(), validation.into());
        let settings = train.resolve(network, settings);
        let state = TrainState::begun_at(start, settings.optimizer);
        let mut training = Self::with(network, state, train, validation, settings)?;
        training.begin();
        Ok(training)
    }

    /// A training that goes on from `state`, with the rows and settings it was begun with. Only its threads may be others
    /// and, unless the schedule depends on them, its epochs more: the result is that of a training never put down. A stream
    /// is read to the place where it was.
    ///
    /// # Errors
    /// As [`Training::new`], and [`Error::Shape`] for a state of another network.
    pub fn resume(
        network: &Network,
        state: TrainState<T>,
        train: impl Into<Rows<'a, T>>,
        validation: impl Into<Validation<'a, T>>,
        settings: &TrainSettings,
    ) -> Result<Self> {
        let (train, Validation(validation)) = (train.into(), validation.into());
        Self::taken_up(network, state, train, validation, settings)
    }

    fn taken_up(
        network: &Network,
        state: TrainState<T>,
        train: Rows<'a, T>,
        validation: Option<Rows<'a, T>>,
        settings: &TrainSettings,
    ) -> Result<Self> {
        let settings = train.resolve(network, settings);
        let weights = network.weight_count();
        if let Some(mistake) = state.mistake(network, &settings) {
            return Err(Error::Shape {
                what: "the state of the training",
                found: mistake.into(),
                expected: format!("that of {} with {weights} weights", settings.optimizer.name()),
            });
        }
        if state.epoch > settings.epochs() {
            return Err(Error::Setting {
                what: "epochs",
                found: settings.epochs().to_string(),
                expected: "at least those that are over in the training resumed",
            });
        }
        let mut training = Self::with(network, state, train, validation, settings)?;
        let state = &mut training.state;
        if matches!(state.stop, None | Some(StopReason::Epochs)) {
            let over = state.epoch >= training.settings.epochs();
            state.stop = over.then_some(StopReason::Epochs);
        }
        training.expect_place()?;
        if let Work::Batches { batches, .. } = &mut training.work {
            batches.shuffle(training.state.epoch + 1);
        }
        Ok(training)
    }

    /// Refuses a state whose steps are not those of these rows; it may come from a file.
    fn expect_place(&self) -> Result<()> {
        let state = &self.state;
        let (done, steps) = (state.under_way.batches, state.steps);
        let (count, needs_start) = match &self.work {
            Work::Batches { batches, .. } => (batches.count(), !self.judge.has_rows()),
            Work::Whole { .. } => (1, false),
        };
        let expected = (state.epoch as u64).saturating_mul(count as u64).saturating_add(done as u64);
        // Steps of an epoch that diverged at its end, on the validation rows say, are part of none that is over.
        let last = expected.saturating_add(count as u64);
        let diverged =
            matches!(state.stop, Some(StopReason::Diverged(_))) && (expected..=last).contains(&steps);
        let lacks_start = needs_start && state.start.len() != self.network.weight_count();
        // All batches of an epoch that has not ended: its validation rows could not be read.
        let too_many = if self.judge.is_streamed() { done > count } else { done >= count };
        if too_many || lacks_start || !(steps == expected || diverged) {
            return Err(Error::Shape {
                what: "the state of the training",
                found: format!("{done} batches into an epoch, after {steps} steps"),
                expected: format!("one of these rows, of {count} batches an epoch"),
            });
        }
        Ok(())
    }

    fn with(
        network: &Network,
        state: TrainState<T>,
        train: Rows<'a, T>,
        validation: Option<Rows<'a, T>>,
        settings: TrainSettings,
    ) -> Result<Self> {
        settings.validate(network)?;
        train.expect_for(network)?;
        validation.as_ref().map_or(Ok(()), |rows| rows.expect_for(network))?;
        train.expect_batches(&settings)?;
        let train = train.held_if_they_fit()?;
        let judge = Judge::new(network, validation, &settings)?;
        let span = (train.count(), train.total_weight());
        let size = settings.batch_rows(span.0);
        let mut evaluator = Evaluator::new(network, settings.regularisation, size, settings.threads)?;
        // The cost of all rows with other units dropped is no cost to go by: such epochs end like those of batches.
        let work = match train {
            Rows::Held(rows) if size == rows.rows() && settings.dropout.is_empty() => {
                let objective = NetworkObjective::with(evaluator, rows);
                let objective = Counted { objective, evaluations: 0.0, outputs: network.outputs() };
                Work::Whole { objective, rows }
            }
            train => {
                if !settings.dropout.is_empty() {
                    let (rates, seed) = (settings.dropout.clone(), settings.seed);
                    evaluator.drop_units(Some(Draw { rates, seed, epoch: 0, batch: 0 }));
                }
                Work::Batches { batches: Batches::new(network, train, &settings), evaluator }
            }
        };
        let probe = Probe::new(network, span.0, &state.history);
        let network = network.clone();
        Ok(Self { network, span, settings, judge, work, state, probe, asked: false, failed: None })
    }

    /// J and ∇J at the start, or the first order of the rows.
    fn begin(&mut self) {
        let state = &mut self.state;
        match &mut self.work {
            Work::Batches { batches, .. } => {
                batches.shuffle(1);
                if !self.judge.has_rows() {
                    state.start = state.point.theta.clone();
                }
            }
            Work::Whole { objective, .. } => {
                let Point { theta, cost, grad } = &mut state.point;
                *cost = objective.cost_and_grad(theta, grad);
                state.evaluations = objective.evaluations;
                if let Some(found) = self.diverged_at(1) {
                    self.state.stop = Some(StopReason::Diverged(found));
                } else if !self.judge.has_rows() {
                    self.state.best.cost = self.cost();
                }
            }
        }
    }
}
