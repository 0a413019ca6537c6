//! Files and bytes to tables: the format is chosen by content first, then by extension.

mod archive;
mod arff;
mod bytes;
mod columnar;
mod convert;
mod csv;
mod gzip;
mod idx;
mod many;
mod mat;
mod mat_element;
mod named;
mod npy;
mod npz;
mod options;
mod paths;
mod sniff;
mod source;
mod sparse;
mod svmlight;
mod text;
mod unpack;
mod zst;

pub(crate) use bytes::fingerprint;
pub use columnar::{scan_columnar, scan_columnar_bytes};
pub use csv::{Encoding, scan_csv};
pub use mat::read_mat_variables;
pub use options::{Header, ReadOptions};
pub use source::{Pieces, Source};

use crate::error::DataError;
use crate::table::{Column, Origin, Table, Values};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The largest number of columns of a table.
pub(crate) const MAX_COLUMNS: usize = 65_536;

/// Reads the table in a file.
///
/// The path may also stand for several files or for a part of one:
///
/// * `data/*.csv`, where no file has that name: all files that match, in the order of their names, as one table, see
///   [`read_many`]. `*` is any text within a name, `**` any folders, `?` one character, `[ab]` one of these;
/// * `flights.zip#2013.csv`: one file of a zip archive; `flights.zip#*.csv` several.
///
/// Next to an IDX file named `…images-idx3-ubyte` a file `…labels-idx1-ubyte` is looked for, each with or without
/// `.gz`; when it is there its labels join the table as column `label`, and [`Origin::format`] says so.
/// [`ReadOptions::labels`] names another file.
///
/// # Errors
/// [`DataError::Io`] when a file cannot be read, [`DataError::NoMatch`] and [`DataError::Folder`] when there is none to
/// read, and everything that [`read_bytes`] and [`read_many`] refuse.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Table, DataError> {
    read_places(&path.display().to_string(), &paths::expand(path)?, options)
}

/// Reads several files as one table, in the order given; a path may stand for several files, as for [`read`].
///
/// Columns are matched by name: every file has the columns of the first, in any order, and they come in the order of the
/// first. Files without a header have the columns `c0`, `c1`, …, and are matched by them. A column that is of numbers in
/// one file and of texts in another becomes a category of the texts in the files. Each row keeps its file and its line
/// for errors, see [`Table::file_of`].
///
/// # Errors
/// [`DataError::FileColumns`] names the file and the column that do not fit, [`DataError::Empty`] without paths; otherwise as
/// [`read`].
pub fn read_many(paths: &[PathBuf], options: &ReadOptions) -> Result<Table, DataError> {
    let mut places = Vec::new();
    for path in paths {
        places.extend(paths::expand(path)?);
    }
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    read_places(&names.join(", "), &places, options)
}

/// A table as [`read`] gives it, in pieces if it is a large one that can be read so: text that is not compressed, Parquet and
/// Arrow files, of more than 64 MiB and alone, without a file of labels. Any other is in memory, see [`Source::in_memory`].
///
/// # Errors
/// As [`read`].
pub fn open(path: &Path, options: &ReadOptions) -> Result<Source<'static>, DataError> {
    let places = paths::expand(path)?;
    let name = path.display().to_string();
    if let ([place @ paths::Place { member: None, .. }], None) = (&places[..], &options.labels)
        && idx::sibling_labels(&place.path).is_none()
    {
        let columnar = columnar::scan_large(&place.path, &name, options)?;
        if let Some(mut source) =
            columnar.map_or_else(|| csv::scan_large(&place.path, options), |s| Ok(Some(s)))?
        {
            let mismatch = named::mismatch(&name, &source.origin().format);
            source.say(&mismatch);
            return Ok(source);
        }
    }
    Ok(read_places(&name, &places, options)?.into())
}

/// The files at the places as one table called `name`.
fn read_places(name: &str, places: &[paths::Place], options: &ReadOptions) -> Result<Table, DataError> {
    let mut table =
        many::join(name, places.len(), options, |part, options| read_one(&places[part], options))?;
    if let Some(labels) = &options.labels {
        join_labels(&mut table, labels, options)?;
    }
    finish(table, options)
}

/// A file that is not to be loaded as a whole before it is read: one of columns, or a large text.
fn read_from_disk(
    place: &paths::Place,
    name: &str,
    options: &ReadOptions,
) -> Result<Option<Table>, DataError> {
    if place.member.is_some() {
        return Ok(None);
    }
    match columnar::read_path(&place.path, name, options)? {
        Some(mut table) => {
            let mismatch = named::mismatch(name, &table.origin.format);
            table.origin.format.push_str(&mismatch);
            Ok(Some(table))
        }
        None => csv::read_large(&place.path, options),
    }
}

/// One file, with the labels beside it unless others were named.
fn read_one(place: &paths::Place, options: &ReadOptions) -> Result<Table, DataError> {
    let name = place.path.display().to_string();
    let mut table = match read_from_disk(place, &name, options)? {
        Some(table) => table,
        None => parse(&name, &load(&place.path, options.max_bytes)?, place.member.as_deref(), options)?,
    };
    let beside = options.labels.is_none().then(|| idx::sibling_labels(&place.path)).flatten();
    if let Some(labels) = beside {
        join_labels(&mut table, &labels, options)?;
    }
    finish(table, options)
}

/// Reads a table from bytes; `name` is what errors call it, and its extension helps to name a mistake.
///
/// * CSV. *Cells:* the delimiter is the one of `,` `;` tab `|` that gives the first rows the same number of cells, or runs
///   of spaces where none does, all rows have as many and some column is of numbers. Quotes are `"`, or `'` where all
///   cells of some column have them. Any line ends are accepted, blank lines are skipped, and so are lines at the top
///   that begin with `#`, unless the last of them names the columns. White space around cells is removed. A quote inside
///   an unquoted cell is an ordinary character. A first column without a name, as pandas and R write it, is `index`.
/// * *Encoding:* that of a byte order mark (UTF-8, UTF-16), or UTF-8, or Windows-1252 for bytes that are not UTF-8 and
///   not mostly UTF-8 either; [`ReadOptions::encoding`] takes any other.
/// * *Types:* a column is what all its cells are. Missing are the empty cell, `NA`, `N/A`, `n/a`, `#N/A`, `<NA>`, `NaN`,
///   `nan`, `NaT`, `null`, `NULL`, `None` and `?`, and `.` where every other cell is a number. *Numbers* are written
///   plainly (`-1.5e3`, `inf`), or the whole column has commas between thousands (`1,234.5`), a decimal comma
///   (`1.234,5`), or one sign at every number (`12%` is 12, `$5`, `5 €`, `£`, `¥`, `₹`). Where all commas may be either,
///   they are decimal when the delimiter is `;`, else between thousands. A column of integers, one of them 2⁵³ or more,
///   is a category. *Dates* are written as in ISO 8601, or with `/`, `.` or `-` between year, month and day in the one
///   order that fits all cells, with a time or without (`31/12/2013 5:15 PM`), or with the month's English name (`Dec 31,
///   2013`, `31 December 2013`, `31-Dec-13`), or, with `/`, with a year of two digits (`12/31/13`; 69 to 99 are of the 20th
///   century). If day and month may change places [`ReadOptions::date_order`] says which comes first; else it is the month with
///   `/`, the day with `.` and `-`. *Categories* are all others, `true` and `false` among them.
/// * What is not plain in all this is said in [`Origin::format`] and [`Origin::notes`], and so is a column that a few
///   cells keep from being one of numbers or dates.
/// * IDX, every element type: the first dimension counts rows, the others together are columns `p0`, `p1`, …; one
///   dimension alone is column `label`.
/// * MAT v5: all two-dimensional real arrays with the largest number of rows, side by side; a column vector keeps
///   its name, the columns of a matrix `X` are `X1`, `X2`, …. Logical arrays become the texts `true` and `false`.
/// * NPY, versions 1 to 3: numbers, booleans, texts (the empty one is missing), dates and records, whose fields are the
///   columns. A vector is a column named after its file, or `label`; other arrays have the columns `x0`, `x1`, …, over
///   all dimensions but the first. Objects are refused.
/// * NPZ: the arrays as those of a MAT file, or a sparse matrix of SciPy's in the layouts csr, csc and coo.
/// * svmlight, also called libsvm: columns `f1`, `f2`, … (from `f0` where an index is 0), `qid` if there is one, and `label`; a
///   label such as `1,3` is a text. What is absent is 0.
/// * ARFF, with sparse rows: the declared types and names; the order of declared levels is kept. Weights of rows are
///   a column `weight`, or `instance weight` where that name is taken.
/// * Parquet and Arrow IPC (file, which is Feather version 2, and stream): the columns have the file's types; 64-bit
///   whole numbers and decimals that f64 does not hold exactly make their column a category. Lists, structs and bytes
///   are left out, and [`Origin::notes`] say so. [`scan_columnar`] reads them in pieces.
/// * any of these in gzip or Zstandard, or in a zip archive: its only file, or all of its files as one table, see
///   [`read_many`].
///
/// Integers that `f64` cannot hold exactly make their column a category of their digits in the binary formats, in ARFF and in
/// svmlight's labels, unless [`ReadOptions::types`] says number. Sparse formats are read with all their cells, which may
/// take [`ReadOptions::max_bytes`]. Where the extension of `name` promises another format, [`Origin::format`] says so:
/// ` · named .csv but is parquet`.
///
/// # Errors
/// [`DataError::Unsupported`] for other known formats; otherwise a variant for each way in which the bytes are not a
/// table, with line and column.
pub fn read_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, DataError> {
    let mut table = parse(name, bytes, None, options)?;
    if let Some(labels) = &options.labels {
        join_labels(&mut table, labels, options)?;
    }
    finish(table, options)
}

/// The bytes of a file.
fn load(path: &Path, max_bytes: u64) -> Result<Vec<u8>, DataError> {
    let io = |source| DataError::Io { name: path.display().to_string(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    // A device or a pipe has no end that anybody promised.
    let limit = if file.metadata().map_err(io)?.is_file() { u64::MAX } else { max_bytes };
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limit {
        return Err(DataError::TooLarge { name: path.display().to_string(), limit });
    }
    Ok(bytes)
}

/// Bytes to a table, without labels from elsewhere.
fn parse(name: &str, bytes: &[u8], member: Option<&str>, options: &ReadOptions) -> Result<Table, DataError> {
    let mut table = unpack::table(name, bytes, member, options)?;
    table.origin.fingerprint = Some(bytes::fingerprint(bytes));
    Ok(table)
}

/// Bytes that are neither compressed nor an archive to a table.
fn contents(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, DataError> {
    match sniff::format(name, bytes)? {
        format @ (sniff::Format::Parquet | sniff::Format::ArrowFile | sniff::Format::ArrowStream) => {
            columnar::read_bytes(name, bytes.to_vec(), format, options)
        }
        sniff::Format::Idx => idx::read_idx(name, bytes),
        sniff::Format::Mat => mat::read_mat(name, bytes, options),
        sniff::Format::Npy => npy::read_npy(name, bytes, options),
        sniff::Format::Text => match sniff::text_format(name, bytes, options) {
            sniff::TextFormat::Arff => arff::read_arff(name, bytes, options),
            sniff::TextFormat::Svmlight => svmlight::read_svmlight(name, bytes, options),
            sniff::TextFormat::Delimited => csv::read_csv(name, bytes, options),
        },
    }
}

/// Appends the one column of a labels file.
fn join_labels(table: &mut Table, path: &Path, options: &ReadOptions) -> Result<(), DataError> {
    let labels = path.display().to_string();
    let mut found = parse(
        &labels,
        &load(path, options.max_bytes)?,
        None,
        &ReadOptions { delimiter: None, types: Vec::new(), ..options.clone() },
    )?;
    let columns = found.columns.len();
    let Some(column) = found.columns.pop().filter(|_| columns == 1) else {
        return Err(DataError::LabelColumns { labels, found: columns });
    };
    if column.values.len() != table.rows() {
        return Err(DataError::LabelRows {
            name: table.origin.name.clone(),
            labels,
            found: column.values.len(),
            expected: table.rows(),
        });
    }
    let file = path.file_name().map_or(labels, |f| f.to_string_lossy().into_owned());
    table.origin.format.extend([" · labels from ", &file]);
    table.push(Column { name: "label".into(), values: column.values })
}

/// Gives columns the types that were asked for.
fn finish(mut table: Table, options: &ReadOptions) -> Result<Table, DataError> {
    for (name, wanted) in &options.types {
        let Some(index) = table.columns.iter().position(|c| c.name == *name) else { continue };
        let values = std::mem::replace(&mut table.columns[index].values, Values::Number(Vec::new()));
        table.columns[index].values = convert::into_type(&table, index, values, *wanted)?;
    }
    Ok(table)
}

/// An origin before the caller adds compression and fingerprint.
fn origin(name: &str, format: String) -> Origin {
    Origin { name: name.to_owned(), format, ..Origin::default() }
}
