//! The residual r = a − y, the losses ρ(r) that are functions of it alone, and where ρ′ jumps.

use super::softmax::{argmax, softmax, softmax_complement};
use super::{Loss, Output, target};
use crate::activation::sigmoid;
use crate::real::Real;

/// `mass`·a − y of a probability a, given with 1 − a: a unit that is right and saturated keeps its digits.
#[inline(always)]
fn probability_residual<R: Real>(mass: R, (a, one_minus_a): (R, R), y: R) -> R {
    a * (mass - y) - y * one_minus_a
}

/// a − y = σ(z)(1 − y) − y σ(−z).
#[inline(always)]
pub(super) fn sigmoid_residual<R: Real>(z: R, a: R, y: R) -> R {
    probability_residual(R::one(), (a, sigmoid(-z)), y)
}

/// `r` goes from p to `mass`·p − y, of every class.
pub(super) fn softmax_residuals<R: Real, Y: Copy + Into<f64>>(z: &[R], mass: R, y: &[Y], r: &mut [R]) {
    let top = argmax(z);
    let rest = softmax_complement(top, r);
    for (k, (r, &y)) in r.iter_mut().zip(y).enumerate() {
        let one_minus_p = if k == top { rest } else { R::one() - *r };
        *r = probability_residual(mass, (*r, one_minus_p), target(y));
    }
}

/// r = a − y of every output, without losing the digits of a saturated one.
pub(super) fn residuals<R: Real, Y: Copy + Into<f64>>(output: Output, z: &[R], y: &[Y], r: &mut [R]) {
    output.apply(z, r);
    match output {
        Output::Identity | Output::Exp => {
            r.iter_mut().zip(y).for_each(|(r, &y)| *r -= target::<R, Y>(y));
        }
        Output::Sigmoid => {
            for ((r, &z), &y) in r.iter_mut().zip(z).zip(y) {
                *r = sigmoid_residual(z, *r, target(y));
            }
        }
        Output::Softmax => softmax_residuals(z, R::one(), y, r),
    }
}

/// The derivative of a loss with a corner at 0: `left` or `right` of it, and 0 in it.
#[inline(always)]
fn slope_beside_corner<R: Real>(r: R, left: R, right: R) -> R {
    if r > R::zero() {
        right
    } else if r < R::zero() {
        left
    } else {
        R::zero()
    }
}

impl Loss {
    /// (ρ(r), ρ′(r)) of the residual losses; output `j` chooses the quantile level.
    #[inline(always)]
    pub(super) fn penalty<R: Real>(&self, j: usize, r: R) -> (R, R) {
        let sign = slope_beside_corner(r, -R::one(), R::one());
        match self {
            Self::Absolute => (r.abs(), sign),
            Self::Huber { delta } => {
                let bend = R::constant(*delta);
                if r.abs() <= bend {
                    (R::constant(0.5) * r * r, r)
                } else {
                    (bend * (r.abs() - R::constant(0.5) * bend), bend * sign)
                }
            }
            Self::Quantile { levels } => {
                // r = a − y: above the target costs (1 − q) r, below costs −q r.
                let q = levels[j];
                let slope = slope_beside_corner(r, R::constant(-q), R::constant(1.0 - q));
                (slope * r, slope)
            }
            _ => (R::constant(0.5) * r * r, r),
        }
    }

    /// ℓ, a and δ of the residual losses behind softmax.
    pub(super) fn penalty_behind_softmax<R: Real, Y: Copy + Into<f64>>(
        &self,
        z: &[R],
        y: &[Y],
        a: &mut [R],
        delta: &mut [R],
    ) -> R {
        softmax(z, a);
        delta.copy_from_slice(a);
        softmax_residuals(z, R::one(), y, delta);
        let mut cost = R::zero();
        for (j, delta) in delta.iter_mut().enumerate() {
            let (penalty, slope) = self.penalty(j, *delta);
            cost += penalty;
            *delta = slope; // ∂ℓ/∂a
        }
        // δ_k = p_k (c_k − Σ_j p_j c_j), with every c taken relative to the largest class's.
        let top = delta[argmax(z)];
        let mut mean = R::zero();
        for (&c, &p) in delta.iter().zip(&*a) {
            mean += p * (c - top);
        }
        for (delta, &p) in delta.iter_mut().zip(&*a) {
            *delta = p * ((*delta - top) - mean);
        }
        cost
    }

    /// Whether the numerical derivative of ℓ between the outputs `low` and `high` would cross a kink.
    pub(crate) fn kink_between(&self, low: &[f64], high: &[f64], y: &[f64]) -> bool {
        let bends: [f64; 2] = match self {
            Self::Absolute | Self::Quantile { .. } => [0.0, 0.0],
            Self::Huber { delta } => [-delta, *delta],
            _ => return false,
        };
        low.iter().zip(high).zip(y).any(|((low, high), y)| {
            bends.iter().any(|bend| (low - y - bend).signum() != (high - y - bend).signum())
        })
    }

    /// Whether ℓ has kinks at all.
    pub(crate) fn has_kink(&self) -> bool {
        matches!(self, Self::Absolute | Self::Quantile { .. } | Self::Huber { .. })
    }

    /// Whether some residual of this example sits on a jump of ρ′, where δ is a convention, or so close that the
    /// rounding of a decides on which side.
    pub(crate) fn on_jump(&self, a: &[f64], rounding: &[f64], y: &[f64]) -> bool {
        matches!(self, Self::Absolute | Self::Quantile { .. })
            && a.iter().zip(y).zip(rounding).any(|((a, y), &rounding)| (a - y).abs() <= rounding)
    }
}
