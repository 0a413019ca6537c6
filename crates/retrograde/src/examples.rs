//! Training examples: inputs, targets and row weights, checked once before any arithmetic.

mod inputs;
mod sparse;

use crate::error::{Error, Result};
use crate::machine::vectorised::vectorised;
use crate::network::Network;
use crate::real::Scalar;
use ndarray::ArrayView2;
use std::borrow::Cow;

pub(crate) use inputs::{Dense, Inputs, SparseRows};
pub use sparse::Sparse;

/// m rows of inputs X (m×s_1) and targets Y (m×s_L), with an optional weight w_k ≥ 0 for each row.
#[derive(Debug, Clone, Copy)]
pub struct Examples<'a, T> {
    pub(crate) x: Inputs<'a, T>,
    pub(crate) y: &'a [T],
    pub(crate) weights: Option<&'a [T]>,
    rows: usize,
    total_weight: f64,
    made_for: MadeFor,
}

/// What the values were checked against: the widths, and the loss's rule for targets by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct MadeFor {
    inputs: usize,
    outputs: usize,
    rule: Option<&'static str>,
}

impl MadeFor {
    fn of(network: &Network) -> Self {
        let rule = network.loss().target_rule().map(|(rule, _)| rule);
        Self { inputs: network.inputs(), outputs: network.outputs(), rule }
    }
}

impl<'a, T: Scalar> Examples<'a, T> {
    /// Checks shapes, finiteness, the loss's rule for targets, and the weights.
    ///
    /// # Errors
    /// [`Error::Shape`] for a mismatch or a matrix that is not row-major and contiguous,
    /// [`Error::Value`] for the first value that cannot be computed with,
    /// [`Error::WeightSum`] for weights that sum to 0.
    pub fn new(
        network: &Network,
        x: ArrayView2<'a, T>,
        y: ArrayView2<'a, T>,
        weights: Option<&'a [T]>,
    ) -> Result<Self> {
        let rows = x.nrows();
        expect_shape("the input matrix", x.dim(), (rows.max(1), network.inputs()))?;
        let x = contiguous("the input matrix", x)?;
        check_inputs(network, x)?;
        Self::with_inputs(network, (Inputs::new(x, network.inputs()), rows), y, weights)
    }

    /// As [`Examples::new`], with most inputs 0: the first layer's products take time for the nonzeros alone.
    ///
    /// J and ∇J have the bits they have for the same rows given densely, as long as all numbers are finite. A weight that
    /// has become infinite reaches a row only where the row has a nonzero, as 0·∞ is not computed.
    ///
    /// # Errors
    /// As [`Examples::new`].
    pub fn sparse(
        network: &Network,
        x: Sparse<'a, T>,
        y: ArrayView2<'a, T>,
        weights: Option<&'a [T]>,
    ) -> Result<Self> {
        let rows = x.rows();
        expect_shape("the input matrix", (rows, x.width()), (rows.max(1), network.inputs()))?;
        Self::with_inputs(network, (Inputs::Sparse(SparseRows::new(x)), rows), y, weights)
    }

    fn with_inputs(
        network: &Network,
        (x, rows): (Inputs<'a, T>, usize),
        y: ArrayView2<'a, T>,
        weights: Option<&'a [T]>,
    ) -> Result<Self> {
        expect_shape("the target matrix", y.dim(), (rows, network.outputs()))?;
        let y = contiguous("the target matrix", y)?;
        check_targets(network, y)?;
        let total_weight = match weights {
            None => rows as f64,
            Some(weights) => total_weight(weights, rows)?,
        };
        Ok(Self { x, y, weights, rows, total_weight, made_for: MadeFor::of(network) })
    }

    /// Rows that [`check_rows`] has found good, and Σ w_k.
    pub(crate) fn checked(
        network: &Network,
        (x, y, weights): (&'a [T], &'a [T], Option<&'a [T]>),
        total_weight: f64,
    ) -> Self {
        let (rows, x) = (y.len() / network.outputs(), Inputs::new(x, network.inputs()));
        Self { x, y, weights, rows, total_weight, made_for: MadeFor::of(network) }
    }

    /// A batch of rows already known to be good, with their targets and weights copied together.
    pub(crate) fn batch<'b>(&self, order: &'b [u32], y: &'b [T], weights: Option<&'b [T]>) -> Examples<'b, T>
    where
        'a: 'b,
    {
        self.of_rows(self.x.ordered(order), y, weights)
    }

    fn of_rows<'b>(&self, x: Inputs<'b, T>, y: &'b [T], weights: Option<&'b [T]>) -> Examples<'b, T> {
        let rows = y.len() / self.made_for.outputs;
        let total_weight = weights.map_or(rows as f64, |w| w.iter().map(|w| w.value()).sum());
        Examples { x, y, weights, rows, total_weight, made_for: self.made_for }
    }

    /// Refuses a network of other widths, or whose loss asks something else of the targets.
    ///
    /// # Errors
    /// [`Error::Shape`] naming both.
    pub(crate) fn expect_for(&self, network: &Network) -> Result<()> {
        let (found, wanted) = (self.made_for, MadeFor::of(network));
        if found == wanted {
            return Ok(());
        }
        let words = |m: MadeFor| {
            let targets = m.rule.map(|rule| format!(", each {rule}")).unwrap_or_default();
            format!("of {} inputs and {} targets{targets}", m.inputs, m.outputs)
        };
        Err(Error::Shape {
            what: "the set of examples",
            found: words(found),
            expected: format!("{} for {}", words(wanted), network.describe()),
        })
    }

    /// The inputs, targets and weight of row `k`; the inputs are copied only where they are sparse.
    ///
    /// # Panics
    /// When `k` is not below [`Examples::rows`].
    pub fn row(&self, k: usize) -> (Cow<'a, [T]>, &'a [T], f64) {
        let outputs = self.made_for.outputs;
        let weight = self.weights.map_or(1.0, |w| w[k].value());
        (self.x.row(k), &self.y[k * outputs..(k + 1) * outputs], weight)
    }

    /// The same rows, each of weight 1.
    pub fn unweighted(&self) -> Self {
        Self { weights: None, total_weight: self.rows as f64, ..*self }
    }

    /// m.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// M = Σ w_k; m without weights.
    pub fn total_weight(&self) -> f64 {
        self.total_weight
    }
}

fn total_weight<T: Scalar>(weights: &[T], rows: usize) -> Result<f64> {
    if weights.len() != rows {
        return Err(Error::Shape {
            what: "the list of row weights",
            found: format!("{} long", weights.len()),
            expected: format!("one for each of the {rows} rows"),
        });
    }
    check_weights(weights)?;
    let sum: f64 = weights.iter().map(|w| w.value()).sum();
    if sum > 0.0 && sum.is_finite() { Ok(sum) } else { Err(Error::WeightSum { found: sum }) }
}

/// Checks rows as [`Examples::new`] does; the sum of their weights is the caller's.
///
/// # Errors
/// [`Error::Value`] for the first value that cannot be computed with.
pub(crate) fn check_rows<T: Scalar>(
    network: &Network,
    x: &[T],
    y: &[T],
    weights: Option<&[T]>,
) -> Result<()> {
    check_inputs(network, x)?;
    check_targets(network, y)?;
    weights.map_or(Ok(()), check_weights)
}

fn check_inputs<T: Scalar>(network: &Network, x: &[T]) -> Result<()> {
    check_finite("the input", x, network.inputs())
}

fn check_targets<T: Scalar>(network: &Network, y: &[T]) -> Result<()> {
    check_finite("the target", y, network.outputs())?;
    let Some((rule, holds)) = network.loss().target_rule() else { return Ok(()) };
    check_values("the target", y, network.outputs(), rule, holds)
}

fn check_weights<T: Scalar>(weights: &[T]) -> Result<()> {
    check_values("the weight", weights, 1, "a finite number of 0 or more", |w| w.is_finite() && w >= 0.0)
}

fn expect_shape(what: &'static str, found: (usize, usize), expected: (usize, usize)) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Shape {
        what,
        found: format!("{}×{}", found.0, found.1),
        expected: format!("{}×{}", expected.0, expected.1),
    })
}

pub(crate) fn contiguous<'a, T>(what: &'static str, matrix: ArrayView2<'a, T>) -> Result<&'a [T]> {
    let (rows, columns) = matrix.dim();
    matrix.to_slice().ok_or_else(|| Error::Shape {
        what,
        found: format!("{rows}×{columns} with gaps or column-major"),
        expected: "row-major without gaps (ndarray's standard layout)".into(),
    })
}

fn check_finite<T: Scalar>(what: &'static str, values: &[T], columns: usize) -> Result<()> {
    let mut finite = true;
    vectorised(
        #[inline(always)]
        || {
            // To the end and not to the first that is not: such a loop becomes vectors.
            for v in values {
                finite &= v.is_finite();
            }
        },
    );
    if finite { Ok(()) } else { check_values(what, values, columns, "a finite number", f64::is_finite) }
}

fn check_values<T: Scalar>(
    what: &'static str,
    values: &[T],
    columns: usize,
    expected: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<()> {
    match values.iter().position(|v| !holds(v.value())) {
        None => Ok(()),
        Some(at) => Err(Error::Value {
            what,
            row: at / columns,
            column: at % columns,
            found: values[at].value(),
            expected,
        }),
    }
}
