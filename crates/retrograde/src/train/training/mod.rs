//! One training on its way: a state that is data, and what moves it on by a batch or an iteration.

mod begin;
mod epoch;
#[cfg(test)]
mod tests;

use super::batches::Batches;
use super::divergence::{self, Divergence};
use super::judge::{Best, Judge};
use super::probe::Probe;
use super::settings::TrainSettings;
use super::state::TrainState;
use super::{EpochRecord, Fit, Flow, Observer, StopReason, StreamFailure};
use crate::error::Result;
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
use std::ops::ControlFlow;

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
    /// m and M.
    span: (usize, f64),
    settings: TrainSettings,
    judge: Judge<'a, T>,
    work: Work<'a, T>,
    state: TrainState<T>,
    probe: Probe,
    /// Whether the observer wants to stop: no part of the state, for who resumes wants to go on.
    asked: bool,
    /// What kept rows from being read: no part of the state either, for once they can be read it goes on.
    failed: Option<StreamFailure>,
}

/// How the rows are used.
#[derive(Debug)]
enum Work<'a, T: Scalar> {
    /// In batches, a step for each.
    Batches { batches: Batches<'a, T>, evaluator: Evaluator<T> },
    /// All at once: J is known at each end of an iteration.
    Whole { objective: Counted<NetworkObjective<'a, T>>, rows: Examples<'a, T> },
}

impl<T: Scalar> Training<'_, T> {
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
        if !self.is_over() {
            match self.work {
                Work::Batches { .. } => self.batch(observer),
                Work::Whole { .. } => self.iteration(observer),
            }
        }
        if self.is_over() { Flow::Stop } else { Flow::Continue }
    }

    fn is_over(&self) -> bool {
        self.state.stop.is_some() || self.asked || self.failed.is_some()
    }

    /// The best weights so far, and how they were come by. Without validation rows, J itself has the last word between
    /// the start, the weights kept and the last ones of mini-batches.
    ///
    /// # Errors
    /// Threads that cannot be started.
    pub fn finish(mut self, observer: &mut dyn Observer) -> Result<Fit<T>> {
        if matches!(self.work, Work::Batches { .. }) {
            if self.state.stop.is_none() && self.state.under_way.batches > 0 {
                self.end_epoch_of_batches(observer);
            }
            if !self.judge.has_rows() && self.failed.is_none() {
                self.settle()?;
            }
        }
        let stop = match self.state.stop {
            Some(stop @ StopReason::Diverged(_)) => stop,
            _ if self.failed.is_some() => StopReason::Stream(self.failed.unwrap_or_default()),
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
                Work::Whole { .. } => 1,
            },
            epochs: self.settings.epochs(),
            rows: self.span.0,
            reductions: self.state.reductions,
        };
        self.settings.schedule.rate(self.settings.learning_rate(), place)
    }

    /// J where the training stands, with the penalty that is not part of ∇J.
    fn cost(&self) -> f64 {
        let Point { theta, cost, .. } = &self.state.point;
        cost + self.settings.rules().penalty(&self.network, theta, self.span.1)
    }

    fn batch(&mut self, observer: &mut dyn Observer) {
        let rate = self.learning_rate(self.state.steps);
        let rules = self.settings.rules();
        let Work::Batches { batches, evaluator } = &mut self.work else { return };
        let state = &mut self.state;
        let (epoch, index) = (state.epoch + 1, state.under_way.batches);
        if index == batches.count() {
            // Validation rows that could not be read had kept the epoch from ending.
            return self.end_epoch_of_batches(observer);
        }
        if !self.settings.dropout.is_empty() {
            evaluator.draw_units(epoch as u64, index as u32);
        }
        let rows = match batches.gather(index) {
            Ok(rows) => rows,
            Err(error) => {
                self.failed = Some(StreamFailure::at(epoch, index + 1, &error));
                return;
            }
        };
        let divisors = Divisors::share_of(self.span, rows.rows());
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
        let total = self.span.1;
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
        let epoch = self.state.epoch + 1;
        let mut iteration = Iteration::Moved;
        // Unless validation rows that could not be read had kept it from ending.
        if self.state.under_way.batches == 0 {
            iteration = self.iterate();
            if let Some(found) = self.diverged_at(epoch) {
                self.state.stop = Some(StopReason::Diverged(found));
                return;
            }
            self.asked = observer.batch(epoch, 1, 1) == Flow::Stop;
        }
        let ControlFlow::Continue(validation) = self.scored(1) else { return };
        let ControlFlow::Continue(layers) = self.looked_at(1) else { return };
        self.state.under_way.batches = 0;
        let steps = matches!(self.state.method, Method::Step(_));
        let record = EpochRecord {
            epoch,
            train_cost: self.cost(),
            validation,
            grad_norm: norm(&self.state.point.grad),
            learning_rate: steps.then(|| self.learning_rate(self.state.steps.saturating_sub(1))),
            evaluations: self.state.evaluations,
            layers,
        };
        self.end_epoch(record, Batched { done: 1, all: 1 }, observer);
        let diverged = matches!(self.state.stop, Some(StopReason::Diverged(_)));
        if iteration == Iteration::Stalled && !diverged {
            self.state.stop = Some(StopReason::Converged);
        }
    }

    /// One iteration on all rows: Θ moves, with J and ∇J.
    fn iterate(&mut self) -> Iteration {
        let rate = self.learning_rate(self.state.steps);
        let rules = self.settings.rules();
        let Work::Whole { objective, .. } = &mut self.work else { return Iteration::Stalled };
        let state = &mut self.state;
        objective.evaluations = state.evaluations;
        let iteration = match &mut state.method {
            Method::Batch(method) => method.iterate(objective, &mut state.point),
            Method::Step(method) => {
                // Unlike a line search's, the step is taken whatever it leads to.
                let Point { theta, cost, grad } = &mut state.point;
                let total = self.span.1;
                rules.step(
                    method,
                    &self.network,
                    (theta, grad),
                    (rate, total),
                    &mut objective.objective.spread(),
                );
                *cost = objective.cost_and_grad(theta, grad);
                Iteration::Moved
            }
        };
        state.evaluations = objective.evaluations;
        state.steps += 1;
        state.under_way.batches = 1;
        iteration
    }

    /// What stopped being finite, where all rows are one batch.
    fn diverged_at(&self, epoch: usize) -> Option<Divergence> {
        let Work::Whole { rows, .. } = &self.work else { return None };
        let Point { theta, cost, grad } = &self.state.point;
        if cost.is_finite() && norm(grad).is_finite() {
            return None;
        }
        let at = divergence::locate(&self.network, theta, rows, (grad, self.settings.regularisation));
        Some(Divergence { epoch, batch: 1, cost: *cost, at })
    }
}
