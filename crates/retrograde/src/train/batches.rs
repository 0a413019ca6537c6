//! Mini-batches: the rows of each epoch in a seeded order.

use super::rows::Rows;
use super::settings::TrainSettings;
use super::windows::Windows;
use crate::error::Result;
use crate::evaluator::{CostPart, Evaluator};
use crate::examples::Examples;
use crate::network::Network;
use crate::random::{Purpose, stream};
use crate::real::Scalar;
use rand::Rng;
use rand::seq::SliceRandom;
use std::ops::ControlFlow;

/// Deals the training rows out in batches; a single batch of all rows is not copied.
#[derive(Debug)]
pub(super) struct Batches<'a, T: Scalar> {
    source: Source<'a, T>,
    /// All rows.
    rows: usize,
    seed: u64,
    size: usize,
    /// Of all rows, or of those of the window.
    order: Vec<u32>,
    y: Vec<T>,
    weights: Vec<T>,
    outputs: usize,
}

#[derive(Debug)]
enum Source<'a, T: Scalar> {
    Held(Examples<'a, T>),
    Windows(Windows<'a, T>),
}

impl<'a, T: Scalar> Batches<'a, T> {
    pub fn new(network: &Network, rows: Rows<'a, T>, settings: &TrainSettings) -> Self {
        let all = rows.count();
        let size = settings.batch_rows(all);
        let whole = size == all;
        let (source, order, weighted) = match rows {
            Rows::Held(rows) => {
                let order = if whole { Vec::new() } else { (0..all as u32).collect() };
                (Source::Held(rows), order, rows.weights.is_some())
            }
            Rows::Streamed(rows) => {
                let weighted = rows.is_weighted();
                (Source::Windows(Windows::new(rows, size, settings)), Vec::new(), weighted)
            }
        };
        let held = |width: usize| vec![T::zero(); if whole { 0 } else { size * width }];
        Self {
            source,
            rows: all,
            seed: settings.seed,
            size,
            order,
            y: held(network.outputs()),
            weights: held(usize::from(weighted)),
            outputs: network.outputs(),
        }
    }

    /// Whether rows are read on the way.
    pub fn are_streamed(&self) -> bool {
        matches!(self.source, Source::Windows(_))
    }

    /// Batches in an epoch; the last may be smaller.
    pub fn count(&self) -> usize {
        self.rows.div_ceil(self.size)
    }

    /// Rows of batch `index`.
    pub fn rows_of(&self, index: usize) -> usize {
        self.size.min(self.rows - index * self.size)
    }

    /// The order of this epoch, from its own random stream: no epoch depends on the ones before.
    pub fn shuffle(&mut self, epoch: usize) {
        match &mut self.source {
            Source::Held(_) => {
                shuffle(&mut self.order, &mut stream(self.seed, Purpose::Shuffle, epoch as u64));
            }
            Source::Windows(windows) => windows.begin(epoch),
        }
    }

    /// The training row behind row `k` of batch `index`, which was the last one gathered.
    pub fn row(&mut self, index: usize, k: usize) -> usize {
        let place = |first: usize| self.order.get(first + k).map_or(k, |&row| row as usize);
        match &mut self.source {
            Source::Held(_) => place(index * self.size),
            Source::Windows(windows) => {
                let place = place(windows.first_of(index));
                windows.row_at(index, place)
            }
        }
    }

    /// Batch `index` of this epoch.
    ///
    /// # Errors
    /// Of a stream, what keeps its window from being read.
    pub fn gather(&mut self, index: usize) -> Result<Examples<'_, T>> {
        let rows = self.rows_of(index);
        self.turn_to(index)?;
        let Self { source, order, y, weights, outputs, size, .. } = self;
        let (all, first) = match source {
            Source::Held(all) => (*all, index * *size),
            Source::Windows(windows) => (windows.examples(), windows.first_of(index)),
        };
        if order.is_empty() {
            return Ok(all);
        }
        let order = &order[first..first + rows];
        copy_rows(order, all.y, y, *outputs);
        if let Some(all) = all.weights {
            copy_rows(order, all, weights, 1);
        }
        let weights = all.weights.map(|_| &weights[..rows]);
        Ok(all.batch(order, &y[..rows * *outputs], weights))
    }

    /// Brings the rows into memory that batch `index` is from.
    fn turn_to(&mut self, index: usize) -> Result<()> {
        match &mut self.source {
            Source::Held(_) => Ok(()),
            Source::Windows(windows) => windows.turn_to(index, &mut self.order),
        }
    }

    /// The rows that batch `index` is from, in the order that they lie in: all of them, or those of its window.
    ///
    /// # Errors
    /// As [`Batches::gather`].
    pub fn around(&mut self, index: usize) -> Result<Examples<'_, T>> {
        self.turn_to(index)?;
        Ok(match &self.source {
            Source::Held(all) => *all,
            Source::Windows(windows) => windows.examples(),
        })
    }

    /// J of all rows for each Θ.
    ///
    /// # Errors
    /// Threads that cannot be started; of a stream, what keeps it from being read.
    pub fn costs(
        &mut self,
        network: &Network,
        settings: &TrainSettings,
        thetas: &[&[T]],
    ) -> Result<Vec<f64>> {
        let evaluator = |rows| Evaluator::new(network, settings.regularisation, rows, settings.threads);
        match &mut self.source {
            Source::Held(all) => {
                let mut evaluator = evaluator(all.rows())?;
                Ok(thetas.iter().map(|theta| evaluator.cost(theta, all, CostPart::WithPenalty)).collect())
            }
            Source::Windows(windows) => {
                let rows = windows.streamed();
                let mut evaluator = evaluator(rows.rows_at_once())?;
                let mut sums = vec![None; thetas.len()];
                rows.pass(|window| {
                    for (sums, theta) in sums.iter_mut().zip(thetas) {
                        *sums = Some(evaluator.sums(theta, window, *sums));
                    }
                    ControlFlow::Continue(())
                })?;
                let total = rows.total_weight();
                let cost = |(sums, theta): (&Option<_>, &&[T])| {
                    sums.map_or(0.0, |sums| evaluator.cost_of(theta, &sums, total))
                };
                Ok(sums.iter().zip(thetas).map(cost).collect())
            }
        }
    }
}

/// Puts rows 0, 1, … in a random order.
pub(super) fn shuffle(order: &mut [u32], numbers: &mut impl Rng) {
    for (place, row) in order.iter_mut().enumerate() {
        *row = place as u32;
    }
    order.shuffle(numbers);
}

pub(super) fn copy_rows<T: Copy>(order: &[u32], from: &[T], to: &mut [T], width: usize) {
    for (&row, to) in order.iter().zip(to.chunks_exact_mut(width)) {
        let start = row as usize * width;
        to.copy_from_slice(&from[start..start + width]);
    }
}
