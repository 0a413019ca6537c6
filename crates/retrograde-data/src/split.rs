//! Choosing rows for training, validation and test.
//!
//! | rows | one part held out | K folds |
//! |---|---|---|
//! | by chance, stratified or not | [`split`], [`HoldOut::rows`] | [`folds`] |
//! | groups that stay together | [`HoldOut::groups`] | [`folds_of_groups`] |
//! | in an order, such as that of time | [`split_last`] | [`folds_in_order`] |

mod groups;
mod order;

pub use groups::folds_of_groups;
pub use order::{folds_in_order, split_last};

use crate::rng::Stream;
use std::collections::BTreeMap;

/// Two disjoint sets of rows that together are all rows, each in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The rows to learn from.
    pub train: Vec<usize>,
    /// The rows to judge by.
    pub validation: Vec<usize>,
}

/// What a part that is held out is for. Each has random numbers of its own, so that one seed serves both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeldPart {
    /// To judge a training by while it runs.
    #[default]
    Validation,
    /// To be scored once, at the end.
    Test,
}

/// How much is held out at random, and by which random numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoldOut {
    /// The share of the rows; clamped to [0, 1], NaN to 0.
    pub share: f64,
    /// The seed.
    pub seed: u64,
    /// What the rows are for.
    pub part: HeldPart,
}

impl HoldOut {
    /// [`split`] with the random numbers of the part.
    pub fn rows(self, rows: usize, strata: Option<&[u32]>) -> Split {
        let purpose = match self.part {
            HeldPart::Validation => "split",
            HeldPart::Test => "test split",
        };
        let mut groups = shuffled_groups(rows, strata, &mut Stream::new(self.seed, purpose));
        let (share, wanted) = wanted(rows, self.share);
        let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
        let mut validation = Vec::with_capacity(wanted);
        for (group, count) in groups.iter_mut().zip(quotas(&sizes, share, wanted)) {
            validation.extend(group.drain(..count.min(group.len())));
        }
        Split { train: groups.into_iter().flatten().collect(), validation }.sorted()
    }
}

impl Split {
    fn sorted(mut self) -> Self {
        self.train.sort_unstable();
        self.validation.sort_unstable();
        self
    }
}

/// The share as a number of [0, 1], and how many of the rows it is, to the nearest.
fn wanted(rows: usize, share: f64) -> (f64, usize) {
    let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
    (share, whole((rows as f64 * share).round()).min(rows))
}

/// Splits `rows` rows at random, with `round(rows · share)` of them for validation.
///
/// With `strata` (one class per row) every class gives its share, to the nearest row, and the total is the same:
/// rows lost to rounding go to the classes with the largest remainders. Every class keeps at least one row in
/// training, so a class with one row is never validated on. Rows beyond the end of `strata` are one more class.
///
/// `share` is clamped to [0, 1], NaN to 0; at least one row is trained on. The same arguments give the same split on
/// every platform.
pub fn split(rows: usize, share: f64, seed: u64, strata: Option<&[u32]>) -> Split {
    HoldOut { share, seed, part: HeldPart::Validation }.rows(rows, strata)
}

/// `k` splits in which every row is validated on exactly once; fold sizes differ by at most one row.
///
/// With `strata` each class is dealt out evenly, so that its rows per fold differ by at most one. `k` is clamped to
/// [2, rows]; fewer than two rows give no folds.
pub fn folds(rows: usize, k: usize, seed: u64, strata: Option<&[u32]>) -> Vec<Split> {
    if rows < 2 {
        return Vec::new();
    }
    let k = k.clamp(2, rows);
    let groups = shuffled_groups(rows, strata, &mut Stream::new(seed, "folds"));
    let mut fold_of = vec![0; rows];
    // The deal goes on from class to class: starting each at fold 0 would make the first folds larger.
    for (turn, row) in groups.into_iter().flatten().enumerate() {
        fold_of[row] = turn % k;
    }
    splits_of(&fold_of, k)
}

/// A split for each of `k` folds, from the fold of every row.
fn splits_of(fold_of: &[usize], k: usize) -> Vec<Split> {
    let rows_where =
        |keep: &dyn Fn(usize) -> bool| (0..fold_of.len()).filter(|&row| keep(fold_of[row])).collect();
    (0..k)
        .map(|fold| Split { train: rows_where(&|f| f != fold), validation: rows_where(&|f| f == fold) })
        .collect()
}

/// The rows of each class, classes ascending, each shuffled; one group when there are no strata.
fn shuffled_groups(rows: usize, strata: Option<&[u32]>, stream: &mut Stream) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<Option<u32>, Vec<usize>> = BTreeMap::new();
    for row in 0..rows {
        groups.entry(strata.and_then(|s| s.get(row).copied())).or_default().push(row);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    for group in &mut groups {
        stream.shuffle(group);
    }
    groups
}

/// A count that was computed as a number at or above 0.
#[allow(clippy::cast_sign_loss, reason = "a share is not negative")]
fn whole(count: f64) -> usize {
    count as usize
}

/// How many rows each group gives: the largest-remainder method, at most all but one of each.
fn quotas(sizes: &[usize], share: f64, wanted: usize) -> Vec<usize> {
    let spare = |i: usize| sizes[i].saturating_sub(1);
    let mut counts: Vec<usize> =
        (0..sizes.len()).map(|i| whole((sizes[i] as f64 * share).floor()).min(spare(i))).collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    let remainder = |i: usize| (sizes[i] as f64 * share).fract();
    order.sort_by(|&a, &b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(&b)));
    let mut missing = wanted.saturating_sub(counts.iter().sum());
    for &i in &order {
        if missing > 0 && counts[i] < spare(i) {
            counts[i] += 1;
            missing -= 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::{HeldPart, HoldOut, folds, split};

    fn all_rows(split: &super::Split) -> Vec<usize> {
        let mut rows: Vec<usize> = split.train.iter().chain(&split.validation).copied().collect();
        rows.sort_unstable();
        rows
    }

    #[test]
    fn a_split_is_a_partition_of_the_asked_size() {
        for rows in [0, 1, 2, 3, 10, 101] {
            for share in [0.0, 0.2, 0.5, 1.0, f64::NAN, -3.0] {
                let s = split(rows, share, 1, None);
                assert_eq!(all_rows(&s), (0..rows).collect::<Vec<_>>());
                assert!(rows == 0 || !s.train.is_empty());
            }
        }
        assert_eq!(split(7043, 0.2, 1, None).validation.len(), 1409);
        assert_ne!(split(100, 0.2, 1, None), split(100, 0.2, 2, None));
    }

    #[test]
    fn the_bits_of_a_split_never_change() {
        assert_eq!(split(12, 0.25, 1, None).validation, [2, 7, 11]);
    }

    #[test]
    fn a_test_part_is_another_choice_than_a_validation_part() {
        let held = |part| HoldOut { share: 0.2, seed: 1, part }.rows(1000, None);
        let (test, validation) = (held(HeldPart::Test), held(HeldPart::Validation));
        assert_eq!((test.validation.len(), all_rows(&test)), (200, (0..1000).collect()));
        assert_eq!(validation, split(1000, 0.2, 1, None));
        let both = test.validation.iter().filter(|row| validation.validation.contains(row)).count();
        assert!((20..=60).contains(&both), "{both} of 200 in both, 40 by chance");
    }

    #[test]
    fn strata_keep_their_shares() {
        let strata: Vec<u32> = (0..1000).map(|i| u32::from(i % 10 == 0)).collect();
        let s = split(1000, 0.25, 3, Some(&strata));
        let ones = s.validation.iter().filter(|&&r| strata[r] == 1).count();
        assert_eq!((s.validation.len(), ones), (250, 25));
    }

    #[test]
    fn small_classes_stay_in_training() {
        let strata = [0, 0, 0, 0, 0, 0, 1, 1, 2];
        for seed in 0..50 {
            let s = split(9, 0.9, seed, Some(&strata));
            for class in 0..3 {
                assert!(s.train.iter().any(|&r| strata[r] == class), "class {class}, seed {seed}");
            }
        }
    }

    #[test]
    fn folds_validate_every_row_once_and_evenly() {
        let strata: Vec<u32> = (0..53).map(|i| i % 3).collect();
        let folds = folds(53, 5, 1, Some(&strata));
        let mut seen: Vec<usize> = folds.iter().flat_map(|f| f.validation.clone()).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..53).collect::<Vec<_>>());
        for fold in &folds {
            assert_eq!(all_rows(fold).len(), 53);
            assert!((10..=11).contains(&fold.validation.len()));
            for class in 0..3 {
                let n = fold.validation.iter().filter(|&&r| strata[r] == class).count();
                assert!((3..=4).contains(&n), "{n} of class {class}");
            }
        }
        assert_eq!(super::folds(3, 10, 1, None).len(), 3);
        assert!(super::folds(1, 5, 1, None).is_empty());
    }
}
