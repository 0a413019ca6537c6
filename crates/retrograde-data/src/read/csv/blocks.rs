//! Cutting a text into blocks of whole records, whoever reads them.
//!
//! Where a record ends depends on all quotes before it. They are looked for from one to the next, which is many times
//! faster than reading cells, so that nothing has to be guessed.

use super::MAX_CELL;
use super::cells::Dialect;
use super::encoding::Utf8Reader;
use crate::error::DataError;
use memchr::{memchr, memchr2, memrchr, memrchr2};
use std::borrow::Cow;

/// Whole records.
pub(super) struct Block<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// When the last record holds a cell too large to be read: what is known of the cell.
    pub(super) cut: Option<Cut>,
}

/// A cell that goes on behind its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// How many more bytes it has.
    pub(super) more: usize,
    /// Whether its quote closes, if it has one.
    pub(super) closed: bool,
}

/// A text in blocks, in order.
pub(super) trait Blocks<'a>: Send {
    /// The next block; a buffer that is no longer needed may be used for it.
    fn next(&mut self, spare: Option<Vec<u8>>) -> Result<Option<Block<'a>>, DataError>;

    /// The fingerprint of the file, once it was read to its end.
    fn fingerprint(&self) -> Option<u64>;
}

/// Finds the last end of a record in bytes that begin with one.
struct Cutter {
    dialect: Dialect,
    at: usize,
    /// Where a quoted cell that goes on at `at` began.
    open: Option<usize>,
    end: Option<usize>,
}

impl Cutter {
    fn new(dialect: Dialect) -> Self {
        Self { dialect, at: 0, open: None, end: None }
    }

    /// Looks at bytes that begin like those before; without the very last one when it may belong to the next.
    fn look(&mut self, bytes: &[u8]) {
        let quote = self.dialect.quote;
        loop {
            let next = memchr(quote, &bytes[self.at..]).map(|i| self.at + i);
            if self.open.is_some() {
                let Some(next) = next else {
                    self.at = bytes.len();
                    return;
                };
                match bytes.get(next + 1) {
                    // The quote may be half of a doubled one.
                    None => {
                        self.at = next;
                        return;
                    }
                    Some(&b) if b == quote => self.at = next + 2,
                    Some(_) => (self.open, self.at) = (None, next + 1),
                }
                continue;
            }
            let until = next.unwrap_or(bytes.len());
            self.find_end(bytes, until);
            let Some(next) = next else {
                // A `\r` at the end may be half of a line's end: it is looked at again.
                self.at = bytes.len() - usize::from(bytes.len() > self.at && bytes.last() == Some(&b'\r'));
                return;
            };
            if self.opens(bytes, next) {
                self.open = Some(next);
            }
            self.at = next + 1;
        }
    }

    /// The last line's end between here and a quote or the end of the bytes.
    fn find_end(&mut self, bytes: &[u8], mut until: usize) {
        while let Some(i) = memrchr2(b'\n', b'\r', &bytes[self.at..until]) {
            let found = self.at + i;
            if bytes[found] == b'\n' || found + 1 < bytes.len() {
                self.end = Some(found + 1);
                return;
            }
            until = found;
        }
    }

    /// Whether a quote outside of quotes begins a cell.
    fn opens(&self, bytes: &[u8], at: usize) -> bool {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        before.is_none_or(|b| b == self.dialect.delimiter || matches!(b, b'\n' | b'\r'))
    }

    /// How long the cell that goes on at the end of the bytes is by now, at least.
    fn unfinished(&self, bytes: &[u8]) -> usize {
        let start = self.open.or_else(|| memrchr(self.dialect.delimiter, bytes).map(|i| i + 1));
        bytes.len() - start.unwrap_or(0)
    }
}

/// The end of the first record in `bytes`, if it is there.
pub(super) fn first_record_end(bytes: &[u8], dialect: Dialect) -> Option<usize> {
    let start = bytes.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
    let text = &bytes[start..];
    let mut cutter = Cutter::new(dialect);
    let mut length = 0;
    while length < text.len() {
        length += memchr2(b'\n', b'\r', &text[length..])? + 1;
        // With the byte behind it, which tells whether the line's end is one of two bytes.
        cutter.look(&text[..(length + 1).min(text.len())]);
        if let Some(end) = cutter.end {
            return Some(start + end);
        }
    }
    None
}

/// The longest part of `bytes` that is whole records.
pub(super) fn whole_records(bytes: &[u8], dialect: Dialect) -> &[u8] {
    let mut cutter = Cutter::new(dialect);
    cutter.look(bytes);
    &bytes[..cutter.end.unwrap_or(0)]
}

/// A text in memory.
pub(super) struct SliceBlocks<'a> {
    pub(super) rest: &'a [u8],
    pub(super) dialect: Dialect,
    pub(super) size: usize,
}

impl<'a> Blocks<'a> for SliceBlocks<'a> {
    fn next(&mut self, _: Option<Vec<u8>>) -> Result<Option<Block<'a>>, DataError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut cutter = Cutter::new(self.dialect);
        let mut length = 0;
        let end = loop {
            length = (length.max(self.size) + length).min(self.rest.len());
            if length == self.rest.len() {
                break length;
            }
            cutter.look(&self.rest[..length]);
            if let Some(end) = cutter.end {
                break end;
            }
        };
        let (bytes, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Some(Block { bytes: Cow::Borrowed(bytes), cut: None }))
    }

    fn fingerprint(&self) -> Option<u64> {
        None
    }
}

/// A text from a file.
pub(super) struct StreamBlocks<'a> {
    reader: Utf8Reader<'a>,
    dialect: Dialect,
    size: usize,
    /// The beginning of the next block.
    ahead: Vec<u8>,
    ended: bool,
}

impl<'a> StreamBlocks<'a> {
    /// The text behind its first `start` bytes.
    pub(super) fn new(
        mut reader: Utf8Reader<'a>,
        start: usize,
        dialect: Dialect,
        size: usize,
    ) -> Result<Self, DataError> {
        let mut ahead = Vec::new();
        let mut more = true;
        while more && ahead.len() < start {
            let missing = start - ahead.len();
            more = reader.fill(&mut ahead, missing)?;
        }
        ahead.drain(..start.min(ahead.len()));
        Ok(Self { reader, dialect, size, ahead, ended: false })
    }

    /// Reads on to the end of a cell that is too large, without keeping it.
    fn pass_over(&mut self, mut part: Part) -> Result<Cut, DataError> {
        let Dialect { quote, delimiter, .. } = self.dialect;
        let mut chunk = Vec::new();
        let mut more = 0;
        while self.reader.fill(&mut chunk, 1 << 16)? || !chunk.is_empty() {
            for byte in chunk.drain(..) {
                let ends = byte == delimiter || matches!(byte, b'\n' | b'\r');
                part = match part {
                    Part::Quoted if byte == quote => Part::Closing,
                    Part::Closing if byte == quote => Part::Quoted,
                    Part::Quoted => Part::Quoted,
                    Part::Closing | Part::Plain if ends => return Ok(Cut { more, closed: true }),
                    Part::Closing | Part::Plain => Part::Plain,
                };
                // A quote counts when a second one follows it.
                more += usize::from(part != Part::Closing);
            }
        }
        Ok(Cut { more, closed: part != Part::Quoted })
    }
}

/// Which part of a cell a byte belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Between its quotes.
    Quoted,
    /// A quote within them, or the last one.
    Closing,
    /// Without quotes, or behind them.
    Plain,
}

impl<'a> Blocks<'a> for StreamBlocks<'a> {
    fn next(&mut self, spare: Option<Vec<u8>>) -> Result<Option<Block<'a>>, DataError> {
        let mut bytes = spare.unwrap_or_default();
        bytes.clear();
        bytes.append(&mut self.ahead);
        let mut cutter = Cutter::new(self.dialect);
        let mut goal = self.size;
        loop {
            while !self.ended && bytes.len() < goal {
                let missing = goal - bytes.len();
                self.ended = !self.reader.fill(&mut bytes, missing)?;
            }
            if self.ended {
                let block = Block { bytes: Cow::Owned(bytes), cut: None };
                return Ok(Some(block).filter(|block| !block.bytes.is_empty()));
            }
            cutter.look(&bytes);
            if let Some(end) = cutter.end {
                self.ahead.extend_from_slice(&bytes[end..]);
                bytes.truncate(end);
                return Ok(Some(Block { bytes: Cow::Owned(bytes), cut: None }));
            }
            // A quote within a quoted cell is written as two.
            if cutter.unfinished(&bytes) > 2 * MAX_CELL + 2 {
                let part = match cutter.open {
                    None => Part::Plain,
                    Some(_) if cutter.at < bytes.len() => Part::Closing,
                    Some(_) => Part::Quoted,
                };
                let cut = Some(self.pass_over(part)?);
                self.ended = true;
                return Ok(Some(Block { bytes: Cow::Owned(bytes), cut }));
            }
            goal = 2 * bytes.len().max(self.size);
        }
    }

    fn fingerprint(&self) -> Option<u64> {
        self.reader.fingerprint()
    }
}
