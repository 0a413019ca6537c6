//! What the passes leave behind of each block, for whoever wants more than sums.

use super::block::{Aim, Block, Pass};
use super::{BLOCK_ROWS, Evaluator, GROUP_ROWS};
use crate::error::Result;
use crate::examples::Examples;
use crate::forward::Workspace;
use crate::network::Network;
use crate::packed::Weights;
use crate::real::Scalar;
use crate::regularisation::Regularisation;

/// A block after forward, cost and backward.
pub(crate) struct Visited<'a, T> {
    pub block: &'a Block<'a, T>,
    pub workspace: &'a Workspace<T>,
    pub weights: Weights<'a, T>,
}

impl<T: Scalar> Evaluator<T> {
    /// An evaluator for [`Evaluator::over_blocks`] of these rows: it holds a group of blocks at a time, however many there are.
    ///
    /// # Errors
    /// As [`Evaluator::new`].
    pub(crate) fn of_blocks(
        network: &Network,
        regularisation: Regularisation,
        rows: usize,
        threads: usize,
    ) -> Result<Self> {
        Self::new(network, regularisation, rows.min(GROUP_ROWS), threads)
    }

    /// For every block in turn: forward, cost and backward, then `visit` with its first row and its workspace.
    pub(crate) fn visit_blocks(
        &mut self,
        theta: &[T],
        examples: &Examples<'_, T>,
        mut visit: impl FnMut(usize, &Block<'_, T>, &Workspace<T>),
    ) {
        self.packed.pack(&self.network, theta, &mut self.team);
        let weights = Weights { theta, packed: &self.packed };
        let pass = pass(&self.network, &self.regularisation, weights);
        let work = &mut self.groups.first()[0];
        for index in 0..examples.rows().div_ceil(BLOCK_ROWS) {
            let block = Block::of(examples, pass.network, index);
            work.run(pass, &block, index);
            visit(index * BLOCK_ROWS, &block, &work.workspace);
        }
    }

    /// For every block: forward, cost and backward, then `find` on the thread that had it; `take` gets the first row of each
    /// block and what was found in it, in the order of the blocks.
    pub(crate) fn over_blocks<R: Send>(
        &mut self,
        theta: &[T],
        examples: &Examples<'_, T>,
        find: impl Fn(&Visited<'_, T>) -> R + Sync,
        mut take: impl FnMut(usize, R),
    ) {
        self.packed.pack(&self.network, theta, &mut self.team);
        let weights = Weights { theta, packed: &self.packed };
        let pass = pass(&self.network, &self.regularisation, weights);
        let held = self.groups.first();
        let blocks = examples.rows().div_ceil(BLOCK_ROWS);
        for first in (0..blocks).step_by(held.len()) {
            let mut under_way: Vec<_> =
                held.iter_mut().take(blocks - first).map(|work| (work, None)).collect();
            self.team.for_each(&mut under_way, |offset, (work, found)| {
                let index = first + offset;
                let block = Block::of(examples, pass.network, index);
                work.run(pass, &block, index);
                *found = Some(find(&Visited { block: &block, workspace: &work.workspace, weights }));
            });
            let found = under_way.into_iter().filter_map(|(_, found)| found);
            for (offset, found) in found.enumerate() {
                take((first + offset) * BLOCK_ROWS, found);
            }
        }
    }
}

/// There and back, with all units.
fn pass<'a, T>(
    network: &'a Network,
    regularisation: &'a Regularisation,
    weights: Weights<'a, T>,
) -> Pass<'a, T> {
    Pass { network, regularisation, weights, dropout: None, aim: Aim::Gradient }
}
