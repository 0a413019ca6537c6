//! Methods that turn each gradient into one step: gradient descent, momentum, Adam, RMSprop.

use super::{Reach, StepMethod};
use crate::machine::team::Spread;
use crate::real::{Real, Scalar};
use serde::{Deserialize, Serialize};

/// Gradient descent with momentum μ (μ = 0: plain gradient descent).
///
/// ```text
/// v ← μ v + ∇J,   Θ ← Θ − η v              classical (Polyak 1964)
/// v ← μ v + ∇J,   Θ ← Θ − η (∇J + μ v)     Nesterov (Sutskever et al. 2013)
/// ```
///
/// The first v is ∇J itself, as in PyTorch. Where η changes on the way, v stays what it is and the next step is η times it;
/// [`Sgd::keep_pace`] is for the other custom, of a velocity in units of Θ.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Sgd<T: Scalar> {
    momentum: f64,
    nesterov: bool,
    velocity: Vec<T>,
}

impl<T: Scalar> Sgd<T> {
    /// With no velocity yet, for `weights` parameters.
    pub fn new(momentum: f64, nesterov: bool, weights: usize) -> Self {
        let held = if momentum == 0.0 { 0 } else { weights };
        Self { momentum, nesterov, velocity: vec![T::zero(); held] }
    }

    /// The lengths of its vectors: 0, or the number of parameters.
    pub(super) fn lengths(&self) -> Vec<usize> {
        vec![self.velocity.len()]
    }

    /// v ← v η/η′: after the rate changed from η to η′, what is left of earlier steps is as long as it was. That is
    /// v ← μ v − η ∇J, Θ ← Θ + v, scikit-learn's form.
    pub fn keep_pace(&mut self, from: f64, to: f64) {
        let ratio = T::constant(from / to);
        self.velocity.iter_mut().for_each(|v| *v *= ratio);
    }
}

impl<T: Scalar> StepMethod<T> for Sgd<T> {
    fn step(&mut self, theta: &mut [T], grad: &[T], learning_rate: f64, spread: &mut Spread<'_>) {
        let rate = T::constant(learning_rate);
        if self.velocity.is_empty() {
            spread.each(
                (theta, grad),
                #[inline(always)]
                |(theta, grad)| {
                    for (theta, &grad) in theta.iter_mut().zip(grad) {
                        *theta -= rate * grad;
                    }
                },
            );
            return;
        }
        let (momentum, nesterov) = (T::constant(self.momentum), self.nesterov);
        spread.each(
            (theta, grad, &mut self.velocity[..]),
            #[inline(always)]
            |(theta, grad, velocity)| {
                for ((theta, &grad), velocity) in theta.iter_mut().zip(grad).zip(velocity) {
                    *velocity = momentum * *velocity + grad;
                    let step = if nesterov { grad + momentum * *velocity } else { *velocity };
                    *theta -= rate * step;
                }
            },
        );
    }

    /// A constant gradient makes v = g/(1 − μ).
    fn reach(&self, learning_rate: f64) -> Option<Reach<'_, T>> {
        Some(Reach { rate: learning_rate / (1.0 - self.momentum), roots: None })
    }
}

/// Adam (Kingma & Ba 2015, algorithm 1), with ε outside the bias-corrected root:
///
/// ```text
/// m ← β₁ m + (1 − β₁) ∇J          v ← β₂ v + (1 − β₂) ∇J²
/// Θ ← Θ − η m/(1 − β₁ᵗ) / (√v/√(1 − β₂ᵗ) + ε)
/// ```
///
/// or, [with ε inside](Adam::with_inner_epsilon), the order of computation that the end of their section 2 names, which TensorFlow and
/// scikit-learn follow:
///
/// ```text
/// Θ ← Θ − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) m/(√v + ε)
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Adam<T: Scalar> {
    betas: [f64; 2],
    epsilon: f64,
    #[serde(default)]
    is_inner: bool,
    steps: u64,
    mean: Vec<T>,
    mean_square: Vec<T>,
}

impl<T: Scalar> Adam<T> {
    /// With moments of 0, for `weights` parameters; `betas` are β₁ and β₂.
    pub fn new(betas: [f64; 2], epsilon: f64, weights: usize) -> Self {
        let zeros = vec![T::zero(); weights];
        Self { betas, epsilon, is_inner: false, steps: 0, mean: zeros.clone(), mean_square: zeros }
    }

    /// With ε beside √v itself, before its bias is corrected.
    #[must_use]
    pub fn with_inner_epsilon(self) -> Self {
        Self { is_inner: true, ..self }
    }

    /// ε beside the corrected root, in step t.
    fn outer_epsilon(&self) -> f64 {
        let corrected = 1.0 - self.betas[1].powf(self.steps as f64);
        if self.is_inner { self.epsilon / corrected.sqrt() } else { self.epsilon }
    }

    /// The lengths of its vectors: the number of parameters.
    pub(super) fn lengths(&self) -> Vec<usize> {
        vec![self.mean.len(), self.mean_square.len()]
    }
}

impl<T: Scalar> StepMethod<T> for Adam<T> {
    fn step(&mut self, theta: &mut [T], grad: &[T], learning_rate: f64, spread: &mut Spread<'_>) {
        self.steps = self.steps.saturating_add(1);
        let t = self.steps as f64;
        let [beta1, beta2] = self.betas;
        let (keep_mean, take_mean) = (T::constant(beta1), T::constant(1.0 - beta1));
        let (keep_square, take_square) = (T::constant(beta2), T::constant(1.0 - beta2));
        let rate = T::constant(learning_rate / (1.0 - beta1.powf(t)));
        let root_scale = T::constant(1.0 / (1.0 - beta2.powf(t)).sqrt());
        let epsilon = T::constant(self.outer_epsilon());
        let all = (theta, grad, &mut self.mean[..], &mut self.mean_square[..]);
        spread.each(
            all,
            #[inline(always)]
            |(theta, grad, mean, square)| {
                let moments = mean.iter_mut().zip(square);
                for ((theta, &grad), (mean, square)) in theta.iter_mut().zip(grad).zip(moments) {
                    *mean = keep_mean * *mean + take_mean * grad;
                    *square = keep_square * *square + take_square * grad * grad;
                    *theta -= rate * *mean / (Real::sqrt(*square) * root_scale + epsilon);
                }
            },
        );
    }

    fn reach(&self, learning_rate: f64) -> Option<Reach<'_, T>> {
        let unbiased = 1.0 / (1.0 - self.betas[1].powf(self.steps as f64));
        Some(Reach { rate: learning_rate, roots: Some((&self.mean_square, unbiased, self.outer_epsilon())) })
    }
}

/// RMSprop (Hinton 2012, lecture 6e), with ε outside the root as in PyTorch:
///
/// ```text
/// v ← ρ v + (1 − ρ) ∇J²          Θ ← Θ − η ∇J/(√v + ε)
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct RmsProp<T: Scalar> {
    decay: f64,
    epsilon: f64,
    mean_square: Vec<T>,
}

impl<T: Scalar> RmsProp<T> {
    /// With mean squares of 0, for `weights` parameters; `decay` is ρ.
    pub fn new(decay: f64, epsilon: f64, weights: usize) -> Self {
        Self { decay, epsilon, mean_square: vec![T::zero(); weights] }
    }

    /// The lengths of its vectors: the number of parameters.
    pub(super) fn lengths(&self) -> Vec<usize> {
        vec![self.mean_square.len()]
    }
}

impl<T: Scalar> StepMethod<T> for RmsProp<T> {
    fn step(&mut self, theta: &mut [T], grad: &[T], learning_rate: f64, spread: &mut Spread<'_>) {
        let (keep, take) = (T::constant(self.decay), T::constant(1.0 - self.decay));
        let (rate, epsilon) = (T::constant(learning_rate), T::constant(self.epsilon));
        spread.each(
            (theta, grad, &mut self.mean_square[..]),
            #[inline(always)]
            |(theta, grad, square)| {
                for ((theta, &grad), square) in theta.iter_mut().zip(grad).zip(square) {
                    *square = keep * *square + take * grad * grad;
                    *theta -= rate * grad / (Real::sqrt(*square) + epsilon);
                }
            },
        );
    }

    fn reach(&self, learning_rate: f64) -> Option<Reach<'_, T>> {
        Some(Reach { rate: learning_rate, roots: Some((&self.mean_square, 1.0, self.epsilon)) })
    }
}
