//! IDX, the format of MNIST: 00 00, an element type, the number of dimensions, the dimensions as big-endian 32-bit
//! numbers, then the elements in row-major order, big-endian.

use super::bytes::take;
use super::{MAX_COLUMNS, origin};
use crate::error::DataError;
use crate::table::{Column, Table};
use std::path::{Path, PathBuf};

/// Rows per pass of the transposition: their part of the input stays in the cache while columns are written.
const BLOCK: usize = 64;

/// Reads an IDX file. Its length must be exactly what its header declares; nothing is allocated before.
pub(crate) fn read_idx(name: &str, bytes: &[u8]) -> Result<Table, DataError> {
    let shape = Shape::parse(name, bytes)?;
    let columns = match shape.kind {
        Kind::U8 => transpose(&shape, |b: [u8; 1]| f64::from(b[0])),
        Kind::I8 => transpose(&shape, |b: [u8; 1]| f64::from(i8::from_be_bytes(b))),
        Kind::I16 => transpose(&shape, |b: [u8; 2]| f64::from(i16::from_be_bytes(b))),
        Kind::I32 => transpose(&shape, |b: [u8; 4]| f64::from(i32::from_be_bytes(b))),
        Kind::F32 => transpose(&shape, |b: [u8; 4]| f64::from(f32::from_be_bytes(b))),
        Kind::F64 => transpose(&shape, |b: [u8; 8]| f64::from_be_bytes(b)),
    };
    let names = |i: usize| if shape.dimensions == 1 { "label".to_owned() } else { format!("p{i}") };
    let columns: Vec<Column> =
        columns.into_iter().enumerate().map(|(i, v)| Column::number(names(i), v)).collect();
    Table::new(columns, origin(name, "idx".into()))
}

#[derive(Clone, Copy)]
enum Kind {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

/// A header that fits the data after it.
struct Shape<'a> {
    kind: Kind,
    dimensions: usize,
    rows: usize,
    columns: usize,
    data: &'a [u8],
}

impl<'a> Shape<'a> {
    /// Reads the header and compares it with the number of bytes behind it.
    fn parse(name: &str, bytes: &'a [u8]) -> Result<Self, DataError> {
        let (kind, size, sizes) = header(name, bytes)?;
        let start = 4 + 4 * sizes.len();
        let found = (bytes.len() - start) as u64;
        let product = |sizes: &[u64]| sizes.iter().try_fold(1_u64, |product, &n| product.checked_mul(n));
        let declared = product(&sizes).and_then(|n| n.checked_mul(size));
        if declared != Some(found) {
            let declared = declared.map_or_else(|| "over 2^64".into(), |n| n.to_string());
            let shape: Vec<String> = sizes.iter().map(u64::to_string).collect();
            let expected = format!("{declared} bytes for {} elements", shape.join("×"));
            return Err(damaged(name, start, format!("{found} bytes of data"), expected));
        }
        let columns = product(&sizes[1..]).unwrap_or(u64::MAX);
        if columns > MAX_COLUMNS as u64 {
            return Err(DataError::TooManyColumns {
                name: name.to_owned(),
                found: columns,
                limit: MAX_COLUMNS,
            });
        }
        if found == 0 {
            return Err(DataError::Empty { name: name.to_owned() });
        }
        let (dimensions, rows) = (sizes.len(), sizes[0] as usize);
        Ok(Self { kind, dimensions, rows, columns: columns as usize, data: &bytes[start..] })
    }
}

/// The element type, its size in bytes, and the dimensions (at least one); all of the header is there.
fn header(name: &str, bytes: &[u8]) -> Result<(Kind, u64, Vec<u64>), DataError> {
    let cut = || damaged(name, bytes.len(), "the end of the file".into(), "the rest of the header".into());
    let [_, _, code, dimensions] = take(bytes, 0).ok_or_else(cut)?;
    let Some((kind, size)) = kind_of(code) else {
        let expected = "08, 09, 0b, 0c, 0d or 0e".into();
        return Err(damaged(name, 2, format!("element type {code:#04x}"), expected));
    };
    if dimensions == 0 {
        return Err(damaged(name, 3, "no dimensions".into(), "1 dimension or more".into()));
    }
    let size_of = |i| take(bytes, 4 + 4 * i).map(|word| u64::from(u32::from_be_bytes(word)));
    let sizes = (0..usize::from(dimensions)).map(size_of).collect::<Option<_>>().ok_or_else(cut)?;
    Ok((kind, size, sizes))
}

fn damaged(name: &str, offset: usize, found: String, expected: String) -> DataError {
    DataError::Damaged { name: name.to_owned(), format: "IDX", offset: offset as u64, found, expected }
}

/// The type and the size in bytes of an element.
fn kind_of(code: u8) -> Option<(Kind, u64)> {
    Some(match code {
        0x08 => (Kind::U8, 1),
        0x09 => (Kind::I8, 1),
        0x0b => (Kind::I16, 2),
        0x0c => (Kind::I32, 4),
        0x0d => (Kind::F32, 4),
        0x0e => (Kind::F64, 8),
        _ => return None,
    })
}

/// Row-major elements to columns, block of rows by block of rows.
fn transpose<const N: usize>(shape: &Shape, value: impl Fn([u8; N]) -> f64) -> Vec<Vec<f64>> {
    let (elements, _) = shape.data.as_chunks::<N>();
    let mut columns: Vec<Vec<f64>> = (0..shape.columns).map(|_| Vec::with_capacity(shape.rows)).collect();
    for block in elements.chunks(BLOCK * shape.columns) {
        for (i, column) in columns.iter_mut().enumerate() {
            column.extend(block.iter().skip(i).step_by(shape.columns).map(|&element| value(element)));
        }
    }
    columns
}

/// The labels beside a file of images, when its name says that it has images and such a file exists.
pub(crate) fn sibling_labels(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let stem = name.strip_suffix(".gz").unwrap_or(name);
    let pairs = [("images-idx3-ubyte", "labels-idx1-ubyte"), ("images.idx3-ubyte", "labels.idx1-ubyte")];
    let (images, labels) = pairs.into_iter().find(|(images, _)| stem.ends_with(images))?;
    let stem = format!("{}{labels}", stem.strip_suffix(images)?);
    let (plain, gzipped) = (path.with_file_name(&stem), path.with_file_name(format!("{stem}.gz")));
    let order = if stem.len() < name.len() { [gzipped, plain] } else { [plain, gzipped] };
    order.into_iter().find(|candidate| candidate.is_file())
}
