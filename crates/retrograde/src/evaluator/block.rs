//! One block of rows on its way through the network and back.

use crate::dropout::Draw;
use crate::examples::{Dense, Examples, Inputs, SparseRows};
use crate::forward::{BLOCK_ROWS, Keep, Workspace};
use crate::network::Network;
use crate::packed::Weights;
use crate::product::{Sides, SparseRow};
use crate::real::Scalar;
use crate::regularisation::{Regularisation, smooth_into};
use crate::score::Tally;
use std::borrow::Cow;
use std::ops::Range;

/// Which of all rows are in block `index`.
#[inline(always)]
pub(super) fn block_rows(all: usize, index: usize) -> Range<usize> {
    let first = index * BLOCK_ROWS;
    first..all.min(first + BLOCK_ROWS)
}

/// The rows of a block.
#[derive(Debug)]
pub(crate) struct Block<'a, T> {
    pub x: Inputs<'a, T>,
    pub y: &'a [T],
    pub weights: Option<&'a [T]>,
    pub rows: usize,
}

impl<'a, T: Scalar> Block<'a, T> {
    /// Block `index` of the examples.
    pub fn of(examples: &Examples<'a, T>, network: &Network, index: usize) -> Self {
        let rows = block_rows(examples.rows(), index);
        Self::between(examples, network, rows.start, rows.len())
    }

    /// `rows` rows from row `first` on.
    pub fn between(examples: &Examples<'a, T>, network: &Network, first: usize, rows: usize) -> Self {
        let last = first + rows;
        Self {
            x: examples.x.part(first..last),
            y: &examples.y[first * network.outputs()..last * network.outputs()],
            weights: examples.weights.map(|w| &w[first..last]),
            rows,
        }
    }

    /// X row after row; copied only where it is sparse or in another order, which second derivatives are rarely of.
    pub fn matrix(&self) -> Cow<'a, [T]> {
        self.x.matrix(self.rows)
    }
}

/// What every block of one evaluation has in common.
#[derive(Clone, Copy)]
pub(super) struct Pass<'a, T> {
    pub network: &'a Network,
    pub regularisation: &'a Regularisation,
    pub weights: Weights<'a, T>,
    pub dropout: Option<&'a Draw>,
    pub aim: Aim,
}

/// What an evaluation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// The cost, and the measures that a person reads.
    Score,
    /// The cost and every error term, with what led to them.
    Gradient,
}

/// The buffers of one block, and what it came to.
#[derive(Debug)]
pub(crate) struct BlockWork<T> {
    pub workspace: Workspace<T>,
    rows: usize,
    /// Σ_k w_k ℓ_k.
    pub cost: f64,
    pub tally: Tally,
}

impl<T: Scalar> BlockWork<T> {
    /// For up to `rows` rows.
    pub fn new(network: &Network, rows: usize) -> Self {
        Self { workspace: Workspace::new(network, rows), rows: 0, cost: 0.0, tally: Tally::default() }
    }

    /// Forward, cost, and what `pass` wants besides, for block `index`.
    pub(super) fn run(&mut self, pass: Pass<'_, T>, block: &Block<'_, T>, index: usize) {
        let Pass { network, regularisation, weights, dropout, aim } = pass;
        let Self { workspace, .. } = self;
        self.rows = block.rows;
        workspace.masks.draw(network, dropout, index, block.rows);
        let keep = if aim == Aim::Score { Keep::Activations } else { Keep::Slopes };
        T::forward(network, weights, block.x, block.rows, workspace, keep);
        if regularisation.label_smoothing == 0.0 {
            self.cost = T::last_layer(network, block.y, block.weights, block.rows, workspace);
        } else {
            let mut smoothed = std::mem::take(&mut workspace.smoothed);
            smooth_into(network, regularisation.label_smoothing, block.y, &mut smoothed);
            self.cost = T::last_layer(network, &smoothed, block.weights, block.rows, workspace);
            workspace.smoothed = smoothed;
        }
        match aim {
            Aim::Score => self.tally = Tally::of(network, block, &workspace.a[network.depth() - 1]),
            Aim::Gradient => T::backward(network, weights, block.rows, workspace),
        }
    }

    /// δ⁽ˡ⁺¹⁾ and what layer `l` read of the block's `x`: the two sides of Δ⁽ˡ⁾ = δᵀA.
    #[inline(always)]
    pub fn sides<'a>(
        &'a self,
        network: &Network,
        l: usize,
        x: Inputs<'a, T>,
    ) -> Sides<'a, T, impl Fn(usize) -> &'a [T]> {
        let Workspace { a, masks, .. } = &self.workspace;
        let input = match masks.inputs(x) {
            Inputs::Dense(x) if l == 0 => x,
            _ => Dense::new(&a[l - 1], network.sizes()[l]),
        };
        Sides { a: self.delta(network, l), row: move |k| input.row(k), rows: self.rows }
    }

    /// δ⁽²⁾ and the sparse inputs that the first layer read.
    #[inline(always)]
    pub fn sparse_sides<'a>(
        &'a self,
        network: &Network,
        x: SparseRows<'a, T>,
    ) -> Sides<'a, T, impl Fn(usize) -> SparseRow<'a, T>> {
        let x = self.workspace.masks.sparse_inputs(x);
        Sides { a: self.delta(network, 0), row: move |k| x.row(k), rows: self.rows }
    }

    /// δ⁽ˡ⁺¹⁾ of the block's rows.
    #[inline(always)]
    pub fn delta(&self, network: &Network, l: usize) -> &[T] {
        &self.workspace.delta[l][..self.rows * network.sizes()[l + 1]]
    }
}
