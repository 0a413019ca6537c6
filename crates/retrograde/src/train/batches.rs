//! Mini-batches: the rows of each epoch in a seeded order.

use super::settings::TrainSettings;
use crate::examples::Examples;
use crate::network::Network;
use crate::random::{Purpose, stream};
use crate::real::Scalar;
use rand::seq::SliceRandom;

/// Deals the training rows out in batches; a single batch of all rows is not copied.
#[derive(Debug)]
pub(super) struct Batches<'a, T> {
    all: Examples<'a, T>,
    seed: u64,
    size: usize,
    order: Vec<u32>,
    y: Vec<T>,
    weights: Vec<T>,
    outputs: usize,
}

impl<'a, T: Scalar> Batches<'a, T> {
    pub fn new(network: &Network, all: Examples<'a, T>, settings: &TrainSettings) -> Self {
        let size = settings.batch_rows(all.rows());
        let whole = size == all.rows();
        let held = |width: usize| vec![T::zero(); if whole { 0 } else { size * width }];
        Self {
            all,
            seed: settings.seed,
            size,
            order: if whole { Vec::new() } else { (0..all.rows() as u32).collect() },
            y: held(network.outputs()),
            weights: held(usize::from(all.weights.is_some())),
            outputs: network.outputs(),
        }
    }

    /// Batches in an epoch; the last may be smaller.
    pub fn count(&self) -> usize {
        self.all.rows().div_ceil(self.size)
    }

    /// Rows of batch `index`.
    pub fn rows_of(&self, index: usize) -> usize {
        self.size.min(self.all.rows() - index * self.size)
    }

    /// The order of this epoch, from its own random stream: no epoch depends on the ones before.
    pub fn shuffle(&mut self, epoch: usize) {
        for (place, row) in self.order.iter_mut().enumerate() {
            *row = place as u32;
        }
        self.order.shuffle(&mut stream(self.seed, Purpose::Shuffle, epoch as u64));
    }

    /// The training row behind row `k` of batch `index`.
    pub fn row(&self, index: usize, k: usize) -> usize {
        self.order.get(index * self.size + k).map_or(k, |&row| row as usize)
    }

    /// Batch `index` of this epoch.
    pub fn gather(&mut self, index: usize) -> Examples<'_, T> {
        if self.order.is_empty() {
            return self.all;
        }
        let first = index * self.size;
        let rows = self.rows_of(index);
        let order = &self.order[first..first + rows];
        copy_rows(order, self.all.y, &mut self.y, self.outputs);
        if let Some(weights) = self.all.weights {
            copy_rows(order, weights, &mut self.weights, 1);
        }
        let weights = self.all.weights.map(|_| &self.weights[..rows]);
        self.all.batch(order, &self.y[..rows * self.outputs], weights)
    }
}

fn copy_rows<T: Copy>(order: &[u32], from: &[T], to: &mut [T], width: usize) {
    for (&row, to) in order.iter().zip(to.chunks_exact_mut(width)) {
        let start = row as usize * width;
        to.copy_from_slice(&from[start..start + width]);
    }
}
