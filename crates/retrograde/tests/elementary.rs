//! The elementary functions of f32 and f64 against libm in f64 and against `golden/elementary.json`, made by
//! `golden/make_elementary.py` with 420 digits; and the loops over them against one call at a time.

use retrograde::{Activation, Real, Scalar};
use serde_json::Value;
use std::f64::consts::FRAC_1_SQRT_2;

struct Function {
    name: &'static str,
    single: fn(f32) -> f32,
    double: fn(f64) -> f64,
    /// The function by libm, good enough to judge f32 by.
    twin: fn(f64) -> f64,
    /// The documented bound of the error.
    ulps: f64,
}

/// φ(x) from a rounded exponent: off by x²ε, 1e-14 where f32 underflows.
fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt()
}

macro_rules! function {
    ($name:ident, $twin:expr, $ulps:literal) => {
        Function {
            name: stringify!($name),
            single: Real::$name,
            double: Real::$name,
            twin: $twin,
            ulps: $ulps,
        }
    };
}

const FUNCTIONS: [Function; 7] = [
    function!(exp, libm::exp, 1.0),
    function!(exp_m1, libm::expm1, 2.0),
    function!(ln_1p, libm::log1p, 1.0),
    function!(tanh, libm::tanh, 3.0),
    function!(erfc, libm::erfc, 4.1),
    function!(normal_cdf, |x| 0.5 * libm::erfc(-x * FRAC_1_SQRT_2), 4.6),
    function!(normal_density, density, 1.5),
];

/// The distance from |x| to the next larger f32, of which the subnormal ones are all the same.
fn ulp_of_f32(x: f32) -> f64 {
    let exponent = (x.to_bits() >> 23 & 0xff).max(1);
    f64::from(f32::from_bits(exponent << 23)) * f64::from(f32::EPSILON)
}

fn ulp_of_f64(x: f64) -> f64 {
    let magnitude = x.abs();
    f64::from_bits(magnitude.to_bits() + 1) - magnitude
}

fn worst(worst: &mut (f64, f64), error: f64, x: f64) {
    // Written so that NaN is the worst of all.
    if !(error <= worst.0) {
        *worst = (error, x);
    }
}

#[test]
fn f32_follows_f64_over_all_its_range() {
    for function in FUNCTIONS {
        let mut error = (0.0, 0.0);
        for bits in (0..=u32::MAX).step_by(5003) {
            let x = f32::from_bits(bits);
            let found = (function.single)(x);
            let expected = (function.twin)(f64::from(x));
            let rounded = expected as f32;
            if rounded.is_nan() {
                assert!(found.is_nan(), "{}({x:e}) is {found:e}", function.name);
            } else if rounded != found || !rounded.is_infinite() {
                let ulps = (f64::from(found) - expected).abs() / ulp_of_f32(rounded);
                worst(&mut error, ulps, f64::from(x));
            }
        }
        println!("{:15} {:.3} ULP at {:e}", function.name, error.0, error.1);
        assert!(error.0 <= function.ulps, "{}: {} ULP at {:e}", function.name, error.0, error.1);
    }
}

#[test]
fn f64_is_golden() {
    let golden: Value = serde_json::from_str(include_str!("golden/elementary.json")).unwrap();
    for function in FUNCTIONS {
        let mut error = (0.0, 0.0);
        let cases = golden[function.name].as_array().unwrap();
        assert!(cases.len() > 400, "{}", function.name);
        for case in cases {
            // f(x) = y + rest ulp(y).
            let [x, y, rest] = [0, 1, 2].map(|k| case[k].as_f64().unwrap());
            let ulps = (((function.double)(x) - y) / ulp_of_f64(y) - rest).abs();
            worst(&mut error, ulps, x);
        }
        println!("{:15} {:.3} ULP at {:e}", function.name, error.0, error.1);
        assert!(error.0 <= function.ulps, "{}: {} ULP at {:e}", function.name, error.0, error.1);
    }
}

#[test]
fn limits_and_zeros_are_exact() {
    let (inf, tiny) = (f64::INFINITY, f64::from_bits(1));
    // Function, argument, value: for f64 and, rounded, for f32.
    let cases: [(&str, &[(f64, f64)]); 7] = [
        ("exp", &[(-inf, 0.0), (-1e300, 0.0), (0.0, 1.0), (-0.0, 1.0), (1e300, inf), (inf, inf)]),
        ("exp_m1", &[(-inf, -1.0), (-1e300, -1.0), (0.0, 0.0), (-0.0, -0.0), (1e300, inf), (inf, inf)]),
        ("ln_1p", &[(-1.0, -inf), (0.0, 0.0), (-0.0, -0.0), (inf, inf)]),
        ("tanh", &[(-inf, -1.0), (-1e300, -1.0), (-0.0, -0.0), (0.0, 0.0), (1e300, 1.0), (inf, 1.0)]),
        ("erfc", &[(-inf, 2.0), (-1e300, 2.0), (0.0, 1.0), (-0.0, 1.0), (1e300, 0.0), (inf, 0.0)]),
        ("normal_cdf", &[(-inf, 0.0), (-1e300, 0.0), (0.0, 0.5), (-0.0, 0.5), (1e300, 1.0), (inf, 1.0)]),
        ("normal_density", &[(-inf, 0.0), (-1e300, 0.0), (1e300, 0.0), (inf, 0.0)]),
    ];
    for (function, (name, cases)) in FUNCTIONS.iter().zip(cases) {
        assert_eq!(function.name, name);
        assert!((function.double)(f64::NAN).is_nan() && (function.single)(f32::NAN).is_nan(), "{name}(NaN)");
        for &(x, y) in cases {
            let found = (function.double)(x);
            assert_eq!(found.to_bits(), y.to_bits(), "{name}({x:e}) is {found:e}");
            let found = (function.single)(x as f32);
            assert_eq!(found.to_bits(), (y as f32).to_bits(), "{name}({x:e}) is {found:e} in f32");
        }
    }
    assert!(Real::ln_1p(-1.5f64).is_nan() && Real::ln_1p(f32::NEG_INFINITY).is_nan());
    for x in [tiny, -tiny, f64::MIN_POSITIVE, 1e-300, -1e-20] {
        assert!([Real::exp_m1(x), Real::ln_1p(x), Real::tanh(x)].iter().all(|y| y.to_bits() == x.to_bits()));
    }
    assert_eq!(Real::exp(-745.0f64), tiny);
    assert_eq!(Real::exp(-103.0f32), f32::from_bits(1));
    assert_eq!(Real::ln_1p(f64::MAX), libm::log(f64::MAX));
    assert_eq!(Real::ln_1p(f32::MAX), libm::logf(f32::MAX));
}

fn blocks_equal_single_units<T: Scalar>() {
    for activation in Activation::ALL {
        for length in [0, 1, 2, 3, 15, 16, 17, 33, 64, 129] {
            let z: Vec<T> =
                (0..length).map(|k| T::constant((f64::from(k) * 0.618).fract() * 60.0 - 40.0)).collect();
            let (mut a, mut again, mut slope) = (z.clone(), z.clone(), z.clone());
            activation.apply(&z, &mut a);
            activation.apply_with_slope(&z, &mut again, &mut slope);
            for (k, &z) in z.iter().enumerate() {
                let what = format!("{} {} of {length}", activation.name(), T::NAME);
                assert_eq!(a[k].value().to_bits(), activation.value(z).value().to_bits(), "{what}");
                let (value, derivative) = activation.value_and_slope(z);
                assert_eq!(again[k].value().to_bits(), value.value().to_bits(), "{what}");
                assert_eq!(slope[k].value().to_bits(), derivative.value().to_bits(), "{what}");
            }
        }
    }
}

#[test]
fn loops_have_the_bits_of_single_calls() {
    blocks_equal_single_units::<f32>();
    blocks_equal_single_units::<f64>();
}

#[test]
fn activations_have_limits() {
    for activation in Activation::ALL {
        for z in [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN] {
            let (value, slope) = activation.value_and_slope(z);
            let (value32, slope32) = activation.value_and_slope(z as f32);
            let what = format!("{}({z:e})", activation.name());
            assert!(!value.is_nan() && slope.is_finite(), "{what} is {value:e}, {slope:e}");
            assert!(!value32.is_nan() && slope32.is_finite(), "{what} is {value32:e}, {slope32:e} in f32");
        }
        let (value, slope) = activation.value_and_slope(f64::NAN);
        assert!(value.is_nan(), "{}", activation.name());
        // Slopes of pieces are constants; NaN is seen in the value.
        assert!(slope.is_nan() || activation == Activation::Identity || activation.has_kink());
    }
}
