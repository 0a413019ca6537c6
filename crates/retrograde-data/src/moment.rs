//! Dates and times: microseconds since 1970 to and from text, and to the parts that become inputs.

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};

/// A moment as a calendar and a clock show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Parts {
    pub(crate) year: i32,
    /// 1 to 12.
    pub(crate) month: u32,
    /// 1 to 31.
    pub(crate) day: u32,
    /// 1, Monday, to 7.
    pub(crate) weekday: u32,
    /// Since midnight, with the fraction.
    pub(crate) seconds: f64,
}

/// The parts of a moment; `None` beyond the years that a calendar is made for (±262,000).
pub(crate) fn parts(micros: i64) -> Option<Parts> {
    let moment = DateTime::from_timestamp_micros(micros)?.naive_utc();
    Some(Parts {
        year: moment.year(),
        month: moment.month(),
        day: moment.day(),
        weekday: moment.weekday().number_from_monday(),
        seconds: f64::from(moment.num_seconds_from_midnight()) + f64::from(moment.nanosecond() / 1000) / 1e6,
    })
}

/// ISO 8601: the date, with the time where it is not midnight, with as many digits of seconds as it takes.
pub(crate) fn text(micros: i64) -> String {
    let Some(moment) = DateTime::from_timestamp_micros(micros) else { return format!("{micros} µs") };
    let moment = moment.naive_utc();
    if moment.time() == NaiveTime::MIN {
        moment.date().to_string()
    } else {
        moment.to_string().replace(' ', "T")
    }
}

/// Reads `2013-01-31`, with `05:15`, `05:15:00` or `05:15:00.25` after a `T` or a space, and `Z`, `UTC`, `GMT`, `+01`,
/// `+0100` or `+01:00` after that, with or without a space before it. A moment with a time zone is taken to UTC.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    // Cheap to refuse: most cells of most tables are no dates.
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' || !bytes[0].is_ascii_digit() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(digits(bytes.get(..4)?)?).ok()?,
        digits(bytes.get(5..7)?)?,
        digits(bytes.get(8..10)?)?,
    )?;
    let rest = &bytes[10..];
    let (time, zone) = match rest.first() {
        None => (NaiveTime::MIN, &rest[..0]),
        Some(b'T' | b' ') => {
            let length =
                rest[1..].iter().take_while(|b| b.is_ascii_digit() || matches!(b, b':' | b'.')).count();
            (clock(&rest[1..=length])?, &rest[1 + length..])
        }
        Some(_) => return None,
    };
    let moment = date.and_time(time);
    zoned(moment, zone)
}

/// The microseconds of a moment in the time zone that is written behind it, if one is.
fn zoned(moment: NaiveDateTime, zone: &[u8]) -> Option<i64> {
    let written = zone.trim_ascii_start();
    if written.is_empty() && !zone.is_empty() {
        return None;
    }
    let seconds = match written {
        [] | b"Z" | b"z" => 0,
        name if name.eq_ignore_ascii_case(b"UTC") || name.eq_ignore_ascii_case(b"GMT") => 0,
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, minutes) = match rest {
                [_, _] => (digits(rest)?, 0),
                [_, _, b':', minutes @ ..] | [_, _, minutes @ ..] if minutes.len() == 2 => {
                    (digits(&rest[..2])?, digits(minutes)?)
                }
                _ => return None,
            };
            let east = i32::try_from(hours * 3600 + minutes * 60).ok()?;
            if *sign == b'+' { east } else { -east }
        }
        _ => return None,
    };
    let zone = FixedOffset::east_opt(seconds)?;
    Some(moment.and_local_timezone(zone).single()?.timestamp_micros())
}

/// `05:15`, `05:15:00`, `05:15:00.25`; digits beyond microseconds are cut off.
fn clock(bytes: &[u8]) -> Option<NaiveTime> {
    let (hour, minute) = (digits(bytes.get(..2)?)?, digits(bytes.get(3..5)?)?);
    let (second, micro) = match bytes.get(5..)? {
        [] => (0, 0),
        [b':', rest @ ..] => (digits(rest.get(..2)?)?, fraction(&rest[2..])?),
        _ => return None,
    };
    (bytes[2] == b':').then(|| NaiveTime::from_hms_micro_opt(hour, minute, second, micro)).flatten()
}

/// The microseconds of `.25`.
fn fraction(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [] => Some(0),
        [b'.', found @ ..] if !found.is_empty() && found.iter().all(u8::is_ascii_digit) => {
            let six = found.iter().copied().chain(std::iter::repeat(b'0')).take(6);
            Some(six.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
        }
        _ => None,
    }
}

/// At most nine digits and nothing else.
fn digits(bytes: &[u8]) -> Option<u32> {
    let all = (1..=9).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit);
    all.then(|| bytes.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::{Parts, parse, parts, text};

    #[test]
    fn texts_come_back() {
        for written in
            ["2013-01-31", "1969-12-31T23:59:59.999999", "2000-02-29T05:15:00", "0001-01-01", "9999-12-31"]
        {
            assert_eq!(parse(written).map(text).as_deref(), Some(written));
        }
        assert_eq!(parse("1970-01-01 00:00:01.5"), Some(1_500_000));
        assert_eq!(parse("1970-01-02T00:00"), Some(86_400_000_000));
        assert_eq!(parse("1970-01-01T00:00:00.123456789"), Some(123_456));
    }

    #[test]
    fn time_zones_are_taken_to_utc() {
        for written in [
            "2013-07-01T07:00:00+02:00",
            "2013-07-01 05:00:00Z",
            "2013-07-01T00:00-0500",
            "2013-07-01T06:00+01",
            "2013-07-01 05:00:00 UTC",
            "2013-07-01 05:00 Z",
            "2013-07-01 05:00:00.0GMT",
            "2013-07-01 07:00:00 +02:00",
            "2013-07-01 00:00:00  -0500",
        ] {
            assert_eq!(parse(written), parse("2013-07-01T05:00"), "{written}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for written in [
            "",
            "2013-02-29",
            "2013-13-01",
            "2013-1-1",
            "20130101",
            "2013-01-01T",
            "2013-01-01 5:00",
            "2013-01-01T24:00",
            "2013-01-01T05:00:60",
            "2013-01-01T05:00:00.",
            "2013-01-01T05:00+1",
            "2013-01-01T05:00+25:00",
            "2013-01-01x",
            "2013-01-01T05:00:00 PM",
            "2013-01-01T05:00:00 ",
            "2013-01-01T05:00:00 UT",
            "2013-01-01T05:00:00 + 02:00",
            "2013-01-01 UTC",
            "é013-01-01",
            "-013-01-01",
        ] {
            assert_eq!(parse(written), None, "{written}");
        }
    }

    #[test]
    fn a_moment_has_parts() {
        let moment = parse("2013-01-01T05:15:00.25").expect("a date");
        assert_eq!(
            parts(moment),
            Some(Parts { year: 2013, month: 1, day: 1, weekday: 2, seconds: 18_900.25 })
        );
        assert_eq!(parts(i64::MIN), None);
    }
}
