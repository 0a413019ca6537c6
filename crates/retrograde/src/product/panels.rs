//! The right-hand matrix of a product, laid out in the order in which the product reads it.

use super::fill::{Fill, FillTransposed};
use super::lanes::Lanes;
use crate::machine::prefetch::LINE;
use crate::machine::vectorised::arch;
use crate::real::Scalar;
use pulp::{Simd, WithSimd};
use std::marker::PhantomData;
use std::ops::Range;

/// Vectors that a product takes side by side: with 8 rows of the left-hand matrix they fill the registers.
pub(super) const WIDEST: usize = 3;

/// How a k×n matrix B is laid out: in strips up to three vectors wide, each row after row, the last filled up with 0.
///
/// ```text
///             strip 0            strip 1
///           b00 b01 … b0w      b0w … 0
///  k rows   b10 b11 … b1w      b1w … 0
///            …                  …
/// ```
///
/// The columns may be shared out, so that no strip belongs to two shares. Or B is cut into bands of rows, each laid out like
/// this. Either way a share is in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    rows: usize,
    columns: usize,
    lanes: usize,
    /// How many share the columns.
    shares: usize,
    /// How many bands there are.
    bands: usize,
}

impl Layout {
    /// That of a `rows`×`columns` matrix on this processor, its columns in so many shares.
    pub fn in_shares<T: Scalar>(rows: usize, columns: usize, shares: usize) -> Self {
        Self { rows, columns, lanes: lanes::<T>(), shares, bands: 1 }
    }

    /// That of a matrix whose rows are in so many bands, shared out as columns are.
    pub fn in_bands<T: Scalar>(rows: usize, columns: usize, bands: usize) -> Self {
        Self { bands, ..Self::in_shares::<T>(rows, columns, 1) }
    }

    /// n.
    #[inline(always)]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many numbers it takes.
    pub fn length(&self) -> usize {
        self.rows * self.vectors() * self.lanes
    }

    /// The vectors in a row.
    #[inline(always)]
    fn vectors(&self) -> usize {
        self.columns.div_ceil(self.lanes)
    }

    /// The strips, as ranges of vectors.
    #[inline(always)]
    pub(super) fn strips(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (vectors, shares) = (self.vectors(), self.shares);
        (0..shares).flat_map(move |share| strips(share * vectors / shares..(share + 1) * vectors / shares))
    }

    /// The columns of a strip.
    #[inline(always)]
    pub(super) fn columns_of(&self, strip: &Range<usize>) -> Range<usize> {
        strip.start * self.lanes..(strip.end * self.lanes).min(self.columns)
    }

    /// The bands, as ranges of rows.
    #[inline(always)]
    pub(super) fn bands(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let layout = *self;
        (0..self.bands).map(move |index| layout.band(index))
    }

    /// The rows of band `index`.
    #[inline(always)]
    fn band(&self, index: usize) -> Range<usize> {
        let heights = self.rows.div_ceil(self.lanes);
        let edge = |index: usize| (index * heights / self.bands * self.lanes).min(self.rows);
        if self.bands == 1 { 0..self.rows } else { edge(index)..edge(index + 1) }
    }

    /// Where a strip's part of a band lies.
    #[inline(always)]
    pub(super) fn place(&self, band: &Range<usize>, strip: &Range<usize>) -> Range<usize> {
        let height = band.len() * self.lanes;
        let start = band.start * self.vectors() * self.lanes;
        start + strip.start * height..start + strip.end * height
    }

    /// The columns of share `index`, and where they lie.
    pub fn share(&self, index: usize) -> (Range<usize>, Range<usize>) {
        let edge = |index: usize| index * self.vectors() / self.shares * self.lanes;
        let (first, last) = (edge(index), edge(index + 1));
        (first.min(self.columns)..last.min(self.columns), first * self.rows..last * self.rows)
    }

    /// Where band `index` lies.
    pub fn place_of_band(&self, index: usize) -> Range<usize> {
        let (rows, width) = (self.band(index), self.vectors() * self.lanes);
        rows.start * width..rows.end * width
    }

    /// Fills a share, which lies in `to`, from its rows of Bᵀ, each k long.
    pub fn fill_share<T: Scalar>(&self, to: &mut [T], transposed: &[T]) {
        let (rows, lanes) = (self.rows, self.lanes);
        for strip in strips(0..to.len() / (rows * lanes)) {
            let columns = strip.start * lanes * rows..(strip.end * lanes * rows).min(transposed.len());
            let to = &mut to[strip.start * lanes * rows..strip.end * lanes * rows];
            arch().dispatch(FillTransposed { rows, to, transposed: &transposed[columns] });
        }
    }

    /// Fills a band, which lies in `to`, with its `rows` rows of B.
    pub fn fill_band<'a, T: Scalar>(&self, to: &mut [T], rows: usize, row: impl Fn(usize) -> &'a [T]) {
        for strip in self.strips() {
            let (to, columns) = (&mut to[self.place(&(0..rows), &strip)], self.columns_of(&strip));
            arch().dispatch(Fill { to, rows, columns, row: &row });
        }
    }
}

/// Up to [`WIDEST`] of these vectors after each other; widths differ by one at most, so that none is left narrow.
#[inline(always)]
pub(super) fn strips(vectors: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let count = vectors.len().div_ceil(WIDEST);
    let (width, wider) = (vectors.len() / count.max(1), vectors.len() % count.max(1));
    (0..count).map(move |index| {
        let first = vectors.start + index * width + index.min(wider);
        first..first + width + usize::from(index < wider)
    })
}

/// A matrix laid out for products.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panels<'a, T> {
    pub layout: Layout,
    pub values: &'a [T],
}

/// Numbers whose first begins a line of the cache: no vector of them then lies across two.
#[derive(Debug)]
pub(crate) struct Aligned<T> {
    values: Vec<T>,
    start: usize,
}

impl<T: Scalar> Aligned<T> {
    /// `length` numbers, all 0.
    pub fn zeros(length: usize) -> Self {
        let padding = LINE / size_of::<T>();
        let values = vec![T::zero(); length + padding];
        let start = values.as_ptr().align_offset(LINE).min(padding);
        Self { values, start }
    }

    /// The first `length` of them.
    #[inline(always)]
    pub fn first(&self, length: usize) -> &[T] {
        &self.values[self.start..self.start + length]
    }

    /// The first `length` of them, to write to.
    #[inline(always)]
    pub fn first_mut(&mut self, length: usize) -> &mut [T] {
        &mut self.values[self.start..self.start + length]
    }
}

/// Numbers in a vector of this processor.
#[inline(always)]
pub(crate) fn lanes<T: Scalar>() -> usize {
    struct Count<T>(PhantomData<T>);
    impl<T: Lanes> WithSimd for Count<T> {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            T::count::<S>()
        }
    }
    arch().dispatch(Count::<T>(PhantomData))
}
