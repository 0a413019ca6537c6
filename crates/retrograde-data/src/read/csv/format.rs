//! The ways of writing that the cells of a whole column may have in common.

use super::affix::{AFFIXES, affix, affix_of, read_core};
use super::date::{self, Order, Parts};
use super::number::Style;
use crate::moment;
use crate::table::{ColumnType, DateOrder, Form};

/// Styles of numbers, the preferred ones first.
const STYLES: [Style; 3] = [Style::Plain, Style::Thousands, Style::DecimalComma];

/// Orders, separators and looks of dates, the preferred ones first: with `/` the month comes first, else the day.
const DATES: [(Order, u8, Parts); 15] = [
    (Order::YearMonthDay, b'/', Parts::Digits),
    (Order::YearMonthDay, b'.', Parts::Digits),
    (Order::YearMonthDay, b'-', Parts::Digits),
    (Order::MonthDayYear, b'/', Parts::Digits),
    (Order::DayMonthYear, b'/', Parts::Digits),
    (Order::DayMonthYear, b'.', Parts::Digits),
    (Order::MonthDayYear, b'.', Parts::Digits),
    (Order::DayMonthYear, b'-', Parts::Digits),
    (Order::MonthDayYear, b'-', Parts::Digits),
    (Order::MonthDayYear, b'/', Parts::ShortYear),
    (Order::DayMonthYear, b'/', Parts::ShortYear),
    (Order::MonthDayYear, b' ', Parts::Name),
    (Order::DayMonthYear, b' ', Parts::Name),
    (Order::DayMonthYear, b'-', Parts::Name),
    (Order::DayMonthYear, b'-', Parts::NameShortYear),
];

const NUMBERS: u32 = (AFFIXES.len() * STYLES.len()) as u32;
const COUNT: u32 = NUMBERS + 1 + DATES.len() as u32;

/// One way of writing cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A number, with the sign of this index in `AFFIXES`.
    Number(Style, u8),
    /// A date as ISO 8601 writes it, see [`moment::parse`].
    Iso,
    /// A date whose parts stand in this order with this separator between them and look so.
    Date(Order, u8, Parts),
}

/// How a comma within a number is read when it may be either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comma {
    /// `1,234` is over a thousand.
    Thousands,
    /// `1,234` is a little more than one.
    Decimal,
}

/// What is known of the cells of a column from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The form that they have elsewhere, and here too if they fit it.
    pub(super) form: Option<Form>,
    /// Whether day or month comes first in dates that fit both; it comes before the form.
    pub(super) order: Option<DateOrder>,
}

/// A set of formats, one bit each, the preferred ones lower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Formats(pub(super) u64);

impl Format {
    /// How many formats there are.
    pub(super) const COUNT: usize = COUNT as usize;

    /// Plain numbers.
    #[cfg(test)]
    pub(super) const PLAIN: Self = Self::Number(Style::Plain, 0);

    /// The format with this index.
    pub(super) fn at(index: usize) -> Self {
        let numbers = NUMBERS as usize;
        match index {
            i if i < numbers => Self::Number(STYLES[i % STYLES.len()], (i / STYLES.len()) as u8),
            i if i == numbers => Self::Iso,
            i => DATES
                .get(i - numbers - 1)
                .map_or(Self::Iso, |&(order, mark, looks)| Self::Date(order, mark, looks)),
        }
    }

    /// Its index.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Number(style, affix) => usize::from(affix) * STYLES.len() + style as usize,
            Self::Iso => NUMBERS as usize,
            Self::Date(order, mark, looks) => {
                let place = DATES.iter().position(|&date| date == (order, mark, looks));
                NUMBERS as usize + 1 + place.unwrap_or(0)
            }
        }
    }

    /// The formats that cells which fit this one may fit as well.
    pub(super) fn relatives(self) -> Formats {
        let same = |other: &Self| match (self, *other) {
            (Self::Number(_, a), Self::Number(_, b)) => a == b,
            (Self::Date(_, a, looks), Self::Date(_, b, others)) => (a, looks) == (b, others),
            (Self::Iso, Self::Date(_, mark, looks)) | (Self::Date(_, mark, looks), Self::Iso) => {
                (mark, looks) == (b'-', Parts::Digits)
            }
            (Self::Iso, Self::Iso) => true,
            _ => false,
        };
        (0..Self::COUNT).map(Self::at).filter(same).fold(Formats::NONE, Formats::with)
    }

    /// The type of a column in this format.
    pub(super) fn column_type(self) -> ColumnType {
        match self {
            Self::Number(..) => ColumnType::Number,
            _ => ColumnType::Date,
        }
    }

    /// What cells that look alike may mean by it and not by another format.
    pub(super) fn form(self) -> Option<Form> {
        match self {
            Self::Number(Style::Plain, _) | Self::Iso => None,
            Self::Number(Style::Thousands, _) => Some(Form::ThousandsComma),
            Self::Number(Style::DecimalComma, _) => Some(Form::DecimalComma),
            // A month that has its name cannot be a day.
            Self::Date(_, _, looks) if looks.is_named() => None,
            Self::Date(Order::YearMonthDay, ..) => Some(Form::YearMonthDay),
            Self::Date(Order::MonthDayYear, ..) => Some(Form::MonthDayYear),
            Self::Date(Order::DayMonthYear, ..) => Some(Form::DayMonthYear),
        }
    }

    /// What is unusual about it.
    pub(super) fn describe(self) -> Option<String> {
        match self {
            Self::Number(style, affix) => {
                let style = match style {
                    Style::Plain => None,
                    Style::Thousands => Some("commas between thousands".to_owned()),
                    Style::DecimalComma => Some("a decimal comma".to_owned()),
                };
                let sign = Some(affix_of(affix)).filter(|a| !a.is_empty()).map(|a| format!("`{a}`"));
                let parts: Vec<String> = style.into_iter().chain(sign).collect();
                (!parts.is_empty()).then(|| format!("numbers with {}", parts.join(" and ")))
            }
            Self::Iso => None,
            Self::Date(order, mark, looks) => {
                let [a, b, c] = order.names();
                let mark = char::from(mark);
                let short = match looks {
                    Parts::Digits | Parts::Name => "",
                    Parts::ShortYear | Parts::NameShortYear => {
                        " of two digits (69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068)"
                    }
                };
                Some(format!("dates, {a}{mark}{b}{mark}{c}{short}"))
            }
        }
    }
}

impl Formats {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self((1 << COUNT) - 1);
    pub(super) const NUMBERS: Self = Self((1 << NUMBERS) - 1);

    /// The formats that a column of a forced type may have.
    pub(super) fn allowed(wanted: Option<ColumnType>) -> Self {
        match wanted {
            None => Self::ALL,
            Some(ColumnType::Number) => Self::NUMBERS,
            Some(ColumnType::Date) => Self::ALL.without(Self::NUMBERS),
            Some(ColumnType::Category) => Self::NONE,
        }
    }

    pub(super) fn has(self, format: Format) -> bool {
        self.0 >> format.index() & 1 == 1
    }

    pub(super) fn with(self, format: Format) -> Self {
        Self(self.0 | 1 << format.index())
    }

    pub(super) fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The format to read by when cells fit all of these: one that is wanted if there is one.
    pub(super) fn preferred(self, comma: Comma, wanted: Wanted) -> Option<Format> {
        let of = |form: Form| {
            let fits = |format: &Format| self.has(*format) && format.form() == Some(form);
            (0..Format::COUNT).map(Format::at).find(fits)
        };
        // The order is that of dates: it does not make dates of cells that may be numbers, such as none at all.
        let order = wanted.order.filter(|_| self.both(Self::NUMBERS) == Self::NONE).map(DateOrder::form);
        if let Some(found) = order.and_then(of).or_else(|| wanted.form.and_then(of)) {
            return Some(found);
        }
        let first = (self.0 != 0).then(|| Format::at(self.0.trailing_zeros() as usize))?;
        match first {
            Format::Number(Style::Thousands, affix) if comma == Comma::Decimal => {
                let decimal = Format::Number(Style::DecimalComma, affix);
                Some(if self.has(decimal) { decimal } else { first })
            }
            _ => Some(first),
        }
    }

    /// All formats that a trimmed cell, which is not missing, fits.
    pub(super) fn of(cell: &str) -> Self {
        if cell == "." {
            return Self::NUMBERS;
        }
        let mut found = Self::NONE;
        if let Some((affix, negative, core)) = affix(cell) {
            for style in STYLES {
                if read_core(style, affix, negative, core).is_some() {
                    found = found.with(Format::Number(style, affix));
                }
            }
        }
        // Most cells of most tables are no dates.
        if found != Self::NONE || !date::may_begin(cell.as_bytes()) {
            return found;
        }
        if moment::parse(cell).is_some() {
            found = found.with(Format::Iso);
        }
        let fits =
            |&&(order, mark, looks): &&(Order, u8, Parts)| date::parse(cell, order, mark, looks).is_some();
        let format = |&(order, mark, looks)| Format::Date(order, mark, looks);
        DATES.iter().filter(fits).map(format).fold(found, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::{Comma, Format, Formats, Order, Parts, Style, Wanted};
    use crate::table::{DateOrder, Form};

    fn all(cells: &[&str], comma: Comma) -> Option<Format> {
        cells
            .iter()
            .map(|cell| Formats::of(cell))
            .fold(Formats::ALL, Formats::both)
            .preferred(comma, Wanted::default())
    }

    #[test]
    fn every_format_has_an_index() {
        for index in 0..Format::COUNT {
            assert_eq!(Format::at(index).index(), index);
            assert!(Format::at(index).relatives().has(Format::at(index)));
        }
    }

    #[test]
    fn a_column_has_the_first_format_that_fits_all_its_cells() {
        let thousands = |cells: &[&str]| all(cells, Comma::Thousands);
        assert_eq!(thousands(&["1", "2.5", "inf", "-1e3", "."]), Some(Format::PLAIN));
        assert_eq!(thousands(&["1,234", "12"]), Some(Format::Number(Style::Thousands, 0)));
        assert_eq!(all(&["1,234", "12"], Comma::Decimal), Some(Format::Number(Style::DecimalComma, 0)));
        assert_eq!(thousands(&["1,234", "0,5"]), Some(Format::Number(Style::DecimalComma, 0)));
        assert_eq!(thousands(&["1.234,5", "12.5"]), None);
        assert_eq!(thousands(&["12%", "-3.5 %"]), Some(Format::Number(Style::Plain, 1)));
        assert_eq!(thousands(&["12%", "3"]), None);
        assert_eq!(thousands(&["$1,200", "-$5", "$-5.25"]), Some(Format::Number(Style::Thousands, 2)));
        assert_eq!(thousands(&["1.200,50 €", "€3"]), Some(Format::Number(Style::DecimalComma, 3)));
        assert_eq!(thousands(&["$1", "€1"]), None);
        assert_eq!(thousands(&["$inf"]), None);
        assert_eq!(thousands(&["2013-01-31", "2013-01-31T05:15:00Z"]), Some(Format::Iso));
        assert_eq!(thousands(&["2013-1-31"]), Some(Format::Date(Order::YearMonthDay, b'-', Parts::Digits)));
        assert_eq!(thousands(&["1/2/2013"]), Some(Format::Date(Order::MonthDayYear, b'/', Parts::Digits)));
        assert_eq!(
            thousands(&["1/2/2013", "31/12/2013"]),
            Some(Format::Date(Order::DayMonthYear, b'/', Parts::Digits))
        );
        assert_eq!(thousands(&["1.2.2013"]), Some(Format::Date(Order::DayMonthYear, b'.', Parts::Digits)));
        assert_eq!(thousands(&["1/2/2013", "1.2.2013"]), None);
        assert_eq!(thousands(&["31/12/2013", "12/31/2013"]), None);
        let date = |order, mark, looks| Some(Format::Date(order, mark, looks));
        let short = Parts::ShortYear;
        assert_eq!(thousands(&["1/2/13"]), date(Order::MonthDayYear, b'/', short));
        assert_eq!(thousands(&["1/2/13", "31/12/99"]), date(Order::DayMonthYear, b'/', short));
        assert_eq!(thousands(&["1/2/13", "1/2/2013"]), None);
        assert_eq!(thousands(&["Jan 1 2013", "May 2, 2013"]), date(Order::MonthDayYear, b' ', Parts::Name));
        assert_eq!(thousands(&["1 Jan 2013"]), date(Order::DayMonthYear, b' ', Parts::Name));
        assert_eq!(thousands(&["1-Jan-2013"]), date(Order::DayMonthYear, b'-', Parts::Name));
        assert_eq!(thousands(&["1-Jan-13"]), date(Order::DayMonthYear, b'-', Parts::NameShortYear));
        assert_eq!(thousands(&["1-Jan-2013", "1-1-2013"]), None);
        assert_eq!(thousands(&["2013-01-31 05:15 UTC", "2013-01-31"]), Some(Format::Iso));
    }

    #[test]
    fn the_order_that_is_said_comes_first() {
        let read = |cells: &[&str], wanted| {
            let all = cells.iter().map(|cell| Formats::of(cell)).fold(Formats::ALL, Formats::both);
            all.preferred(Comma::Thousands, wanted)
        };
        let day = Wanted { order: Some(DateOrder::Day), form: Some(Form::MonthDayYear) };
        let date = |order, mark| Some(Format::Date(order, mark, Parts::Digits));
        assert_eq!(read(&["1/2/2013"], day), date(Order::DayMonthYear, b'/'));
        assert_eq!(read(&["1/13/2013"], day), date(Order::MonthDayYear, b'/'));
        let month = Wanted { order: Some(DateOrder::Month), form: None };
        assert_eq!(read(&["1.2.2013"], month), date(Order::MonthDayYear, b'.'));
        assert_eq!(read(&["2013-01-02"], month), Some(Format::Iso));
        assert_eq!(read(&[], month), Some(Format::PLAIN));
    }
}
