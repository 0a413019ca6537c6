//! A column that names the part of each row.

use super::Division;
use super::dividing::find;
use crate::error::ModelError;
use crate::settings::{FitSettings, Validation};
use retrograde_data::{Table, nearest};

/// The part of a row by the word for it.
fn part_of(word: &str) -> Option<usize> {
    match word.trim().to_lowercase().as_str() {
        "train" | "training" | "learn" | "0" => Some(0),
        "validation" | "valid" | "val" | "dev" | "1" => Some(1),
        "test" | "holdout" | "2" => Some(2),
        _ => None,
    }
}

/// The division that a column names.
pub(super) fn named(
    table: &Table,
    rows: &[usize],
    column: &str,
    settings: &FitSettings,
) -> Result<Division, ModelError> {
    let refused = |reason: String, remedy: String| {
        let (name, column) = (table.origin.name.clone(), column.to_owned());
        Err(ModelError::Split { name, column, reason, remedy })
    };
    if settings.test.is_some() || settings.validation != Validation::Auto {
        let reason = "it names the part of every row, and a share or another table is asked for too".into();
        return refused(reason, "leave --validation and --test out".into());
    }
    let found = find(table, column, "--split-column")?;
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for &row in rows {
        let word = found.values.text(row);
        let Some(part) = word.as_deref().and_then(part_of) else {
            let what = word.as_ref().map_or("has no part".into(), |word| format!("is in the part `{word}`"));
            let near = nearest(word.as_deref().unwrap_or_default(), ["train", "validation", "test"]);
            let remedy = near
                .map_or("leave the row out, or fill the cell in".into(), |near| format!("is it `{near}` ?"));
            return refused(format!("{} {what}, expected train, validation or test", table.at(row)), remedy);
        };
        parts[part].push(row);
    }
    let [train, validation, test] = parts;
    if train.is_empty() {
        return refused("no row is in the part `train`".into(), "is it the right column?".into());
    }
    Ok(Division { train, validation, test, ..Division::default() })
}

/// The rows that a column calls the test.
pub(crate) fn test_rows(table: &Table, rows: &[usize], column: &str) -> Vec<usize> {
    let is_test = |row: &usize| {
        let word = table.column(column).and_then(|column| column.values.text(*row));
        word.is_some_and(|word| part_of(&word) == Some(2))
    };
    rows.iter().copied().filter(is_test).collect()
}

#[cfg(test)]
mod tests {
    use super::part_of;

    #[test]
    fn parts_have_several_names() {
        let words = ["Train", "learn", " 0", "dev", "VAL", "holdout"];
        assert_eq!(words.map(part_of), [0, 0, 0, 1, 1, 2].map(Some));
        assert_eq!(["", "tain", "3", "true"].map(part_of), [None; 4]);
    }
}
