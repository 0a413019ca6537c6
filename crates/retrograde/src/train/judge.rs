//! The validation rows and the best weights they have seen.

use super::divergence::{self, NonFinite};
use super::settings::TrainSettings;
use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::examples::Examples;
use crate::network::Network;
use crate::real::Scalar;
use crate::score::Score;
use serde::{Deserialize, Serialize};

/// The best finite weights so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub(super) struct Best<T> {
    pub theta: Vec<T>,
    pub epoch: usize,
    pub cost: f64,
    /// The cost that patience measures improvement from.
    pub milestone: f64,
    pub milestone_epoch: usize,
}

impl<T: Scalar> Best<T> {
    pub fn of(start: &[T]) -> Self {
        Self {
            theta: start.to_vec(),
            epoch: 0,
            cost: f64::INFINITY,
            milestone: f64::INFINITY,
            milestone_epoch: 0,
        }
    }

    /// Keeps these weights.
    pub fn keep(&mut self, theta: &[T], epoch: usize, cost: f64) {
        self.cost = cost;
        self.epoch = epoch;
        self.theta.copy_from_slice(theta);
    }

    /// Moves the milestone when `cost` is lower by more than a share of it.
    pub fn measure(&mut self, cost: f64, epoch: usize, tolerance: f64) {
        let needed = tolerance * self.milestone.abs();
        if self.milestone.is_infinite() || cost < self.milestone - needed {
            self.milestone = cost;
            self.milestone_epoch = epoch;
        }
    }
}

/// Scores the validation rows.
#[derive(Debug)]
pub(super) struct Judge<'a, T> {
    validation: Option<(Examples<'a, T>, Evaluator<T>)>,
}

impl<'a, T: Scalar> Judge<'a, T> {
    pub fn new(
        network: &Network,
        validation: Option<&Examples<'a, T>>,
        settings: &TrainSettings,
    ) -> Result<Self> {
        let evaluator = |rows: &Examples<'a, T>| {
            Evaluator::new(network, settings.regularisation, rows.rows(), settings.threads)
        };
        let validation = validation.map(|rows| Ok((*rows, evaluator(rows)?))).transpose()?;
        Ok(Self { validation })
    }

    /// Whether there are validation rows.
    pub fn has_rows(&self) -> bool {
        self.validation.is_some()
    }

    /// The first value of the validation rows that is not finite; its row is none of the training rows'.
    pub fn locate(&self, network: &Network, theta: &[T]) -> Option<NonFinite> {
        let (rows, evaluator) = self.validation.as_ref()?;
        let at = divergence::locate(network, theta, rows, (&[], evaluator.regularisation()))?;
        Some(NonFinite { row: None, ..at })
    }

    pub fn score(&mut self, theta: &[T]) -> Option<Score> {
        self.validation.as_mut().map(|(rows, evaluator)| evaluator.score(theta, rows))
    }
}
