//! Learning what is predicted.

use super::category::LevelCounts;
use super::fit::{Piece, check_type, find, infinite};
use super::roles::{Columns, type_of};
use super::statistics::Moments;
use super::target::{MAX_CLASSES, TargetEncoding};
use super::transform::number_cell;
use super::{EncoderSettings, TargetScaling, TaskChoice};
use crate::error::{At, DataError};
use crate::moment;
use crate::table::{Column, ColumnType, Values, number_text};
use std::collections::BTreeSet;

/// The largest number of different integers that [`TaskChoice::Auto`] takes for classes.
const AUTO_CLASSES: usize = 20;
/// Different values are counted up to this number; they are too many classes long before.
const COUNTED: usize = 16 * MAX_CLASSES;

/// What is learned from the target columns.
#[derive(Debug)]
pub(super) struct TargetFit {
    columns: Vec<ColumnFit>,
}

#[derive(Debug)]
struct ColumnFit {
    name: String,
    kind: ColumnType,
    /// The file and place of the first row without a target, and how many such rows there are.
    missing: Option<(String, At)>,
    count: usize,
    infinite: Option<DataError>,
    learned: Learned,
}

#[derive(Debug)]
enum Learned {
    /// Texts as classes.
    Texts(LevelCounts),
    /// Numbers or moments as classes, in an order of their own: see [`ordered`].
    Values(BTreeSet<i64>),
    /// Numbers; with the different integers among them as long as they may be classes.
    Numbers { moments: Moments, classes: Option<BTreeSet<i64>>, problem: Option<DataError> },
}

impl TargetFit {
    pub(super) fn new(table: &str, columns: &Columns, settings: &EncoderSettings) -> Result<Self, DataError> {
        let single = settings.targets.len() == 1;
        if settings.task == TaskChoice::Classes && !single {
            return Err(DataError::SeveralClassTargets { found: settings.targets.len() });
        }
        let column = |name: &String| {
            let kind = type_of(table, columns, name, "--target")?;
            let learned = Learned::new(kind, settings.task, single);
            let (name, missing, count, infinite) = (name.clone(), None, 0, None);
            Ok(ColumnFit { name, kind, missing, count, infinite, learned })
        };
        Ok(Self { columns: settings.targets.iter().map(column).collect::<Result<_, DataError>>()? })
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    pub(super) fn add(&mut self, piece: &Piece<'_>) -> Result<(), DataError> {
        for fit in &mut self.columns {
            let column = find(piece.table, &fit.name, "")?;
            check_type(piece.table, column, fit.kind)?;
            fit.add(piece, column);
        }
        Ok(())
    }

    /// The encoding. Rows without a target come first among what is refused, then infinite numbers.
    pub(super) fn finish(
        self,
        table: &str,
        rows: usize,
        settings: &EncoderSettings,
    ) -> Result<TargetEncoding, DataError> {
        if let Some((fit, (file, at))) =
            self.columns.iter().find_map(|fit| Some((fit, fit.missing.as_ref()?)))
        {
            let (name, at, column, count) = (file.clone(), *at, fit.name.clone(), fit.count);
            return Err(DataError::MissingTarget { name, at, column, count });
        }
        let (mut columns, mut mean, mut scale) = (Vec::new(), Vec::new(), Vec::new());
        let mut fits = self.columns;
        if let Some(problem) = fits.iter_mut().find_map(|column| column.infinite.take()) {
            return Err(problem);
        }
        for fit in fits {
            let classes = match fit.learned {
                Learned::Texts(counts) => {
                    if settings.task == TaskChoice::Auto {
                        counts.check_classes(table, &fit.name, rows)?;
                    }
                    counts.texts()
                }
                Learned::Values(values) => values.into_iter().map(|v| class_text(fit.kind, v)).collect(),
                Learned::Numbers { problem: Some(problem), .. } => return Err(problem),
                Learned::Numbers { classes: Some(values), .. } => {
                    values.into_iter().map(|v| class_text(fit.kind, v)).collect()
                }
                Learned::Numbers { moments, .. } => {
                    // A single row is a worked example, and cannot vary.
                    if let Some(found) = moments.constant().filter(|_| rows > 1) {
                        let (name, column) = (table.to_owned(), fit.name);
                        return Err(DataError::ConstantTarget { name, column, found, rows });
                    }
                    let (m, s) = match settings.target_scaling {
                        TargetScaling::Standard => moments.standard(),
                        TargetScaling::None => (0.0, 1.0),
                    };
                    columns.push(fit.name);
                    mean.push(m);
                    scale.push(s);
                    continue;
                }
            };
            return class_encoding(table, fit.name, rows, classes);
        }
        Ok(TargetEncoding::Numbers { columns, mean, scale })
    }
}

impl Learned {
    fn new(kind: ColumnType, task: TaskChoice, single: bool) -> Self {
        let numbers = |classes| Self::Numbers { moments: Moments::default(), classes, problem: None };
        match (task, kind) {
            (TaskChoice::Classes, ColumnType::Category) => Self::Texts(LevelCounts::new()),
            (TaskChoice::Auto, ColumnType::Category) if single => Self::Texts(LevelCounts::new()),
            (TaskChoice::Classes, ColumnType::Number | ColumnType::Date) => Self::Values(BTreeSet::new()),
            (TaskChoice::Auto, ColumnType::Number) if single => numbers(Some(BTreeSet::new())),
            _ => numbers(None),
        }
    }
}

impl ColumnFit {
    fn add(&mut self, piece: &Piece<'_>, column: &Column) {
        let missing = || piece.rows.iter().filter(|&&row| column.values.is_missing(row));
        if let (None, Some(&row)) = (&self.missing, missing().next()) {
            self.missing = Some((piece.table.file_of(row).to_owned(), piece.table.at(row)));
        }
        self.count += missing().count();
        if let Values::Number(values) = &column.values
            && self.infinite.is_none()
        {
            let row = piece.rows.iter().find(|&&row| values[row].is_infinite());
            self.infinite = row.map(|&row| infinite(piece.table, column, row));
        }
        match &mut self.learned {
            Learned::Texts(counts) => counts.add(piece, column),
            Learned::Values(seen) => {
                for &row in piece.rows.iter().filter(|&&row| !column.values.is_missing(row)) {
                    if seen.len() < COUNTED {
                        seen.insert(match &column.values {
                            Values::Number(values) => ordered(values[row]),
                            Values::Date(dates) => dates[row],
                            Values::Category { .. } => continue,
                        });
                    }
                }
            }
            Learned::Numbers { moments, classes, problem } => {
                for (row, weight) in piece.weighted().filter(|(row, _)| !column.values.is_missing(*row)) {
                    match number_cell(piece.table, column, row) {
                        Ok(x) if x.is_finite() => {
                            moments.add(x, weight);
                            *classes = classes.take().and_then(|seen| with_class(seen, x));
                        }
                        Ok(_) => {}
                        Err(found) => *problem = problem.take().or(Some(found)),
                    }
                }
            }
        }
    }
}

/// The classes with one more, as long as all are integers and few.
fn with_class(mut seen: BTreeSet<i64>, x: f64) -> Option<BTreeSet<i64>> {
    if x != x.trunc() {
        return None;
    }
    seen.insert(ordered(x));
    (seen.len() <= AUTO_CLASSES).then_some(seen)
}

/// An integer that is in the order of numbers; −0 and 0 are one.
fn ordered(x: f64) -> i64 {
    let bits = (x + 0.0).to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// The number behind [`ordered`], or the date, as text.
fn class_text(kind: ColumnType, value: i64) -> String {
    match kind {
        ColumnType::Date => moment::text(value),
        ColumnType::Number | ColumnType::Category => {
            let bits = if value < 0 { value ^ i64::MAX } else { value };
            number_text(f64::from_bits(bits.cast_unsigned()))
        }
    }
}

fn class_encoding(
    table: &str,
    column: String,
    rows: usize,
    mut classes: Vec<String>,
) -> Result<TargetEncoding, DataError> {
    sort_classes(&mut classes);
    let (name, found) = (table.to_owned(), classes.len());
    match &classes[..] {
        [one] => Err(DataError::OneClass { name, column, found: one.clone(), rows }),
        _ if found > MAX_CLASSES => {
            Err(DataError::TooManyClasses { name, column, found, limit: MAX_CLASSES })
        }
        _ => Ok(TargetEncoding::Classes { column, classes }),
    }
}

/// By value when all are numbers, else by their bytes.
fn sort_classes(classes: &mut [String]) {
    let value = |class: &String| class.parse::<f64>().ok().filter(|x| !x.is_nan());
    if classes.iter().all(|class| value(class).is_some()) {
        classes.sort_by(|a, b| {
            value(a).partial_cmp(&value(b)).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(b))
        });
    } else {
        classes.sort();
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnType, class_text, ordered};

    #[test]
    fn numbers_keep_their_order_and_come_back() {
        let sorted = [f64::MIN, -2.5, -1.0, -1e-300, 0.0, 5e-324, 1.0, 1e300];
        assert!(sorted.windows(2).all(|pair| ordered(pair[0]) < ordered(pair[1])));
        assert_eq!(ordered(-0.0), ordered(0.0));
        for x in sorted {
            let text = class_text(ColumnType::Number, ordered(x));
            assert_eq!(text.parse(), Ok(x), "{text}");
        }
    }
}
