//! Rows in an order, such as that of time: what comes last is held out, and nothing is learnt from what comes later.

use super::{Split, wanted};

/// Holds out the last rows in the order of `keys`, `round(rows · share)` of them.
///
/// Rows of one key stay together: where they would be cut, they go to the side that brings the number nearer to what was
/// asked for (to training when both are as near). At least one row is trained on; nothing is held out where all keys are
/// equal. `share` is clamped to [0, 1], NaN to 0.
pub fn split_last(keys: &[i64], share: f64) -> Split {
    let order = ordered(keys);
    let (_, wanted) = wanted(keys.len(), share);
    let cut = if wanted == 0 { None } else { nearest_cut(keys, &order, keys.len() - wanted) };
    let (train, validation) = order.split_at(cut.unwrap_or(keys.len()));
    Split { train: train.to_vec(), validation: validation.to_vec() }.sorted()
}

/// `k` splits by an expanding window: the rows in the order of `keys` are cut into k + 1 blocks, and block i is judged by
/// what was learnt from all blocks before it. Blocks have `rows / (k + 1)` rows, the first also what is left over.
///
/// Rows of one key stay together; where there are too few keys for so many blocks there are fewer splits.
pub fn folds_in_order(keys: &[i64], k: usize) -> Vec<Split> {
    let rows = keys.len();
    let order = ordered(keys);
    let k = k.clamp(1, rows.max(1));
    let size = rows / (k + 1);
    let mut cuts: Vec<usize> =
        (0..k).filter_map(|i| nearest_cut(keys, &order, rows - (k - i) * size)).collect();
    cuts.dedup();
    let ends = cuts.iter().skip(1).copied().chain([rows]);
    let block = |(&from, to): (&usize, usize)| {
        Split { train: order[..from].to_vec(), validation: order[from..to].to_vec() }.sorted()
    };
    cuts.iter().zip(ends).map(block).collect()
}

/// The rows by their keys, rows of one key as they come.
fn ordered(keys: &[i64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|&row| keys[row]);
    order
}

/// The place nearest to `cut`, with rows on both sides, at which no rows of one key are separated.
fn nearest_cut(keys: &[i64], order: &[usize], cut: usize) -> Option<usize> {
    let last = order.len().checked_sub(1)?;
    let is_between = |&place: &usize| keys[order[place - 1]] != keys[order[place]];
    let cut = cut.clamp(1, last.max(1));
    let above = (cut..=last).find(is_between);
    let below = (1..cut.min(last + 1)).rev().find(is_between);
    match (below, above) {
        (Some(below), Some(above)) => Some(if cut - below < above - cut { below } else { above }),
        (below, above) => below.or(above),
    }
}

#[cfg(test)]
mod tests {
    use super::{folds_in_order, split_last};

    #[test]
    fn the_last_rows_are_held_out_whatever_their_place_in_the_file() {
        let keys = [50, 10, 40, 20, 30];
        assert_eq!(split_last(&keys, 0.4).validation, [0, 2]);
        assert_eq!(split_last(&keys, 0.4).train, [1, 3, 4]);
        assert_eq!(split_last(&keys, 1.0).train, [1]);
        assert!(split_last(&keys, 0.0).validation.is_empty());
        assert!(split_last(&[], 0.5).train.is_empty());
        assert_eq!(split_last(&[7], 1.0).train, [0]);
    }

    #[test]
    fn rows_of_one_key_stay_together() {
        // 3 of 10 are asked for; the cut would be within the five rows of 2, of which 4 are above and 1 below it.
        let keys = [1, 1, 1, 1, 1, 1, 2, 2, 2, 2];
        assert_eq!(split_last(&keys, 0.3).validation, [6, 7, 8, 9]);
        assert_eq!(split_last(&keys, 0.9).validation, [6, 7, 8, 9]);
        assert!(split_last(&[5; 10], 0.3).validation.is_empty());
        // As near on both sides: more is trained on.
        assert_eq!(split_last(&[1, 2, 2, 3], 0.5).validation, [3]);
        for share in [0.01, 0.1, 0.5, 0.77, 0.99, 1.0] {
            let keys: Vec<i64> = (0..100).map(|i| (i * 37) % 13).collect();
            let split = split_last(&keys, share);
            let latest = split.train.iter().map(|&row| keys[row]).max();
            let earliest = split.validation.iter().map(|&row| keys[row]).min();
            assert!(latest.is_some() && (earliest.is_none() || latest < earliest), "{share}");
        }
    }

    #[test]
    fn a_window_expands_over_the_blocks() {
        let keys: Vec<i64> = (0..11).rev().collect();
        let folds = folds_in_order(&keys, 3);
        let sizes: Vec<_> = folds.iter().map(|f| (f.train.len(), f.validation.len())).collect();
        assert_eq!(sizes, [(5, 2), (7, 2), (9, 2)]);
        assert_eq!(folds[2].validation, [0, 1]);
        for fold in &folds {
            let latest = fold.train.iter().map(|&row| keys[row]).max();
            assert!(latest < fold.validation.iter().map(|&row| keys[row]).min());
        }
        assert_eq!(folds_in_order(&[1, 1, 2, 2], 3).len(), 1);
        assert!(folds_in_order(&[1, 1, 1], 2).is_empty());
        assert!(folds_in_order(&[], 2).is_empty());
        assert!(folds_in_order(&[1], 2).is_empty());
    }
}
