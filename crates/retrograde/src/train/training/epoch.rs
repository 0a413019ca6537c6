//! What ends an epoch, and what a training without validation rows ends with.

use super::{Training, Work};
use crate::error::Result;
use crate::evaluator::{CostPart, Evaluator};
use crate::real::Scalar;
use crate::train::divergence::{self, Divergence};
use crate::train::{EpochRecord, Flow, Observer, StopReason};

/// How many of an epoch's batches were done.
#[derive(Clone, Copy)]
pub(super) struct Batched {
    pub done: usize,
    pub all: usize,
}

impl<T: Scalar> Training<'_, T> {
    pub(super) fn end_epoch_of_batches(&mut self, observer: &mut dyn Observer) {
        let rate = self.learning_rate(self.state.steps.saturating_sub(1));
        let state = &mut self.state;
        let under_way = std::mem::take(&mut state.under_way);
        let record = EpochRecord {
            epoch: state.epoch + 1,
            train_cost: under_way.cost / under_way.rows,
            validation: self.judge.score(&state.point.theta),
            grad_norm: (under_way.square / under_way.rows).sqrt(),
            learning_rate: Some(rate),
            evaluations: state.evaluations,
        };
        let Work::Batches { batches, .. } = &mut self.work else { return };
        let batched = Batched { done: under_way.batches, all: batches.count() };
        batches.shuffle(record.epoch + 1);
        self.end_epoch(record, batched, observer);
    }

    /// Records the epoch, keeps the best weights, and decides whether to stop.
    ///
    /// The mean over a part of an epoch says too little to compare with: such weights are kept only where there are
    /// no others.
    pub(super) fn end_epoch(&mut self, record: EpochRecord, batches: Batched, observer: &mut dyn Observer) {
        let state = &mut self.state;
        let theta = &state.point.theta;
        let cost = record.validation.map_or(record.train_cost, |score| score.cost);
        if !(cost.is_finite() && theta.iter().all(|w| w.is_finite())) {
            let network = &self.network;
            let at = divergence::weight(network, theta).or_else(|| self.judge.locate(network, theta));
            let found = Divergence { epoch: record.epoch, batch: batches.done, cost, at };
            state.stop = Some(StopReason::Diverged(found));
            return;
        }
        let best = &mut state.best;
        let whole = batches.done == batches.all;
        let comparable = whole || record.validation.is_some() || best.cost.is_infinite();
        let better = comparable && cost < best.cost;
        if better {
            best.keep(theta, record.epoch, cost);
        }
        best.measure(cost, record.epoch, self.settings.tolerance());
        state.epoch = record.epoch;
        state.history.push(record);
        if observer.epoch(&record, better) == Flow::Stop {
            self.asked = true;
        }
        let waited = record.epoch - state.best.milestone_epoch >= self.settings.patience;
        if waited && self.settings.schedule.goes_on(self.settings.learning_rate(), state.reductions) {
            state.reductions += 1;
            state.best.milestone_epoch = record.epoch;
        } else if waited {
            let judged = record.validation.is_some();
            state.stop = Some(if judged { StopReason::Patience } else { StopReason::Converged });
        }
        if state.stop.is_none() && record.epoch >= self.settings.epochs() {
            state.stop = Some(StopReason::Epochs);
        }
    }

    /// Mini-batches without validation rows: their mean costs chose the weights to keep, each of other weights than those
    /// it is the cost of. J itself now has the last word between the start, the weights kept and the last ones.
    pub(super) fn settle(&mut self) -> Result<()> {
        let Self { network, rows, settings, state, .. } = self;
        let mut evaluator = Evaluator::new(network, settings.regularisation, rows.rows(), settings.threads)?;
        let rules = settings.rules();
        let mut cost = |theta: &[T]| {
            let penalty = rules.penalty(network, theta, rows.total_weight());
            evaluator.cost(theta, rows, CostPart::WithPenalty) + penalty
        };
        let mut lowest = cost(&state.best.theta);
        // Where it diverged, the last weights are no epoch's.
        let last = (!matches!(state.stop, Some(StopReason::Diverged(_)))).then_some(&state.point.theta);
        let epoch = state.history.len();
        for (epoch, theta) in std::iter::once((0, &state.start)).chain(last.map(|theta| (epoch, theta))) {
            let found = cost(theta);
            if found < lowest {
                lowest = found;
                state.best.keep(theta, epoch, found);
            }
        }
        Ok(())
    }
}
