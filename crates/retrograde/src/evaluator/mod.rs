//! J and ∇J, as fast as the processor and its cores allow.
//!
//! ```text
//! pack    Θ into panels                                   a panel is a task
//! blocks  forward, cost, δ of 32 rows at a time           a block is a task
//! sums    Δ = Σ δᵀA over the blocks of up to 256 rows     some units of a layer are a task
//! finish  D = (Δ + λΘ)/M and ‖D‖                          with the sums
//! ```
//!
//! Of more than 256 rows, each 256 are a group that one thread takes through all of this; the groups' Δ are then added in
//! their order. Which rows and weights belong together depends on the problem alone, so the bits do not depend on the
//! threads.

mod block;
mod divisors;
mod groups;
mod scoring;
mod sums;
mod visits;

use crate::backward::input_gradient;
use crate::curvature::Curvature;
use crate::dropout::Draw;
use crate::error::Result;
use crate::examples::Examples;
use crate::forward::BLOCK_ROWS;
use crate::machine::team::{Spread, Team};
use crate::network::Network;
use crate::packed::{Packed, Passes, Weights};
use crate::product::{BLOCKS_MOST, WrittenBy};
use crate::real::{Scalar, dot, norm};
use crate::regularisation::Regularisation;
use crate::score::{Score, Tally};
use block::{Aim, Pass};
use groups::Groups;
use ndarray::Array2;

pub(crate) use block::{Block, BlockWork};
pub use divisors::{CostPart, Divisors};
pub(crate) use groups::add_compensated;
pub use scoring::Scoring;
pub(crate) use sums::{Finish, Sums};
pub(crate) use visits::Visited;

/// Blocks whose Δ are added up one after the other. The sums of these are added with compensation, so that 10⁷ equal rows
/// of f32 give the gradient of one row to 1e-6.
pub(crate) const GROUP_BLOCKS: usize = BLOCKS_MOST;
/// Rows of a group.
pub(crate) const GROUP_ROWS: usize = GROUP_BLOCKS * BLOCK_ROWS;

/// Σ_k w_k ℓ_k and what scores are made of.
type RowSums = (f64, Tally);

/// Multiply-adds that make it worth to wake another thread.
const WORTH: usize = 1_500_000;

/// The buffers and threads for evaluating one network on up to a number of rows; costs, scores and gradients allocate nothing.
///
/// # Panics
/// Its methods panic for more rows than it was made for, examples of other widths, or a parameter vector of another
/// length: what [`train`](crate::train()), [`check`](crate::check()) and [`Trace`](crate::Trace) refuse with an error.
#[derive(Debug)]
pub struct Evaluator<T> {
    network: Network,
    regularisation: Regularisation,
    /// The largest batch.
    rows: usize,
    packed: Packed<T>,
    groups: Groups<T>,
    sums: Sums,
    /// Σ D² of each unit, by the parts of Θ.
    squares: Vec<Vec<f64>>,
    team: Team,
    dropout: Option<Draw>,
    /// Made when second derivatives are first asked for.
    curvature: Option<Curvature<T>>,
}

impl<T: Scalar> Evaluator<T> {
    /// An evaluator for batches of up to `rows` rows on at most `threads` threads (0: all there are). It starts fewer where
    /// more would have nothing to do.
    ///
    /// # Errors
    /// Regularisation out of range, or threads that cannot be started.
    pub fn new(
        network: &Network,
        regularisation: Regularisation,
        rows: usize,
        threads: usize,
    ) -> Result<Self> {
        regularisation.validate(network)?;
        // Of sparse examples it is less; how much less is not known yet.
        let work = rows.saturating_mul(network.weight_count()).saturating_mul(3);
        let threads = worthwhile(threads, work);
        let sums = Sums::new::<T>(network, threads);
        Ok(Self {
            network: network.clone(),
            regularisation,
            rows,
            packed: Packed::new(network, Passes::Both, threads),
            groups: Groups::new(network, rows, threads),
            squares: sums.squares(),
            sums,
            team: Team::new(threads)?,
            dropout: None,
            curvature: None,
        })
    }

    /// Gradients from now on are of J with these units dropped; costs and scores without a gradient are of all units.
    pub fn drop_units(&mut self, draw: Option<Draw>) {
        self.dropout = draw;
    }

    /// Draws the units to drop anew, for a batch of a training.
    pub(crate) fn draw_units(&mut self, epoch: u64, batch: u32) {
        if let Some(draw) = &mut self.dropout {
            draw.epoch = epoch;
            draw.batch = batch;
        }
    }

    /// `out` = H v, both as long as `theta`, exact to rounding: the R-operator (Pearlmutter 1994). All units are there,
    /// whatever [`Evaluator::drop_units`] was told.
    ///
    /// # Panics
    /// For vectors of another length than the network has weights, or examples of other widths.
    pub fn hessian_vector(&mut self, theta: &[T], examples: &Examples<'_, T>, v: &[T], out: &mut [T]) {
        let curvature = self
            .curvature
            .get_or_insert_with(|| Curvature::new(&self.network, self.regularisation, self.rows));
        self.packed.pack(&self.network, theta, &mut self.team);
        let weights = Weights { theta, packed: &self.packed };
        curvature.hessian_vector(weights, examples, (v, out), &mut self.team);
    }

    /// The Gauss–Newton matrix (Σ w_k J_kᵀ C_k J_k + λ I_W)/M, n×n row by row; false for a loss with corners, which has none.
    ///
    /// # Panics
    /// As [`Evaluator::hessian_vector`].
    pub fn gauss_newton(&mut self, theta: &[T], examples: &Examples<'_, T>, matrix: &mut Vec<f64>) -> bool {
        let curvature = self
            .curvature
            .get_or_insert_with(|| Curvature::new(&self.network, self.regularisation, self.rows));
        self.packed.pack(&self.network, theta, &mut self.team);
        let weights = Weights { theta, packed: &self.packed };
        curvature.gauss_newton(weights, examples, matrix, &mut self.team)
    }

    /// What is added to the average loss.
    pub fn regularisation(&self) -> Regularisation {
        self.regularisation
    }

    /// The network evaluated.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The most rows it was made for.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// How many threads work: those allowed that have something to do.
    pub fn threads(&self) -> usize {
        self.team.threads()
    }

    /// The threads, for who has something else to do with them between two evaluations.
    pub(crate) fn spread(&mut self) -> Spread<'_> {
        Spread::over(&mut self.team, self.sums.parts())
    }

    /// J = (1/M) Σ w_k ℓ_k + (λ/2M) Σ‖W‖² and `grad` = D = (Δ + λΘ)/M, biases without λ.
    pub fn cost_and_grad(&mut self, theta: &[T], examples: &Examples<'_, T>, grad: &mut [T]) -> f64 {
        self.cost_and_grad_over(theta, examples, Divisors::whole(examples), grad)
    }

    /// As [`Evaluator::cost_and_grad`], with M chosen by the caller: a mini-batch estimates the J of all rows.
    pub fn cost_and_grad_over(
        &mut self,
        theta: &[T],
        examples: &Examples<'_, T>,
        divisors: Divisors,
        grad: &mut [T],
    ) -> f64 {
        let finish = Finish {
            scale: T::constant(1.0 / divisors.loss),
            decay: T::constant(self.regularisation.lambda / divisors.penalty),
        };
        let (cost, _) = self.sum_rows(theta, examples, None, Some((grad, finish)));
        cost / divisors.loss + self.penalty(theta) / divisors.penalty
    }

    /// ‖∇J‖ of the last gradient, which is `grad`.
    pub(crate) fn grad_norm(&self, grad: &[T]) -> f64 {
        let square: f64 = self.squares.iter().flatten().sum();
        // Squares of f64 may overflow where the entries do not.
        if square.is_finite() { square.sqrt() } else { norm(grad) }
    }

    /// J without computing the gradient; `part` tells J from the average loss alone.
    pub fn cost(&mut self, theta: &[T], examples: &Examples<'_, T>, part: CostPart) -> f64 {
        let sums = self.sums(theta, examples, None);
        match part {
            CostPart::Loss => sums.0 / examples.total_weight(),
            CostPart::WithPenalty => self.cost_of(theta, &sums, examples.total_weight()),
        }
    }

    /// J of rows that came to these sums and weigh `total`.
    pub(crate) fn cost_of(&self, theta: &[T], sums: &RowSums, total: f64) -> f64 {
        sums.0 / total + self.penalty(theta) / total
    }

    /// The average loss (without λ, with the label smoothing) with the measure a person reads.
    pub fn score(&mut self, theta: &[T], examples: &Examples<'_, T>) -> Score {
        let (cost, tally) = self.sums(theta, examples, None);
        Score::of(&self.network, cost, &tally, examples.total_weight())
    }

    /// The sums over these rows, added to those over rows `before` them. Where each but the last of several such calls is of
    /// whole groups, the bits are those of all their rows at once.
    pub(crate) fn sums(
        &mut self,
        theta: &[T],
        examples: &Examples<'_, T>,
        before: Option<RowSums>,
    ) -> RowSums {
        self.sum_rows(theta, examples, before, None)
    }

    /// (λ/2) Σ‖W‖².
    fn penalty(&self, theta: &[T]) -> f64 {
        if self.regularisation.lambda == 0.0 {
            return 0.0;
        }
        let squares: f64 =
            self.network.layers().map(|l| dot(&theta[l.weights.clone()], &theta[l.weights])).sum();
        0.5 * self.regularisation.lambda * squares
    }

    /// The sums over the rows, after those `before` them; Δ of these rows alone goes to `grad` when it is asked for.
    fn sum_rows(
        &mut self,
        theta: &[T],
        examples: &Examples<'_, T>,
        before: Option<RowSums>,
        grad: Option<(&mut [T], Finish<T>)>,
    ) -> RowSums {
        assert!(examples.rows() <= self.rows, "{} rows in an evaluator for {}", examples.rows(), self.rows);
        assert_eq!(theta.len(), self.network.weight_count(), "the length of the parameter vector");
        let aim = if grad.is_some() { Aim::Gradient } else { Aim::Score };
        self.packed.pack(&self.network, theta, &mut self.team);
        let pass = Pass {
            network: &self.network,
            regularisation: &self.regularisation,
            weights: Weights { theta, packed: &self.packed },
            dropout: self.dropout.as_ref().filter(|_| aim == Aim::Gradient),
            aim,
        };
        if examples.rows() <= GROUP_ROWS {
            let blocks = examples.rows().div_ceil(BLOCK_ROWS);
            let blocks = &mut self.groups.first()[..blocks];
            self.team.for_each(blocks, |index, work| {
                work.run(pass, &Block::of(examples, pass.network, index), index);
            });
            if let Some((grad, finish)) = grad {
                let Self { network, sums, squares, team, .. } = self;
                let several = team.threads() > 1;
                let written_by = if several { WrittenBy::Several } else { WrittenBy::ThisThread };
                team.for_parts_with((grad, theta), sums.parts(), squares, |part, pieces, squares| {
                    let [(weights, theta), (bias, _)] = pieces;
                    let mut grad = [weights, bias];
                    T::add_blocks(sums, (network, examples, 0), blocks, (part, written_by), &mut grad);
                    T::finish(finish, grad, theta, squares);
                });
            }
            match (before, total(blocks)) {
                (None, sums) => sums,
                (Some((cost, mut tally)), (more, of_these)) => {
                    tally.add(&of_these);
                    (cost + more, tally)
                }
            }
        } else {
            let Self { groups, sums, squares, team, .. } = self;
            let total = groups.sum_rows(pass, examples, before.unwrap_or_default(), sums, team);
            if let Some((grad, finish)) = grad {
                team.for_parts_with(
                    (grad, groups.sum(), theta),
                    sums.parts(),
                    squares,
                    |_, pieces, squares| {
                        let [(weights, weight_sums, theta), (bias, bias_sums, _)] = pieces;
                        weights.copy_from_slice(weight_sums);
                        bias.copy_from_slice(bias_sums);
                        T::finish(finish, [weights, bias], theta, squares);
                    },
                );
            }
            total
        }
    }

    /// ∂J/∂X (without λ, which does not touch X) and δ of every layer stay available in [`crate::trace`];
    /// this is the gradient alone, m×s_1.
    pub fn input_grad(&mut self, theta: &[T], examples: &Examples<'_, T>) -> Array2<T> {
        let width = self.network.inputs();
        let mut grad_x = Array2::from_elem((examples.rows(), width), T::zero());
        let scale = T::constant(1.0 / examples.total_weight());
        let network = self.network.clone();
        let out = grad_x.as_slice_mut().expect("a fresh matrix is contiguous");
        self.visit_blocks(theta, examples, |first, block, workspace| {
            let grad_x = &mut out[first * width..(first + block.rows) * width];
            input_gradient(&network, theta, block.rows, workspace, grad_x);
            for g in grad_x {
                *g *= scale;
            }
        });
        grad_x
    }
}

/// The sums of what the blocks came to.
fn total<T>(blocks: &[BlockWork<T>]) -> RowSums {
    let mut tally = Tally::default();
    for block in blocks {
        tally.add(&block.tally);
    }
    (blocks.iter().map(|block| block.cost).sum(), tally)
}

/// More threads than any machine has use for.
const MOST_THREADS: usize = 1024;

/// How many of `threads` (0: all there are) so many multiply-adds are worth.
pub(crate) fn worthwhile(threads: usize, work: usize) -> usize {
    let available = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = if threads == 0 { available() } else { threads };
    threads.min(work / WORTH).clamp(1, MOST_THREADS)
}
