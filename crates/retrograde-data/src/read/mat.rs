//! MAT files of version 5 (written by MATLAB's and Octave's `save -v6` and `-v7`): a 128-byte header, then elements.
//!
//! Two-dimensional arrays of real numbers are read, whatever type they are stored in. Cells, structures, objects,
//! texts, sparse, complex and higher-dimensional arrays are skipped.

use super::bytes::take;
use super::gzip::drain;
use super::mat_element::{Broken, Element, Kind, Reader};
use super::{DEFAULT_MAX_BYTES, MAX_COLUMNS, origin};
use crate::error::DataError;
use crate::table::{Column, Table};
use ndarray::{Array2, ShapeBuilder};

/// The length of the header.
const HEADER: usize = 128;

/// What a file holds: the arrays, and a word on everything that was skipped.
struct Contents {
    arrays: Vec<(String, Array2<f64>)>,
    skipped: Vec<String>,
}

/// A variable: an array, or why it was skipped.
enum Variable {
    Array(String, Array2<f64>),
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
        super::sniff::Format::Mat => Ok(contents(NAME, bytes, DEFAULT_MAX_BYTES)?.arrays),
        _ => Err(DataError::Damaged {
            name: NAME.into(),
            format: "MAT",
            offset: 0,
            found: "no header".into(),
            expected: "the header of a MAT file of version 5".into(),
        }),
    }
}

/// The arrays with the largest number of rows, side by side.
pub(crate) fn read_mat(name: &str, bytes: &[u8], limit: u64) -> Result<Table, DataError> {
    let Contents { arrays, skipped } = contents(name, bytes, limit)?;
    let filled = arrays.iter().filter(|(_, array)| array.ncols() > 0);
    let rows = filled.map(|(_, array)| array.nrows()).max().unwrap_or(0);
    let is_used = |array: &Array2<f64>| array.nrows() == rows && array.ncols() > 0;
    let width: usize = arrays.iter().filter(|(_, a)| is_used(a)).map(|(_, a)| a.ncols()).sum();
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
    for (variable, array) in &arrays {
        let shape = format!("{variable} {}×{}", array.nrows(), array.ncols());
        if !is_used(array) {
            left.push(shape);
            continue;
        }
        used.push(shape);
        for (i, values) in array.columns().into_iter().enumerate() {
            let column = if array.ncols() == 1 { variable.clone() } else { format!("{variable}{}", i + 1) };
            columns.push(Column::number(column, values.to_vec()));
        }
    }
    let mut format = format!("mat v5 · {}", used.join(", "));
    if !left.is_empty() {
        format.extend([" · skipped ", &left.join(", ")]);
    }
    Table::new(columns, origin(name, format))
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
            Variable::Array(name, array) => contents.arrays.push((name, array)),
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
        Ok(array) => Ok(Variable::Array(name, array)),
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
