//! How many numbers are how large.

use serde::Serialize;

/// Half of them below 0, half of them from 0 up.
const BINS: usize = 40;

/// Numbers counted in bins of one width from −limit to limit, the 99th percentile of their magnitudes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Histogram {
    /// What is counted.
    pub name: String,
    /// Where the last bin ends.
    pub limit: f64,
    /// The numbers in each bin.
    pub counts: Vec<usize>,
    /// The numbers beyond the range, which are counted in the first and last bin too.
    pub clipped: usize,
}

impl Histogram {
    /// Of these numbers; those that are not finite are left out.
    pub(super) fn of(name: &str, values: &[f64]) -> Self {
        let limit = Some(percentile_99(values)).filter(|&limit| limit > 0.0).unwrap_or(1.0);
        let mut counts = vec![0; BINS];
        let mut clipped = 0;
        for &value in values.iter().filter(|value| value.is_finite()) {
            let place = f64::midpoint(value / limit, 1.0) * BINS as f64;
            counts[(place.max(0.0) as usize).min(BINS - 1)] += 1;
            clipped += usize::from(value.abs() > limit);
        }
        Self { name: name.to_owned(), limit, counts, clipped }
    }

    /// (middle of the bin, count).
    pub(super) fn points(&self) -> Vec<(f64, f64)> {
        let width = 2.0 * self.limit / self.counts.len() as f64;
        let middle = |i: usize| (i as f64 + 0.5) * width - self.limit;
        self.counts.iter().enumerate().map(|(i, &n)| (middle(i), n as f64)).collect()
    }
}

/// Of the magnitudes of those that are finite; 0 of none.
pub(super) fn percentile_99(values: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = values.iter().map(|v| v.abs()).filter(|v| v.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    let last = sizes.len().saturating_sub(1);
    sizes.get((0.99 * last as f64).ceil() as usize).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    #[test]
    fn every_number_is_counted_once() {
        let values: Vec<f64> = (-100..=100).map(f64::from).chain([5000.0, f64::NAN]).collect();
        let found = Histogram::of("L1", &values);
        assert_eq!((found.counts.iter().sum::<usize>(), found.limit), (202, 100.0));
        assert_eq!(found.clipped, 1);
        assert_eq!(Histogram::of("", &[0.0, 0.0]).counts[20], 2);
        assert_eq!(Histogram::of("", &[]).limit, 1.0);
    }
}
