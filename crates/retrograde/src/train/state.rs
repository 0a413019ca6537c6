//! What a training is resumed from.

use super::judge::Best;
use super::settings::TrainSettings;
use super::{EpochRecord, StopReason};
use crate::layers::LayerRecord;
use crate::network::Network;
use crate::objective::Point;
use crate::optimize::{Method, Optimizer};
use crate::params::Params;
use crate::real::Scalar;
use serde::{Deserialize, Serialize};

/// Everything that a training needs to go on to the same bits, beside rows and settings.
///
/// It has infinities (a best cost before there is one), so a format must have them: MessagePack and not JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct TrainState<T: Scalar> {
    /// Θ; J and ∇J there where all rows are one batch, else of the batch before.
    pub(super) point: Point<T>,
    /// Where it started, while it may still be the best there is.
    pub(super) start: Vec<T>,
    pub(super) method: Method<T>,
    /// Epochs that are over.
    pub(super) epoch: usize,
    /// What the batches of the epoch under way have come to.
    pub(super) under_way: UnderWay,
    /// Steps taken.
    pub(super) steps: u64,
    /// How often the adaptive schedule has divided the learning rate.
    pub(super) reductions: u32,
    /// Gradients of all rows computed.
    pub(super) evaluations: f64,
    pub(super) best: Best<T>,
    pub(super) history: Vec<EpochRecord>,
    pub(super) stop: Option<StopReason>,
}

impl<T: Scalar> TrainState<T> {
    /// A training that has not begun.
    pub(super) fn begun_at(start: &Params<T>, optimizer: Optimizer) -> Self {
        let weights = start.values().len();
        Self {
            point: Point { theta: start.values().to_vec(), cost: 0.0, grad: vec![T::zero(); weights] },
            start: Vec::new(),
            method: Method::new(optimizer, weights),
            epoch: 0,
            under_way: UnderWay::default(),
            steps: 0,
            reductions: 0,
            evaluations: 0.0,
            best: Best::of(start.values()),
            history: Vec::new(),
            stop: None,
        }
    }

    /// Epochs that are over, and batches done of the next.
    pub fn place(&self) -> (usize, usize) {
        (self.epoch, self.under_way.batches)
    }

    /// Whether there is nothing left to do, unless more epochs are asked for.
    pub fn has_ended(&self) -> bool {
        self.stop.is_some()
    }

    /// What cannot be the state of such a training, in words; it may come from a file.
    pub(super) fn mistake(&self, network: &Network, settings: &TrainSettings) -> Option<&'static str> {
        let weights = network.weight_count();
        let vectors = [&self.point.theta, &self.point.grad, &self.best.theta];
        if vectors.iter().any(|v| v.len() != weights)
            || !matches!(self.start.len(), n if n == 0 || n == weights)
        {
            return Some("weights of another network");
        }
        if !self.method.fits(settings.optimizer, weights) {
            return Some("the state of another method");
        }
        // Whatever a training came to, these were finite: a model is made of them.
        let finite = |weights: &[T]| weights.iter().all(|w| Into::<f64>::into(*w).is_finite());
        if !finite(&self.best.theta) || !finite(&self.start) {
            return Some("weights that are not finite");
        }
        if !self.evaluations.is_finite() || self.history.iter().any(|record| !record.evaluations.is_finite())
        {
            return Some("a number of gradients that is not finite");
        }
        if let Some(mistake) =
            self.history.iter().find_map(|record| LayerRecord::mistake(&record.layers, network))
        {
            return Some(mistake);
        }
        let records = self.history.len() == self.epoch && self.best.epoch <= self.epoch;
        (!records || self.best.milestone_epoch > self.epoch).then_some("a history of other epochs")
    }
}

/// Sums over the batches of an epoch; the last batch may have fewer rows.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct UnderWay {
    pub batches: usize,
    pub rows: f64,
    pub cost: f64,
    pub square: f64,
}
