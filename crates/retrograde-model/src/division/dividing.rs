//! What decides on which side a row is: chance, an order or its group.

use crate::error::ModelError;
use crate::settings::SplitBy;
use crate::words::count;
use retrograde::Error;
use retrograde_data::{
    Column, DataError, HeldPart, HoldOut, MISSING_DATE, Split, Table, Values, folds, folds_in_order,
    folds_of_groups, shell, split_last,
};
use std::collections::HashMap;

/// The folds of a cross-validation over `rows`, as rows of the table.
///
/// A column that names parts names no folds: they are by chance then. So that no row is judged by what came after it, folds
/// in an order judge all rows but the first block.
pub(crate) fn folds_of(
    table: &Table,
    rows: &[usize],
    (k, seed): (usize, u64),
    (by, strata): (&SplitBy, Option<&[u32]>),
) -> Result<Vec<Split>, ModelError> {
    let dividing = Dividing::of(table, rows, by, strata)?;
    let mut splits = match &dividing.keys {
        Keys::Chance(strata) => folds(rows.len(), k, seed, *strata),
        Keys::Order(keys) => folds_in_order(keys, k),
        Keys::Groups(groups) => folds_of_groups(&groups.of_row, k, seed),
    };
    if splits.len() < k {
        let reason = match by {
            SplitBy::Order(column) => {
                format!("`{column}` has too few different values for {} blocks in order", k + 1)
            }
            SplitBy::Groups(column) => format!("`{column}` has {} groups", splits.len()),
            _ => format!("there are {} rows", rows.len()),
        };
        return Err(ModelError::Folds { found: k, reason });
    }
    for split in &mut splits {
        split.train.iter_mut().chain(&mut split.validation).for_each(|place| *place = rows[*place]);
    }
    Ok(splits)
}

/// What decides on which side a row is.
pub(super) struct Dividing<'a> {
    name: &'a str,
    pub(super) column: &'a str,
    pub(super) keys: Keys<'a>,
}

pub(super) enum Keys<'a> {
    Chance(Option<&'a [u32]>),
    /// A number for each row, in the order of the column's values.
    Order(Vec<i64>),
    Groups(Groups),
}

impl<'a> Dividing<'a> {
    pub(super) fn of(
        table: &'a Table,
        rows: &[usize],
        by: &'a SplitBy,
        strata: Option<&'a [u32]>,
    ) -> Result<Self, ModelError> {
        let name = &table.origin.name;
        Ok(match by {
            SplitBy::Chance | SplitBy::Column(_) => Self { name, column: "", keys: Keys::Chance(strata) },
            SplitBy::Order(column) => {
                let keys = order_keys(table, rows, find(table, column, "--split-by")?)?;
                Self { name, column, keys: Keys::Order(keys) }
            }
            SplitBy::Groups(column) => {
                let groups = Groups::of(find(table, column, "--group")?, rows);
                Self { name, column, keys: Keys::Groups(groups) }
            }
        })
    }

    /// Holds out a share of the rows at `places`; `must`: or says that none can be.
    pub(super) fn hold_out(&self, places: &[usize], hold: HoldOut, must: bool) -> Result<Split, ModelError> {
        let what = match hold.part {
            HeldPart::Validation => "the share of validation rows",
            HeldPart::Test => "the share of test rows",
        };
        let refused = |expected| Error::Setting { what, found: hold.share.to_string(), expected };
        if !(hold.share > 0.0 && hold.share < 1.0) {
            return Err(refused("between 0 and 1, both excluded").into());
        }
        let mut split = match &self.keys {
            Keys::Chance(strata) => {
                hold.rows(places.len(), strata.map(|strata| pick(strata, places)).as_deref())
            }
            Keys::Order(keys) => split_last(&pick(keys, places), hold.share),
            Keys::Groups(groups) => hold.groups(&pick(&groups.of_row, places)),
        };
        if split.validation.is_empty() && must {
            let (reason, remedy) = match self.keys {
                // What was asked for by number is not left out silently.
                Keys::Chance(_) => return Err(refused("a share that holds out a row, or none").into()),
                Keys::Order(_) => {
                    ("all rows have the same value, and stay together", "is it the right column?")
                }
                Keys::Groups(_) => {
                    ("no whole group is near that share of the rows", "ask for a larger share")
                }
            };
            return Err(self.refused(reason, remedy));
        }
        split.train.iter_mut().chain(&mut split.validation).for_each(|place| *place = places[*place]);
        Ok(split)
    }

    fn refused(&self, reason: &str, remedy: &str) -> ModelError {
        ModelError::Split {
            name: self.name.to_owned(),
            column: self.column.to_owned(),
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        }
    }

    /// Where rows that stay together made it more or fewer than asked for.
    pub(super) fn note(&self, share: f64, rows: usize, held: usize) -> Option<String> {
        let asked = (rows as f64 * share).round() as usize;
        let together = match self.keys {
            Keys::Chance(_) => return None,
            Keys::Order(_) => "value",
            Keys::Groups(_) => "group",
        };
        (asked != held).then(|| {
            let (held, asked) = (count(held), count(asked));
            format!(
                "rows of one {together} of `{}` stay together: {held} are held out instead of {asked}",
                self.column
            )
        })
    }

    pub(super) fn key_of(&self, table: &Table, row: usize) -> Option<i64> {
        table.column(self.column).and_then(|column| order_key(column, row))
    }
}

fn pick<T: Copy>(values: &[T], places: &[usize]) -> Vec<T> {
    places.iter().map(|&place| values[place]).collect()
}

pub(super) fn find<'a>(table: &'a Table, column: &str, flag: &'static str) -> Result<&'a Column, ModelError> {
    let unknown = || DataError::UnknownColumn {
        name: table.origin.name.clone(),
        column: column.to_owned(),
        columns: table.names().into_iter().map(str::to_owned).collect(),
        flag,
    };
    Ok(table.column(column).ok_or_else(unknown)?)
}

/// A number in the order of the values; `None` for a missing value or a text.
fn order_key(column: &Column, row: usize) -> Option<i64> {
    match &column.values {
        Values::Date(moments) => moments.get(row).copied().filter(|&m| m != MISSING_DATE),
        Values::Number(values) => values.get(row).filter(|x| !x.is_nan()).map(|&x| {
            // The bits of floats are in the order of their sizes; +0 makes the two zeros one.
            let bits = (x + 0.0).to_bits().cast_signed();
            if bits < 0 { i64::MIN - bits } else { bits }
        }),
        Values::Category { .. } => None,
    }
}

fn order_keys(table: &Table, rows: &[usize], column: &Column) -> Result<Vec<i64>, ModelError> {
    let key = |&row: &usize| {
        order_key(column, row).ok_or_else(|| {
            let found = match column.values.text(row) {
                Some(text) => format!("has the text `{text}`, expected a date or a number"),
                None => "has no value".to_owned(),
            };
            let remedy = match column.values {
                Values::Category { .. } => format!("--type {}", shell(&format!("{}=date", column.name))),
                _ => "fill the cell in, or leave the row out".to_owned(),
            };
            ModelError::Split {
                name: table.origin.name.clone(),
                column: column.name.clone(),
                reason: format!("{} {found}", table.at(row)),
                remedy,
            }
        })
    };
    rows.iter().map(key).collect()
}

/// The group of each row.
pub(super) struct Groups {
    of_row: Vec<u32>,
    missing: usize,
}

impl Groups {
    fn of(column: &Column, rows: &[usize]) -> Self {
        let mut codes: HashMap<Option<u64>, u32> = HashMap::new();
        let mut of_row = Vec::with_capacity(rows.len());
        for &row in rows {
            let cell = match &column.values {
                _ if column.values.is_missing(row) => None,
                Values::Number(values) => Some((values[row] + 0.0).to_bits()),
                Values::Category { codes, .. } => Some(u64::from(codes[row])),
                Values::Date(moments) => Some(moments[row].cast_unsigned()),
            };
            let next = codes.len() as u32;
            of_row.push(*codes.entry(cell).or_insert(next));
        }
        let missing = rows.iter().filter(|&&row| column.values.is_missing(row)).count();
        Self { of_row, missing }
    }

    pub(super) fn note(&self, column: &str) -> Option<String> {
        let rows = crate::words::rows(self.missing, "has", "have");
        (self.missing > 0).then(|| format!("{rows} no `{column}`: together they are one group"))
    }
}

#[cfg(test)]
mod tests {
    use super::order_key;
    use retrograde_data::Column;

    #[test]
    fn numbers_are_in_their_order() {
        let values = [f64::NEG_INFINITY, -1e300, -2.5, -1e-310, -0.0, 0.0, 1e-310, 1.0, 1e300, f64::INFINITY];
        let column = Column::number("x", values.to_vec());
        let keys: Vec<i64> = (0..values.len()).map(|row| order_key(&column, row).expect("a key")).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(keys[4], keys[5]);
        assert!(keys.windows(2).enumerate().all(|(i, two)| i == 4 || two[0] < two[1]), "{keys:?}");
    }
}
