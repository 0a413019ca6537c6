//! What is learned from numbers that come one after another.

use super::twofold::Twofold;

/// Number, least, largest, mean and deviation of numbers that come one by one, each with a weight: the same bits however
/// their rows are cut into pieces.
///
/// A number is taken as its difference d to the first. Σd and Σd² have about 106 bits, of which the variance
/// (Σd² − (Σd)²/n) / n loses at most log₂ n, so that mean and deviation are right to their last bit or next to it. The
/// unit of d is a power of two near the first d that is not 0: nothing over- or underflows.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    count: usize,
    /// Σw, which is n where every number weighs 1.
    total: f64,
    low: f64,
    high: f64,
    first: f64,
    /// d is in 1/unit; 0 as long as every number equals the first.
    unit: f64,
    sum: Twofold,
    squares: Twofold,
}

/// The largest d² · unit² is the square of this; with it, sums of 2⁴⁰ of them squared are still finite.
const LARGEST: f64 = 2.582_249_878_086_908_6e120; // 2⁴⁰⁰

impl Default for Moments {
    fn default() -> Self {
        let zero = Twofold::default();
        let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { count: 0, total: 0.0, low, high, first: 0.0, unit: 0.0, sum: zero, squares: zero }
    }
}

impl Moments {
    /// Takes a finite number, which counts for `weight` > 0: whole weights count as often.
    pub(super) fn add(&mut self, x: f64, weight: f64) {
        if self.count == 0 {
            self.first = x;
        }
        self.count += 1;
        self.total += weight;
        (self.low, self.high) = (self.low.min(x), self.high.max(x));
        // Of halves: the difference of two numbers may be beyond the largest number.
        let difference = Twofold::sum(x / 2.0, -self.first / 2.0);
        if difference.head == 0.0 {
            return;
        }
        if !(difference.head.abs() * self.unit <= LARGEST) || self.unit == 0.0 {
            self.change_unit(difference.head);
        }
        let d = difference.times_power(self.unit);
        let times = |part: Twofold| if weight == 1.0 { part } else { part.times(weight) };
        self.sum = self.sum.plus(times(d));
        self.squares = self.squares.plus(times(d.squared()));
    }

    /// A unit in which `d` is about 1.
    fn change_unit(&mut self, d: f64) {
        let unit = reciprocal_power(d);
        if self.unit != 0.0 {
            // In two steps: the square of the ratio may underflow where the product does not.
            let ratio = unit / self.unit;
            self.sum = self.sum.times_power(ratio);
            self.squares = self.squares.times_power(ratio).times_power(ratio);
        }
        self.unit = unit;
    }

    /// How many numbers there were.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The least and the largest number; infinite ones when there was none.
    pub(super) fn range(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The value of all numbers, when they are equal.
    pub(super) fn constant(&self) -> Option<f64> {
        (self.count > 0 && self.low == self.high).then_some(self.first)
    }

    /// Mean and standard deviation with divisor Σw; the deviation of equal numbers (and of none) is 1, so that dividing
    /// by it makes them 0.
    pub(super) fn standard(&self) -> (f64, f64) {
        if self.unit == 0.0 {
            return (self.first, 1.0);
        }
        let n = self.total;
        let mean = self.sum.over(n);
        let half = Twofold::sum(self.first / 2.0, mean.head / self.unit);
        let half = half.head + (half.tail + mean.tail / self.unit);
        // Weights may be so small that the square of their sum is 0, or so large that it is infinite.
        let variance = self.squares.over(n).minus(mean.squared());
        let deviation = variance.head.max(0.0).sqrt() / self.unit * 2.0;
        // A deviation that underflowed to 0 cannot be divided by.
        let deviation = if deviation > 0.0 { deviation.min(f64::MAX) } else { 1.0 };
        ((half * 2.0).clamp(self.low, self.high), deviation)
    }
}

/// 2⁻ᵉ for |x| = 1.… · 2ᵉ, at most 2¹⁰²² and at least 2⁻¹⁰²².
fn reciprocal_power(x: f64) -> f64 {
    let exponent = (x.to_bits() >> 52) & 0x7ff;
    f64::from_bits(2046_u64.saturating_sub(exponent).clamp(1, 2045) << 52)
}

/// The number below which the share `q` of the values lies, interpolated between the two beside q · (n − 1) in
/// ascending order; `None` when there are no values. Their order changes.
pub(super) fn quantile(values: &mut [f64], q: f64) -> Option<f64> {
    let place = q * values.len().checked_sub(1)? as f64;
    let below = (place.floor() as usize).min(values.len() - 1);
    let (_, &mut lower, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let share = place - below as f64;
    let upper = above.iter().copied().min_by(f64::total_cmp).unwrap_or(lower);
    if share == 0.0 || lower == upper {
        return Some(lower);
    }
    Some(lower * (1.0 - share) + upper * share)
}

/// Numbers of some rows, and what each counts for where rows have weights.
#[derive(Clone, Debug, Default)]
pub(super) struct Sampled {
    pub(super) values: Vec<f64>,
    /// One per value, or none at all: then each counts 1.
    weights: Vec<f64>,
}

impl Sampled {
    /// Takes a number of a row; either all rows have weights or none has.
    pub(super) fn add(&mut self, x: f64, weight: Option<f64>) {
        self.values.push(x);
        self.weights.extend(weight);
    }

    /// [`quantile`], with each value as often as it weighs.
    pub(super) fn quantile(&mut self, q: f64) -> Option<f64> {
        if self.weights.is_empty() {
            return quantile(&mut self.values, q);
        }
        weighted_quantile(self.values.iter().copied().zip(self.weights.iter().copied()).collect(), q)
    }
}

/// The number below which the share `q` of the weight lies. In ascending order the value of weight w takes w places, of which
/// those next to each other are interpolated between: with whole weights these are the places of [`quantile`] with each value
/// as often as it weighs.
fn weighted_quantile(mut values: Vec<(f64, f64)>, q: f64) -> Option<f64> {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|&(_, weight)| weight).sum();
    // A step from one value to the next is as wide as one place, or as the lightest value, if that is lighter.
    let step = values.iter().map(|&(_, weight)| weight).fold(1.0, f64::min);
    let place = q * (total - step);
    let mut end = 0.0;
    for (i, &(x, weight)) in values.iter().enumerate() {
        end += weight;
        let Some(&(next, _)) = values.get(i + 1) else { return Some(x) };
        if place <= end - step {
            return Some(x);
        }
        if place < end {
            let share = (place - (end - step)) / step;
            return Some(if x == next { x } else { x * (1.0 - share) + next * share });
        }
    }
    None
}

/// The training rows whose numbers decide medians and quartiles: all of them, or as many as are given below, evenly
/// spaced.
///
/// Of n training rows and c columns of numbers and dates, k = min(n, max(1024, 2²⁴ / c)) rows are taken: number
/// ⌊j · n / k⌋ for j = 0 … k − 1. They follow from n and c, not from how the table comes, and c columns of k numbers
/// take at most 128 MB as long as c ≤ 16,384.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    rows: usize,
    size: usize,
    taken: usize,
}

impl Sample {
    const CELLS: usize = 1 << 24;
    const FEWEST: usize = 1024;

    pub(super) fn new(rows: usize, columns: usize) -> Self {
        let size = rows.min(Self::FEWEST.max(Self::CELLS / columns.max(1)));
        Self { rows, size, taken: 0 }
    }

    /// Which of the training rows from `start` to before `end` are taken; they must follow those of the last call.
    pub(super) fn between(&mut self, start: usize, end: usize) -> Vec<usize> {
        let place = |j: usize| (j as u128 * self.rows as u128 / self.size.max(1) as u128) as usize;
        let places: Vec<usize> = (self.taken..self.size).map(place).take_while(|&i| i < end).collect();
        self.taken += places.len();
        places.into_iter().filter(|&i| i >= start).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, Moments, Sample, Sampled, quantile};

    fn standard(values: &[f64]) -> (f64, f64) {
        let mut moments = Moments::default();
        for &x in values {
            moments.add(x, 1.0);
        }
        moments.standard()
    }

    #[test]
    fn population_deviation_and_exact_constants() {
        assert_eq!(LARGEST, 2_f64.powi(400));
        assert_eq!(standard(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), (5.0, 2.0));
        assert_eq!(standard(&[0.1, 0.1, 0.1]), (0.1, 1.0));
        assert_eq!(standard(&[]), (0.0, 1.0));
        // Far from 0, and far from a first number that is an outlier.
        assert_eq!(standard(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]), (1e9 + 10.0, 22.5_f64.sqrt()));
        let outlier: Vec<f64> = std::iter::once(1e15).chain((0..999).map(f64::from)).collect();
        let (mean, scale) = standard(&outlier);
        assert_eq!(mean, (1e15 + 498_501.0) / 1000.0);
        // √(Σx²/n − mean²), in integers: 10³⁰ is beyond f64's.
        let squares = 10_u128.pow(30) + (0..999_u128).map(|x| x * x).sum::<u128>();
        let sum = 10_u128.pow(15) + 498_501;
        let variance = (squares * 1000 - sum * sum) as f64 / 1e6;
        assert!((scale / variance.sqrt() - 1.0).abs() < 3e-16, "{scale}");
    }

    #[test]
    fn the_size_of_all_weights_together_does_not_matter() {
        let values = [998.0, 999.5, 1000.0, 1003.25];
        let wanted = standard(&values);
        for weight in [1e-300, 1e-170, 1e-3, 1e155, 1e290] {
            let mut moments = Moments::default();
            for x in values {
                moments.add(x, weight);
            }
            let (mean, scale) = moments.standard();
            let close = |found: f64, wanted: f64| (found / wanted - 1.0).abs() < 1e-14;
            assert!(close(mean, wanted.0) && close(scale, wanted.1), "{weight}: {mean} {scale}");
        }
    }

    #[test]
    fn extreme_numbers_have_finite_positive_scales() {
        for values in [&[f64::MAX, f64::MIN][..], &[f64::MAX, f64::MAX, 0.0], &[5e-324, 0.0], &[1e200, 2e200]]
        {
            let (mean, scale) = standard(values);
            assert!(mean.is_finite() && scale.is_finite() && scale > 0.0, "{values:?}: {mean} {scale}");
        }
        assert_eq!(standard(&[f64::MAX, f64::MIN]), (0.0, f64::MAX));
        // The same numbers in other units.
        let of = |unit: f64| standard(&[1.0 * unit, 3.0 * unit, 8.0 * unit]);
        for power in [-900, -600, -300, 300, 600, 900] {
            let unit = 2_f64.powi(power);
            assert_eq!(of(unit), (of(1.0).0 * unit, of(1.0).1 * unit), "2^{power}");
        }
        // A unit that has to change on the way.
        assert_eq!(standard(&[0.0, 1e-200, 1e200, 1e-200]), (2.5e199, 0.1875_f64.sqrt() * 1e200));
    }

    #[test]
    fn quantiles_interpolate() {
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(quantile(&mut [4.0, 1.0, 2.0, 3.0], 0.5), Some(2.5));
        assert_eq!(quantile(&mut [4.0, 1.0, 2.0, 3.0], 0.25), Some(1.75));
        assert_eq!(quantile(&mut [4.0, 1.0, 2.0, 3.0], 1.0), Some(4.0));
        assert_eq!(quantile(&mut [0.1, 0.1, 0.1, 0.1], 0.3), Some(0.1));
        assert_eq!(quantile(&mut [], 0.5), None);
    }

    #[test]
    fn whole_weights_are_repetitions_and_equal_ones_change_nothing() {
        let values: Vec<f64> = (0..40).map(|i| f64::from(i * 37 % 23) * 0.3 - 2.0).collect();
        for round in 0..20 {
            let weights: Vec<usize> = (0..40).map(|i| 1 + (i * 7 + round * 3) % 5).collect();
            let (mut weighted, mut repeated, mut halves) = <(Sampled, Vec<f64>, Sampled)>::default();
            let (mut moments, mut often) = (Moments::default(), Moments::default());
            for (&x, &w) in values.iter().zip(&weights) {
                weighted.add(x, Some(w as f64));
                halves.add(x, Some(0.5));
                moments.add(x, w as f64);
                for _ in 0..w {
                    repeated.push(x);
                    often.add(x, 1.0);
                }
            }
            for q in [0.0, 0.1, 0.25, 0.5, 0.6, 0.75, 0.99, 1.0] {
                let (found, expected) = (weighted.quantile(q), quantile(&mut repeated, q));
                let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
                assert!(found.zip(expected).is_some_and(|(a, b)| close(a, b)), "{q}: {found:?} {expected:?}");
                let (found, expected) = (halves.quantile(q), quantile(&mut values.clone(), q));
                assert!(found.zip(expected).is_some_and(|(a, b)| close(a, b)), "{q}: {found:?} {expected:?}");
            }
            assert_eq!(moments.standard(), often.standard());
        }
        assert_eq!(Sampled::default().quantile(0.5), None);
    }

    #[test]
    fn a_sample_does_not_depend_on_cuts() {
        assert_eq!(Sample::new(5, 3).between(0, 5), [0, 1, 2, 3, 4]);
        let whole = Sample::new(10_000, 1 << 24).between(0, 10_000);
        assert_eq!((whole.len(), whole[1], whole[1023]), (1024, 9, 9990));
        let mut pieces = Sample::new(10_000, 1 << 24);
        let cuts = [0, 1, 2, 900, 900, 907, 5000, 9999, 10_000];
        let joined: Vec<usize> = cuts.windows(2).flat_map(|cut| pieces.between(cut[0], cut[1])).collect();
        assert_eq!(joined, whole);
        assert_eq!(Sample::new(1 << 20, 128).size, 1 << 17);
    }
}
