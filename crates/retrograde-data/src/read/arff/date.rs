//! Dates in the formats of Java's `SimpleDateFormat`, as far as they are digits.

use chrono::{NaiveDate, NaiveTime};

/// What a date is written in when nothing is said.
pub(super) const DEFAULT: &str = "yyyy-MM-dd'T'HH:mm:ss";

/// What a format may be made of.
pub(super) const EXPECTED: &str = "a format of y, M, d, H, m, s and S, such as \"yyyy-MM-dd HH:mm:ss\"";

/// A format.
#[derive(Debug)]
pub(super) struct Format {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    /// A field and its number of letters: as many digits at least, and exactly where digits follow.
    Field(char, usize),
    Literal(char),
}

impl Format {
    /// Reads a format; `None` for letters that are no digits in a date.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                'y' | 'M' | 'd' | 'H' | 'm' | 's' | 'S' => {
                    let mut count = 1;
                    while characters.next_if_eq(&c).is_some() {
                        count += 1;
                    }
                    let most = match c {
                        'y' => 4,
                        'S' => 6,
                        _ => 2,
                    };
                    // Three letters of a month are its name.
                    if count > most || c == 'y' && !matches!(count, 2 | 4) {
                        return None;
                    }
                    parts.push(Part::Field(c, count));
                }
                '\'' if characters.next_if_eq(&'\'').is_some() => parts.push(Part::Literal('\'')),
                '\'' => loop {
                    match characters.next()? {
                        '\'' => break,
                        literal => parts.push(Part::Literal(literal)),
                    }
                },
                letter if letter.is_ascii_alphabetic() => return None,
                other => parts.push(Part::Literal(other)),
            }
        }
        Some(Self { parts })
    }

    /// Microseconds since 1970 of a text in this format.
    pub(super) fn micros(&self, text: &str) -> Option<i64> {
        let (mut year, mut month, mut day) = (1970, 1, 1);
        let (mut hour, mut minute, mut second, mut micro) = (0, 0, 0, 0);
        let mut rest = text;
        for (i, part) in self.parts.iter().enumerate() {
            let (field, count) = match part {
                Part::Literal(literal) => {
                    rest = rest.strip_prefix(*literal)?;
                    continue;
                }
                Part::Field(field, count) => (*field, *count),
            };
            let is_fixed = matches!(self.parts.get(i + 1), Some(Part::Field(..)));
            let longest = if is_fixed { count } else { 9 };
            let length = rest.bytes().take(longest).take_while(u8::is_ascii_digit).count();
            let (digits, behind) = rest.split_at(length);
            let value: u32 = digits.parse().ok()?;
            rest = behind;
            match field {
                'y' if count == 2 && length == 2 => year = i32::try_from(two_digits(value)).ok()?,
                'y' => year = i32::try_from(value).ok()?,
                'M' => month = value,
                'd' => day = value,
                'H' => hour = value,
                'm' => minute = value,
                's' => second = value,
                // Java counts milliseconds here; with six letters microseconds are meant.
                _ if count > 3 => micro = value,
                _ => micro = value.checked_mul(1000)?,
            }
        }
        if !rest.is_empty() {
            return None;
        }
        let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micro)?;
        Some(NaiveDate::from_ymd_opt(year, month, day)?.and_time(time).and_utc().timestamp_micros())
    }
}

/// A year of two digits is one from 1970 to 2069.
fn two_digits(value: u32) -> u32 {
    if value < 70 { 2000 + value } else { 1900 + value }
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT, Format};
    use crate::moment;

    #[test]
    fn dates_are_read_in_their_format() {
        for (format, text, expected) in [
            (DEFAULT, "2001-04-03T12:12:12", "2001-04-03T12:12:12"),
            ("yyyy-MM-dd", "1969-12-31", "1969-12-31"),
            ("dd.MM.yy", "3.4.01", "2001-04-03"),
            ("yyyyMMdd", "20010403", "2001-04-03"),
            ("yyyy-MM-dd HH:mm:ss.SSS", "2001-04-03 00:00:00.250", "2001-04-03T00:00:00.250"),
            ("HH 'o''clock'", "05 o", ""),
        ] {
            let found = Format::parse(format).and_then(|f| f.micros(text));
            assert_eq!(found, moment::parse(expected), "{format}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        let format = Format::parse("yyyy-MM-dd").expect("a format");
        for text in ["", "2001-02-29", "2001-02", "2001-02-03x", "2001-02-03 ", "x", "99999999999-01-01", "é"]
        {
            assert_eq!(format.micros(text), None, "{text}");
        }
        for odd in ["EEE", "yyy", "MMM", "'open", "yyyy-MM-dd HH:mm a"] {
            assert!(Format::parse(odd).is_none(), "{odd}");
        }
    }
}
