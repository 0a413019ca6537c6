//! Many rows: the sums of each group on one thread, and then of the groups in their order.

use super::block::{Aim, Block, BlockWork, Pass};
use super::{GROUP_BLOCKS, RowSums, Sums, total};
use crate::examples::Examples;
use crate::forward::BLOCK_ROWS;
use crate::machine::team::Team;
use crate::machine::vectorised::vectorised;
use crate::network::Network;
use crate::real::Scalar;
use std::ops::Range;

/// The buffers of as many groups as are under way at a time, and the sum of all.
#[derive(Debug)]
pub(super) struct Groups<T> {
    under_way: Vec<Group<T>>,
    /// Σ of the groups' Δ and the rounding error it carries.
    sum: Vec<T>,
    carry: Vec<T>,
}

/// Up to [`GROUP_BLOCKS`] blocks.
#[derive(Debug)]
struct Group<T> {
    blocks: Vec<BlockWork<T>>,
    /// Δ of the group, where there are several.
    grad_sum: Vec<T>,
}

impl<T: Scalar> Groups<T> {
    /// For up to `rows` rows on so many threads.
    pub fn new(network: &Network, rows: usize, threads: usize) -> Self {
        let blocks = rows.div_ceil(BLOCK_ROWS).max(1);
        let held = if blocks > GROUP_BLOCKS { network.weight_count() } else { 0 };
        let most = if threads == 1 { 1 } else { 2 * threads };
        let block = || BlockWork::new(network, BLOCK_ROWS.min(rows.max(1)));
        let group = || Group {
            blocks: (0..blocks.min(GROUP_BLOCKS)).map(|_| block()).collect(),
            grad_sum: vec![T::zero(); held],
        };
        Self {
            under_way: (0..blocks.div_ceil(GROUP_BLOCKS).min(most)).map(|_| group()).collect(),
            sum: vec![T::zero(); held],
            carry: vec![T::zero(); held],
        }
    }

    /// The buffers of the first group, which is all there is of a small batch.
    pub fn first(&mut self) -> &mut [BlockWork<T>] {
        &mut self.under_way[0].blocks
    }

    /// Σ of the groups' Δ, after [`Groups::sum_rows`].
    pub fn sum(&self) -> &[T] {
        &self.sum
    }

    /// As many groups at a time as there are buffers for: what they come to, added to what rows before them did, and their Δ
    /// added in order.
    pub fn sum_rows(
        &mut self,
        pass: Pass<'_, T>,
        examples: &Examples<'_, T>,
        (mut cost, mut tally): RowSums,
        sums: &Sums,
        team: &mut Team,
    ) -> RowSums {
        let blocks = examples.rows().div_ceil(BLOCK_ROWS);
        self.sum.fill(T::zero());
        self.carry.fill(T::zero());
        for first in (0..blocks).step_by(self.under_way.len() * GROUP_BLOCKS) {
            let count = (blocks - first).div_ceil(GROUP_BLOCKS).min(self.under_way.len());
            let groups = &mut self.under_way[..count];
            let blocks_of = |offset: usize| {
                let first = first + offset * GROUP_BLOCKS;
                first..blocks.min(first + GROUP_BLOCKS)
            };
            team.for_each(groups, |offset, group| group.run(pass, examples, sums, blocks_of(offset)));
            for (offset, group) in groups.iter().enumerate() {
                let (group_cost, group_tally) = total(&group.blocks[..blocks_of(offset).len()]);
                cost += group_cost;
                tally.add(&group_tally);
            }
            if pass.aim == Aim::Gradient {
                self.add(count, sums, team);
            }
        }
        (cost, tally)
    }

    /// Adds the Δ of the first `count` groups under way.
    fn add(&mut self, count: usize, sums: &Sums, team: &mut Team) {
        let Self { under_way, sum, carry } = self;
        let groups = &under_way[..count];
        team.for_parts((&mut sum[..], &mut carry[..]), sums.parts(), |part, pieces| {
            for ((sum, carry), range) in pieces.into_iter().zip(sums.parts().pair(part)) {
                for group in groups {
                    T::add_compensated(sum, carry, &group.grad_sum[range.clone()]);
                }
            }
        });
    }
}

impl<T: Scalar> Group<T> {
    /// These blocks, and their Δ if it is asked for.
    fn run(&mut self, pass: Pass<'_, T>, examples: &Examples<'_, T>, sums: &Sums, indices: Range<usize>) {
        let Self { blocks, grad_sum } = self;
        let blocks = &mut blocks[..indices.len()];
        for (work, index) in blocks.iter_mut().zip(indices.clone()) {
            work.run(pass, &Block::of(examples, pass.network, index), index);
        }
        if pass.aim == Aim::Gradient {
            sums.add_blocks_here((pass.network, examples, indices.start), blocks, grad_sum);
        }
    }
}

/// sum += term with the rounding error carried along (Kahan 1965).
pub(crate) fn add_compensated<T: Scalar>(sum: &mut [T], carry: &mut [T], term: &[T]) {
    vectorised(
        #[inline(always)]
        || {
            for ((sum, carry), &term) in sum.iter_mut().zip(carry.iter_mut()).zip(term) {
                let corrected = term - *carry;
                let total = *sum + corrected;
                *carry = (total - *sum) - corrected;
                *sum = total;
            }
        },
    );
}
