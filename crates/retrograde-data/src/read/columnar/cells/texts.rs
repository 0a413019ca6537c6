//! Cells as texts, and as codes of levels.

use super::{decimal, moments, numbers};
use crate::moment;
use crate::table::{MISSING, MISSING_DATE, number_text};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Int64Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;
use std::fmt::Display;

/// The texts of an array.
enum Texts<'a> {
    Small(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
    Made(Vec<Option<String>>),
}

impl<'a> Texts<'a> {
    /// Whole numbers and decimals are written with all their digits, other numbers in their shortest form, dates as
    /// ISO 8601 writes them. A date out of range is an error as in [`moments`].
    fn new(array: &'a ArrayRef) -> Result<Self, (usize, String)> {
        use DataType as T;
        Ok(match array.data_type() {
            T::Utf8 => Self::Small(array.as_string()),
            T::LargeUtf8 => Self::Large(array.as_string()),
            T::Utf8View => Self::View(array.as_string_view()),
            T::Boolean => Self::Made(array.as_boolean().iter().map(|x| Some(x?.to_string())).collect()),
            T::Int64 => Self::Made(written::<Int64Type>(array)),
            T::UInt64 => Self::Made(written::<UInt64Type>(array)),
            T::Decimal32(..) => Self::Made(decimal::texts::<Decimal32Type>(array)),
            T::Decimal64(..) => Self::Made(decimal::texts::<Decimal64Type>(array)),
            T::Decimal128(..) => Self::Made(decimal::texts::<Decimal128Type>(array)),
            T::Decimal256(..) => Self::Made(decimal::texts::<Decimal256Type>(array)),
            _ => Self::Made(if let Some(moments) = moments(array) {
                moments?.into_iter().map(|x| (x != MISSING_DATE).then(|| moment::text(x))).collect()
            } else {
                let numbers = numbers(array).unwrap_or_default();
                numbers.into_iter().map(|x| (!x.is_nan()).then(|| number_text(x))).collect()
            }),
        })
    }

    fn get(&self, row: usize) -> Option<&str> {
        match self {
            Self::Small(array) => (row < array.len() && array.is_valid(row)).then(|| array.value(row)),
            Self::Large(array) => (row < array.len() && array.is_valid(row)).then(|| array.value(row)),
            Self::View(array) => (row < array.len() && array.is_valid(row)).then(|| array.value(row)),
            Self::Made(texts) => texts.get(row)?.as_deref(),
        }
    }
}

fn written<T: ArrowPrimitiveType<Native: Display>>(array: &ArrayRef) -> Vec<Option<String>> {
    array.as_primitive::<T>().iter().map(|x| Some(x?.to_string())).collect()
}

/// The values of a dictionary, and for every cell which one it is.
fn dictionary(array: &ArrayRef) -> Option<(&ArrayRef, Vec<Option<usize>>)> {
    let dictionary = array.as_any_dictionary_opt()?;
    // Keys are whole numbers below the number of values, which f64 holds.
    let keys = numbers(&dictionary.keys().slice(0, array.len()))?;
    let keys = keys.into_iter().map(|key| (key >= 0.0).then_some(key as usize)).collect();
    Some((dictionary.values(), keys))
}

/// Calls `visit` with row and text of every cell in order, `None` for a missing one.
///
/// # Errors
/// The first of `visit`'s, and row and text of a date out of range.
pub(in crate::read::columnar) fn each_text(
    array: &ArrayRef,
    mut visit: impl FnMut(Option<&str>) -> Result<(), String>,
) -> Result<(), (usize, String)> {
    let (values, keys) = match dictionary(array) {
        Some((values, keys)) => (values, Some(keys)),
        None => (array, None),
    };
    let texts = Texts::new(values)?;
    for row in 0..array.len() {
        let index = keys.as_ref().map_or(Some(row), |keys| *keys.get(row)?);
        visit(index.and_then(|index| texts.get(index))).map_err(|text| (row, text))?;
    }
    Ok(())
}

/// The code of every cell's text, [`MISSING`] for a missing one. `code` is asked for texts in the order of the rows,
/// for a text of a dictionary only once.
///
/// # Errors
/// Row and text of the first cell for which `code` knows none, or of a date out of range.
pub(in crate::read::columnar) fn codes(
    array: &ArrayRef,
    mut code: impl FnMut(&str) -> Option<u32>,
) -> Result<Vec<u32>, (usize, String)> {
    let mut ask = |row, text: &str| code(text).ok_or_else(|| (row, text.to_owned()));
    let Some((values, keys)) = dictionary(array) else {
        let texts = Texts::new(array)?;
        let of = |row| texts.get(row).map_or(Ok(MISSING), |text| ask(row, text));
        return (0..array.len()).map(of).collect();
    };
    let texts = Texts::new(values)?;
    let mut known = vec![None; values.len()];
    let mut out = Vec::with_capacity(keys.len());
    for (row, key) in keys.into_iter().enumerate() {
        let Some((key, slot)) = key.and_then(|key| Some((key, known.get_mut(key)?))) else {
            out.push(MISSING);
            continue;
        };
        let code = match *slot {
            Some(code) => code,
            None => texts.get(key).map_or(Ok(MISSING), |text| ask(row, text))?,
        };
        *slot = Some(code);
        out.push(code);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{codes, each_text};
    use arrow_array::types::Int8Type;
    use arrow_array::{ArrayRef, DictionaryArray, Int8Array, Int64Array, StringArray};
    use std::sync::Arc;

    /// `b`, missing, `a`, missing by its value, `b`; `z` is in no cell.
    fn dictionary() -> ArrayRef {
        let keys = Int8Array::from(vec![Some(2), None, Some(1), Some(3), Some(2)]);
        let values = StringArray::from(vec![Some("z"), Some("a"), Some("b"), None]);
        Arc::new(DictionaryArray::<Int8Type>::new(keys, Arc::new(values)))
    }

    #[test]
    fn dictionaries_are_read_in_the_order_of_the_cells() {
        let mut levels: Vec<String> = Vec::new();
        let found = codes(&dictionary(), |text| {
            levels.push(text.to_owned());
            Some(levels.len() as u32 - 1)
        });
        assert_eq!(found, Ok(vec![0, u32::MAX, 1, u32::MAX, 0]));
        assert_eq!(levels, ["b", "a"]);
        let mut cells = Vec::new();
        each_text(&dictionary(), |text| {
            cells.push(text.map(str::to_owned));
            Ok(())
        })
        .expect("texts");
        assert_eq!(cells, [Some("b".into()), None, Some("a".into()), None, Some("b".into())]);
    }

    #[test]
    fn long_numbers_keep_their_digits() {
        let array: ArrayRef = Arc::new(Int64Array::from(vec![9_007_199_254_740_993, -1]));
        assert_eq!(codes(&array, |_| None), Err((0, "9007199254740993".into())));
    }
}
