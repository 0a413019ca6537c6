//! How each layer learns: how much error reaches it, how far its gradient would move it, how many of its units are dead or
//! saturated.
//!
//! ```text
//! |δ⁽ˡ⁾|              of rows and units, each row for itself: without row weights and without 1/M
//! |∂J/∂W|/|W|         of the weights W⁽ˡ⁻¹⁾ into layer l that are not 0; a bias begins at 0, and says nothing of this kind
//! dead                relu: units with a = 0 in every row; no row can change the weights into them
//! saturated           sigmoid, tanh: units with g′ < 0.05 max g′ in at least 95 % of the rows
//! ```
//!
//! Of the first two there are the median and the range that nine in ten lie in. They are read off at most 256 of a
//! layer's numbers, evenly spread, and rounded to four digits, as are the shares of units.

pub mod health;

use crate::activation::Activation;
use crate::error::{Error, Result};
use crate::evaluator::Evaluator;
use crate::examples::Examples;
use crate::forward::{BLOCK_ROWS, Workspace};
use crate::network::Network;
use crate::params::Params;
use crate::real::{Real, Scalar};
use crate::regularisation::Regularisation;
use serde::{Deserialize, Serialize};

/// A unit is saturated in a row where g′(z) is below this share of its largest value.
pub const FLAT: f64 = 0.05;
/// A unit is saturated when it is so in at least this share of the rows.
pub const MOSTLY: f64 = 0.95;
/// Numbers of a layer that quantiles are read off at most.
const SAMPLE: usize = 256;

/// A layer that computes, as it was when it was looked at. What was not computed, or is not finite, is absent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LayerRecord {
    /// l, from 2.
    pub l: usize,
    /// |δ_i| of rows and units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<Quantiles>,
    /// |∂J/∂W|/|W| of the weights into the layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_grad: Option<Quantiles>,
    /// The share of the units that are dead; of hidden relu layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead: Option<f64>,
    /// The share of the units that are saturated; of hidden sigmoid and tanh layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturated: Option<f64>,
}

/// Where the middle of some numbers lies, and nine in ten of them.
///
/// Each is one of the numbers: of n in ascending order, the one at place q(n − 1), rounded, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// q = 5 %.
    pub p5: f64,
    /// q = 50 %.
    pub median: f64,
    /// q = 95 %.
    pub p95: f64,
}

impl Quantiles {
    /// Of these numbers; none where there are none, or one is not finite.
    fn of(values: &mut [f64]) -> Option<Self> {
        let last = values.len().checked_sub(1)?;
        if !values.iter().all(|v| v.is_finite()) {
            return None;
        }
        let place = |percent: usize| (percent * last + 50) / 100;
        let (low, middle, high) = (place(5), place(50), place(95));
        let (below, &mut median, above) = values.select_nth_unstable_by(middle, f64::total_cmp);
        let p5 = if low < middle { *below.select_nth_unstable_by(low, f64::total_cmp).1 } else { median };
        let p95 = match high - middle {
            0 => median,
            further => *above.select_nth_unstable_by(further - 1, f64::total_cmp).1,
        };
        Some(Self { p5: rounded(p5), median: rounded(median), p95: rounded(p95) })
    }

    /// Whether these can be quantiles of magnitudes.
    fn are_possible(&self) -> bool {
        0.0 <= self.p5 && self.p5 <= self.median && self.median <= self.p95 && self.p95.is_finite()
    }
}

impl LayerRecord {
    /// What cannot be the record of a network's layers, in words; it may come from a file. No layer, which means that none was
    /// looked at, can.
    pub fn mistake(layers: &[Self], network: &Network) -> Option<&'static str> {
        let all = layers.is_empty() || layers.iter().map(|layer| layer.l).eq(2..network.depth() + 2);
        if !all {
            return Some("a record of other layers than the network has");
        }
        let possible = |layer: &Self| {
            [layer.delta, layer.relative_grad].iter().flatten().all(Quantiles::are_possible)
                && [layer.dead, layer.saturated].iter().flatten().all(|share| (0.0..=1.0).contains(share))
        };
        (!layers.iter().all(possible)).then_some("a record of layers with numbers that cannot be")
    }
}

/// Every layer that computes, on all rows of `examples`, whose weights are not used; `grad` is ∇J where Θ stands.
///
/// ```
/// use ndarray::array;
/// use retrograde::{Activation, Examples, Loss, Network, Output, Params, Regularisation, layers};
///
/// let network = Network::new(&[1, 1, 1], &[Activation::Sigmoid], Output::Identity, Loss::SquaredError)?;
/// // z⁽²⁾ = 0 whatever x is, so a⁽²⁾ = ½, a⁽³⁾ = 1 and g′ = ¼.
/// let params = Params::from_values(&network, vec![0.0, 0.0, 2.0, 0.0])?;
/// let (x, y) = (array![[1.0], [2.0]], array![[-1.0], [-1.0]]);
/// let rows = Examples::new(&network, x.view(), y.view(), None)?;
/// let found = layers::measure(&params, &[1.5, 1.0, 1.0, 2.0], &rows, Regularisation::default())?;
/// // δ⁽³⁾ = a − y = 2 and δ⁽²⁾ = 2 · 2 · ¼ = 1; the weight into layer 2 is 0, and its share of nothing is absent.
/// assert_eq!(found[1].delta.map(|d| d.median), Some(2.0));
/// assert_eq!(found[0].delta.map(|d| d.median), Some(1.0));
/// assert_eq!(found[1].relative_grad.map(|g| g.median), Some(0.5));
/// assert_eq!((found[0].relative_grad, found[0].saturated), (None, Some(0.0)));
/// # Ok::<(), retrograde::Error>(())
/// ```
///
/// # Errors
/// Rows for another network, a gradient of another length, regularisation (its label smoothing counts here) out of range.
pub fn measure<T: Scalar>(
    params: &Params<T>,
    grad: &[T],
    examples: &Examples<'_, T>,
    regularisation: Regularisation,
) -> Result<Vec<LayerRecord>> {
    let network = params.network();
    examples.expect_for(network)?;
    if grad.len() != network.weight_count() {
        return Err(Error::Shape {
            what: "the gradient",
            found: format!("{} long", grad.len()),
            expected: format!("{} derivatives for {}", network.weight_count(), network.describe()),
        });
    }
    let rows = examples.rows();
    let mut evaluator = Evaluator::new(network, regularisation, rows.min(BLOCK_ROWS), 1)?;
    let mut survey = Survey::new(network, rows);
    survey.visit(&mut evaluator, params.values(), &examples.unweighted());
    Ok(survey.records(params.values(), grad))
}

/// A look at every layer on so many rows, which may come one part after the other.
pub(crate) struct Survey<'n> {
    network: &'n Network,
    rows: usize,
    layers: Vec<Seen>,
}

/// What was seen of one layer.
struct Seen {
    units: usize,
    activation: Option<Activation>,
    /// |δ| of every `stride`th number, and the next one's place.
    deltas: Vec<f64>,
    stride: usize,
    next: usize,
    /// For each unit, where it is asked for: rows with a ≠ 0, or with a flat g′.
    count: Vec<u32>,
}

impl<'n> Survey<'n> {
    /// Of `rows` rows in all.
    pub fn new(network: &'n Network, rows: usize) -> Self {
        let layer = |(l, &units): (usize, &usize)| {
            let activation = network.hidden().get(l).copied();
            let counted = activation.is_some_and(|g| g == Activation::Relu || steepest(g).is_some());
            Seen {
                units,
                activation,
                deltas: Vec::with_capacity(SAMPLE.min(rows * units)),
                stride: stride(rows * units, units),
                next: 0,
                count: vec![0; if counted { units } else { 0 }],
            }
        };
        let layers = network.sizes()[1..].iter().enumerate().map(layer).collect();
        Self { network, rows, layers }
    }

    /// Work of a survey, in the multiplications of one row by all weights, which are `rows × weights`; what a number sampled
    /// takes more is measured.
    pub fn work(network: &Network, rows: usize) -> f64 {
        const NUMBER: usize = 64;
        let (units, numbers) = network.layers().fold((0, 0), |(units, numbers), layer| {
            let sampled = SAMPLE.min(rows * layer.units) + SAMPLE.min(layer.weights.len());
            (units + layer.units, numbers + sampled)
        });
        rows as f64 * (network.weight_count() + units) as f64 + (NUMBER * numbers) as f64
    }

    /// Looks at these rows, forward and backward, with all units there. The evaluator is for whole blocks, or for this many
    /// rows.
    pub fn visit<T: Scalar>(&mut self, evaluator: &mut Evaluator<T>, theta: &[T], rows: &Examples<'_, T>) {
        evaluator.visit_blocks(theta, rows, |_, block, workspace| {
            for (l, layer) in self.layers.iter_mut().enumerate() {
                layer.look(l, block.rows, workspace);
            }
        });
    }

    /// What there was to see, and how ∇J compares with Θ.
    pub fn records<T: Scalar>(self, theta: &[T], grad: &[T]) -> Vec<LayerRecord> {
        if self.rows == 0 {
            return Vec::new();
        }
        let Self { network, rows, layers } = self;
        let record = |(layer, seen): (crate::network::LayerShape, Seen)| {
            let (theta, grad) = (&theta[layer.weights.clone()], &grad[layer.weights]);
            let mut shares: Vec<f64> = (0..theta.len())
                .step_by(stride(theta.len(), layer.inputs))
                .filter(|&i| theta[i].value() != 0.0)
                .map(|i| (grad[i].value() / theta[i].value()).abs())
                .collect();
            seen.record(rows, Quantiles::of(&mut shares))
        };
        let records = network.layers().zip(layers).map(record);
        records.enumerate().map(|(l, record)| LayerRecord { l: l + 2, ..record }).collect()
    }
}

impl Seen {
    /// A block of rows that have gone forward and backward.
    fn look<T: Scalar>(&mut self, l: usize, rows: usize, workspace: &Workspace<T>) {
        let cells = rows * self.units;
        let delta = &workspace.delta[l][..cells];
        while let Some(delta) = delta.get(self.next) {
            self.deltas.push(Real::abs(*delta).value());
            self.next += self.stride;
        }
        self.next -= cells;
        match self.activation {
            Some(Activation::Relu) => {
                self.count(&workspace.a[l][..cells], |a| a.value() != 0.0);
            }
            Some(g) => {
                if let Some(most) = steepest(g) {
                    let flat = T::constant(FLAT * most);
                    self.count(&workspace.slope[l][..cells], |slope| slope < flat);
                }
            }
            None => {}
        }
    }

    fn count<T: Scalar>(&mut self, values: &[T], counts: impl Fn(T) -> bool) {
        for row in values.chunks_exact(self.units) {
            for (count, &value) in self.count.iter_mut().zip(row) {
                *count += u32::from(counts(value));
            }
        }
    }

    fn record(mut self, rows: usize, relative_grad: Option<Quantiles>) -> LayerRecord {
        let share = |wanted: &dyn Fn(u32) -> bool| {
            let found = self.count.iter().filter(|&&count| wanted(count)).count();
            rounded(found as f64 / self.units as f64)
        };
        let dead = (self.activation == Some(Activation::Relu)).then(|| share(&|alive| alive == 0));
        let saturated = self
            .activation
            .and_then(steepest)
            .map(|_| share(&|flat| f64::from(flat) >= MOSTLY * rows as f64));
        LayerRecord { l: 0, delta: Quantiles::of(&mut self.deltas), relative_grad, dead, saturated }
    }
}

/// max g′ of the activations that saturate on both sides.
pub(crate) fn steepest(activation: Activation) -> Option<f64> {
    match activation {
        Activation::Sigmoid => Some(0.25),
        Activation::Tanh => Some(1.0),
        _ => None,
    }
}

/// Every how many numbers of a matrix one is taken, so that no more than [`SAMPLE`] are and every column has its turn.
fn stride(numbers: usize, columns: usize) -> usize {
    let mut stride = numbers.div_ceil(SAMPLE).max(1);
    while common_divisor(stride, columns) > 1 {
        stride += 1;
    }
    stride
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// To four digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{Quantiles, SAMPLE, rounded, stride};

    #[test]
    fn quantiles_are_those_of_the_sorted_numbers() {
        for n in 1..250usize {
            // 0…n−1 in another order.
            let mut values: Vec<f64> = (0..n).map(|i| ((i * 7919 + 3) % n) as f64).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let at = |q: f64| sorted[(q * (n - 1) as f64 + 1e-9).round() as usize];
            let found = Quantiles::of(&mut values).unwrap();
            assert_eq!((found.p5, found.median, found.p95), (at(0.05), at(0.5), at(0.95)), "{n} numbers");
        }
        assert_eq!(Quantiles::of(&mut []), None);
        assert_eq!(Quantiles::of(&mut [1.0, f64::NAN]), None);
        assert_eq!(Quantiles::of(&mut [1.0, f64::INFINITY]), None);
    }

    #[test]
    fn every_column_has_its_turn() {
        for (rows, columns) in [(256, 32), (256, 30), (100, 1), (1, 5000), (7, 210), (4096, 250)] {
            let stride = stride(rows * columns, columns);
            let taken: Vec<usize> = (0..rows * columns).step_by(stride).collect();
            assert!(taken.len() <= SAMPLE);
            let mut seen: Vec<usize> = taken.iter().map(|i| i % columns).collect();
            seen.sort_unstable();
            seen.dedup();
            let expected = columns.min(taken.len());
            assert_eq!(seen.len(), expected, "{rows}×{columns} by {stride}");
        }
    }

    #[test]
    fn four_digits() {
        let found = [0.0, 1.0, 1.234_56e-9, 98_765.4, 1.0 / 3.0].map(rounded);
        assert_eq!(found, [0.0, 1.0, 1.235e-9, 98_770.0, 0.3333]);
    }
}
