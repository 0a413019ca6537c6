//! Inputs that are mostly 0, held by their nonzeros.

use crate::error::{Error, Result};
use crate::product::SparseRow;
use crate::real::Scalar;
use std::ops::Range;

/// A matrix X (m×s_1) by its nonzeros, row after row (compressed sparse rows, CSR).
///
/// ```text
///     ⎡ 0 2 0 1 ⎤     row_starts   0 2 2 3
/// X = ⎢ 0 0 0 0 ⎥     columns      1 3 0
///     ⎣ 5 0 0 0 ⎦     values       2 1 5
/// ```
///
/// Row k has the values of `row_starts[k]..row_starts[k + 1]`. What is not held is 0; a 0 may be held too. It is a view:
/// nothing is copied.
///
/// A bag of words: how often each word of a vocabulary is in a text.
///
/// ```
/// use ndarray::arr2;
/// use retrograde::examples::Sparse;
/// use retrograde::{Activation, Evaluator, Examples, Loss, Network, Output, Params, Regularisation};
/// // 0 bad, 1 film, 2 good, 3 plot, 4 the, 5 very
/// // "the good film" · "the plot very very bad" · ""
/// let words = Sparse::new(&[0, 3, 7, 7], &[1, 2, 4, 0, 3, 4, 5], &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0], 6)?;
/// let liked = arr2(&[[1.0], [0.0], [1.0]]);
/// let network = Network::new(&[6, 1], &[] as &[Activation], Output::Sigmoid, Loss::CrossEntropy)?;
/// let texts = Examples::sparse(&network, words, liked.view(), None)?;
/// let mut evaluator = Evaluator::new(&network, Regularisation::default(), texts.rows(), 1)?;
/// let mut grad = [0.0_f64; 7];
/// // Without weights every text is liked with probability ½: J = ln 2, and ∂J/∂w_j = Σ_k (½ − y_k) x_kj / 3.
/// let cost = evaluator.cost_and_grad(&[0.0; 7], &texts, &mut grad);
/// assert!((cost - 2f64.ln()).abs() < 1e-15);
/// let wanted = [0.5, -0.5, -0.5, 0.5, 0.0, 1.0, -0.5].map(|sum| sum / 3.0);
/// assert!(grad.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-15));
/// # Ok::<(), retrograde::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Sparse<'a, T> {
    row_starts: &'a [usize],
    columns: &'a [u32],
    values: &'a [T],
    width: usize,
    longest: usize,
}

impl<'a, T: Scalar> Sparse<'a, T> {
    /// The matrix of `width` columns with these nonzeros, once they are checked.
    ///
    /// # Errors
    /// [`Error::Shape`] unless the row starts begin with 0, never fall and end with the number of columns and of values,
    /// or unless the columns of each row ascend and are below `width`; [`Error::Value`] for the first value that is not
    /// finite.
    pub fn new(row_starts: &'a [usize], columns: &'a [u32], values: &'a [T], width: usize) -> Result<Self> {
        if columns.len() != values.len() {
            return Err(shape(
                "the set of nonzeros",
                lengths(columns.len(), values.len()),
                "as many of both".into(),
            ));
        }
        check_starts(row_starts, values.len())?;
        let longest = row_starts.windows(2).map(|edge| edge[1] - edge[0]).max().unwrap_or(0);
        let matrix = Self { row_starts, columns, values, width, longest };
        for k in 0..matrix.rows() {
            matrix.check_row(k)?;
        }
        Ok(matrix)
    }

    fn check_row(&self, k: usize) -> Result<()> {
        let (columns, values) = self.row(k);
        let what = "a row of the sparse input matrix";
        if let Some([before, after]) = columns.windows(2).find(|pair| pair[0] >= pair[1]) {
            let found = format!("not in order: row {k} has column {after} after column {before}");
            return Err(shape(what, found, "its columns ascending, each once".into()));
        }
        if let Some(&last) = columns.last().filter(|&&last| last as usize >= self.width) {
            let found = format!("too wide: row {k} has column {last}");
            return Err(shape(what, found, format!("columns below {}", self.width)));
        }
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(at) => Err(Error::Value {
                what: "the input",
                row: k,
                column: columns[at] as usize,
                found: values[at].value(),
                expected: "a finite number",
            }),
        }
    }

    /// A matrix known to be good, no row of which has more than `longest` nonzeros.
    pub(crate) fn of_parts(
        (row_starts, columns, values): (&'a [usize], &'a [u32], &'a [T]),
        width: usize,
        longest: usize,
    ) -> Self {
        Self { row_starts, columns, values, width, longest }
    }

    /// The columns and values of row `k`.
    ///
    /// # Panics
    /// When `k` is not below [`Sparse::rows`].
    #[inline(always)]
    pub fn row(&self, k: usize) -> SparseRow<'a, T> {
        let row = self.row_starts[k]..self.row_starts[k + 1];
        (&self.columns[row.clone()], &self.values[row])
    }

    /// m.
    pub fn rows(&self) -> usize {
        self.row_starts.len() - 1
    }

    /// s_1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many values are held.
    pub fn nonzeros(&self) -> usize {
        self.row_starts[self.rows()] - self.row_starts[0]
    }

    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    pub(crate) fn part(&self, rows: Range<usize>) -> Self {
        Self { row_starts: &self.row_starts[rows.start..=rows.end], ..*self }
    }
}

fn check_starts(starts: &[usize], held: usize) -> Result<()> {
    let what = "the list of row starts";
    let (Some(&first), Some(&last)) = (starts.first(), starts.last()) else {
        return Err(shape(what, "empty".into(), "0 and the end of every row".into()));
    };
    if first != 0 {
        return Err(shape(what, format!("one that begins with {first}"), "0 at its beginning".into()));
    }
    if let Some(k) = starts.windows(2).position(|edge| edge[0] > edge[1]) {
        let found = format!("falling: row {k} starts at {} and ends at {}", starts[k], starts[k + 1]);
        return Err(shape(what, found, "each at least the one before".into()));
    }
    if last != held {
        let found = format!("one that ends with {last}");
        return Err(shape(what, found, format!("{held}, the number of values, at its end")));
    }
    Ok(())
}

fn lengths(columns: usize, values: usize) -> String {
    format!("{columns} columns and {values} values")
}

fn shape(what: &'static str, found: String, expected: String) -> Error {
    Error::Shape { what, found, expected }
}
