//! The measures a person reads, as plain functions of scores and predictions.

use crate::evaluate::Confusion;
use retrograde::Scalar;

/// More classes than this have no confusion matrix, which would be larger than most models, and no AUC, which takes
/// a sort of all rows for each.
pub(crate) const MAX_CLASSES: usize = 1000;

/// The area under the ROC curve by rank statistic (Mann–Whitney): with the average ranks R of the n₁ positive rows
/// among all n, (Σ R − n₁(n₁ + 1)/2) / (n₁ n₀).
///
/// `None` when there are only positive or only negative rows, or a score is NaN.
pub(crate) fn auc(scores: &[f64], positive: &[bool]) -> Option<f64> {
    let positives = positive.iter().filter(|p| **p).count();
    let negatives = positive.len() - positives;
    if positives == 0 || negatives == 0 || scores.iter().any(|s| s.is_nan()) {
        return None;
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let (mut rank_sum, mut before) = (0.0, 0);
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let average = before as f64 + f64::midpoint(1.0, tied.len() as f64);
        rank_sum += average * tied.iter().filter(|&&row| positive[row]).count() as f64;
        before += tied.len();
    }
    let (n1, n0) = (positives as f64, negatives as f64);
    Some((rank_sum - n1 * (n1 + 1.0) / 2.0) / (n1 * n0))
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
pub(crate) fn confusion(classes: &[String], truth: &[u32], predicted: &[usize]) -> Option<Confusion> {
    if classes.len() > MAX_CLASSES {
        return None;
    }
    let mut matrix = vec![vec![0; classes.len()]; classes.len()];
    for (&truth, &predicted) in truth.iter().zip(predicted) {
        matrix[truth as usize][predicted] += 1;
    }
    Some(Confusion { classes: classes.to_vec(), matrix })
}

/// Sums over the rows of one number target.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Errors {
    /// Σ (y − a)².
    pub(crate) squares: f64,
    /// Σ |y − a|.
    pub(crate) absolute: f64,
    /// 1 − Σ(y − a)²/Σ(y − ȳ)².
    pub(crate) r2: Option<f64>,
}

impl Errors {
    /// From pairs (y, a) in the target's unit.
    pub(crate) fn of(pairs: &[(f64, f64)]) -> Self {
        let mean = pairs.iter().map(|(y, _)| y).sum::<f64>() / pairs.len() as f64;
        let squares: f64 = pairs.iter().map(|(y, a)| (y - a).powi(2)).sum();
        let spread: f64 = pairs.iter().map(|(y, _)| (y - mean).powi(2)).sum();
        // Rounding in the mean of equal targets leaves a spread that is not quite 0.
        let varies = pairs.windows(2).any(|two| two[0].0 != two[1].0);
        Self {
            squares,
            absolute: pairs.iter().map(|(y, a)| (y - a).abs()).sum(),
            r2: (varies && spread > 0.0).then(|| 1.0 - squares / spread),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Errors, auc, confusion, log_odds, predicted_class};

    #[test]
    fn auc_is_the_share_of_pairs_in_order() {
        // Positive 0.8, 0.4; negative 0.35, 0.1: every pair in order but none reversed except (0.4, 0.5).
        let positive = [false, false, true, true, false];
        assert_eq!(auc(&[0.1, 0.35, 0.4, 0.8, 0.5], &positive), Some(5.0 / 6.0));
        assert_eq!(auc(&[1.0; 5], &positive), Some(0.5));
        assert_eq!(auc(&[0.0, 1.0, 1.0, 2.0], &[false, false, true, true]), Some(3.5 / 4.0));
        assert_eq!(auc(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(auc(&[1.0, f64::NAN], &[true, false]), None);
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
        let found = auc(&scores, &positive).expect("both classes");
        assert!((found - good / pairs).abs() < 1e-14, "{found}");
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
        let matrix = confusion(&classes, &[0, 0, 1], &[0, 1, 1]).expect("a matrix").matrix;
        assert_eq!(matrix, [[1, 1], [0, 1]]);
    }

    #[test]
    fn equal_targets_have_no_r2() {
        assert_eq!(Errors::of(&[(0.1, 0.2), (0.1, 0.0), (0.1, 0.1)]).r2, None);
    }

    #[test]
    fn errors_of_numbers() {
        let errors = Errors::of(&[(1.0, 1.0), (2.0, 3.0), (3.0, 3.0)]);
        assert_eq!((errors.squares, errors.absolute, errors.r2), (1.0, 1.0, Some(0.5)));
        assert_eq!(Errors::of(&[(2.0, 1.0), (2.0, 2.0)]).r2, None);
    }
}
