//! Copying a strip of a matrix, straight or transposed.

use super::lanes::Lanes;
use super::panels::WIDEST;
use crate::real::Scalar;
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// The most lanes a vector has: f32 in 512 bits.
pub(super) const MOST_LANES: usize = 16;
/// log₂ of that.
const STEPS: usize = MOST_LANES.trailing_zeros() as usize;

/// Fills `to` with these columns of some rows of B.
pub(super) struct Fill<'p, T, R> {
    pub to: &'p mut [T],
    pub rows: usize,
    pub columns: Range<usize>,
    /// Row k of B.
    pub row: R,
}

impl<'a, T: Scalar, R: Fn(usize) -> &'a [T]> WithSimd for Fill<'_, T, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.copy(simd);
    }
}

impl<'a, T: Scalar, R: Fn(usize) -> &'a [T]> Fill<'_, T, R> {
    #[inline(always)]
    pub fn copy<S: Simd>(self, simd: S) {
        match self.columns.len().div_ceil(T::count::<S>()) {
            1 => self.copy_vectors::<S, 1>(simd),
            2 => self.copy_vectors::<S, 2>(simd),
            _ => self.copy_vectors::<S, WIDEST>(simd),
        }
    }

    /// Of so many vectors a row.
    #[inline(always)]
    fn copy_vectors<S: Simd, const V: usize>(self, simd: S) {
        let (columns, lanes) = (self.columns, T::count::<S>());
        let (to, _) = T::vectors_mut::<S>(self.to).as_chunks_mut::<V>();
        for (k, to) in to.iter_mut().take(self.rows).enumerate() {
            let from = &(self.row)(k)[columns.clone()];
            match T::vectors::<S>(from).as_chunks::<V>().0 {
                [from, ..] => *to = *from,
                [] => *to = std::array::from_fn(|v| T::load::<S>(simd, &from[v * lanes..])),
            }
        }
    }
}

/// Fills `to`, a strip, from some rows of Bᵀ, each `rows` long.
pub(super) struct FillTransposed<'p, 'a, T> {
    pub rows: usize,
    pub to: &'p mut [T],
    pub transposed: &'a [T],
}

impl<T: Scalar> WithSimd for FillTransposed<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        match T::count::<S>() {
            16 => self.squares::<S, 16>(simd),
            8 => self.squares::<S, 8>(simd),
            4 => self.squares::<S, 4>(simd),
            _ => self.rest(0),
        }
    }
}

impl<T: Scalar> FillTransposed<'_, '_, T> {
    /// In squares of L×L, and what is left of the rows number by number.
    #[inline(always)]
    fn squares<S: Simd, const L: usize>(&mut self, simd: S) {
        let keeps = Keeps::<T, S>::new(simd);
        let rows = self.rows;
        let squared = rows / L * L;
        let width = self.to.len() / rows;
        for (vector, from) in self.transposed.chunks(L * rows).enumerate() {
            for k in (0..squared).step_by(L) {
                let mut square = [T::splat::<S>(simd, T::zero()); L];
                for (line, from) in square.iter_mut().zip(from.chunks_exact(rows)) {
                    *line = T::load::<S>(simd, &from[k..k + L]);
                }
                transpose::<T, S, L>(simd, &mut square, &keeps);
                let to = self.to[k * width..].chunks_exact_mut(width);
                for (line, to) in square.into_iter().zip(to) {
                    T::store::<S>(simd, &mut to[vector * L..(vector + 1) * L], line);
                }
            }
        }
        self.rest(squared);
    }

    /// Rows from `first` on.
    #[inline(always)]
    fn rest(&mut self, first: usize) {
        let rows = self.rows;
        let width = self.to.len() / rows;
        for (column, from) in self.transposed.chunks_exact(rows).enumerate() {
            for (k, &value) in from.iter().enumerate().skip(first) {
                self.to[k * width + column] = value;
            }
        }
    }
}

/// Which lanes keep their number when squares of 1, 2, 4 and 8 lanes change sides.
struct Keeps<T: Lanes, S: Simd>([T::Mask<S>; STEPS]);

impl<T: Scalar, S: Simd> Keeps<T, S> {
    #[inline(always)]
    fn new(simd: S) -> Self {
        Self(std::array::from_fn(|step| {
            let bits: [T; MOST_LANES] =
                std::array::from_fn(|lane| if lane >> step & 1 == 0 { T::zero() } else { T::one() });
            T::zeros_of::<S>(simd, T::load::<S>(simd, &bits))
        }))
    }
}

/// Lines become columns: neighbours change sides, then pairs, and so on.
#[inline(always)]
fn transpose<T: Scalar, S: Simd, const L: usize>(
    simd: S,
    square: &mut [T::Vector<S>; L],
    keeps: &Keeps<T, S>,
) {
    change_sides::<T, S, L, 1>(simd, square, keeps.0[0]);
    change_sides::<T, S, L, 2>(simd, square, keeps.0[1]);
    change_sides::<T, S, L, 4>(simd, square, keeps.0[2]);
    change_sides::<T, S, L, 8>(simd, square, keeps.0[3]);
}

/// The lanes of line i + `SIDE` that lie `SIDE` lower go up to line i, and those of line i down.
#[inline(always)]
fn change_sides<T: Scalar, S: Simd, const L: usize, const SIDE: usize>(
    simd: S,
    square: &mut [T::Vector<S>; L],
    keep: T::Mask<S>,
) {
    for i in 0..L {
        if i & SIDE == 0 && i + SIDE < L {
            let (upper, lower) = (square[i], square[i + SIDE]);
            square[i] = T::choose::<S>(simd, keep, upper, T::rotate_up::<S>(simd, lower, SIDE));
            square[i + SIDE] = T::choose::<S>(simd, keep, T::rotate_down::<S>(simd, upper, SIDE), lower);
        }
    }
}
