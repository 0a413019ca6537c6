//! Parameter learning methods: what the unrolled gradient vector is handed to.
//!
//! Two kinds share one gradient. A [`StepMethod`] turns each gradient (of a mini-batch or of all rows) into one
//! step. A [`BatchMethod`] asks an [`Objective`] for J and ∇J on all rows as often as its line search needs.
//! Both keep their state as plain data.

use crate::objective::Objective;

/// A method that makes one step out of each gradient it is given.
pub trait StepMethod<T>: Send {
    /// Θ ← Θ + step(∇J).
    fn step(&mut self, theta: &mut [T], grad: &[T], learning_rate: f64);
}

/// Where a batch method stands: Θ, J(Θ) and ∇J(Θ), always of the same Θ.
#[derive(Debug, Clone)]
pub struct Point<T> {
    /// Θ.
    pub theta: Vec<T>,
    /// J(Θ).
    pub cost: f64,
    /// ∇J(Θ).
    pub grad: Vec<T>,
}

/// What one iteration of a batch method came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Iteration {
    /// The point moved to a lower cost.
    Moved,
    /// No step lowers the cost any more: a minimum, to rounding. The point is unchanged.
    Stalled,
}

/// A method that searches along lines of the full cost.
pub trait BatchMethod<T>: Send {
    /// One iteration from `point`, which it moves to a point of lower cost or leaves alone.
    ///
    /// A cost or gradient that is not finite is a step too far, never accepted.
    fn iterate(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration;
}
