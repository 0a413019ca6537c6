//! Groups of rows that stay together: all rows of a customer, a patient, a day.

use super::{HeldPart, HoldOut, Split, splits_of, wanted};
use crate::rng::Stream;

impl HoldOut {
    /// Holds out whole groups, from the group of every row.
    ///
    /// The groups come in a seeded order, and each is held out if that brings the number of rows nearer to
    /// `round(rows · share)`. At least one group is trained on.
    pub fn groups(self, group_of: &[u32]) -> Split {
        let purpose = match self.part {
            HeldPart::Validation => "split groups",
            HeldPart::Test => "test groups",
        };
        let groups = shuffled(group_of, self.seed, purpose);
        let (_, wanted) = wanted(group_of.len(), self.share);
        let mut split = Split::default();
        let last = groups.len().saturating_sub(1);
        for (place, rows) in groups.into_iter().enumerate() {
            let held = split.validation.len();
            let nearer = (held + rows.len()).abs_diff(wanted) < held.abs_diff(wanted);
            let side = if nearer && (place < last || !split.train.is_empty()) {
                &mut split.validation
            } else {
                &mut split.train
            };
            side.extend(rows);
        }
        split.sorted()
    }
}

/// `k` splits in which every group is validated on exactly once, in one fold.
///
/// From the largest group to the smallest, groups of one size in a seeded order, each goes to the fold with the fewest
/// rows. There are no more folds than groups; fewer than two groups give none.
pub fn folds_of_groups(group_of: &[u32], k: usize, seed: u64) -> Vec<Split> {
    let mut groups = shuffled(group_of, seed, "group folds");
    if groups.len() < 2 {
        return Vec::new();
    }
    let k = k.clamp(2, groups.len());
    groups.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
    let mut fold_of = vec![0; group_of.len()];
    let mut sizes = vec![0; k];
    for rows in groups {
        let smallest = (0..k).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
        sizes[smallest] += rows.len();
        for row in rows {
            fold_of[row] = smallest;
        }
    }
    splits_of(&fold_of, k)
}

/// The rows of each group, the groups in a seeded order.
fn shuffled(group_of: &[u32], seed: u64, purpose: &str) -> Vec<Vec<usize>> {
    let mut groups: std::collections::BTreeMap<u32, Vec<usize>> = std::collections::BTreeMap::new();
    for (row, &group) in group_of.iter().enumerate() {
        groups.entry(group).or_default().push(row);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    Stream::new(seed, purpose).shuffle(&mut groups);
    groups
}

#[cfg(test)]
mod tests {
    use super::{HeldPart, HoldOut, folds_of_groups};
    use std::collections::BTreeSet;

    /// 200 rows of 40 groups, of 1 to 9 rows.
    fn groups() -> Vec<u32> {
        (0..200u32).map(|row| (row * row / 7) % 40).collect()
    }

    fn of(groups: &[u32], rows: &[usize]) -> BTreeSet<u32> {
        rows.iter().map(|&row| groups[row]).collect()
    }

    #[test]
    fn a_group_is_on_one_side() {
        let groups = groups();
        for seed in 0..50 {
            for part in [HeldPart::Validation, HeldPart::Test] {
                let split = HoldOut { share: 0.2, seed, part }.groups(&groups);
                assert_eq!(split.train.len() + split.validation.len(), 200);
                assert!(of(&groups, &split.train).is_disjoint(&of(&groups, &split.validation)));
                assert!((30..=50).contains(&split.validation.len()), "{}", split.validation.len());
            }
        }
        let held = |seed| HoldOut { share: 0.2, seed, part: HeldPart::Validation }.groups(&groups).validation;
        assert_ne!(held(1), held(2));
        assert_eq!(held(1), held(1));
    }

    #[test]
    fn something_is_always_trained_on() {
        for share in [0.0, 0.5, 1.0] {
            let split = HoldOut { share, seed: 1, part: HeldPart::Validation };
            assert_eq!(split.groups(&[3, 3, 3]).train, [0, 1, 2], "{share}");
            assert!(!split.groups(&[0, 1]).train.is_empty());
            assert!(split.groups(&[]).train.is_empty());
        }
    }

    #[test]
    fn folds_of_groups_are_even_and_disjoint() {
        let groups = groups();
        let folds = folds_of_groups(&groups, 5, 1);
        let mut seen = BTreeSet::new();
        for fold in &folds {
            let judged = of(&groups, &fold.validation);
            assert!(judged.is_disjoint(&of(&groups, &fold.train)));
            assert!(judged.iter().all(|&group| seen.insert(group)), "a group in two folds");
            assert!((38..=42).contains(&fold.validation.len()), "{}", fold.validation.len());
        }
        assert_eq!((folds.len(), seen), (5, groups.iter().copied().collect()));
        assert_eq!(folds_of_groups(&[1, 2, 2], 5, 1).len(), 2);
        assert!(folds_of_groups(&[1, 1], 2, 1).is_empty());
    }
}
