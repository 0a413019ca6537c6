//! Dates: the parts that become inputs.

use super::fit::Piece;
use super::statistics::{Moments, Sampled};
use super::{InputColumn, NumberScale, Scaling};
use crate::error::DataError;
use crate::moment::{Parts, parse, parts, text};
use crate::table::{Column, MISSING_DATE, Table, Values, number_text};
use serde::{Deserialize, Serialize};

/// A part of a date that becomes an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatePart {
    /// The year.
    Year,
    /// The month, 1 to 12.
    Month,
    /// The day of the month, 1 to 31.
    Day,
    /// The day of the week, 1 (Monday) to 7.
    Weekday,
    /// The seconds since midnight, with their fraction.
    Seconds,
}

impl DatePart {
    /// All parts, in the order of their inputs.
    pub const ALL: [Self; 5] = [Self::Year, Self::Month, Self::Day, Self::Weekday, Self::Seconds];

    /// `year`, `month`, `day`, `weekday` or `seconds`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::Seconds => "seconds",
        }
    }

    pub(super) fn of(self, parts: &Parts) -> f64 {
        match self {
            Self::Year => f64::from(parts.year),
            Self::Month => f64::from(parts.month),
            Self::Day => f64::from(parts.day),
            Self::Weekday => f64::from(parts.weekday),
            Self::Seconds => parts.seconds,
        }
    }
}

/// How one part of a date becomes an input.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DateInput {
    /// The part.
    pub part: DatePart,
    /// How it is scaled.
    #[serde(flatten)]
    pub scale: NumberScale,
    /// Stands in for the part of a missing date: the median of the training rows.
    pub fill: f64,
}

/// What is learned from a column of dates.
#[derive(Debug)]
pub(super) struct DateFit {
    /// One per part.
    moments: Vec<Moments>,
    sample: Vec<(i64, Option<f64>)>,
    problem: Option<DataError>,
}

impl DateFit {
    pub(super) fn new() -> Self {
        Self { moments: vec![Moments::default(); DatePart::ALL.len()], sample: Vec::new(), problem: None }
    }

    pub(super) fn add(&mut self, piece: &Piece<'_>, column: &Column) {
        let Values::Date(dates) = &column.values else { return };
        for (row, weight) in piece.weighted().filter(|(row, _)| dates[*row] != MISSING_DATE) {
            match parts(dates[row]) {
                Some(found) => {
                    let each = DatePart::ALL.iter().zip(&mut self.moments);
                    each.for_each(|(part, moments)| moments.add(part.of(&found), weight));
                }
                None if self.problem.is_none() => self.problem = Some(no_date(piece.table, column, row)),
                None => {}
            }
        }
        let sampled = piece.sampled.iter().map(|&(row, weight)| (dates[row], weight));
        self.sample.extend(sampled.filter(|&(date, _)| date != MISSING_DATE));
    }

    /// The column's encoding, without the parts that are the same in all rows; `None` when nothing is left.
    pub(super) fn finish(
        self,
        column: &str,
        rows: usize,
        scaling: Scaling,
        notes: &mut Vec<String>,
    ) -> Result<Option<InputColumn>, DataError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let present = self.moments[0].count();
        if present == 0 {
            return Ok(None);
        }
        let sample = self.sample.iter().filter_map(|&(date, weight)| Some((parts(date)?, weight)));
        let sample: Vec<(Parts, Option<f64>)> = sample.collect();
        let mut inputs = Vec::new();
        let mut same = Vec::new();
        for (part, moments) in DatePart::ALL.into_iter().zip(&self.moments) {
            if let Some(value) = moments.constant() {
                same.push(format!("{} {}", part.name(), number_text(value)));
                continue;
            }
            let mut values = Sampled::default();
            for (parts, weight) in &sample {
                values.add(part.of(parts), *weight);
            }
            let (scale, fill) = NumberScale::learn(moments, &mut values, scaling);
            inputs.push(DateInput { part, scale, fill });
        }
        if inputs.is_empty() {
            notes.push(format!("`{column}` is left out: every training row that has it has the same date"));
            return Ok(None);
        }
        if !same.is_empty() {
            let same = same.join(", ");
            notes.push(format!("`{column}` has the same {same} in every training row that has it: left out"));
        }
        let missing_indicator = present < rows;
        Ok(Some(InputColumn::Date { column: column.to_owned(), parts: inputs, missing_indicator }))
    }
}

/// The dates of some rows, whatever the column's type: one per row of the table, missing where none was asked for.
///
/// # Errors
/// [`DataError::NotADate`] with the first cell that is neither missing nor a date.
pub(super) fn parsed(table: &Table, column: &Column, rows: &[usize]) -> Result<Vec<i64>, DataError> {
    let mut dates = vec![MISSING_DATE; column.values.len()];
    for &row in rows {
        if let Values::Category { .. } = column.values
            && let Some(text) = column.values.text(row)
        {
            dates[row] = parse(text.trim()).ok_or_else(|| no_date(table, column, row))?;
        } else if !column.values.is_missing(row) {
            return Err(no_date(table, column, row));
        }
    }
    Ok(dates)
}

/// A cell that is no date, or one beyond all calendars.
pub(super) fn no_date(table: &Table, column: &Column, row: usize) -> DataError {
    let found = match &column.values {
        Values::Date(dates) => text(dates[row]),
        Values::Number(_) | Values::Category { .. } => {
            column.values.text(row).unwrap_or_default().into_owned()
        }
    };
    let (name, at, column) = (table.file_of(row).to_owned(), table.at(row), column.name.clone());
    DataError::NotADate { name, at, column, found }
}
