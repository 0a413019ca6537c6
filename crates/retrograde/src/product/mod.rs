//! The matrix products of backpropagation, on the calling thread.
//!
//! ```text
//! Z = 1 bᵀ + A Wᵀ        forward           multiply   B = Wᵀ
//! δ W                    backward          multiply   B = W
//! Δ = δᵀ A               the sums over rows  accumulate B = A
//! ```
//!
//! Threads divide the work one level above. [`library`] has the products that training does not spend its time in.

mod fill;
mod kernel;
mod lanes;
pub(crate) mod library;
mod panels;
mod sparse;

use crate::machine::vectorised::arch;
use crate::real::Scalar;
use kernel::{Accumulate, Multiply};
use sparse::{AccumulateSparse, MultiplySparse};

pub(crate) use kernel::{BLOCK_MOST, CHAIN, Sides, Start, WrittenBy};
pub use lanes::Lanes;
pub(crate) use panels::{Aligned, Layout, Panels};
pub(crate) use sparse::{BLOCKS_MOST, SparseRow};

/// C = start + A B, C m×n and A given row by row.
pub(crate) fn multiply<'a, T: Scalar>(
    c: &'a mut [T],
    (rows, row): (usize, impl Fn(usize) -> &'a [T]),
    b: Panels<'a, T>,
    start: Start<'a, T>,
) {
    debug_assert_eq!(c.len(), rows * b.layout.columns());
    arch().dispatch(Multiply { c, row, rows, b, start });
}

/// C = Σ Aᵀ B over one or more blocks of rows: the rows of C for the columns `first`… of A, which is `width` wide.
///
/// The sum of each [`CHAIN`] blocks is added up from 0 before it goes to C, so that a long sum of f32 is one of short ones.
pub(crate) fn accumulate<'a, T: Scalar, R: Fn(usize) -> &'a [T]>(
    c: &'a mut [T],
    columns: usize,
    (blocks, block): (usize, impl Fn(usize) -> Sides<'a, T, R>),
    (width, first): (usize, usize),
    written_by: WrittenBy,
) {
    arch().dispatch(Accumulate { c, block, blocks, width, first, columns, written_by });
}

/// C = 1 biasᵀ + A B, C m×n and A given by the nonzeros of its rows. B is not laid out in bands.
pub(crate) fn multiply_sparse<'a, T: Scalar>(
    c: &'a mut [T],
    (rows, row): (usize, impl Fn(usize) -> SparseRow<'a, T>),
    b: Panels<'a, T>,
    bias: &'a [T],
) {
    debug_assert_eq!(c.len(), rows * b.layout.columns());
    arch().dispatch(MultiplySparse { c, row, rows, b, bias });
}

/// C = Σ Aᵀ B over up to [`BLOCKS_MOST`] blocks of rows, B given by the nonzeros of its rows: as [`accumulate`].
pub(crate) fn accumulate_sparse<'a, T: Scalar, R: Fn(usize) -> SparseRow<'a, T>>(
    c: &'a mut [T],
    columns: usize,
    (blocks, block): (usize, impl Fn(usize) -> Sides<'a, T, R>),
    (width, first): (usize, usize),
) {
    arch().dispatch(AccumulateSparse { c, block, blocks, width, first, columns });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::vectorised::tests::with_each;

    /// Around the tiles of 4 and 8 rows, the vectors of 1 to 16 lanes and the panels of three of them.
    const SIZES: [usize; 15] = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 48, 49, 97];

    /// Small numbers of few bits: their products and sums are exact in f32, in any order.
    fn numbers<T: Scalar>(count: usize, seed: usize) -> Vec<T> {
        (0..count).map(|i| T::constant((((i + seed) * 37 % 31) as f64 - 15.0) / 4.0)).collect()
    }

    fn laid_out<T: Scalar>(layout: Layout, fill: impl Fn(&mut [T])) -> Aligned<T> {
        let mut values = Aligned::zeros(layout.length());
        fill(values.first_mut(layout.length()));
        values
    }

    fn check<T: Scalar>(m: usize, k: usize, n: usize) {
        let (a, b, bias) = (numbers::<T>(m * k, 1), numbers::<T>(k * n, 2), numbers::<T>(n, 3));
        let transposed: Vec<T> = (0..n * k).map(|i| b[i % k * n + i / k]).collect();
        let naive = |i: usize, j: usize| -> T { (0..k).map(|p| a[i * k + p] * b[p * n + j]).sum() };
        let wanted: Vec<T> = (0..m * n).map(|at| naive(at / n, at % n) + bias[at % n]).collect();
        let row = |p: usize| &b[p * n..(p + 1) * n];
        let whole = Layout::in_shares::<T>(k, n, 1);
        let shared = Layout::in_shares::<T>(k, n, 3);
        let bands = Layout::in_bands::<T>(k, n, 3);
        let by_rows = laid_out(whole, |to: &mut [T]| whole.fill_band(to, k, row));
        let by_columns = laid_out(shared, |to: &mut [T]| {
            for share in 0..3 {
                let (columns, place) = shared.share(share);
                shared.fill_share(&mut to[place], &transposed[columns.start * k..columns.end * k]);
            }
        });
        let in_bands = laid_out(bands, |to: &mut [T]| {
            let mut first = 0;
            for band in 0..3 {
                let place = bands.place_of_band(band);
                let rows = place.len() * k / bands.length();
                bands.fill_band(&mut to[place], rows, |p| row(first + p));
                first += rows;
            }
        });
        for (layout, values) in [(whole, &by_rows), (shared, &by_columns), (bands, &in_bands)] {
            let panels = Panels { layout, values: values.first(layout.length()) };
            let mut c = vec![T::constant(f64::NAN); m * n];
            multiply(&mut c, (m, |i| &a[i * k..(i + 1) * k]), panels, Start::Row(&bias));
            assert!(c == wanted, "{} {m}×{k}×{n}", T::NAME);
        }
    }

    #[test]
    fn multiply_equals_its_definition() {
        with_each(|| {
            for m in SIZES {
                for k in SIZES {
                    for n in SIZES {
                        check::<f32>(m, k, n);
                        check::<f64>(m, k, n);
                    }
                }
            }
        });
    }

    fn check_sums<T: Scalar>(blocks: usize, k: usize, m: usize, n: usize) {
        let lefts: Vec<_> = (0..blocks).map(|block| numbers::<T>(k * m, block)).collect();
        let rights: Vec<_> = (0..blocks).map(|block| numbers::<T>(k * n, block + 7)).collect();
        let block = |block: usize| {
            let right = &rights[block];
            Sides { a: &lefts[block][..], row: |p: usize| &right[p * n..(p + 1) * n], rows: k }
        };
        let first = m / 3;
        let wanted: Vec<T> = (0..(m - first) * n)
            .map(|at| {
                let (i, j) = (first + at / n, at % n);
                let sum =
                    |(a, b): (&Vec<T>, &Vec<T>)| -> T { (0..k).map(|p| a[p * m + i] * b[p * n + j]).sum() };
                lefts.iter().zip(&rights).map(sum).sum()
            })
            .collect();
        let mut c = vec![T::constant(f64::NAN); wanted.len()];
        accumulate(&mut c, n, (blocks, block), (m, first), WrittenBy::Several);
        assert!(c == wanted, "{} {blocks} blocks {k}×{m}×{n}", T::NAME);
    }

    #[test]
    fn accumulate_equals_its_definition() {
        with_each(|| {
            for (blocks, k) in [(1, 1), (2, 2), (3, 31), (4, 32)] {
                for m in SIZES {
                    for n in SIZES {
                        check_sums::<f32>(blocks, k, m, n);
                        check_sums::<f64>(blocks, k, m, n);
                    }
                }
            }
        });
    }

    #[test]
    fn bits_do_not_depend_on_where_a_row_lies() {
        let (m, k, n) = (13, 37, 50);
        let wave = |i: usize| (i as f32 * 0.37).sin();
        let (a, b): (Vec<f32>, Vec<f32>) = ((0..m * k).map(wave).collect(), (0..k * n).map(wave).collect());
        let layout = Layout::in_shares::<f32>(k, n, 1);
        let values = laid_out(layout, |to: &mut [f32]| layout.fill_band(to, k, |p| &b[p * n..(p + 1) * n]));
        let panels = Panels { layout, values: values.first(layout.length()) };
        let mut all = vec![0.0; m * n];
        multiply(&mut all, (m, |i| &a[i * k..(i + 1) * k]), panels, Start::Zero);
        for i in 0..m {
            let mut alone = vec![0.0; n];
            multiply(&mut alone, (1, |_| &a[i * k..(i + 1) * k]), panels, Start::Zero);
            assert!(alone.iter().zip(&all[i * n..]).all(|(a, b)| a.to_bits() == b.to_bits()), "row {i}");
        }
    }
}
