//! What the types of Arrow are as columns of a table.

use crate::table::ColumnType;
use arrow_schema::DataType;

/// How a column of a type is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers that f64 holds, or rounds as every reader of decimals does; times of day and durations in seconds.
    Number,
    /// Whole or decimal numbers that f64 may not hold exactly: the whole column decides.
    Long,
    /// Truth values.
    Truth,
    /// Texts, and dictionaries of anything.
    Text,
    /// Dates and times.
    Moment,
}

/// The kind of a type, or the word for a type that has no place in a table.
pub(super) fn kind(data_type: &DataType) -> Result<Kind, &'static str> {
    use DataType as T;
    Ok(match data_type {
        T::Null
        | T::Int8
        | T::Int16
        | T::Int32
        | T::UInt8
        | T::UInt16
        | T::UInt32
        | T::Float16
        | T::Float32
        | T::Float64
        | T::Time32(_)
        | T::Time64(_)
        | T::Duration(_) => Kind::Number,
        T::Int64 | T::UInt64 | T::Decimal256(..) => Kind::Long,
        T::Decimal32(precision, _) | T::Decimal64(precision, _) | T::Decimal128(precision, _) => {
            // 15 digits always come back from f64.
            if *precision <= 15 { Kind::Number } else { Kind::Long }
        }
        T::Boolean => Kind::Truth,
        T::Utf8 | T::LargeUtf8 | T::Utf8View => Kind::Text,
        T::Date32 | T::Date64 | T::Timestamp(..) => Kind::Moment,
        T::Dictionary(_, values) => match (&**values, kind(values)) {
            (T::Dictionary(..), _) => return Err("dictionary of dictionaries"),
            (_, Ok(_)) => Kind::Text,
            (_, Err(word)) => return Err(word),
        },
        other => return Err(word(other)),
    })
}

/// The word for a type that is not read.
fn word(data_type: &DataType) -> &'static str {
    use DataType as T;
    match data_type {
        T::List(_) | T::LargeList(_) | T::FixedSizeList(..) | T::ListView(_) | T::LargeListView(_) => "list",
        T::Struct(_) => "struct",
        T::Map(..) => "map",
        T::Union(..) => "union",
        T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => "binary",
        T::Interval(_) => "interval",
        T::RunEndEncoded(..) => "run-end encoded",
        _ => "unknown type",
    }
}

/// The type of a column of this kind; `None` until the whole column has been looked at.
pub(super) fn column_type(kind: Kind, wanted: Option<ColumnType>) -> Option<ColumnType> {
    wanted.or(match kind {
        Kind::Number => Some(ColumnType::Number),
        Kind::Long => None,
        Kind::Truth | Kind::Text => Some(ColumnType::Category),
        Kind::Moment => Some(ColumnType::Date),
    })
}

/// The largest whole number up to which f64 holds every one: 2⁵³.
pub(super) const EXACT: u64 = 1 << 53;

#[cfg(test)]
mod tests {
    use super::{Kind, kind};
    use arrow_schema::{DataType, Field};
    use std::sync::Arc;

    #[test]
    fn types_without_a_place_are_called_by_their_word() {
        let item = Arc::new(Field::new("item", DataType::Int32, true));
        assert_eq!(kind(&DataType::List(item)), Err("list"));
        assert_eq!(kind(&DataType::Binary), Err("binary"));
        let dictionary = |values| DataType::Dictionary(Box::new(DataType::Int8), Box::new(values));
        assert_eq!(kind(&dictionary(DataType::Int64)), Ok(Kind::Text));
        assert_eq!(kind(&dictionary(DataType::Binary)), Err("binary"));
        assert!(kind(&dictionary(dictionary(DataType::Utf8))).is_err());
    }
}
