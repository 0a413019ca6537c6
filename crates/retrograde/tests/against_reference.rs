//! The fast path against the scalar loops of `reference`, on random problems of every kind.

mod common;

use common::problem::Overflow;
use common::{Limits, Problem, close, problems, worst_matrix};
use rayon::prelude::*;

/// Relative to the largest entry of each matrix, in f64.
const TWELVE_DIGITS: f64 = 1e-12;

/// The same in f32: six layers of up to 70 terms round to about 6·√70·ε ≈ 3e-6, and an exponential of |z| ≤ 20
/// multiplies that by |z|.
const F32_ERROR: f64 = 1e-4;

fn is_finite(values: &[f64]) -> bool {
    values.iter().all(|v| v.is_finite())
}

/// What became of one problem.
enum Outcome {
    /// Both evaluations overflowed.
    Infinite,
    /// The error of the worst matrix, and whether only conditioning explains it.
    Finite(f64, Explained),
    /// What to tell.
    Fault(String),
}

#[derive(PartialEq)]
enum Explained {
    WithinTolerance,
    ByConditioning,
}

/// Worst error, number of overflows, number of badly conditioned problems; panics with every fault found.
fn summary(outcomes: &[Outcome]) -> (f64, usize, usize) {
    let mut faults = Vec::new();
    let (mut worst, mut infinite, mut conditioned) = (0.0f64, 0, 0);
    for outcome in outcomes {
        match outcome {
            Outcome::Infinite => infinite += 1,
            Outcome::Finite(error, Explained::WithinTolerance) => worst = worst.max(*error),
            Outcome::Finite(_, Explained::ByConditioning) => conditioned += 1,
            Outcome::Fault(text) => faults.push(text.as_str()),
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    (worst, infinite, conditioned)
}

fn in_f64(seed: u64) -> Outcome {
    let limits = Limits {
        depth: 6,
        units: 70,
        rows: 300,
        work: 60_000,
        saturation: 800.0,
        overflow: Overflow::Sometimes,
    };
    let problem = Problem::random(seed, limits);
    let (cost, grad) = problem.evaluate(1);
    let (expected_cost, expected) = problem.reference();
    if !expected_cost.is_finite() || !is_finite(&expected) {
        return if cost.is_finite() == expected_cost.is_finite() && is_finite(&grad) == is_finite(&expected) {
            Outcome::Infinite
        } else {
            Outcome::Fault(format!("{seed}: one of the two overflows alone: {}", problem.describe()))
        };
    }
    let (error, matrix) = worst_matrix(&problem.network, &grad, &expected, 1e-290);
    let cost_agrees = close(cost, expected_cost, 1e-300, TWELVE_DIGITS);
    if cost_agrees && error <= TWELVE_DIGITS {
        return Outcome::Finite(error, Explained::WithinTolerance);
    }
    let explained = problem.explained_error(f64::EPSILON);
    if cost_agrees && error <= explained {
        return Outcome::Finite(error, Explained::ByConditioning);
    }
    Outcome::Fault(format!(
        "{seed}: J {cost:e}, expected {expected_cost:e}; {matrix} is off by {error:e}, rounding explains \
         {explained:e}; {}",
        problem.describe()
    ))
}

fn in_f32(seed: u64) -> Outcome {
    let limits =
        Limits { depth: 6, units: 70, rows: 300, work: 60_000, saturation: 20.0, overflow: Overflow::Never };
    let single: Problem<f32> = Problem::random(seed, limits).convert();
    let rounded: Problem<f64> = single.convert(); // the same numbers: only the arithmetic differs
    let (cost, grad) = single.evaluate(1);
    let grad: Vec<f64> = grad.into_iter().map(f64::from).collect();
    let (expected_cost, expected) = rounded.reference();
    let moderate = expected_cost.abs() < 1e30 && expected.iter().all(|g| g.abs() < 1e30);
    if !moderate {
        return Outcome::Infinite;
    }
    let (error, matrix) = worst_matrix(&single.network, &grad, &expected, 1e-30);
    let cost_agrees = close(cost, expected_cost, 1e-30, F32_ERROR);
    if cost_agrees && error <= F32_ERROR {
        return Outcome::Finite(error, Explained::WithinTolerance);
    }
    let explained = rounded.explained_error(f64::from(f32::EPSILON));
    if cost_agrees && error <= explained {
        return Outcome::Finite(error, Explained::ByConditioning);
    }
    Outcome::Fault(format!(
        "{seed}: J {cost:e}, expected {expected_cost:e}; {matrix} is off by {error:e}, rounding explains \
         {explained:e}; {}",
        rounded.describe()
    ))
}

#[test]
fn f64_agrees_to_twelve_digits() {
    let count = problems(2500, 300);
    let outcomes: Vec<Outcome> = (0..count).into_par_iter().map(in_f64).collect();
    let (worst, infinite, conditioned) = summary(&outcomes);
    println!("{count} problems, {infinite} overflow, {conditioned} cancel; the others within {worst:e}");
    assert!(conditioned as u64 * 100 <= count, "{conditioned} of {count} problems need an excuse");
    assert!(infinite as u64 * 10 <= count, "{infinite} of {count} problems compare nothing");
}

#[test]
fn f32_agrees_to_its_rounding() {
    let count = problems(1500, 200);
    let outcomes: Vec<Outcome> = (1_000_000..1_000_000 + count).into_par_iter().map(in_f32).collect();
    let (worst, infinite, conditioned) = summary(&outcomes);
    println!("{count} problems, {infinite} overflow, {conditioned} cancel; the others within {worst:e}");
    assert!(conditioned as u64 * 20 <= count, "{conditioned} of {count} problems need an excuse");
    assert_eq!(infinite, 0, "these problems are moderate");
}
