//! The last layer: output activation, loss ℓ(z, y) of one example, and δ⁽ᴸ⁾ = ∂ℓ/∂z.
//!
//! Cost and δ come out of one function, so they can never belong to two different losses. Both are computed
//! from z and not from a: with t = e^−|z|, 1 − σ(z) is σ(−z) and loses no digit where σ rounds to 1.
//!
//! Here is which losses there are and what each may follow; `cost` and `rows` have their values, of one example and
//! of many, `output`, `softmax`, `cross_entropy` and `residual` the formulas these are made of.

mod cost;
mod cross_entropy;
mod output;
mod residual;
mod rows;
mod softmax;

use crate::error::{Error, Result};
use crate::real::Real;
use serde::{Deserialize, Serialize};

pub use output::Output;
pub(crate) use rows::{Rows, Scratch};
pub use softmax::argmax;

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
}

/// A target as the number the formulas are in.
#[inline(always)]
fn target<R: Real, Y: Into<f64>>(y: Y) -> R {
    R::constant(y.into())
}

fn sum<R: Real>(terms: impl Iterator<Item = R>) -> R {
    terms.fold(R::zero(), |total, term| total + term)
}
