//! Files of typed columns: Parquet and Arrow IPC, whose second version of Feather is one form.
//!
//! ```text
//! Store ─ ParquetFile, IpcFile ─→ batches of Arrow arrays ─ cells ─→ columns of a table
//!                                  │
//!                       scan: types and levels, found once
//! ```
//!
//! | in the file | in the table |
//! |---|---|
//! | whole numbers, decimals, floats of any width | number; a column of 64-bit whole numbers or long decimals of which f64 cannot hold one exactly becomes a category of their digits |
//! | truth values | category of `true` and `false` |
//! | texts, dictionaries | category; an empty text is a level of its own |
//! | dates, timestamps | date: UTC where the file has a time zone, and as it is written where it has none |
//! | times of day, durations | number of seconds |
//! | only nulls | number, all missing |
//! | lists, structs, maps, bytes, intervals | left out, and [`Origin::notes`](crate::Origin) say so |

mod cells;
mod guard;
mod ipc;
mod kinds;
mod levels;
mod pages;
mod parquet;
mod rows;
mod scan;
mod store;
mod thrift;

use super::sniff::Format;
use super::{ReadOptions, Source};
use crate::error::DataError;
use crate::table::Table;
use arrow_array::ArrayRef;
use arrow_schema::Fields;
use guard::guarded;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use store::Store;

/// About how many rows a piece of so many columns has: at most 2¹⁶, and fewer where their cells would be more than 2²¹, which
/// take 16 MiB.
fn piece_rows(columns: usize) -> usize {
    ((1 << 21) / columns.max(1)).clamp(1 << 8, 1 << 16)
}

/// Batches of at most [`piece_rows`] rows, each with one array per column that was asked for.
type Batches<'a> = Box<dyn Iterator<Item = Result<Vec<ArrayRef>, DataError>> + Send + 'a>;

/// A file of columns whose metadata has been read and checked.
trait Columnar: Send + Sync {
    /// The columns at the top of the schema.
    fn fields(&self) -> &Fields;

    /// The number of rows, as the metadata has it.
    fn rows(&self) -> usize;

    /// Format and compression, as [`crate::Origin::format`] shows them.
    fn format(&self) -> String;

    /// The name of the format, for errors.
    fn format_name(&self) -> &'static str;

    /// Whether f64 holds all whole numbers of a column, where the file's statistics tell.
    fn is_exact(&self, column: usize) -> Option<bool>;

    /// Checks that the columns with these indices, which increase, can be read.
    fn check(&self, columns: &[usize]) -> Result<(), DataError>;

    /// All rows of the columns with these indices, which increase.
    fn batches(&self, columns: &[usize]) -> Result<Batches<'_>, DataError>;
}

/// A table in a Parquet or Arrow IPC file, which is read in pieces and never held in memory as a whole.
///
/// The names, types and number of rows come from the file's metadata. One pass over the columns of text finds their
/// levels.
///
/// # Errors
/// [`DataError::Unsupported`] for a file of another format and for compression by Brotli or LZO,
/// [`DataError::Undecodable`] for a damaged file, [`DataError::NoColumns`] when no column has a type that a table can
/// have, [`DataError::Empty`] without rows.
pub fn scan_columnar(path: &Path, options: &ReadOptions) -> Result<Source<'static>, DataError> {
    let name = path.display().to_string();
    let format = format_of(path, &name)?;
    let io = |source| DataError::Io { name: name.clone(), source };
    scan::source(open(&name, Store::open(path).map_err(io)?, format, options)?, options)
}

/// The same for bytes in memory, which it keeps; `name` is what errors call them.
///
/// # Errors
/// As [`scan_columnar`].
pub fn scan_columnar_bytes(
    name: &str,
    bytes: Vec<u8>,
    options: &ReadOptions,
) -> Result<Source<'static>, DataError> {
    let format = super::sniff::columnar(&bytes);
    scan::source(open(name, Store::memory(bytes), format, options)?, options)
}

/// The whole table in a file, if it is a file of columns.
pub(super) fn read_path(path: &Path, name: &str, options: &ReadOptions) -> Result<Option<Table>, DataError> {
    let Some(format) = format_of(path, name)? else { return Ok(None) };
    let store = Store::open(path).map_err(|source| DataError::Io { name: name.to_owned(), source })?;
    scan::whole(open(name, store, Some(format), options)?, options).map(Some)
}

/// A file of columns that make a large table as a source; `None` for any other file.
pub(super) fn scan_large(
    path: &Path,
    name: &str,
    options: &ReadOptions,
) -> Result<Option<Source<'static>>, DataError> {
    let Some(format) = format_of(path, name)? else { return Ok(None) };
    let store = Store::open(path).map_err(|source| DataError::Io { name: name.to_owned(), source })?;
    let opened = open(name, store, Some(format), options)?;
    let cells = (opened.file.rows() as u64).saturating_mul(opened.file.fields().len() as u64);
    if cells.saturating_mul(size_of::<f64>() as u64) <= super::csv::LARGE {
        return Ok(None);
    }
    scan::source(opened, options).map(Some)
}

/// The whole table in bytes of this format.
pub(super) fn read_bytes(
    name: &str,
    bytes: Vec<u8>,
    format: Format,
    options: &ReadOptions,
) -> Result<Table, DataError> {
    scan::whole(open(name, Store::memory(bytes), Some(format), options)?, options)
}

/// The format of a regular file, if it is one of columns.
fn format_of(path: &Path, name: &str) -> Result<Option<Format>, DataError> {
    let io = |source| DataError::Io { name: name.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    // What is taken from a pipe to look at it is gone.
    if !file.metadata().map_err(io)?.is_file() {
        return Ok(None);
    }
    let mut first = Vec::new();
    file.take(8).read_to_end(&mut first).map_err(io)?;
    Ok(super::sniff::columnar(&first))
}

/// A file with its name and its fingerprint.
struct Opened {
    name: String,
    file: Box<dyn Columnar>,
    store: Store,
    fingerprint: u64,
}

fn open(
    name: &str,
    store: Store,
    format: Option<Format>,
    options: &ReadOptions,
) -> Result<Opened, DataError> {
    let fingerprint =
        store.fingerprint().map_err(|source| DataError::Io { name: name.to_owned(), source })?;
    let length = store.length();
    // A small file may well decompress to a multiple of its length, whatever the limit.
    let limit = options.max_bytes.max(length.saturating_mul(64));
    let kept = store.clone();
    let file: Box<dyn Columnar> = match format {
        Some(Format::Parquet) => Box::new(parquet::ParquetFile::open(name, store, limit)?),
        Some(Format::ArrowFile) => Box::new(ipc::IpcFile::open(name, store, limit)?),
        Some(Format::ArrowStream) => Box::new(ipc::IpcFile::open_stream(name, store, limit)?),
        _ => {
            return Err(DataError::Unsupported {
                name: name.to_owned(),
                found: "neither a Parquet nor an Arrow file",
                advice: "other formats are read whole",
            });
        }
    };
    Ok(Opened { name: name.to_owned(), file, store: kept, fingerprint })
}
