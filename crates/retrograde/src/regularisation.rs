//! What is added to the average loss, and what is done to the targets: λ and label smoothing.

use crate::error::{Error, Result};
use crate::loss::Output;
use crate::network::Network;
use crate::real::Scalar;

/// What is added to the average loss.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Regularisation {
    /// λ of (λ/2M) Σ‖W‖²; biases are left out.
    pub lambda: f64,
    /// The share s of a target's mass spread evenly over the classes: y(1 − s) + s/K.
    pub label_smoothing: f64,
}

impl Default for Regularisation {
    fn default() -> Self {
        Self { lambda: 0.0, label_smoothing: 0.0 }
    }
}

impl Regularisation {
    /// L2 with the course's λ and nothing else.
    pub fn l2(lambda: f64) -> Self {
        Self { lambda, ..Self::default() }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Setting`] for a negative or non-finite λ, or a smoothing outside [0, 1), or one that the loss
    /// does not know.
    pub fn validate(&self, network: &Network) -> Result<()> {
        let setting =
            |what, found: f64, expected| Err(Error::Setting { what, found: found.to_string(), expected });
        if !(self.lambda.is_finite() && self.lambda >= 0.0) {
            return setting("lambda", self.lambda, "a finite number of 0 or more");
        }
        if !(0.0..1.0).contains(&self.label_smoothing) {
            return setting("label smoothing", self.label_smoothing, "at least 0 and below 1");
        }
        if self.label_smoothing > 0.0 && *network.loss() != crate::Loss::CrossEntropy {
            return setting("label smoothing", self.label_smoothing, "0 unless the loss is cross-entropy");
        }
        Ok(())
    }

    /// The target that takes `y`'s place: y(1 − s) + s·Σy/K for softmax, y(1 − s) + s/2 for sigmoid.
    pub fn smooth(&self, output: Output, y: &[f64]) -> Vec<f64> {
        let spread = match output {
            Output::Softmax => y.iter().sum::<f64>() / y.len() as f64,
            _ => 0.5,
        };
        y.iter().map(|y| y * (1.0 - self.label_smoothing) + self.label_smoothing * spread).collect()
    }
}

/// y(1 − s) + s·spread for a block of targets.
pub(crate) fn smooth_into<T: Scalar>(network: &Network, share: f64, y: &[T], smoothed: &mut [T]) {
    let units = network.outputs();
    let share = T::constant(share);
    for (y, smoothed) in y.chunks_exact(units).zip(smoothed.chunks_exact_mut(units)) {
        let spread = match network.output() {
            Output::Softmax => y.iter().copied().sum::<T>() / T::constant(units as f64),
            _ => T::constant(0.5),
        };
        for (smoothed, &y) in smoothed.iter_mut().zip(y) {
            *smoothed = y * (T::one() - share) + share * spread;
        }
    }
}
