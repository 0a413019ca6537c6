//! What is said about the columns of a text, and what is refused.

use super::columns::{Column, Data};
use super::date::Order;
use super::format::{Format, Formats};
use crate::error::{At, DataError};
use crate::hint::shell;
use crate::table::{ColumnType, DateOrder, Form};

/// The most characters of a cell that are shown.
const SHOWN: usize = 40;

/// Refuses a column of texts that was to be of numbers or dates, by the first cell that is not like most.
pub(super) fn refuse(name: &str, column: &Column) -> Result<(), DataError> {
    let Data::Texts(levels, _) = &column.data else { return Ok(()) };
    let Some(wanted) = column.forced.filter(|&wanted| wanted != ColumnType::Category) else { return Ok(()) };
    let Some((_, _, stray)) = levels.nearest(Formats::allowed(Some(wanted))) else { return Ok(()) };
    let (name, column) = (name.to_owned(), column.name.clone());
    let (at, found) = (At { row: stray.row, line: Some(stray.line) }, levels.text(stray).to_owned());
    Err(match wanted {
        ColumnType::Date => DataError::NotADate { name, at, column, found },
        _ => DataError::NotANumber { name, at, column, found },
    })
}

/// A sentence about a column that was read in another way than its cells suggest at first sight, or than it was to be.
pub(super) fn note(column: &Column) -> Option<String> {
    let name = &column.name;
    // What is as it was to be needs no word.
    let is_news = column.wanted.form.is_none() || column.wanted.form != column.form();
    match &column.data {
        Data::None => None,
        Data::Texts(..) => almost(column),
        Data::Numbers(format, _) => {
            let unusual =
                format.describe().filter(|_| is_news).map(|how| format!("`{name}` is read as {how}"));
            let dot = column.seen.dot.map(|(row, line)| {
                let at = At { row, line: Some(line) };
                format!("a cell of `{name}` that is `.` is read as missing, the first in {at}")
            });
            let padded = column.padded().map(|(row, line)| {
                let (at, option) = (At { row, line: Some(line) }, shell(&format!("{name}=category")));
                format!("`{name}` has zeros in front, first in {at}: as numbers they are lost, --type {option} keeps them")
            });
            let both: Vec<String> = unusual.into_iter().chain(dot).chain(padded).collect();
            (!both.is_empty()).then(|| both.join("; "))
        }
        Data::Dates(format, _) => {
            let how = format.describe().filter(|_| is_news)?;
            Some(format!("`{name}` is read as {how}{}", reason(*format, column)))
        }
    }
}

/// Why dates are read in this order, where they may be read in another.
fn reason(format: Format, column: &Column) -> String {
    if column.wanted.order.is_some_and(|order| format.form() == Some(order.form())) {
        return ", as --date-order says".into();
    }
    let (mark, other) = match format {
        _ if column.seen.settled => return String::new(),
        Format::Date(Order::MonthDayYear, mark, _) => (char::from(mark), DateOrder::Day.name()),
        Format::Date(Order::DayMonthYear, mark, _) => (char::from(mark), DateOrder::Month.name()),
        _ => return String::new(),
    };
    format!(
        ", as `{mark}` suggests; none of them tells whether the {other} comes first: --date-order {other} says so"
    )
}

/// A sentence about a column whose cells do not fit the form that they were to have.
pub(super) fn unexpected(column: &Column) -> Option<String> {
    let (name, found) = (&column.name, column.form()?);
    let is_date = matches!(column.data, Data::Dates(..)) && found != Form::YearMonthDay;
    if let Some(order) = column.wanted.order.filter(|order| is_date && order.form() != found) {
        let (found, order) = (found.describe(), order.name());
        return Some(format!("`{name}` is read as {found}: its cells do not fit --date-order {order}"));
    }
    let expected = column.wanted.form.filter(|_| !is_date || column.wanted.order.is_none())?;
    (expected != found).then(|| {
        let (found, expected) = (found.describe(), expected.describe());
        format!("`{name}` is read as {found}; expected were {expected}, which its cells do not fit")
    })
}

/// What is said of a column of texts that is almost one of numbers or dates.
fn almost(column: &Column) -> Option<String> {
    let (Data::Texts(levels, _), None) = (&column.data, column.forced) else { return None };
    let name = &column.name;
    if let Some((row, line)) = column.too_large {
        let at = At { row, line: Some(line) };
        return Some(format!(
            "`{name}` is read as a category because the integer in {at} is too large for a number to hold exactly; \
             --type {} rounds it",
            shell(&format!("{name}=number"))
        ));
    }
    let (format, count, stray) = levels.nearest(Formats::ALL)?;
    if count * 10 <= levels.present * 9 {
        return None;
    }
    let found: String = levels.text(stray).chars().take(SHOWN).collect();
    let more = if found.len() < levels.text(stray).len() { "…" } else { "" };
    let at = At { row: stray.row, line: Some(stray.line) };
    let (wanted, plain) = match format.column_type() {
        ColumnType::Date => ("date", "dates"),
        _ => ("number", "numbers"),
    };
    let option = shell(&format!("{name}={wanted}"));
    let (others, them) = match levels.present - count {
        1 => ("1 is not:".to_owned(), "it"),
        n => (format!("{n} are not, the first"), "them"),
    };
    Some(format!(
        "`{name}` is read as a category: {count} of {} cells are {}, but {others} `{found}{more}` in {at}; --type {option} \
         refuses {them}",
        levels.present,
        format.describe().as_deref().unwrap_or(plain),
    ))
}
