//! Where a training diverged, in the words of the user's file.

use crate::error::ModelError;
use crate::opened::within;
use crate::prepare::Prepared;
use crate::words::count;
use retrograde::train::Divergence;
use retrograde_data::{At, Column, InputColumn, Values};
use serde::{Serialize, Serializer};
use std::fmt;

/// A raw value is worth a line when it is further out than this.
const FAR: f64 = 20.0;

/// What is known about a training whose cost or gradient stopped being finite.
///
/// `Display` gives [`DivergenceReport::headline`] and, below it, [`DivergenceReport::details`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DivergenceReport {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The batch, from 1.
    pub batch: usize,
    /// What became what: `the cost became NaN`.
    pub what: String,
    /// The first non-finite value with its layer and unit: `z of layer 2, unit 9`.
    pub place: Option<String>,
    /// The value there, in words.
    pub value: Option<String>,
    /// The row of the user's table behind it.
    #[serde(serialize_with = "row")]
    pub row: Option<At>,
    /// That row's value furthest from the other training rows, when it is more than 20 standard deviations out.
    pub far: Option<FarValue>,
    /// η, where the method has one.
    pub learning_rate: Option<f64>,
    /// The epoch of the weights that were kept; 0 is the start.
    pub saved_epoch: usize,
}

/// A raw value far from the others of its column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FarValue {
    /// The column.
    pub column: String,
    /// The value.
    pub value: f64,
    /// |value − mean| / standard deviation, both of the other training rows.
    pub deviations: f64,
}

#[allow(clippy::ref_option, reason = "the signature is serde's")]
fn row<S: Serializer>(at: &Option<At>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Place {
        row: usize,
        line: Option<u64>,
    }
    at.map(|at| Place { row: at.row, line: at.line }).serialize(serializer)
}

impl DivergenceReport {
    /// From what the core found, whose rows are those of `train`.
    pub(crate) fn of(found: &Divergence, prepared: &Prepared<'_>) -> Self {
        let train = &prepared.train;
        let row = found.at.as_ref().and_then(|at| train.rows.get(at.row?)).copied();
        Self {
            epoch: found.epoch,
            batch: found.batch,
            what: found.what(),
            place: found
                .at
                .as_ref()
                .map(|at| format!("{} of layer {}, unit {}", at.quantity.name(), at.layer, at.unit)),
            value: found.at.as_ref().map(|at| at.value.clone()),
            row: row.map(|row| train.table.at(row)),
            far: row.and_then(|row| furthest(prepared, row).ok().flatten()),
            learning_rate: None,
            saved_epoch: 0,
        }
    }

    /// `training diverged at epoch 3, batch 17: the cost became NaN`.
    pub fn headline(&self) -> String {
        format!("training diverged at epoch {}, batch {}: {}", self.epoch, self.batch, self.what)
    }

    /// Where the first non-finite value is, and what is odd about its row.
    pub fn details(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let (Some(place), Some(value)) = (&self.place, &self.value) {
            let row = self.row.map(|at| format!(", {at}")).unwrap_or_default();
            lines.push(format!("first non-finite value: {place}{row}: {value}"));
        }
        if let Some(far) = &self.far {
            let (column, value) = (&far.column, shown(far.value));
            let deviations = rounded(far.deviations);
            lines.push(format!(
                "that row's `{column}` is {value}, {deviations} standard deviations from the mean"
            ));
        }
        lines
    }

    /// What to try.
    pub fn hint(&self) -> String {
        let row = if self.far.is_some() { "check that row" } else { "" };
        let rate = self.learning_rate.map(|rate| format!("lower --learning-rate (now {rate})"));
        match (row, rate) {
            ("", Some(rate)) => rate,
            ("", None) => "scale the inputs, or start from another --seed".into(),
            (row, Some(rate)) => format!("{row}, or {rate}"),
            (row, None) => row.into(),
        }
    }
}

impl fmt::Display for DivergenceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        self.details().iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}

/// The number of a row that is furthest from the other training rows, when it is far.
///
/// The row itself is left out of mean and deviation: with it, no value of m rows is ever more than √(m − 1) out.
fn furthest(prepared: &Prepared<'_>, row: usize) -> Result<Option<FarValue>, ModelError> {
    let is_number = |input: &&InputColumn| matches!(input, InputColumn::Number { .. });
    let names: Vec<String> =
        prepared.encoder.inputs.iter().filter(is_number).map(|input| input.column().to_owned()).collect();
    let mut columns = vec![Others::default(); names.len()];
    prepared.opened.each_piece(&names, |piece, before| {
        let rows = within(&prepared.train.rows, before, piece.rows());
        let odd = row.checked_sub(before);
        for (name, others) in names.iter().zip(&mut columns) {
            let Some(Column { values: Values::Number(values), .. }) = piece.column(name) else { continue };
            rows.iter().filter(|row| Some(**row) != odd).for_each(|&row| others.add(values[row]));
            others.value = others.value.or(odd.and_then(|row| values.get(row)).copied());
        }
        Ok(())
    })?;
    let far = |(column, others): (String, &Others)| others.far(column);
    let found = names.into_iter().zip(&columns).filter_map(far);
    Ok(found.max_by(|a, b| a.deviations.total_cmp(&b.deviations)))
}

/// The value of a row in one column, and mean and squares of the others (Welford 1962).
#[derive(Clone, Default)]
struct Others {
    value: Option<f64>,
    count: f64,
    mean: f64,
    squares: f64,
}

impl Others {
    fn add(&mut self, x: f64) {
        if x.is_nan() {
            return;
        }
        self.count += 1.0;
        let from_mean = x - self.mean;
        self.mean += from_mean / self.count;
        self.squares += from_mean * (x - self.mean);
    }

    fn far(&self, column: String) -> Option<FarValue> {
        let value = self.value.filter(|x| x.is_finite())?;
        let deviations = (value - self.mean).abs() / (self.squares / self.count).sqrt();
        (deviations.is_finite() && deviations > FAR).then_some(FarValue { column, value, deviations })
    }
}

/// `9.9e12`, or plainly when that is short.
fn shown(value: f64) -> String {
    let plain = value.to_string();
    if plain.len() <= 9 { plain } else { format!("{value:e}") }
}

/// A number of at least 20 with two digits: `23`, `11,000`, `1.5e9`.
fn rounded(value: f64) -> String {
    if value >= 1e7 {
        return format!("{value:.1e}");
    }
    let unit = 10f64.powf((value.log10().floor() - 1.0).max(0.0));
    count(((value / unit).round() * unit) as usize)
}

#[cfg(test)]
mod tests {
    use super::{DivergenceReport, FarValue, rounded, shown};
    use retrograde_data::At;

    #[test]
    fn the_report_reads_as_documented() {
        let report = DivergenceReport {
            epoch: 3,
            batch: 17,
            what: "the cost became NaN".into(),
            place: Some("z of layer 2, unit 9".into()),
            value: Some("inf".into()),
            row: Some(At { row: 5120, line: Some(5122) }),
            far: Some(FarValue { column: "income".into(), value: 9.9e12, deviations: 11_012.3 }),
            learning_rate: Some(0.1),
            saved_epoch: 2,
        };
        assert_eq!(
            report.to_string(),
            "training diverged at epoch 3, batch 17: the cost became NaN\n\
             first non-finite value: z of layer 2, unit 9, row 5120 (line 5122): inf\n\
             that row's `income` is 9.9e12, 11,000 standard deviations from the mean"
        );
        assert_eq!(report.hint(), "check that row, or lower --learning-rate (now 0.1)");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [23.4, 999.0, 1234.0, 1_234_567.0, 3e9].map(rounded),
            ["23", "1,000", "1,200", "1,200,000", "3.0e9"]
        );
        assert_eq!([1.5, 1e30].map(shown), ["1.5", "1e30"]);
    }
}
