//! The numbers the calculus is written in: `f32`, `f64`, and (in [`crate::dual`]) dual numbers.
//!
//! Formulas that need only arithmetic and elementary functions are written once over [`Real`]; what also
//! needs matrix products is written over [`Scalar`].

use crate::elementary;
use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A number with the elementary functions the activations and losses are made of.
///
/// Each function is accurate where its argument is tiny or huge; which *combination* of them keeps the digits
/// of a saturated unit is the business of the formulas, not of this trait. The bounds are in ULP, units in the last
/// place of the exact result; a loop over any of the functions vectorises, and the bits are those of every platform.
pub trait Real:
    Copy
    + Debug
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// The constant `value`, rounded to this type.
    fn constant(value: f64) -> Self;
    /// The value as f64 (of a dual number: without its derivative).
    fn value(self) -> f64;
    /// eˣ, within 1 ULP.
    fn exp(self) -> Self;
    /// eˣ − 1, without cancellation near 0, within 2 ULP.
    fn exp_m1(self) -> Self;
    /// ln(1 + x), without cancellation near 0, within 1 ULP.
    fn ln_1p(self) -> Self;
    /// √x, correctly rounded.
    fn sqrt(self) -> Self;
    /// Hyperbolic tangent, within 3 ULP.
    fn tanh(self) -> Self;
    /// Complementary error function 1 − erf(x), without cancellation for large x, within 4.1 ULP.
    fn erfc(self) -> Self;
    /// Φ(x) = ½ erfc(−x/√2), without cancellation for large −x, within 4.6 ULP.
    fn normal_cdf(self) -> Self;
    /// φ(x) = e^(−x²/2)/√2π, without loss of digits for large x, within 1.5 ULP.
    fn normal_density(self) -> Self;

    /// 0.
    #[inline(always)]
    fn zero() -> Self {
        Self::constant(0.0)
    }
    /// 1.
    #[inline(always)]
    fn one() -> Self {
        Self::constant(1.0)
    }
    /// |x|; at 0 its derivative is taken from the right, as everywhere in this crate's formulas.
    fn abs(self) -> Self {
        if self < Self::zero() { -self } else { self }
    }
    /// Whether the value is neither NaN nor infinite.
    fn is_finite(self) -> bool {
        self.value().is_finite()
    }
}

macro_rules! real_float {
    ($float:ty) => {
        impl Real for $float {
            #[inline(always)]
            fn constant(value: f64) -> Self {
                value as $float
            }
            #[inline(always)]
            fn value(self) -> f64 {
                f64::from(self)
            }
            real_float!(by elementary: exp exp_m1 ln_1p tanh erfc normal_cdf normal_density);
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$float>::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$float>::abs(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                <$float>::is_finite(self)
            }
        }
    };
    (by elementary: $($function:ident)*) => {
        $(
            #[inline(always)]
            fn $function(self) -> Self {
                elementary::$function(self)
            }
        )*
    };
}

real_float!(f32);
real_float!(f64);

#[allow(
    private_bounds,
    reason = "nobody else implements it, and the steps of the engine are its own business"
)]
/// The two types networks compute in: `f32` (default for training) and `f64` (default for checks).
pub trait Scalar:
    Real
    + crate::product::library::Multiply
    + crate::product::Lanes
    + crate::compiled::Steps
    + serde::Serialize
    + serde::de::DeserializeOwned
    + std::iter::Sum
    + Default
    + Into<f64>
    + Display
    + Send
    + Sync
    + 'static
{
    /// The name used on the command line and in model files.
    const NAME: &'static str;
    /// The distance from 1 to the next larger number.
    const EPSILON: f64;
}

impl Scalar for f32 {
    const NAME: &'static str = "f32";
    const EPSILON: f64 = f32::EPSILON as f64;
}

impl Scalar for f64 {
    const NAME: &'static str = "f64";
    const EPSILON: f64 = f64::EPSILON;
}

/// `values` in another scalar type; exact from f32 to f64.
pub fn convert<S: Scalar, T: Scalar>(values: &[S]) -> Vec<T> {
    values.iter().map(|v| T::constant(v.value())).collect()
}

/// x·y in f64, in lanes that the compiler can vectorise; the order of the sum depends on the length alone.
#[inline(always)]
pub(crate) fn dot<T: Scalar>(x: &[T], y: &[T]) -> f64 {
    const LANES: usize = 8;
    debug_assert_eq!(x.len(), y.len());
    let mut lanes = [0.0f64; LANES];
    let (x_blocks, y_blocks) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let tail: f64 =
        x_blocks.remainder().iter().zip(y_blocks.remainder()).map(|(a, b)| a.value() * b.value()).sum();
    for (a, b) in x_blocks.zip(y_blocks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane].value() * b[lane].value();
        }
    }
    lanes.iter().sum::<f64>() + tail
}

/// ‖x‖, the Euclidean norm, in f64; infinite or NaN only when an entry is.
pub fn norm<T: Scalar>(x: &[T]) -> f64 {
    let square = dot(x, x);
    if square.is_finite() {
        return square.sqrt();
    }
    // The squares overflow, their entries may not.
    let largest = x.iter().fold(0.0, |largest: f64, x| largest.max(x.value().abs()));
    let scaled: f64 = x.iter().map(|x| (x.value() / largest).powi(2)).sum();
    largest * scaled.sqrt()
}

/// A sum of f64 that carries its rounding error along (Neumaier 1974): as good as exact for any number of terms.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    sum: f64,
    carry: f64,
}

impl Sum {
    pub fn add(&mut self, term: f64) {
        let total = self.sum + term;
        let (large, small) = if self.sum.abs() >= term.abs() { (self.sum, term) } else { (term, self.sum) };
        self.carry += (large - total) + small;
        self.sum = total;
    }

    /// The sum; infinite or NaN as the plain sum would be.
    pub fn value(self) -> f64 {
        if self.sum.is_finite() { self.sum + self.carry } else { self.sum }
    }
}

#[cfg(test)]
mod tests {
    use super::{Sum, norm};

    #[test]
    fn sums_keep_what_cancels() {
        let mut sum = Sum::default();
        for term in [1.0, 1e100, 1.0, -1e100] {
            sum.add(term);
        }
        assert_eq!(sum.value(), 2.0);
        sum.add(f64::INFINITY);
        assert_eq!(sum.value(), f64::INFINITY);
    }

    #[test]
    fn norms_overflow_only_with_their_entries() {
        assert!((norm(&[3e200, 4e200]) / 5e200 - 1.0).abs() < 1e-15);
        assert_eq!(norm(&[3.0f32, -4.0]), 5.0);
        assert_eq!(norm::<f64>(&[]), 0.0);
        assert!(norm(&[1.0, f64::NAN]).is_nan() && !norm(&[1.0, f64::INFINITY]).is_finite());
    }
}
