//! Cells of columns of declared types.

use super::words::Word;
use super::{Kind, date};
use crate::read::text::is_inexact;
use crate::table::{ColumnType, LevelPool, MISSING, MISSING_DATE, Values};
use std::collections::HashMap;

/// The cells of a column so far.
pub(super) enum Cells<'a> {
    Numbers {
        values: Vec<f64>,
        keeps_integers: bool,
        is_inexact: bool,
    },
    /// Numbers as they are written.
    Decimals {
        pool: LevelPool,
        codes: Vec<u32>,
    },
    Nominal {
        levels: &'a [String],
        index: HashMap<&'a str, u32>,
        codes: Vec<u32>,
    },
    Texts {
        pool: LevelPool,
        codes: Vec<u32>,
    },
    Dates {
        format: &'a date::Format,
        moments: Vec<i64>,
    },
}

impl<'a> Cells<'a> {
    /// No cells of a declared type, read as `wanted` where that needs the text.
    pub(super) fn new(kind: &'a Kind, wanted: Option<ColumnType>) -> Self {
        match kind {
            Kind::Number { .. } if wanted == Some(ColumnType::Category) => {
                Self::Decimals { pool: LevelPool::default(), codes: Vec::new() }
            }
            Kind::Number { keeps_integers } => Self::Numbers {
                values: Vec::new(),
                keeps_integers: *keeps_integers && wanted != Some(ColumnType::Number),
                is_inexact: false,
            },
            Kind::Nominal(levels) => {
                let index = levels.iter().zip(0..).map(|(level, code)| (level.as_str(), code)).collect();
                Self::Nominal { levels, index, codes: Vec::new() }
            }
            Kind::Text => Self::Texts { pool: LevelPool::default(), codes: Vec::new() },
            Kind::Date(format) => Self::Dates { format, moments: Vec::new() },
        }
    }

    /// Whether an integer was not held exactly.
    pub(super) fn is_inexact(&self) -> bool {
        matches!(self, Self::Numbers { is_inexact: true, .. })
    }

    /// No cells, of texts where numbers were not exact.
    pub(super) fn again(&self, kind: &'a Kind, wanted: Option<ColumnType>) -> Self {
        Self::new(kind, if self.is_inexact() { Some(ColumnType::Category) } else { wanted })
    }

    /// Reads a cell, or says what was expected.
    pub(super) fn push(&mut self, word: &Word) -> Result<(), String> {
        let is_missing = !word.is_quoted && (word.text == "?" || word.text.is_empty());
        let number = || word.text.parse::<f64>().map_err(|_| "a number".to_owned());
        match self {
            Self::Numbers { values, keeps_integers, is_inexact: found } => {
                let value = if is_missing { f64::NAN } else { number()? };
                *found |= *keeps_integers && is_inexact(&word.text, value);
                values.push(value);
            }
            Self::Decimals { pool, codes } => {
                let is_missing = is_missing || number()?.is_nan();
                codes.push(if is_missing { MISSING } else { pool.code(&word.text) });
            }
            Self::Nominal { levels, index, codes } => codes.push(if is_missing {
                MISSING
            } else {
                let code = index.get(word.text.as_str()).copied();
                code.ok_or_else(|| format!("one of the {} declared values", levels.len()))?
            }),
            Self::Texts { pool, codes } => {
                codes.push(if is_missing { MISSING } else { pool.code(&word.text) });
            }
            Self::Dates { format, moments } => moments.push(if is_missing {
                MISSING_DATE
            } else {
                format.micros(&word.text).ok_or("a date in the declared format")?
            }),
        }
        Ok(())
    }

    /// A cell that a sparse row leaves out.
    pub(super) fn push_absent(&mut self) {
        match self {
            Self::Numbers { values, .. } => values.push(0.0),
            Self::Decimals { pool, codes } => codes.push(pool.code("0")),
            Self::Nominal { levels, codes, .. } => codes.push(if levels.is_empty() { MISSING } else { 0 }),
            Self::Texts { codes, .. } => codes.push(MISSING),
            Self::Dates { moments, .. } => moments.push(MISSING_DATE),
        }
    }

    pub(super) fn into_values(self) -> Values {
        match self {
            Self::Numbers { values, .. } => Values::Number(values),
            Self::Nominal { levels, codes, .. } => Values::Category { levels: levels.into(), codes },
            Self::Decimals { pool, codes } | Self::Texts { pool, codes } => pool.into_values(codes),
            Self::Dates { moments, .. } => Values::Date(moments),
        }
    }
}
