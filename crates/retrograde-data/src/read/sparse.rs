//! Sparse tables, whose absent cells are zero, as columns with all their cells.

use super::MAX_COLUMNS;
use crate::error::DataError;

/// Columns of `rows` zeros each. The limit is looked at before anything is allocated: all cells together, of 8 bytes each,
/// may take `limit` bytes, which is [`super::ReadOptions::max_bytes`].
///
/// # Errors
/// [`DataError::Empty`] without rows or columns, [`DataError::Sparse`] beyond the limit or 65,536 columns.
pub(super) fn zeros(name: &str, rows: usize, columns: u64, limit: u64) -> Result<Vec<Vec<f64>>, DataError> {
    if rows == 0 || columns == 0 {
        return Err(DataError::Empty { name: name.to_owned() });
    }
    let bytes = columns.checked_mul(rows as u64).and_then(|cells| cells.checked_mul(8));
    if columns > MAX_COLUMNS as u64 || bytes.is_none_or(|bytes| bytes > limit) {
        return Err(DataError::Sparse { name: name.to_owned(), rows, columns, limit });
    }
    Ok((0..columns).map(|_| vec![0.0; rows]).collect())
}

#[cfg(test)]
mod tests {
    use super::zeros;

    #[test]
    fn the_limit_is_exact_and_looked_at_first() {
        assert_eq!(zeros("t", 3, 2, 48).expect("it fits"), [[0.0; 3], [0.0; 3]]);
        assert!(zeros("t", 3, 2, 47).is_err());
        let error = zeros("t", usize::MAX, u64::MAX, u64::MAX).expect_err("too large").to_string();
        assert!(error.starts_with("t is a sparse table of "), "{error}");
        assert!(zeros("t", 1, 65_537, u64::MAX).is_err());
    }
}
