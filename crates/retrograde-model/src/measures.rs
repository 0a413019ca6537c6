//! The measures a person reads, as plain functions of scores and predictions.

use crate::evaluate::Confusion;
use retrograde::Scalar;

/// More classes than this have no confusion matrix, which would be larger than most models, and no AUC, which takes
/// a sort of all rows for each.
pub(crate) const MAX_CLASSES: usize = 1000;

/// Σ w_k x_k / Σ w_k, row after row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mean {
    sum: f64,
    total: f64,
}

impl Mean {
    pub(crate) fn add(&mut self, value: f64, weight: f64) {
        self.sum += weight * value;
        self.total += weight;
    }

    pub(crate) fn get(self) -> f64 {
        self.sum / self.total
    }
}

/// The weight of a row; without weights 1.
pub(crate) fn weight_of(weights: Option<&[f64]>, row: usize) -> f64 {
    weights.map_or(1.0, |weights| weights[row])
}

/// The area under the ROC curve: of the weight w_i w_j of all pairs of a positive row i and a negative row j, the share
/// of those whose positive row has the higher score; equal scores count half (Mann & Whitney 1947).
///
/// `None` when there are only positive or only negative rows, or a score is NaN.
pub(crate) fn auc(scores: &[f64], positive: &[bool], weights: Option<&[f64]>) -> Option<f64> {
    if scores.iter().any(|s| s.is_nan()) {
        return None;
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let (mut ordered, mut positives, mut negatives) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let of = |sign: bool| {
            tied.iter().filter(|&&row| positive[row] == sign).map(|&row| weight_of(weights, row)).sum::<f64>()
        };
        let (above, level) = (of(true), of(false));
        ordered += above * (negatives + level / 2.0);
        positives += above;
        negatives += level;
    }
    (positives > 0.0 && negatives > 0.0).then(|| ordered / (positives * negatives))
}

/// ln(p_k / (1 − p_k)) of every class of a softmax: z_k − ln Σ_{j≠k} e^{z_j}. It orders rows as p_k does and never
/// saturates.
pub(crate) fn log_odds(z: &[f64]) -> Vec<f64> {
    let top = predicted_class(z);
    let e: Vec<f64> = z.iter().map(|z_j| (z_j - z[top]).exp()).collect();
    let others: f64 = e.iter().enumerate().filter(|(j, _)| *j != top).map(|(_, e)| e).sum();
    let odds = |(k, z_k): (usize, &f64)| {
        if k != top {
            // The top class's 1 stays in the sum, so nothing cancels.
            return z_k - z[top] - (1.0 + (others - e[k]).max(0.0)).ln();
        }
        let rest = z.iter().enumerate().filter(|(j, _)| *j != top).map(|(_, z_j)| *z_j);
        let second = rest.clone().fold(f64::NEG_INFINITY, f64::max);
        z_k - (second + rest.map(|z_j| (z_j - second).exp()).sum::<f64>().ln())
    };
    z.iter().enumerate().map(odds).collect()
}

/// The class of an output row: the side of 1/2 of a single unit, else the (first) largest.
pub(crate) fn predicted_class<T: Scalar>(a: &[T]) -> usize {
    if let [a] = a {
        return usize::from(*a >= T::constant(0.5));
    }
    let mut best = 0;
    for (k, value) in a.iter().enumerate() {
        if *value > a[best] {
            best = k;
        }
    }
    best
}

/// True against predicted classes.
pub(crate) fn confusion(
    classes: &[String],
    (truth, weights): (&[u32], Option<&[f64]>),
    predicted: &[usize],
) -> Option<Confusion> {
    if classes.len() > MAX_CLASSES {
        return None;
    }
    let mut matrix = vec![vec![0; classes.len()]; classes.len()];
    let mut weighted = weights.map(|_| vec![vec![0.0; classes.len()]; classes.len()]);
    for (row, (&truth, &predicted)) in truth.iter().zip(predicted).enumerate() {
        matrix[truth as usize][predicted] += 1;
        if let Some(weighted) = &mut weighted {
            weighted[truth as usize][predicted] += weight_of(weights, row);
        }
    }
    Some(Confusion { classes: classes.to_vec(), matrix, weighted })
}

/// Sums over the rows of one number target, row after row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Errors {
    /// Σ w (y − a)².
    pub(crate) squares: f64,
    /// Σ w |y − a|.
    pub(crate) absolute: f64,
    /// Σ w.
    pub(crate) total: f64,
    /// ȳ, and Σ w (y − ȳ)², kept up to date without subtracting large sums from each other (West 1979).
    mean: f64,
    spread: f64,
    first: Option<f64>,
    varies: bool,
}

impl Errors {
    /// A row: its target and what was predicted, in the target's unit.
    pub(crate) fn add(&mut self, (y, a): (f64, f64), weight: f64) {
        // Rounding in the mean of equal targets leaves a spread that is not quite 0.
        self.varies |= *self.first.get_or_insert(y) != y;
        if weight == 0.0 {
            return;
        }
        self.squares += weight * (y - a).powi(2);
        self.absolute += weight * (y - a).abs();
        self.total += weight;
        let off = y - self.mean;
        self.mean += off * (weight / self.total);
        self.spread += weight * off * (y - self.mean);
    }

    /// 1 − Σ w (y − a)²/Σ w (y − ȳ)²; `None` where all rows have the same target.
    pub(crate) fn r2(&self) -> Option<f64> {
        (self.varies && self.spread > 0.0).then(|| 1.0 - self.squares / self.spread)
    }
}

#[cfg(test)]
mod tests {
    use super::{Errors, auc, confusion, log_odds, predicted_class, weight_of};

    fn errors(pairs: &[(f64, f64)], weights: Option<&[f64]>) -> Errors {
        let mut errors = Errors::default();
        pairs.iter().enumerate().for_each(|(row, &pair)| errors.add(pair, weight_of(weights, row)));
        errors
    }

    #[test]
    fn auc_is_the_share_of_pairs_in_order() {
        // Positive 0.8, 0.4; negative 0.35, 0.1: every pair in order but none reversed except (0.4, 0.5).
        let positive = [false, false, true, true, false];
        assert_eq!(auc(&[0.1, 0.35, 0.4, 0.8, 0.5], &positive, None), Some(5.0 / 6.0));
        assert_eq!(auc(&[1.0; 5], &positive, None), Some(0.5));
        assert_eq!(auc(&[0.0, 1.0, 1.0, 2.0], &[false, false, true, true], None), Some(3.5 / 4.0));
        assert_eq!(auc(&[1.0, 2.0], &[true, true], None), None);
        assert_eq!(auc(&[1.0, f64::NAN], &[true, false], None), None);
    }

    #[test]
    fn auc_agrees_with_counting_every_pair() {
        let score = |i: usize| ((i * 7919) % 23) as f64;
        let positive: Vec<bool> = (0..60).map(|i| (i * 31) % 7 < 3).collect();
        let scores: Vec<f64> = (0..60).map(score).collect();
        let (mut good, mut pairs) = (0.0, 0.0);
        for i in (0..60).filter(|&i| positive[i]) {
            for j in (0..60).filter(|&j| !positive[j]) {
                pairs += 1.0;
                good += if scores[i] > scores[j] { 1.0 } else { 0.0 };
                good += if scores[i] == scores[j] { 0.5 } else { 0.0 };
            }
        }
        let found = auc(&scores, &positive, None).expect("both classes");
        assert!((found - good / pairs).abs() < 1e-14, "{found}");
    }

    /// Each row as often as it weighs.
    fn repeated<T: Copy>(values: &[T], weights: &[f64]) -> Vec<T> {
        values.iter().zip(weights).flat_map(|(&value, &w)| std::iter::repeat_n(value, w as usize)).collect()
    }

    #[test]
    fn whole_weights_are_repeated_rows() {
        let weights: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 4)).collect();
        let scores: Vec<f64> = (0..40).map(|i| f64::from(i * 31 % 11)).collect();
        let positive: Vec<bool> = (0..40).map(|i| i * 13 % 5 < 2).collect();
        let often = auc(&repeated(&scores, &weights), &repeated(&positive, &weights), None);
        assert_eq!(auc(&scores, &positive, Some(&weights)), often);
        let pairs: Vec<(f64, f64)> = scores.iter().map(|&s| (s, 10.0 - s * 0.75)).collect();
        let (once, often) = (errors(&pairs, Some(&weights)), errors(&repeated(&pairs, &weights), None));
        assert!(
            (once.squares - often.squares).abs() < 1e-11 && (once.absolute - often.absolute).abs() < 1e-11
        );
        assert!((once.r2().expect("r2") - often.r2().expect("r2")).abs() < 1e-13);
        let (truth, said) = ([0, 1, 1], [1, 1, 0]);
        let classes = ["a".to_owned(), "b".to_owned()];
        let found = confusion(&classes, (&truth, Some(&[2.0, 0.5, 3.0])), &said).expect("a matrix");
        assert_eq!(found.weighted, Some(vec![vec![0.0, 2.0], vec![3.0, 0.5]]));
        assert_eq!(found.matrix, [[0, 1], [1, 1]]);
    }

    #[test]
    fn weighted_measures_are_scikit_learns() {
        // roc_auc_score([0, 0, 1, 1, 0], [.1, .35, .4, .8, .5], sample_weight=[1, 2, .5, 3, 4]) = 0.9183673469387755
        let (scores, weights) = ([0.1, 0.35, 0.4, 0.8, 0.5], [1.0, 2.0, 0.5, 3.0, 4.0]);
        let found = auc(&scores, &[false, false, true, true, false], Some(&weights)).expect("both classes");
        assert!((found - 0.918_367_346_938_775_5).abs() < 1e-15, "{found}");
        // r2_score([1, 2, 3, 5], [1.5, 2, 2, 4], sample_weight=[1, .5, 2, 4]) = 0.6204453441295548
        let pairs = [(1.0, 1.5), (2.0, 2.0), (3.0, 2.0), (5.0, 4.0)];
        let errors = errors(&pairs, Some(&[1.0, 0.5, 2.0, 4.0]));
        assert!((errors.r2().expect("r2") - 0.620_445_344_129_554_8).abs() < 1e-15, "{errors:?}");
    }

    #[test]
    fn log_odds_keep_both_tails() {
        // p = e²/(e² + e¹ + e⁰): ln(p/(1 − p)) = 2 − ln(e + 1).
        let odds = log_odds(&[0.0, 1.0, 2.0]);
        let e = std::f64::consts::E;
        let expected = [-(e + e * e).ln(), 1.0 - (1.0 + e * e).ln(), 2.0 - (e + 1.0).ln()];
        for (found, expected) in odds.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{odds:?}");
        }
        assert!(log_odds(&[800.0, 0.0, 0.0])[0] > log_odds(&[799.0, 0.0, 0.0])[0]);
        assert!(log_odds(&[-800.0, 0.0, 0.0])[0] < log_odds(&[-799.0, 0.0, 0.0])[0]);
        assert_eq!(log_odds(&[0.0; 3]), [-2.0f64.ln(); 3]);
    }

    #[test]
    fn classes_and_their_confusion() {
        assert_eq!([0.4, 0.5, 0.6].map(|a: f64| predicted_class(&[a])), [0, 1, 1]);
        assert_eq!(predicted_class(&[0.2f32, 0.4, 0.4]), 1);
        let classes = ["a".to_owned(), "b".to_owned()];
        let matrix = confusion(&classes, (&[0, 0, 1], None), &[0, 1, 1]).expect("a matrix").matrix;
        assert_eq!(matrix, [[1, 1], [0, 1]]);
    }

    #[test]
    fn equal_targets_have_no_r2() {
        assert_eq!(errors(&[(0.1, 0.2), (0.1, 0.0), (0.1, 0.1)], None).r2(), None);
    }

    #[test]
    fn errors_of_numbers() {
        let found = errors(&[(1.0, 1.0), (2.0, 3.0), (3.0, 3.0)], None);
        assert_eq!((found.squares, found.absolute, found.r2()), (1.0, 1.0, Some(0.5)));
        assert_eq!(errors(&[(2.0, 1.0), (2.0, 2.0)], None).r2(), None);
    }
}
