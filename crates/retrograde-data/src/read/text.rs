//! What the formats of text have in common.

use super::bytes::line_and_byte;
use crate::error::DataError;
use crate::table::{ColumnType, LevelPool, MISSING, Values};

/// The text of some bytes, without a byte order mark.
///
/// # Errors
/// [`DataError::Nul`] and [`DataError::NotUtf8`] with the place of the first such byte.
pub(super) fn utf8<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(offset) = bytes.iter().position(|&b| b == 0) {
        let (line, byte) = line_and_byte(bytes, offset);
        return Err(DataError::Nul { name: name.to_owned(), line, byte });
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let (line, byte) = line_and_byte(bytes, error.valid_up_to());
        let found = format!("byte {:#04x}", bytes[error.valid_up_to()]);
        DataError::NotUtf8 { name: name.to_owned(), line, byte, found }
    })
}

/// The lines with their numbers from 1. A carriage return at the end of a line is not part of it.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..).zip(text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)))
}

/// Whether a number is an integer that `f64` cannot hold, such as 9007199254740993.
pub(super) fn is_inexact(text: &str, value: f64) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    // Integers of 15 digits are all exact.
    digits.len() > 15
        && digits.bytes().all(|b| b.is_ascii_digit())
        && text.parse::<i128>() != Ok(value as i128)
}

/// Texts as a column of numbers, if every one is a number that `f64` holds exactly; else as a category.
pub(super) fn typed(cells: &[Option<&str>], wanted: Option<ColumnType>) -> Values {
    let number = |cell: Option<&str>| match cell {
        None => Some(f64::NAN),
        Some(text) => {
            text.parse().ok().filter(|&value| wanted == Some(ColumnType::Number) || !is_inexact(text, value))
        }
    };
    if wanted.is_none_or(|wanted| wanted == ColumnType::Number) {
        let numbers: Option<Vec<f64>> = cells.iter().copied().map(number).collect();
        if let Some(numbers) = numbers {
            return Values::Number(numbers);
        }
    }
    let mut pool = LevelPool::default();
    let codes = cells.iter().map(|cell| cell.map_or(MISSING, |text| pool.code(text))).collect();
    pool.into_values(codes)
}

#[cfg(test)]
mod tests {
    use super::{is_inexact, lines, typed};
    use crate::table::{ColumnType, Values};

    #[test]
    fn integers_beyond_two_to_the_53() {
        let inexact = |text: &str| is_inexact(text, text.parse().expect("a number"));
        assert!(
            !inexact("9007199254740992")
                && !inexact("1e300")
                && !inexact("12")
                && !inexact("9007199254740992.5")
        );
        assert!(inexact("9007199254740993") && inexact("-9007199254740993") && inexact(&"9".repeat(60)));
        let cells = [Some("9007199254740993"), None, Some("1")];
        assert!(matches!(typed(&cells, None), Values::Category { .. }));
        assert!(matches!(typed(&cells, Some(ColumnType::Number)), Values::Number(_)));
    }

    #[test]
    fn lines_are_numbered() {
        assert_eq!(lines("a\r\n\nb").collect::<Vec<_>>(), [(1, "a"), (2, ""), (3, "b")]);
    }
}
