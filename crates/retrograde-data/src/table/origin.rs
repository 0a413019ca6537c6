//! Where a table came from, and what its cells meant there.

use serde::{Deserialize, Serialize};

/// Where a table came from, and how it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The file's name as it was given.
    pub name: String,
    /// How the bytes were understood: `csv · comma · header`, `idx · gzip`.
    pub format: String,
    /// A stable 64-bit fingerprint of the bytes that were read (not cryptographic).
    pub fingerprint: Option<u64>,
    /// Sentences on what was decided on the way: columns that are almost numbers, the order of dates, and the like.
    pub notes: Vec<String>,
    /// Sentences on columns that were to have a form, and have another.
    pub unexpected: Vec<String>,
    /// The columns of a text whose cells have a form that others may mistake, each with it.
    pub forms: Vec<(String, Form)>,
}

/// How the cells of a column of text are meant, where cells that look alike may be meant otherwise: `01/02/2020`, `1,234`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Dates that begin with the year.
    YearMonthDay,
    /// Dates that begin with the month.
    MonthDayYear,
    /// Dates that begin with the day.
    DayMonthYear,
    /// `1,234` is over a thousand.
    ThousandsComma,
    /// `1,234` is a little more than one.
    DecimalComma,
}

impl Form {
    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::YearMonthDay => "dates, year before month and day",
            Self::MonthDayYear => "dates, month before day and year",
            Self::DayMonthYear => "dates, day before month and year",
            Self::ThousandsComma => "numbers with commas between thousands",
            Self::DecimalComma => "numbers with a decimal comma",
        }
    }
}

/// Which of day and month a date has first where both may be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// `01/02/2020` is the first of February.
    Day,
    /// `01/02/2020` is the second of January.
    Month,
}

impl DateOrder {
    /// `day` or `month`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The form of dates in this order.
    pub(crate) fn form(self) -> Form {
        match self {
            Self::Day => Form::DayMonthYear,
            Self::Month => Form::MonthDayYear,
        }
    }
}
