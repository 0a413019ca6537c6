//! The cells of an Arrow array as numbers, moments and texts.

mod decimal;
mod moments;
mod texts;

pub(super) use moments::moments;
pub(super) use texts::{codes, each_text};

use super::kinds::EXACT;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

/// The cells as numbers, NaN where missing; `None` for types that are no numbers.
///
/// Truth values are 1 and 0. Whole numbers and decimals are rounded to the nearest f64, times of day and durations
/// are seconds.
pub(super) fn numbers(array: &ArrayRef) -> Option<Vec<f64>> {
    use DataType as T;
    Some(match array.data_type() {
        T::Null => vec![f64::NAN; array.len()],
        T::Boolean => {
            array.as_boolean().iter().map(|x| x.map_or(f64::NAN, |x| f64::from(u8::from(x)))).collect()
        }
        T::Int8 => floats::<Int8Type>(array, f64::from),
        T::Int16 => floats::<Int16Type>(array, f64::from),
        T::Int32 => floats::<Int32Type>(array, f64::from),
        T::Int64 => floats::<Int64Type>(array, |x| x as f64),
        T::UInt8 => floats::<UInt8Type>(array, f64::from),
        T::UInt16 => floats::<UInt16Type>(array, f64::from),
        T::UInt32 => floats::<UInt32Type>(array, f64::from),
        T::UInt64 => floats::<UInt64Type>(array, |x| x as f64),
        T::Float16 => floats::<Float16Type>(array, f64::from),
        T::Float32 => floats::<Float32Type>(array, f64::from),
        T::Float64 => floats::<Float64Type>(array, |x| x),
        T::Decimal32(..) => decimal::numbers::<Decimal32Type>(array),
        T::Decimal64(..) => decimal::numbers::<Decimal64Type>(array),
        T::Decimal128(..) => decimal::numbers::<Decimal128Type>(array),
        T::Decimal256(..) => decimal::numbers::<Decimal256Type>(array),
        T::Time32(_) | T::Time64(_) | T::Duration(_) => return seconds(array),
        _ => return None,
    })
}

/// Times of day and durations in seconds.
fn seconds(array: &ArrayRef) -> Option<Vec<f64>> {
    use DataType as T;
    Some(match array.data_type() {
        T::Time32(TimeUnit::Second) => floats::<Time32SecondType>(array, f64::from),
        T::Time32(_) => floats::<Time32MillisecondType>(array, |x| f64::from(x) / 1e3),
        T::Time64(TimeUnit::Microsecond) => floats::<Time64MicrosecondType>(array, |x| x as f64 / 1e6),
        T::Time64(_) => floats::<Time64NanosecondType>(array, |x| x as f64 / 1e9),
        T::Duration(TimeUnit::Second) => floats::<DurationSecondType>(array, |x| x as f64),
        T::Duration(TimeUnit::Millisecond) => floats::<DurationMillisecondType>(array, |x| x as f64 / 1e3),
        T::Duration(TimeUnit::Microsecond) => floats::<DurationMicrosecondType>(array, |x| x as f64 / 1e6),
        T::Duration(TimeUnit::Nanosecond) => floats::<DurationNanosecondType>(array, |x| x as f64 / 1e9),
        _ => return None,
    })
}

/// Every cell of a primitive array as a number.
fn floats<T: ArrowPrimitiveType>(array: &ArrayRef, number: impl Fn(T::Native) -> f64) -> Vec<f64> {
    let array = array.as_primitive::<T>();
    if array.null_count() == 0 {
        array.values().iter().map(|&x| number(x)).collect()
    } else {
        array.iter().map(|x| x.map_or(f64::NAN, &number)).collect()
    }
}

/// The first cell with a whole or decimal number that f64 does not hold exactly.
pub(super) fn inexact(array: &ArrayRef) -> Option<usize> {
    use DataType as T;
    match array.data_type() {
        T::Int64 => beyond::<Int64Type>(array, |x| x.unsigned_abs() > EXACT),
        T::UInt64 => beyond::<UInt64Type>(array, |x| x > EXACT),
        T::Decimal32(..) => decimal::inexact::<Decimal32Type>(array),
        T::Decimal64(..) => decimal::inexact::<Decimal64Type>(array),
        T::Decimal128(..) => decimal::inexact::<Decimal128Type>(array),
        T::Decimal256(..) => decimal::inexact::<Decimal256Type>(array),
        _ => None,
    }
}

/// The first cell that is there and is `odd`.
fn beyond<T: ArrowPrimitiveType>(array: &ArrayRef, odd: impl Fn(T::Native) -> bool) -> Option<usize> {
    let array = array.as_primitive::<T>();
    // What lies under a missing cell counts for nothing, but is rarely odd: looked at first without asking.
    if !array.values().iter().any(|&x| odd(x)) {
        return None;
    }
    array.iter().position(|x| x.is_some_and(&odd))
}
