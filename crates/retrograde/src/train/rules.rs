//! What is done to gradient and weights around a step, besides the step itself.

use crate::error::{Error, Result};
use crate::machine::team::Spread;
use crate::network::Network;
use crate::optimize::StepMethod;
use crate::real::{Real, Scalar, norm};
use serde::{Deserialize, Serialize};

/// Rules around each step of a step method, in this order; biases are left out of all but the first.
///
/// ```text
/// clip      ∇J ← ∇J min(1, c/‖∇J‖)
/// decay     W ← (1 − ηd) W                                    decoupled (Loshchilov & Hutter 2019)
///           the method's step
/// l1        W ← sign(W) max(0, |W| − r λ₁/M)                  proximal: zeros are exact
/// max-norm  W_i ← W_i min(1, c/‖W_i‖) for the row of each unit (Srebro et al. 2005)
/// ```
///
/// r is the method's [reach](StepMethod::reach), so that a training comes to rest at a minimum of
/// J + (λ₁/M) Σ|W|. ∇J is that of J alone: the check of derivatives knows λ and nothing of these.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct StepRules {
    /// The largest ‖∇J‖ a step is made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// d of the decoupled decay; by default 0.3 with AdamW and 0 with all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// λ₁ of (λ₁/M) Σ|W|.
    #[serde(default)]
    pub l1: f64,
    /// The largest ‖W_i‖ of the weights into one unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_norm: Option<f64>,
}

impl StepRules {
    /// Whether there is any.
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first that is out of range.
    pub fn validate(&self) -> Result<()> {
        let setting =
            |what, found: f64, expected| Err(Error::Setting { what, found: found.to_string(), expected });
        let positive = |x: f64| x.is_finite() && x > 0.0;
        match *self {
            Self { clip_norm: Some(c), .. } if !positive(c) => {
                setting("the norm that gradients are clipped to", c, "a positive number")
            }
            Self { weight_decay: Some(d), .. } if !(d.is_finite() && d >= 0.0) => {
                setting("the weight decay", d, "a finite number of 0 or more")
            }
            Self { l1, .. } if !(l1.is_finite() && l1 >= 0.0) => {
                setting("the L1 penalty", l1, "a finite number of 0 or more")
            }
            Self { max_norm: Some(c), .. } if !positive(c) => {
                setting("the largest norm of a unit's weights", c, "a positive number")
            }
            _ => Ok(()),
        }
    }

    /// (λ₁/M) Σ|W|.
    pub fn penalty<T: Scalar>(&self, network: &Network, theta: &[T], total: f64) -> f64 {
        if self.l1 == 0.0 {
            return 0.0;
        }
        let sum: f64 = network.layers().flat_map(|l| &theta[l.weights]).map(|w| w.value().abs()).sum();
        self.l1 / total * sum
    }

    /// One step with its rules; `grad` is what is left of it after clipping.
    pub(super) fn step<T: Scalar>(
        &self,
        method: &mut dyn StepMethod<T>,
        network: &Network,
        (theta, grad): (&mut [T], &mut [T]),
        (learning_rate, total): (f64, f64),
        spread: &mut Spread<'_>,
    ) {
        if let Some(largest) = self.clip_norm {
            scale_down(grad, largest);
        }
        if let Some(decay) = self.weight_decay.filter(|&d| d > 0.0) {
            let keep = T::constant(1.0 - learning_rate * decay);
            for layer in network.layers() {
                theta[layer.weights].iter_mut().for_each(|w| *w *= keep);
            }
        }
        method.step(theta, grad, learning_rate, spread);
        if let Some(reach) = method.reach(learning_rate).filter(|_| self.l1 > 0.0) {
            let share = self.l1 / total;
            for i in network.layers().flat_map(|layer| layer.weights) {
                theta[i] = shrink(theta[i], reach.of_penalty(i, share));
            }
        }
        if let Some(largest) = self.max_norm {
            for layer in network.layers() {
                theta[layer.weights].chunks_exact_mut(layer.inputs).for_each(|row| scale_down(row, largest));
            }
        }
    }
}

/// x ← x min(1, c/‖x‖).
fn scale_down<T: Scalar>(x: &mut [T], largest: f64) {
    let length = norm(x);
    if length > largest {
        let factor = T::constant(largest / length);
        for x in x {
            *x *= factor;
        }
    }
}

/// sign(w) max(0, |w| − t).
fn shrink<T: Scalar>(w: T, threshold: f64) -> T {
    let left = Real::abs(w).value() - threshold;
    if !(left > 0.0) {
        // NaN stays NaN.
        return if w.is_finite() { T::zero() } else { w };
    }
    T::constant(if w < T::zero() { -left } else { left })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize::Sgd;
    use crate::{Activation, Loss, Output};

    fn network() -> Network {
        Network::new(&[2, 2, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError).unwrap()
    }

    /// W 2×2, b 2, W 1×2, b 1.
    fn after(rules: StepRules, theta: [f64; 9], grad: [f64; 9]) -> [f64; 9] {
        let (mut theta, mut grad) = (theta, grad);
        rules.step(
            &mut Sgd::new(0.0, false, 9),
            &network(),
            (&mut theta, &mut grad),
            (0.1, 4.0),
            &mut Spread::alone(),
        );
        theta
    }

    const ONES: [f64; 9] = [1.0; 9];

    #[test]
    fn clipping_by_hand() {
        // ‖(1 … 1)‖ = 3: clipped to 0.3, each entry is 0.1.
        let rules = StepRules { clip_norm: Some(0.3), ..StepRules::default() };
        assert!(after(rules, ONES, ONES).iter().all(|w| (w - 0.99f64).abs() < 1e-15));
        let rules = StepRules { clip_norm: Some(3.1), ..StepRules::default() };
        assert!(after(rules, ONES, ONES).iter().all(|w| (w - 0.9f64).abs() < 1e-15));
    }

    #[test]
    fn decay_and_shrinking_leave_the_biases_alone() {
        let rules = StepRules { weight_decay: Some(0.5), ..StepRules::default() };
        let found = after(rules, ONES, [0.0; 9]);
        assert_eq!(found, [0.95, 0.95, 0.95, 0.95, 1.0, 1.0, 0.95, 0.95, 1.0]);
        // η λ₁/M = 0.1 · 8/4 = 0.2
        let rules = StepRules { l1: 8.0, ..StepRules::default() };
        let found = after(rules, [1.0, -1.0, 0.15, -0.15, 0.1, 0.1, 0.2, 0.3, 0.1], [0.0; 9]);
        let wanted = [0.8, -0.8, 0.0, 0.0, 0.1, 0.1, 0.0, 0.3 - 0.2, 0.1];
        assert!(found.iter().zip(wanted).all(|(f, w): (&f64, f64)| (f - w).abs() < 1e-15), "{found:?}");
        assert!(found[2] == 0.0 && found[6] == 0.0);
    }

    #[test]
    fn rows_longer_than_the_largest_norm_are_scaled_to_it() {
        let rules = StepRules { max_norm: Some(1.0), ..StepRules::default() };
        let found = after(rules, [3.0, 4.0, 0.3, 0.4, 9.0, 9.0, 0.0, -2.0, 9.0], [0.0; 9]);
        let wanted = [0.6, 0.8, 0.3, 0.4, 9.0, 9.0, 0.0, -1.0, 9.0];
        assert!(found.iter().zip(wanted).all(|(f, w): (&f64, f64)| (f - w).abs() < 1e-15), "{found:?}");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for rules in [
            StepRules { clip_norm: Some(0.0), ..StepRules::default() },
            StepRules { weight_decay: Some(-1.0), ..StepRules::default() },
            StepRules { l1: f64::NAN, ..StepRules::default() },
            StepRules { max_norm: Some(f64::INFINITY), ..StepRules::default() },
        ] {
            assert!(rules.validate().is_err(), "{rules:?}");
        }
    }
}
