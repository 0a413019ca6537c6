//! Tables that are read in pieces, as often as needed.

use crate::error::DataError;
use crate::table::{ColumnType, Origin, Table};
use std::borrow::Cow;

/// A table that need not be in memory: its names, types and number of rows are known, its rows come in pieces.
///
/// ```text
/// Source::open ─ one pass over everything ─→ columns with types and levels, rows
/// Source::pieces ─→ Table, Table, …            as often as asked, the same rows in the same order
/// ```
///
/// Every piece has the same columns with the same types; the categories of all pieces share one list of levels. Joined,
/// the pieces are the table that [`crate::read`] gives. A table in memory is a source of one piece, itself.
pub struct Source<'a> {
    scanned: Scanned,
    rows_of: Box<dyn Rescan + 'a>,
}

/// What the first pass over a source finds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scanned {
    /// The columns in order: name, type.
    pub(crate) columns: Vec<(String, ColumnType)>,
    /// The number of rows.
    pub(crate) rows: usize,
    /// Where the table comes from.
    pub(crate) origin: Origin,
}

/// An iterator over the pieces of a table, each borrowed where it is in memory anyway.
pub type Pieces<'a> = Box<dyn Iterator<Item = Result<Cow<'a, Table>, DataError>> + Send + 'a>;

/// Reads the rows again from their beginning.
pub(crate) trait Rescan: Send + Sync {
    /// The whole table, where it is in memory anyway.
    fn in_memory(&self) -> Option<&Table> {
        None
    }

    /// The pieces, with the columns of these indices at least.
    fn pieces(&self, columns: &[usize]) -> Result<Pieces<'_>, DataError>;
}

impl<'a> Source<'a> {
    /// A source of what was scanned.
    pub(crate) fn new(scanned: Scanned, rows_of: Box<dyn Rescan + 'a>) -> Self {
        Self { scanned, rows_of }
    }

    /// The names and types of the columns, in the order of the file.
    pub fn columns(&self) -> &[(String, ColumnType)] {
        &self.scanned.columns
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.scanned.rows
    }

    /// Where the table comes from.
    pub fn origin(&self) -> &Origin {
        &self.scanned.origin
    }

    /// Adds to what is said of the format.
    pub(crate) fn say(&mut self, of_the_format: &str) {
        self.scanned.origin.format.push_str(of_the_format);
    }

    /// The whole table, where it is in memory anyway: then it is its own only piece.
    pub fn in_memory(&self) -> Option<&Table> {
        self.rows_of.in_memory()
    }

    /// All rows, piece by piece, with the columns of these names at least; `None` asks for all columns.
    ///
    /// # Errors
    /// [`DataError::UnknownColumn`], and what reading refuses.
    pub fn pieces(&self, names: Option<&[&str]>) -> Result<Pieces<'_>, DataError> {
        let all: Vec<usize> = (0..self.scanned.columns.len()).collect();
        let chosen = names.map(|names| names.iter().map(|name| self.index(name)).collect());
        let pieces = self.rows_of.pieces(&chosen.unwrap_or(Ok(all))?)?;
        let mut before = 0;
        Ok(Box::new(pieces.map(move |piece| {
            let piece = piece?;
            let rows = before;
            before += piece.rows();
            Ok(if rows == 0 { piece } else { Cow::Owned(piece.into_owned().after(rows)) })
        })))
    }

    /// All rows in one table, with the columns of these names at least.
    ///
    /// # Errors
    /// As [`Source::pieces`].
    pub fn collect(&self, names: Option<&[&str]>) -> Result<Table, DataError> {
        let mut pieces = self.pieces(names)?;
        let Some(first) = pieces.next() else {
            return Err(DataError::Empty { name: self.scanned.origin.name.clone() });
        };
        let mut table = first?.into_owned();
        pieces.try_for_each(|piece| {
            table.append(piece?.into_owned());
            Ok(())
        })?;
        Ok(table)
    }

    /// These rows, in ascending order, of all columns.
    ///
    /// # Errors
    /// [`DataError::NoSuchRow`], and what reading refuses.
    pub fn select(&self, rows: &[usize]) -> Result<Table, DataError> {
        let (mut before, mut left, mut found): (usize, &[usize], Option<Table>) = (0, rows, None);
        for piece in self.pieces(None)? {
            let piece = piece?;
            let end = before + piece.rows();
            let (here, rest) = left.split_at(left.partition_point(|&row| row < end));
            let chosen = piece.select(&here.iter().map(|row| row - before).collect::<Vec<_>>());
            match &mut found {
                None => found = Some(chosen),
                Some(table) => table.append(chosen),
            }
            (before, left) = (end, rest);
            if left.is_empty() {
                break;
            }
        }
        let name = || self.scanned.origin.name.clone();
        match left.first() {
            Some(&found) => Err(DataError::NoSuchRow { name: name(), found, rows: before }),
            None => found.ok_or_else(|| DataError::Empty { name: name() }),
        }
    }

    fn index(&self, column: &str) -> Result<usize, DataError> {
        self.scanned.columns.iter().position(|(name, _)| name == column).ok_or_else(|| {
            DataError::UnknownColumn {
                name: self.scanned.origin.name.clone(),
                column: column.to_owned(),
                columns: self.scanned.columns.iter().map(|(name, _)| name.clone()).collect(),
                flag: "",
            }
        })
    }
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("scanned", &self.scanned).finish_non_exhaustive()
    }
}

impl<'a> From<&'a Table> for Source<'a> {
    fn from(table: &'a Table) -> Self {
        let columns = table.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect();
        let scanned = Scanned { columns, rows: table.rows(), origin: table.origin.clone() };
        Self::new(scanned, Box::new(InMemory(Cow::Borrowed(table))))
    }
}

/// The same source, borrowed.
impl<'a> From<&'a Source<'_>> for Source<'a> {
    fn from(source: &'a Source<'_>) -> Self {
        Self::new(source.scanned.clone(), Box::new(&*source.rows_of))
    }
}

impl<R: Rescan + ?Sized> Rescan for &R {
    fn in_memory(&self) -> Option<&Table> {
        (**self).in_memory()
    }

    fn pieces(&self, columns: &[usize]) -> Result<Pieces<'_>, DataError> {
        (**self).pieces(columns)
    }
}

impl From<Table> for Source<'_> {
    fn from(table: Table) -> Self {
        let scanned = Source::from(&table).scanned;
        Self::new(scanned, Box::new(InMemory(Cow::Owned(table))))
    }
}

/// A table that is its own only piece.
struct InMemory<'a>(Cow<'a, Table>);

impl Rescan for InMemory<'_> {
    fn in_memory(&self) -> Option<&Table> {
        Some(&self.0)
    }

    fn pieces(&self, _: &[usize]) -> Result<Pieces<'_>, DataError> {
        Ok(Box::new(std::iter::once(Ok(Cow::Borrowed(&*self.0)))))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pieces, Rescan, Scanned, Source};
    use crate::{Column, ColumnType, DataError, Origin, Table};
    use std::borrow::Cow;

    #[test]
    fn a_table_is_a_source_of_itself() {
        let columns = vec![Column::number("x", vec![1.0, 2.0]), Column::category("c", [Some("a"), None])];
        let table = Table::new(columns, Origin::default()).and_then(|t| t.with_lines(vec![2, 4]));
        let table = table.expect("a table");
        let source = Source::from(table.clone());
        assert_eq!(source.rows(), 2);
        assert_eq!(source.collect(None).expect("all"), table);
        assert_eq!(Source::from(&table).collect(Some(&["c"])).expect("one column").line_of(1), Some(4));
        assert!(source.pieces(Some(&["y"])).is_err());
        assert_eq!(source.select(&[1]).expect("a row").line_of(0), Some(4));
        assert!(source.select(&[0, 2]).is_err());
    }

    /// Two tables of the same columns, one after the other.
    struct Two([Table; 2]);

    impl Rescan for Two {
        fn pieces(&self, _: &[usize]) -> Result<Pieces<'_>, DataError> {
            Ok(Box::new(self.0.iter().map(|table| Ok(Cow::Borrowed(table)))))
        }
    }

    #[test]
    fn places_in_pieces_are_those_of_the_whole() {
        let piece = |values: Vec<f64>| Table::new(vec![Column::number("x", values)], Origin::default());
        let two = Two([piece(vec![1.0, 2.0]).expect("a piece"), piece(vec![3.0]).expect("a piece")]);
        let columns = vec![("x".to_owned(), ColumnType::Number)];
        let source = Source::new(Scanned { columns, rows: 3, origin: Origin::default() }, Box::new(two));
        let places = || source.pieces(None).expect("pieces").map(|p| p.expect("a piece").at(0).row);
        assert_eq!(places().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(places().collect::<Vec<_>>(), [0, 2], "again");
        let whole = source.collect(None).expect("a table");
        assert_eq!((whole.rows(), whole.at(2).row), (3, 2));
    }

    #[test]
    fn pieces_are_appended_with_their_lines() {
        let piece = |x: f64, line| {
            let column = vec![Column::number("x", vec![x])];
            Table::new(column, Origin::default()).and_then(|t| t.with_lines(vec![line])).expect("a piece")
        };
        let mut whole = piece(1.0, 2);
        whole.append(piece(2.0, 5));
        assert_eq!((whole.rows(), whole.line_of(1)), (2, Some(5)));
    }
}
