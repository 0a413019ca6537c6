//! The last layer of a block of rows: the formulas of [`super`] in loops that the processor's vectors can run.
//!
//! Units that know nothing of each other are one long loop. Those of softmax are taken for [`ABREAST`] rows at a time, class
//! after class, each row in a lane of its own.

use super::{Loss, Output};
use crate::machine::vectorised::vectorised;
use crate::real::Scalar;

/// Rows whose softmax is computed side by side.
const ABREAST: usize = 16;

/// z⁽ᴸ⁾ and targets of some rows, row after row, and what comes of them.
pub(crate) struct Rows<'a, T> {
    pub z: &'a [T],
    pub y: &'a [T],
    pub a: &'a mut [T],
    pub delta: &'a mut [T],
    /// ℓ of each row.
    pub costs: &'a mut [T],
}

/// Room for the classes of some rows, class after class.
#[derive(Debug)]
pub(crate) struct Scratch<T> {
    z: Vec<[T; ABREAST]>,
    y: Vec<[T; ABREAST]>,
    /// e^(z − max), then a.
    a: Vec<[T; ABREAST]>,
    /// ℓ of each unit.
    costs: Vec<T>,
}

impl<T: Scalar> Scratch<T> {
    /// For up to `rows` rows of `units` outputs.
    pub fn new(rows: usize, units: usize) -> Self {
        let lanes = || vec![[T::zero(); ABREAST]; units];
        Self { z: lanes(), y: lanes(), a: lanes(), costs: vec![T::zero(); rows * units] }
    }
}

impl Output {
    /// a⁽ᴸ⁾ of several examples of `units` outputs, one after the other.
    pub(crate) fn apply_to_rows<T: Scalar>(self, z: &[T], a: &mut [T], units: usize) {
        macro_rules! each {
            ($($variant:ident)*) => {
                match self {
                    $(Self::$variant => vectorised(#[inline(always)] || {
                        for (a, z) in a.chunks_exact_mut(1).zip(z.chunks_exact(1)) {
                            Self::$variant.apply(z, a);
                        }
                    }),)*
                    Self::Softmax => {
                        for (z, a) in z.chunks_exact(units).zip(a.chunks_exact_mut(units)) {
                            self.apply(z, a);
                        }
                    }
                }
            };
        }
        each!(Identity Sigmoid Exp);
    }
}

impl Loss {
    /// ℓ, a⁽ᴸ⁾ and δ⁽ᴸ⁾ of some rows: what [`Loss::cost_and_delta`] computes of each.
    pub(crate) fn rows_cost_and_delta<T: Scalar>(
        &self,
        output: Output,
        rows: Rows<'_, T>,
        scratch: &mut Scratch<T>,
    ) {
        let units = rows.z.len() / rows.costs.len().max(1);
        match (self, output) {
            (Self::CrossEntropy, Output::Softmax) => softmax_cross_entropy(rows, scratch, units),
            (_, Output::Softmax) => {
                let Rows { z, y, a, delta, costs } = rows;
                let outputs = a.chunks_exact_mut(units).zip(delta.chunks_exact_mut(units));
                let inputs = z.chunks_exact(units).zip(y.chunks_exact(units));
                for ((cost, (a, delta)), (z, y)) in costs.iter_mut().zip(outputs).zip(inputs) {
                    *cost = self.cost_and_delta(output, z, y, a, delta);
                }
            }
            (Self::CrossEntropy, _) => {
                each_unit(
                    rows,
                    scratch,
                    units,
                    #[inline(always)]
                    |_, z, y| Self::CrossEntropy.of_unit(Output::Sigmoid, 0, z, y),
                );
            }
            (Self::SquaredError, Output::Identity) => {
                each_unit(
                    rows,
                    scratch,
                    units,
                    #[inline(always)]
                    |_, z, y| Self::SquaredError.of_unit(Output::Identity, 0, z, y),
                );
            }
            _ => each_unit(
                rows,
                scratch,
                units,
                #[inline(always)]
                |unit, z, y| self.of_unit(output, unit % units, z, y),
            ),
        }
    }
}

/// (ℓ, a, δ) of every unit of every row by one formula.
#[inline(always)]
fn each_unit<T: Scalar>(
    rows: Rows<'_, T>,
    scratch: &mut Scratch<T>,
    units: usize,
    formula: impl Fn(usize, T, T) -> (T, T, T),
) {
    let Rows { z, y, a, delta, costs } = rows;
    let unit_costs = &mut scratch.costs[..z.len()];
    vectorised(
        #[inline(always)]
        || {
            let outputs = a.iter_mut().zip(delta.iter_mut()).zip(unit_costs.iter_mut());
            for (unit, (((a, delta), cost), (&z, &y))) in outputs.zip(z.iter().zip(y)).enumerate() {
                (*cost, *a, *delta) = formula(unit, z, y);
            }
        },
    );
    for (cost, units) in costs.iter_mut().zip(unit_costs.chunks_exact(units)) {
        *cost = units.iter().copied().sum();
    }
}

/// Cross-entropy behind softmax: as in [`Loss::cost_and_delta`], for rows side by side.
fn softmax_cross_entropy<T: Scalar>(rows: Rows<'_, T>, scratch: &mut Scratch<T>, units: usize) {
    let Rows { z, y, a, delta, costs } = rows;
    let width = ABREAST * units;
    vectorised(
        #[inline(always)]
        || {
            let inputs = z.chunks(width).zip(y.chunks(width));
            let outputs = a.chunks_mut(width).zip(delta.chunks_mut(width)).zip(costs.chunks_mut(ABREAST));
            for ((z, y), ((a, delta), costs)) in inputs.zip(outputs) {
                lay_abreast(z, &mut scratch.z);
                lay_abreast(y, &mut scratch.y);
                let found = softmax_abreast(scratch);
                costs.copy_from_slice(&found[..costs.len()]);
                lay_in_rows(&scratch.a, a);
                // δ has taken the place of z.
                lay_in_rows(&scratch.z, delta);
            }
        },
    );
}

#[inline(always)]
fn lay_abreast<T: Scalar>(rows: &[T], lanes: &mut [[T; ABREAST]]) {
    for (lane, row) in rows.chunks_exact(lanes.len()).enumerate() {
        for (class, &value) in lanes.iter_mut().zip(row) {
            class[lane] = value;
        }
    }
}

#[inline(always)]
fn lay_in_rows<T: Scalar>(lanes: &[[T; ABREAST]], rows: &mut [T]) {
    for (lane, row) in rows.chunks_exact_mut(lanes.len()).enumerate() {
        for (value, class) in row.iter_mut().zip(lanes) {
            *value = class[lane];
        }
    }
}

/// ℓ of every lane; a into `a`, δ into `z`. Lanes without a row hold what was there, which harms nobody.
#[inline(always)]
fn softmax_abreast<T: Scalar>(scratch: &mut Scratch<T>) -> [T; ABREAST] {
    let Scratch { z, y, a, .. } = scratch;
    let zeros = [T::zero(); ABREAST];
    let mut max = z[0];
    let mut mass = zeros;
    for (z, y) in z.iter().zip(y.iter()) {
        for lane in 0..ABREAST {
            max[lane] = if z[lane] > max[lane] { z[lane] } else { max[lane] };
            mass[lane] += y[lane];
        }
    }
    // The first of the largest is e⁰ = 1; the others are added up apart, for 1 − p of a saturated class is their share.
    let mut others = zeros;
    let mut seen = zeros;
    for (z, a) in z.iter().zip(a.iter_mut()) {
        for lane in 0..ABREAST {
            a[lane] = (z[lane] - max[lane]).exp();
            let is_top = z[lane] == max[lane] && seen[lane] == T::zero();
            others[lane] += if is_top { T::zero() } else { a[lane] };
            seen[lane] = if is_top { T::one() } else { seen[lane] };
        }
    }
    let mut log_partition = zeros;
    let mut share = zeros;
    for lane in 0..ABREAST {
        log_partition[lane] = others[lane].ln_1p();
        share[lane] = T::one() / (T::one() + others[lane]);
    }
    let mut cost = zeros;
    seen = zeros;
    for ((z, y), a) in z.iter_mut().zip(y.iter()).zip(a) {
        for lane in 0..ABREAST {
            let is_top = z[lane] == max[lane] && seen[lane] == T::zero();
            seen[lane] = if is_top { T::one() } else { seen[lane] };
            let y = y[lane];
            let loss = y * ((max[lane] - z[lane]) + log_partition[lane]);
            // 0·∞ is 0 here: a class that is not the target costs nothing, however unlikely.
            cost[lane] += if y == T::zero() { T::zero() } else { loss };
            let p = a[lane] * share[lane];
            let one_minus_p = if is_top { others[lane] * share[lane] } else { T::one() - p };
            a[lane] = p;
            // mass·p − y
            z[lane] = p * (mass[lane] - y) - y * one_minus_p;
        }
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows' formulas against those of one example, over sizes around the lanes and over saturated units.
    #[test]
    fn rows_equal_their_examples() {
        let losses = [
            (Loss::CrossEntropy, Output::Softmax),
            (Loss::CrossEntropy, Output::Sigmoid),
            (Loss::SquaredError, Output::Identity),
            (Loss::SquaredError, Output::Softmax),
            (Loss::Huber { delta: 0.3 }, Output::Sigmoid),
            (Loss::Poisson, Output::Exp),
            (Loss::Gamma, Output::Exp),
            (Loss::Absolute, Output::Exp),
        ];
        for (loss, output) in losses {
            for units in [1, 2, 3, 10, 17] {
                for rows in [1, 2, ABREAST - 1, ABREAST, ABREAST + 1, 2 * ABREAST + 1] {
                    for scale in [1.0, 40.0] {
                        compare(&loss, output, (rows, units), scale);
                    }
                }
            }
        }
    }

    fn compare(loss: &Loss, output: Output, (rows, units): (usize, usize), scale: f64) {
        let z: Vec<f64> = (0..rows * units).map(|i| scale * (i as f64 * 1.7).sin()).collect();
        let y: Vec<f64> =
            (0..rows * units).map(|i| f64::from(u8::from(i % units == i / units % units))).collect();
        let mut a = vec![0.0; z.len()];
        let mut delta = a.clone();
        let mut costs = vec![0.0; rows];
        let mut scratch = Scratch::new(rows, units);
        let found = Rows { z: &z, y: &y, a: &mut a, delta: &mut delta, costs: &mut costs };
        loss.rows_cost_and_delta(output, found, &mut scratch);
        let (mut one_a, mut one_delta) = (vec![0.0; units], vec![0.0; units]);
        let near = |found: f64, wanted: f64| (found - wanted).abs() <= 1e-14 * wanted.abs() + 1e-300;
        for (row, &found) in costs.iter().enumerate() {
            let at = row * units..(row + 1) * units;
            let cost =
                loss.cost_and_delta(output, &z[at.clone()], &y[at.clone()], &mut one_a, &mut one_delta);
            assert!(near(found, cost), "{loss:?} {output:?} {rows} {units}: {found} {cost}");
            for ((found, wanted), at) in one_delta.iter().zip(&one_a).zip(at) {
                assert!(near(delta[at], *found), "{loss:?} {output:?} {rows} {units}: {} {found}", delta[at]);
                assert!(near(a[at], *wanted), "{loss:?} {output:?} {rows} {units}: {} {wanted}", a[at]);
            }
        }
    }
}
