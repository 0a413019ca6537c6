//! Reading a text until the type of every column is settled: once, and again for columns that turned out otherwise.

use super::MAX_CELL;
use super::blocks::{Block, whole_records};
use super::columns::{Base, Column, Data, Keep};
use super::crew::{Division, for_each};
use super::format::{Comma, Format, Wanted};
use super::layout::{Layout, bad_byte};
use super::notes;
use super::piece::{Piece, Trouble, TroubleKind, read_block};
use super::text::Text;
use super::typed::Want;
use crate::error::{At, DataError};
use crate::read::ReadOptions;
use crate::table::{Origin, Table, Values};
use hashbrown::DefaultHashBuilder;
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// How much is looked at before the first block, to read that in likely formats.
const LOOK: usize = if cfg!(fuzzing) { 1 << 6 } else { 1 << 16 };

/// All columns of a text.
pub(super) struct Found {
    pub(super) layout: Layout,
    pub(super) columns: Vec<Column>,
    pub(super) rows: usize,
    /// The line of each row, when cells were kept.
    lines: Vec<u64>,
    fingerprint: Option<u64>,
    /// The hasher of all texts.
    pub(super) hasher: DefaultHashBuilder,
}

/// Reads a text.
pub(super) fn find(
    text: &Text,
    options: &ReadOptions,
    division: Division,
    keep: Keep,
) -> Result<Found, DataError> {
    let layout = Layout::find(text, options)?;
    let column = |name: &String| {
        let wanted = Wanted { form: options.form_of(name), order: options.date_order };
        Column::new(name, options.type_of(name), wanted)
    };
    let mut columns: Vec<Column> = layout.names.iter().map(column).collect();
    if keep == Keep::Levels {
        columns.iter_mut().filter(|c| options.unused.contains(&c.name)).for_each(Column::pass_over);
    }
    let hasher = DefaultHashBuilder::default();
    let mut found = Found { layout, columns, rows: 0, lines: Vec::new(), fingerprint: None, hasher };
    found.look(text)?;
    let mut pass = Pass { text, division, keep, first: true };
    loop {
        found.pass(&pass)?;
        if found.rows == 0 {
            let (name, columns) = (text.name.clone(), found.columns.len());
            return Err(DataError::HeaderOnly { name, columns });
        }
        let comma = found.layout.comma;
        let unsettled = found.columns.iter_mut().filter_map(|c| (!c.settle(comma)).then_some(())).count();
        if unsettled == 0 {
            break;
        }
        pass.first = false;
    }
    for column in &found.columns {
        notes::refuse(&text.name, column)?;
    }
    Ok(found)
}

/// One way through a text.
struct Pass<'a> {
    text: &'a Text<'a>,
    division: Division,
    keep: Keep,
    first: bool,
}

/// What the columns' next blocks are read as, for threads that read while others change it.
struct Wants(Vec<AtomicU8>);

impl Wants {
    fn new(columns: &[Column], comma: Comma) -> Self {
        Self(columns.iter().map(|column| AtomicU8::new(number_of(column.want(comma)))).collect())
    }

    fn load(&self) -> Vec<Want> {
        self.0.iter().map(|number| want_of(number.load(Ordering::Relaxed))).collect()
    }
}

fn number_of(want: Want) -> u8 {
    match want {
        Want::Skip => 0,
        Want::Text => 1,
        Want::Format(format) => 2 + format.index() as u8,
    }
}

fn want_of(number: u8) -> Want {
    match number {
        0 => Want::Skip,
        1 => Want::Text,
        number => Want::Format(Format::at(usize::from(number) - 2)),
    }
}

impl Found {
    /// Looks at the first rows: what a cell there contradicts need not be tried.
    fn look(&mut self, text: &Text) -> Result<(), DataError> {
        let head = text.head(self.layout.start + LOOK)?;
        let rows = &head.bytes[self.layout.start.min(head.bytes.len())..];
        let rows = if head.whole { rows } else { whole_records(rows, self.layout.dialect) };
        let block = Block { bytes: Cow::Borrowed(rows), cut: None };
        let wants = vec![Want::Text; self.columns.len()];
        let piece = read_block(&block, self.layout.dialect, &wants, &self.hasher, 0);
        for (column, cells) in self.columns.iter_mut().zip(&piece.columns) {
            column.learn(cells);
        }
        Ok(())
    }

    /// Reads all blocks for the columns that are not settled.
    fn pass(&mut self, pass: &Pass) -> Result<(), DataError> {
        let Layout { dialect, start, comma, lines, .. } = self.layout;
        let wants = Wants::new(&self.columns, comma);
        let hasher = self.hasher.clone();
        let likely = AtomicUsize::new(0);
        let read = |block: &Block| {
            let piece = read_block(block, dialect, &wants.load(), &hasher, likely.load(Ordering::Relaxed));
            // A few more than in this block, so that the next one's cells seldom have to move.
            likely.store(piece.rows + piece.rows / 16, Ordering::Relaxed);
            piece
        };
        let mut blocks = pass.text.blocks(start, dialect, pass.division.block)?;
        let mut so_far = SoFar { row: 0, line: lines, rows: 0 };
        let mut sink = |piece: Piece| {
            self.take(piece, pass, &mut so_far, &wants)?;
            Ok(ControlFlow::Continue(()))
        };
        for_each(blocks.as_mut(), pass.division.threads, &read, &mut sink)?;
        let print = blocks.fingerprint();
        if !pass.first && (print, so_far.row) != (self.fingerprint, self.rows) {
            return Err(DataError::Changed { name: pass.text.name.clone() });
        }
        self.rows = so_far.row;
        self.fingerprint = print;
        Ok(())
    }

    /// Takes in the next piece.
    fn take(
        &mut self,
        piece: Piece,
        pass: &Pass,
        so_far: &mut SoFar,
        wants: &Wants,
    ) -> Result<(), DataError> {
        let line = so_far.line;
        if let Some(trouble) = piece.trouble {
            return Err(refusal(&self.layout, trouble, so_far.row, line));
        }
        if so_far.rows == 0 && piece.rows > 0 {
            so_far.rows = likely_rows(&piece, pass.text.size());
        }
        if pass.first && pass.keep == Keep::Cells {
            if self.lines.is_empty() {
                self.lines.reserve(so_far.rows);
            }
            self.lines.extend(piece.lines.iter().map(|&before| line + u64::from(before) + 1));
        }
        let base = Base { row: so_far.row, line, lines: &piece.lines, rows: so_far.rows, keep: pass.keep };
        for ((column, cells), want) in self.columns.iter_mut().zip(piece.columns).zip(&wants.0) {
            column.merge(cells, &base);
            want.store(number_of(column.want(self.layout.comma)), Ordering::Relaxed);
        }
        so_far.row += piece.rows;
        so_far.line += piece.ended;
        Ok(())
    }

    /// The table of all cells.
    pub(super) fn into_table(self) -> Result<Table, DataError> {
        let origin = self.origin();
        let columns = self.columns.into_iter().map(|column| {
            let rows = self.rows;
            crate::table::Column { name: column.name, values: into_values(column.data, rows) }
        });
        let mut lines = self.lines;
        lines.shrink_to_fit();
        Table::new(columns.collect(), origin)?.with_lines(lines)
    }

    /// Where the table comes from and what is remarkable about it.
    pub(super) fn origin(&self) -> Origin {
        // What is one column of numbers or dates leaves no doubt.
        let texts = self.columns.iter().all(|column| matches!(column.data, Data::Texts(..)));
        let doubt = self.layout.doubt.clone().filter(|_| texts);
        Origin {
            name: self.layout.name.clone(),
            format: self.layout.format.clone(),
            fingerprint: self.fingerprint,
            notes: doubt.into_iter().chain(self.columns.iter().filter_map(notes::note)).collect(),
            unexpected: self.columns.iter().filter_map(notes::unexpected).collect(),
            forms: self.columns.iter().filter_map(|c| Some((c.name.clone(), c.form()?))).collect(),
        }
    }
}

/// What has been read.
struct SoFar {
    row: usize,
    /// The lines that ended.
    line: u64,
    /// How many rows there may be in all, once that can be guessed.
    rows: usize,
}

/// How many rows a text of this size has if they are as long as those of its first block, and a few more.
fn likely_rows(piece: &Piece, size: u64) -> usize {
    let likely = size as f64 / piece.length.max(1) as f64 * piece.rows as f64;
    // Every row has a byte.
    (likely * 1.02 + 16.0).min(size as f64 + 16.0) as usize
}

/// Cells without the room that was kept for more.
fn into_values(data: Data, rows: usize) -> Values {
    match data {
        Data::None => Values::Number(vec![f64::NAN; rows]),
        Data::Numbers(_, mut values) => {
            values.shrink_to_fit();
            Values::Number(values)
        }
        Data::Dates(_, mut moments) => {
            moments.shrink_to_fit();
            Values::Date(moments)
        }
        Data::Texts(levels, mut codes) => {
            codes.shrink_to_fit();
            Values::Category { levels: levels.into_texts(), codes }
        }
    }
}

/// The error for what makes a table impossible, behind so many rows and lines.
pub(super) fn refusal(layout: &Layout, trouble: Trouble, row: usize, line: u64) -> DataError {
    let name = layout.name.clone();
    let line = line + trouble.line + 1;
    match trouble.kind {
        TroubleKind::Ragged(found) => {
            let at = At { row: row + trouble.row, line: Some(line) };
            DataError::Ragged { name, at, found, expected: layout.names.len() }
        }
        TroubleKind::Unclosed => DataError::UnclosedQuote { name, line },
        TroubleKind::Long(position, found) => {
            DataError::CellTooLong { name, line, position, found, limit: MAX_CELL }
        }
        TroubleKind::Byte(byte, found) => bad_byte(&name, line, byte, found),
    }
}
