//! The products themselves: small tiles of the result, held in registers while the sum runs.
//!
//! Every entry of a result is one chain of multiply-adds, in the order of the sum, wherever its tile lies. So the bits
//! depend neither on how a product is cut nor on which thread computes which part.

use super::fill::{Fill, MOST_LANES};
use super::panels::{Panels, WIDEST, strips};
use crate::machine::prefetch::prefetch;
use crate::real::Scalar;
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Where a sum starts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Start<'a, T> {
    /// At 0.
    Zero,
    /// At this row, the same for every row of the result.
    Row(&'a [T]),
}

/// C = start + A B, for all rows of A.
pub(super) struct Multiply<'a, T, R> {
    pub c: &'a mut [T],
    /// Row i of A.
    pub row: R,
    pub rows: usize,
    pub b: Panels<'a, T>,
    pub start: Start<'a, T>,
}

/// C = Σ over blocks of Aᵀ B, for as many columns of the A's, from `first` on, as C has rows.
pub(super) struct Accumulate<'a, T, B> {
    pub c: &'a mut [T],
    pub block: B,
    pub blocks: usize,
    /// Columns of A.
    pub width: usize,
    pub first: usize,
    /// Columns of B.
    pub columns: usize,
    pub written_by: WrittenBy,
}

/// Whose cache the blocks are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrittenBy {
    /// This thread's.
    ThisThread,
    /// Other threads' too: they are asked for early.
    Several,
}

/// Up to [`BLOCK_MOST`] rows of two matrices.
pub(crate) struct Sides<'a, T, R> {
    /// A, row after row.
    pub a: &'a [T],
    /// Row k of B.
    pub row: R,
    pub rows: usize,
}

/// Rows of a block at most.
pub(crate) const BLOCK_MOST: usize = 32;

/// Blocks whose rows are added up in one chain: the longer, the less often C is read and written; the shorter, the smaller
/// the rounding error of f32.
pub(crate) const CHAIN: usize = 2;

/// Calls `$tile.tile::<M, V>(first)` for tiles of 8, 4, 2 and 1 rows that cover `$rows`, in strips of `$vectors` vectors.
macro_rules! tiles {
    ($S:ident, $vectors:expr, $rows:expr, $tile:expr) => {
        match $vectors {
            1 => tiles!(@strip $S, 1, $rows, $tile),
            2 => tiles!(@strip $S, 2, $rows, $tile),
            _ => tiles!(@strip $S, 3, $rows, $tile),
        }
    };
    (@strip $S:ident, $V:literal, $rows:expr, $tile:expr) => {{
        let mut first = 0;
        // 8×3 sums, 3 vectors of B and one entry of A fill 32 registers; 4×3 of them fill 16.
        while $S::REGISTER_COUNT >= 32 && first + 8 <= $rows {
            $tile.tile::<8, $V>(first);
            first += 8;
        }
        while first + 4 <= $rows {
            $tile.tile::<4, $V>(first);
            first += 4;
        }
        while first + 2 <= $rows {
            $tile.tile::<2, $V>(first);
            first += 2;
        }
        while first < $rows {
            $tile.tile::<1, $V>(first);
            first += 1;
        }
    }};
}

impl<'a, T: Scalar, R: Fn(usize) -> &'a [T]> WithSimd for Multiply<'a, T, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let layout = self.b.layout;
        for strip in layout.strips() {
            let columns = layout.columns_of(&strip);
            let (row, start, b) = (&self.row, self.start, self.b);
            let mut tiles =
                MultiplyStrip { simd, c: &mut *self.c, strip: strip.clone(), columns, row, b, start };
            tiles!(S, strip.len(), self.rows, tiles);
        }
    }
}

/// One strip of [`Multiply`].
struct MultiplyStrip<'c, 'a, S, T, R> {
    simd: S,
    c: &'c mut [T],
    strip: Range<usize>,
    columns: Range<usize>,
    row: &'c R,
    b: Panels<'a, T>,
    start: Start<'a, T>,
}

impl<'a, S: Simd, T: Scalar, R: Fn(usize) -> &'a [T]> MultiplyStrip<'_, 'a, S, T, R> {
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, first: usize) {
        let (simd, columns, lanes) = (self.simd, self.columns.clone(), T::count::<S>());
        let Panels { layout, values } = self.b;
        let start: [_; V] = match self.start {
            Start::Zero => [T::splat::<S>(simd, T::zero()); V],
            Start::Row(row) => {
                std::array::from_fn(|v| T::load::<S>(simd, &row[columns.start + v * lanes..columns.end]))
            }
        };
        let mut sums = [start; M];
        for band in layout.bands() {
            let (b, _) = T::vectors::<S>(&values[layout.place(&band, &self.strip)]).as_chunks::<V>();
            let rows: [&[T]; M] = std::array::from_fn(|r| &(self.row)(first + r)[band.start..][..b.len()]);
            // Lengths that are known to be equal need no check inside the loop.
            for row in rows {
                assert!(row.len() == b.len());
            }
            sums = sum::<T, S, M, V>(simd, |k| std::array::from_fn(|r| rows[r][k]), b, sums);
        }
        for (r, sums) in sums.iter().enumerate() {
            let out = &mut self.c[(first + r) * layout.columns()..][columns.clone()];
            for (v, &sum) in sums.iter().enumerate() {
                T::store::<S>(simd, &mut out[v * lanes..], sum);
            }
        }
    }
}

impl<'a, T, B, R> WithSimd for Accumulate<'a, T, B>
where
    T: Scalar,
    B: Fn(usize) -> Sides<'a, T, R>,
    R: Fn(usize) -> &'a [T],
{
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (lanes, width) = (T::count::<S>(), self.columns);
        if self.written_by == WrittenBy::Several {
            (0..self.blocks).for_each(|block| prefetch((self.block)(block).a));
        }
        let mut strip_of_b = Local([T::zero(); CHAIN * BLOCK_MOST * WIDEST * MOST_LANES]);
        // A strip of C stays in the first cache while the blocks are added to it, and so does a chain's strip of B.
        for strip in strips(0..width.div_ceil(lanes)) {
            let columns = strip.start * lanes..(strip.end * lanes).min(width);
            for first in (0..self.blocks).step_by(CHAIN) {
                let chain = first..self.blocks.min(first + CHAIN);
                if self.written_by == WrittenBy::Several {
                    for block in chain.end..self.blocks.min(chain.end + CHAIN) {
                        let Sides { row, rows, .. } = (self.block)(block);
                        (0..rows).for_each(|k| prefetch(&row(k)[columns.clone()]));
                    }
                }
                let mut sides: [(&[T], &[T]); CHAIN] = [(&[], &[]); CHAIN];
                let parts = strip_of_b.0.chunks_exact_mut(BLOCK_MOST * WIDEST * MOST_LANES);
                for ((block, part), side) in chain.clone().zip(parts).zip(&mut sides) {
                    let Sides { a, row, rows } = (self.block)(block);
                    let b = &mut part[..strip.len() * rows * lanes];
                    Fill { to: &mut *b, rows, columns: columns.clone(), row }.copy(simd);
                    *side = (a, b);
                }
                let mut tiles = AccumulateStrip {
                    simd,
                    c: &mut *self.c,
                    width,
                    columns: columns.clone(),
                    sides: &sides[..chain.len()],
                    a_width: self.width,
                    a_first: self.first,
                    chains_before: first / CHAIN,
                };
                let units = tiles.c.len() / width;
                tiles!(S, strip.len(), units, tiles);
            }
        }
    }
}

/// On the stack, from the start of a line of the cache on.
#[repr(align(64))]
struct Local<T>([T; CHAIN * BLOCK_MOST * WIDEST * MOST_LANES]);

/// One strip and chain of [`Accumulate`].
struct AccumulateStrip<'c, 'a, S, T> {
    simd: S,
    c: &'c mut [T],
    width: usize,
    columns: Range<usize>,
    /// A and the strip of B, of each block.
    sides: &'c [(&'a [T], &'a [T])],
    a_width: usize,
    a_first: usize,
    chains_before: usize,
}

impl<S: Simd, T: Scalar> AccumulateStrip<'_, '_, S, T> {
    #[inline(always)]
    fn tile<const M: usize, const V: usize>(&mut self, first: usize) {
        let (simd, lanes) = (self.simd, T::count::<S>());
        let mut sums = [[T::splat::<S>(simd, T::zero()); V]; M];
        for (a, b) in self.sides {
            let (b, _) = T::vectors::<S>(b).as_chunks::<V>();
            let row = |k: usize| {
                let row = &a[k * self.a_width + self.a_first + first..][..M];
                std::array::from_fn(|r| row[r])
            };
            sums = sum::<T, S, M, V>(simd, row, b, sums);
        }
        for (r, sums) in sums.iter().enumerate() {
            let out = &mut self.c[(first + r) * self.width..][self.columns.clone()];
            for (v, &sum) in sums.iter().enumerate() {
                let out = &mut out[v * lanes..];
                let total = match self.chains_before {
                    0 => sum,
                    _ => T::plus::<S>(simd, T::load::<S>(simd, out), sum),
                };
                T::store::<S>(simd, out, total);
            }
        }
    }
}

/// sums_rj + Σ_k a(k)_r b_kj, k in order.
#[inline(always)]
fn sum<T: Scalar, S: Simd, const M: usize, const V: usize>(
    simd: S,
    a: impl Fn(usize) -> [T; M],
    b: &[[T::Vector<S>; V]],
    mut sums: [[T::Vector<S>; V]; M],
) -> [[T::Vector<S>; V]; M] {
    for (k, b) in b.iter().enumerate() {
        let a = a(k);
        for r in 0..M {
            let a = T::splat::<S>(simd, a[r]);
            for v in 0..V {
                sums[r][v] = T::multiply_add::<S>(simd, a, b[v], sums[r][v]);
            }
        }
    }
    sums
}
