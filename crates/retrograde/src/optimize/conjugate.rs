//! Conjugate gradients for functions that are not quadratic (Polak & Ribière 1969), as in the course's fmincg.
//!
//! ```text
//! d₀ = −g₀        Θ₁ = Θ₀ + t d₀        β = max(0, g₁·(g₁ − g₀)/g₀·g₀)        d₁ = −g₁ + β d₀
//! ```
//!
//! β ≥ 0 makes the method restart along −g by itself when successive gradients stop being orthogonal, and keeps
//! it convergent (Gilbert & Nocedal 1992); besides, it restarts every n steps, n the length of Θ, and when d
//! does not descend.

use super::line_search::{LineSearch, LineSearchOptions};
use super::{BatchMethod, Iteration, Point};
use crate::objective::Objective;
use crate::real::{Scalar, dot, norm};
use serde::{Deserialize, Serialize};

/// The first trial is at most this many times the last step (fmincg's RATIO).
const RATIO: f64 = 100.0;

/// Nonlinear conjugate gradients with a strong Wolfe line search; all its state is data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct ConjugateGradients<T> {
    search: LineSearch<T>,
    /// d; empty before the first iteration.
    direction: Vec<T>,
    /// t φ′(0) of the last step.
    last: Option<Last>,
    /// Steps since the direction was last −g.
    conjugate_steps: usize,
}

/// What the next first trial is scaled from.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Last {
    length: f64,
    slope: f64,
}

impl<T: Scalar> Default for ConjugateGradients<T> {
    fn default() -> Self {
        Self::new(LineSearchOptions { c2: 0.1, ..LineSearchOptions::default() })
    }
}

impl<T: Scalar> ConjugateGradients<T> {
    /// The method with this line search; [`Default`] has c₂ = 0.1, for directions must stay nearly conjugate.
    pub fn new(options: LineSearchOptions) -> Self {
        Self { search: LineSearch::new(options), direction: Vec::new(), last: None, conjugate_steps: 0 }
    }

    /// d = −g.
    fn restart(&mut self, grad: &[T]) {
        self.direction.clear();
        self.direction.extend(grad.iter().map(|&g| -g));
        self.conjugate_steps = 0;
    }

    /// The first trial: the last decrease over the new slope, t₀ φ′₀ = t₁ φ′₁; at the very start a step no
    /// longer than 1.
    fn first_trial(&self, point: &Point<T>) -> f64 {
        match self.last {
            Some(Last { length, slope }) => length * (slope / dot(&point.grad, &self.direction)).min(RATIO),
            None => (1.0 / norm(&point.grad)).min(1.0),
        }
    }

    /// d ← −g₁ + β d after a step from g₀ to g₁.
    fn turn(&mut self, grad: &[T]) {
        let (_, before) = self.search.previous();
        let beta = (dot(grad, grad) - dot(grad, before)) / dot(before, before);
        let beta = if beta.is_finite() { T::constant(beta.max(0.0)) } else { T::zero() };
        for (d, &g) in self.direction.iter_mut().zip(grad) {
            *d = beta * *d - g;
        }
        self.conjugate_steps += 1;
    }
}

impl<T: Scalar> BatchMethod<T> for ConjugateGradients<T> {
    fn iterate(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration {
        let length = point.theta.len();
        let fits = self.direction.len() == length && self.conjugate_steps < length;
        if !fits || !(dot(&point.grad, &self.direction) < 0.0) {
            self.restart(&point.grad);
        }
        loop {
            let first = self.first_trial(point);
            if let Some(step) = self.search.search(objective, point, &self.direction, first) {
                self.last = Some(Last { length: step.length, slope: step.slope_before });
                self.turn(&point.grad);
                return Iteration::Moved;
            }
            if self.conjugate_steps == 0 {
                return Iteration::Stalled;
            }
            self.restart(&point.grad);
        }
    }
}
