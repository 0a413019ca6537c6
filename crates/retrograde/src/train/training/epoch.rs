//! What ends an epoch, and what a training without validation rows ends with.

use super::{Training, Work};
use crate::error::Result;
use crate::layers::LayerRecord;
use crate::real::Scalar;
use crate::score::Score;
use crate::train::divergence::{self, Divergence};
use crate::train::{EpochRecord, Flow, Observer, StopReason, StreamFailure};
use std::ops::ControlFlow;

/// How many of an epoch's batches were done.
#[derive(Clone, Copy)]
pub(super) struct Batched {
    pub done: usize,
    pub all: usize,
}

impl<T: Scalar> Training<'_, T> {
    pub(super) fn end_epoch_of_batches(&mut self, observer: &mut dyn Observer) {
        let batches = self.state.under_way.batches;
        let ControlFlow::Continue(validation) = self.scored(batches) else { return };
        let ControlFlow::Continue(layers) = self.looked_at(batches) else { return };
        let rate = self.learning_rate(self.state.steps.saturating_sub(1));
        let state = &mut self.state;
        let under_way = std::mem::take(&mut state.under_way);
        let record = EpochRecord {
            epoch: state.epoch + 1,
            train_cost: under_way.cost / under_way.rows,
            validation,
            grad_norm: (under_way.square / under_way.rows).sqrt(),
            learning_rate: Some(rate),
            evaluations: state.evaluations,
            layers,
        };
        let Work::Batches { batches, .. } = &mut self.work else { return };
        let batched = Batched { done: under_way.batches, all: batches.count() };
        batches.shuffle(record.epoch + 1);
        self.end_epoch(record, batched, observer);
    }

    /// The score of the validation rows, if there are any, at the end of the epoch; a break where they cannot be read.
    pub(super) fn scored(&mut self, batches: usize) -> ControlFlow<(), Option<Score>> {
        let state = &self.state;
        match self.judge.score(&state.point.theta) {
            Ok(score) => ControlFlow::Continue(score),
            Err(error) => {
                self.failed.get_or_insert_with(|| StreamFailure::at(state.epoch + 1, batches, &error));
                ControlFlow::Break(())
            }
        }
    }

    /// Every layer as the epoch leaves it, if it is time to look; a break where rows cannot be read.
    pub(super) fn looked_at(&mut self, batches: usize) -> ControlFlow<(), Vec<LayerRecord>> {
        let Self { network, work, state, probe, failed, .. } = self;
        let epoch = state.epoch + 1;
        if !probe.is_due(epoch, state.evaluations) {
            return ControlFlow::Continue(Vec::new());
        }
        let at = (&*network, &state.point);
        let found = match work {
            Work::Whole { objective, rows } => probe.look(at, objective.objective.evaluator(), rows),
            Work::Batches { batches: rows, evaluator } => match rows.around(batches.saturating_sub(1)) {
                Ok(rows) => probe.look(at, evaluator, &rows),
                Err(error) => {
                    failed.get_or_insert_with(|| StreamFailure::at(epoch, batches, &error));
                    return ControlFlow::Break(());
                }
            },
        };
        if !found.is_empty() {
            probe.have_looked(epoch, state.evaluations);
        }
        ControlFlow::Continue(found)
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
            let judge = &mut self.judge;
            let at = divergence::weight(network, theta).or_else(|| judge.locate(network, theta));
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
        state.history.push(record);
    }

    /// Mini-batches without validation rows: their mean costs chose the weights to keep, each of other weights than those
    /// it is the cost of. J itself now has the last word between the start, the weights kept and the last ones; where a
    /// stream cannot be read for it, the mean costs have.
    pub(super) fn settle(&mut self) -> Result<()> {
        let Self { network, span, settings, state, work, failed, .. } = self;
        let Work::Batches { batches, .. } = work else { return Ok(()) };
        // Where it diverged, the last weights are no epoch's.
        let last = (!matches!(state.stop, Some(StopReason::Diverged(_)))).then_some(&state.point.theta);
        let thetas: Vec<&[T]> =
            [&state.best.theta, &state.start].into_iter().chain(last).map(|theta| &theta[..]).collect();
        let costs = match batches.costs(network, settings, &thetas) {
            Ok(costs) => costs,
            Err(error) if batches.are_streamed() => {
                *failed = Some(StreamFailure::at(state.epoch, batches.count(), &error));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let rules = settings.rules();
        let penalised = |(theta, cost): (&&[T], f64)| cost + rules.penalty(network, theta, span.1);
        let costs: Vec<f64> = thetas.iter().zip(costs).map(penalised).collect();
        let mut best = (costs[0], None);
        for (place, &cost) in costs.iter().enumerate().skip(1) {
            if cost < best.0 {
                best = (cost, Some(place));
            }
        }
        if let (cost, Some(place)) = best {
            let epoch = if place == 1 { 0 } else { state.history.len() };
            let theta = if place == 1 { &state.start } else { &state.point.theta };
            state.best.keep(theta, epoch, cost);
        }
        Ok(())
    }
}
