//! Numbers: how they are scaled, and how that is learned.

use super::fit::{Piece, infinite};
use super::statistics::{Moments, Sampled};
use super::{InputColumn, Scaling};
use crate::error::DataError;
use crate::hint::shell;
use crate::table::{Column, Values, number_text};
use serde::{Deserialize, Serialize};

/// How a number is scaled: z = (x − center) / scale, and with a clip z / √(1 + (z/clip)²), which has the slope 1 at 0 and
/// never leaves ±clip.
///
/// Where the parts come from says [`Scaling`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NumberScale {
    /// What is subtracted: a mean, or a median. Models of version 0.1 call it `mean`.
    #[serde(alias = "mean")]
    pub center: f64,
    /// What is divided by; 1 for a constant column.
    pub scale: f64,
    /// The bound that large numbers approach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<f64>,
}

/// The bound of [`Scaling::Robust`].
const CLIP: f64 = 3.0;

impl NumberScale {
    /// Leaves numbers as they are.
    pub const IDENTITY: Self = Self { center: 0.0, scale: 1.0, clip: None };

    /// The scaled number; without a clip it is infinite where it is beyond the largest number.
    pub fn apply(&self, x: f64) -> f64 {
        let z = (x - self.center) / self.scale;
        match self.clip {
            None => z,
            // From here on the 1 under the root is lost, and the square would overflow further out.
            Some(clip) if z.abs() > 1e8 * clip => clip.copysign(z),
            Some(clip) => z / (1.0 + (z / clip) * (z / clip)).sqrt(),
        }
    }

    /// The number behind a scaled one, `invert(apply(x)) = x` up to rounding. At the clip and beyond it is infinite.
    pub fn invert(&self, scaled: f64) -> f64 {
        let z = match self.clip {
            None => scaled,
            Some(clip) if scaled.abs() >= clip => return f64::INFINITY.copysign(scaled),
            // (1 − t)(1 + t): 1 − t² would cancel near the clip.
            Some(clip) => scaled / ((1.0 - scaled / clip) * (1.0 + scaled / clip)).sqrt(),
        };
        z * self.scale + self.center
    }

    /// The scaling of numbers, and the median: what stands in for a missing one. Where no sampled row has a number it is
    /// the mean.
    pub(super) fn learn(moments: &Moments, sample: &mut Sampled, scaling: Scaling) -> (Self, f64) {
        let (mean, deviation) = moments.standard();
        let median = sample.quantile(0.5).unwrap_or(mean);
        let scale = match scaling {
            Scaling::None => Self::IDENTITY,
            Scaling::Standard => Self { center: mean, scale: deviation, clip: None },
            Scaling::Robust => Self { center: median, scale: spread(moments, sample), clip: Some(CLIP) },
        };
        (scale, median)
    }
}

/// The interquartile range, or half the range if that is 0, or 1.
fn spread(moments: &Moments, sample: &mut Sampled) -> f64 {
    let quartiles = sample.quantile(0.25).zip(sample.quantile(0.75));
    let (low, high) = moments.range();
    let candidates = [quartiles.map_or(0.0, |(lower, upper)| upper - lower), high / 2.0 - low / 2.0];
    candidates.into_iter().find(|&s| s > 0.0).unwrap_or(1.0).min(f64::MAX)
}

/// What is learned from a column of numbers.
#[derive(Debug)]
pub(super) struct NumberFit {
    moments: Moments,
    sample: Sampled,
    /// Whether all numbers are integers.
    whole: bool,
    /// Whether each number is larger, and whether each is smaller than the one before.
    rising: bool,
    falling: bool,
    last: Option<f64>,
    problem: Option<DataError>,
}

impl NumberFit {
    pub(super) fn new() -> Self {
        Self {
            moments: Moments::default(),
            sample: Sampled::default(),
            whole: true,
            rising: true,
            falling: true,
            last: None,
            problem: None,
        }
    }

    pub(super) fn add(&mut self, piece: &Piece<'_>, column: &Column) {
        let Values::Number(values) = &column.values else { return };
        for (row, weight) in piece.weighted() {
            let x = values[row];
            if x.is_finite() {
                self.take(x, weight);
            } else if x.is_infinite() && self.problem.is_none() {
                self.problem = Some(infinite(piece.table, column, row));
            }
        }
        for &(row, weight) in piece.sampled.iter().filter(|(row, _)| values[*row].is_finite()) {
            self.sample.add(values[row], weight);
        }
    }

    fn take(&mut self, x: f64, weight: f64) {
        self.moments.add(x, weight);
        // As a cast: without SSE 4.1 `trunc` is a call. Beyond 2⁶³ nothing counts as an integer, which names no rows.
        self.whole = self.whole && x as i64 as f64 == x;
        if let Some(last) = self.last {
            self.rising &= x > last;
            self.falling &= x < last;
        }
        self.last = Some(x);
    }

    /// The column's encoding; `None` when no row has a number.
    pub(super) fn finish(
        mut self,
        column: &str,
        rows: usize,
        scaling: Scaling,
        notes: &mut Vec<String>,
    ) -> Result<Option<InputColumn>, DataError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let present = self.moments.count();
        if present == 0 {
            return Ok(None);
        }
        if let Some(value) = self.moments.constant() {
            notes.push(format!("`{column}` is {} in every training row that has it", number_text(value)));
        } else if self.names_rows(column, rows) {
            notes.push(format!(
                "`{column}` has a different value in every row: if it only names rows, --drop {}",
                shell(column)
            ));
        }
        let (scale, fill) = NumberScale::learn(&self.moments, &mut self.sample, scaling);
        let missing_indicator = present < rows;
        Ok(Some(InputColumn::Number { column: column.to_owned(), scale, fill, missing_indicator }))
    }

    /// Whether every row has an integer of its own, and the integers are dense or the name is one of an identifier.
    ///
    /// Split rows have gaps: at least a quarter of the integers from the least to the largest must be there. Columns
    /// that are not sorted are looked at where every row is in the sample.
    fn names_rows(&self, column: &str, rows: usize) -> bool {
        const ENOUGH: usize = 64;
        if !self.whole || self.moments.count() < rows {
            return false;
        }
        let (low, high) = self.moments.range();
        let dense = rows > ENOUGH && (high - low) < 4.0 * rows as f64;
        (dense || is_identifier_name(column)) && self.all_different(rows)
    }

    fn all_different(&self, rows: usize) -> bool {
        if self.rising || self.falling {
            return true;
        }
        // The weights stay beside their values.
        let mut values = self.sample.values.clone();
        values.sort_unstable_by(f64::total_cmp);
        values.len() == rows && values.windows(2).all(|pair| pair[0] < pair[1])
    }
}

/// `id`, `customer_id`, `customerId`, `uuid`, `index`, `row`, `Unnamed: 0`.
fn is_identifier_name(column: &str) -> bool {
    const NAMES: [&str; 12] = [
        "id",
        "uuid",
        "guid",
        "index",
        "idx",
        "row",
        "rownum",
        "rownumber",
        "rownames",
        "rowid",
        "unnamed0",
        "nr",
    ];
    let plain: String = column.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    if NAMES.contains(&plain.as_str()) {
        return true;
    }
    // A word of its own: `paid` and `humid` end with the same letters.
    let mut end = column.chars().rev();
    match (end.next(), end.next(), end.next()) {
        (Some('d' | 'D'), Some('i' | 'I'), Some('_' | '-' | '.' | ' ')) => true,
        (Some('d' | 'D'), Some('I'), Some(before)) => before.is_lowercase(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{NumberScale, is_identifier_name};

    #[test]
    fn a_clip_is_smooth_bounded_and_inverted() {
        let scale = NumberScale { center: 2.0, scale: 4.0, clip: Some(3.0) };
        assert_eq!(scale.apply(2.0), 0.0);
        // z = 4: 4 / √(1 + 16/9) = 12/5.
        assert_eq!(scale.apply(18.0), 2.4);
        assert_eq!(scale.apply(-14.0), -2.4);
        for x in [f64::MAX, 1e300, 1e12] {
            assert_eq!([scale.apply(x), scale.apply(-x)], [3.0, -3.0]);
        }
        for x in [-1000.0, -3.5, 2.0, 2.000_001, 7.0, 500.0] {
            let back = scale.invert(scale.apply(x));
            assert!((back - x).abs() <= 1e-9 * x.abs(), "{x} came back as {back}");
        }
        assert_eq!([scale.invert(3.0), scale.invert(-3.5)], [f64::INFINITY, f64::NEG_INFINITY]);
        // From one to the next of 10,000 numbers out to z = 10¹², it never falls by more than rounding.
        let out = (0..10_000).map(|i| scale.apply(2.0 + 4.0 * 10_f64.powf(f64::from(i) / 833.0)));
        assert!(out.collect::<Vec<_>>().windows(2).all(|pair| pair[0] <= pair[1] + 1e-15));
    }

    #[test]
    fn without_a_clip_it_is_a_line() {
        let scale = NumberScale { center: 2.0, scale: 4.0, clip: None };
        assert_eq!((scale.apply(10.0), scale.invert(2.0)), (2.0, 10.0));
        assert_eq!(NumberScale::IDENTITY.apply(7.5), 7.5);
    }

    #[test]
    fn names_of_identifiers() {
        for name in
            ["id", "ID", "customer_id", "Customer ID", "PassengerId", "userID", "Unnamed: 0", "row_number"]
        {
            assert!(is_identifier_name(name), "{name}");
        }
        for name in ["paid", "humid", "BID", "age", "grid", "index_of_quality", "", "d"] {
            assert!(!is_identifier_name(name), "{name}");
        }
    }
}
