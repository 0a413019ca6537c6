//! Which rows are trained on, which judge, and which are the test.

mod dividing;
mod named;

pub(crate) use dividing::folds_of;
pub(crate) use named::test_rows;

use crate::error::ModelError;
use crate::settings::{FitSettings, SplitBy, Validation};
use dividing::{Dividing, Keys};
use retrograde_data::{HeldPart, HoldOut, Table};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// From this many rows on, `Validation::Auto` holds some out.
const AUTO_ROWS: usize = 50;
/// The most it holds out: a fifth, of up to this many rows held out.
const AUTO_SHARE: f64 = 0.2;
const AUTO_HELD: f64 = 100.0;
/// And the least.
const AUTO_LEAST: f64 = 0.05;

/// The share that `Validation::Auto` holds out of `rows`: what judges well enough, for all others are there to learn from.
fn auto_share(rows: usize) -> f64 {
    if rows < AUTO_ROWS { 0.0 } else { (AUTO_HELD / rows as f64).clamp(AUTO_LEAST, AUTO_SHARE) }
}

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
            return Ok(Self { record, ..named::named(table, rows, column, settings)? });
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
            Validation::Auto => auto_share(division.train.len()),
            Validation::Share(share) => share,
            Validation::None | Validation::Table(_) => 0.0,
        };
        if share != 0.0 || asked {
            let hold = HoldOut { share, seed, part: HeldPart::Validation };
            division.validation = division.hold_out(&dividing, hold, asked)?;
        }
        for part in [&mut division.train, &mut division.validation, &mut division.test] {
            for place in part.iter_mut() {
                *place = rows[*place];
            }
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
                    .map(Cow::into_owned);
            }
            Keys::Groups(ref groups) => self.notes.extend(groups.note(dividing.column)),
        }
    }
}
