//! Typed columns and where they came from.

mod files;
mod lines;
mod origin;
mod values;

use crate::error::DataError;
use files::Files;
use lines::Lines;
pub use origin::{DateOrder, Form, Origin};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
pub(crate) use values::{LevelPool, number_text};

/// The code of a missing category cell.
pub const MISSING: u32 = u32::MAX;

/// The microseconds of a missing date.
pub const MISSING_DATE: i64 = i64::MIN;

/// Named, typed columns of equal length.
///
/// Rows count from 0. Readers keep the line of the file on which each row starts, see [`Table::line_of`].
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The columns, in the order of the file.
    pub columns: Vec<Column>,
    /// Where the table came from.
    pub origin: Origin,
    /// 1-based file line of each row's start.
    lines: Option<Lines>,
    /// The file of each row, where the table was put together from several.
    files: Option<Files>,
    /// For a piece of a larger table, the number of rows before it.
    before: usize,
}

/// One named column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The name, unique in its table.
    pub name: String,
    /// The cells.
    pub values: Values,
}

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers, infinite ones among them as they were found; NaN is a missing cell.
    Number(Vec<f64>),
    /// Texts, each one of a few levels.
    Category {
        /// The distinct texts, in order of first appearance.
        levels: Arc<[String]>,
        /// One index into `levels` per row, or [`MISSING`].
        codes: Vec<u32>,
    },
    /// Moments: microseconds since 1970-01-01 00:00:00, or [`MISSING_DATE`]. A moment that was written with its time
    /// zone is in UTC, every other one as the clock showed it.
    Date(Vec<i64>),
}

/// What a column is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// [`Values::Number`].
    Number,
    /// [`Values::Category`].
    Category,
    /// [`Values::Date`].
    Date,
}

impl Table {
    /// A table without file lines.
    ///
    /// # Errors
    /// [`DataError::ColumnLength`] when columns differ in length, [`DataError::DuplicateColumn`] when two share a name.
    pub fn new(columns: Vec<Column>, origin: Origin) -> Result<Self, DataError> {
        let rows = columns.first().map_or(0, |c| c.values.len());
        let odd = columns.iter().find(|c| c.values.len() != rows);
        if let Some(column) = odd {
            return Err(DataError::ColumnLength {
                name: origin.name,
                column: column.name.clone(),
                found: column.values.len(),
                expected: rows,
            });
        }
        let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        check_unique(&origin.name, &names)?;
        Ok(Self { columns, origin, lines: None, files: None, before: 0 })
    }

    /// The same table with the 1-based file line of each row.
    ///
    /// # Errors
    /// [`DataError::ColumnLength`] when there is not one line per row.
    pub fn with_lines(mut self, lines: Vec<u64>) -> Result<Self, DataError> {
        if lines.len() != self.rows() {
            return Err(DataError::ColumnLength {
                name: self.origin.name,
                column: "line numbers".into(),
                found: lines.len(),
                expected: self.columns.first().map_or(0, |c| c.values.len()),
            });
        }
        self.lines = Some(lines.into_iter().collect());
        Ok(self)
    }

    /// The number of rows: the length of the shortest column, 0 when there is none.
    pub fn rows(&self) -> usize {
        self.columns.iter().map(|c| c.values.len()).min().unwrap_or(0)
    }

    /// The column with this exact name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The names of all columns, in order.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|c| c.name.as_str()).collect()
    }

    /// The 1-based line of the file on which `row` starts; quoted line breaks and blank lines are counted.
    /// `None` when the format has no lines (IDX, MAT) or there is no such row.
    pub fn line_of(&self, row: usize) -> Option<u64> {
        self.lines.as_ref()?.get(row)
    }

    /// A piece that follows `rows` others of the same table.
    pub(crate) fn after(self, rows: usize) -> Self {
        Self { before: rows, ..self }
    }

    /// The given rows in the given order, repetitions allowed; each keeps its line. The origin stays the same.
    /// An index beyond the last row gives a row of missing cells.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let columns = self
            .columns
            .iter()
            .map(|c| Column { name: c.name.clone(), values: c.values.select(rows) })
            .collect();
        let lines = self.lines.as_ref().map(|lines| lines.select(rows));
        let files = self.files.as_ref().map(|files| files.select(rows));
        Self { columns, origin: self.origin.clone(), lines, files, before: 0 }
    }

    /// Appends the rows of a piece of the same table, see [`crate::Source`].
    pub(crate) fn append(&mut self, piece: Self) {
        if let (Some(files), Some(more)) = (&mut self.files, &piece.files) {
            files.append(more, self.columns.first().map_or(0, |c| c.values.len()), piece.rows());
        }
        for (column, more) in self.columns.iter_mut().zip(piece.columns) {
            match (&mut column.values, more.values) {
                (Values::Number(values), Values::Number(more)) => values.extend(more),
                (Values::Category { codes, .. }, Values::Category { codes: more, .. }) => codes.extend(more),
                (Values::Date(moments), Values::Date(more)) => moments.extend(more),
                // Pieces of one source have one type; a column that fell short would be found by its length.
                _ => {}
            }
        }
        if let (Some(lines), Some(more)) = (&mut self.lines, piece.lines) {
            lines.append(&more);
        }
    }

    /// Appends a column.
    pub(crate) fn push(&mut self, column: Column) -> Result<(), DataError> {
        if column.values.len() != self.rows() {
            return Err(DataError::ColumnLength {
                name: self.origin.name.clone(),
                column: column.name,
                found: column.values.len(),
                expected: self.rows(),
            });
        }
        self.columns.push(column);
        check_unique(&self.origin.name, &self.names())
    }
}

impl ColumnType {
    /// `number`, `category` or `date`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Category => "category",
            Self::Date => "date",
        }
    }
}

impl Column {
    /// A column of numbers, NaN where missing.
    pub fn number(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values: Values::Number(values) }
    }

    /// A category column from texts, `None` where missing.
    pub fn category<'a>(name: impl Into<String>, cells: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut pool = LevelPool::default();
        let codes = cells.into_iter().map(|cell| cell.map_or(MISSING, |text| pool.code(text))).collect();
        Self { name: name.into(), values: pool.into_values(codes) }
    }

    /// A column of microseconds since 1970, [`MISSING_DATE`] where missing.
    pub fn date(name: impl Into<String>, moments: Vec<i64>) -> Self {
        Self { name: name.into(), values: Values::Date(moments) }
    }
}

/// Refuses two columns of one name.
pub(crate) fn check_unique(table: &str, names: &[&str]) -> Result<(), DataError> {
    let mut seen = std::collections::HashMap::new();
    for (i, &name) in names.iter().enumerate() {
        if let Some(first) = seen.insert(name, i) {
            return Err(DataError::DuplicateColumn {
                name: table.to_owned(),
                column: name.to_owned(),
                first: first + 1,
                second: i + 1,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Column, Origin, Table, Values};
    use crate::DataError;

    fn small() -> Table {
        let columns = vec![
            Column::number("x", vec![1.0, f64::NAN, 3.0]),
            Column::category("c", [Some("b"), None, Some("a")]),
        ];
        let table = Table::new(columns, Origin::default()).and_then(|t| t.with_lines(vec![2, 3, 5]));
        table.expect("a well-formed table")
    }

    #[test]
    fn cells_lines_and_missing() {
        let table = small();
        assert_eq!(table.rows(), 3);
        assert_eq!(table.line_of(2), Some(5));
        assert_eq!(table.line_of(3), None);
        assert_eq!(table.at(2).to_string(), "row 2 (line 5)");
        let c = &table.columns[1].values;
        assert_eq!((c.missing(), c.text(0).as_deref(), c.text(1)), (1, Some("b"), None));
        assert_eq!(table.columns[0].values.text(2).as_deref(), Some("3"));
    }

    #[test]
    fn select_repeats_reorders_and_keeps_lines() {
        let picked = small().select(&[2, 0, 2, 9]);
        assert_eq!(picked.rows(), 4);
        assert_eq!(picked.line_of(0), Some(5));
        assert_eq!(picked.line_of(1), Some(2));
        assert_eq!(picked.columns[1].values.text(2).as_deref(), Some("a"));
        assert!(picked.columns[0].values.is_missing(3));
    }

    #[test]
    fn unequal_lengths_and_equal_names_are_refused() {
        let unequal = vec![Column::number("x", vec![1.0]), Column::number("y", vec![])];
        let error =
            Table::new(unequal, Origin { name: "t".into(), ..Origin::default() }).expect_err("unequal");
        assert_eq!(error.to_string(), "t: column `y` has 0 cells, expected 1");
        let twice = vec![Column::number("x", vec![1.0]), Column::number("x", vec![2.0])];
        assert!(matches!(Table::new(twice, Origin::default()), Err(DataError::DuplicateColumn { .. })));
    }

    #[test]
    fn numbers_become_categories_by_their_shortest_text() {
        let Values::Category { levels, codes } = Values::Number(vec![1.0, 0.5, -0.0, 1.0]).into_category()
        else {
            panic!("a category");
        };
        assert_eq!(*levels, ["1", "0.5", "0"]);
        assert_eq!(codes, [0, 1, 2, 0]);
    }
}
