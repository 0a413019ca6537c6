//! A description of a table, and of what an encoder makes of it.

use crate::encode::{Encoder, TargetEncoding, is_boolean};
use crate::moment;
use crate::table::{Column, ColumnType, MISSING_DATE, Table, Values, number_text};
use serde::Serialize;

/// How many of the most frequent levels are listed.
const TOP: usize = 5;

/// What a table holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TableSummary {
    /// The table's name.
    pub name: String,
    /// How its bytes were understood.
    pub format: String,
    /// The number of rows.
    pub rows: usize,
    /// The columns in order.
    pub columns: Vec<ColumnSummary>,
    /// The number of encoded inputs, when an encoder was given.
    pub inputs: Option<usize>,
    /// What the reader, and then the encoder, decided on the way.
    pub notes: Vec<String>,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnSummary {
    /// The column's name.
    pub name: String,
    /// Numbers, categories, booleans or dates.
    pub kind: ColumnKind,
    /// The number of missing cells.
    pub missing: usize,
    /// The number of different values, missing ones not counted.
    pub distinct: usize,
    /// The smallest number.
    pub min: Option<f64>,
    /// The largest number.
    pub max: Option<f64>,
    /// The mean of the numbers.
    pub mean: Option<f64>,
    /// The first date, as ISO 8601 writes it.
    pub first: Option<String>,
    /// The last date.
    pub last: Option<String>,
    /// The most frequent values (at most 5), the earlier first on a tie; empty for numbers with over 20 different ones.
    pub top: Vec<LevelCount>,
    /// What the encoder uses the column for.
    pub role: Option<Role>,
    /// The number of inputs that the column becomes.
    pub inputs: usize,
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// [`Values::Number`].
    Number,
    /// [`Values::Category`].
    Category,
    /// A category of a yes and a no, see [`crate::InputColumn::Boolean`].
    Boolean,
    /// [`Values::Date`].
    Date,
}

impl ColumnKind {
    /// The type that a column of this kind is read as.
    pub fn column_type(self) -> ColumnType {
        match self {
            Self::Number => ColumnType::Number,
            Self::Category | Self::Boolean => ColumnType::Category,
            Self::Date => ColumnType::Date,
        }
    }
}

/// What a column is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It becomes inputs.
    Input,
    /// It is predicted.
    Target,
    /// It is not used.
    Ignored,
}

/// A value and the number of its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LevelCount {
    /// The value.
    pub level: String,
    /// The number of rows that have it.
    pub count: usize,
}

/// Describes a table; with an encoder, also what becomes of each column.
pub fn plan(table: &Table, encoder: Option<&Encoder>) -> TableSummary {
    let columns = table.columns.iter().map(|column| summarize(column, encoder)).collect();
    let (origin, encoded) = (&table.origin, encoder.iter().flat_map(|e| &e.notes));
    TableSummary {
        name: table.origin.name.clone(),
        format: table.origin.format.clone(),
        rows: table.rows(),
        columns,
        inputs: encoder.map(Encoder::width),
        notes: origin.notes.iter().chain(&origin.unexpected).chain(encoded).cloned().collect(),
    }
}

fn summarize(column: &Column, encoder: Option<&Encoder>) -> ColumnSummary {
    let (role, inputs) = encoder.map_or((None, 0), |encoder| role(&column.name, encoder));
    let mut summary = ColumnSummary {
        name: column.name.clone(),
        kind: ColumnKind::Number,
        missing: column.values.missing(),
        distinct: 0,
        min: None,
        max: None,
        mean: None,
        first: None,
        last: None,
        top: Vec::new(),
        role,
        inputs,
    };
    match &column.values {
        Values::Number(values) => describe_numbers(values, &mut summary),
        Values::Category { levels, codes } => describe_levels(levels, codes, &mut summary),
        Values::Date(moments) => describe_dates(moments, &mut summary),
    }
    summary
}

fn role(column: &str, encoder: &Encoder) -> (Option<Role>, usize) {
    if let Some(input) = encoder.inputs.iter().find(|input| input.column() == column) {
        return (Some(Role::Input), input.width());
    }
    let is_target = match &encoder.target {
        TargetEncoding::Classes { column: target, .. } => target == column,
        TargetEncoding::Numbers { columns, .. } => columns.iter().any(|target| target == column),
    };
    (Some(if is_target { Role::Target } else { Role::Ignored }), 0)
}

fn describe_numbers(values: &[f64], summary: &mut ColumnSummary) {
    const FEW: usize = 20;
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).map(|x| x + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    summary.min = sorted.first().copied();
    summary.max = sorted.last().copied();
    // Divided before summed: the sum of large numbers overflows where their mean does not.
    summary.mean = (!sorted.is_empty()).then(|| {
        let sum: f64 = sorted.iter().sum();
        if sum.is_finite() { sum / n } else { sorted.iter().map(|x| x / n).sum() }
    });
    let runs: Vec<&[f64]> = sorted.chunk_by(|a, b| a == b).collect();
    summary.distinct = runs.len();
    if runs.len() <= FEW {
        let counts = runs.iter().map(|run| (number_text(run[0]), run.len()));
        summary.top = most_frequent(counts.collect());
    }
}

fn describe_levels(levels: &[String], codes: &[u32], summary: &mut ColumnSummary) {
    let mut counts = vec![0; levels.len()];
    for &code in codes {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    // A selection of rows keeps the levels of the whole table.
    let present: Vec<(String, usize)> = levels.iter().cloned().zip(counts).filter(|(_, n)| *n > 0).collect();
    let boolean = is_boolean(present.iter().map(|(level, _)| level.as_str()));
    summary.kind = if boolean { ColumnKind::Boolean } else { ColumnKind::Category };
    summary.distinct = present.len();
    summary.top = most_frequent(present);
}

fn describe_dates(moments: &[i64], summary: &mut ColumnSummary) {
    let mut sorted: Vec<i64> = moments.iter().copied().filter(|&m| m != MISSING_DATE).collect();
    sorted.sort_unstable();
    sorted.dedup();
    summary.kind = ColumnKind::Date;
    summary.distinct = sorted.len();
    summary.first = sorted.first().map(|&date| moment::text(date));
    summary.last = sorted.last().map(|&date| moment::text(date));
}

fn most_frequent(mut counts: Vec<(String, usize)>) -> Vec<LevelCount> {
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(TOP);
    counts.into_iter().map(|(level, count)| LevelCount { level, count }).collect()
}

#[cfg(test)]
mod tests {
    use super::{ColumnKind, Role, plan};
    use crate::{Column, Encoder, EncoderSettings, Origin, Table};

    fn table() -> Table {
        let columns = vec![
            Column::number("x", vec![1.0, f64::NAN, 3.0, 3.0]),
            Column::category("c", [Some("b"), None, Some("a"), Some("a")]),
            Column::number("id", vec![1.0, 2.0, 3.0, 4.0]),
        ];
        Table::new(columns, Origin::default()).expect("a table")
    }

    #[test]
    fn columns_are_counted() {
        let summary = plan(&table(), None);
        let x = &summary.columns[0];
        assert_eq!((x.kind, x.missing, x.distinct), (ColumnKind::Number, 1, 2));
        assert_eq!((x.min, x.max, x.mean), (Some(1.0), Some(3.0), Some(7.0 / 3.0)));
        let c = &summary.columns[1];
        assert_eq!((c.kind, c.missing, c.distinct, c.role), (ColumnKind::Category, 1, 2, None));
        assert_eq!((c.top[0].level.as_str(), c.top[0].count), ("a", 2));
    }

    #[test]
    fn dates_and_booleans_are_described() {
        let day = 86_400_000_000;
        let columns = vec![
            Column::date("d", vec![3 * day, crate::MISSING_DATE, 0, day / 2]),
            Column::category("b", [Some("Yes"), None, Some("no"), Some("yes")]),
        ];
        let summary = plan(&Table::new(columns, Origin::default()).expect("a table"), None);
        let [d, b] = &summary.columns[..] else { panic!("{summary:?}") };
        assert_eq!((d.kind, d.missing, d.distinct), (ColumnKind::Date, 1, 3));
        assert_eq!((d.first.as_deref(), d.last.as_deref()), (Some("1970-01-01"), Some("1970-01-04")));
        assert_eq!((b.kind, b.missing, b.distinct), (ColumnKind::Boolean, 1, 3));
    }

    #[test]
    fn an_encoder_adds_roles_and_inputs() {
        let settings =
            EncoderSettings { targets: vec!["id".into()], drop: vec!["c".into()], ..Default::default() };
        let encoder = Encoder::fit(&table(), &[0, 1, 2, 3], &settings).expect("an encoder");
        let summary = plan(&table(), Some(&encoder));
        let roles: Vec<_> = summary.columns.iter().map(|c| (c.role, c.inputs)).collect();
        assert_eq!(roles, [(Some(Role::Input), 2), (Some(Role::Ignored), 0), (Some(Role::Target), 0)]);
        assert_eq!(summary.inputs, Some(2));
    }
}
