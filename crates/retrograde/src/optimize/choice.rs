//! Which method, by name and with its constants.

use crate::error::{Error, Result};
use crate::loss::Loss;
use crate::network::Network;
use serde::{Deserialize, Serialize};

/// The choice of a method and its constants; everything else about a training is in
/// [`TrainSettings`](crate::train::TrainSettings).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Optimizer {
    /// One of the others, by [`Optimizer::automatic`].
    Auto,
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
    /// Adam with weight decay apart from the gradient (Loshchilov & Hutter 2019).
    AdamW {
        /// β₁, decay of the mean.
        beta1: f64,
        /// β₂, decay of the mean square.
        beta2: f64,
        /// ε, added to the root.
        epsilon: f64,
    },
    /// RMSprop (Hinton 2012).
    RmsProp {
        /// ρ, decay of the mean square.
        decay: f64,
        /// ε, added to the root.
        epsilon: f64,
    },
    /// iRPROP−: one step length per weight, from the signs of its derivatives on all rows (Igel & Hüsken 2000).
    Rprop,
    /// Nonlinear conjugate gradients, Polak–Ribière with a Wolfe–Powell line search.
    ConjugateGradients,
    /// Scaled conjugate gradients (Møller 1993): curvature along the direction instead of a line search.
    ScaledConjugateGradients,
    /// Limited-memory BFGS.
    Lbfgs {
        /// How many pairs of steps and gradient changes it remembers.
        memory: usize,
    },
    /// Levenberg–Marquardt: damped Gauss–Newton steps.
    LevenbergMarquardt {
        /// Bytes that its n×n matrices may take.
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
    /// AdamW with the published constants.
    pub const ADAMW: Self = Self::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    /// SGD with momentum 0.9.
    pub const SGD: Self = Self::Sgd { momentum: 0.9, nesterov: false };
    /// SGD with Nesterov's momentum 0.9.
    pub const NESTEROV: Self = Self::Sgd { momentum: 0.9, nesterov: true };
    /// RMSprop with PyTorch's constants.
    pub const RMSPROP: Self = Self::RmsProp { decay: 0.99, epsilon: 1e-8 };
    /// L-BFGS remembering 10 pairs.
    pub const LBFGS: Self = Self::Lbfgs { memory: 10 };
    /// Levenberg–Marquardt in at most 1 GiB: up to 6,688 weights.
    pub const LM: Self = Self::LevenbergMarquardt { memory: 1 << 30 };

    /// Each method by name, with its default constants.
    pub const NAMED: [(&'static str, Self); 12] = [
        ("auto", Self::Auto),
        ("gd", Self::GradientDescent),
        ("sgd", Self::SGD),
        ("nesterov", Self::NESTEROV),
        ("adam", Self::ADAM),
        ("adamw", Self::ADAMW),
        ("rmsprop", Self::RMSPROP),
        ("rprop", Self::Rprop),
        ("cg", Self::ConjugateGradients),
        ("scg", Self::ScaledConjugateGradients),
        ("lbfgs", Self::LBFGS),
        ("lm", Self::LM),
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
            Self::Auto => "auto",
            Self::GradientDescent => "gd",
            Self::Sgd { nesterov: false, .. } => "sgd",
            Self::Sgd { nesterov: true, .. } => "nesterov",
            Self::Adam { .. } => "adam",
            Self::AdamW { .. } => "adamw",
            Self::RmsProp { .. } => "rmsprop",
            Self::Rprop => "rprop",
            Self::ConjugateGradients => "cg",
            Self::ScaledConjugateGradients => "scg",
            Self::Lbfgs { .. } => "lbfgs",
            Self::LevenbergMarquardt { .. } => "lm",
        }
    }

    /// Whether the method finds its own step on the full cost: it takes no mini-batches and no learning rate.
    pub fn is_batch_method(self) -> bool {
        matches!(
            self,
            Self::ConjugateGradients
                | Self::ScaledConjugateGradients
                | Self::Lbfgs { .. }
                | Self::LevenbergMarquardt { .. }
        )
    }

    /// Whether the method is made for the gradient of all rows, whatever else it may be given.
    pub fn wants_all_rows(self) -> bool {
        self.is_batch_method() || matches!(self, Self::GradientDescent | Self::Rprop)
    }

    /// The method for `rows` rows of this network, when nobody chose one.
    ///
    /// Levenberg–Marquardt for a squared error of few weights on many rows; else L-BFGS while a gradient of all rows is
    /// cheap; else Adam. docs/methods.md has the measurements behind the limits.
    pub fn automatic(network: &Network, rows: usize) -> Self {
        let weights = network.weight_count();
        let few = weights <= AUTO_LM_WEIGHTS && rows / AUTO_LM_ROWS >= weights;
        if few && *network.loss() == Loss::SquaredError {
            Self::LM
        } else if rows.saturating_mul(weights) <= AUTO_LBFGS_WORK {
            Self::LBFGS
        } else {
            Self::ADAM
        }
    }

    /// Checks the constants, and that the method can work on this network.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first that is out of range.
    pub fn validate(self, network: &Network) -> Result<()> {
        match self {
            Self::LevenbergMarquardt { memory } => fits_levenberg_marquardt(network, memory),
            _ => self.validate_constants(),
        }
    }

    /// Checks the constants alone.
    pub(crate) fn validate_constants(self) -> Result<()> {
        match self {
            Self::Sgd { momentum, .. } => in_unit("momentum", momentum),
            Self::Adam { beta1, beta2, epsilon } | Self::AdamW { beta1, beta2, epsilon } => {
                in_unit("beta1", beta1)?;
                in_unit("beta2", beta2)?;
                positive("epsilon", epsilon)
            }
            Self::RmsProp { decay, epsilon } => {
                in_unit("the decay of RMSprop", decay)?;
                positive("epsilon", epsilon)
            }
            Self::Lbfgs { memory: 0 } => Err(Error::Setting {
                what: "the memory of L-BFGS",
                found: "0".into(),
                expected: "at least 1",
            }),
            _ => Ok(()),
        }
    }
}

/// [`Optimizer::automatic`] takes Levenberg–Marquardt up to so many weights,
const AUTO_LM_WEIGHTS: usize = 600;
/// with at least so many rows for each,
const AUTO_LM_ROWS: usize = 10;
/// and L-BFGS up to so many rows × weights, about the multiplications of a gradient.
const AUTO_LBFGS_WORK: usize = 5_000_000;

fn fits_levenberg_marquardt(network: &Network, memory: usize) -> Result<()> {
    if !network.loss().is_curved() {
        return Err(Error::Setting {
            what: "the loss for Levenberg–Marquardt",
            found: network.loss().name().into(),
            expected: "squared-error, cross-entropy, poisson or gamma; for others lbfgs",
        });
    }
    let weights = network.weight_count();
    // H, H + μD and its factor.
    let needed = weights.saturating_mul(weights).saturating_mul(3 * size_of::<f64>());
    if needed > memory {
        return Err(Error::Setting {
            what: "the memory that Levenberg–Marquardt needs",
            found: format!("{:.1} GiB for {weights} weights", needed as f64 / f64::from(1 << 30)),
            expected: "at most its cap, by default 1 GiB",
        });
    }
    Ok(())
}

fn in_unit(what: &'static str, value: f64) -> Result<()> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(Error::Setting { what, found: value.to_string(), expected: "at least 0 and below 1" })
}

fn positive(what: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::Setting { what, found: value.to_string(), expected: "a positive number" })
}
