//! Numbers as tables write them.

/// How a number's digits are set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `-1234.5e-3`, `inf`.
    Plain,
    /// `1,234.56`, and `1234.56` beside it.
    Thousands,
    /// `1.234,56`, and `1234,56` beside it.
    DecimalComma,
}

/// A number and how it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Read {
    pub(super) value: f64,
    /// Whether it is written as an integer.
    pub(super) whole: bool,
}

/// Beyond this an integer may not be its neighbour in `f64`.
pub(super) const EXACT: u64 = 1 << 53;

/// Powers of ten that `f64` holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Whether a trimmed cell stands for a missing value.
#[inline]
pub(super) fn is_missing(cell: &[u8]) -> bool {
    cell.len() <= 4
        && matches!(
            cell,
            b"" | b"NA"
                | b"N/A"
                | b"n/a"
                | b"#N/A"
                | b"<NA>"
                | b"NaN"
                | b"nan"
                | b"NaT"
                | b"null"
                | b"NULL"
                | b"None"
                | b"?"
        )
}

/// The number at the start of `bytes`, if it is digits with or without a point, short enough to be exact, and the cell
/// ends behind it; and the cell's length. An empty cell is NaN.
///
/// With a mantissa m ≤ 2⁵³ and d ≤ 22 decimals both m and 10^d are exact, so that m / 10^d is rounded once: it is
/// the nearest number, as [`str::parse`] gives it (Clinger 1990).
#[inline]
pub(super) fn short(bytes: &[u8], delimiter: u8) -> Option<(Read, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let start = usize::from(negative);
    let (mut mantissa, mut end) = digits(bytes, start, 0);
    let mut count = end - start;
    let mut decimals = 0;
    let whole = bytes.get(end) != Some(&b'.');
    if !whole {
        let point = end + 1;
        (mantissa, end) = digits(bytes, point, mantissa);
        decimals = end - point;
        count += decimals;
    }
    let ends = bytes.get(end).is_none_or(|&b| b == delimiter || matches!(b, b'\n' | b'\r'));
    if !ends || count > 19 || mantissa > EXACT {
        return None;
    }
    if count == 0 {
        return (end == 0).then_some((Read { value: f64::NAN, whole }, 0));
    }
    let value = if decimals == 0 { mantissa as f64 } else { mantissa as f64 / TENS[decimals] };
    Some((Read { value: if negative { -value } else { value }, whole }, end))
}

/// Digits appended to a mantissa, which wraps around beyond 19 of them, and where they end.
#[inline]
fn digits(bytes: &[u8], mut at: usize, mut mantissa: u64) -> (u64, usize) {
    while let Some(digit) = bytes.get(at).map(|b| b.wrapping_sub(b'0')).filter(|&d| d < 10) {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (mantissa, at)
}

/// The number in a trimmed cell that is not missing.
pub(super) fn read(cell: &str, style: Style) -> Option<Read> {
    match style {
        Style::Plain => plain(cell),
        Style::Thousands => grouped(cell, ',', '.'),
        Style::DecimalComma => grouped(cell, '.', ','),
    }
}

/// What [`str::parse`] takes, but for NaN.
fn plain(cell: &str) -> Option<Read> {
    let last = *cell.as_bytes().last()?;
    // Cheap to refuse: the last character of a number is a digit, a point, or the end of `inf` or `infinity`.
    if !(last.is_ascii_digit() || matches!(last | 0x20, b'.' | b'f' | b'y')) {
        return None;
    }
    // Spellings of NaN that are not missing tokens, such as `-nan`, are texts.
    let value = cell.parse::<f64>().ok().filter(|value| !value.is_nan())?;
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    Some(Read { value, whole: digits.bytes().all(|b| b.is_ascii_digit()) })
}

/// A number with groups of three digits and a decimal mark; there may be no groups.
fn grouped(cell: &str, group: char, point: char) -> Option<Read> {
    let unsigned = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let (integer, fraction) = unsigned.split_once(point).map_or((unsigned, None), |(a, b)| (a, Some(b)));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if fraction.is_some_and(|f| f.is_empty() || !digits(f)) || integer.is_empty() && fraction.is_none() {
        return None;
    }
    let mut groups = integer.split(group);
    let first = groups.next()?;
    let mut grouped = false;
    for part in groups {
        grouped = true;
        if part.len() != 3 || !digits(part) {
            return None;
        }
    }
    // `0,123` has no thousands.
    if !digits(first) || grouped && (first.is_empty() || first.len() > 3 || first.starts_with('0')) {
        return None;
    }
    let clean: String =
        cell.chars().filter(|&c| c != group).map(|c| if c == point { '.' } else { c }).collect();
    let value = clean.parse().ok()?;
    Some(Read { value, whole: fraction.is_none() })
}

#[cfg(test)]
mod tests {
    use super::{Style, read, short};

    fn value(cell: &str, style: Style) -> Option<f64> {
        read(cell, style).map(|read| read.value)
    }

    #[test]
    fn short_numbers_are_the_nearest_ones() {
        let mut seed = 7_u64;
        for round in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let digits = (seed >> 11 >> (seed % 50)).to_string();
            let cut = digits.len() - (round % 17).min(digits.len());
            let text = format!("{}{}.{}", ["", "-"][round % 2], &digits[..cut], &digits[cut..]);
            for text in [text.as_str(), text.trim_end_matches('.')] {
                let Some((found, end)) = short(format!("{text};x").as_bytes(), b';') else { continue };
                let expected: f64 = text.parse().expect("a number");
                assert_eq!((found.value.to_bits(), end), (expected.to_bits(), text.len()), "{text}");
                assert_eq!(found.whole, !text.contains('.'), "{text}");
            }
        }
    }

    #[test]
    fn what_is_not_short_is_left_to_others() {
        for text in ["", "1", "-0", "007", ".5", "5.", "9007199254740992", "0.000000000000000001"] {
            assert!(short(text.as_bytes(), b',').is_some(), "{text}");
        }
        for text in [
            "-",
            ".",
            "+1",
            "1e5",
            " 1",
            "1 ",
            "x",
            "9007199254740993",
            "00000000000000000001",
            "1.2.3",
            "\"1\"",
        ] {
            assert_eq!(short(text.as_bytes(), b','), None, "{text}");
        }
    }

    #[test]
    fn groups_have_three_digits() {
        assert_eq!(value("1,234.56", Style::Thousands), Some(1234.56));
        assert_eq!(value("-1,234,567", Style::Thousands), Some(-1_234_567.0));
        assert_eq!(value("1234.5", Style::Thousands), Some(1234.5));
        assert_eq!(value("1.234,56", Style::DecimalComma), Some(1234.56));
        assert_eq!(value(",5", Style::DecimalComma), Some(0.5));
        for cell in ["", "-", "1,23", "1234,567", "0,123", ",123", "1,234.", "1,2345", "1,234e5", "1.5,234"] {
            assert_eq!(value(cell, Style::Thousands), None, "{cell}");
        }
    }
}
