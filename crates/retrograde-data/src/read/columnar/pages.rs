//! The pages of a Parquet file, whose sizes are checked before memory is taken for them.

use super::store::Store;
use super::thrift::{PageHead, page_head, varint};
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes of a page are looked at first for its header.
const HEADER: u64 = 256;

/// The largest block of differences: writers use 128 to 2,048 values, and a block without bits takes memory all the same.
const MAX_BLOCK: u64 = 1 << 13;

/// All row groups of a file.
#[derive(Clone)]
pub(super) struct Chunks {
    pub(super) store: Store,
    pub(super) metadata: Arc<ParquetMetaData>,
    /// How many bytes decompressed pages may have that are held at the same time, of all columns together.
    pub(super) max_bytes: u64,
    /// How many they have.
    pub(super) held: Arc<AtomicU64>,
}

impl RowGroups for Chunks {
    fn num_rows(&self) -> usize {
        self.metadata.row_groups().iter().map(|group| group.num_rows().max(0) as usize).sum()
    }

    fn column_chunks(&self, column: usize) -> Result<Box<dyn PageIterator>> {
        Ok(Box::new(ColumnChunks { chunks: self.clone(), column, group: 0 }))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups().iter())
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// One column through all row groups.
struct ColumnChunks {
    chunks: Chunks,
    column: usize,
    group: usize,
}

impl PageIterator for ColumnChunks {}

impl Iterator for ColumnChunks {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let group = self.chunks.metadata.row_groups().get(self.group)?;
        self.group += 1;
        Some(Pages::new(&self.chunks, group, self.column).map(|pages| Box::new(pages) as _))
    }
}

/// The pages of one column in one row group.
struct Pages {
    inner: SerializedPageReader<Store>,
    chunks: Chunks,
    /// Where the next page begins.
    at: u64,
    /// Where the last page ends.
    end: u64,
    compression: Compression,
    /// Whether cells may be missing.
    optional: bool,
    /// What is counted in [`Chunks::held`]: the dictionary, and the page after it.
    holds: [u64; 2],
}

impl Pages {
    fn new(chunks: &Chunks, group: &RowGroupMetaData, column: usize) -> Result<Self> {
        let store = &chunks.store;
        let Some(chunk) = group.columns().get(column) else {
            return Err(ParquetError::General(format!("a row group without column {column}")));
        };
        // Looked at before `byte_range`, which panics where one of them is negative.
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        let (Ok(at), Ok(length)) = (u64::try_from(start), u64::try_from(chunk.compressed_size())) else {
            return Err(ParquetError::General(format!("a column chunk at byte {start}")));
        };
        if !store.holds(at, length) {
            let text = format!("a column chunk of {length} bytes at byte {at}, beyond the end of the file");
            return Err(ParquetError::EOF(text));
        }
        let rows = group.num_rows().max(0) as usize;
        let inner = SerializedPageReader::new(Arc::new(store.clone()), chunk, rows, None)?;
        let (chunks, end, compression) = (chunks.clone(), at + length, chunk.compression());
        let optional = chunk.column_descr().max_def_level() > 0;
        Ok(Self { inner, chunks, at, end, compression, optional, holds: [0; 2] })
    }

    /// Checks the sizes of the page that comes next.
    fn check_next(&mut self) -> Result<()> {
        while self.at < self.end {
            let head = self.head()?;
            let at = self.at;
            let odd = |what: &str, size| {
                Err(ParquetError::General(format!("a page at byte {at} with {what} of {size}")))
            };
            self.at += head.length as u64;
            match u64::try_from(head.compressed) {
                Ok(size) if size <= self.end - self.at => self.at += size,
                _ => return odd("a size", head.compressed),
            }
            if !(0..=self.largest(head.compressed)).contains(&head.uncompressed) {
                return odd("a decompressed size", head.uncompressed);
            }
            // Memory is taken for all values of a dictionary at once, and each of them takes a byte at least.
            if !(0..=head.uncompressed).contains(&head.dictionary) {
                return odd("a number of dictionary values", head.dictionary);
            }
            // An index page is passed over.
            if head.kind != 1 {
                return self.hold(&head);
            }
        }
        Ok(())
    }

    /// Counts a page that is about to be decompressed in the place of the last one.
    fn hold(&mut self, head: &PageHead) -> Result<()> {
        if self.compression == Compression::UNCOMPRESSED {
            return Ok(());
        }
        let size = head.uncompressed.unsigned_abs();
        let last = std::mem::replace(&mut self.holds[usize::from(head.kind != 2)], size);
        self.chunks.held.fetch_sub(last, Ordering::Relaxed);
        let held = self.chunks.held.fetch_add(size, Ordering::Relaxed).saturating_add(size);
        if held > self.chunks.max_bytes {
            let text = format!("pages of {held} bytes at a time, expected at most {}", self.chunks.max_bytes);
            return Err(ParquetError::General(text));
        }
        Ok(())
    }

    /// The header of the next page.
    fn head(&self) -> Result<PageHead> {
        let left = self.end - self.at;
        let mut length = HEADER.min(left);
        loop {
            let bytes = self.chunks.store.bytes(self.at, length)?;
            match page_head(&bytes) {
                Some(head) => return Ok(head),
                None if length == left => {
                    return Err(ParquetError::General(format!("no header of a page at byte {}", self.at)));
                }
                None => length = (length * 4).min(left),
            }
        }
    }

    /// The most that so many bytes can be decompressed to.
    fn largest(&self, compressed: i64) -> i64 {
        let ratio = match self.compression {
            // Nothing is decompressed, and nothing allocated.
            Compression::UNCOMPRESSED => return i64::MAX,
            Compression::SNAPPY => 22,
            Compression::LZ4 | Compression::LZ4_RAW => 255,
            Compression::GZIP(_) => 1032,
            // A block of 128 KiB from three bytes.
            _ => (128 << 10) / 3 + 1,
        };
        compressed.saturating_mul(ratio).saturating_add(64)
    }

    /// Checks what decoders would take memory for in a page of differences.
    fn check_deltas(&self, page: &Page) -> Result<()> {
        let (streams, values) = match page.encoding() {
            Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY => (1, page.num_values()),
            Encoding::DELTA_BYTE_ARRAY => (2, page.num_values()),
            _ => return Ok(()),
        };
        let bytes = page.buffer();
        let mut at = match page {
            Page::DataPage { .. } if self.optional => {
                let length = bytes.first_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length));
                4 + length as usize
            }
            Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
                *def_levels_byte_len as usize + *rep_levels_byte_len as usize
            }
            _ => 0,
        };
        for _ in 0..streams {
            at = deltas_end(bytes, at, u64::from(values))
                .ok_or_else(|| ParquetError::General("a page of differences with impossible sizes".into()))?;
        }
        Ok(())
    }
}

/// Where the whole numbers written as differences at `at` end, if there are at most `limit` of them.
///
/// ```text
/// values per block · parts per block · number of values · first value
/// block: smallest difference · bits of each part · parts, the last block only as many as hold values
/// ```
fn deltas_end(bytes: &[u8], at: usize, limit: u64) -> Option<usize> {
    let (block, at) = varint(bytes, at)?;
    let (parts, at) = varint(bytes, at)?;
    let (values, at) = varint(bytes, at)?;
    let (_, mut at) = varint(bytes, at)?;
    if values > limit || parts == 0 || parts > block || block > MAX_BLOCK {
        return None;
    }
    let per_part = block / parts;
    let mut left = values.saturating_sub(1);
    while left > 0 {
        (_, at) = varint(bytes, at)?;
        let widths = bytes.get(at..at.checked_add(parts as usize)?)?;
        at += parts as usize;
        for &width in widths {
            if left == 0 {
                break;
            }
            at = at.checked_add((per_part * u64::from(width)).div_ceil(8) as usize)?;
            left = left.saturating_sub(per_part);
        }
    }
    Some(at)
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.chunks.held.fetch_sub(self.holds.iter().sum(), Ordering::Relaxed);
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.check_next()?;
        let page = self.inner.get_next_page()?;
        if let Some(page) = &page {
            self.check_deltas(page)?;
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.check_next()?;
        self.inner.skip_next_page()
    }
}

#[cfg(test)]
mod tests {
    use super::deltas_end;

    #[test]
    fn differences_end_where_their_widths_say() {
        // 128 values per block in 4 parts, 40 values: a first part of 32 with 3 bits, a second one with 1 bit.
        let mut bytes = vec![0x80, 1, 4, 40, 14, 0, 3, 1, 0, 0];
        bytes.extend([0; 12 + 4]);
        assert_eq!(deltas_end(&bytes, 0, 40), Some(bytes.len()));
        assert_eq!(deltas_end(&bytes, 0, 39), None);
        assert_eq!(deltas_end(&[0x80, 1, 0, 40, 14], 0, 40), None);
        assert_eq!(deltas_end(&[0x80, 1, 4, 40, 14, 0], 0, 40), None);
    }
}
