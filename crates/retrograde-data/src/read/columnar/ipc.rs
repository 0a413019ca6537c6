//! Arrow IPC: a schema, dictionaries and record batches as messages, one after the other (stream) or listed in a footer
//! (file, Feather version 2).

mod message;

use super::store::Store;
use super::{Batches, Columnar, guarded, piece_rows};
use crate::error::DataError;
use arrow_array::ArrayRef;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::{Endianness, Footer, root_as_footer, root_as_message};
use arrow_schema::{DataType, Fields, Schema, SchemaRef};
use message::{Content, Frame, Message, frame};
use std::collections::HashMap;

/// What begins and ends a file.
const MAGIC: &[u8; 6] = b"ARROW1";

/// The letters at the end and the length of the footer before them.
const TAIL: u64 = 10;

/// The most rows of a batch that are believed: so many of the widest cells can still be counted in bytes.
const MAX_BATCH: i64 = 1 << 40;

/// An Arrow IPC file or stream.
pub(super) struct IpcFile {
    name: String,
    store: Store,
    schema: SchemaRef,
    /// Dictionaries and batches in the order in which they are read.
    messages: Vec<Message>,
    rows: usize,
    format: String,
    max_bytes: u64,
}

impl IpcFile {
    /// Reads the footer of a file, and the sizes of what it lists.
    pub(super) fn open(name: &str, store: Store, max_bytes: u64) -> Result<Self, DataError> {
        let footer = footer_bytes(name, &store)?;
        let (schema, places) = guarded(|| {
            let footer = root_as_footer(&footer).map_err(|error| error.to_string())?;
            let schema = footer.schema().ok_or("a footer without a schema")?;
            Ok((checked_schema(schema)?, places(&footer)?))
        })
        .map_err(|found| refused(name, found))?;
        let mut file = Self::new(name, store, schema, max_bytes);
        for place in places {
            let frame = file.frame(place)?.ok_or_else(|| file.damaged("no message where one is listed"))?;
            file.take(&frame)?;
        }
        file.format = file.describe("arrow file");
        Ok(file)
    }

    /// Reads the sizes of all messages of a stream.
    pub(super) fn open_stream(name: &str, store: Store, max_bytes: u64) -> Result<Self, DataError> {
        let mut file = Self::new(name, store, Schema::empty().into(), max_bytes);
        let first = file.frame(0)?.ok_or_else(|| file.damaged("no message"))?;
        file.schema = guarded(|| {
            let message = root_as_message(&first.metadata).map_err(|error| error.to_string())?;
            checked_schema(message.header_as_schema().ok_or("a stream that does not begin with a schema")?)
        })
        .map_err(|found| refused(name, found))?;
        let mut at = first.end;
        while let Some(frame) = file.frame(at)? {
            file.take(&frame)?;
            at = frame.end;
        }
        file.format = file.describe("arrow stream");
        Ok(file)
    }

    fn new(name: &str, store: Store, schema: SchemaRef, max_bytes: u64) -> Self {
        let (name, format) = (name.to_owned(), String::new());
        Self { name, store, schema, messages: Vec::new(), rows: 0, format, max_bytes }
    }

    fn damaged(&self, found: impl Into<String>) -> DataError {
        damaged(&self.name, found.into())
    }

    /// The message at an offset; `None` where the stream ends.
    fn frame(&self, at: u64) -> Result<Option<Frame>, DataError> {
        guarded(|| frame(&self.store, at)).map_err(|found| self.damaged(found))
    }

    /// Takes a message into the list.
    fn take(&mut self, frame: &Frame) -> Result<(), DataError> {
        let message = guarded(|| Message::new(frame)).map_err(|found| self.damaged(found))?;
        if let Content::Batch { rows } = message.content {
            let count = usize::try_from(rows).ok().filter(|_| rows <= MAX_BATCH);
            let sum = count.and_then(|count| self.rows.checked_add(count));
            self.rows = sum.ok_or_else(|| self.damaged(format!("a batch of {rows} rows")))?;
        }
        self.messages.push(message);
        Ok(())
    }

    /// The format with the compressions of all messages.
    fn describe(&self, format: &str) -> String {
        let mut names: Vec<&str> = self.messages.iter().filter_map(|message| message.compression).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() { format.to_owned() } else { format!("{format} · {}", names.join(" + ")) }
    }

    /// The numbers of the dictionaries of these columns.
    fn dictionaries(&self, columns: &[usize]) -> Vec<i64> {
        let fields = columns.iter().map(|&c| self.schema.field(c));
        let used = fields.filter(|field| matches!(field.data_type(), DataType::Dictionary(..)));
        #[allow(deprecated, reason = "the only way to the number that the file gives a dictionary")]
        used.filter_map(arrow_schema::Field::dict_id).collect()
    }

    /// Reads a message: the arrays of a batch, nothing of a dictionary, which joins those that are known.
    fn read(
        &self,
        message: &Message,
        columns: &[usize],
        known: &mut HashMap<i64, ArrayRef>,
    ) -> Result<Option<Vec<ArrayRef>>, String> {
        let context =
            message::Context { store: &self.store, schema: &self.schema, max_bytes: self.max_bytes };
        match message.content {
            Content::Dictionary { .. } => context.dictionary(message, known).map(|()| None),
            Content::Batch { .. } => context.batch(message, columns, known).map(Some),
        }
    }
}

impl Columnar for IpcFile {
    fn fields(&self) -> &Fields {
        self.schema.fields()
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn format(&self) -> String {
        self.format.clone()
    }

    fn format_name(&self) -> &'static str {
        "Arrow"
    }

    fn is_exact(&self, _: usize) -> Option<bool> {
        None
    }

    fn check(&self, _: &[usize]) -> Result<(), DataError> {
        Ok(())
    }

    fn batches(&self, columns: &[usize]) -> Result<Batches<'_>, DataError> {
        let (columns, wanted) = (columns.to_vec(), self.dictionaries(columns));
        let (mut known, mut messages) = (HashMap::new(), self.messages.iter());
        // The arrays of a batch and how many of their rows were given.
        let (mut arrays, mut given) = (Vec::<ArrayRef>::new(), 0);
        Ok(Box::new(std::iter::from_fn(move || {
            loop {
                let rows = arrays.first().map_or(0, |array| array.len());
                if given < rows {
                    let count = piece_rows(arrays.len()).min(rows - given);
                    let piece = arrays.iter().map(|array| array.slice(given, count)).collect();
                    given += count;
                    return Some(Ok(piece));
                }
                let message = messages.next()?;
                if matches!(message.content, Content::Dictionary { number } if !wanted.contains(&number)) {
                    continue;
                }
                match guarded(|| self.read(message, &columns, &mut known)) {
                    Ok(Some(found)) => (arrays, given) = (found, 0),
                    Ok(None) => {}
                    Err(found) => {
                        messages = <_>::default();
                        arrays = Vec::new();
                        return Some(Err(self.damaged(found)));
                    }
                }
            }
        })))
    }
}

fn damaged(name: &str, found: String) -> DataError {
    DataError::Undecodable { name: name.to_owned(), format: "Arrow", found }
}

/// The words for a schema in the other byte order, which is no damage.
const BIG_ENDIAN: &str = "an Arrow file of a big-endian machine";

fn refused(name: &str, found: String) -> DataError {
    if found != BIG_ENDIAN {
        return damaged(name, found);
    }
    let advice = "write it on a little-endian machine, or as Parquet";
    DataError::Unsupported { name: name.to_owned(), found: BIG_ENDIAN, advice }
}

fn checked_schema(schema: arrow_ipc::Schema<'_>) -> Result<SchemaRef, String> {
    if schema.endianness() != Endianness::Little {
        return Err(BIG_ENDIAN.into());
    }
    try_fb_to_schema(schema).map(Into::into).map_err(|error| error.to_string())
}

/// Where the dictionaries are, and then the batches: in a file a dictionary may stand behind what it is used by.
fn places(footer: &Footer<'_>) -> Result<Vec<u64>, String> {
    let blocks =
        footer.dictionaries().into_iter().flatten().chain(footer.recordBatches().into_iter().flatten());
    let place = |block: &arrow_ipc::Block| {
        u64::try_from(block.offset()).map_err(|_| format!("a message at byte {}", block.offset()))
    };
    blocks.map(place).collect()
}

/// The bytes of the footer, which stands before its length and the letters at the end.
fn footer_bytes(name: &str, store: &Store) -> Result<Vec<u8>, DataError> {
    let io = |source| DataError::Io { name: name.to_owned(), source };
    let at = |offset, found: &str, expected: &str| DataError::Damaged {
        name: name.to_owned(),
        format: "Arrow",
        offset,
        found: found.to_owned(),
        expected: expected.to_owned(),
    };
    let Some(end) = store.length().checked_sub(TAIL).filter(|&end| end >= 8) else {
        return Err(at(store.length(), "the end", "a footer"));
    };
    let mut tail = [0; TAIL as usize];
    store.read_exact(end, &mut tail).map_err(io)?;
    let [a, b, c, d, magic @ ..] = tail;
    if &magic != MAGIC {
        return Err(at(end + 4, "other bytes", "`ARROW1`, with which a whole file ends"));
    }
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    if length > end - 8 {
        return Err(at(end, &format!("a footer of {length} bytes"), &format!("at most {}", end - 8)));
    }
    Ok(store.bytes(end - length, length).map_err(io)?.to_vec())
}
