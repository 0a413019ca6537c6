//! The last layer: output activation, loss ℓ(z, y) of one example, and δ⁽ᴸ⁾ = ∂ℓ/∂z.
//!
//! Cost and δ come out of one function, so they can never belong to two different losses. Both are computed
//! from z and not from a: with t = e^−|z|, 1 − σ(z) is σ(−z) and loses no digit where σ rounds to 1.

mod rows;

use crate::activation::{sigmoid, sigmoid_and_slope};
use crate::error::{Error, Result};
use crate::real::Real;
use serde::{Deserialize, Serialize};

pub(crate) use rows::{Rows, Scratch};

/// The activation of the last layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Output {
    /// a = z: values of any size.
    Identity,
    /// a = σ(z): one probability per unit (two classes, or several labels).
    Sigmoid,
    /// a_i = e^z_i / Σ_j e^z_j: one probability per class.
    Softmax,
    /// a = eᶻ: positive values (counts, durations).
    Exp,
}

impl Output {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Sigmoid, Self::Softmax, Self::Exp];

    /// The name on the command line and in model files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::Softmax => "softmax",
            Self::Exp => "exp",
        }
    }

    /// The output activation of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the list of names.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name.to_ascii_lowercase()).ok_or_else(|| Error::Unknown {
            what: "output activation",
            found: name.to_owned(),
            expected: Self::ALL.map(Self::name).join(", "),
        })
    }

    /// a⁽ᴸ⁾ of one example from its z⁽ᴸ⁾.
    pub fn apply<R: Real>(self, z: &[R], a: &mut [R]) {
        debug_assert_eq!(z.len(), a.len());
        match self {
            Self::Identity => a.copy_from_slice(z),
            Self::Sigmoid => a.iter_mut().zip(z).for_each(|(a, &z)| *a = sigmoid(z)),
            Self::Softmax => softmax(z, a),
            Self::Exp => a.iter_mut().zip(z).for_each(|(a, &z)| *a = z.exp()),
        }
    }
}

/// What is minimised: ℓ of one example, summed over its outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Loss {
    /// −Σ y ln a − (1−y) ln(1−a) with sigmoid, −Σ y ln a with softmax.
    CrossEntropy,
    /// Σ ½(a − y)².
    SquaredError,
    /// Σ |a − y|; its derivative at a = y is taken as 0.
    Absolute,
    /// Σ ½r² for |r| = |a − y| ≤ `delta`, else `delta`·(|r| − `delta`/2).
    Huber {
        /// Where the parabola becomes a line, in units of the target.
        delta: f64,
    },
    /// Σ a − y ln a with a = eᶻ: the Poisson likelihood without its constant ln y!.
    Poisson,
    /// Σ ln a + y/a with a = eᶻ: the gamma likelihood of shape 1 without its constants.
    Gamma,
    /// Σ_j max(q_j r, (q_j − 1) r) with r = y − a: output j estimates the q_j-quantile.
    Quantile {
        /// One level in (0, 1) for each output.
        levels: Vec<f64>,
    },
}

/// What a target must be, in words and as a test.
pub type TargetRule = (&'static str, fn(f64) -> bool);

impl Loss {
    /// Names of all losses, in the order of the documentation.
    pub const NAMES: [&'static str; 7] =
        ["cross-entropy", "squared-error", "absolute", "huber", "poisson", "gamma", "quantile"];

    /// The name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CrossEntropy => "cross-entropy",
            Self::SquaredError => "squared-error",
            Self::Absolute => "absolute",
            Self::Huber { .. } => "huber",
            Self::Poisson => "poisson",
            Self::Gamma => "gamma",
            Self::Quantile { .. } => "quantile",
        }
    }

    /// The outputs this loss can follow.
    pub fn outputs(&self) -> &'static [Output] {
        match self {
            Self::CrossEntropy => &[Output::Softmax, Output::Sigmoid],
            Self::Poisson | Self::Gamma => &[Output::Exp],
            _ => &Output::ALL,
        }
    }

    /// Whether δ⁽ᴸ⁾ is simply a − y: the loss is the negative log-likelihood that belongs to the output.
    pub fn matches(&self, output: Output) -> bool {
        matches!(
            (self, output),
            (Self::CrossEntropy, Output::Sigmoid | Output::Softmax)
                | (Self::SquaredError, Output::Identity)
                | (Self::Poisson, Output::Exp)
        )
    }

    /// Whether it bends everywhere, so that there is a Gauss–Newton matrix: losses with corners are lines between them.
    pub fn is_curved(&self) -> bool {
        matches!(self, Self::SquaredError | Self::CrossEntropy | Self::Poisson | Self::Gamma)
    }

    /// Checks that loss, output and number of output units go together.
    pub(crate) fn validate(&self, output: Output, units: usize) -> Result<()> {
        if !self.outputs().contains(&output) {
            return Err(Error::OutputLoss {
                loss: self.name().into(),
                output: output.name().into(),
                expected: self.outputs().iter().map(|o| o.name()).collect::<Vec<_>>().join(" or "),
            });
        }
        match self {
            Self::Huber { delta } if !(delta.is_finite() && *delta > 0.0) => Err(Error::Setting {
                what: "huber's delta",
                found: delta.to_string(),
                expected: "a positive number",
            }),
            Self::Quantile { levels } if levels.len() != units => Err(Error::Shape {
                what: "the number of quantile levels",
                found: levels.len().to_string(),
                expected: format!("one for each of the {units} outputs"),
            }),
            Self::Quantile { levels } if !levels.iter().all(|q| *q > 0.0 && *q < 1.0) => {
                Err(Error::Setting {
                    what: "a quantile level",
                    found: format!("{levels:?}"),
                    expected: "between 0 and 1, both excluded",
                })
            }
            _ => Ok(()),
        }
    }

    /// The rule a target y must obey, or None when any finite number will do.
    pub fn target_rule(&self) -> Option<TargetRule> {
        match self {
            Self::CrossEntropy => Some(("a probability between 0 and 1", |y| (0.0..=1.0).contains(&y))),
            Self::Poisson => Some(("a count of 0 or more", |y| y >= 0.0)),
            Self::Gamma => Some(("a value above 0", |y| y > 0.0)),
            _ => None,
        }
    }

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
                let mut cost = R::zero();
                for (j, &r) in scratch.iter().enumerate() {
                    cost += self.penalty(j, r).0;
                }
                cost
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
        output.apply(z, a);
        match (self, output) {
            (Self::CrossEntropy, Output::Softmax) => {
                let mass = sum(y.iter().map(|&y| target::<R, Y>(y)));
                let rest = softmax_complement(z, a);
                let top = argmax(z);
                for (k, delta) in delta.iter_mut().enumerate() {
                    // mass·p − y, written with 1 − p so that a right and saturated class keeps its digits.
                    let one_minus_p = if k == top { rest } else { R::one() - a[k] };
                    let y = target::<R, Y>(y[k]);
                    *delta = a[k] * (mass - y) - y * one_minus_p;
                }
                softmax_cross_entropy(z, y)
            }
            (_, Output::Softmax) => self.softmax_residuals(z, y, a, delta),
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
    fn of_unit<R: Real>(&self, output: Output, j: usize, z: R, y: R) -> (R, R, R) {
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

    /// The losses that are functions of the residual r = a − y, behind softmax.
    fn softmax_residuals<R: Real, Y: Copy + Into<f64>>(
        &self,
        z: &[R],
        y: &[Y],
        a: &[R],
        delta: &mut [R],
    ) -> R {
        residuals(Output::Softmax, z, y, delta);
        let mut cost = R::zero();
        for (j, delta) in delta.iter_mut().enumerate() {
            let (penalty, slope) = self.penalty(j, *delta);
            cost += penalty;
            *delta = slope; // ∂ℓ/∂a
        }
        // δ_k = p_k (c_k − Σ_j p_j c_j), with every c taken relative to the largest class's.
        let top = delta[argmax(z)];
        let mut mean = R::zero();
        for (&c, &p) in delta.iter().zip(a) {
            mean += p * (c - top);
        }
        for (delta, &p) in delta.iter_mut().zip(a) {
            *delta = p * ((*delta - top) - mean);
        }
        cost
    }

    /// (ρ(r), ρ′(r)) of the residual losses; output `j` chooses the quantile level.
    #[inline(always)]
    fn penalty<R: Real>(&self, j: usize, r: R) -> (R, R) {
        let sign = if r > R::zero() {
            R::one()
        } else if r < R::zero() {
            -R::one()
        } else {
            R::zero()
        };
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
                let slope = if r > R::zero() {
                    R::constant(1.0 - q)
                } else if r < R::zero() {
                    R::constant(-q)
                } else {
                    R::zero()
                };
                (slope * r, slope)
            }
            _ => (R::constant(0.5) * r * r, r),
        }
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

    /// Whether some residual of this example sits on a jump of ρ′, where δ is a convention, or so close that the
    /// rounding of a decides on which side.
    pub(crate) fn on_jump(&self, a: &[f64], rounding: &[f64], y: &[f64]) -> bool {
        matches!(self, Self::Absolute | Self::Quantile { .. })
            && a.iter().zip(y).zip(rounding).any(|((a, y), &rounding)| (a - y).abs() <= rounding)
    }
}

/// A target as the number the formulas are in.
#[inline(always)]
fn target<R: Real, Y: Into<f64>>(y: Y) -> R {
    R::constant(y.into())
}

fn sum<R: Real>(terms: impl Iterator<Item = R>) -> R {
    terms.fold(R::zero(), |total, term| total + term)
}

/// Index of the largest entry, the first of equals.
#[inline(always)]
pub fn argmax<R: Real>(z: &[R]) -> usize {
    let mut top = 0;
    for (k, value) in z.iter().enumerate() {
        if *value > z[top] {
            top = k;
        }
    }
    top
}

/// p_k = e^(z_k − max)/Σ_j e^(z_j − max): one maximum per row, so nothing overflows.
fn softmax<R: Real>(z: &[R], a: &mut [R]) {
    let max = z[argmax(z)];
    let mut total = R::zero();
    for (a, &z) in a.iter_mut().zip(z) {
        *a = (z - max).exp();
        total += *a;
    }
    for a in a {
        *a = *a / total;
    }
}

/// 1 − p of the largest class, as the sum of the others.
fn softmax_complement<R: Real>(z: &[R], a: &[R]) -> R {
    let top = argmax(z);
    sum(a.iter().enumerate().filter(|(k, _)| *k != top).map(|(_, &p)| p))
}

/// Σ y_k (ln Σ_j e^z_j − z_k) = Σ y_k ((max − z_k) + ln(1 + Σ_{j≠top} e^(z_j − max))).
fn softmax_cross_entropy<R: Real, Y: Copy + Into<f64>>(z: &[R], y: &[Y]) -> R {
    let top = argmax(z);
    let max = z[top];
    let others = sum(z.iter().enumerate().filter(|(k, _)| *k != top).map(|(_, &z)| (z - max).exp()));
    let log_partition = others.ln_1p();
    let mut cost = R::zero();
    for (&z, &y) in z.iter().zip(y) {
        let y: f64 = y.into();
        // 0·∞ is 0 here: a class that is not the target costs nothing, however unlikely.
        if y != 0.0 {
            cost += R::constant(y) * ((max - z) + log_partition);
        }
    }
    cost
}

/// max(z, 0) − z y + ln(1 + e^−|z|).
#[inline(always)]
fn binary_cross_entropy<R: Real>(z: R, y: R) -> R {
    let tail = (-z.abs()).exp().ln_1p();
    // max(z,0) − zy = z(1−y) above 0, −zy below.
    if z < R::zero() { tail - z * y } else { tail + z * (R::one() - y) }
}

/// a − y = σ(z)(1 − y) − y σ(−z).
#[inline(always)]
fn sigmoid_residual<R: Real>(z: R, a: R, y: R) -> R {
    a * (R::one() - y) - y * sigmoid(-z)
}

/// y e^−z = y/a of the gamma loss.
#[inline(always)]
fn gamma_ratio<R: Real>(z: R, y: R) -> R {
    y * (-z).exp()
}

/// r = a − y of every output, without losing the digits of a saturated one.
fn residuals<R: Real, Y: Copy + Into<f64>>(output: Output, z: &[R], y: &[Y], r: &mut [R]) {
    output.apply(z, r);
    match output {
        Output::Identity | Output::Exp => {
            r.iter_mut().zip(y).for_each(|(r, &y)| *r -= target::<R, Y>(y));
        }
        Output::Sigmoid => {
            for ((r, &z), &y) in r.iter_mut().zip(z).zip(y) {
                *r = sigmoid_residual(z, *r, target::<R, Y>(y));
            }
        }
        Output::Softmax => {
            let top = argmax(z);
            let rest = softmax_complement(z, r);
            for (k, (r, &y)) in r.iter_mut().zip(y).enumerate() {
                let y = target::<R, Y>(y);
                let one_minus_p = if k == top { rest } else { R::one() - *r };
                *r = *r * (R::one() - y) - y * one_minus_p;
            }
        }
    }
}
