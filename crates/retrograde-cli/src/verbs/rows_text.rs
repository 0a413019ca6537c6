//! What rows count for and how they were divided, in words.

use crate::output::text::{DOT, clean, count, value};
use retrograde_model::{SplitBy, SplitRecord};

/// Class weights are listed up to this number.
const LISTED: usize = 10;

/// `train 64 · validation 16 · test 20 (stratified, seed 1)`.
pub(super) fn parts([train, validation, test]: [usize; 3], split: &SplitRecord, seed: u64) -> String {
    let validation = match validation {
        0 => "no validation".to_owned(),
        n => format!("validation {}", count(n)),
    };
    let test = if test > 0 { format!("{DOT}test {}", count(test)) } else { String::new() };
    format!("train {}{DOT}{validation}{test} ({}seed {seed})", count(train), how(split))
}

/// `stratified, `, or by which column.
pub(super) fn how(split: &SplitRecord) -> String {
    let since = |since: &String| format!("from {} on, ", clean(since));
    match &split.by {
        SplitBy::Chance if split.stratified => "stratified, ".into(),
        SplitBy::Chance => String::new(),
        SplitBy::Order(column) => {
            let since = split.since.as_ref().map(since).unwrap_or_default();
            format!("the last by {}, {since}", clean(column))
        }
        SplitBy::Groups(column) => format!("by groups of {}, ", clean(column)),
        SplitBy::Column(column) => format!("named by {}, ", clean(column)),
    }
}

/// `12 folds of groups of customer (seed 1)`.
pub(super) fn folds(k: usize, by: &SplitBy, seed: u64) -> String {
    match by {
        SplitBy::Order(column) => {
            format!(
                "{k} folds in the order of {}, each learnt from all before it (seed {seed})",
                clean(column)
            )
        }
        SplitBy::Groups(column) => format!("{k} folds of groups of {} (seed {seed})", clean(column)),
        _ => format!("{k} folds (seed {seed})"),
    }
}

/// `rows by w · classes no 0.7, yes 1.75`; `None` where all count 1.
pub(super) fn weights(column: Option<&str>, named: &[(String, f64)]) -> Option<String> {
    let rows = column.map(|column| format!("rows by {}", clean(column)));
    let mut words: Vec<String> =
        named.iter().take(LISTED).map(|(class, w)| format!("{} {}", clean(class), value(*w))).collect();
    if named.len() > LISTED {
        words.push("…".into());
    }
    let classes = (!words.is_empty()).then(|| format!("classes {}", words.join(", ")));
    let parts: Vec<String> = rows.into_iter().chain(classes).collect();
    (!parts.is_empty()).then(|| parts.join(DOT))
}
