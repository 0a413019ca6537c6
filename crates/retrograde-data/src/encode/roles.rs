//! Which column is used for what.

use super::EncoderSettings;
use crate::error::DataError;
use crate::table::ColumnType;

/// The columns of a table: name, type.
pub(super) type Columns = [(String, ColumnType)];

/// The type of a column, or an error that lists what there is; `flag` is the option that named it.
pub(super) fn type_of(
    table: &str,
    columns: &Columns,
    column: &str,
    flag: &'static str,
) -> Result<ColumnType, DataError> {
    let found = columns.iter().find(|(name, _)| name == column);
    found.map(|(_, kind)| *kind).ok_or_else(|| DataError::UnknownColumn {
        name: table.to_owned(),
        column: column.to_owned(),
        columns: columns.iter().map(|(name, _)| name.clone()).collect(),
        flag,
    })
}

/// Every named column is there, and in one role. A reserved column may be dropped as well: it is no input anyway.
pub(super) fn check(table: &str, columns: &Columns, settings: &EncoderSettings) -> Result<(), DataError> {
    let features = settings.features.as_deref().unwrap_or_default();
    if settings.targets.is_empty() {
        let columns = columns.iter().map(|(name, _)| name.clone()).collect();
        return Err(DataError::NoTarget { name: table.to_owned(), columns });
    }
    let roles = [(&settings.targets[..], "--target"), (features, "--features"), (&settings.drop, "--drop")];
    for (names, flag) in roles {
        names.iter().try_for_each(|column| type_of(table, columns, column, flag).map(drop))?;
    }
    for reserved in &settings.reserved {
        type_of(table, columns, &reserved.column, reserved.flag)?;
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
    for (names, word) in [(&settings.targets[..], words[0]), (features, words[1])] {
        if let Some(reserved) = settings.reserved.iter().find(|r| names.contains(&r.column)) {
            return Err(twice(&reserved.column, word, reserved.role));
        }
    }
    Ok(())
}

/// The columns to predict from, in the table's order.
pub(super) fn features<'a>(
    columns: &'a Columns,
    settings: &'a EncoderSettings,
) -> impl Iterator<Item = &'a (String, ColumnType)> {
    columns.iter().filter(|(column, _)| match &settings.features {
        Some(features) => features.contains(column),
        None => {
            !settings.targets.contains(column)
                && !settings.drop.contains(column)
                && !settings.reserved.iter().any(|reserved| reserved.column == *column)
        }
    })
}
