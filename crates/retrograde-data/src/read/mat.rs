//! MAT files of version 5 (written by MATLAB's and Octave's `save -v6` and `-v7`): a 128-byte header, then elements.
//!
//! Two-dimensional arrays of real numbers are read, whatever type they are stored in. Cells, structures, objects,
//! texts, sparse, complex and higher-dimensional arrays are skipped. Logical arrays are categories.

use super::bytes::take;
use super::gzip::drain;
use super::mat_element::{Broken, Element, Kind, Reader};
use super::options::DEFAULT_MAX_BYTES;
use super::{MAX_COLUMNS, ReadOptions, origin};
use crate::error::DataError;
use crate::table::{Column, ColumnType, Table, Values};
use ndarray::{Array2, ShapeBuilder};

/// The length of the header.
const HEADER: usize = 128;

/// What a file holds: the arrays, and a word on everything that was skipped.
struct Contents {
    arrays: Vec<Array>,
    skipped: Vec<String>,
}

/// A two-dimensional array of real numbers.
struct Array {
    name: String,
    values: Array2<f64>,
    cells: Cells,
}

/// What the numbers of an array are.
enum Cells {
    Numbers,
    Booleans,
    /// Integers of which `f64` does not hold every one, column by column.
    Integers(Vec<i128>),
}

/// A variable: an array, or why it was skipped.
enum Variable {
    Array(Array),
    Skipped(String),
}

/// All two-dimensional arrays of real numbers in a MAT file of version 5, in the order of the file. Stored integers,
/// singles and logicals become `f64`; NaN and infinities stay. Other variables are skipped.
///
/// Compressed variables may have 4 GiB together; every length is checked before memory is taken.
///
/// # Errors
/// [`DataError::Unsupported`] for versions 4 and 7.3, [`DataError::Damaged`] where lengths, types or checksums do not
/// fit, [`DataError::NoArrays`] when everything was skipped.
pub fn read_mat_variables(bytes: &[u8]) -> Result<Vec<(String, Array2<f64>)>, DataError> {
    const NAME: &str = "the MAT file";
    match super::sniff::format(NAME, bytes)? {
        super::sniff::Format::Mat => {
            let arrays = contents(NAME, bytes, DEFAULT_MAX_BYTES)?.arrays;
            Ok(arrays.into_iter().map(|array| (array.name, array.values)).collect())
        }
        _ => Err(DataError::Damaged {
            name: NAME.into(),
            format: "MAT",
            offset: 0,
            found: "no header".into(),
            expected: "the header of a MAT file of version 5".into(),
        }),
    }
}

/// The arrays with the largest number of rows, side by side. A single row with as many numbers is a column: SciPy writes
/// vectors so.
pub(crate) fn read_mat(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, DataError> {
    let Contents { mut arrays, skipped } = contents(name, bytes, options.max_bytes)?;
    let filled = arrays.iter().filter(|array| array.values.ncols() > 0);
    let rows = filled.map(|array| array.values.nrows()).max().unwrap_or(0);
    for array in arrays.iter_mut().filter(|array| rows > 1 && array.values.dim() == (1, rows)) {
        array.values = std::mem::take(&mut array.values).reversed_axes();
    }
    let is_used = |array: &Array| array.values.nrows() == rows && array.values.ncols() > 0;
    let width: usize = arrays.iter().filter(|a| is_used(a)).map(|a| a.values.ncols()).sum();
    if width > MAX_COLUMNS {
        return Err(DataError::TooManyColumns {
            name: name.to_owned(),
            found: width as u64,
            limit: MAX_COLUMNS,
        });
    }
    if rows == 0 || width == 0 {
        return Err(DataError::Empty { name: name.to_owned() });
    }
    let (mut columns, mut used, mut left) = (Vec::with_capacity(width), Vec::new(), skipped);
    for array in &arrays {
        let (variable, count) = (&array.name, array.values.ncols());
        let shape = format!("{variable} {}×{count}", array.values.nrows());
        if !is_used(array) {
            left.push(shape);
            continue;
        }
        used.push(shape);
        for i in 0..count {
            let column = if count == 1 { variable.clone() } else { format!("{variable}{}", i + 1) };
            let values = array.column(i, options.type_of(&column));
            columns.push(Column { name: column, values });
        }
    }
    let mut format = format!("mat v5 · {}", used.join(", "));
    if !left.is_empty() {
        format.extend([" · skipped ", &left.join(", ")]);
    }
    Table::new(columns, origin(name, format))
}

impl Array {
    /// The cells of a column. Booleans are the texts `true` and `false`; a column with an integer that `f64` cannot hold
    /// is of the integers' texts, unless numbers are wanted.
    fn column(&self, index: usize, wanted: Option<ColumnType>) -> Values {
        let numbers = self.values.column(index);
        match &self.cells {
            Cells::Booleans => {
                let text = |&x: &f64| Some(if x == 0.0 { "false" } else { "true" });
                Column::category("", numbers.iter().map(text)).values
            }
            Cells::Integers(all) if wanted != Some(ColumnType::Number) => {
                let rows = self.values.nrows();
                let exact = &all[index * rows..(index + 1) * rows];
                if exact.iter().zip(&numbers).all(|(&exact, &x)| x as i128 == exact) {
                    return Values::Number(numbers.to_vec());
                }
                let texts: Vec<String> = exact.iter().map(i128::to_string).collect();
                Column::category("", texts.iter().map(|text| Some(text.as_str()))).values
            }
            _ => Values::Number(numbers.to_vec()),
        }
    }
}

/// Walks over the elements of a file.
fn contents(name: &str, bytes: &[u8], limit: u64) -> Result<Contents, DataError> {
    let damaged = |broken: Broken| broken.in_file(name);
    let little = take(bytes, HEADER - 2) == Some(*b"IM");
    let mut reader = Reader::new(bytes, HEADER, little);
    let mut contents = Contents { arrays: Vec::new(), skipped: Vec::new() };
    let mut budget = limit;
    while let Some(element) = reader.next().map_err(damaged)? {
        let variable = match element.kind {
            Kind::Matrix => variable(&element, little).map_err(damaged)?,
            Kind::Compressed => {
                let inflated = drain(flate2::read::ZlibDecoder::new(element.data), name, "MAT", budget);
                let inflated = inflated.map_err(|error| in_total(error, limit))?;
                budget -= inflated.len() as u64;
                // One element, never again compressed: this is as deep as it gets.
                let inner =
                    Reader::new(&inflated, 0, little).next().map_err(|b| damaged(b.at(element.offset)))?;
                match inner {
                    Some(inner) if matches!(inner.kind, Kind::Matrix) => {
                        variable(&inner, little).map_err(|b| damaged(b.at(element.offset)))?
                    }
                    _ => Variable::Skipped("an element without an array".into()),
                }
            }
            Kind::Number(_) | Kind::Other(_) => Variable::Skipped("an element without an array".into()),
        };
        match variable {
            Variable::Array(array) => contents.arrays.push(array),
            Variable::Skipped(what) => contents.skipped.push(what),
        }
    }
    if contents.arrays.is_empty() {
        return Err(DataError::NoArrays { name: name.to_owned(), found: contents.skipped });
    }
    Ok(contents)
}

/// Reads the parts of a matrix element: flags, dimensions, name, real numbers.
fn variable(element: &Element, little: bool) -> Result<Variable, Broken> {
    let mut parts = Reader::new(element.data, 0, little).within(element.offset);
    let flags = parts.part("the array flags")?.integers(2, 2)?;
    let (class, bits) = (flags[0] & 0xff, flags[0] >> 8);
    let dimensions = parts.part("the dimensions")?.integers(0, 1024)?;
    let name_part = parts.part("the name")?;
    let name = name_part.text()?;
    let skipped = |what: &str| Ok(Variable::Skipped(format!("{name} ({what})")));
    match class {
        1 => return skipped("a cell array"),
        2 => return skipped("a structure"),
        3 => return skipped("an object"),
        4 => return skipped("a text"),
        5 => return skipped("sparse"),
        6..=15 => {}
        _ => return skipped("of an unknown class"),
    }
    if bits & 0x08 != 0 {
        return skipped("complex");
    }
    let [rows, columns] = dimensions[..] else { return skipped("not two-dimensional") };
    if name.is_empty() {
        return Err(name_part.broken("an array without a name", "a name"));
    }
    let values = parts.part("the numbers")?;
    let shape = (usize::try_from(rows).ok()).zip(usize::try_from(columns).ok());
    let Some((shape, count)) = shape.and_then(|(r, c)| Some(((r, c), r.checked_mul(c)?))) else {
        return Err(name_part.broken(&format!("dimensions {rows}×{columns}"), "dimensions of an array"));
    };
    let numbers = values.numbers(count)?;
    match Array2::from_shape_vec(shape.f(), numbers) {
        Ok(array) => {
            let cells = match values.inexact_integers() {
                _ if bits & 0x02 != 0 => Cells::Booleans,
                Some(integers) => Cells::Integers(integers),
                None => Cells::Numbers,
            };
            Ok(Variable::Array(Array { name, values: array, cells }))
        }
        Err(error) => Err(values.broken(&error.to_string(), "an array of the declared shape")),
    }
}

/// What is left of the limit is no help to a reader of the error: it should name the whole.
fn in_total(error: DataError, limit: u64) -> DataError {
    match error {
        DataError::TooLarge { name, .. } => DataError::TooLarge { name, limit },
        other => other,
    }
}
