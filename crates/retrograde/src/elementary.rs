//! The elementary functions of f32 and f64: eˣ, eˣ − 1, ln(1 + x), tanh x, erfc x, φ(x) and Φ(x).
//!
//! Each is one straight line of + − × ÷, comparisons and operations on bits, with selects instead of branches: a
//! plain loop over any of them vectorises, and every platform gives the same bits. Errors are in ULP, units in the
//! last place of the exact result (subnormal ones included), and are the largest that were measured: in f32 at every 17th
//! bit pattern against f64, in f64 at 10⁶ points of the whole range against 120 bits.
//!
//! The algorithms are written once over [`Float`]; the coefficients in it are printed by
//! `tests/golden/make_elementary.py`, which also makes the values that the tests compare with.

use crate::real::Real;

/// c₀ + c₁x + c₂x² + …, written out: a loop would have to be unrolled before the one around it vectorises.
macro_rules! polynomial {
    ($x:expr; $c:literal) => { $c };
    ($x:expr; $c:literal, $($rest:literal),+) => { $c + $x * polynomial!($x; $($rest),+) };
}

/// What the algorithms below need to know of a type.
pub(crate) trait Float: Real {
    /// 1/ln 2.
    const LOG2_E: Self;
    /// ln 2 = `LN_2_HIGH` + `LN_2_LOW`: the first times any exponent of the type is exact.
    const LN_2_HIGH: Self;
    /// The rest of ln 2.
    const LN_2_LOW: Self;
    /// Added to a small number, it leaves that number, rounded to an integer, in the last bits of the sum.
    const ROUNDER: Self;
    /// eˣ is 0 below the first and infinite above the second.
    const EXP_RANGE: (Self, Self);
    /// eˣ − 1 is x below this magnitude.
    const TINY: Self;
    /// 1 + x is x above this.
    const HUGE: Self;
    /// Φ(−x) is 0 above this.
    const TAIL_END: Self;
    /// erfc x is 0 above this: `TAIL_END`/√2.
    const ERFC_END: Self;
    /// The s of [`Float::tail_series`].
    const TAIL_SHIFT: Self;
    /// That s/√2.
    const ERFC_SHIFT: Self;
    /// The c of `tail_series`.
    const TAIL_CENTRE: Self;

    /// 2ⁿ for a normal 2ⁿ, from `ROUNDER` + n.
    fn power_of_two(shifted: Self) -> Self;
    /// The upper half of x's digits: its square is exact.
    fn upper_half(self) -> Self;
    /// This magnitude with the sign of `other`.
    fn with_sign_of(self, other: Self) -> Self;
    /// (k, m, 2⁻ᵏ) with x = 2ᵏm and √½ ≤ m < √2, for a normal x > 0 with k < 127 (f32) or 1023 (f64).
    fn split(self) -> (Self, Self, Self);
    /// (eʳ − 1 − r)/r² for |r| ≤ ½ ln 2 and a little more.
    fn exp_series(r: Self) -> Self;
    /// 2(artanh(s)/s − 1)/s² as a function of s² for |s| ≤ (√2 − 1)/(√2 + 1).
    fn log_series(square: Self) -> Self;
    /// Φ(−x)·e^(x²/2)/i with i = ½s/(x + s), as a function of t = x i − ¼s, for 0 ≤ x ≤ `TAIL_END`.
    fn tail_series(t: Self) -> Self;
}

macro_rules! float_bits {
    ($float:ty, $bits:ty, $digits:literal) => {
        #[inline(always)]
        fn power_of_two(shifted: Self) -> Self {
            <$float>::from_bits(shifted.to_bits().wrapping_add(<$float>::MAX_EXP as $bits - 1) << $digits)
        }
        #[inline(always)]
        fn upper_half(self) -> Self {
            <$float>::from_bits(self.to_bits() & (<$bits>::MAX << ($digits + 2) / 2))
        }
        #[inline(always)]
        fn with_sign_of(self, other: Self) -> Self {
            const SIGN: $bits = 1 << (<$bits>::BITS - 1);
            <$float>::from_bits((self.to_bits() & !SIGN) | (other.to_bits() & SIGN))
        }
        #[inline(always)]
        fn split(self) -> (Self, Self, Self) {
            // With √½ moved to a power of two, the exponent of x is that of the power of two below x/√½.
            const ROOT_HALF: $bits = (std::f64::consts::FRAC_1_SQRT_2 as $float).to_bits();
            const BIAS: $bits = <$float>::MAX_EXP as $bits - 1;
            // The last bits of 2^digits count ones.
            const COUNTER: $float = (1u64 << $digits) as $float;
            let moved = self.to_bits().wrapping_add((BIAS << $digits) - ROOT_HALF);
            let exponent = moved >> $digits;
            let k = <$float>::from_bits(exponent | COUNTER.to_bits()) - (COUNTER + BIAS as $float);
            let m = <$float>::from_bits((moved & ((1 << $digits) - 1)) + ROOT_HALF);
            (k, m, <$float>::from_bits((2 * BIAS).wrapping_sub(exponent) << $digits))
        }
    };
}

impl Float for f32 {
    const LOG2_E: Self = std::f32::consts::LOG2_E;
    const LN_2_HIGH: Self = 0.693_145_75;
    const LN_2_LOW: Self = 1.428_606_8e-6;
    const ROUNDER: Self = 12_582_912.0; // 1.5·2²³
    const EXP_RANGE: (Self, Self) = (-105.0, 89.0);
    const TINY: Self = 1e-9;
    const HUGE: Self = 1e9;
    const TAIL_END: Self = 15.0;
    const ERFC_END: Self = 10.5;
    const TAIL_SHIFT: Self = 4.25;
    const ERFC_SHIFT: Self = 3.005_203_7;
    const TAIL_CENTRE: Self = 1.0;

    float_bits!(f32, u32, 23);

    #[inline(always)]
    fn exp_series(r: Self) -> Self {
        polynomial!(r; 0.5, 0.166_665_76, 0.041_666_552, 0.008_363_346, 0.001_392_639_2)
    }
    #[inline(always)]
    fn log_series(square: Self) -> Self {
        polynomial!(square; 0.666_666_87, 0.399_887_77, 0.295_800_54)
    }
    #[inline(always)]
    fn tail_series(t: Self) -> Self {
        polynomial!(t;
            0.375_444_53, -0.299_711_64, 0.191_315_5, -0.094_648_39,
            0.033_569_813, -0.006_582_300_6, -0.000_549_031_13, 0.000_717_152_84,
            -7.07062e-5, -6.471_136e-5)
    }
}

impl Float for f64 {
    const LOG2_E: Self = std::f64::consts::LOG2_E;
    const LN_2_HIGH: Self = 0.693_147_180_559_663;
    const LN_2_LOW: Self = 2.823_529_056_303_157_7e-13;
    const ROUNDER: Self = 6_755_399_441_055_744.0; // 1.5·2⁵²
    const EXP_RANGE: (Self, Self) = (-746.0, 710.0);
    const TINY: Self = 1e-18;
    const HUGE: Self = 1e18;
    const TAIL_END: Self = 39.0;
    const ERFC_END: Self = 27.5;
    const TAIL_SHIFT: Self = 4.875;
    const ERFC_SHIFT: Self = 3.447_145_558_284_419;
    const TAIL_CENTRE: Self = 0.968_75;

    float_bits!(f64, u64, 52);

    #[inline(always)]
    fn exp_series(r: Self) -> Self {
        polynomial!(r;
            0.500_000_000_000_000_1, 0.166_666_666_666_666_69, 0.041_666_666_666_623_17,
            0.008_333_333_333_329_989, 0.001_388_888_891_769_060_3, 0.000_198_412_698_634_203_5,
            2.480_152_055_701_783e-5, 2.755_726_789_174_553e-6, 2.762_043_894_863_442e-7,
            2.510_065_503_606_659e-8)
    }
    #[inline(always)]
    fn log_series(square: Self) -> Self {
        polynomial!(square;
            0.666_666_666_666_667, 0.399_999_999_998_994_44, 0.285_714_286_260_032_7,
            0.222_222_111_302_598_78, 0.181_828_894_556_749_47, 0.153_317_106_182_107_73,
            0.146_165_854_248_886_23)
    }
    #[inline(always)]
    fn tail_series(t: Self) -> Self {
        polynomial!(t;
            0.380_063_086_259_638_4, -0.303_552_200_628_195_55, 0.196_616_568_191_645_33,
            -0.102_287_671_031_908_68, 0.041_471_220_507_298_116, -0.012_160_058_028_870_727,
            0.002_017_626_876_403_537, 0.000_112_007_947_790_597_35, -0.000_147_869_883_446_637_48,
            1.946_804_591_474_432_4e-5, 7.744_045_799_909_825e-6, -2.290_432_563_590_143e-6,
            -4.527_463_170_955_138e-7, 2.112_109_517_575_080_6e-7, 3.674_686_913_725_999e-8,
            -1.884_013_200_349_022_3e-8, -4.127_415_570_987_682e-9, 1.618_607_330_533_578_4e-9,
            5.122_683_872_866_808e-10, -1.248_318_329_819_712e-10, -5.201_575_629_188_584_4e-11,
            7.124_291_462_315_52e-12, 2.567_063_911_915_739e-12)
    }
}

/// eˣ = (1 + `above_one`)·`scale.0`·`scale.1`.
struct Exponential<F> {
    above_one: F,
    /// Powers of two whose product need not be a normal number.
    scale: (F, F),
    /// 1/`scale.0`.
    inverse: F,
}

/// e^(x − `excess`) for a small `excess`, which holds digits that x has no room for.
///
/// x − excess = n ln 2 + r with an integer n and |r| ≤ ½ ln 2 (Cody & Waite 1980), so that `above_one` = eʳ − 1.
#[inline(always)]
fn exponential<F: Float>(x: F, excess: F) -> Exponential<F> {
    let n = (x - excess) * F::LOG2_E + F::ROUNDER - F::ROUNDER;
    let upper = x - n * F::LN_2_HIGH;
    let lower = n * F::LN_2_LOW + excess;
    let r = upper - lower;
    let rounding = (upper - r) - lower;
    // Half of n each, because 2ⁿ itself under- or overflows before its product with eʳ does.
    let shifted = n * F::constant(0.5) + F::ROUNDER;
    let half = shifted - F::ROUNDER;
    Exponential {
        above_one: r + (rounding + r * r * F::exp_series(r)),
        scale: (F::power_of_two(shifted), F::power_of_two((n - half) + F::ROUNDER)),
        inverse: F::power_of_two(F::ROUNDER - half),
    }
}

/// x between the ends of the range outside of which eˣ is 0 or ∞ anyway; NaN stays NaN.
#[inline(always)]
fn clamped<F: Float>(x: F) -> F {
    let x = if x < F::EXP_RANGE.0 { F::EXP_RANGE.0 } else { x };
    if x > F::EXP_RANGE.1 { F::EXP_RANGE.1 } else { x }
}

/// eˣ. Errors: f32 0.94, f64 0.93 ULP.
#[inline(always)]
pub(crate) fn exp<F: Float>(x: F) -> F {
    let e = exponential(clamped(x), F::constant(0.0));
    (F::constant(1.0) + e.above_one) * e.scale.0 * e.scale.1
}

/// eˣ − 1, with the digits of a small x and the sign of −0. Errors: f32 1.86, f64 1.72 ULP.
#[inline(always)]
pub(crate) fn exp_m1<F: Float>(x: F) -> F {
    let e = exponential(clamped(x), F::constant(0.0));
    // 2ⁿ(eʳ − 1) + (2ⁿ − 1), without one of its two factors: neither part overflows, and 2ⁿ − 1 is exact where it counts.
    let value = e.scale.0 * (e.scale.1 * e.above_one + (e.scale.1 - e.inverse));
    // Below, subnormal x and −0 would lose digits and sign.
    if x.abs() < F::TINY { x } else { value }
}

/// ln(1 + x).
///
/// 1 + x = 2ᵏm + c with the rounding error c of the sum; f = m − 1, s = f/(2 + f), and ln m = 2 artanh s is
/// f − f²/2 + s(f²/2 + R) with R = 2s²/3 + 2s⁴/5 + …: its first term is exact and the rest is small.
/// −∞ at −1, NaN below. Errors: f32 0.88, f64 0.88 ULP.
#[inline(always)]
pub(crate) fn ln_1p<F: Float>(x: F) -> F {
    let (one, two) = (F::constant(1.0), F::constant(2.0));
    let sum = one + x;
    let rounding = if x > one { one - (sum - x) } else { x - (sum - one) };
    let (k, m, inverse) = sum.split();
    let f = m - one;
    let s = f / (two + f);
    let square = s * s;
    let half_square = F::constant(0.5) * f * f;
    // ln(2ᵏm + c) ≈ ln(2ᵏm) + c/(2ᵏm), where 1/m = (1 − s)/(1 + s) ≈ 1 − 2s + 2s² is close enough.
    let inverse = if x < F::HUGE { inverse } else { F::constant(0.0) };
    let carried = rounding * inverse * (one - two * s * (one - s));
    let small = s * (half_square + square * F::log_series(square)) + (k * F::LN_2_LOW + carried);
    let value = k * F::LN_2_HIGH - ((half_square - small) - f);
    let infinity = F::constant(f64::INFINITY);
    let value = if x == F::constant(0.0) || x == infinity { x } else { value };
    let below = if x == -one { -infinity } else { F::constant(f64::NAN) };
    if x <= -one { below } else { value }
}

/// tanh x = −t/(t + 2) with t = e^(−2|x|) − 1, and the sign of x. Errors: f32 2.50, f64 2.50 ULP.
#[inline(always)]
pub(crate) fn tanh<F: Float>(x: F) -> F {
    let magnitude = x.abs();
    let t = exp_m1(-(magnitude + magnitude));
    (-t / (t + F::constant(2.0))).with_sign_of(x)
}

/// e^(−`factor`·x²) for `factor` 1 or ½, with an exponent as exact as if it had twice the digits.
#[inline(always)]
fn gaussian<F: Float>(x: F, factor: F) -> Exponential<F> {
    let upper = x.upper_half();
    exponential(-(factor * upper * upper), factor * ((x - upper) * (x + upper)))
}

/// |x|, or `end` if that is less; NaN stays NaN.
#[inline(always)]
fn magnitude_up_to<F: Float>(x: F, end: F) -> F {
    let magnitude = x.abs();
    if magnitude > end { end } else { magnitude }
}

/// (1 + `above_one`)·factor, scaled: rounded once where the result is subnormal.
#[inline(always)]
fn times<F: Float>(e: &Exponential<F>, factor: F) -> F {
    (factor + factor * e.above_one) * e.scale.0 * e.scale.1
}

/// erfc x = 2Φ(−√2 x), with its digits in the far tail. Errors: f32 4.06, f64 4.04 ULP.
#[inline(always)]
pub(crate) fn erfc<F: Float>(x: F) -> F {
    let magnitude = magnitude_up_to(x, F::ERFC_END);
    let inverse = F::ERFC_SHIFT / (magnitude + F::ERFC_SHIFT);
    let scaled = magnitude * inverse * F::constant(std::f64::consts::FRAC_1_SQRT_2);
    let ratio = inverse * F::tail_series(scaled - F::TAIL_CENTRE);
    let tail = times(&gaussian(magnitude, F::constant(1.0)), ratio);
    let rest = F::constant(2.0) - tail;
    if x < F::constant(0.0) { rest } else { tail }
}

/// Φ(x) = ½ erfc(−x/√2), the normal distribution function, with its digits in the far tail. Errors: f32 4.06, f64
/// 4.55 ULP.
///
/// Not by `erfc`, because x/√2 would be rounded before it is squared.
#[inline(always)]
pub(crate) fn normal_cdf<F: Float>(x: F) -> F {
    let magnitude = magnitude_up_to(x, F::TAIL_END);
    let inverse = F::constant(0.5) * F::TAIL_SHIFT / (magnitude + F::TAIL_SHIFT);
    let ratio = inverse * F::tail_series(magnitude * inverse - F::TAIL_CENTRE);
    let tail = times(&gaussian(magnitude, F::constant(0.5)), ratio);
    let rest = F::constant(1.0) - tail;
    if x > F::constant(0.0) { rest } else { tail }
}

/// φ(x) = e^(−x²/2)/√2π. Errors: f32 1.33, f64 1.41 ULP.
#[inline(always)]
pub(crate) fn normal_density<F: Float>(x: F) -> F {
    const ONE_OVER_SQRT_TWO_PI: f64 = 0.398_942_280_401_432_7;
    let magnitude = magnitude_up_to(x, F::TAIL_END);
    times(&gaussian(magnitude, F::constant(0.5)), F::constant(ONE_OVER_SQRT_TWO_PI))
}

/// e^(−x²).
#[inline(always)]
pub(crate) fn exp_minus_square<F: Float>(x: F) -> F {
    times(&gaussian(magnitude_up_to(x, F::ERFC_END), F::constant(1.0)), F::constant(1.0))
}
