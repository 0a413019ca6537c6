//! The validation rows and the best weights they have seen.

use super::divergence::{self, NonFinite};
use super::rows::Rows;
use super::settings::TrainSettings;
use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::examples::Examples;
use crate::network::Network;
use crate::real::Scalar;
use crate::score::Score;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

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
pub(super) struct Judge<'a, T: Scalar> {
    validation: Option<(Rows<'a, T>, Evaluator<T>)>,
}

impl<'a, T: Scalar> Judge<'a, T> {
    pub fn new(network: &Network, rows: Option<Rows<'a, T>>, settings: &TrainSettings) -> Result<Self> {
        let validation = rows.map(|rows| {
            let rows = rows.held_if_they_fit()?;
            let evaluator =
                Evaluator::new(network, settings.regularisation, rows.at_once(), settings.threads)?;
            Ok((rows, evaluator))
        });
        Ok(Self { validation: validation.transpose()? })
    }

    /// Whether there are validation rows.
    pub fn has_rows(&self) -> bool {
        self.validation.is_some()
    }

    /// Whether they are read whenever they are scored, and may not be readable then.
    pub fn is_streamed(&self) -> bool {
        matches!(self.validation, Some((Rows::Streamed(_), _)))
    }

    /// The first value of the validation rows that is not finite; its row is none of the training rows'.
    pub fn locate(&mut self, network: &Network, theta: &[T]) -> Option<NonFinite> {
        let (rows, evaluator) = self.validation.as_mut()?;
        let regularisation = evaluator.regularisation();
        let locate = |rows: &Examples<'_, T>| divergence::locate(network, theta, rows, (&[], regularisation));
        let at = match rows {
            Rows::Held(rows) => locate(rows),
            Rows::Streamed(rows) => {
                let mut found = None;
                // What cannot be read is not looked at.
                let _ = rows.pass(|window| {
                    found = locate(window);
                    if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                });
                found
            }
        };
        Some(NonFinite { row: None, ..at? })
    }

    /// The score of the validation rows, if there are any.
    ///
    /// # Errors
    /// Of a stream, what keeps it from being read.
    pub fn score(&mut self, theta: &[T]) -> Result<Option<Score>> {
        let Some((rows, evaluator)) = &mut self.validation else { return Ok(None) };
        let rows = match rows {
            Rows::Held(rows) => return Ok(Some(evaluator.score(theta, rows))),
            Rows::Streamed(rows) => rows,
        };
        let mut sums = None;
        rows.pass(|window| {
            sums = Some(evaluator.sums(theta, window, sums));
            ControlFlow::Continue(())
        })?;
        let total = rows.total_weight();
        Ok(sums.map(|(cost, tally)| Score::of(evaluator.network(), cost, &tally, total)))
    }
}
