//! What is learned from a column of numbers.

/// Mean and scale that standardise numbers: the mean and the standard deviation with divisor n.
///
/// Equal numbers (and no numbers) have scale 1, so that they become 0. Sums that overflow are computed on numbers
/// divided by the largest.
pub(super) fn standard(values: &[f64]) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for &x in values {
        (low, high) = (low.min(x), high.max(x));
    }
    if low >= high {
        return (values.first().copied().unwrap_or(0.0), 1.0);
    }
    let (mean, scale) = moments(values.iter().copied(), values.len());
    if mean.is_finite() && scale.is_finite() {
        return (mean, positive(scale));
    }
    let largest = low.abs().max(high.abs());
    let (mean, scale) = moments(values.iter().map(|x| x / largest), values.len());
    (mean * largest, positive(scale * largest))
}

/// A deviation that underflowed to 0 cannot be divided by.
fn positive(scale: f64) -> f64 {
    if scale > 0.0 { scale } else { 1.0 }
}

/// Mean and standard deviation in two passes; the second corrects the first's rounding.
fn moments(values: impl Iterator<Item = f64> + Clone, count: usize) -> (f64, f64) {
    let n = count as f64;
    let mean = values.clone().sum::<f64>() / n;
    let (mut drift, mut squares) = (0.0, 0.0);
    for x in values {
        let d = x - mean;
        drift += d;
        squares += d * d;
    }
    let variance = (squares - drift * drift / n) / n;
    (mean + drift / n, variance.max(0.0).sqrt())
}

/// The middle number, or the mean of the two middle ones; 0 when there are none.
pub(super) fn median(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let mut sorted = values.to_vec();
    let middle = sorted.len() / 2;
    let (below, &mut upper, _) = sorted.select_nth_unstable_by(middle, f64::total_cmp);
    if values.len() % 2 == 1 {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    lower / 2.0 + upper / 2.0
}

#[cfg(test)]
mod tests {
    use super::{median, standard};

    #[test]
    fn population_deviation_and_exact_constants() {
        assert_eq!(standard(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), (5.0, 2.0));
        assert_eq!(standard(&[0.1, 0.1, 0.1]), (0.1, 1.0));
        assert_eq!(standard(&[]), (0.0, 1.0));
    }

    #[test]
    fn extreme_numbers_have_finite_positive_scales() {
        for values in [&[f64::MAX, f64::MIN][..], &[f64::MAX, f64::MAX, 0.0], &[5e-324, 0.0], &[1e200, 2e200]]
        {
            let (mean, scale) = standard(values);
            assert!(mean.is_finite() && scale.is_finite() && scale > 0.0, "{values:?}: {mean} {scale}");
        }
        assert_eq!(standard(&[f64::MAX, f64::MIN]), (0.0, f64::MAX));
    }

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }
}
