//! Dates as tables write them, beside those of ISO 8601.

use chrono::{NaiveDate, NaiveTime};

/// In which order a date has its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    YearMonthDay,
    MonthDayYear,
    DayMonthYear,
}

/// What the parts of a date look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    /// `31`, `12`, `2013`.
    Digits,
    /// `31`, `12`, `13`.
    ShortYear,
    /// `31`, `Dec` or `December`, `2013`.
    Name,
    /// `31`, `Dec`, `13`.
    NameShortYear,
}

/// The months' names in English; three letters are enough of each.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A moment and what it tells of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) micros: i64,
    /// Whether day and month cannot have changed places.
    pub(super) settled: bool,
}

const DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;

impl Order {
    /// The parts' names in this order.
    pub(super) fn names(self) -> [&'static str; 3] {
        match self {
            Self::YearMonthDay => ["year", "month", "day"],
            Self::MonthDayYear => ["month", "day", "year"],
            Self::DayMonthYear => ["day", "month", "year"],
        }
    }
}

impl Parts {
    /// Whether the month has its name.
    pub(super) fn is_named(self) -> bool {
        matches!(self, Self::Name | Self::NameShortYear)
    }

    /// The year of four digits, or of two as POSIX reads them: 69 to 99 are of the 20th century.
    fn year(self, text: &str) -> Option<i32> {
        let year = match self {
            Self::Digits | Self::Name => digits(text, 4, 4)?,
            Self::ShortYear | Self::NameShortYear => match digits(text, 2, 2)? {
                year @ 69.. => 1900 + year,
                year => 2000 + year,
            },
        };
        i32::try_from(year).ok()
    }

    fn month(self, text: &str) -> Option<u32> {
        if self.is_named() { named_month(text) } else { digits(text, 1, 2) }
    }
}

/// Reads `31/12/2013` in an order with a separator, and a time behind a space or a `T`: `5:15`, `05:15:00`,
/// `05:15:00.25`, each also with `AM` or `PM`. Between words a comma may stand: `Dec 31, 2013`.
pub(super) fn parse(text: &str, order: Order, separator: u8, looks: Parts) -> Option<Read> {
    let ([a, b, c], time) = if separator == b' ' { words(text)? } else { marked(text, separator, looks)? };
    let (year, month, day) = match order {
        Order::YearMonthDay => (a, b, c),
        Order::MonthDayYear => (c, a, b),
        Order::DayMonthYear => (c, b, a),
    };
    let (month, day) = (looks.month(month)?, digits(day, 1, 2)?);
    let date = NaiveDate::from_ymd_opt(looks.year(year)?, month, day)?;
    let time = time.map_or(Some(NaiveTime::MIN), |time| clock(time.trim_start()))?;
    let settled = order == Order::YearMonthDay || looks.is_named() || day > 12;
    Some(Read { micros: date.and_time(time).and_utc().timestamp_micros(), settled })
}

/// Whether a cell begins as a date does: with a digit or a month.
pub(super) fn may_begin(cell: &[u8]) -> bool {
    let is_month = |three: &[u8]| MONTHS.iter().any(|m| three.eq_ignore_ascii_case(&m.as_bytes()[..3]));
    cell.first().is_some_and(u8::is_ascii_digit) || cell.get(..3).is_some_and(is_month)
}

/// The three parts of a date with marks between them, and the time behind it.
fn marked(text: &str, mark: u8, looks: Parts) -> Option<([&str; 3], Option<&str>)> {
    // The `T` of `OCT` is none before a time.
    let ends = |c| c == ' ' || c == 'T' && !looks.is_named();
    let (date, time) = text.split_once(ends).map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.split(char::from(mark));
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some((three, time))
}

/// The same with spaces between the parts.
fn words(text: &str) -> Option<([&str; 3], Option<&str>)> {
    let (a, rest) = text.split_once(' ')?;
    let (b, rest) = rest.trim_start().split_once(' ')?;
    let rest = rest.trim_start();
    let (c, time) = match rest.split_once(' ') {
        Some((c, time)) => (c.strip_suffix(',').unwrap_or(c), Some(time)),
        None => (rest, None),
    };
    Some(([a, b.strip_suffix(',').unwrap_or(b), c], time))
}

/// The number of `Jan`, `Jan.` or `January`, in letters of any size.
fn named_month(text: &str) -> Option<u32> {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is = |month: &&str| {
        // `Sep` and `Sept` are both written.
        let short = name.len() == 3 || name.len() == 4 && month.starts_with("sept");
        name.len() == month.len() && name.eq_ignore_ascii_case(month)
            || short && name.is_ascii() && name.eq_ignore_ascii_case(&month[..name.len()])
    };
    MONTHS.iter().position(is).map(|place| place as u32 + 1)
}

/// A time of day, of 24 or twice 12 hours.
fn clock(text: &str) -> Option<NaiveTime> {
    let upper = text.to_ascii_uppercase();
    let (text, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(rest), _) => (rest.trim_end(), Some(0)),
        (_, Some(rest)) => (rest.trim_end(), Some(12)),
        _ => (upper.as_str(), None),
    };
    let mut parts = text.split(':');
    let (hour, minute) = (digits(parts.next()?, 1, 2)?, digits(parts.next()?, 2, 2)?);
    let (second, micro) = match parts.next().map(|part| part.split_once('.').ok_or(part)) {
        None => (0, 0),
        Some(Err(second)) => (digits(second, 2, 2)?, 0),
        Some(Ok((second, fraction))) => {
            let six: String = fraction.chars().chain(std::iter::repeat('0')).take(6).collect();
            let all = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
            (digits(second, 2, 2)?, all.then(|| digits(&six, 6, 6))??)
        }
    };
    let hour = match half {
        None => hour,
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
    };
    parts.next().is_none().then(|| NaiveTime::from_hms_micro_opt(hour, minute, second, micro)).flatten()
}

/// A number of so many digits.
fn digits(text: &str, least: usize, most: usize) -> Option<u32> {
    let all = (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    all.then(|| text.bytes().fold(0, |sum, b| sum * 10 + u32::from(b - b'0')))
}

/// The commonest forms at the start of `bytes`, if the cell ends behind them: `2013-01-31`, and with `05:15:00` after
/// a `T` or a space and perhaps a `Z`; and the cell's length.
#[inline]
pub(super) fn short(bytes: &[u8], delimiter: u8) -> Option<(i64, usize)> {
    let date = bytes.first_chunk::<10>()?;
    let mut micros = days(date)? * DAY;
    let mut end = 10;
    if let Some(&[b'T' | b' ', h0, h1, b':', m0, m1, b':', s0, s1]) = bytes[10..].first_chunk::<9>() {
        let (hour, minute, second) = (pair(h0, h1)?, pair(m0, m1)?, pair(s0, s1)?);
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        micros += (hour * 3600 + minute * 60 + second) * SECOND;
        end = if bytes.get(19) == Some(&b'Z') { 20 } else { 19 };
    }
    let ends = bytes.get(end).is_none_or(|&b| b == delimiter || matches!(b, b'\n' | b'\r'));
    ends.then_some((micros, end))
}

/// The days from 1970-01-01 to `2013-01-31`, in the calendar of all times: years begin in March, so that a leap day
/// is a year's last, and 400 of them have 146,097 days.
fn days(&[y0, y1, y2, y3, dash, m0, m1, dash_too, d0, d1]: &[u8; 10]) -> Option<i64> {
    if dash != b'-' || dash_too != b'-' {
        return None;
    }
    let (year, month, day) = (pair(y0, y1)? * 100 + pair(y2, y3)?, pair(m0, m1)?, pair(d0, d1)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > last {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Two digits.
#[inline]
fn pair(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

#[cfg(test)]
mod tests {
    use super::{Order, Parts, parse, short};
    use crate::moment;

    #[test]
    fn short_dates_are_those_of_the_calendar() {
        for year in [0, 1, 4, 100, 400, 1600, 1900, 1969, 1970, 1972, 2000, 2013, 2024, 2100, 9999] {
            for month in 0..=13 {
                for day in 0..=32 {
                    let text = format!("{year:04}-{month:02}-{day:02}");
                    assert_eq!(short(text.as_bytes(), b',').map(|(m, _)| m), moment::parse(&text), "{text}");
                }
            }
        }
        for text in ["2013-07-01T05:15:09", "1950-12-31 23:59:59", "2013-07-01T05:15:09Z"] {
            let found = short(format!("{text},x").as_bytes(), b',');
            assert_eq!(found, moment::parse(text).map(|m| (m, text.len())), "{text}");
        }
        for text in
            ["2013-07-01T24:00:00", "2013-07-01T05:15:60", "2013-07-01x", "2013-07-01T05:15", "2013/07/01"]
        {
            assert_eq!(short(text.as_bytes(), b','), None, "{text}");
        }
    }

    #[test]
    fn parts_come_in_three_orders() {
        let iso = |text: &str| moment::parse(text);
        let parse = |text, order, mark| parse(text, order, mark, Parts::Digits);
        let read = |text, order, mark| parse(text, order, mark).map(|r| r.micros);
        assert_eq!(read("2013/12/31", Order::YearMonthDay, b'/'), iso("2013-12-31"));
        assert_eq!(read("31.12.2013", Order::DayMonthYear, b'.'), iso("2013-12-31"));
        assert_eq!(read("1/2/2013 5:15", Order::MonthDayYear, b'/'), iso("2013-01-02T05:15"));
        assert_eq!(read("1/2/2013  12:15:30.5 am", Order::DayMonthYear, b'/'), iso("2013-02-01T00:15:30.5"));
        assert_eq!(read("1/2/2013 12:15PM", Order::DayMonthYear, b'/'), iso("2013-02-01T12:15"));
        assert_eq!(read("1/2/2013T11:59:59 PM", Order::DayMonthYear, b'/'), iso("2013-02-01T23:59:59"));
        assert_eq!(parse("1/2/2013", Order::DayMonthYear, b'/').map(|r| r.settled), Some(false));
        assert_eq!(parse("13/2/2013", Order::DayMonthYear, b'/').map(|r| r.settled), Some(true));
        for text in [
            "1/2/13",
            "1/13/2013",
            "30/2/2013",
            "1/2/2013 ",
            "1/2/2013 24:00",
            "1/2/2013 13:00 PM",
            "1/2/2013/4",
            "001/2/2013",
            "1/2/2013 5",
            "1/2/2013 5:15:00.",
            "1/2/2013 0:10 AM",
            "é/2/2013",
        ] {
            assert_eq!(parse(text, Order::DayMonthYear, b'/'), None, "{text}");
        }
    }

    #[test]
    fn months_have_names_and_years_two_digits() {
        let iso = |text: &str| moment::parse(text);
        let read = |text, order, mark, looks| parse(text, order, mark, looks).map(|r| r.micros);
        let english = |text| read(text, Order::MonthDayYear, b' ', Parts::Name);
        let british = |text| read(text, Order::DayMonthYear, b' ', Parts::Name);
        for text in ["Jan 10 2020", "Jan 10, 2020", "January 10, 2020", "JAN. 10, 2020", "jan  10  2020"] {
            assert_eq!(english(text), iso("2020-01-10"), "{text}");
        }
        assert_eq!(english("Sept 1, 2020, 5:15 PM"), iso("2020-09-01T17:15"));
        assert_eq!(british("10 May 2020 05:15:30"), iso("2020-05-10T05:15:30"));
        let dashed = |text| read(text, Order::DayMonthYear, b'-', Parts::Name);
        assert_eq!(dashed("10-OCT-2020"), iso("2020-10-10"));
        assert_eq!(
            read("1-Aug-69 5:15", Order::DayMonthYear, b'-', Parts::NameShortYear),
            iso("1969-08-01T05:15")
        );
        let short = |text| read(text, Order::MonthDayYear, b'/', Parts::ShortYear);
        assert_eq!([short("01/10/68"), short("1/10/69")], [iso("2068-01-10"), iso("1969-01-10")]);
        for text in
            ["Jan 10", "Jane 10 2020", "Feb 30 2020", "Ja 10 2020", "Jan 10 20", "10 Jan 2020", "é 1 2"]
        {
            assert_eq!(english(text), None, "{text}");
        }
        assert_eq!([british("Jan 10 2020"), british("10 Jän 2020"), dashed("10-10-2020")], [None; 3]);
        assert_eq!([short("01/10/2020"), short("13/10/20"), short("01/10/2")], [None; 3]);
    }
}
