//! What the numeric tests share: one comparator, and random problems from seeds.
#![allow(
    dead_code,
    unused_imports,
    reason = "every test file is a crate of its own and uses its own part of this module"
)]

pub(crate) mod conditioning;
pub(crate) mod problem;
pub(crate) mod supplier;

use retrograde::{LayerRecord, Optimizer, Quantiles};

pub(crate) use problem::{Limits, Problem};
pub(crate) use supplier::{Habits, Supplier};

/// The methods that make a step for each batch.
pub(crate) const STEP_METHODS: [Optimizer; 6] = [
    Optimizer::GradientDescent,
    Optimizer::SGD,
    Optimizer::NESTEROV,
    Optimizer::ADAM,
    Optimizer::ADAMW,
    Optimizer::RMSPROP,
];

/// THE comparator: |a − b| ≤ atol + rtol·max(|a|, |b|).
///
/// Written so that NaN fails: a comparison with NaN is false, and false here means "not close". An infinity is
/// close only to itself; the plain formula would call ∞ close to everything, as ∞ ≤ ∞.
pub(crate) fn close(a: f64, b: f64, atol: f64, rtol: f64) -> bool {
    if a.is_infinite() || b.is_infinite() {
        return a == b;
    }
    (a - b).abs() <= atol + rtol * a.abs().max(b.abs())
}

/// [`close`] that says what was compared.
#[track_caller]
pub(crate) fn assert_close(what: &str, found: f64, expected: f64, (atol, rtol): (f64, f64)) {
    assert!(
        close(found, expected, atol, rtol),
        "{what}: found {found:e}, expected {expected:e}, difference {:e}, allowed {atol:e} + {rtol:e}·max",
        found - expected
    );
}

/// Largest |a − b| over the largest |expected| of one matrix.
///
/// 0 for two matrices of zeros; ∞ when one side has a
/// value that is not finite and the other a different one. A matrix whose largest entry is below `smallest` has
/// lost digits to underflow, and is measured against `smallest`.
pub(crate) fn matrix_error(found: &[f64], expected: &[f64], smallest: f64) -> f64 {
    assert_eq!(found.len(), expected.len(), "matrices of one shape");
    let mut largest = 0.0f64;
    let mut difference = 0.0f64;
    for (&found, &expected) in found.iter().zip(expected) {
        if found.is_finite() && expected.is_finite() {
            largest = largest.max(expected.abs());
            difference = difference.max((found - expected).abs());
        } else if !(found == expected || found.is_nan() && expected.is_nan()) {
            return f64::INFINITY;
        }
    }
    if difference == 0.0 { 0.0 } else { difference / largest.max(smallest) }
}

/// [`matrix_error`] of the worst of a network's weight matrices and bias vectors, and which one it is.
pub(crate) fn worst_matrix(
    network: &retrograde::Network,
    found: &[f64],
    expected: &[f64],
    smallest: f64,
) -> (f64, String) {
    let mut worst = (0.0, String::from("none"));
    for (l, layer) in network.layers().enumerate() {
        for (name, range) in [("W", layer.weights), ("b", layer.bias)] {
            let error = matrix_error(&found[range.clone()], &expected[range], smallest);
            if error > worst.0 || error.is_nan() {
                worst = (error, format!("{name}{}", l + 1));
            }
        }
    }
    worst
}

/// Everything that was seen of some layers.
pub(crate) fn layer_numbers(layers: &[LayerRecord]) -> Vec<f64> {
    let absent = -1.0;
    let of = |layer: &LayerRecord| {
        let quantiles = [layer.delta, layer.relative_grad].map(|quantiles| match quantiles {
            Some(Quantiles { p5, median, p95 }) => [p5, median, p95],
            None => [absent; 3],
        });
        let shares = [layer.dead, layer.saturated].map(|share| share.unwrap_or(absent));
        [quantiles.concat(), shares.to_vec()].concat()
    };
    layers.iter().flat_map(of).collect()
}

/// As many problems as the build has time for: unoptimised numerics are ten times slower.
pub(crate) fn problems(release: u64, debug: u64) -> u64 {
    if cfg!(debug_assertions) { debug } else { release }
}
