//! Scaled conjugate gradients (Møller 1993): the step from the curvature along the direction, no line search.
//!
//! ```text
//! δ = p·Hp + λ‖p‖²          made positive by a larger λ where the cost curves down
//! t = p·r/δ,  r = −∇J       the step to the minimum of the parabola along p
//! Δ = 2δ (J(Θ) − J(Θ + t p))/(p·r)²       1 where the cost is that parabola
//! Δ ≥ 0: Θ ← Θ + t p,  p ← r₁ + β p,  β = (r₁·r₁ − r₁·r)/p·r
//! λ ← λ/4 for Δ ≥ 3/4,  λ ← λ + δ(1 − Δ)/‖p‖² for Δ < 1/4
//! ```
//!
//! Hp is the exact product where the objective has one, and a difference of gradients as in the publication else.

use super::{BatchMethod, Iteration, Point};
use crate::objective::Objective;
use crate::real::{Scalar, dot, norm};
use serde::{Deserialize, Serialize};

/// λ at the beginning.
const FIRST_LAMBDA: f64 = 1e-6;
/// Trials in one iteration before the direction is given up.
const TRIALS: usize = 40;

/// Scaled conjugate gradients; all its state is data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "T: Scalar")]
pub struct ScaledConjugateGradients<T> {
    /// p; empty before the first iteration and where the next one is to start along −∇J.
    direction: Vec<T>,
    /// λ.
    lambda: f64,
    /// Steps since the direction was last −∇J.
    conjugate_steps: usize,
    #[serde(skip)]
    curved: Vec<T>,
    #[serde(skip)]
    trial: Option<Point<T>>,
}

impl<T: Scalar> Default for ScaledConjugateGradients<T> {
    fn default() -> Self {
        Self {
            direction: Vec::new(),
            lambda: FIRST_LAMBDA,
            conjugate_steps: 0,
            curved: Vec::new(),
            trial: None,
        }
    }
}

/// What is known about the line through the point along p.
struct Line {
    /// ‖p‖².
    square: f64,
    /// p·Hp.
    curvature: f64,
    /// p·r.
    descent: f64,
}

impl<T: Scalar> ScaledConjugateGradients<T> {
    /// The lengths of its vectors: 0, or the number of parameters.
    pub(super) fn lengths(&self) -> Vec<usize> {
        vec![self.direction.len()]
    }

    fn restart(&mut self, grad: &[T]) {
        self.direction.clear();
        self.direction.extend(grad.iter().map(|&g| -g));
        self.conjugate_steps = 0;
    }

    fn line(&mut self, objective: &mut dyn Objective<T>, point: &Point<T>) -> Line {
        self.curved.resize(point.theta.len(), T::zero());
        objective.hessian_vector(point, &self.direction, &mut self.curved);
        Line {
            square: dot(&self.direction, &self.direction),
            curvature: dot(&self.direction, &self.curved),
            descent: -dot(&self.direction, &point.grad),
        }
    }

    /// Steps of growing λ along p until one lowers the cost.
    fn descend(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration {
        let line = self.line(objective, point);
        if !(line.descent > 0.0 && line.curvature.is_finite() && line.square > 0.0) {
            return Iteration::Stalled;
        }
        let fits = |trial: &Point<T>| trial.theta.len() == point.theta.len();
        let mut trial = self.trial.take().filter(fits).unwrap_or_else(|| point.clone());
        let mut outcome = Iteration::Stalled;
        for _ in 0..TRIALS {
            let mut delta = line.curvature + self.lambda * line.square;
            if delta <= 0.0 {
                // λ̄ = 2(λ − δ/‖p‖²), and with it δ becomes −δ + λ‖p‖².
                let raised = 2.0 * (self.lambda - delta / line.square);
                delta = -delta + self.lambda * line.square;
                self.lambda = raised;
            }
            let t = line.descent / delta;
            let moved = step(&mut trial.theta, &point.theta, t, &self.direction);
            if !moved {
                break;
            }
            trial.cost = objective.cost_and_grad(&trial.theta, &mut trial.grad);
            let fall = point.cost - trial.cost;
            let finite = trial.cost.is_finite() && norm(&trial.grad).is_finite();
            let gain = if finite { 2.0 * delta * fall / (line.descent * line.descent) } else { f64::MIN };
            if gain < 0.25 {
                // δ(1 − Δ) is the curvature that was missing; without a number for it, four times as much.
                let missing = delta * (1.0 - gain) / line.square;
                let more = if finite && missing.is_finite() { missing } else { 3.0 * delta / line.square };
                self.lambda += more;
            }
            if fall > 0.0 && finite {
                if gain >= 0.75 {
                    self.lambda *= 0.25;
                }
                self.turn(&point.grad, &trial.grad, line.descent);
                std::mem::swap(point, &mut trial);
                outcome = Iteration::Moved;
                break;
            }
        }
        self.trial = Some(trial);
        outcome
    }

    /// p ← r₁ + β p.
    fn turn(&mut self, before: &[T], after: &[T], descent: f64) {
        let beta = (dot(after, after) - dot(after, before)) / descent;
        let beta = if beta.is_finite() { T::constant(beta) } else { T::zero() };
        for (p, &grad) in self.direction.iter_mut().zip(after) {
            *p = beta * *p - grad;
        }
        self.conjugate_steps += 1;
    }
}

/// out = Θ + t p; false when that is Θ to the last bit.
fn step<T: Scalar>(out: &mut [T], theta: &[T], t: f64, direction: &[T]) -> bool {
    let t = T::constant(t);
    let mut moved = false;
    for ((out, &theta), &p) in out.iter_mut().zip(theta).zip(direction) {
        *out = theta + t * p;
        moved |= *out != theta;
    }
    moved
}

impl<T: Scalar> BatchMethod<T> for ScaledConjugateGradients<T> {
    fn iterate(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration {
        let length = point.theta.len();
        let fits = self.direction.len() == length && self.conjugate_steps < length;
        if !fits || !(dot(&point.grad, &self.direction) < 0.0) {
            self.restart(&point.grad);
        }
        loop {
            if self.descend(objective, point) == Iteration::Moved {
                return Iteration::Moved;
            }
            if self.conjugate_steps == 0 {
                self.lambda = FIRST_LAMBDA;
                return Iteration::Stalled;
            }
            self.restart(&point.grad);
            self.lambda = FIRST_LAMBDA;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::test_costs::{Cliff, Quadratic, Rosenbrock, minimise, resumed, start};

    /// λ and the differences of gradients keep it from the n steps of exact arithmetic, but not by much.
    #[test]
    fn a_quadratic_takes_few_more_steps_than_it_has_dimensions() {
        for n in [1, 2, 5, 12] {
            let mut method = ScaledConjugateGradients::<f64>::default();
            let mut cost = Quadratic { dimension: n };
            let mut point = start(&mut cost, vec![1.0; n]);
            let first = norm(&point.grad);
            for _ in 0..2 * n {
                method.iterate(&mut cost, &mut point);
            }
            assert!(norm(&point.grad) < 1e-6 * first, "n = {n}: {}", norm(&point.grad) / first);
        }
    }

    #[test]
    fn rosenbrock_is_solved() {
        for theta in [vec![-1.2, 1.0], [-1.2, 1.0].repeat(10)] {
            let mut cost = Rosenbrock::<f64>::new(theta.len());
            let (point, _) = minimise(&mut cost, &mut ScaledConjugateGradients::default(), theta);
            assert!(point.cost < 1e-10, "{} after {} evaluations", point.cost, cost.evaluations);
        }
    }

    #[test]
    fn a_cliff_of_infinite_cost_is_avoided() {
        let mut cost = Cliff { edge: 1.0001, evaluations: 0 };
        let (point, _) = minimise(&mut cost, &mut ScaledConjugateGradients::default(), vec![-3.0, 0.5]);
        assert!((point.theta[0] - 1.0).abs() < 1e-4, "{:?}", point.theta);
    }

    #[test]
    fn at_the_minimum_nothing_moves() {
        let mut cost = Rosenbrock::<f64>::new(4);
        let mut point = start(&mut cost, vec![1.0; 4]);
        let mut method = ScaledConjugateGradients::default();
        assert_eq!(method.iterate(&mut cost, &mut point), Iteration::Stalled);
        assert_eq!(point.theta, vec![1.0; 4]);
    }

    #[test]
    fn a_resumed_run_has_the_bits_of_an_uninterrupted_one() {
        resumed::<f64, _>(ScaledConjugateGradients::default());
        resumed::<f32, _>(ScaledConjugateGradients::default());
    }
}
