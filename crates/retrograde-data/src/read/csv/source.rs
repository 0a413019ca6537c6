//! Delimited text as a table that is read in pieces.

use super::blocks::Block;
use super::columns::{Data, Keep};
use super::crew::{Division, for_each};
use super::encoding::Encoding;
use super::format::Format;
use super::layout::Layout;
use super::passes::{Found, find, refusal};
use super::piece::{Piece, read_block};
use super::pool::Index;
use super::text::{Input, Text, with_text};
use super::typed::{Cells, Want};
use crate::error::DataError;
use crate::read::source::{Rescan, Scanned};
use crate::read::{Pieces, ReadOptions, Source};
use crate::table::{Column, ColumnType, MISSING, Origin, Table, Values};
use hashbrown::DefaultHashBuilder;
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

/// How many pieces are read ahead of the one that is asked for.
const AHEAD: usize = 2;

/// Goes through a file of delimited text, of any size, for its columns, their types and levels; the rows come later, in
/// pieces. Memory is taken for the levels of categories only.
///
/// # Errors
/// What [`crate::read_bytes`] refuses in a text; later, [`DataError::Changed`] when the file is no longer the same.
pub fn scan_csv(path: &Path, options: &ReadOptions) -> Result<Source<'static>, DataError> {
    scan(path, options, Division::new(options.threads))
}

pub(super) fn scan(
    path: &Path,
    options: &ReadOptions,
    division: Division,
) -> Result<Source<'static>, DataError> {
    with_text(Input::File(path), options.encoding, |text| {
        let found = find(&text, options, division, Keep::Levels)?;
        let scanned = Scanned {
            columns: found.columns.iter().map(|c| (c.name.clone(), column_type(&c.data))).collect(),
            rows: found.rows,
            origin: found.origin(),
        };
        let csv = Csv::new(path, &text, found, division);
        Ok(Source::new(scanned, Box::new(CsvRows(Arc::new(csv)))))
    })
}

fn column_type(data: &Data) -> ColumnType {
    match data {
        Data::None | Data::Numbers(..) => ColumnType::Number,
        Data::Dates(..) => ColumnType::Date,
        Data::Texts(..) => ColumnType::Category,
    }
}

/// A file that was scanned.
struct Csv {
    path: PathBuf,
    encoding: Encoding,
    layout: Layout,
    columns: Vec<(String, Kind)>,
    rows: usize,
    origin: Origin,
    division: Division,
    /// The one that the levels were found with.
    hasher: DefaultHashBuilder,
}

/// What a column is read as.
enum Kind {
    /// Nothing, where nobody was to ask for it: all its cells are missing.
    Unread,
    Format(Format),
    Levels(Index),
}

struct CsvRows(Arc<Csv>);

impl Csv {
    fn new(path: &Path, text: &Text, found: Found, division: Division) -> Self {
        let origin = found.origin();
        let kind = |data| match data {
            Data::None => Kind::Unread,
            Data::Numbers(format, _) | Data::Dates(format, _) => Kind::Format(format),
            Data::Texts(levels, _) => Kind::Levels(levels.into_index()),
        };
        Self {
            path: path.to_owned(),
            encoding: text.encoding,
            layout: found.layout,
            columns: found.columns.into_iter().map(|c| (c.name, kind(c.data))).collect(),
            rows: found.rows,
            origin,
            division,
            hasher: found.hasher,
        }
    }

    /// Reads the file again for some columns.
    fn read(&self, columns: &[usize], send: &dyn Fn(Table) -> ControlFlow<()>) -> Result<(), DataError> {
        let text = Text::open(Input::File(&self.path), Some(self.encoding))?;
        let mut wants = vec![Want::Skip; self.columns.len()];
        for &column in columns {
            wants[column] = match &self.columns[column].1 {
                Kind::Unread => Want::Skip,
                Kind::Format(format) => Want::Format(*format),
                Kind::Levels(_) => Want::Text,
            };
        }
        let dialect = self.layout.dialect;
        let likely = AtomicUsize::new(0);
        let read = |block: &Block| {
            let rows = likely.load(Ordering::Relaxed);
            let piece = read_block(block, dialect, &wants, &self.hasher, rows);
            likely.store(piece.rows, Ordering::Relaxed);
            piece
        };
        let (mut row, mut line) = (0, self.layout.lines);
        let mut sink = |piece: Piece| {
            if let Some(trouble) = piece.trouble {
                return Err(refusal(&self.layout, trouble, row, line));
            }
            let (rows, ended) = (piece.rows, piece.ended);
            let table = self.table(piece, columns, line)?;
            row += rows;
            line += ended;
            Ok(if rows == 0 { ControlFlow::Continue(()) } else { send(table) })
        };
        let mut blocks = text.blocks(self.layout.start, dialect, self.division.block)?;
        for_each(blocks.as_mut(), self.division.threads, &read, &mut sink)?;
        // Known only at the end: whoever has seen enough stops before.
        let print = blocks.fingerprint();
        let is_other = print.is_some() && (print != self.origin.fingerprint || row != self.rows);
        if is_other { Err(self.changed()) } else { Ok(()) }
    }

    /// A piece as a table, behind so many lines.
    fn table(&self, mut piece: Piece, columns: &[usize], line: u64) -> Result<Table, DataError> {
        let column = |&column: &usize| {
            let cells = std::mem::replace(&mut piece.columns[column], Cells::Skipped);
            let (name, kind) = &self.columns[column];
            let values = match (cells, kind) {
                (_, Kind::Unread) => Some(Values::Number(vec![f64::NAN; piece.rows])),
                (Cells::Numbers(numbers), Kind::Format(_)) => Some(Values::Number(numbers.values)),
                (Cells::Dates(dates), Kind::Format(_)) => Some(Values::Date(dates.moments)),
                (Cells::Texts(texts), Kind::Levels(index)) => index.codes(&texts.pool).map(|known| {
                    let code = |&code: &u32| known.get(code as usize).copied().unwrap_or(MISSING);
                    let codes = texts.codes.iter().map(code).collect();
                    Values::Category { levels: Arc::clone(&index.texts), codes }
                }),
                _ => None,
            };
            let values = values.ok_or_else(|| self.changed())?;
            Ok(Column { name: name.clone(), values })
        };
        let columns = columns.iter().map(column).collect::<Result<Vec<_>, DataError>>()?;
        let lines = piece.lines.iter().map(|&before| line + u64::from(before) + 1).collect();
        Table::new(columns, self.origin.clone())?.with_lines(lines)
    }

    fn changed(&self) -> DataError {
        DataError::Changed { name: self.layout.name.clone() }
    }
}

impl Rescan for CsvRows {
    fn pieces(&self, columns: &[usize]) -> Result<Pieces<'_>, DataError> {
        let (sender, pieces) = sync_channel(AHEAD);
        // A piece without columns would not know how many rows it has.
        let columns = if columns.is_empty() { vec![0] } else { columns.to_owned() };
        let csv = Arc::clone(&self.0);
        let reader = std::thread::spawn(move || {
            // Nobody who asks for pieces is there when one cannot be sent.
            let send = |table| match sender.send(Ok(table)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            };
            if let Err(error) = csv.read(&columns, &send) {
                let _ = sender.send(Err(error));
            }
        });
        let pieces = ReadAhead { pieces: Some(pieces), reader: Some(reader) };
        Ok(Box::new(pieces.map(|piece| piece.map(Cow::Owned))))
    }
}

/// Pieces that a thread of its own reads.
struct ReadAhead {
    pieces: Option<Receiver<Result<Table, DataError>>>,
    reader: Option<JoinHandle<()>>,
}

impl Iterator for ReadAhead {
    type Item = Result<Table, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(Ok(piece)) = self.pieces.as_ref().map(Receiver::recv) {
            return Some(piece);
        }
        // The pieces end when the thread does; had it panicked they would only seem to be complete.
        self.pieces = None;
        if let Some(Err(panic)) = self.reader.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        None
    }
}

impl Drop for ReadAhead {
    /// Stops the thread, and waits until the file is closed.
    fn drop(&mut self) {
        self.pieces = None;
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}
