//! Parquet: row groups of column chunks of pages, with the schema in a footer.

use super::kinds::EXACT;
use super::pages::Chunks;
use super::store::Store;
use super::thrift::is_sound_schema;
use super::{Batches, Columnar, guarded, piece_rows};
use crate::error::DataError;
use arrow_schema::{DataType, Fields};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::{Compression, Type};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;
use std::sync::Arc;

/// What ends a Parquet file: the length of the footer and four letters.
const TAIL: u64 = 8;

/// The longest values of fixed length that are read: a decimal of 256 bits.
const LONGEST: i32 = 32;

/// A Parquet file.
pub(super) struct ParquetFile {
    name: String,
    chunks: Chunks,
    arrow: ArrowReaderMetadata,
    rows: usize,
    /// For every column at the top of the schema its first leaf, the only one of a column that is read.
    leaves: Vec<usize>,
}

impl ParquetFile {
    /// Reads the footer. Decompressed pages may take `max_bytes` at a time.
    pub(super) fn open(name: &str, store: Store, max_bytes: u64) -> Result<Self, DataError> {
        check_footer(name, &store)?;
        let arrow = guarded(|| {
            ArrowReaderMetadata::load(&store, ArrowReaderOptions::new()).map_err(|error| error.to_string())
        });
        let arrow = arrow.map_err(|found| damaged(name, found))?;
        let metadata = arrow.metadata().clone();
        let mut rows = 0_usize;
        for group in metadata.row_groups() {
            let more = usize::try_from(group.num_rows()).ok().and_then(|more| rows.checked_add(more));
            rows = more.ok_or_else(|| damaged(name, format!("a row group of {} rows", group.num_rows())))?;
        }
        let schema = arrow.parquet_schema();
        let roots: Vec<usize> =
            (0..schema.num_columns()).map(|leaf| schema.get_column_root_idx(leaf)).collect();
        let leaves = (0..arrow.schema().fields().len()).map(|c| roots.partition_point(|&r| r < c)).collect();
        let chunks = Chunks { store, metadata, max_bytes, held: Arc::default() };
        Ok(Self { name: name.to_owned(), chunks, arrow, rows, leaves })
    }
}

/// Checks what is trusted when the footer is read.
fn check_footer(name: &str, store: &Store) -> Result<(), DataError> {
    let io = |source| DataError::Io { name: name.to_owned(), source };
    let at = |offset, found: &str, expected: &str| DataError::Damaged {
        name: name.to_owned(),
        format: "Parquet",
        offset,
        found: found.to_owned(),
        expected: expected.to_owned(),
    };
    let Some(end) = store.length().checked_sub(TAIL).filter(|&end| end >= 4) else {
        return Err(at(store.length(), "the end", "a footer"));
    };
    let mut tail = [0; TAIL as usize];
    store.read_exact(end, &mut tail).map_err(io)?;
    let [a, b, c, d, magic @ ..] = tail;
    if &magic == b"PARE" {
        let (found, advice) = ("an encrypted Parquet file", "write it without encryption");
        return Err(DataError::Unsupported { name: name.to_owned(), found, advice });
    }
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    if &magic != b"PAR1" {
        return Err(at(end + 4, "other bytes", "`PAR1`, with which a whole file ends"));
    }
    if length > end - 4 {
        return Err(at(end, &format!("a footer of {length} bytes"), &format!("at most {}", end - 4)));
    }
    let footer = store.bytes(end - length, length).map_err(io)?;
    if !is_sound_schema(&footer) {
        return Err(at(end - length, "a schema that is no tree", "groups with as many columns as they say"));
    }
    Ok(())
}

fn damaged(name: &str, found: String) -> DataError {
    DataError::Undecodable { name: name.to_owned(), format: "Parquet", found }
}

impl Columnar for ParquetFile {
    fn fields(&self) -> &Fields {
        self.arrow.schema().fields()
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn format(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for chunk in self.chunks.metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
            let name = compression_name(chunk.compression());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        if names.is_empty() { "parquet".into() } else { format!("parquet · {}", names.join(" + ")) }
    }

    fn format_name(&self) -> &'static str {
        "Parquet"
    }

    fn is_exact(&self, column: usize) -> Option<bool> {
        let unsigned = match self.fields()[column].data_type() {
            DataType::Int64 => false,
            DataType::UInt64 => true,
            _ => return None,
        };
        let leaf = *self.leaves.get(column)?;
        let mut all = true;
        for group in self.chunks.metadata.row_groups() {
            let Some(Statistics::Int64(found)) = group.columns().get(leaf)?.statistics() else { return None };
            let (Some(&low), Some(&high)) = (found.min_opt(), found.max_opt()) else {
                // Without a value there is no smallest and no largest one.
                if found.null_count_opt() == Some(group.num_rows().max(0) as u64) {
                    continue;
                }
                return None;
            };
            all &= if unsigned {
                high as u64 <= EXACT
            } else {
                low.unsigned_abs() <= EXACT && high.unsigned_abs() <= EXACT
            };
        }
        Some(all)
    }

    fn check(&self, columns: &[usize]) -> Result<(), DataError> {
        let schema = self.arrow.parquet_schema();
        for &column in columns {
            let leaf = self.leaves[column];
            let column = schema.column(leaf);
            if column.physical_type() == Type::FIXED_LEN_BYTE_ARRAY
                && !(0..=LONGEST).contains(&column.type_length())
            {
                let found = format!("values of {} bytes in column `{}`", column.type_length(), column.name());
                return Err(damaged(&self.name, found));
            }
            for group in self.chunks.metadata.row_groups() {
                let Some(chunk) = group.columns().get(leaf) else {
                    let found = format!("a row group of {} columns", group.columns().len());
                    return Err(damaged(&self.name, found));
                };
                let found = match chunk.compression() {
                    Compression::BROTLI(_) => "a Parquet file compressed with Brotli",
                    Compression::LZO => "a Parquet file compressed with LZO",
                    _ => continue,
                };
                let advice = "write it with another compression, in Python:  df.to_parquet('FILE', compression='zstd')";
                return Err(DataError::Unsupported { name: self.name.clone(), found, advice });
            }
        }
        Ok(())
    }

    fn batches(&self, columns: &[usize]) -> Result<Batches<'_>, DataError> {
        let reader = guarded(|| {
            let schema = self.arrow.parquet_schema();
            let mask = ProjectionMask::roots(schema, columns.iter().copied());
            let levels = parquet_to_arrow_field_levels(schema, mask, Some(self.fields()));
            let reader = levels.and_then(|levels| {
                ParquetRecordBatchReader::try_new_with_row_groups(
                    &levels,
                    &self.chunks,
                    piece_rows(columns.len()),
                    None,
                )
            });
            reader.map_err(|error| error.to_string())
        });
        let mut reader = Some(reader.map_err(|found| damaged(&self.name, found))?);
        Ok(Box::new(std::iter::from_fn(move || {
            let next = guarded(|| {
                let batch = reader.as_mut().and_then(Iterator::next).transpose();
                batch.map_err(|error| error.to_string())
            });
            match next {
                Ok(batch) => batch.map(|batch| Ok(batch.columns().to_vec())),
                Err(found) => {
                    reader = None;
                    Some(Err(damaged(&self.name, found)))
                }
            }
        })))
    }
}

/// The name of a compression, empty for none.
fn compression_name(compression: Compression) -> &'static str {
    match compression {
        Compression::UNCOMPRESSED => "",
        Compression::SNAPPY => "snappy",
        Compression::GZIP(_) => "gzip",
        Compression::LZO => "lzo",
        Compression::BROTLI(_) => "brotli",
        Compression::LZ4 | Compression::LZ4_RAW => "lz4",
        Compression::ZSTD(_) => "zstd",
    }
}
