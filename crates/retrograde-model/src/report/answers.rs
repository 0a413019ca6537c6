//! What is known beside what is said.

use super::tug::spread_rows;
use crate::error::ModelError;
use crate::explain::Explanations;
use crate::measures::predicted_class;
use crate::model::Model;
use crate::targets::{central_outputs, uncross};
use retrograde_data::Targets;
use serde::Serialize;

/// Rows shown of numbers: of several targets, of each of them its part, but at least so many.
const PAIRS: usize = 1000;
const FEWEST: usize = 100;
/// Points of a curve.
const POINTS: usize = 200;
/// Bins of the reliability diagram.
const BINS: usize = 10;

/// The answers of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answers {
    /// Numbers: each target's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<NumberPairs>,
    /// Classes: how often the predicted class is right, by the probability that it is given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reliability: Vec<Bin>,
    /// Two classes: the curves of all thresholds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub two_classes: Option<TwoClasses>,
}

impl Answers {
    /// The mean of |said − right| over the rows; none without probabilities.
    pub fn miscalibration(&self) -> Option<f64> {
        let rows: usize = self.reliability.iter().map(|bin| bin.rows).sum();
        let off = self.reliability.iter().map(|bin| (bin.said - bin.right).abs() * bin.rows as f64);
        (rows > 0).then(|| off.sum::<f64>() / rows as f64)
    }
}

/// A number target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NumberPairs {
    /// The column.
    pub column: String,
    /// (known, predicted) of rows spread evenly over the table.
    pub pairs: Vec<(f64, f64)>,
    /// All rows.
    pub of: usize,
}

/// Rows with a similar probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// The mean probability of the predicted class.
    pub said: f64,
    /// The share of the rows where it is the true one.
    pub right: f64,
    /// The rows.
    pub rows: usize,
}

/// The curves of all thresholds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TwoClasses {
    /// The class that is looked for: the second one.
    pub positive: String,
    /// From the highest threshold to the lowest.
    pub points: Vec<Point>,
}

/// What a threshold does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Rows with at least this score are taken for positive.
    pub threshold: f64,
    /// The share of the negative rows that are taken.
    pub false_positives: f64,
    /// The share of the positive rows that are taken: recall.
    pub recall: f64,
    /// The share of those taken that are positive.
    pub precision: f64,
}

impl Model {
    pub(super) fn answers(&self, explanations: &Explanations<'_>) -> Result<Answers, ModelError> {
        let matrices = explanations.all()?;
        let a = retrograde::predict(&explanations.params, matrices.x.view())?;
        let rows = a.nrows();
        match &matrices.known.targets {
            Targets::Numbers(known) => {
                let target = &self.encoder.target;
                let central = central_outputs(self.network(), target);
                let shown = spread_rows(rows, (PAIRS / target.columns().len().max(1)).max(FEWEST));
                let pair = |index: usize, k: usize| {
                    let mut outputs = a.row(k).to_vec();
                    uncross(self.network(), target, &mut outputs);
                    let said = outputs[central[index]];
                    (target.unscale(index, known[(k, index)]), target.unscale(index, said))
                };
                let columns = target.columns().into_iter().enumerate();
                let numbers = columns.map(|(index, column)| NumberPairs {
                    column: column.to_owned(),
                    pairs: shown.iter().map(|&k| pair(index, k)).collect(),
                    of: rows,
                });
                Ok(Answers { numbers: numbers.collect(), ..Answers::default() })
            }
            Targets::Classes(codes) => {
                let row = |k: usize| a.row(k).to_vec();
                let sure = |k: usize| {
                    let outputs = row(k);
                    let class = predicted_class(&outputs);
                    let one_of_two = if class == 1 { outputs[0] } else { 1.0 - outputs[0] };
                    let p = if outputs.len() == 1 { one_of_two } else { outputs[class] };
                    (p, class == codes[k] as usize)
                };
                let sure: Vec<(f64, bool)> = (0..rows).map(sure).collect();
                let two = self.classes().filter(|classes| classes.len() == 2).map(|classes| {
                    let scored: Vec<(f64, bool)> =
                        (0..rows).map(|k| (row(k).last().copied().unwrap_or(0.0), codes[k] == 1)).collect();
                    TwoClasses { positive: classes[1].clone(), points: thresholds(scored) }
                });
                Ok(Answers { reliability: reliability(&sure), two_classes: two, ..Answers::default() })
            }
        }
    }
}

/// Rows by their probability, in tenths; tenths without rows are left out.
fn reliability(sure: &[(f64, bool)]) -> Vec<Bin> {
    let mut sums = [(0.0, 0, 0); BINS];
    for &(p, is_right) in sure {
        let bin = &mut sums[((p * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + p, bin.1 + usize::from(is_right), bin.2 + 1);
    }
    let bin = |&(said, right, rows): &(f64, usize, usize)| Bin {
        said: said / rows as f64,
        right: right as f64 / rows as f64,
        rows,
    };
    sums.iter().filter(|sum| sum.2 > 0).map(bin).collect()
}

/// Equal scores are one threshold. None where one of the classes has no rows.
fn thresholds(mut scored: Vec<(f64, bool)>) -> Vec<Point> {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = scored.iter().filter(|(_, positive)| *positive).count();
    let negatives = scored.len() - positives;
    if positives == 0 || negatives == 0 {
        return Vec::new();
    }
    let (mut hits, mut alarms, mut points) = (0, 0, Vec::new());
    for tied in scored.chunk_by(|a, b| a.0 == b.0) {
        let positive = tied.iter().filter(|(_, positive)| *positive).count();
        hits += positive;
        alarms += tied.len() - positive;
        points.push(Point {
            threshold: tied[0].0,
            false_positives: alarms as f64 / negatives as f64,
            recall: hits as f64 / positives as f64,
            precision: hits as f64 / (hits + alarms) as f64,
        });
    }
    let last = points.len() - 1;
    let mut kept = spread_rows(points.len(), POINTS);
    kept.extend((kept.last() != Some(&last)).then_some(last));
    kept.into_iter().map(|i| points[i]).collect()
}

#[cfg(test)]
mod tests {
    use super::{reliability, thresholds};

    #[test]
    fn thresholds_of_a_small_set() {
        let points = thresholds(vec![(0.9, true), (0.4, false), (0.4, true), (0.1, false)]);
        let found: Vec<_> = points.iter().map(|p| (p.false_positives, p.recall, p.precision)).collect();
        assert_eq!(found, [(0.0, 0.5, 1.0), (0.5, 1.0, 2.0 / 3.0), (1.0, 1.0, 0.5)]);
        assert!(thresholds(vec![(0.5, true)]).is_empty());
    }

    #[test]
    fn reliability_by_tenths() {
        let bins = reliability(&[(0.95, true), (1.0, false), (0.55, true)]);
        assert_eq!(bins.len(), 2);
        assert_eq!((bins[1].rows, bins[1].right, bins[0].said), (2, 0.5, 0.55));
    }
}
