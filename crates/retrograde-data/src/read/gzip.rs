//! Decompression that never trusts a declared size.

use crate::error::DataError;
use std::io::Read;

/// Whether the bytes begin like a gzip file.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The contents of a gzip file of one or several members, checked against their checksums.
pub(crate) fn decompress(name: &str, bytes: &[u8], limit: u64) -> Result<Vec<u8>, DataError> {
    drain(flate2::read::MultiGzDecoder::new(bytes), name, "gzip", limit)
}

/// All that a decoder gives, at most `limit` bytes; memory grows with the data only.
pub(crate) fn drain(
    decoder: impl Read,
    name: &str,
    format: &'static str,
    limit: u64,
) -> Result<Vec<u8>, DataError> {
    let mut out = Vec::new();
    let damaged = |good: usize, error: &std::io::Error| DataError::Compressed {
        name: name.to_owned(),
        format,
        good,
        found: error.to_string(),
    };
    let result = decoder.take(limit.saturating_add(1)).read_to_end(&mut out);
    if out.len() as u64 > limit {
        return Err(DataError::TooLarge { name: name.to_owned(), limit });
    }
    result.map_err(|error| damaged(out.len(), &error))?;
    Ok(out)
}
