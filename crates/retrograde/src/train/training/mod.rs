//! One training on its way: a state that is data, and what moves it on by a batch or an iteration.

mod epoch;

use super::batches::Batches;
use super::divergence::{self, Divergence};
use super::judge::{Best, Judge};
use super::settings::TrainSettings;
use super::state::TrainState;
use super::{EpochRecord, Fit, Flow, Observer, StopReason};
use crate::dropout::Draw;
use crate::error::{Error, Result};
use crate::evaluator::{Divisors, Evaluator};
use crate::examples::Examples;
use crate::network::Network;
use crate::objective::{NetworkObjective, Objective, Point};
use crate::optimize::counted::Counted;
use crate::optimize::schedule::Place;
use crate::optimize::{BatchMethod, Iteration, Method};
use crate::params::Params;
use crate::real::{Scalar, norm};
use epoch::Batched;

/// A training that is moved on step by step, and can be put down and taken up between any two.
///
/// [`train`](super::train()) is this in a loop:
///
/// ```text
/// let mut training = Training::new(start, train, validation, settings)?;      or Training::resume(state, …)
/// while training.advance(observer) == Flow::Continue {}                       training.state() can be kept
/// let fit = training.finish(observer)?;
/// ```
#[derive(Debug)]
pub struct Training<'a, T: Scalar> {
    network: Network,
    rows: Examples<'a, T>,
    settings: TrainSettings,
    judge: Judge<'a, T>,
    work: Work<'a, T>,
    state: TrainState<T>,
    /// Whether the observer wants to stop: no part of the state, for who resumes wants to go on.
    asked: bool,
}

/// How the rows are used.
#[derive(Debug)]
enum Work<'a, T> {
    /// In batches, a step for each.
    Batches { batches: Batches<'a, T>, evaluator: Evaluator<T> },
    /// All at once: J is known at each end of an iteration.
    Whole(Counted<NetworkObjective<'a, T>>),
}

impl<'a, T: Scalar> Training<'a, T> {
    /// A training that has not begun. `settings` may leave the method to be chosen.
    ///
    /// # Errors
    /// Settings out of range, or that contradict each other; examples made for another network.
    pub fn new(
        start: &Params<T>,
        train: &Examples<'a, T>,
        validation: Option<&Examples<'a, T>>,
        settings: &TrainSettings,
    ) -> Result<Self> {
        let network = start.network();
        let settings = settings.resolved(network, train.rows());
        let state = TrainState::begun_at(start, settings.optimizer);
        let mut training = Self::with(network, state, train, validation, settings)?;
        training.begin();
        Ok(training)
    }

    /// A training that goes on from `state`, with the rows and settings it was begun with. Only its threads may be others
    /// and, unless the schedule depends on them, its epochs more: the result is that of a training never put down.
    ///
    /// # Errors
    /// As [`Training::new`], and [`Error::Shape`] for a state of another network.
    pub fn resume(
        network: &Network,
        state: TrainState<T>,
        train: &Examples<'a, T>,
        validation: Option<&Examples<'a, T>>,
        settings: &TrainSettings,
    ) -> Result<Self> {
        let settings = settings.resolved(network, train.rows());
        let weights = network.weight_count();
        if let Some(mistake) = state.mistake(weights, &settings) {
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
        let state = &training.state;
        let (done, steps) = (state.under_way.batches, state.steps);
        let (count, needs_start) = match &training.work {
            Work::Batches { batches, .. } => (batches.count(), !training.judge.has_rows()),
            Work::Whole(_) => (1, false),
        };
        let expected = (state.epoch as u64).saturating_mul(count as u64).saturating_add(done as u64);
        // Steps of an epoch that diverged at its end, on the validation rows say, are part of none that is over.
        let last = expected.saturating_add(count as u64);
        let diverged =
            matches!(state.stop, Some(StopReason::Diverged(_))) && (expected..=last).contains(&steps);
        let lacks_start = needs_start && state.start.len() != weights;
        if done >= count || lacks_start || !(steps == expected || diverged) {
            return Err(Error::Shape {
                what: "the state of the training",
                found: format!("{done} batches into an epoch, after {steps} steps"),
                expected: format!("one of these rows, of {count} batches an epoch"),
            });
        }
        if let Work::Batches { batches, .. } = &mut training.work {
            batches.shuffle(training.state.epoch + 1);
        }
        Ok(training)
    }

    fn with(
        network: &Network,
        state: TrainState<T>,
        train: &Examples<'a, T>,
        validation: Option<&Examples<'a, T>>,
        settings: TrainSettings,
    ) -> Result<Self> {
        settings.validate(network)?;
        train.expect_for(network)?;
        validation.map_or(Ok(()), |rows| rows.expect_for(network))?;
        let judge = Judge::new(network, validation, &settings)?;
        let size = settings.batch_rows(train.rows());
        let mut evaluator = Evaluator::new(network, settings.regularisation, size, settings.threads)?;
        // The cost of all rows with other units dropped is no cost to go by: such epochs end like those of batches.
        let work = if size == train.rows() && settings.dropout.is_empty() {
            let objective = NetworkObjective::with(evaluator, *train);
            Work::Whole(Counted { objective, evaluations: 0.0, outputs: network.outputs() })
        } else {
            if !settings.dropout.is_empty() {
                let (rates, seed) = (settings.dropout.clone(), settings.seed);
                evaluator.drop_units(Some(Draw { rates, seed, epoch: 0, batch: 0 }));
            }
            Work::Batches { batches: Batches::new(network, *train, &settings), evaluator }
        };
        Ok(Self { network: network.clone(), rows: *train, settings, judge, work, state, asked: false })
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
            Work::Whole(objective) => {
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

    /// What a training is resumed from.
    pub fn state(&self) -> &TrainState<T> {
        &self.state
    }

    /// Θ where it stands, which need not be the best so far.
    pub fn theta(&self) -> &[T] {
        &self.state.point.theta
    }

    /// The settings, with the method that was chosen.
    pub fn settings(&self) -> &TrainSettings {
        &self.settings
    }

    /// One batch, or one iteration on all rows; at the end of an epoch also what ends it. [`Flow::Stop`] when the
    /// training is over, or the observer wants it to be.
    pub fn advance(&mut self, observer: &mut dyn Observer) -> Flow {
        if self.state.stop.is_none() && !self.asked {
            match self.work {
                Work::Batches { .. } => self.batch(observer),
                Work::Whole(_) => self.iteration(observer),
            }
        }
        if self.state.stop.is_some() || self.asked { Flow::Stop } else { Flow::Continue }
    }

    /// The best weights so far, and how they were come by. Without validation rows, J itself has the last word between
    /// the start, the weights kept and the last ones of mini-batches.
    ///
    /// # Errors
    /// Threads that cannot be started.
    pub fn finish(mut self, observer: &mut dyn Observer) -> Result<Fit<T>> {
        if self.state.stop.is_none() && self.state.under_way.batches > 0 {
            self.end_epoch_of_batches(observer);
        }
        if matches!(self.work, Work::Batches { .. }) && !self.judge.has_rows() {
            self.settle()?;
        }
        let stop = match self.state.stop {
            Some(stop @ StopReason::Diverged(_)) => stop,
            _ if self.asked => StopReason::Asked,
            Some(stop) => stop,
            // Finished by a caller that asked nobody.
            None => StopReason::Asked,
        };
        let Best { theta, epoch, .. } = self.state.best;
        let params = Params::from_values(&self.network, theta)?;
        Ok(Fit { params, best_epoch: epoch, history: self.state.history, stop })
    }

    /// η of a step, from 0.
    fn learning_rate(&self, step: u64) -> f64 {
        let place = Place {
            step,
            steps_per_epoch: match &self.work {
                Work::Batches { batches, .. } => batches.count(),
                Work::Whole(_) => 1,
            },
            epochs: self.settings.epochs(),
            rows: self.rows.rows(),
            reductions: self.state.reductions,
        };
        self.settings.schedule.rate(self.settings.learning_rate(), place)
    }

    /// J where the training stands, with the penalty that is not part of ∇J.
    fn cost(&self) -> f64 {
        let Point { theta, cost, .. } = &self.state.point;
        cost + self.settings.rules().penalty(&self.network, theta, self.rows.total_weight())
    }

    fn batch(&mut self, observer: &mut dyn Observer) {
        let rate = self.learning_rate(self.state.steps);
        let rules = self.settings.rules();
        let Work::Batches { batches, evaluator } = &mut self.work else { return };
        let state = &mut self.state;
        let (epoch, index) = (state.epoch + 1, state.under_way.batches);
        if !self.settings.dropout.is_empty() {
            evaluator.draw_units(epoch as u64, index as u32);
        }
        let rows = batches.gather(index);
        let divisors = Divisors::share(&self.rows, rows.rows());
        let Point { theta, cost, grad } = &mut state.point;
        *cost = evaluator.cost_and_grad_over(theta, &rows, divisors, grad);
        let grad_norm = evaluator.grad_norm(grad);
        if !(cost.is_finite() && grad_norm.is_finite()) {
            // Which units were there is not known where it is looked for: nothing is named then, rather than another row.
            let at = if self.settings.dropout.is_empty() {
                divergence::locate(&self.network, theta, &rows, (grad, self.settings.regularisation))
            } else {
                None
            };
            let at = at.map(|at| at.in_rows(|row| batches.row(index, row)));
            let found = Divergence { epoch, batch: index + 1, cost: *cost, at };
            state.stop = Some(StopReason::Diverged(found));
            return;
        }
        let total = self.rows.total_weight();
        let penalised = *cost + rules.penalty(&self.network, theta, total);
        let Method::Step(method) = &mut state.method else { return };
        rules.step(method, &self.network, (theta, grad), (rate, total), &mut evaluator.spread());
        state.steps += 1;
        let share = batches.rows_of(index) as f64;
        state.under_way.batches += 1;
        state.under_way.rows += share;
        state.under_way.cost += share * penalised;
        state.under_way.square += share * grad_norm * grad_norm;
        state.evaluations = state.epoch as f64 + state.under_way.batches as f64 / batches.count() as f64;
        let all = batches.count();
        self.asked = observer.batch(epoch, index + 1, all) == Flow::Stop;
        if index + 1 == all {
            self.end_epoch_of_batches(observer);
        }
    }

    fn iteration(&mut self, observer: &mut dyn Observer) {
        let rate = self.learning_rate(self.state.steps);
        let rules = self.settings.rules();
        let Work::Whole(objective) = &mut self.work else { return };
        let state = &mut self.state;
        objective.evaluations = state.evaluations;
        let (iteration, learning_rate) = match &mut state.method {
            Method::Batch(method) => (method.iterate(objective, &mut state.point), None),
            Method::Step(method) => {
                // Unlike a line search's, the step is taken whatever it leads to.
                let Point { theta, cost, grad } = &mut state.point;
                let total = self.rows.total_weight();
                rules.step(
                    method,
                    &self.network,
                    (theta, grad),
                    (rate, total),
                    &mut objective.objective.spread(),
                );
                *cost = objective.cost_and_grad(theta, grad);
                (Iteration::Moved, Some(rate))
            }
        };
        state.evaluations = objective.evaluations;
        state.steps += 1;
        let epoch = state.epoch + 1;
        if let Some(found) = self.diverged_at(epoch) {
            self.state.stop = Some(StopReason::Diverged(found));
            return;
        }
        self.asked = observer.batch(epoch, 1, 1) == Flow::Stop;
        let record = EpochRecord {
            epoch,
            train_cost: self.cost(),
            validation: self.judge.score(&self.state.point.theta),
            grad_norm: norm(&self.state.point.grad),
            learning_rate,
            evaluations: self.state.evaluations,
        };
        self.end_epoch(record, Batched { done: 1, all: 1 }, observer);
        let diverged = matches!(self.state.stop, Some(StopReason::Diverged(_)));
        if iteration == Iteration::Stalled && !diverged {
            self.state.stop = Some(StopReason::Converged);
        }
    }

    /// What stopped being finite, where all rows are one batch.
    fn diverged_at(&self, epoch: usize) -> Option<Divergence> {
        let Point { theta, cost, grad } = &self.state.point;
        if cost.is_finite() && norm(grad).is_finite() {
            return None;
        }
        let at = divergence::locate(&self.network, theta, &self.rows, (grad, self.settings.regularisation));
        Some(Divergence { epoch, batch: 1, cost: *cost, at })
    }
}
