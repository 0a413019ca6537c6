//! Which row is from which file.

use super::Table;
use crate::error::At;
use std::sync::Arc;

/// The files of a table in order, and where each row was among all their rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Files {
    /// Each file with the index of its first row; never empty.
    starts: Arc<[(String, usize)]>,
    /// The place of each row before rows were selected; `None` where they all are as they were read.
    rows: Option<Vec<usize>>,
}

impl Files {
    /// Files with their numbers of rows.
    pub(super) fn new(files: Vec<(String, usize)>) -> Self {
        let mut first = 0;
        let starts = files.into_iter().map(|(name, rows)| {
            first += rows;
            (name, first - rows)
        });
        Self { starts: starts.collect(), rows: None }
    }

    /// The file of a row, and the row counted in it. A row beyond the table is in the last file.
    pub(super) fn place(&self, row: usize) -> (&str, usize) {
        let read = self.read(row);
        // Of files without rows, which start where the next one does, the last is taken.
        let file = self.starts.partition_point(|&(_, first)| first <= read).saturating_sub(1);
        self.starts.get(file).map_or(("", read), |(name, first)| (name, read - first))
    }

    fn read(&self, row: usize) -> usize {
        self.rows.as_ref().map_or(row, |rows| rows.get(row).copied().unwrap_or(row))
    }

    /// The numbers of rows of the files, of a table of `rows` rows as it was read.
    pub(super) fn counts(&self, rows: usize) -> Vec<(String, usize)> {
        let ends = self.starts.iter().skip(1).map(|&(_, first)| first).chain([rows]);
        self.starts.iter().zip(ends).map(|((name, first), end)| (name.clone(), end - first)).collect()
    }

    /// The given rows.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self { starts: self.starts.clone(), rows: Some(rows.iter().map(|&row| self.read(row)).collect()) }
    }

    /// Behind `own` rows, `count` rows of a piece of the same files.
    pub(super) fn append(&mut self, piece: &Self, own: usize, count: usize) {
        if self.rows.is_none() && piece.rows.is_none() {
            return;
        }
        let rows = (0..own).map(|row| self.read(row)).chain((0..count).map(|row| piece.read(row)));
        self.rows = Some(rows.collect());
    }
}

impl Table {
    /// The same table as one of several files, in order, with the number of rows of each.
    pub(crate) fn with_files(mut self, files: Vec<(String, usize)>) -> Self {
        self.files = Some(Files::new(files));
        self
    }

    /// The files of a table that was put together from several, with the number of rows of each.
    pub(crate) fn files(&self) -> Option<Vec<(String, usize)>> {
        self.files.as_ref().map(|files| files.counts(self.rows()))
    }

    /// The place of a row, printed as `row 11 (line 13)`. In a table of several files the row is counted in its own
    /// file, see [`Table::file_of`]; in a piece of a larger table it is the row of that table.
    pub fn at(&self, row: usize) -> At {
        let own = self.files.as_ref().map_or(self.before + row, |files| files.place(row).1);
        At { row: own, line: self.line_of(row) }
    }

    /// The name of the file that a row is from: one of several that were read as one table, or the table's name.
    pub fn file_of(&self, row: usize) -> &str {
        self.files.as_ref().map_or(self.origin.name.as_str(), |files| files.place(row).0)
    }

    /// The place of a row in words: as [`Table::at`], with the file before it in a table of several files.
    pub fn place_of(&self, row: usize) -> String {
        let at = self.at(row);
        self.files.as_ref().map_or_else(|| at.to_string(), |files| format!("{}, {at}", files.place(row).0))
    }
}

#[cfg(test)]
mod tests {
    use super::Files;

    #[test]
    fn a_row_is_counted_in_its_file() {
        let files = Files::new(vec![("a".into(), 2), ("none".into(), 0), ("b".into(), 3)]);
        let places: Vec<_> = (0..5).map(|row| files.place(row)).collect();
        assert_eq!(places, [("a", 0), ("a", 1), ("b", 0), ("b", 1), ("b", 2)]);
        assert_eq!(files.counts(5), [("a".into(), 2), ("none".into(), 0), ("b".into(), 3)]);
    }

    #[test]
    fn selected_rows_keep_their_place() {
        let files = Files::new(vec![("a".into(), 2), ("b".into(), 3)]);
        let mut picked = files.select(&[4, 1]);
        assert_eq!((picked.place(0), picked.place(1)), (("b", 2), ("a", 1)));
        picked.append(&files.select(&[2]), 2, 1);
        assert_eq!((picked.place(0), picked.place(2)), (("b", 2), ("b", 0)));
        assert_eq!(picked.select(&[1]).place(0), ("a", 1));
    }
}
