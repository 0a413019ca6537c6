//! Activations a = g(z) and their derivatives g′(z), computed together because they share their exponentials.
//!
//! Every formula keeps the digits of both tails: σ′(40) is 4.2483542552915889e-18 and not 0, although σ(40)
//! rounds to 1. Written once over [`Real`], so f32, f64 and dual numbers run the same code.

use crate::error::{Error, Result};
use crate::real::{Real, Scalar};
use serde::{Deserialize, Serialize};

/// Slope of `leaky_relu` below 0.
pub const LEAKY_SLOPE: f64 = 0.01;
/// λ of `selu` (Klambauer et al. 2017).
pub const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
/// α of `selu`: its negative saturation is −λα.
pub const SELU_SATURATION: f64 = 1.673_263_242_354_377_2;

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
        match self {
            Self::Identity => z,
            Self::Sigmoid => sigmoid(z),
            Self::Tanh => z.tanh(),
            Self::Relu => relu(z),
            Self::LeakyRelu => leaky_relu(z),
            Self::Elu => elu(z),
            Self::Selu => selu(z),
            Self::Gelu => gelu(z),
            Self::Silu => silu(z),
            Self::Softplus => softplus(z),
            Self::Mish => mish(z),
        }
    }

    /// (g(z), g′(z)).
    #[inline]
    pub fn value_and_slope<R: Real>(self, z: R) -> (R, R) {
        match self {
            Self::Identity => (z, R::one()),
            Self::Sigmoid => sigmoid_and_slope(z),
            Self::Tanh => tanh_and_slope(z),
            Self::Relu => (relu(z), if z > R::zero() { R::one() } else { R::zero() }),
            Self::LeakyRelu => {
                (leaky_relu(z), if z > R::zero() { R::one() } else { R::constant(LEAKY_SLOPE) })
            }
            Self::Elu => (elu(z), if z > R::zero() { R::one() } else { z.exp() }),
            Self::Selu => (selu(z), selu_slope(z)),
            Self::Gelu => gelu_and_slope(z),
            Self::Silu => silu_and_slope(z),
            Self::Softplus => (softplus(z), sigmoid(z)),
            Self::Mish => mish_and_slope(z),
        }
    }

    /// a = g(z) for a block of units.
    pub fn apply<T: Scalar>(self, z: &[T], a: &mut [T]) {
        macro_rules! run {
            ($($variant:ident)*) => {
                match self { $(Self::$variant => map(z, a, |z| Self::$variant.value(z)),)* }
            };
        }
        run!(Identity Sigmoid Tanh Relu LeakyRelu Elu Selu Gelu Silu Softplus Mish);
    }

    /// a = g(z) and g′(z) for a block of units.
    pub fn apply_with_slope<T: Scalar>(self, z: &[T], a: &mut [T], slope: &mut [T]) {
        macro_rules! run {
            ($($variant:ident)*) => {
                match self { $(Self::$variant => map_both(z, a, slope, |z| Self::$variant.value_and_slope(z)),)* }
            };
        }
        run!(Identity Sigmoid Tanh Relu LeakyRelu Elu Selu Gelu Silu Softplus Mish);
    }
}

/// The match above is outside the loop: each call compiles to one loop over one formula.
#[inline(always)]
fn map<T: Scalar>(z: &[T], a: &mut [T], g: impl Fn(T) -> T) {
    debug_assert_eq!(z.len(), a.len());
    for (a, &z) in a.iter_mut().zip(z) {
        *a = g(z);
    }
}

#[inline(always)]
fn map_both<T: Scalar>(z: &[T], a: &mut [T], slope: &mut [T], g: impl Fn(T) -> (T, T)) {
    debug_assert!(z.len() == a.len() && z.len() == slope.len());
    for ((a, slope), &z) in a.iter_mut().zip(slope).zip(z) {
        (*a, *slope) = g(z);
    }
}

/// σ(z), from e^−|z|, which cannot overflow.
#[inline]
pub(crate) fn sigmoid<R: Real>(z: R) -> R {
    let t = (-z.abs()).exp();
    let upper = R::one() / (R::one() + t);
    if z < R::zero() { t * upper } else { upper }
}

/// σ(z) and σ′(z) = t/(1+t)² with t = e^−|z|: no 1 − σ that would round to 0.
#[inline]
pub(crate) fn sigmoid_and_slope<R: Real>(z: R) -> (R, R) {
    let t = (-z.abs()).exp();
    let upper = R::one() / (R::one() + t);
    (if z < R::zero() { t * upper } else { upper }, t * upper * upper)
}

/// tanh z and tanh′(z) = 4t/(1+t)² with t = e^−2|z|.
#[inline]
fn tanh_and_slope<R: Real>(z: R) -> (R, R) {
    let magnitude = z.abs();
    let t = (-(magnitude + magnitude)).exp();
    let upper = R::one() / (R::one() + t);
    (z.tanh(), R::constant(4.0) * t * upper * upper)
}

#[inline]
fn relu<R: Real>(z: R) -> R {
    // NaN must stay NaN: a diverged training has to be seen.
    if z <= R::zero() { R::zero() } else { z }
}

#[inline]
fn leaky_relu<R: Real>(z: R) -> R {
    if z > R::zero() { z } else { R::constant(LEAKY_SLOPE) * z }
}

#[inline]
fn elu<R: Real>(z: R) -> R {
    if z > R::zero() { z } else { z.exp_m1() }
}

#[inline]
fn selu<R: Real>(z: R) -> R {
    if z > R::zero() {
        R::constant(SELU_SCALE) * z
    } else {
        R::constant(SELU_SCALE * SELU_SATURATION) * z.exp_m1()
    }
}

#[inline]
fn selu_slope<R: Real>(z: R) -> R {
    if z > R::zero() { R::constant(SELU_SCALE) } else { R::constant(SELU_SCALE * SELU_SATURATION) * z.exp() }
}

/// Φ(z) = erfc(−z/√2)/2.
#[inline]
fn normal_cdf<R: Real>(z: R) -> R {
    let x = -z * R::constant(std::f64::consts::FRAC_1_SQRT_2);
    let cdf = R::constant(0.5) * x.erfc();
    if z.value() < -2.0 { cdf - R::constant(tail_correction(z.value(), x.value())) } else { cdf }
}

/// What rounding −z/√2 to `x` adds to Φ(z), to first order: √2 φ(z) (−z/√2 − x).
///
/// Far below, that is a share of z²ε of Φ itself: hundreds of roundings at z = −30 in f64 or z = −13 in f32.
fn tail_correction(z: f64, x: f64) -> f64 {
    // 1/√2 in two parts: 26 bits of it times 26 bits of z is exact.
    const HIGH: f64 = 0.707_106_769_084_930_4;
    const LOW: f64 = 1.210_161_710_447_897e-08;
    let z_high = f64::from_bits(z.to_bits() & 0xffff_ffff_f800_0000);
    let rounding = (-z_high * HIGH - x) - z_high * LOW - (z - z_high) * (HIGH + LOW);
    // 0·∞ at z = −∞ would be NaN.
    if rounding.is_finite() { std::f64::consts::SQRT_2 * z.normal_density() * rounding } else { 0.0 }
}

#[inline]
fn gelu<R: Real>(z: R) -> R {
    // Far below, Φ(z) is 0 and z·Φ(z) is too; −∞·0 must not become NaN.
    let cdf = normal_cdf(z);
    if cdf.value() == 0.0 { R::zero() } else { z * cdf }
}

/// g′ = Φ(z) + z φ(z).
#[inline]
fn gelu_and_slope<R: Real>(z: R) -> (R, R) {
    let cdf = normal_cdf(z);
    let density = z.normal_density();
    let tail = if density.value() == 0.0 { R::zero() } else { z * density };
    (if cdf.value() == 0.0 { R::zero() } else { z * cdf }, cdf + tail)
}

/// (g, g′) of silu and mish at ±∞, where their formulas multiply 0 by ∞.
#[inline]
fn at_infinity<R: Real>(z: R) -> Option<(R, R)> {
    if !z.value().is_infinite() {
        return None;
    }
    Some(if z < R::zero() { (R::zero(), R::zero()) } else { (z, R::one()) })
}

#[inline]
fn silu<R: Real>(z: R) -> R {
    at_infinity(z).map_or_else(|| z * sigmoid(z), |(a, _)| a)
}

/// g′ = σ(z)(1 + z σ(−z)).
#[inline]
fn silu_and_slope<R: Real>(z: R) -> (R, R) {
    if let Some(limit) = at_infinity(z) {
        return limit;
    }
    let t = (-z.abs()).exp();
    let upper = R::one() / (R::one() + t);
    let (below, above) = if z < R::zero() { (t * upper, upper) } else { (upper, t * upper) };
    (z * below, below * (R::one() + z * above))
}

/// ln(1 + eᶻ) = max(z, 0) + ln(1 + e^−|z|).
#[inline]
pub(crate) fn softplus<R: Real>(z: R) -> R {
    let tail = (-z.abs()).exp().ln_1p();
    if z < R::zero() { tail } else { z + tail }
}

/// (w, 1 − w) with w = tanh(ln(1 + eᶻ)), a rational function of e^−|z|.
#[inline]
fn mish_gate<R: Real>(z: R) -> (R, R) {
    let t = (-z.abs()).exp();
    let two = R::constant(2.0);
    if z < R::zero() {
        let n = t * (t + two);
        (n / (n + two), two / (n + two))
    } else {
        let d = R::one() + two * t * (R::one() + t);
        ((R::one() + two * t) / d, two * t * t / d)
    }
}

#[inline]
fn mish<R: Real>(z: R) -> R {
    at_infinity(z).map_or_else(|| z * mish_gate(z).0, |(a, _)| a)
}

/// g′ = w + z (1 − w²) σ(z).
#[inline]
fn mish_and_slope<R: Real>(z: R) -> (R, R) {
    if let Some(limit) = at_infinity(z) {
        return limit;
    }
    let (w, one_minus_w) = mish_gate(z);
    (z * w, w + z * one_minus_w * (R::one() + w) * sigmoid(z))
}
