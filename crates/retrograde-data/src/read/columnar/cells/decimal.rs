//! Decimal numbers: whole numbers with a power of ten.

use crate::read::columnar::kinds::EXACT;
use arrow_array::ArrayRef;
use arrow_array::cast::AsArray as _;
use arrow_array::types::DecimalType;
use arrow_buffer::ArrowNativeType as _;

/// The powers of ten that f64 holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The nearest f64 of every cell.
pub(super) fn numbers<T: DecimalType>(array: &ArrayRef) -> Vec<f64> {
    let array = array.as_primitive::<T>();
    let scale = array.scale();
    let number = |x: T::Native| {
        // Two exact numbers divided are rounded once.
        if let (Some(whole), Ok(scale)) = (short(x.to_i64()), usize::try_from(scale))
            && let Some(power) = POWERS.get(scale)
        {
            return whole as f64 / power;
        }
        text::<T>(x, scale).parse().unwrap_or(f64::NAN)
    };
    array.iter().map(|x| x.map_or(f64::NAN, number)).collect()
}

/// The first cell whose digits do not come back from f64: more than 2⁵³ without the zeros at either end.
pub(super) fn inexact<T: DecimalType>(array: &ArrayRef) -> Option<usize> {
    let array = array.as_primitive::<T>();
    let odd = |x: T::Native| short(x.to_i64()).is_none() && !is_short(&text::<T>(x, array.scale()));
    array.iter().position(|x| x.is_some_and(odd))
}

/// Every cell as text, without zeros after the last decimal.
pub(super) fn texts<T: DecimalType>(array: &ArrayRef) -> Vec<Option<String>> {
    let array = array.as_primitive::<T>();
    array.iter().map(|x| Some(text::<T>(x?, array.scale()))).collect()
}

fn short(whole: Option<i64>) -> Option<i64> {
    whole.filter(|x| x.unsigned_abs() <= EXACT)
}

fn text<T: DecimalType>(x: T::Native, scale: i8) -> String {
    let mut text = T::format_decimal(x, T::MAX_PRECISION, scale);
    if text.contains('.') {
        let kept = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(kept);
    }
    text
}

/// Whether the digits of a number, without the zeros at either end, make a whole number up to 2⁵³.
fn is_short(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_matches('0');
    digits.is_empty() || digits.parse().is_ok_and(|x: u64| x <= EXACT)
}

#[cfg(test)]
mod tests {
    use super::{inexact, is_short, numbers, texts};
    use arrow_array::types::Decimal128Type;
    use arrow_array::{ArrayRef, Decimal128Array};
    use std::sync::Arc;

    fn decimals(scale: i8, cells: &[Option<i128>]) -> ArrayRef {
        let array = Decimal128Array::from(cells.to_vec()).with_precision_and_scale(38, scale);
        Arc::new(array.expect("a valid scale"))
    }

    #[test]
    fn decimals_are_the_nearest_numbers() {
        let cells = [Some(15), Some(-1), None, Some(1_500_000_000_000_000_000_000), Some(0)];
        let array = decimals(1, &cells);
        let found = numbers::<Decimal128Type>(&array);
        assert_eq!((found[0], found[1], found[3], found[4]), (1.5, -0.1, 1.5e20, 0.0));
        assert!(found[2].is_nan());
        assert_eq!(inexact::<Decimal128Type>(&array), None);
        let texts = texts::<Decimal128Type>(&array);
        let expected = [Some("1.5"), Some("-0.1"), None, Some("150000000000000000000"), Some("0")];
        assert_eq!(texts.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn zeros_at_the_ends_are_no_digits_to_keep() {
        assert_eq!(inexact::<Decimal128Type>(&decimals(18, &[Some(1_500_000_000_000_000_000)])), None);
        let long = decimals(2, &[None, Some(900_719_925_474_099_301)]);
        assert_eq!(inexact::<Decimal128Type>(&long), Some(1));
        assert_eq!(texts::<Decimal128Type>(&long)[1].as_deref(), Some("9007199254740993.01"));
        assert!(is_short("-9007199254740992000") && !is_short("0.9007199254740993"));
        assert!(is_short("0.000") && is_short("0"));
    }
}
