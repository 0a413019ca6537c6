//! Dates and times as microseconds since 1970.

use crate::table::MISSING_DATE;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array as _, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

/// The cells as microseconds since 1970, `MISSING_DATE` where missing; `None` for types that are no dates.
///
/// Nanoseconds within a microsecond are dropped. The smallest number of a unit is pandas' "not a time", a missing cell.
///
/// # Errors
/// Row and text of the first cell that 64 bits of microseconds cannot hold (±292,000 years).
pub(in crate::read::columnar) fn moments(array: &ArrayRef) -> Option<Result<Vec<i64>, (usize, String)>> {
    use DataType as T;
    Some(match array.data_type() {
        T::Date32 => scaled::<Date32Type>(array, 86_400_000_000, "days"),
        T::Date64 => scaled::<Date64Type>(array, 1000, "milliseconds"),
        T::Timestamp(TimeUnit::Second, _) => scaled::<TimestampSecondType>(array, 1_000_000, "seconds"),
        T::Timestamp(TimeUnit::Millisecond, _) => {
            scaled::<TimestampMillisecondType>(array, 1000, "milliseconds")
        }
        T::Timestamp(TimeUnit::Microsecond, _) => {
            scaled::<TimestampMicrosecondType>(array, 1, "microseconds")
        }
        T::Timestamp(TimeUnit::Nanosecond, _) => {
            let array = array.as_primitive::<TimestampNanosecondType>();
            let micros = |x: Option<i64>| match x {
                None | Some(i64::MIN) => MISSING_DATE,
                Some(x) => x.div_euclid(1000),
            };
            Ok(array.iter().map(micros).collect())
        }
        _ => return None,
    })
}

/// Every cell times `factor`.
fn scaled<T: ArrowPrimitiveType<Native: Into<i64>>>(
    array: &ArrayRef,
    factor: i64,
    unit: &str,
) -> Result<Vec<i64>, (usize, String)> {
    let array = array.as_primitive::<T>();
    let micros = |(row, x): (usize, Option<T::Native>)| match x.map(Into::into) {
        None | Some(i64::MIN) => Ok(MISSING_DATE),
        Some(x) => x.checked_mul(factor).ok_or_else(|| (row, format!("{x} {unit} since 1970"))),
    };
    array.iter().enumerate().map(micros).collect()
}

#[cfg(test)]
mod tests {
    use super::moments;
    use crate::table::MISSING_DATE;
    use arrow_array::{
        ArrayRef, Date32Array, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
    };
    use std::sync::Arc;

    fn found(array: impl arrow_array::Array + 'static) -> Result<Vec<i64>, (usize, String)> {
        moments(&(Arc::new(array) as ArrayRef)).expect("a type of dates")
    }

    #[test]
    fn every_unit_becomes_microseconds() {
        assert_eq!(found(Date32Array::from(vec![Some(-1), None])), Ok(vec![-86_400_000_000, MISSING_DATE]));
        assert_eq!(found(TimestampMillisecondArray::from(vec![1])), Ok(vec![1000]));
        let nanoseconds = TimestampNanosecondArray::from(vec![1999, -1, i64::MIN, i64::MAX]);
        assert_eq!(found(nanoseconds), Ok(vec![1, -1, MISSING_DATE, i64::MAX / 1000]));
    }

    #[test]
    fn moments_beyond_the_range_are_named() {
        let error = found(TimestampSecondArray::from(vec![0, i64::MAX / 2])).expect_err("beyond");
        assert_eq!(error, (1, "4611686018427387903 seconds since 1970".into()));
        assert!(found(Date32Array::from(vec![i32::MAX])).is_err());
    }
}
