//! The types of elements, and how many bytes they take.

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::read) enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
    /// Bytes, padded with zeros.
    Bytes,
    /// Code points of four bytes, padded with zeros.
    Unicode,
    /// A count of these since 1970.
    Moment(Unit),
    /// A count of so many seconds.
    Duration(f64),
}

/// What moments are counted in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::read) enum Unit {
    Months(i64),
    Micros(i64),
    /// So many of them are a microsecond, and a count is of so many.
    Fractions {
        in_a_micro: i64,
        of: i64,
    },
}

/// An element: a size of 1, 2, 4 or 8 for numbers, any for texts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::read) struct Element {
    pub(in crate::read) kind: Kind,
    pub(in crate::read) big: bool,
    pub(in crate::read) size: usize,
}

/// A type string such as `<f8`: an element, or the size of one that no column can be made of and what it is.
pub(super) enum Type {
    Element(Element),
    Other(usize, &'static str),
}

/// Reads a type string; `None` when it is none.
pub(super) fn parse(text: &str) -> Option<Type> {
    let (big, rest) = match text.as_bytes().first()? {
        b'<' | b'|' | b'=' => (false, &text[1..]),
        b'>' | b'!' => (true, &text[1..]),
        _ => (false, text),
    };
    let (code, digits) = rest.split_at_checked(1)?;
    let size = |digits: &str| -> Option<usize> {
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    };
    let element = |kind, size| Some(Type::Element(Element { kind, big, size }));
    match (code, size(digits)) {
        ("?", _) if digits.is_empty() => element(Kind::Bool, 1),
        ("b", Some(1)) => element(Kind::Bool, 1),
        ("i", Some(size @ (1 | 2 | 4 | 8))) => element(Kind::Signed, size),
        ("u", Some(size @ (1 | 2 | 4 | 8))) => element(Kind::Unsigned, size),
        ("f", Some(size @ (2 | 4 | 8))) => element(Kind::Float, size),
        ("f", Some(size)) => Some(Type::Other(size, "extended precision")),
        ("c", Some(size)) => Some(Type::Other(size, "complex")),
        ("S" | "a", Some(size)) => element(Kind::Bytes, size),
        ("U", Some(length)) => element(Kind::Unicode, length.checked_mul(4)?),
        ("V", Some(size)) => Some(Type::Other(size, "raw bytes")),
        ("O", _) => Some(Type::Other(8, "Python objects")),
        ("M" | "m", _) => {
            let (count, unit) = counted_unit(digits.strip_prefix('8')?)?;
            let kind = if code == "M" { moment(count, unit) } else { duration(count, unit) };
            match kind {
                Some(kind) => element(kind, 8),
                None => Some(Type::Other(8, "times without a fixed unit")),
            }
        }
        _ => None,
    }
}

/// `[25s]`: how many, of what; no unit is the empty one.
fn counted_unit(text: &str) -> Option<(i64, &str)> {
    if text.is_empty() {
        return Some((1, ""));
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = inner.split_at(digits);
    let count = if count.is_empty() { 1 } else { count.parse().ok()? };
    Some((count, unit))
}

/// Microseconds of the units from weeks to microseconds.
fn micros(unit: &str) -> Option<i64> {
    Some(match unit {
        "W" => 7 * 86_400_000_000,
        "D" => 86_400_000_000,
        "h" => 3_600_000_000,
        "m" => 60_000_000,
        "s" => 1_000_000,
        "ms" => 1000,
        "us" | "μs" => 1,
        _ => return None,
    })
}

/// How many of the smaller units are a microsecond.
fn fractions(unit: &str) -> Option<i64> {
    Some(match unit {
        "ns" => 1000,
        "ps" => 1_000_000,
        "fs" => 1_000_000_000,
        "as" => 1_000_000_000_000,
        _ => return None,
    })
}

fn moment(count: i64, unit: &str) -> Option<Kind> {
    let unit = match unit {
        "Y" => Unit::Months(count.checked_mul(12)?),
        "M" => Unit::Months(count),
        _ => match (micros(unit), fractions(unit)) {
            (Some(micros), _) => Unit::Micros(count.checked_mul(micros)?),
            (_, Some(in_a_micro)) => Unit::Fractions { in_a_micro, of: count },
            _ => return None,
        },
    };
    Some(Kind::Moment(unit))
}

fn duration(count: i64, unit: &str) -> Option<Kind> {
    let seconds = match (micros(unit), fractions(unit)) {
        (Some(micros), _) => micros as f64 / 1e6,
        (_, Some(in_a_micro)) => 1.0 / (in_a_micro as f64 * 1e6),
        // A year and a month have no fixed length.
        _ => return None,
    };
    Some(Kind::Duration(count as f64 * seconds))
}

impl Unit {
    /// Microseconds since 1970 of a count, rounded down; `None` beyond what they can count.
    pub(super) fn micros(self, count: i64) -> Option<i64> {
        match self {
            Self::Months(months) => {
                let months = count.checked_mul(months)?;
                let year = i32::try_from(months.div_euclid(12).checked_add(1970)?).ok()?;
                let month = u32::try_from(months.rem_euclid(12)).ok()? + 1;
                let day = chrono::NaiveDate::from_ymd_opt(year, month, 1)?;
                Some(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros())
            }
            Self::Micros(micros) => count.checked_mul(micros),
            Self::Fractions { in_a_micro, of } => {
                let micros = (i128::from(count) * i128::from(of)).div_euclid(i128::from(in_a_micro));
                i64::try_from(micros).ok()
            }
        }
    }
}

impl Element {
    /// NumPy's word for the type.
    pub(super) fn name(&self) -> String {
        let bits = self.size * 8;
        match self.kind {
            Kind::Bool => "bool".into(),
            Kind::Signed => format!("int{bits}"),
            Kind::Unsigned => format!("uint{bits}"),
            Kind::Float => format!("float{bits}"),
            Kind::Bytes => format!("S{}", self.size),
            Kind::Unicode => format!("U{}", self.size / 4),
            Kind::Moment(_) => "datetime64".into(),
            Kind::Duration(_) => "timedelta64".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Element, Kind, Type, Unit, parse};

    #[test]
    fn type_strings() {
        let element = |text: &str| match parse(text) {
            Some(Type::Element(element)) => Some(element),
            _ => None,
        };
        assert_eq!(element("<f8"), Some(Element { kind: Kind::Float, big: false, size: 8 }));
        assert_eq!(element(">U3"), Some(Element { kind: Kind::Unicode, big: true, size: 12 }));
        assert_eq!(element("|b1").map(|e| e.name()).as_deref(), Some("bool"));
        assert_eq!(element("<M8[25s]").map(|e| e.kind), Some(Kind::Moment(Unit::Micros(25_000_000))));
        assert_eq!(element("<m8[ms]").map(|e| e.kind), Some(Kind::Duration(0.001)));
        assert!(matches!(parse("|O"), Some(Type::Other(8, "Python objects"))));
        assert!(matches!(parse("<c16"), Some(Type::Other(16, "complex"))));
        assert!(matches!(parse("<M8"), Some(Type::Other(..))));
        for text in ["", "<", "<f", "<i3", "<f8x", "é8", "<M8[", "<M8[s", "<q8", "<U99999999999999999999"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn moments_in_every_unit() {
        let day = 86_400_000_000;
        assert_eq!(Unit::Months(12).micros(-1), Some(-365 * day));
        assert_eq!(Unit::Months(1).micros(13), Some((365 + 31) * day));
        assert_eq!(Unit::Fractions { in_a_micro: 1000, of: 1 }.micros(-1), Some(-1));
        assert_eq!(Unit::Micros(day).micros(i64::MAX), None);
        assert_eq!(Unit::Months(12).micros(i64::MAX), None);
    }
}
