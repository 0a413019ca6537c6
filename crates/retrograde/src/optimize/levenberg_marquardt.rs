//! Levenberg–Marquardt (Levenberg 1944; Marquardt 1963): steps of Gauss and Newton, damped until they pay.
//!
//! ```text
//! (H + μD) h = −∇J          H = (Σ w_k J_kᵀ C_k J_k + λ I_W)/M, the Gauss–Newton matrix;  J_k = ∂z_k⁽ᴸ⁾/∂Θ
//! ϱ = (J(Θ) − J(Θ + h))/(½ h·(μDh − ∇J))                    what was gained of what was promised
//! ϱ > 0: Θ ← Θ + h,  μ ← μ max(1/3, 1 − (2ϱ − 1)³),  ν = 2    else μ ← νμ,  ν ← 2ν    (Nielsen 1999)
//! ```
//!
//! C_k is the curvature of the loss in z (1 for squared error after the identity). D_i is the largest H_ii so far
//! (Moré 1978), so that the damping does not depend on the units of the inputs. The equations are solved in f64 by
//! Cholesky's factorisation; where H + μD is not positive to rounding, μ grows.

use super::cholesky::Cholesky;
use super::{BatchMethod, Iteration, Point};
use crate::objective::Objective;
use crate::real::Scalar;
use serde::{Deserialize, Serialize};

/// μ at the beginning.
const FIRST_DAMPING: f64 = 1e-3;
/// Trials in one iteration before the point is taken for the minimum.
const TRIALS: usize = 60;
/// D_i is nowhere below this share of the largest: a dead unit's weights must not make the equations singular.
const LEAST_SCALE: f64 = 1e-10;

/// Levenberg–Marquardt; its state is μ, ν and D.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LevenbergMarquardt {
    damping: f64,
    growth: f64,
    scale: Vec<f64>,
    /// H, row by row.
    #[serde(skip)]
    matrix: Vec<f64>,
}

impl Default for LevenbergMarquardt {
    fn default() -> Self {
        Self { damping: FIRST_DAMPING, growth: 2.0, scale: Vec::new(), matrix: Vec::new() }
    }
}

impl LevenbergMarquardt {
    /// The lengths of its vectors: 0, or the number of parameters.
    pub(super) fn lengths(&self) -> Vec<usize> {
        vec![self.scale.len()]
    }

    /// D_i ← max(D_i, H_ii).
    fn rescale(&mut self, n: usize) {
        if self.scale.len() != n {
            self.scale = vec![0.0; n];
        }
        for (i, scale) in self.scale.iter_mut().enumerate() {
            *scale = scale.max(self.matrix[i * n + i]);
        }
    }

    /// h of (H + μD) h = −∇J; None where the matrix is not positive to rounding.
    fn solve<T: Scalar>(&self, grad: &[T]) -> Option<Vec<f64>> {
        let n = grad.len();
        let least = LEAST_SCALE * self.scale.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let mut damped = self.matrix.clone();
        for i in 0..n {
            damped[i * n + i] += self.damping * self.scale[i].max(least);
        }
        let factor = Cholesky::of(damped, n)?;
        let mut step: Vec<f64> = grad.iter().map(|g| -g.value()).collect();
        factor.solve(&mut step);
        step.iter().all(|h| h.is_finite()).then_some(step)
    }

    /// ½ h·(μDh − ∇J), what the quadratic model promises to gain.
    fn promised<T: Scalar>(&self, step: &[f64], grad: &[T]) -> f64 {
        let least = LEAST_SCALE * self.scale.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let term = |i: usize| step[i] * (self.damping * self.scale[i].max(least) * step[i] - grad[i].value());
        0.5 * (0..step.len()).map(term).sum::<f64>()
    }

    fn refuse(&mut self) {
        self.damping *= self.growth;
        self.growth *= 2.0;
    }
}

impl<T: Scalar> BatchMethod<T> for LevenbergMarquardt {
    fn iterate(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration {
        let n = point.theta.len();
        if !objective.gauss_newton(&point.theta, &mut self.matrix)
            || self.matrix.iter().any(|h| !h.is_finite())
        {
            return Iteration::Stalled;
        }
        self.rescale(n);
        let mut trial = point.clone();
        for _ in 0..TRIALS {
            let Some(step) = self.solve(&point.grad) else {
                self.refuse();
                continue;
            };
            let mut moved = false;
            for ((trial, &theta), &h) in trial.theta.iter_mut().zip(&point.theta).zip(&step) {
                *trial = T::constant(theta.value() + h);
                moved |= *trial != theta;
            }
            if !moved {
                break;
            }
            trial.cost = objective.cost_and_grad(&trial.theta, &mut trial.grad);
            let finite = trial.cost.is_finite() && crate::real::norm(&trial.grad).is_finite();
            let (fall, promised) = (point.cost - trial.cost, self.promised(&step, &point.grad));
            if finite && fall > 0.0 && promised > 0.0 {
                let gain = fall / promised;
                self.damping *= (1.0 - (2.0 * gain - 1.0).powi(3)).max(1.0 / 3.0);
                self.growth = 2.0;
                *point = trial;
                return Iteration::Moved;
            }
            self.refuse();
        }
        Iteration::Stalled
    }
}
