//! The cells of a column, one by one and as categories.

use super::{ColumnType, MISSING, MISSING_DATE, Values};
use crate::moment;
use std::borrow::Cow;

impl Values {
    /// The number of cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Category { codes, .. } => codes.len(),
            Self::Date(moments) => moments.len(),
        }
    }

    /// The type of the column.
    pub fn column_type(&self) -> ColumnType {
        match self {
            Self::Number(_) => ColumnType::Number,
            Self::Category { .. } => ColumnType::Category,
            Self::Date(_) => ColumnType::Date,
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the cell is missing (or beyond the end).
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(values) => values.get(row).is_none_or(|x| x.is_nan()),
            Self::Category { levels, codes } => codes.get(row).is_none_or(|&c| c as usize >= levels.len()),
            Self::Date(moments) => moments.get(row).is_none_or(|&moment| moment == MISSING_DATE),
        }
    }

    /// The number of missing cells.
    pub fn missing(&self) -> usize {
        (0..self.len()).filter(|&row| self.is_missing(row)).count()
    }

    /// The cell as text: a category's level, a number in its shortest form, a date as ISO 8601 writes it; `None` when
    /// missing.
    pub fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Number(values) => {
                values.get(row).filter(|x| !x.is_nan()).map(|&x| Cow::Owned(number_text(x)))
            }
            Self::Category { levels, codes } => {
                levels.get(*codes.get(row)? as usize).map(|level| Cow::Borrowed(level.as_str()))
            }
            Self::Date(moments) => {
                moments.get(row).filter(|&&m| m != MISSING_DATE).map(|&m| Cow::Owned(moment::text(m)))
            }
        }
    }

    /// The given cells; an index beyond the end is a missing cell.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Number(values) => {
                Self::Number(rows.iter().map(|&r| values.get(r).copied().unwrap_or(f64::NAN)).collect())
            }
            Self::Category { levels, codes } => Self::Category {
                levels: levels.clone(),
                codes: rows.iter().map(|&r| codes.get(r).copied().unwrap_or(MISSING)).collect(),
            },
            Self::Date(moments) => {
                Self::Date(rows.iter().map(|&r| moments.get(r).copied().unwrap_or(MISSING_DATE)).collect())
            }
        }
    }

    /// The same cells as categories: a number becomes its shortest text, a date the text of ISO 8601.
    pub(crate) fn into_category(self) -> Self {
        if let category @ Self::Category { .. } = self {
            return category;
        }
        let mut pool = LevelPool::default();
        let codes = (0..self.len()).map(|row| self.text(row).map_or(MISSING, |text| pool.code(&text)));
        let codes = codes.collect();
        pool.into_values(codes)
    }
}

/// A number in the shortest form that reads back as the same number, very large and small ones as `1e300`; −0 is `0`.
pub(crate) fn number_text(x: f64) -> String {
    match x.abs() {
        0.0 => "0".into(),
        f64::INFINITY => format!("{x}"),
        size if (1e-5..1e16).contains(&size) => format!("{x}"),
        _ => format!("{x:e}"),
    }
}

/// Distinct texts in order of first appearance.
#[derive(Default)]
pub(crate) struct LevelPool {
    pub(crate) levels: Vec<String>,
    codes: std::collections::HashMap<String, u32>,
}

impl LevelPool {
    /// The code of `text`, a new one when it was never seen.
    pub(crate) fn code(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.codes.get(text) {
            return code;
        }
        let code = self.levels.len() as u32;
        self.levels.push(text.to_owned());
        self.codes.insert(text.to_owned(), code);
        code
    }

    /// A column of the codes that were given out.
    pub(crate) fn into_values(self, codes: Vec<u32>) -> Values {
        Values::Category { levels: self.levels.into(), codes }
    }
}
