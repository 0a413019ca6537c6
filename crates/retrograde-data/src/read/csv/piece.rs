//! A block of records as typed pieces of columns.

use super::blocks::Block;
use super::cells::{Cursor, Dialect, Fault};
use super::layout::first_bad;
use super::typed::{Cells, Want};
use crate::read::bytes::line_and_byte;
use hashbrown::DefaultHashBuilder;

/// The rows of a block. Rows and lines are counted from its beginning.
pub(super) struct Piece {
    pub(super) rows: usize,
    /// The lines that ended before each row.
    pub(super) lines: Vec<u32>,
    /// The lines that end in the block.
    pub(super) ended: u64,
    pub(super) columns: Vec<Cells>,
    /// Why the rows end before the block does.
    pub(super) trouble: Option<Trouble>,
    /// The length of the block in bytes.
    pub(super) length: usize,
}

/// What makes a table impossible, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) row: usize,
    pub(super) line: u64,
    pub(super) kind: TroubleKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TroubleKind {
    /// A record with so many cells.
    Ragged(usize),
    /// A quote that never closes.
    Unclosed,
    /// A cell, with its position and length.
    Long(usize, usize),
    /// A byte that no text has, with its position in the line.
    Byte(u64, u8),
}

/// Reads a block; `rows` is a guess of how many rows it has.
pub(super) fn read_block(
    block: &Block,
    dialect: Dialect,
    wants: &[Want],
    hasher: &DefaultHashBuilder,
    rows: usize,
) -> Piece {
    let mut reading = Reading::new(block, dialect, wants, hasher, rows);
    reading.records(block);
    let again: Vec<Want> = reading.columns.iter().map(Cells::again).collect();
    if reading.trouble.is_none() && again.contains(&Want::Text) {
        let mut texts = Reading::new(block, dialect, &again, hasher, reading.lines.len());
        texts.records(block);
        for (cells, texts) in reading.columns.iter_mut().zip(texts.columns) {
            if let (Cells::Misfit, Cells::Texts(mut texts)) = (&cells, texts) {
                texts.formats = Some(texts.pool.formats());
                *cells = Cells::Texts(texts);
            }
        }
    }
    reading.check_bytes(&block.bytes);
    let Reading { columns, lines, trouble, cursor, .. } = reading;
    Piece { rows: lines.len(), lines, ended: cursor.lines, columns, trouble, length: block.bytes.len() }
}

/// A block while it is read.
struct Reading<'a> {
    cursor: Cursor<'a>,
    hasher: &'a DefaultHashBuilder,
    columns: Vec<Cells>,
    lines: Vec<u32>,
    trouble: Option<Trouble>,
}

impl<'a> Reading<'a> {
    fn new(
        block: &'a Block,
        dialect: Dialect,
        wants: &[Want],
        hasher: &'a DefaultHashBuilder,
        rows: usize,
    ) -> Self {
        let columns = wants.iter().map(|&want| Cells::new(want, rows)).collect();
        let cursor = Cursor::new(&block.bytes, dialect);
        Self { cursor, hasher, columns, lines: Vec::with_capacity(rows), trouble: None }
    }

    /// Reads record by record.
    fn records(&mut self, block: &Block) {
        while self.cursor.next_record() {
            let (start, line) = (self.cursor.at, self.cursor.lines);
            if !self.record() {
                (self.cursor.at, self.cursor.lines) = (start, line);
                let (line, kind) = self.examine(block, line);
                self.trouble = Some(Trouble { row: self.lines.len(), line, kind });
                return;
            }
            self.lines.push(line as u32);
        }
    }

    /// Reads the record that begins here; `false` when it does not have a cell for every column.
    #[inline]
    fn record(&mut self) -> bool {
        let row = self.lines.len() as u32;
        let mut missing = self.columns.len();
        for cells in &mut self.columns {
            missing -= 1;
            if cells.take(&mut self.cursor, row, self.hasher).is_err() {
                return false;
            }
            if self.cursor.next_cell() != (missing > 0) {
                return false;
            }
        }
        true
    }

    /// What is wrong with the record that begins here, and on which line; the cursor goes to its end.
    fn examine(&mut self, block: &Block, line: u64) -> (u64, TroubleKind) {
        for position in 1.. {
            match self.cursor.cell() {
                Ok(_) => {}
                Err(Fault::Unclosed { line, length }) => {
                    let closed = block.cut.filter(|cut| cut.closed);
                    let long = closed.map(|cut| TroubleKind::Long(position, length + cut.more));
                    return (line, long.unwrap_or(TroubleKind::Unclosed));
                }
                Err(Fault::Long(length)) => {
                    let last = self.cursor.at == block.bytes.len();
                    let more = block.cut.filter(|_| last).map_or(0, |cut| cut.more);
                    return (line, TroubleKind::Long(position, length + more));
                }
            }
            if !self.cursor.next_cell() {
                return (line, TroubleKind::Ragged(position));
            }
        }
        (line, TroubleKind::Unclosed)
    }

    /// Finds bytes that no text has; they come before what is wrong with a later record.
    fn check_bytes(&mut self, bytes: &[u8]) {
        let end = if self.trouble.is_some() { self.cursor.at } else { bytes.len() };
        if let Some(offset) = first_bad(&bytes[..end]) {
            let (line, byte) = line_and_byte(bytes, offset);
            let kind = TroubleKind::Byte(byte, bytes[offset]);
            self.trouble = Some(Trouble { row: self.lines.len(), line: line - 1, kind });
        }
    }
}
