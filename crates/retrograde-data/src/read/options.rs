//! How to read a table.

use super::Encoding;
use crate::table::{ColumnType, DateOrder, Form};
use std::path::PathBuf;

/// How to read a table; the default leaves everything to the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Whether the first line of a text table names the columns.
    pub header: Header,
    /// The character between the cells of a text table; `None` looks for one of `,` `;` tab `|`.
    pub delimiter: Option<u8>,
    /// A file with one column, one row per row of the table, that joins it as column `label`.
    pub labels: Option<PathBuf>,
    /// How the characters of a text table are bytes; `None` goes by its byte order mark, or takes it for UTF-8, or for
    /// Windows-1252 when it is not.
    pub encoding: Option<Encoding>,
    /// Columns whose type is not left to their cells. A category of numbers keeps their text (`01` stays `01`). A name
    /// that the table does not have is passed over: a table to predict from needs no target.
    pub types: Vec<(String, ColumnType)>,
    /// Columns whose cells have a form elsewhere, such as where a model learnt from. Cells of a text that fit it are meant so; a file
    /// whose cells do not fit is read as it is, and [`Origin::notes`](crate::Origin::notes) say so.
    pub forms: Vec<(String, Form)>,
    /// Which of day and month comes first in dates of a text that may be read either way. It comes before [`ReadOptions::forms`]; dates
    /// whose cells only fit the other order are read in that one, and [`Origin::unexpected`](crate::Origin::unexpected) says so.
    pub date_order: Option<DateOrder>,
    /// Columns that nobody will ask a [`Source`](crate::Source) for: their texts, of which there may be as many as rows, are not kept in memory.
    pub unused: Vec<String>,
    /// The largest size of decompressed data, in bytes. Memory is only taken as data arrives.
    pub max_bytes: u64,
    /// How many threads read a text table; 0 takes as many as the machine runs at once. The table does not depend on it.
    pub threads: usize,
}

impl Default for ReadOptions {
    /// Everything is sniffed; decompressed data may have 4 GiB.
    fn default() -> Self {
        Self {
            header: Header::Sniff,
            delimiter: None,
            encoding: None,
            labels: None,
            types: Vec::new(),
            forms: Vec::new(),
            date_order: None,
            unused: Vec::new(),
            max_bytes: DEFAULT_MAX_BYTES,
            threads: 0,
        }
    }
}

/// 4 GiB.
pub(super) const DEFAULT_MAX_BYTES: u64 = 4 << 30;

/// Whether the first line of a text table names the columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// A first line is a header when none of its cells is a number or a missing token, and either its cells
    /// differ or a column below it holds a number.
    #[default]
    Sniff,
    /// The first line names the columns.
    Present,
    /// The first line is data; the columns are named `c0`, `c1`, ….
    Absent,
}

impl ReadOptions {
    /// The type that a column is to have, where it was said.
    pub(crate) fn type_of(&self, column: &str) -> Option<ColumnType> {
        self.types.iter().find(|(name, _)| name == column).map(|&(_, wanted)| wanted)
    }

    /// The form that a column's cells have elsewhere.
    pub(crate) fn form_of(&self, column: &str) -> Option<Form> {
        self.forms.iter().find(|(name, _)| name == column).map(|&(_, form)| form)
    }
}
