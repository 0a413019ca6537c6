//! Which rows are trained on, which judge, and which are the test.

use crate::error::ModelError;
use crate::settings::{FitSettings, SplitBy, Validation};
use crate::words::count;
use retrograde::Error;
use retrograde_data::{
    Column, DataError, HeldPart, HoldOut, MISSING_DATE, Split, Table, Values, folds, folds_in_order,
    folds_of_groups, nearest, shell, split_last,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// From this many rows on, `Validation::Auto` holds some out.
const AUTO_ROWS: usize = 50;
/// The share it holds out.
const AUTO_SHARE: f64 = 0.2;

/// How the rows of a table were divided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitRecord {
    /// By what.
    #[serde(flatten)]
    pub by: SplitBy,
    /// Whether every class gave its share to the rows held out.
    pub stratified: bool,
    /// In an order: the first value that was held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Rows without a target or of weight 0, which are in no part.
    #[serde(default)]
    pub left_out: usize,
    /// Rows held out whose inputs and targets are those of a training row, found by 64-bit hashes.
    #[serde(default)]
    pub duplicates: usize,
}

/// The rows of a table by what they are for.
#[derive(Debug, Default)]
pub(crate) struct Division {
    pub(crate) train: Vec<usize>,
    pub(crate) validation: Vec<usize>,
    pub(crate) test: Vec<usize>,
    pub(crate) record: SplitRecord,
    /// What was decided on the way.
    pub(crate) notes: Vec<String>,
}

impl Division {
    /// Divides `rows`, whose classes are `strata` where classes are predicted: the test is a share of all of them, the
    /// validation rows one of the others.
    ///
    /// # Errors
    /// [`ModelError::Split`] and [`DataError::UnknownColumn`] for a column that cannot divide them; a share that holds out
    /// no row.
    pub(crate) fn of(
        table: &Table,
        rows: &[usize],
        settings: &FitSettings,
        strata: Option<&[u32]>,
    ) -> Result<Self, ModelError> {
        let record = SplitRecord { by: settings.split.clone(), ..SplitRecord::default() };
        if let SplitBy::Column(column) = &settings.split {
            return Ok(Self { record, ..named(table, rows, column, settings)? });
        }
        let dividing = Dividing::of(table, rows, &settings.split, strata)?;
        let mut division = Self { record, train: (0..rows.len()).collect(), ..Self::default() };
        let seed = settings.train.seed;
        if let Some(share) = settings.test {
            let hold = HoldOut { share, seed, part: HeldPart::Test };
            division.test = division.hold_out(&dividing, hold, true)?;
        }
        let asked = matches!(settings.validation, Validation::Share(_));
        let share = match settings.validation {
            Validation::Auto if division.train.len() >= AUTO_ROWS => AUTO_SHARE,
            Validation::Share(share) => share,
            Validation::Auto | Validation::None | Validation::Table(_) => 0.0,
        };
        if share != 0.0 || asked {
            let hold = HoldOut { share, seed, part: HeldPart::Validation };
            division.validation = division.hold_out(&dividing, hold, asked)?;
        }
        for part in [&mut division.train, &mut division.validation, &mut division.test] {
            part.iter_mut().for_each(|place| *place = rows[*place]);
        }
        division.say_how(table, &dividing);
        Ok(division)
    }

    /// Takes a share of what is left to train on.
    fn hold_out(
        &mut self,
        dividing: &Dividing<'_>,
        hold: HoldOut,
        must: bool,
    ) -> Result<Vec<usize>, ModelError> {
        let split = dividing.hold_out(&self.train, hold, must)?;
        self.notes.extend(dividing.note(hold.share, self.train.len(), split.validation.len()));
        self.train = split.train;
        Ok(split.validation)
    }

    fn say_how(&mut self, table: &Table, dividing: &Dividing<'_>) {
        let held = || self.validation.iter().chain(&self.test);
        match dividing.keys {
            Keys::Chance(strata) => self.record.stratified = strata.is_some() && held().next().is_some(),
            Keys::Order(_) => {
                let first = held().min_by_key(|&&row| dividing.key_of(table, row));
                self.record.since = first
                    .and_then(|&row| table.column(dividing.column)?.values.text(row))
                    .map(std::borrow::Cow::into_owned);
            }
            Keys::Groups(ref groups) => self.notes.extend(groups.note(dividing.column)),
        }
    }
}

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
struct Dividing<'a> {
    name: &'a str,
    column: &'a str,
    keys: Keys<'a>,
}

enum Keys<'a> {
    Chance(Option<&'a [u32]>),
    /// A number for each row, in the order of the column's values.
    Order(Vec<i64>),
    Groups(Groups),
}

impl<'a> Dividing<'a> {
    fn of(
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
    fn hold_out(&self, places: &[usize], hold: HoldOut, must: bool) -> Result<Split, ModelError> {
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
    fn note(&self, share: f64, rows: usize, held: usize) -> Option<String> {
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

    fn key_of(&self, table: &Table, row: usize) -> Option<i64> {
        table.column(self.column).and_then(|column| order_key(column, row))
    }
}

fn pick<T: Copy>(values: &[T], places: &[usize]) -> Vec<T> {
    places.iter().map(|&place| values[place]).collect()
}

fn find<'a>(table: &'a Table, column: &str, flag: &'static str) -> Result<&'a Column, ModelError> {
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
struct Groups {
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

    fn note(&self, column: &str) -> Option<String> {
        let rows = crate::words::rows(self.missing, "has", "have");
        (self.missing > 0).then(|| format!("{rows} no `{column}`: together they are one group"))
    }
}

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
fn named(
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
    use super::{order_key, part_of};
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

    #[test]
    fn parts_have_several_names() {
        assert_eq!(
            ["Train", "learn", " 0", "dev", "VAL", "holdout"].map(part_of),
            [0, 0, 0, 1, 1, 2].map(Some)
        );
        assert_eq!(["", "tain", "3", "true"].map(part_of), [None; 4]);
    }
}
