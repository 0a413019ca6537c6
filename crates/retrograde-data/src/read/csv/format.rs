//! The ways of writing that the cells of a whole column may have in common.

use super::date::{self, Order};
use super::number::{self, Style};
use crate::moment;
use crate::table::{ColumnType, Form};

/// What stands before or behind a number; the first is nothing.
const AFFIXES: [&str; 7] = ["", "%", "$", "€", "£", "¥", "₹"];

/// Styles of numbers, the preferred ones first.
const STYLES: [Style; 3] = [Style::Plain, Style::Thousands, Style::DecimalComma];

/// Orders and separators of dates, the preferred ones first: with `/` the month comes first, else the day.
const DATES: [(Order, u8); 9] = [
    (Order::YearMonthDay, b'/'),
    (Order::YearMonthDay, b'.'),
    (Order::YearMonthDay, b'-'),
    (Order::MonthDayYear, b'/'),
    (Order::DayMonthYear, b'/'),
    (Order::DayMonthYear, b'.'),
    (Order::MonthDayYear, b'.'),
    (Order::DayMonthYear, b'-'),
    (Order::MonthDayYear, b'-'),
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
    /// A date whose parts stand in this order with this separator between them.
    Date(Order, u8),
}

/// How a comma within a number is read when it may be either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comma {
    /// `1,234` is over a thousand.
    Thousands,
    /// `1,234` is a little more than one.
    Decimal,
}

/// A set of formats, one bit each, the preferred ones lower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Formats(pub(super) u32);

impl Format {
    /// How many formats there are.
    pub(super) const COUNT: usize = COUNT as usize;

    /// Plain numbers.
    pub(super) const PLAIN: Self = Self::Number(Style::Plain, 0);

    /// The format with this index.
    pub(super) fn at(index: usize) -> Self {
        let numbers = NUMBERS as usize;
        match index {
            i if i < numbers => Self::Number(STYLES[i % STYLES.len()], (i / STYLES.len()) as u8),
            i if i == numbers => Self::Iso,
            i => DATES.get(i - numbers - 1).map_or(Self::Iso, |&(order, mark)| Self::Date(order, mark)),
        }
    }

    /// Its index.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Number(style, affix) => usize::from(affix) * STYLES.len() + style as usize,
            Self::Iso => NUMBERS as usize,
            Self::Date(order, mark) => {
                let place = DATES.iter().position(|&date| date == (order, mark));
                NUMBERS as usize + 1 + place.unwrap_or(0)
            }
        }
    }

    /// The formats that cells which fit this one may fit as well.
    pub(super) fn relatives(self) -> Formats {
        let same = |other: &Self| match (self, *other) {
            (Self::Number(_, a), Self::Number(_, b)) | (Self::Date(_, a), Self::Date(_, b)) => a == b,
            (Self::Iso, Self::Date(_, mark)) | (Self::Date(_, mark), Self::Iso) => mark == b'-',
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
            Self::Date(Order::YearMonthDay, _) => Some(Form::YearMonthDay),
            Self::Date(Order::MonthDayYear, _) => Some(Form::MonthDayYear),
            Self::Date(Order::DayMonthYear, _) => Some(Form::DayMonthYear),
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
            Self::Date(order, mark) => {
                let [a, b, c] = order.names();
                let mark = char::from(mark);
                Some(format!("dates, {a}{mark}{b}{mark}{c}"))
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

    /// The format to read by when cells fit all of these: one of the wanted form if there is one.
    pub(super) fn preferred(self, comma: Comma, wanted: Option<Form>) -> Option<Format> {
        let is_wanted = |format: &Format| self.has(*format) && wanted.is_some() && format.form() == wanted;
        if let Some(found) = (0..Format::COUNT).map(Format::at).find(is_wanted) {
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
        if found != Self::NONE || !cell.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            return found;
        }
        if moment::parse(cell).is_some() {
            found = found.with(Format::Iso);
        }
        let fits = |&&(order, mark): &&(Order, u8)| date::parse(cell, order, mark).is_some();
        DATES.iter().filter(fits).fold(found, |found, &(order, mark)| found.with(Format::Date(order, mark)))
    }
}

/// The sign of this index.
fn affix_of(index: u8) -> &'static str {
    AFFIXES.get(usize::from(index)).copied().unwrap_or_default()
}

/// The number in a cell that is written in a style, with a sign.
pub(super) fn number(cell: &str, style: Style, wanted: u8) -> Option<number::Read> {
    if wanted == 0 {
        return number::read(cell, style);
    }
    let (affix, negative, core) = affix(cell).filter(|&(affix, _, _)| affix == wanted)?;
    read_core(style, affix, negative, core)
}

/// The number without its sign; what stands beside a sign begins with a digit or a point.
fn read_core(style: Style, affix: u8, negative: bool, core: &str) -> Option<number::Read> {
    let digits = core.trim_start_matches(['-', '+']);
    let begins = digits.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    if affix != 0 && !begins || negative && digits.len() < core.len() {
        return None;
    }
    let read = number::read(core, style)?;
    Some(if negative { number::Read { value: -read.value, ..read } } else { read })
}

/// A cell's sign, whether a minus stands before it, and the number beside it.
fn affix(cell: &str) -> Option<(u8, bool, &str)> {
    let bytes = cell.as_bytes();
    // Most cells begin and end with an ASCII character that is no sign.
    let (first, last) = (*bytes.first()?, *bytes.last()?);
    let index = |i: usize| (i + 1) as u8;
    for (i, sign) in AFFIXES[1..].iter().enumerate() {
        if (last >= 0x80 || last == sign.as_bytes()[0])
            && let Some(core) = cell.strip_suffix(sign)
        {
            return Some((index(i), false, core.trim_end()));
        }
        if *sign != "%" && (first >= 0x80 || matches!(first, b'$' | b'-')) {
            let (negative, rest) = cell.strip_prefix('-').map_or((false, cell), |rest| (true, rest));
            if let Some(core) = rest.strip_prefix(sign) {
                return Some((index(i), negative, core.trim_start()));
            }
        }
    }
    Some((0, false, cell))
}

#[cfg(test)]
mod tests {
    use super::{Comma, Format, Formats, Order, Style};

    fn all(cells: &[&str], comma: Comma) -> Option<Format> {
        cells.iter().map(|cell| Formats::of(cell)).fold(Formats::ALL, Formats::both).preferred(comma, None)
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
        assert_eq!(thousands(&["2013-1-31"]), Some(Format::Date(Order::YearMonthDay, b'-')));
        assert_eq!(thousands(&["1/2/2013"]), Some(Format::Date(Order::MonthDayYear, b'/')));
        assert_eq!(thousands(&["1/2/2013", "31/12/2013"]), Some(Format::Date(Order::DayMonthYear, b'/')));
        assert_eq!(thousands(&["1.2.2013"]), Some(Format::Date(Order::DayMonthYear, b'.')));
        assert_eq!(thousands(&["1/2/2013", "1.2.2013"]), None);
        assert_eq!(thousands(&["31/12/2013", "12/31/2013"]), None);
    }
}
