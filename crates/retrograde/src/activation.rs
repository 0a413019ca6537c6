//! Activations a = g(z) and their derivatives g′(z), computed together because they share their exponentials.
//!
//! Every formula keeps the digits of both tails: σ′(40) is 4.2483542552915889e-18 and not 0, although σ(40)
//! rounds to 1. Written once over [`Real`], so f32, f64 and dual numbers run the same code.

mod formulas;

use crate::error::{Error, Result};
use crate::machine::vectorised::vectorised;
use crate::real::{Real, Scalar};
use formulas::{
    elu, elu_and_slope, gelu, gelu_and_slope, identity, identity_and_slope, leaky_relu, leaky_relu_and_slope,
    mish, mish_and_slope, relu, relu_and_slope, selu, selu_and_slope, silu, silu_and_slope, softplus,
    softplus_and_slope, tanh, tanh_and_slope,
};
pub(crate) use formulas::{sigmoid, sigmoid_and_slope};
use serde::{Deserialize, Serialize};

/// Slope of `leaky_relu` below 0.
pub const LEAKY_SLOPE: f64 = 0.01;
/// λ of `selu` (Klambauer et al. 2017).
pub const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
/// α of `selu`: its negative saturation is −λα.
pub const SELU_SATURATION: f64 = 1.673_263_242_354_377_2;

/// `$use!(formula)` with the formula g of an activation.
macro_rules! with_value {
    ($activation:expr, $use:ident) => {
        match $activation {
            Activation::Identity => $use!(identity),
            Activation::Sigmoid => $use!(sigmoid),
            Activation::Tanh => $use!(tanh),
            Activation::Relu => $use!(relu),
            Activation::LeakyRelu => $use!(leaky_relu),
            Activation::Elu => $use!(elu),
            Activation::Selu => $use!(selu),
            Activation::Gelu => $use!(gelu),
            Activation::Silu => $use!(silu),
            Activation::Softplus => $use!(softplus),
            Activation::Mish => $use!(mish),
        }
    };
}

/// `$use!(formula)` with the formula (g, g′) of an activation.
macro_rules! with_value_and_slope {
    ($activation:expr, $use:ident) => {
        match $activation {
            Activation::Identity => $use!(identity_and_slope),
            Activation::Sigmoid => $use!(sigmoid_and_slope),
            Activation::Tanh => $use!(tanh_and_slope),
            Activation::Relu => $use!(relu_and_slope),
            Activation::LeakyRelu => $use!(leaky_relu_and_slope),
            Activation::Elu => $use!(elu_and_slope),
            Activation::Selu => $use!(selu_and_slope),
            Activation::Gelu => $use!(gelu_and_slope),
            Activation::Silu => $use!(silu_and_slope),
            Activation::Softplus => $use!(softplus_and_slope),
            Activation::Mish => $use!(mish_and_slope),
        }
    };
}

/// The activation of a hidden layer, applied to each unit on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// g(z) = z.
    Identity,
    /// σ(z) = 1/(1 + e⁻ᶻ), the course's activation.
    Sigmoid,
    /// tanh z.
    Tanh,
    /// max(z, 0), with g′(0) = 0.
    Relu,
    /// z for z > 0, else 0.01 z.
    LeakyRelu,
    /// z for z > 0, else eᶻ − 1 (Clevert et al. 2015).
    Elu,
    /// λz for z > 0, else λα(eᶻ − 1) (Klambauer et al. 2017).
    Selu,
    /// z Φ(z) with the exact normal distribution function Φ (Hendrycks & Gimpel 2016).
    Gelu,
    /// z σ(z), also known as swish.
    Silu,
    /// ln(1 + eᶻ).
    Softplus,
    /// z tanh(ln(1 + eᶻ)) (Misra 2019).
    Mish,
}

impl Activation {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Identity,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu,
        Self::Elu,
        Self::Selu,
        Self::Gelu,
        Self::Silu,
        Self::Softplus,
        Self::Mish,
    ];

    /// The name on the command line and in model files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky_relu",
            Self::Elu => "elu",
            Self::Selu => "selu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::Mish => "mish",
        }
    }

    /// The activation of that name; `-` and `_` are the same.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the list of names.
    pub fn from_name(name: &str) -> Result<Self> {
        let wanted = name.replace('-', "_").to_ascii_lowercase();
        Self::ALL.into_iter().find(|a| a.name() == wanted).ok_or_else(|| Error::Unknown {
            what: "activation",
            found: name.to_owned(),
            expected: Self::ALL.map(Self::name).join(", "),
        })
    }

    /// Whether g′ or g″ jumps at z = 0, so that a numerical derivative across 0 means nothing.
    pub fn has_kink(self) -> bool {
        matches!(self, Self::Relu | Self::LeakyRelu | Self::Elu | Self::Selu)
    }

    /// Whether g′ itself jumps at z = 0: there the derivative is a convention.
    pub fn slope_jumps(self) -> bool {
        matches!(self, Self::Relu | Self::LeakyRelu | Self::Selu)
    }

    /// g(z).
    #[inline]
    pub fn value<R: Real>(self, z: R) -> R {
        macro_rules! call {
            ($g:ident) => {
                $g(z)
            };
        }
        with_value!(self, call)
    }

    /// (g(z), g′(z)).
    #[inline]
    pub fn value_and_slope<R: Real>(self, z: R) -> (R, R) {
        macro_rules! call {
            ($g:ident) => {
                $g(z)
            };
        }
        with_value_and_slope!(self, call)
    }

    /// a = g(z) for a block of units.
    pub fn apply<T: Scalar>(self, z: &[T], a: &mut [T]) {
        macro_rules! run {
            ($g:ident) => {
                map(
                    z,
                    a,
                    #[inline(always)]
                    |z| $g(z),
                )
            };
        }
        with_value!(self, run);
    }

    /// a = g(z) and g′(z) for a block of units.
    pub fn apply_with_slope<T: Scalar>(self, z: &[T], a: &mut [T], slope: &mut [T]) {
        macro_rules! run {
            ($g:ident) => {
                map_both(
                    z,
                    a,
                    slope,
                    #[inline(always)]
                    |z| $g(z),
                )
            };
        }
        with_value_and_slope!(self, run);
    }
}

/// One loop over one formula: the match on the activation is outside.
#[inline(always)]
fn map<T: Scalar>(z: &[T], a: &mut [T], g: impl Fn(T) -> T) {
    debug_assert_eq!(z.len(), a.len());
    vectorised(
        #[inline(always)]
        || {
            for (a, &z) in a.iter_mut().zip(z) {
                *a = g(z);
            }
        },
    );
}

#[inline(always)]
fn map_both<T: Scalar>(z: &[T], a: &mut [T], slope: &mut [T], g: impl Fn(T) -> (T, T)) {
    debug_assert!(z.len() == a.len() && z.len() == slope.len());
    vectorised(
        #[inline(always)]
        || {
            for ((a, slope), &z) in a.iter_mut().zip(slope.iter_mut()).zip(z) {
                (*a, *slope) = g(z);
            }
        },
    );
}
