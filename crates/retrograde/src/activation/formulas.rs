//! The formulas of the activations.
//!
//! Both sides of a choice are computed before it, so that it is a select and the loops over the formulas vectorise;
//! everything here is inlined into those loops.

use super::{LEAKY_SLOPE, SELU_SATURATION, SELU_SCALE};
use crate::real::Real;

#[inline(always)]
pub(crate) fn identity<R: Real>(z: R) -> R {
    z
}

#[inline(always)]
pub(crate) fn identity_and_slope<R: Real>(z: R) -> (R, R) {
    (z, R::one())
}

/// σ(z), from e^−|z|, which cannot overflow.
#[inline(always)]
pub(crate) fn sigmoid<R: Real>(z: R) -> R {
    sigmoid_and_slope(z).0
}

/// σ(z) and σ′(z) = t/(1+t)² with t = e^−|z|: no 1 − σ that would round to 0.
#[inline(always)]
pub(crate) fn sigmoid_and_slope<R: Real>(z: R) -> (R, R) {
    let t = (-z.abs()).exp();
    let upper = R::one() / (R::one() + t);
    let lower = t * upper;
    (if z < R::zero() { lower } else { upper }, lower * upper)
}

#[inline(always)]
pub(crate) fn tanh<R: Real>(z: R) -> R {
    z.tanh()
}

/// tanh z and tanh′(z) = 4t/(1+t)² with t = e^−2|z|.
#[inline(always)]
pub(crate) fn tanh_and_slope<R: Real>(z: R) -> (R, R) {
    let magnitude = z.abs();
    let t = (-(magnitude + magnitude)).exp();
    let upper = R::one() / (R::one() + t);
    (z.tanh(), R::constant(4.0) * t * upper * upper)
}

#[inline(always)]
pub(crate) fn relu<R: Real>(z: R) -> R {
    // NaN must stay NaN: a diverged training has to be seen.
    if z <= R::zero() { R::zero() } else { z }
}

#[inline(always)]
pub(crate) fn relu_and_slope<R: Real>(z: R) -> (R, R) {
    (relu(z), if z > R::zero() { R::one() } else { R::zero() })
}

#[inline(always)]
pub(crate) fn leaky_relu<R: Real>(z: R) -> R {
    let below = R::constant(LEAKY_SLOPE) * z;
    if z > R::zero() { z } else { below }
}

#[inline(always)]
pub(crate) fn leaky_relu_and_slope<R: Real>(z: R) -> (R, R) {
    (leaky_relu(z), if z > R::zero() { R::one() } else { R::constant(LEAKY_SLOPE) })
}

#[inline(always)]
pub(crate) fn elu<R: Real>(z: R) -> R {
    let below = z.exp_m1();
    if z > R::zero() { z } else { below }
}

#[inline(always)]
pub(crate) fn elu_and_slope<R: Real>(z: R) -> (R, R) {
    let below = z.exp();
    (elu(z), if z > R::zero() { R::one() } else { below })
}

#[inline(always)]
pub(crate) fn selu<R: Real>(z: R) -> R {
    let above = R::constant(SELU_SCALE) * z;
    let below = R::constant(SELU_SCALE * SELU_SATURATION) * z.exp_m1();
    if z > R::zero() { above } else { below }
}

#[inline(always)]
pub(crate) fn selu_and_slope<R: Real>(z: R) -> (R, R) {
    let below = R::constant(SELU_SCALE * SELU_SATURATION) * z.exp();
    (selu(z), if z > R::zero() { R::constant(SELU_SCALE) } else { below })
}

/// z Φ(z).
#[inline(always)]
pub(crate) fn gelu<R: Real>(z: R) -> R {
    product_with_tail(z, z.normal_cdf())
}

/// g′ = Φ(z) + z φ(z).
#[inline(always)]
pub(crate) fn gelu_and_slope<R: Real>(z: R) -> (R, R) {
    let cdf = z.normal_cdf();
    (product_with_tail(z, cdf), cdf + product_with_tail(z, z.normal_density()))
}

/// z·tail, where a tail of 0 wins against an infinite z.
#[inline(always)]
fn product_with_tail<R: Real>(z: R, tail: R) -> R {
    let product = z * tail;
    if tail == R::zero() { R::zero() } else { product }
}

/// z between −1000 and 1000, where e^−|z| is 0 in any type: silu and mish multiply it with what is 0 beyond.
#[inline(always)]
fn bounded<R: Real>(z: R) -> R {
    let (low, high) = (R::constant(-1000.0), R::constant(1000.0));
    let z = if z < low { low } else { z };
    if z > high { high } else { z }
}

#[inline(always)]
pub(crate) fn silu<R: Real>(z: R) -> R {
    silu_and_slope(z).0
}

/// g′ = σ(z)(1 + z σ(−z)).
#[inline(always)]
pub(crate) fn silu_and_slope<R: Real>(z: R) -> (R, R) {
    let inner = bounded(z);
    let t = (-inner.abs()).exp();
    let upper = R::one() / (R::one() + t);
    let lower = t * upper;
    let (below, above) =
        (if z < R::zero() { lower } else { upper }, if z < R::zero() { upper } else { lower });
    let value = inner * below;
    (if z > inner { z } else { value }, below * (R::one() + inner * above))
}

/// ln(1 + eᶻ) = max(z, 0) + ln(1 + e^−|z|).
#[inline(always)]
pub(crate) fn softplus<R: Real>(z: R) -> R {
    let tail = (-z.abs()).exp().ln_1p();
    let above = z + tail;
    if z < R::zero() { tail } else { above }
}

#[inline(always)]
pub(crate) fn softplus_and_slope<R: Real>(z: R) -> (R, R) {
    (softplus(z), sigmoid(z))
}

/// (w, 1 − w) with w = tanh(ln(1 + eᶻ)), a rational function of e^−|z|.
#[inline(always)]
fn mish_gate<R: Real>(z: R) -> (R, R) {
    let t = (-z.abs()).exp();
    let (one, two) = (R::one(), R::constant(2.0));
    let n = t * (t + two);
    let d = one + two * t * (one + t);
    let (above, rest_above, n_plus_two) = (one + two * t, two * t * t, n + two);
    let numerator = if z < R::zero() { n } else { above };
    let rest = if z < R::zero() { two } else { rest_above };
    let denominator = if z < R::zero() { n_plus_two } else { d };
    (numerator / denominator, rest / denominator)
}

#[inline(always)]
pub(crate) fn mish<R: Real>(z: R) -> R {
    mish_and_slope(z).0
}

/// g′ = w + z (1 − w²) σ(z).
#[inline(always)]
pub(crate) fn mish_and_slope<R: Real>(z: R) -> (R, R) {
    let inner = bounded(z);
    let (w, one_minus_w) = mish_gate(inner);
    let value = inner * w;
    let slope = w + inner * one_minus_w * (R::one() + w) * sigmoid(inner);
    (if z > inner { z } else { value }, slope)
}
