//! Parameter learning methods: what the unrolled gradient vector is handed to.
//!
//! Two kinds share one gradient. A [`StepMethod`] turns each gradient (of a mini-batch or of all rows) into one
//! step. A [`BatchMethod`] asks an [`Objective`] for J and ∇J on all rows as often as it needs.
//! Both keep their state as plain data, so that a training can be put down and taken up again.

pub mod choice;
mod cholesky;
pub mod conjugate;
pub(crate) mod counted;
pub mod first_order;
mod interval;
pub mod lbfgs;
pub mod levenberg_marquardt;
pub mod line_search;
pub mod method;
pub mod minimise;
pub mod rprop;
pub mod scaled_conjugate;
pub mod schedule;
#[cfg(test)]
mod test_costs;

use crate::machine::team::Spread;
use crate::objective::Objective;
use crate::real::Scalar;

pub use crate::objective::Point;
pub use choice::Optimizer;
pub use conjugate::ConjugateGradients;
pub use first_order::{Adam, RmsProp, Sgd};
pub use lbfgs::Lbfgs;
pub use levenberg_marquardt::LevenbergMarquardt;
pub use line_search::{LineSearch, LineSearchOptions};
pub use method::{BatchState, Method, StepState};
pub use minimise::{Minimum, minimise};
pub use rprop::Rprop;
pub use scaled_conjugate::ScaledConjugateGradients;
pub use schedule::{Schedule, Shape};

/// A method that makes one step out of each gradient it is given.
pub trait StepMethod<T> {
    /// Θ ← Θ + step(∇J). Every Θ_i is moved for itself, so the threads of `spread` may share them out.
    fn step(&mut self, theta: &mut [T], grad: &[T], learning_rate: f64, spread: &mut Spread<'_>);

    /// How far each Θ_i moves per step and unit of its derivative when the derivative stays as it is; None when the
    /// length of the steps does not depend on the derivative's size.
    ///
    /// A penalty whose own step is taken apart from ∇J (as that of Σ|W|) has to be scaled by it, or the two would
    /// not balance at the minimum of their sum.
    fn reach(&self, learning_rate: f64) -> Option<Reach<'_, T>>;
}

/// How far a method's steps reach: r_i = η, or η/(√(c v_i) + ε) where a method divides by roots of mean squares v.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a, T> {
    rate: f64,
    /// v, c and ε.
    roots: Option<(&'a [T], f64, f64)>,
}

impl<T: Scalar> Reach<'_, T> {
    /// How far a penalty of slope `share` moves Θ_i in a step: r_i·share.
    ///
    /// Roots that are still near 0, of a weight whose derivatives were, would make that as long as one likes, and take
    /// whole units to 0 in the first step. Four steps' lengths are the limit: a weight at rest has
    /// √v ≥ |∂J/∂Θ| = share, so that the minimum is where it was.
    pub fn of_penalty(&self, i: usize, share: f64) -> f64 {
        match self.roots {
            None => self.rate * share,
            Some((squares, scale, epsilon)) => {
                let root = (scale * squares[i].value()).sqrt();
                self.rate * (share / (root + epsilon)).min(LONGEST)
            }
        }
    }
}

/// See [`Reach::of_penalty`].
const LONGEST: f64 = 4.0;

/// What one iteration of a batch method came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Iteration {
    /// The point moved to a lower cost.
    Moved,
    /// No step lowers the cost any more: a minimum, to rounding. The point is unchanged.
    Stalled,
}

/// A method that works on the full cost.
pub trait BatchMethod<T> {
    /// One iteration from `point`, which it moves to a point of lower cost or leaves alone.
    ///
    /// A cost or gradient that is not finite is a step too far, never accepted.
    fn iterate(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration;
}
