//! Learning an encoder from training rows.

use super::statistics::{median, standard};
use super::{Encoder, EncoderSettings, InputColumn, Scaling, TargetEncoding};
use crate::error::DataError;
use crate::table::{Column, Table, Values, number_text};

impl Encoder {
    /// Learns from the training rows how each column becomes numbers. No other row is looked at.
    ///
    /// A column without any value in the training rows is left out, and a constant one kept, both with a note.
    /// A category with more than `max_levels` levels keeps the most frequent ones (the earlier on a tie); the others
    /// share the input of unseen ones.
    ///
    /// # Errors
    /// Names that are not in the table or in two roles; no target, no training row, no input column; a category with
    /// over 64 levels in over half the rows ([`DataError::Identifier`]); a missing target; a single class.
    pub fn fit(table: &Table, train_rows: &[usize], settings: &EncoderSettings) -> Result<Self, DataError> {
        let name = || table.origin.name.clone();
        if train_rows.is_empty() {
            return Err(DataError::NoTrainingRows { name: name() });
        }
        check_rows(table, train_rows)?;
        check_roles(table, settings)?;
        let target = TargetEncoding::fit(table, train_rows, settings)?;
        let (mut inputs, mut notes) = (Vec::new(), Vec::new());
        for column in feature_columns(table, settings) {
            inputs.extend(fit_column(table, column, train_rows, settings, &mut notes)?);
        }
        if inputs.is_empty() {
            return Err(DataError::NoInputs { name: name(), notes });
        }
        Ok(Self { inputs, target, notes })
    }
}

/// Refuses rows beyond the table.
pub(super) fn check_rows(table: &Table, rows: &[usize]) -> Result<(), DataError> {
    let count = table.rows();
    match rows.iter().find(|&&row| row >= count) {
        None => Ok(()),
        Some(&found) => Err(DataError::NoSuchRow { name: table.origin.name.clone(), found, rows: count }),
    }
}

/// The column, or an error that lists what there is; `flag` is the option that named it.
pub(super) fn find<'a>(table: &'a Table, column: &str, flag: &'static str) -> Result<&'a Column, DataError> {
    table.column(column).ok_or_else(|| DataError::UnknownColumn {
        name: table.origin.name.clone(),
        column: column.to_owned(),
        columns: table.names().into_iter().map(str::to_owned).collect(),
        flag,
    })
}

/// Every named column is there, and in one role.
fn check_roles(table: &Table, settings: &EncoderSettings) -> Result<(), DataError> {
    let features = settings.features.as_deref().unwrap_or_default();
    if settings.targets.is_empty() {
        let columns = table.names().into_iter().map(str::to_owned).collect();
        return Err(DataError::NoTarget { name: table.origin.name.clone(), columns });
    }
    let roles = [(&settings.targets[..], "--target"), (features, "--features"), (&settings.drop, "--drop")];
    for (names, flag) in roles {
        names.iter().try_for_each(|column| find(table, column, flag).map(drop))?;
    }
    let twice =
        |column: &String, first, second| DataError::TwoRoles { column: column.clone(), first, second };
    for (i, column) in settings.targets.iter().enumerate() {
        if settings.targets[..i].contains(column) {
            return Err(twice(column, "a target", "a second target"));
        }
    }
    let words = ["a target", "a feature", "dropped"];
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        if let Some(column) = roles[a].0.iter().find(|column| roles[b].0.contains(column)) {
            return Err(twice(column, words[a], words[b]));
        }
    }
    Ok(())
}

/// The columns to predict from, in the table's order.
fn feature_columns<'a>(table: &'a Table, settings: &'a EncoderSettings) -> impl Iterator<Item = &'a Column> {
    table.columns.iter().filter(|column| match &settings.features {
        Some(features) => features.contains(&column.name),
        None => !settings.targets.contains(&column.name) && !settings.drop.contains(&column.name),
    })
}

/// Learns one column; `None` when the training rows have no value in it.
fn fit_column(
    table: &Table,
    column: &Column,
    rows: &[usize],
    settings: &EncoderSettings,
    notes: &mut Vec<String>,
) -> Result<Option<InputColumn>, DataError> {
    let name = &column.name;
    let input = match &column.values {
        Values::Number(values) => {
            check_finite(table, column, rows)?;
            let present: Vec<f64> = rows.iter().map(|&r| values[r]).filter(|x| !x.is_nan()).collect();
            fit_number(name, &present, rows.len(), settings.scaling, notes)
        }
        Values::Category { levels, codes } => {
            let counts = count_levels(levels.len(), codes, rows);
            check_identifier(table, column, &counts, rows)?;
            fit_category(name, levels, &counts, settings.max_levels, notes)
        }
        Values::Date(_) => {
            notes.push(format!("`{name}` is left out: it holds dates"));
            None
        }
    };
    if input.is_none() && !matches!(column.values, Values::Date(_)) {
        notes.push(format!("`{name}` is left out: it is missing in every training row"));
    }
    Ok(input)
}

/// Refuses infinite numbers: no mean, no scale and no product survives them.
pub(super) fn check_finite(table: &Table, column: &Column, rows: &[usize]) -> Result<(), DataError> {
    let Values::Number(values) = &column.values else { return Ok(()) };
    match rows.iter().find(|&&row| values[row].is_infinite()) {
        None => Ok(()),
        Some(&row) => Err(DataError::Infinite {
            name: table.origin.name.clone(),
            at: table.at(row),
            column: column.name.clone(),
            found: number_text(values[row]),
        }),
    }
}

fn fit_number(
    column: &str,
    present: &[f64],
    rows: usize,
    scaling: Scaling,
    notes: &mut Vec<String>,
) -> Option<InputColumn> {
    let first = *present.first()?;
    if present.iter().all(|&x| x == first) {
        notes.push(format!("`{column}` is {} in every training row that has it", number_text(first)));
    }
    let (mean, scale) = match scaling {
        Scaling::Standard => standard(present),
        Scaling::None => (0.0, 1.0),
    };
    let missing_indicator = present.len() < rows;
    Some(InputColumn::Number {
        column: column.to_owned(),
        mean,
        scale,
        fill: median(present),
        missing_indicator,
    })
}

/// How often a level appears in the rows, and in which of them first.
#[derive(Clone, Copy)]
struct Count {
    level: usize,
    rows: usize,
    first: usize,
}

/// The levels that appear in the rows, in order of first appearance there.
fn count_levels(levels: usize, codes: &[u32], rows: &[usize]) -> Vec<Count> {
    let mut counts: Vec<Count> = (0..levels).map(|level| Count { level, rows: 0, first: 0 }).collect();
    for (i, &row) in rows.iter().enumerate() {
        if let Some(count) = counts.get_mut(codes[row] as usize) {
            if count.rows == 0 {
                count.first = i;
            }
            count.rows += 1;
        }
    }
    counts.retain(|c| c.rows > 0);
    counts.sort_by_key(|c| c.first);
    counts
}

fn fit_category(
    column: &str,
    levels: &[String],
    counts: &[Count],
    max_levels: usize,
    notes: &mut Vec<String>,
) -> Option<InputColumn> {
    let mut kept = counts.to_vec();
    if kept.len() > max_levels {
        kept.sort_by_key(|c| (std::cmp::Reverse(c.rows), c.first));
        kept.truncate(max_levels);
        kept.sort_by_key(|c| c.first);
        notes.push(format!(
            "`{column}` has {} levels: the {max_levels} most frequent have an input each, the others share one",
            counts.len()
        ));
    }
    let [first, ..] = counts else { return None };
    if counts.len() == 1 {
        notes.push(format!("`{column}` is `{}` in every training row that has it", levels[first.level]));
    }
    let levels = kept.iter().map(|c| levels[c.level].clone()).collect();
    Some(InputColumn::Category { column: column.to_owned(), levels })
}

/// Up to this number, the levels of a text column are never suspected of telling rows apart.
const FEW: usize = 64;

/// Refuses a text column whose levels tell rows apart instead of grouping them.
fn check_identifier(
    table: &Table,
    column: &Column,
    counts: &[Count],
    rows: &[usize],
) -> Result<(), DataError> {
    let Values::Category { levels, .. } = &column.values else { return Ok(()) };
    if counts.len() <= FEW || counts.len() * 2 <= rows.len() {
        return Ok(());
    }
    Err(DataError::Identifier {
        name: table.origin.name.clone(),
        column: column.name.clone(),
        levels: counts.len(),
        rows: rows.len(),
        stray: stray(table, levels, counts, rows),
    })
}

/// Where most levels of a text column are numbers: the first that is not.
fn stray(table: &Table, levels: &[String], counts: &[Count], rows: &[usize]) -> Option<String> {
    let is_number = |c: &Count| levels[c.level].parse::<f64>().is_ok();
    let numbers = counts.iter().filter(|c| is_number(c)).count();
    let odd = counts.iter().find(|c| !is_number(c)).filter(|_| numbers * 2 > counts.len());
    odd.map(|c| {
        let at = table.at(rows[c.first]);
        format!("{numbers} of them are numbers; the first that is not is `{}` in {at}", levels[c.level])
    })
}

/// Refuses a text column as a target where nobody said that it holds classes and it looks as if it did not: its
/// levels tell rows apart, or most of more than [`FEW`] levels are numbers.
pub(super) fn check_classes(table: &Table, column: &Column, rows: &[usize]) -> Result<(), DataError> {
    let Values::Category { levels, codes } = &column.values else { return Ok(()) };
    let counts = count_levels(levels.len(), codes, rows);
    if counts.len() <= FEW {
        return Ok(());
    }
    let stray = stray(table, levels, &counts, rows);
    if stray.is_none() && counts.len() * 2 <= rows.len() {
        return Ok(());
    }
    Err(DataError::ManyTexts {
        name: table.origin.name.clone(),
        column: column.name.clone(),
        levels: counts.len(),
        rows: rows.len(),
        stray,
    })
}
