//! ℓ of one example, and with it a⁽ᴸ⁾ and δ⁽ᴸ⁾: which formula belongs to which loss behind which output.

use super::cross_entropy::{binary_cross_entropy, softmax_cross_entropy};
use super::residual::{residuals, sigmoid_residual, softmax_residuals};
use super::softmax::softmax;
use super::{Loss, Output, sum, target};
use crate::activation::{sigmoid, sigmoid_and_slope};
use crate::real::Real;

impl Loss {
    /// ℓ of one example alone, over any [`Real`]: what numerical and dual derivatives differentiate.
    ///
    /// `scratch` has the length of `z`.
    pub fn cost<R: Real>(&self, output: Output, z: &[R], y: &[f64], scratch: &mut [R]) -> R {
        let pairs = z.iter().zip(y.iter().map(|&y| R::constant(y)));
        match (self, output) {
            (Self::CrossEntropy, Output::Softmax) => softmax_cross_entropy(z, y),
            (Self::CrossEntropy, _) => sum(pairs.map(|(&z, y)| binary_cross_entropy(z, y))),
            (Self::Poisson, _) => sum(pairs.map(|(&z, y)| z.exp() - y * z)),
            (Self::Gamma, _) => sum(pairs.map(|(&z, y)| z + gamma_ratio(z, y))),
            _ => {
                residuals(output, z, y, scratch);
                sum(scratch.iter().enumerate().map(|(j, &r)| self.penalty(j, r).0))
            }
        }
    }

    /// ℓ of one example, a⁽ᴸ⁾ and δ⁽ᴸ⁾ = ∂ℓ/∂z⁽ᴸ⁾, in one pass.
    ///
    /// δ = a − y for matching pairs; else ∂ℓ/∂a ∘ g′(z), with softmax's full Jacobian.
    pub fn cost_and_delta<R: Real, Y: Copy + Into<f64>>(
        &self,
        output: Output,
        z: &[R],
        y: &[Y],
        a: &mut [R],
        delta: &mut [R],
    ) -> R {
        match (self, output) {
            (Self::CrossEntropy, Output::Softmax) => {
                softmax(z, a);
                delta.copy_from_slice(a);
                let mass = sum(y.iter().map(|&y| target::<R, Y>(y)));
                softmax_residuals(z, mass, y, delta);
                softmax_cross_entropy(z, y)
            }
            (_, Output::Softmax) => self.penalty_behind_softmax(z, y, a, delta),
            _ => {
                let mut cost = R::zero();
                for (j, ((&z, &y), (a, delta))) in z.iter().zip(y).zip(a.iter_mut().zip(delta)).enumerate() {
                    let unit;
                    (unit, *a, *delta) = self.of_unit(output, j, z, target(y));
                    cost += unit;
                }
                cost
            }
        }
    }

    /// (ℓ, a, δ) of output unit `j` alone, behind any output activation but softmax.
    #[inline(always)]
    pub(super) fn of_unit<R: Real>(&self, output: Output, j: usize, z: R, y: R) -> (R, R, R) {
        match self {
            Self::CrossEntropy => {
                let a = sigmoid(z);
                (binary_cross_entropy(z, y), a, sigmoid_residual(z, a, y))
            }
            Self::Poisson => {
                let a = z.exp();
                (a - y * z, a, a - y)
            }
            Self::Gamma => {
                let ratio = gamma_ratio(z, y);
                (z + ratio, z.exp(), R::one() - ratio)
            }
            _ => {
                let (a, slope, r) = match output {
                    Output::Sigmoid => {
                        let (a, slope) = sigmoid_and_slope(z);
                        (a, slope, sigmoid_residual(z, a, y))
                    }
                    Output::Exp => {
                        let a = z.exp();
                        (a, a, a - y)
                    }
                    _ => (z, R::one(), z - y),
                };
                // ∂ℓ/∂a g′(z)
                let (penalty, pull) = self.penalty(j, r);
                (penalty, a, pull * slope)
            }
        }
    }
}

/// y e^−z = y/a of the gamma loss.
#[inline(always)]
fn gamma_ratio<R: Real>(z: R, y: R) -> R {
    y * (-z).exp()
}
