//! Zstandard, as bounded as gzip is.

use super::gzip::drain;
use crate::error::DataError;

/// Frames may look back this far (2²⁷ bytes): what the `zstd` command accepts too unless it is told otherwise.
const WINDOW_LOG: u32 = 27;

/// Whether the bytes begin like a Zstandard file.
pub(crate) fn is_zst(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}

/// The contents of a Zstandard file of one or several frames, at most `limit` bytes.
pub(crate) fn decompress(name: &str, bytes: &[u8], limit: u64) -> Result<Vec<u8>, DataError> {
    let damaged = |error: std::io::Error| DataError::Compressed {
        name: name.to_owned(),
        format: "zstd",
        good: 0,
        found: error.to_string(),
    };
    let mut decoder = zstd::Decoder::with_buffer(bytes).map_err(damaged)?;
    decoder.window_log_max(WINDOW_LOG).map_err(damaged)?;
    drain(decoder, name, "zstd", limit)
}
