//! Parameter learning methods: what the unrolled gradient vector is handed to.
//!
//! Two kinds share one gradient. A [`StepMethod`] turns each gradient (of a mini-batch or of all rows) into one
//! step. A [`BatchMethod`] asks an [`Objective`] for J and ∇J on all rows as often as its line search needs.
//! Both keep their state as plain data.

pub mod conjugate;
pub mod first_order;
mod interval;
pub mod lbfgs;
pub mod line_search;

use crate::error::{Error, Result};
use crate::objective::Objective;
use crate::real::Scalar;
use serde::{Deserialize, Serialize};

pub use conjugate::ConjugateGradients;
pub use first_order::{Adam, Sgd};
pub use lbfgs::Lbfgs;
pub use line_search::{LineSearch, LineSearchOptions};

/// The choice of a method and its constants; everything else about a training is in
/// [`TrainSettings`](crate::train::TrainSettings).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Optimizer {
    /// Batch gradient descent, the course's: Θ ← Θ − η∇J on all rows, η fixed.
    GradientDescent,
    /// Stochastic gradient descent with momentum μ.
    Sgd {
        /// μ in [0, 1).
        momentum: f64,
        /// Nesterov's look-ahead instead of classical momentum.
        nesterov: bool,
    },
    /// Adam (Kingma & Ba 2015).
    Adam {
        /// β₁, decay of the mean.
        beta1: f64,
        /// β₂, decay of the mean square.
        beta2: f64,
        /// ε, added to the root.
        epsilon: f64,
    },
    /// Nonlinear conjugate gradients, Polak–Ribière with a Wolfe–Powell line search.
    ConjugateGradients,
    /// Limited-memory BFGS.
    Lbfgs {
        /// How many pairs of steps and gradient changes it remembers.
        memory: usize,
    },
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::ADAM
    }
}

impl Optimizer {
    /// Adam with the published constants.
    pub const ADAM: Self = Self::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    /// SGD with momentum 0.9.
    pub const SGD: Self = Self::Sgd { momentum: 0.9, nesterov: false };
    /// SGD with Nesterov's momentum 0.9.
    pub const NESTEROV: Self = Self::Sgd { momentum: 0.9, nesterov: true };
    /// L-BFGS remembering 10 pairs.
    pub const LBFGS: Self = Self::Lbfgs { memory: 10 };

    /// Each method by name, with its default constants.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("gd", Self::GradientDescent),
        ("sgd", Self::SGD),
        ("nesterov", Self::NESTEROV),
        ("adam", Self::ADAM),
        ("cg", Self::ConjugateGradients),
        ("lbfgs", Self::LBFGS),
    ];

    /// The method of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the list of names.
    pub fn from_name(name: &str) -> Result<Self> {
        let wanted = name.to_ascii_lowercase().replace('-', "");
        Self::NAMED.into_iter().find(|(n, _)| *n == wanted).map(|(_, o)| o).ok_or_else(|| Error::Unknown {
            what: "optimizer",
            found: name.to_owned(),
            expected: Self::NAMED.map(|(n, _)| n).join(", "),
        })
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::GradientDescent => "gd",
            Self::Sgd { nesterov: false, .. } => "sgd",
            Self::Sgd { nesterov: true, .. } => "nesterov",
            Self::Adam { .. } => "adam",
            Self::ConjugateGradients => "cg",
            Self::Lbfgs { .. } => "lbfgs",
        }
    }

    /// Whether the method searches along lines of the full cost and so cannot take mini-batches.
    pub fn is_batch_method(self) -> bool {
        matches!(self, Self::ConjugateGradients | Self::Lbfgs { .. })
    }

    /// Checks the constants.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first that is out of range.
    pub fn validate(self) -> Result<()> {
        let in_unit = |what, value: f64| {
            if (0.0..1.0).contains(&value) {
                return Ok(());
            }
            Err(Error::Setting { what, found: value.to_string(), expected: "at least 0 and below 1" })
        };
        match self {
            Self::Sgd { momentum, .. } => in_unit("momentum", momentum),
            Self::Adam { beta1, beta2, epsilon } => {
                in_unit("beta1", beta1)?;
                in_unit("beta2", beta2)?;
                if epsilon.is_finite() && epsilon > 0.0 {
                    return Ok(());
                }
                Err(Error::Setting {
                    what: "epsilon",
                    found: epsilon.to_string(),
                    expected: "a positive number",
                })
            }
            Self::Lbfgs { memory: 0 } => Err(Error::Setting {
                what: "the memory of L-BFGS",
                found: "0".into(),
                expected: "at least 1",
            }),
            _ => Ok(()),
        }
    }

    /// The step method with its state at 0, or None for a batch method.
    pub(crate) fn step_method<T: Scalar>(self, weights: usize) -> Option<Box<dyn StepMethod<T>>> {
        match self {
            Self::GradientDescent => Some(Box::new(Sgd::new(0.0, false, weights))),
            Self::Sgd { momentum, nesterov } => Some(Box::new(Sgd::new(momentum, nesterov, weights))),
            Self::Adam { beta1, beta2, epsilon } => {
                Some(Box::new(Adam::new([beta1, beta2], epsilon, weights)))
            }
            Self::ConjugateGradients | Self::Lbfgs { .. } => None,
        }
    }

    /// The batch method with its state at 0, or None for a step method.
    pub(crate) fn batch_method<T: Scalar>(self) -> Option<Box<dyn BatchMethod<T>>> {
        match self {
            Self::ConjugateGradients => Some(Box::new(ConjugateGradients::default())),
            Self::Lbfgs { memory } => Some(Box::new(Lbfgs::new(memory, LineSearchOptions::default()))),
            _ => None,
        }
    }
}

/// A method that makes one step out of each gradient it is given.
pub trait StepMethod<T>: Send {
    /// Θ ← Θ + step(∇J).
    fn step(&mut self, theta: &mut [T], grad: &[T], learning_rate: f64);
}

/// Where a batch method stands: Θ, J(Θ) and ∇J(Θ), always of the same Θ.
#[derive(Debug, Clone)]
pub struct Point<T> {
    /// Θ.
    pub theta: Vec<T>,
    /// J(Θ).
    pub cost: f64,
    /// ∇J(Θ).
    pub grad: Vec<T>,
}

/// What one iteration of a batch method came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Iteration {
    /// The point moved to a lower cost.
    Moved,
    /// No step lowers the cost any more: a minimum, to rounding. The point is unchanged.
    Stalled,
}

/// A method that searches along lines of the full cost.
pub trait BatchMethod<T>: Send {
    /// One iteration from `point`, which it moves to a point of lower cost or leaves alone.
    ///
    /// A cost or gradient that is not finite is a step too far, never accepted.
    fn iterate(&mut self, objective: &mut dyn Objective<T>, point: &mut Point<T>) -> Iteration;
}
