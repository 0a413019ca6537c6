//! iRPROP−: steps from the signs of the derivatives alone.

use super::{Reach, StepMethod};
use crate::machine::team::Spread;
use crate::real::Scalar;
use serde::{Deserialize, Serialize};

/// η⁺ and η⁻ of the publications.
const GROW: f64 = 1.2;
const SHRINK: f64 = 0.5;
/// Bounds of a step.
const LEAST: f64 = 1e-6;
const MOST: f64 = 50.0;

/// iRPROP− (Riedmiller & Braun 1993; Igel & Hüsken 2000): every weight has its own step Δ_i, longer while its
/// derivative keeps its sign and half as long when the sign turns, which also skips one step.
///
/// ```text
/// g_i g′_i > 0:  Δ_i ← min(1.2 Δ_i, 50)            g of this step, g′ of the one before
/// g_i g′_i < 0:  Δ_i ← max(0.5 Δ_i, 10⁻⁶),  g_i ← 0
/// Θ_i ← Θ_i − sign(g_i) Δ_i
/// ```
///
/// The learning rate is the first Δ. Signs of mini-batches disagree by chance: it needs the gradient of all rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Rprop<T: Scalar> {
    /// Δ; 0 before the first step.
    steps: Vec<T>,
    before: Vec<T>,
}

impl<T: Scalar> Rprop<T> {
    /// With no gradient seen yet, for `weights` parameters.
    pub fn new(weights: usize) -> Self {
        Self { steps: vec![T::zero(); weights], before: vec![T::zero(); weights] }
    }

    /// The lengths of its vectors: the number of parameters.
    pub(super) fn lengths(&self) -> Vec<usize> {
        vec![self.steps.len(), self.before.len()]
    }
}

impl<T: Scalar> StepMethod<T> for Rprop<T> {
    fn step(&mut self, theta: &mut [T], grad: &[T], learning_rate: f64, spread: &mut Spread<'_>) {
        let all = (theta, grad, &mut self.steps[..], &mut self.before[..]);
        spread.each(
            all,
            #[inline(always)]
            |(theta, grad, steps, before)| {
                let state = steps.iter_mut().zip(before);
                for ((theta, &grad), (step, before)) in theta.iter_mut().zip(grad).zip(state) {
                    if *step == T::zero() {
                        *step = T::constant(learning_rate);
                    }
                    // Signs and not the product, which may underflow.
                    let turn = sign(grad) * sign(*before);
                    let mut seen = grad;
                    if turn > 0 {
                        *step = T::constant((step.value() * GROW).min(MOST));
                    } else if turn < 0 {
                        *step = T::constant((step.value() * SHRINK).max(LEAST));
                        seen = T::zero();
                    }
                    *before = seen;
                    match sign(seen) {
                        1 => *theta -= *step,
                        -1 => *theta += *step,
                        _ => {}
                    }
                }
            },
        );
    }

    fn reach(&self, _: f64) -> Option<Reach<'_, T>> {
        None
    }
}

fn sign<T: Scalar>(x: T) -> i8 {
    i8::from(x > T::zero()) - i8::from(x < T::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_by_hand() {
        let mut method = Rprop::<f64>::new(1);
        let mut theta = [1.0];
        let mut after = |grad: f64| {
            method.step(&mut theta, &[grad], 0.1, &mut Spread::alone());
            theta[0]
        };
        let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-15, "{found} {wanted}");
        near(after(3.0), 0.9); // Δ = 0.1
        near(after(1e-300), 0.78); // same sign, however small: Δ = 0.12
        near(after(-2.0), 0.78); // turned: Δ = 0.06, no step
        near(after(-2.0), 0.84); // as if new: Δ stays
        near(after(-2.0), 0.912); // Δ = 0.072
        near(after(0.0), 0.912);
    }

    #[test]
    fn steps_stay_within_their_bounds() {
        let mut method = Rprop::<f64>::new(2);
        let mut theta = [0.0, 0.0];
        for k in 0..100 {
            method.step(&mut theta, &[1.0, if k % 4 < 2 { 1.0 } else { -1.0 }], 1.0, &mut Spread::alone());
        }
        assert_eq!(method.steps[0], MOST);
        for _ in 0..100 {
            method.step(&mut theta, &[1.0, 1.0], 1.0, &mut Spread::alone());
            method.step(&mut theta, &[1.0, -1.0], 1.0, &mut Spread::alone());
        }
        assert!(method.steps[1] >= LEAST);
    }
}
