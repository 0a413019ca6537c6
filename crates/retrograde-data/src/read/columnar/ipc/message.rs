//! Messages: their sizes are checked against the file, then the crate decodes them.

use crate::read::columnar::store::Store;
use arrow_array::{Array as _, ArrayRef};
use arrow_buffer::Buffer;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_ipc::{CompressionType, RecordBatch, root_as_message};
use arrow_schema::{DataType, Field, Schema, SchemaRef, UnionMode};
use std::collections::HashMap;

/// A message as it lies in the file.
pub(super) struct Frame {
    /// The metadata, a flatbuffer, in memory of its own: it must be aligned.
    pub(super) metadata: Vec<u8>,
    /// Where the metadata is.
    at: u64,
    /// Where the body is, and how long.
    body: (u64, u64),
    /// Where the next message begins.
    pub(super) end: u64,
}

/// What is kept of a message.
pub(super) struct Message {
    metadata: (u64, u64),
    body: (u64, u64),
    pub(super) content: Content,
    pub(super) compression: Option<&'static str>,
}

/// What a message holds.
pub(super) enum Content {
    /// The values of the dictionary of this number.
    Dictionary { number: i64 },
    /// Rows of all columns.
    Batch { rows: i64 },
}

/// The message at a place: a mark, its length, the metadata, the body. `None` where a stream ends, by a length of 0 or
/// with the file.
pub(super) fn frame(store: &Store, at: u64) -> Result<Option<Frame>, String> {
    if at == store.length() {
        return Ok(None);
    }
    let number = |at| {
        let mut bytes = [0; 4];
        store.read_exact(at, &mut bytes).map_err(|error| error.to_string())?;
        Ok::<_, String>(u32::from_le_bytes(bytes))
    };
    // Before version 0.15 there was no mark.
    let (length, start) = match number(at)? {
        u32::MAX => (number(at + 4)?, at + 8),
        length => (length, at + 4),
    };
    if length == 0 {
        return Ok(None);
    }
    let metadata = store.bytes(start, u64::from(length)).map_err(|error| error.to_string())?.to_vec();
    let body = start + u64::from(length);
    let message = root_as_message(&metadata).map_err(|error| error.to_string())?;
    let size = u64::try_from(message.bodyLength()).ok().filter(|&size| store.holds(body, size));
    let size = size.ok_or_else(|| format!("a message of {} bytes at byte {body}", message.bodyLength()))?;
    Ok(Some(Frame { metadata, at: start, body: (body, size), end: body + size }))
}

impl Message {
    /// What is worth keeping of a message.
    pub(super) fn new(frame: &Frame) -> Result<Self, String> {
        let message = root_as_message(&frame.metadata).map_err(|error| error.to_string())?;
        let (content, batch) = if let Some(batch) = message.header_as_record_batch() {
            (Content::Batch { rows: batch.length() }, Some(batch))
        } else if let Some(dictionary) = message.header_as_dictionary_batch() {
            (Content::Dictionary { number: dictionary.id() }, dictionary.data())
        } else {
            return Err(format!("a message of kind {:?}", message.header_type()));
        };
        let compression = batch.and_then(|batch| batch.compression()).map(|found| match found.codec() {
            CompressionType::LZ4_FRAME => Ok("lz4"),
            CompressionType::ZSTD => Ok("zstd"),
            other => Err(format!("a compression of kind {other:?}")),
        });
        let metadata = (frame.at, frame.metadata.len() as u64);
        Ok(Self { metadata, body: frame.body, content, compression: compression.transpose()? })
    }
}

/// What it takes to read messages.
pub(super) struct Context<'a> {
    pub(super) store: &'a Store,
    pub(super) schema: &'a SchemaRef,
    pub(super) max_bytes: u64,
}

impl Context<'_> {
    /// The columns of a batch.
    pub(super) fn batch(
        &self,
        place: &Message,
        columns: &[usize],
        known: &HashMap<i64, ArrayRef>,
    ) -> Result<Vec<ArrayRef>, String> {
        let metadata = self.metadata(place)?;
        let message = root_as_message(&metadata).map_err(|error| error.to_string())?;
        let batch = message.header_as_record_batch().ok_or("another message than before")?;
        let body = self.body(place, &batch, self.schema, columns)?;
        let version = message.version();
        let decoder = RecordBatchDecoder::try_new(&body, batch, self.schema.clone(), known, &version);
        let decoded = decoder.and_then(|decoder| decoder.with_projection(Some(columns)).read_record_batch());
        Ok(decoded.map_err(|error| error.to_string())?.columns().to_vec())
    }

    /// The values of a dictionary join those that are known.
    pub(super) fn dictionary(
        &self,
        place: &Message,
        known: &mut HashMap<i64, ArrayRef>,
    ) -> Result<(), String> {
        let metadata = self.metadata(place)?;
        let message = root_as_message(&metadata).map_err(|error| error.to_string())?;
        let dictionary = message.header_as_dictionary_batch().ok_or("another message than before")?;
        #[allow(
            deprecated,
            reason = "the only way from the number that the file gives a dictionary to its type"
        )]
        let fields = self.schema.fields_with_dict_id(dictionary.id());
        let Some(DataType::Dictionary(_, values)) = fields.first().map(|field| field.data_type()) else {
            return Err(format!("dictionary {} of no column", dictionary.id()));
        };
        let data = dictionary.data().ok_or("a dictionary without values")?;
        let schema = Schema::new(vec![Field::new("", (**values).clone(), true)]);
        let body = self.body(place, &data, &schema, &[0])?;
        let version = message.version();
        read_dictionary(&body, dictionary, self.schema, known, &version)
            .map_err(|error| error.to_string())?;
        // A dictionary may come in as many parts as it likes.
        let size =
            |values: &ArrayRef| values.to_data().get_slice_memory_size().map_or(u64::MAX, |n| n as u64);
        let all = known.values().map(size).fold(0, u64::saturating_add);
        let limit = self.max_bytes.max(self.store.length().saturating_mul(2));
        if all > limit {
            Err(format!("dictionaries of {all} bytes, expected at most {limit}"))
        } else {
            Ok(())
        }
    }

    fn metadata(&self, place: &Message) -> Result<Vec<u8>, String> {
        let (at, length) = place.metadata;
        Ok(self.store.bytes(at, length).map_err(|error| error.to_string())?.to_vec())
    }

    /// The body of a batch with the bytes of these columns; the others are zeros that nobody looks at.
    ///
    /// Every size in the metadata that the decoder trusts is checked: places and lengths of the parts, the lengths to
    /// which they claim to be decompressed, the rows and missing cells of each column.
    fn body(
        &self,
        place: &Message,
        batch: &RecordBatch<'_>,
        schema: &Schema,
        columns: &[usize],
    ) -> Result<Buffer, String> {
        let (at, length) = place.body;
        let buffers = batch.buffers().ok_or("a batch without places of its columns")?;
        let nodes = batch.nodes().ok_or("a batch without lengths of its columns")?;
        // Parts do not overlap: together, read or not, they are no longer than the body.
        let together = buffers
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(u64::try_from(part.length()).ok()?))
            .filter(|&sum| sum <= length);
        together.ok_or_else(|| format!("parts that are together longer than their {length} bytes"))?;
        let mut walk =
            Walk { views: batch.variadicBufferCounts().into_iter().flatten().collect(), ..Walk::default() };
        let mut parts = Vec::new();
        for (index, field) in schema.fields().iter().enumerate() {
            let (node, first) = (walk.nodes, walk.buffers);
            walk.pass(field.data_type()).ok_or("a batch with too few parts")?;
            if columns.binary_search(&index).is_err() {
                continue;
            }
            let node = (node < nodes.len()).then(|| nodes.get(node)).ok_or("a batch with too few columns")?;
            if node.length() != batch.length() || !(0..=node.length()).contains(&node.null_count()) {
                return Err(format!("a column of {} cells, {} missing", node.length(), node.null_count()));
            }
            for buffer in first..walk.buffers {
                let part = (buffer < buffers.len())
                    .then(|| buffers.get(buffer))
                    .ok_or("a batch with too few parts")?;
                let odd = || format!("a part of {} bytes at {} in {length}", part.length(), part.offset());
                let start = u64::try_from(part.offset()).map_err(|_| odd())?;
                let size = u64::try_from(part.length()).map_err(|_| odd())?;
                let inside = start.checked_add(size).is_some_and(|end| end <= length);
                if !inside {
                    return Err(odd());
                }
                if size > 0 {
                    parts.push((start, size));
                }
            }
        }
        let body = self.store.parts((at, length), &parts).map_err(|error| error.to_string())?;
        if let Some(compression) = batch.compression() {
            let mut left = self.max_bytes;
            for &part in &parts {
                left = left
                    .checked_sub(self.claimed(&body, part, compression.codec())?)
                    .ok_or_else(|| format!("columns to be decompressed to over {} bytes", self.max_bytes))?;
            }
        }
        Ok(body)
    }

    /// The length that a part claims to have when it is decompressed, if it can be true.
    fn claimed(&self, body: &Buffer, part: (u64, u64), codec: CompressionType) -> Result<u64, String> {
        let (start, size) = (part.0 as usize, part.1);
        let claimed = body.get(start..).and_then(<[u8]>::first_chunk::<8>).filter(|_| size >= 8);
        let claimed = i64::from_le_bytes(*claimed.ok_or("a compressed part without its length")?);
        // A block of 128 KiB from three bytes.
        let ratio = if codec == CompressionType::ZSTD { (128 << 10) / 3 + 1 } else { 255 };
        let largest = size.saturating_mul(ratio).saturating_add(64).min(self.max_bytes);
        // −1 is a part that was not worth compressing.
        let length = if claimed == -1 { Ok(0) } else { u64::try_from(claimed) };
        length
            .ok()
            .filter(|&length| length <= largest)
            .ok_or_else(|| format!("{size} bytes to be decompressed to {claimed}"))
    }
}

/// Counts the parts of columns, in the order in which a batch has them.
#[derive(Default)]
struct Walk {
    nodes: usize,
    buffers: usize,
    /// How many extra buffers each column of views has.
    views: std::collections::VecDeque<i64>,
}

impl Walk {
    /// Passes a column of this type.
    fn pass(&mut self, data_type: &DataType) -> Option<()> {
        use DataType as T;
        self.nodes += 1;
        self.buffers = self.buffers.checked_add(match data_type {
            T::Null | T::RunEndEncoded(..) => 0,
            T::Struct(_) | T::FixedSizeList(..) | T::Union(_, UnionMode::Sparse) => 1,
            T::Utf8 | T::LargeUtf8 | T::Binary | T::LargeBinary | T::ListView(_) | T::LargeListView(_) => 3,
            T::Utf8View | T::BinaryView => usize::try_from(self.views.pop_front()?).ok()?.checked_add(2)?,
            _ => 2,
        })?;
        match data_type {
            T::List(child) | T::LargeList(child) | T::ListView(child) | T::LargeListView(child) => {
                self.pass(child.data_type())
            }
            T::FixedSizeList(child, _) | T::Map(child, _) => self.pass(child.data_type()),
            T::Struct(children) => children.iter().try_for_each(|child| self.pass(child.data_type())),
            T::Union(children, _) => children.iter().try_for_each(|(_, child)| self.pass(child.data_type())),
            T::RunEndEncoded(ends, values) => {
                self.pass(ends.data_type())?;
                self.pass(values.data_type())
            }
            _ => Some(()),
        }
    }
}
