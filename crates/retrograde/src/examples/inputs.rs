//! Where the inputs of some rows lie: nothing is copied together for a batch.

use super::Sparse;
use crate::product::SparseRow;
use crate::real::Scalar;
use std::borrow::Cow;
use std::ops::Range;

/// The inputs of some rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Inputs<'a, T> {
    Dense(Dense<'a, T>),
    Sparse(SparseRows<'a, T>),
}

/// Rows of a row-major matrix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dense<'a, T> {
    values: &'a [T],
    width: usize,
    /// Which rows of the values, when not one after the other.
    order: Option<&'a [u32]>,
}

/// Rows of a matrix of which only the nonzeros are held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SparseRows<'a, T> {
    matrix: Sparse<'a, T>,
    /// Which rows of the matrix, when not one after the other.
    order: Option<&'a [u32]>,
}

impl<'a, T> Dense<'a, T> {
    /// All rows of a row-major matrix.
    pub fn new(values: &'a [T], width: usize) -> Self {
        Self { values, width, order: None }
    }

    /// The inputs of row `k`.
    #[inline(always)]
    pub fn row(&self, k: usize) -> &'a [T] {
        let place = self.order.map_or(k, |order| order[k] as usize);
        &self.values[place * self.width..(place + 1) * self.width]
    }

    /// s_1.
    pub fn width(&self) -> usize {
        self.width
    }

    fn part(&self, rows: Range<usize>) -> Self {
        match self.order {
            Some(order) => Self { order: Some(&order[rows]), ..*self },
            None => Self { values: &self.values[rows.start * self.width..rows.end * self.width], ..*self },
        }
    }
}

impl<'a, T: Scalar> SparseRows<'a, T> {
    /// All rows of a matrix.
    pub fn new(matrix: Sparse<'a, T>) -> Self {
        Self { matrix, order: None }
    }

    /// The nonzeros of row `k`.
    #[inline(always)]
    pub fn row(&self, k: usize) -> SparseRow<'a, T> {
        self.matrix.row(self.order.map_or(k, |order| order[k] as usize))
    }

    /// The most nonzeros a row has.
    pub fn longest(&self) -> usize {
        self.matrix.longest()
    }

    /// s_1.
    pub fn width(&self) -> usize {
        self.matrix.width()
    }

    pub fn part(&self, rows: Range<usize>) -> Self {
        match self.order {
            Some(order) => Self { order: Some(&order[rows]), ..*self },
            None => Self { matrix: self.matrix.part(rows), order: None },
        }
    }

    /// Writes row `k` with its zeros.
    fn write_row(&self, k: usize, to: &mut [T]) {
        to.fill(T::zero());
        let (columns, values) = self.row(k);
        for (&j, &value) in columns.iter().zip(values) {
            to[j as usize] = value;
        }
    }
}

impl<'a, T: Scalar> Inputs<'a, T> {
    /// All rows of a row-major matrix.
    pub fn new(values: &'a [T], width: usize) -> Self {
        Self::Dense(Dense::new(values, width))
    }

    /// The inputs of row `k`; copied only where they are sparse.
    pub fn row(&self, k: usize) -> Cow<'a, [T]> {
        match self {
            Self::Dense(rows) => Cow::Borrowed(rows.row(k)),
            Self::Sparse(rows) => {
                let mut row = vec![T::zero(); rows.width()];
                rows.write_row(k, &mut row);
                Cow::Owned(row)
            }
        }
    }

    /// These rows alone, numbered from 0.
    #[inline(always)]
    pub fn part(&self, rows: Range<usize>) -> Self {
        match self {
            Self::Dense(all) => Self::Dense(all.part(rows)),
            Self::Sparse(all) => Self::Sparse(all.part(rows)),
        }
    }

    /// The same rows in another order, or some of them.
    pub fn ordered<'b>(&self, order: &'b [u32]) -> Inputs<'b, T>
    where
        'a: 'b,
    {
        match *self {
            Self::Dense(rows) => {
                debug_assert!(rows.order.is_none());
                Inputs::Dense(Dense { order: Some(order), ..rows })
            }
            Self::Sparse(rows) => {
                debug_assert!(rows.order.is_none());
                Inputs::Sparse(SparseRows { order: Some(order), ..rows })
            }
        }
    }

    /// The first `rows` rows as a row-major matrix; copied only where they are sparse or in another order.
    pub fn matrix(&self, rows: usize) -> Cow<'a, [T]> {
        match self {
            Self::Dense(Dense { values, width, order: None }) => Cow::Borrowed(&values[..rows * width]),
            Self::Dense(all) => (0..rows).flat_map(|k| all.row(k)).copied().collect(),
            Self::Sparse(all) => {
                let mut matrix = vec![T::zero(); rows * all.width()];
                for (k, row) in matrix.chunks_exact_mut(all.width()).enumerate() {
                    all.write_row(k, row);
                }
                Cow::Owned(matrix)
            }
        }
    }
}
