//! Conjugate gradients for functions that are not quadratic (Polak & Ribière 1969), as in the course's fmincg.
//!
//! ```text
//! d₀ = −g₀        Θ₁ = Θ₀ + t d₀        β = max(0, g₁·(g₁ − g₀)/g₀·g₀)        d₁ = −g₁ + β d₀
//! ```
//!
//! β ≥ 0 makes the method restart along −g by itself when successive gradients stop being orthogonal, and keeps
//! it convergent (Gilbert & Nocedal 1992); besides, it restarts every n steps, n the length of Θ but at least
//! 20, and when d does not descend. Powell's test |g₁·g₀| ≥ 0.2 g₁·g₁ is left out: on Rosenbrock's function of
//! 2 and 20 variables it costs a fifth more evaluations.

use super::line_search::{LineSearch, LineSearchOptions};
use super::{BatchMethod, Iteration, Point};
use crate::objective::Objective;
use crate::real::{Scalar, dot, norm};
use serde::{Deserialize, Serialize};

/// The first trial is at most this many times the last step (fmincg's RATIO).
const RATIO: f64 = 100.0;
/// Restarts are at least this many steps apart: every 2 steps in 2 dimensions would forget too much.
const LEAST_PERIOD: usize = 20;

/// Nonlinear conjugate gradients with a strong Wolfe line search; all its state is data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct ConjugateGradients<T> {
    search: LineSearch<T>,
    /// d; empty before the first iteration.
    direction: Vec<T>,
    /// The last step; None at the start and after a failed search.
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

    /// The lengths of its vectors: 0, or the number of parameters.
    pub(super) fn lengths(&self) -> Vec<usize> {
        vec![self.direction.len()]
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
        let fits = self.direction.len() == length && self.conjugate_steps < length.max(LEAST_PERIOD);
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
            self.last = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::test_costs::{Quadratic, Rosenbrock, minimise, resumed, start};

    /// On a quadratic with an almost exact line search, n steps suffice.
    #[test]
    fn a_quadratic_takes_as_many_steps_as_it_has_dimensions() {
        for n in [1, 2, 5, 12] {
            let exact = LineSearchOptions { c2: 1e-10, ..LineSearchOptions::default() };
            let mut method = ConjugateGradients::<f64>::new(exact);
            let mut cost = Quadratic { dimension: n };
            let mut point = start(&mut cost, vec![1.0; n]);
            let first = norm(&point.grad);
            for _ in 0..n {
                method.iterate(&mut cost, &mut point);
            }
            assert!(norm(&point.grad) < 1e-6 * first, "n = {n}: {}", norm(&point.grad));
        }
    }

    #[test]
    fn rosenbrock_is_solved_and_costs_what_it_did() {
        let mut cost = Rosenbrock::<f64>::new(2);
        let (point, _) = minimise(&mut cost, &mut ConjugateGradients::default(), vec![-1.2, 1.0]);
        assert!(point.cost < 1e-10, "{}", point.cost);
        assert!(cost.evaluations <= 84, "{} evaluations, SciPy's CG takes 78", cost.evaluations);
        let mut cost = Rosenbrock::<f64>::new(20);
        let theta = [-1.2, 1.0].repeat(10);
        let (point, _) = minimise(&mut cost, &mut ConjugateGradients::default(), theta);
        assert!(point.cost < 1e-10, "{}", point.cost);
        assert!(cost.evaluations <= 597, "{} evaluations, SciPy's CG takes 597", cost.evaluations);
    }

    #[test]
    fn f32_comes_as_close_as_its_digits_allow() {
        let mut cost = Rosenbrock::<f32>::new(6);
        let (point, last) = minimise(&mut cost, &mut ConjugateGradients::default(), [-1.2f32, 1.0].repeat(3));
        assert!(point.cost < 1e-9, "{}", point.cost);
        assert!(point.cost == 0.0 || last == Iteration::Stalled || norm(&point.grad) < 1e-10);
    }

    #[test]
    fn at_the_minimum_nothing_moves() {
        let mut cost = Rosenbrock::<f64>::new(4);
        let mut point = start(&mut cost, vec![1.0; 4]);
        let before = point.clone();
        let mut method = ConjugateGradients::default();
        assert_eq!(method.iterate(&mut cost, &mut point), Iteration::Stalled);
        assert_eq!(point.theta, before.theta);
    }

    #[test]
    fn a_resumed_run_has_the_bits_of_an_uninterrupted_one() {
        resumed::<f64, _>(ConjugateGradients::default());
        resumed::<f32, _>(ConjugateGradients::default());
    }
}
