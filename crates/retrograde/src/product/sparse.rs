//! The products of the first layer with sparse inputs: what is 0 takes no part.
//!
//! The sums are those of the dense products, in the same order, without the terms that are 0. Adding 0·w to a sum changes
//! nothing but the sign of a 0, so the bits are those of the dense products wherever all numbers are finite: those of Δ
//! always, as its sums begin with +0; those of Z but for the sign of a 0.

use super::fill::{FillTransposed, MOST_LANES};
use super::kernel::{BLOCK_MOST, CHAIN, Sides};
use super::lanes::Lanes;
use super::panels::{Panels, strips};
use crate::real::Scalar;
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// The columns of a row's nonzeros, ascending, and their values.
pub(crate) type SparseRow<'a, T> = (&'a [u32], &'a [T]);

/// Blocks of an [`AccumulateSparse`] at most.
pub(crate) const BLOCKS_MOST: usize = 8;

/// Numbers of a tile of Δᵀ: it stays in the nearer caches while the blocks are added to it.
const TILE: usize = 8192;

/// C = 1 biasᵀ + A B with A sparse.
pub(super) struct MultiplySparse<'a, T, R> {
    pub c: &'a mut [T],
    /// Row i of A.
    pub row: R,
    pub rows: usize,
    /// Not in bands.
    pub b: Panels<'a, T>,
    pub bias: &'a [T],
}

impl<'a, T: Scalar, R: Fn(usize) -> SparseRow<'a, T>> WithSimd for MultiplySparse<'a, T, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for strip in self.b.layout.strips() {
            match strip.len() {
                1 => self.strip::<S, 1>(simd, &strip),
                2 => self.strip::<S, 2>(simd, &strip),
                _ => self.strip::<S, 3>(simd, &strip),
            }
        }
    }
}

impl<'a, T: Scalar, R: Fn(usize) -> SparseRow<'a, T>> MultiplySparse<'a, T, R> {
    #[inline(always)]
    fn strip<S: Simd, const V: usize>(&mut self, simd: S, strip: &Range<usize>) {
        let Panels { layout, values } = self.b;
        let (columns, lanes) = (layout.columns_of(strip), T::count::<S>());
        let bias: [_; V] =
            std::array::from_fn(|v| T::load::<S>(simd, &self.bias[columns.start + v * lanes..columns.end]));
        debug_assert!(layout.bands().count() <= 1);
        let Some(band) = layout.bands().next() else { return };
        let (b, _) = T::vectors::<S>(&values[layout.place(&band, strip)]).as_chunks::<V>();
        for (k, out) in self.c.chunks_exact_mut(layout.columns()).take(self.rows).enumerate() {
            let mut sums = bias;
            let (places, values) = (self.row)(k);
            for (&j, &x) in places.iter().zip(values) {
                let (x, b) = (T::splat::<S>(simd, x), &b[j as usize]);
                for v in 0..V {
                    sums[v] = T::multiply_add::<S>(simd, x, b[v], sums[v]);
                }
            }
            let out = &mut out[columns.clone()];
            for v in 0..V {
                T::store::<S>(simd, &mut out[v * lanes..], sums[v]);
            }
        }
    }
}

/// C = Σ over blocks of Aᵀ B with B sparse, for as many columns of the A's, from `first` on, as C has rows.
///
/// Vectors run along the columns of A, so a nonzero of B is met once for many rows of C: Cᵀ is what is added up, a tile at
/// a time. Each row's nonzeros are taken as far as the tile goes, and the next tile continues there.
pub(super) struct AccumulateSparse<'a, T, B> {
    pub c: &'a mut [T],
    pub block: B,
    pub blocks: usize,
    /// Columns of A.
    pub width: usize,
    pub first: usize,
    /// Columns of B.
    pub columns: usize,
}

/// A tile of Cᵀ, on the stack.
#[repr(align(64))]
struct Tile<T> {
    /// What the chains before the last one came to.
    totals: [T; TILE],
    /// The sum of the last chain that had a nonzero in this column.
    sums: [T; TILE],
    /// Which chain that was.
    last: [u8; TILE],
}

/// What is left of every row's nonzeros.
type Rest<'a, T> = [SparseRow<'a, T>; BLOCKS_MOST * BLOCK_MOST];

impl<'a, T, B, R> WithSimd for AccumulateSparse<'a, T, B>
where
    T: Scalar,
    B: Fn(usize) -> Sides<'a, T, R>,
    R: Fn(usize) -> SparseRow<'a, T>,
{
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        assert!(self.blocks <= BLOCKS_MOST);
        let units = self.c.len() / self.columns;
        let mut tile = Tile { totals: [T::zero(); TILE], sums: [T::zero(); TILE], last: [0; TILE] };
        for strip in strips(0..units.div_ceil(T::count::<S>())) {
            match strip.len() {
                1 => self.strip::<S, 1>(simd, &strip, &mut tile),
                2 => self.strip::<S, 2>(simd, &strip, &mut tile),
                _ => self.strip::<S, 3>(simd, &strip, &mut tile),
            }
        }
    }
}

impl<'a, T, B, R> AccumulateSparse<'a, T, B>
where
    T: Scalar,
    B: Fn(usize) -> Sides<'a, T, R>,
    R: Fn(usize) -> SparseRow<'a, T>,
{
    /// The rows of C that a strip of vectors holds.
    #[inline(always)]
    fn strip<S: Simd, const V: usize>(&mut self, simd: S, strip: &Range<usize>, tile: &mut Tile<T>) {
        let lanes = T::count::<S>();
        let units = strip.start * lanes..(strip.end * lanes).min(self.c.len() / self.columns);
        let mut rest: Rest<'a, T> = [(&[], &[]); BLOCKS_MOST * BLOCK_MOST];
        for (block, rest) in rest.chunks_exact_mut(BLOCK_MOST).take(self.blocks).enumerate() {
            let Sides { row, rows, .. } = (self.block)(block);
            for (k, rest) in rest.iter_mut().take(rows).enumerate() {
                *rest = row(k);
            }
        }
        let step = TILE / (V * lanes) / MOST_LANES * MOST_LANES;
        for first in (0..self.columns).step_by(step) {
            let columns = first..self.columns.min(first + step);
            self.add::<S, V>(simd, (&units, &columns), &mut rest, tile);
            self.write::<S, V>(simd, (&units, &columns), tile);
        }
    }

    /// Adds up these columns of Cᵀ.
    #[inline(always)]
    fn add<S: Simd, const V: usize>(
        &self,
        simd: S,
        (units, columns): (&Range<usize>, &Range<usize>),
        rest: &mut Rest<'a, T>,
        tile: &mut Tile<T>,
    ) {
        const NONE: u8 = u8::MAX;
        let lanes = T::count::<S>();
        let zero = [T::splat::<S>(simd, T::zero()); V];
        let totals = &mut T::vectors_mut::<S>(&mut tile.totals).as_chunks_mut::<V>().0[..columns.len()];
        let sums = &mut T::vectors_mut::<S>(&mut tile.sums).as_chunks_mut::<V>().0[..columns.len()];
        let last = &mut tile.last[..columns.len()];
        totals.fill(zero);
        sums.fill(zero);
        last.fill(NONE);
        for (block, rest) in rest.chunks_exact_mut(BLOCK_MOST).take(self.blocks).enumerate() {
            let Sides { a, rows, .. } = (self.block)(block);
            for (k, rest) in rest.iter_mut().take(rows).enumerate() {
                let (places, values) = *rest;
                if places.first().is_none_or(|&j| j as usize >= columns.end) {
                    continue;
                }
                let a = &a[k * self.width + self.first..][units.clone()];
                let a: [_; V] = std::array::from_fn(|v| T::load::<S>(simd, &a[v * lanes..]));
                let mut taken = 0;
                for (&j, &x) in places.iter().zip(values) {
                    if j as usize >= columns.end {
                        break;
                    }
                    taken += 1;
                    let at = j as usize - columns.start;
                    let chain = (block / CHAIN) as u8;
                    if last[at] != chain {
                        last[at] = chain;
                        add::<T, S, V>(simd, &mut totals[at], &sums[at]);
                        sums[at] = zero;
                    }
                    let x = T::splat::<S>(simd, x);
                    for v in 0..V {
                        sums[at][v] = T::multiply_add::<S>(simd, a[v], x, sums[at][v]);
                    }
                }
                *rest = (&places[taken..], &values[taken..]);
            }
        }
        for (total, sum) in totals.iter_mut().zip(sums) {
            add::<T, S, V>(simd, total, sum);
        }
    }

    /// Writes the tile to C.
    #[inline(always)]
    fn write<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        (units, columns): (&Range<usize>, &Range<usize>),
        tile: &mut Tile<T>,
    ) {
        let height = V * T::count::<S>();
        let width = columns.len().next_multiple_of(T::count::<S>());
        let Tile { totals, sums, .. } = tile;
        // The sums are in the totals now, and their place is free.
        let upright = &mut sums[..height * width];
        let transposed = &totals[..columns.len() * height];
        FillTransposed { rows: height, to: &mut *upright, transposed }.with_simd(simd);
        for (unit, from) in units.clone().zip(upright.chunks_exact(width)) {
            self.c[unit * self.columns..][columns.clone()].copy_from_slice(&from[..columns.len()]);
        }
    }
}

/// total += sum.
#[inline(always)]
fn add<T: Lanes, S: Simd, const V: usize>(simd: S, total: &mut [T::Vector<S>; V], sum: &[T::Vector<S>; V]) {
    for v in 0..V {
        total[v] = T::plus::<S>(simd, total[v], sum[v]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Aligned, Layout, Start, WrittenBy};
    use super::super::{accumulate, accumulate_sparse, multiply, multiply_sparse};
    use super::*;
    use crate::machine::vectorised::tests::with_each;

    fn wave<T: Scalar>(count: usize, frequency: f64) -> Vec<T> {
        (0..count).map(|i| T::constant((i as f64 * frequency).sin())).collect()
    }

    /// A matrix with about a third of its entries, in rows of which some are empty.
    struct Held<T> {
        dense: Vec<T>,
        rows: Vec<(Vec<u32>, Vec<T>)>,
    }

    impl<T: Scalar> Held<T> {
        fn new(rows: usize, columns: usize, seed: usize) -> Self {
            let mut dense = wave::<T>(rows * columns, 0.37);
            for (i, x) in dense.iter_mut().enumerate() {
                if (i / columns + seed) % 4 == 2 || !(i * 7 + i / 5 + seed).is_multiple_of(3) {
                    *x = T::zero();
                }
            }
            let nonzeros = |row: &[T]| {
                row.iter().enumerate().filter(|(_, x)| x.value() != 0.0).map(|(j, &x)| (j as u32, x)).unzip()
            };
            let rows = dense.chunks_exact(columns).map(nonzeros).collect();
            Self { dense, rows }
        }

        fn row(&self, k: usize) -> SparseRow<'_, T> {
            (&self.rows[k].0, &self.rows[k].1)
        }
    }

    fn same<T: Scalar>(found: &[T], wanted: &[T]) -> bool {
        found.iter().zip(wanted).all(|(a, b)| a.value().to_bits() == b.value().to_bits())
    }

    fn check_product<T: Scalar>(m: usize, k: usize, n: usize) {
        let a = Held::<T>::new(m, k, 1);
        let (b, bias) = (wave::<T>(k * n, 0.7), wave::<T>(n, 1.1));
        for shares in [1, 3] {
            let layout = Layout::in_shares::<T>(k, n, shares);
            let mut values = Aligned::zeros(layout.length());
            layout.fill_band(values.first_mut(layout.length()), k, |p| &b[p * n..(p + 1) * n]);
            let panels = Panels { layout, values: values.first(layout.length()) };
            let (mut dense, mut sparse) = (vec![T::zero(); m * n], vec![T::constant(f64::NAN); m * n]);
            multiply(&mut dense, (m, |i| &a.dense[i * k..(i + 1) * k]), panels, Start::Row(&bias));
            multiply_sparse(&mut sparse, (m, |i| a.row(i)), panels, &bias);
            assert!(same(&sparse, &dense), "{} {m}×{k}×{n}", T::NAME);
        }
    }

    fn check_sums<T: Scalar>(rows: usize, units: usize, columns: usize) {
        let blocks: Vec<Held<T>> = (0..BLOCKS_MOST).map(|block| Held::new(rows, columns, block)).collect();
        let deltas: Vec<Vec<T>> =
            (0..BLOCKS_MOST).map(|block| wave(rows * units, 0.3 + block as f64)).collect();
        let first = units / 3;
        let length = (units - first) * columns;
        for count in [0, 1, 2, BLOCKS_MOST] {
            let (mut dense, mut sparse) = (vec![T::zero(); length], vec![T::constant(f64::NAN); length]);
            let side = |block: usize| {
                let held = &blocks[block].dense;
                let row = move |k: usize| &held[k * columns..(k + 1) * columns];
                Sides { a: &deltas[block][..], row, rows }
            };
            accumulate(&mut dense, columns, (count, side), (units, first), WrittenBy::ThisThread);
            let side = |block: usize| {
                let held = &blocks[block];
                Sides { a: &deltas[block][..], row: move |k: usize| held.row(k), rows }
            };
            accumulate_sparse(&mut sparse, columns, (count, side), (units, first));
            assert!(same(&sparse, &dense), "{} {count} of {rows}×{units}×{columns}", T::NAME);
        }
    }

    #[test]
    fn the_bits_are_those_of_the_dense_products() {
        with_each(|| {
            for inner in [1, 2, 31, 32] {
                for n in [1, 7, 16, 17, 49, 97] {
                    for m in [1, 5, 33] {
                        check_product::<f32>(m, n, inner);
                        check_product::<f64>(m, n, inner);
                        check_sums::<f32>(inner, m, n);
                        check_sums::<f64>(inner, m, n);
                    }
                }
            }
            // More columns than a tile has.
            for units in [1, 20, 50] {
                check_sums::<f32>(3, units, 1100);
                check_sums::<f64>(3, units, 1100);
            }
        });
    }
}
