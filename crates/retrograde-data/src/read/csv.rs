//! Delimited text: its dialect, encoding, and the types of its columns, which are decided over all rows.
//!
//! ```text
//! bytes ─ text: UTF-8 ─ layout: dialect, names ─ blocks of records ─ threads ─→ pieces ─ columns ─→ Table
//! ```
//!
//! A text is read block by block, so that nothing but the table itself takes memory in proportion to the file.

mod affix;
mod blocks;
mod cells;
mod columns;
mod crew;
mod date;
mod dialect;
mod encoding;
mod format;
mod layout;
mod notes;
mod number;
mod passes;
mod piece;
mod pool;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod typed;

use super::{ReadOptions, sniff};
use crate::error::DataError;
use crate::table::Table;
use columns::Keep;
use crew::Division;
use std::io::Read as _;
use std::path::Path;
use text::{Input, with_text};

pub use encoding::Encoding;
pub use source::scan_csv;

/// The largest cell in bytes; smaller when bytes are tried at random, which are never as many.
const MAX_CELL: usize = if cfg!(fuzzing) { 1 << 10 } else { 1 << 20 };

/// A file of more bytes is not loaded before it is read.
pub(super) const LARGE: u64 = 64 << 20;

/// Reads delimited text.
pub(crate) fn read_csv(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, DataError> {
    read_input(Input::Memory(name, bytes), options, Division::new(options.threads))
}

/// Reads a file of text that is too large to be loaded before it is read; `None` for any other file.
pub(crate) fn read_large(path: &Path, options: &ReadOptions) -> Result<Option<Table>, DataError> {
    if !is_large(path, options)? {
        return Ok(None);
    }
    read_input(Input::File(path), options, Division::new(options.threads)).map(Some)
}

/// The same as a source.
pub(crate) fn scan_large(
    path: &Path,
    options: &ReadOptions,
) -> Result<Option<super::Source<'static>>, DataError> {
    if !is_large(path, options)? {
        return Ok(None);
    }
    scan_csv(path, options).map(Some)
}

/// Whether this is a large file of delimited text.
fn is_large(path: &Path, options: &ReadOptions) -> Result<bool, DataError> {
    let io = |source| DataError::Io { name: path.display().to_string(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let found = file.metadata().map_err(io)?;
    if !found.is_file() || found.len() <= LARGE {
        return Ok(false);
    }
    let mut first = Vec::new();
    file.take(sniff::SAMPLE as u64 + 1).read_to_end(&mut first).map_err(io)?;
    is_delimited(&path.display().to_string(), &first, options)
}

/// Whether a file that begins so is delimited text, and not compressed.
fn is_delimited(name: &str, first: &[u8], options: &ReadOptions) -> Result<bool, DataError> {
    let compressed =
        super::gzip::is_gzip(first) || super::zst::is_zst(first) || super::archive::is_zip(first);
    Ok(!compressed
        && sniff::format(name, first)? == sniff::Format::Text
        && sniff::text_format(name, first, options) == sniff::TextFormat::Delimited)
}

/// Reads delimited text from wherever it is.
fn read_input(input: Input, options: &ReadOptions, division: Division) -> Result<Table, DataError> {
    with_text(input, options.encoding, |text| {
        passes::find(&text, options, division, Keep::Cells)?.into_table()
    })
}
