//! The comparator itself: what it must not let pass.

mod common;

use common::{close, matrix_error};

#[test]
fn equal_numbers_are_close_at_zero_tolerance() {
    for value in [0.0, 1.0, -1.5, 1e-300, -1e300, f64::MIN_POSITIVE, f64::MAX] {
        assert!(close(value, value, 0.0, 0.0), "{value:e}");
    }
    assert!(close(0.0, -0.0, 0.0, 0.0), "0 and −0 are one number");
}

#[test]
fn a_flipped_sign_is_not_close() {
    for value in [1.0, 1e-8, 1e-300, 5e-324, f64::MAX, f64::INFINITY] {
        assert!(!close(value, -value, 0.0, 1e-6), "{value:e}");
        assert!(!close(-value, value, 0.0, 1e-6), "−{value:e}");
    }
}

#[test]
fn nothing_is_close_to_nan() {
    for other in [f64::NAN, 0.0, 1.0, f64::INFINITY] {
        assert!(!close(f64::NAN, other, 1e9, 1e9), "NaN and {other}");
        assert!(!close(other, f64::NAN, 1e9, 1e9), "{other} and NaN");
    }
    assert!(!close(1.0, 1.0, f64::NAN, 0.0), "a tolerance of NaN allows nothing");
}

#[test]
fn infinity_is_close_to_itself_alone() {
    assert!(close(f64::INFINITY, f64::INFINITY, 0.0, 0.0));
    assert!(close(f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0, 0.0));
    for other in [0.0, 1.0, f64::MAX, f64::NEG_INFINITY] {
        assert!(!close(f64::INFINITY, other, 1e300, 1.0), "∞ and {other:e}");
        assert!(!close(other, f64::INFINITY, 1e300, 1.0), "{other:e} and ∞");
    }
}

#[test]
fn both_tolerances_are_limits_and_not_more() {
    assert!(close(1.0, 1.25, 0.25, 0.0) && !close(1.0, 1.25, 0.2499, 0.0));
    assert!(close(1.0, 1.25, 0.0, 0.2) && !close(1.0, 1.25, 0.0, 0.1999));
    assert!(close(1.25, 1.0, 0.0, 0.2), "the order does not matter");
    assert!(!close(1e-9, 0.0, 0.0, 0.999), "near an expected 0 a relative tolerance allows nothing");
    assert!(close(1e-9, 0.0, 1e-9, 0.0));
}

#[test]
fn matrices_are_measured_by_their_largest_entry() {
    assert_eq!(matrix_error(&[4.0, 1.0], &[4.0, 2.0], 0.0), 0.25);
    assert_eq!(matrix_error(&[0.0, -0.0], &[0.0, 0.0], 0.0), 0.0);
    assert_eq!(matrix_error(&[1e-300], &[0.0], 0.0), f64::INFINITY, "something where zeros belong");
    assert_eq!(matrix_error(&[0.25], &[0.75], 2.0), 0.25, "below the smallest, absolute");
    assert_eq!(matrix_error(&[-2.0], &[2.0], 0.0), 2.0, "signed");
    assert_eq!(matrix_error(&[f64::NAN], &[1.0], 0.0), f64::INFINITY);
    assert_eq!(matrix_error(&[1.0], &[f64::NAN], 0.0), f64::INFINITY);
    assert_eq!(matrix_error(&[f64::INFINITY], &[f64::NEG_INFINITY], 0.0), f64::INFINITY);
    assert_eq!(matrix_error(&[f64::INFINITY, 1.0], &[f64::INFINITY, 1.0], 0.0), 0.0);
}
