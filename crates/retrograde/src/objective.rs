//! J(Θ) and ∇J of a network on its examples: the one function every parameter learning method is handed.

use crate::backward::{backward, input_gradient, last_layer};
use crate::curvature::Curvature;
use crate::dropout::{Draw, Masks};
use crate::error::{Error, Result};
use crate::examples::Examples;
use crate::forward::{BLOCK_ROWS, Keep, Workspace, forward};
use crate::loss::Output;
use crate::network::Network;
use crate::real::{Scalar, dot, norm};
use crate::score::{Score, Tally};
use ndarray::Array2;
use rayon::prelude::*;
use std::sync::Arc;

/// Blocks whose gradients are computed side by side before they are added. They are added in order, so the bits depend
/// neither on this number nor on that of the threads.
pub(crate) const GROUP: usize = 8;

/// In sums over more than one block, f32 products add at most this many rows; the pieces are added with
/// compensation, so that 10⁷ equal rows give the gradient of one row to 1e-6.
pub(crate) const F32_CHUNK: usize = 32;

/// A cost and its gradient as functions of one flat vector.
pub trait Objective<T: Scalar> {
    /// The length of the vector.
    fn dimension(&self) -> usize;

    /// J(Θ), with ∇J written to `grad`: value and gradient of one and the same function.
    fn cost_and_grad(&mut self, theta: &[T], grad: &mut [T]) -> f64;

    /// H v, the second derivatives at a point times a direction.
    ///
    /// Unless the objective knows better, the difference (∇J(Θ + σv) − ∇J(Θ))/σ with σ = √ε (1 + ‖Θ‖)/‖v‖.
    fn hessian_vector(&mut self, at: &Point<T>, v: &[T], out: &mut [T]) {
        let sigma = T::EPSILON.sqrt() * (1.0 + norm(&at.theta)) / norm(v);
        let step = T::constant(sigma);
        let beside: Vec<T> = at.theta.iter().zip(v).map(|(&theta, &v)| theta + step * v).collect();
        self.cost_and_grad(&beside, out);
        for (out, &grad) in out.iter_mut().zip(&at.grad) {
            *out = (*out - grad) / step;
        }
    }

    /// The Gauss–Newton matrix at Θ, n×n row by row, into `matrix`; false when there is none.
    fn gauss_newton(&mut self, theta: &[T], matrix: &mut Vec<f64>) -> bool {
        let _ = (theta, matrix);
        false
    }
}

/// Θ, J(Θ) and ∇J(Θ), always of the same Θ.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct Point<T> {
    /// Θ.
    pub theta: Vec<T>,
    /// J(Θ).
    pub cost: f64,
    /// ∇J(Θ).
    pub grad: Vec<T>,
}

/// What is added to the average loss.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Regularisation {
    /// λ of (λ/2M) Σ‖W‖²; biases are left out.
    pub lambda: f64,
    /// The share s of a target's mass spread evenly over the classes: y(1 − s) + s/K.
    pub label_smoothing: f64,
}

impl Default for Regularisation {
    fn default() -> Self {
        Self { lambda: 0.0, label_smoothing: 0.0 }
    }
}

impl Regularisation {
    /// L2 with the course's λ and nothing else.
    pub fn l2(lambda: f64) -> Self {
        Self { lambda, ..Self::default() }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Setting`] for a negative or non-finite λ, or a smoothing outside [0, 1), or one that the loss
    /// does not know.
    pub fn validate(&self, network: &Network) -> Result<()> {
        let setting =
            |what, found: f64, expected| Err(Error::Setting { what, found: found.to_string(), expected });
        if !(self.lambda.is_finite() && self.lambda >= 0.0) {
            return setting("lambda", self.lambda, "a finite number of 0 or more");
        }
        if !(0.0..1.0).contains(&self.label_smoothing) {
            return setting("label smoothing", self.label_smoothing, "at least 0 and below 1");
        }
        if self.label_smoothing > 0.0 && *network.loss() != crate::Loss::CrossEntropy {
            return setting("label smoothing", self.label_smoothing, "0 unless the loss is cross-entropy");
        }
        Ok(())
    }

    /// The target that takes `y`'s place: y(1 − s) + s·Σy/K for softmax, y(1 − s) + s/2 for sigmoid.
    pub fn smooth(&self, output: Output, y: &[f64]) -> Vec<f64> {
        let spread = match output {
            Output::Softmax => y.iter().sum::<f64>() / y.len() as f64,
            _ => 0.5,
        };
        y.iter().map(|y| y * (1.0 - self.label_smoothing) + self.label_smoothing * spread).collect()
    }
}

/// The buffers and threads for evaluating one network on up to a number of rows; nothing is allocated per call.
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
    slots: Vec<Slot<T>>,
    /// Σ of the blocks' Δ and the rounding error it carries (Kahan).
    sum: Vec<T>,
    carry: Vec<T>,
    pool: Option<Arc<rayon::ThreadPool>>,
    tally: Tally,
    dropout: Option<Draw>,
    /// Made when second derivatives are first asked for.
    curvature: Option<Curvature<T>>,
}

/// One block's share of the work.
#[derive(Debug)]
struct Slot<T> {
    workspace: Workspace<T>,
    grad_sum: Vec<T>,
    cost: f64,
    tally: Tally,
}

impl<T: Scalar> Evaluator<T> {
    /// An evaluator for batches of up to `rows` rows on at most `threads` threads (0: all there are).
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
        let blocks = rows.div_ceil(BLOCK_ROWS).max(1);
        let slots = (0..blocks.min(GROUP))
            .map(|_| Slot {
                workspace: Workspace::new(network, BLOCK_ROWS.min(rows.max(1))),
                grad_sum: vec![T::zero(); network.weight_count()],
                cost: 0.0,
                tally: Tally::default(),
            })
            .collect();
        let sums = if blocks > 1 { network.weight_count() } else { 0 };
        // More threads than slots would have nothing to do.
        let threads = if threads == 0 { available_threads() } else { threads }.min(blocks.min(GROUP));
        let pool = if threads > 1 && blocks > 1 { Some(Arc::new(start_pool(threads)?)) } else { None };
        Ok(Self {
            network: network.clone(),
            regularisation,
            rows,
            slots,
            sum: vec![T::zero(); sums],
            carry: vec![T::zero(); sums],
            pool,
            tally: Tally::default(),
            dropout: None,
            curvature: None,
        })
    }

    /// Gradients from now on are of J with these units dropped; costs and scores without a gradient are of all units.
    pub fn drop_units(&mut self, draw: Option<Draw>) {
        self.dropout = draw;
    }

    /// `out` = H v, both as long as `theta`, exact to rounding: the R-operator (Pearlmutter 1994). All units are there,
    /// whatever [`Evaluator::drop_units`] was told.
    ///
    /// # Panics
    /// For vectors of another length than the network has weights, or examples of other widths.
    pub fn hessian_vector(&mut self, theta: &[T], examples: &Examples<'_, T>, v: &[T], out: &mut [T]) {
        let curvature = self.curvature.get_or_insert_with(|| {
            Curvature::new(&self.network, self.regularisation, self.rows, self.pool.clone())
        });
        curvature.hessian_vector(theta, examples, v, out);
    }

    /// The Gauss–Newton matrix (Σ w_k J_kᵀ C_k J_k + λ I_W)/M, n×n row by row; false for a loss with corners, which has none.
    ///
    /// # Panics
    /// As [`Evaluator::hessian_vector`].
    pub fn gauss_newton(&mut self, theta: &[T], examples: &Examples<'_, T>, matrix: &mut Vec<f64>) -> bool {
        let curvature = self.curvature.get_or_insert_with(|| {
            Curvature::new(&self.network, self.regularisation, self.rows, self.pool.clone())
        });
        curvature.gauss_newton(theta, examples, matrix)
    }

    /// What is added to the average loss.
    pub fn regularisation(&self) -> Regularisation {
        self.regularisation
    }

    /// The network evaluated.
    pub fn network(&self) -> &Network {
        &self.network
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
        let cost = self.sum_blocks(theta, examples, Some(grad));
        let decay = T::constant(self.regularisation.lambda / divisors.penalty);
        let scale = T::constant(1.0 / divisors.loss);
        for layer in self.network.layers() {
            // D_ij = Δ_ij/M + λΘ_ij/M,  D_i0 = Δ_i0/M
            for (grad, &theta) in grad[layer.weights.clone()].iter_mut().zip(&theta[layer.weights.clone()]) {
                *grad = *grad * scale + decay * theta;
            }
            for grad in &mut grad[layer.bias.clone()] {
                *grad *= scale;
            }
        }
        cost / divisors.loss + self.penalty(theta) / divisors.penalty
    }

    /// J without computing the gradient; `part` tells J from the average loss alone.
    pub fn cost(&mut self, theta: &[T], examples: &Examples<'_, T>, part: CostPart) -> f64 {
        let loss = self.sum_blocks(theta, examples, None) / examples.total_weight();
        match part {
            CostPart::Loss => loss,
            CostPart::WithPenalty => loss + self.penalty(theta) / examples.total_weight(),
        }
    }

    /// The average loss (without λ, with the label smoothing) with the measure a person reads.
    pub fn score(&mut self, theta: &[T], examples: &Examples<'_, T>) -> Score {
        let cost = self.sum_blocks(theta, examples, None);
        let tally = self.tally;
        Score::of(&self.network, cost, &tally, examples.total_weight())
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

    /// Σ_k w_k ℓ_k; Δ goes to `grad` when it is asked for.
    fn sum_blocks(&mut self, theta: &[T], examples: &Examples<'_, T>, grad: Option<&mut [T]>) -> f64 {
        assert!(examples.rows() <= self.rows, "{} rows in an evaluator for {}", examples.rows(), self.rows);
        assert_eq!(theta.len(), self.network.weight_count(), "the length of the parameter vector");
        let blocks = examples.rows().div_ceil(BLOCK_ROWS);
        let several = blocks > 1;
        let chunk = if several && T::EPSILON > f64::EPSILON { F32_CHUNK } else { BLOCK_ROWS };
        let wants_grad = grad.is_some();
        let pass = Pass { network: &self.network, regularisation: &self.regularisation, theta };
        let dropout = if wants_grad { self.dropout.as_ref() } else { None };
        self.sum.fill(T::zero());
        self.carry.fill(T::zero());
        let mut cost = 0.0;
        self.tally = Tally::default();
        let width = self.slots.len();
        for first in (0..blocks).step_by(width) {
            let slots = &mut self.slots[..width.min(blocks - first)];
            let work = |(offset, slot): (usize, &mut Slot<T>)| {
                let index = first + offset;
                let block = Block::of(examples, pass.network, index);
                let masks = &mut slot.workspace.masks;
                masks.draw(pass.network, dropout, index, block.rows);
                slot.run(pass, &block, wants_grad.then_some(chunk));
            };
            match &self.pool {
                Some(pool) => pool.install(|| slots.par_iter_mut().enumerate().for_each(work)),
                None => slots.iter_mut().enumerate().for_each(work),
            }
            for slot in slots.iter() {
                cost += slot.cost;
                self.tally.add(&slot.tally);
                if several && wants_grad {
                    add_compensated(&mut self.sum, &mut self.carry, &slot.grad_sum);
                }
            }
        }
        if let Some(grad) = grad {
            grad.copy_from_slice(if several { &self.sum } else { &self.slots[0].grad_sum });
        }
        cost
    }

    /// ∂J/∂X (without λ, which does not touch X) and δ of every layer stay available in [`crate::trace`];
    /// this is the gradient alone, m×s_1.
    pub fn input_grad(&mut self, theta: &[T], examples: &Examples<'_, T>) -> Array2<T> {
        let width = self.network.inputs();
        let mut grad_x = Array2::from_elem((examples.rows(), width), T::zero());
        let scale = T::constant(1.0 / examples.total_weight());
        let out = grad_x.as_slice_mut().expect("a fresh matrix is contiguous");
        for (index, grad_x) in out.chunks_mut(BLOCK_ROWS * width).enumerate() {
            let block = Block::of(examples, &self.network, index);
            let slot = &mut self.slots[0];
            slot.workspace.masks = Masks::none();
            let pass = Pass { network: &self.network, regularisation: &self.regularisation, theta };
            slot.run(pass, &block, Some(BLOCK_ROWS));
            input_gradient(&self.network, theta, block.rows, &slot.workspace, grad_x);
            for g in grad_x {
                *g *= scale;
            }
        }
        grad_x
    }

    /// For every block in turn: forward, cost and backward, then `visit` with its first row and its workspace.
    pub(crate) fn visit_blocks(
        &mut self,
        theta: &[T],
        examples: &Examples<'_, T>,
        mut visit: impl FnMut(usize, &Block<'_, T>, &Workspace<T>),
    ) {
        for index in 0..examples.rows().div_ceil(BLOCK_ROWS) {
            let block = Block::of(examples, &self.network, index);
            let slot = &mut self.slots[0];
            slot.workspace.masks = Masks::none();
            let pass = Pass { network: &self.network, regularisation: &self.regularisation, theta };
            slot.run(pass, &block, Some(BLOCK_ROWS));
            visit(index * BLOCK_ROWS, &block, &slot.workspace);
        }
    }
}

/// What the sums over rows are divided by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Divisors {
    /// Divides Σ w_k ℓ_k and Δ.
    pub loss: f64,
    /// Divides (λ/2) Σ‖W‖² and λΘ.
    pub penalty: f64,
}

impl Divisors {
    /// M for both: the cost of exactly these examples.
    pub fn whole<T: Scalar>(examples: &Examples<'_, T>) -> Self {
        Self { loss: examples.total_weight(), penalty: examples.total_weight() }
    }

    /// For `rows` of m rows that weigh M together: (m/rows)·Δ/M + λΘ/M, whose mean over batches, each counted by its
    /// rows, is ∇J.
    pub fn share<T: Scalar>(all: &Examples<'_, T>, rows: usize) -> Self {
        let total = all.total_weight();
        Self { loss: total * rows as f64 / all.rows() as f64, penalty: total }
    }
}

/// Which part of the cost is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostPart {
    /// (1/M) Σ w_k ℓ_k.
    Loss,
    /// J, with (λ/2M) Σ‖W‖².
    WithPenalty,
}

/// The rows one slot works on.
#[derive(Debug)]
pub(crate) struct Block<'a, T> {
    pub x: &'a [T],
    pub y: &'a [T],
    pub weights: Option<&'a [T]>,
    pub rows: usize,
}

impl<'a, T: Scalar> Block<'a, T> {
    pub fn of(examples: &Examples<'a, T>, network: &Network, index: usize) -> Self {
        let first = index * BLOCK_ROWS;
        Self::between(examples, network, first, BLOCK_ROWS.min(examples.rows() - first))
    }

    /// `rows` rows from row `first` on.
    pub fn between(examples: &Examples<'a, T>, network: &Network, first: usize, rows: usize) -> Self {
        let last = first + rows;
        Self {
            x: &examples.x[first * network.inputs()..last * network.inputs()],
            y: &examples.y[first * network.outputs()..last * network.outputs()],
            weights: examples.weights.map(|w| &w[first..last]),
            rows,
        }
    }
}

/// What every block of one evaluation has in common.
#[derive(Clone, Copy)]
struct Pass<'a, T> {
    network: &'a Network,
    regularisation: &'a Regularisation,
    theta: &'a [T],
}

impl<T: Scalar> Slot<T> {
    /// Forward, cost, and (given the rows per product) backward for one block.
    fn run(&mut self, pass: Pass<'_, T>, block: &Block<'_, T>, chunk: Option<usize>) {
        let Pass { network, regularisation, theta } = pass;
        let keep = if chunk.is_some() { Keep::Slopes } else { Keep::Activations };
        let workspace = &mut self.workspace;
        forward(network, theta, block.x, block.rows, workspace, keep);
        if regularisation.label_smoothing == 0.0 {
            self.cost = last_layer(network, block.y, block.weights, block.rows, workspace);
        } else {
            let mut smoothed = std::mem::take(&mut workspace.smoothed);
            smooth_into(network, regularisation.label_smoothing, block.y, &mut smoothed);
            self.cost = last_layer(network, &smoothed, block.weights, block.rows, workspace);
            workspace.smoothed = smoothed;
        }
        match chunk {
            Some(chunk) => {
                self.grad_sum.fill(T::zero());
                backward(network, theta, block.x, block.rows, workspace, (&mut self.grad_sum, chunk));
            }
            None => self.tally = Tally::of(network, block, &workspace.a[network.depth() - 1]),
        }
    }
}

/// y(1 − s) + s·spread for a block of targets.
pub(crate) fn smooth_into<T: Scalar>(network: &Network, share: f64, y: &[T], smoothed: &mut [T]) {
    let units = network.outputs();
    let share = T::constant(share);
    for (y, smoothed) in y.chunks_exact(units).zip(smoothed.chunks_exact_mut(units)) {
        let spread = match network.output() {
            Output::Softmax => y.iter().copied().sum::<T>() / T::constant(units as f64),
            _ => T::constant(0.5),
        };
        for (smoothed, &y) in smoothed.iter_mut().zip(y) {
            *smoothed = y * (T::one() - share) + share * spread;
        }
    }
}

/// sum += term with the rounding error carried along (Kahan 1965).
pub(crate) fn add_compensated<T: Scalar>(sum: &mut [T], carry: &mut [T], term: &[T]) {
    for ((sum, carry), &term) in sum.iter_mut().zip(carry).zip(term) {
        let corrected = term - *carry;
        let total = *sum + corrected;
        *carry = (total - *sum) - corrected;
        *sum = total;
    }
}

fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn start_pool(threads: usize) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|_| Error::Setting {
        what: "the number of threads",
        found: threads.to_string(),
        expected: "as many as the system lets start",
    })
}

/// A network's cost on fixed examples as an [`Objective`].
#[derive(Debug)]
pub struct NetworkObjective<'a, T> {
    evaluator: Evaluator<T>,
    examples: Examples<'a, T>,
}

impl<'a, T: Scalar> NetworkObjective<'a, T> {
    /// J of `network` on `examples`, on at most `threads` threads (0: all).
    ///
    /// # Errors
    /// As [`Evaluator::new`].
    pub fn new(
        network: &Network,
        examples: Examples<'a, T>,
        regularisation: Regularisation,
        threads: usize,
    ) -> Result<Self> {
        let evaluator = Evaluator::new(network, regularisation, examples.rows(), threads)?;
        Ok(Self::with(evaluator, examples))
    }

    /// The same with an evaluator made for these rows.
    pub(crate) fn with(evaluator: Evaluator<T>, examples: Examples<'a, T>) -> Self {
        Self { evaluator, examples }
    }
}

impl<T: Scalar> Objective<T> for NetworkObjective<'_, T> {
    fn dimension(&self) -> usize {
        self.evaluator.network().weight_count()
    }

    fn cost_and_grad(&mut self, theta: &[T], grad: &mut [T]) -> f64 {
        self.evaluator.cost_and_grad(theta, &self.examples, grad)
    }

    /// Exact, by the R-operator.
    fn hessian_vector(&mut self, at: &Point<T>, v: &[T], out: &mut [T]) {
        self.evaluator.hessian_vector(&at.theta, &self.examples, v, out);
    }

    fn gauss_newton(&mut self, theta: &[T], matrix: &mut Vec<f64>) -> bool {
        self.evaluator.gauss_newton(theta, &self.examples, matrix)
    }
}
