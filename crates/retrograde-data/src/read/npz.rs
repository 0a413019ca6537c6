//! NPZ: a zip archive of NumPy's arrays, and SciPy's sparse matrices in one.

mod sparse_matrix;

use super::archive::Archive;
use super::npy::{Header, Naming, columns};
use super::{MAX_COLUMNS, ReadOptions, origin};
use crate::error::DataError;
use crate::table::Table;

/// How many bytes of an array are looked at to find its shape: NumPy itself reads no header of more than 10,000 unless it is
/// told to.
const HEADER: u64 = 1 << 16;

/// The arrays with the largest number of rows, side by side, as for MAT files; the others are named in the format. A
/// file of `scipy.sparse.save_npz` is the matrix.
pub(super) fn read_npz(archive: &mut Archive, name: &str, options: &ReadOptions) -> Result<Table, DataError> {
    let names: Vec<String> =
        archive.names().iter().map(|file| file.trim_end_matches(".npy").to_owned()).collect();
    if let Some(table) = sparse_matrix::read(archive, &names, name, options)? {
        return Ok(table);
    }
    let mut skipped = Vec::new();
    let mut arrays = Vec::new();
    for (i, array) in names.iter().enumerate() {
        match Header::parse(&archive.beginning(i, HEADER)?) {
            Ok(header) => arrays.push((i, header.rows(), header.shape_text())),
            Err(refused) => match refused.elements() {
                Some(what) => skipped.push(format!("{array} ({what})")),
                None => return Err(refused.error(&archive.name_of(i))),
            },
        }
    }
    let rows = arrays.iter().map(|&(_, rows, _)| rows).max().unwrap_or(0);
    if rows == 0 {
        let name = name.to_owned();
        if skipped.is_empty() {
            return Err(DataError::Empty { name });
        }
        let advice = "in Python:  numpy.savez('FILE.npz', X=X.astype(float))";
        return Err(DataError::Elements { name, found: skipped.join(", "), advice });
    }
    let (mut table, mut used) = (Vec::new(), Vec::new());
    for (i, count, shape) in arrays {
        let shape = format!("{} {shape}", names[i]);
        if count != rows {
            skipped.push(shape);
            continue;
        }
        let bytes = archive.whole(i)?;
        let own = archive.name_of(i);
        let header = Header::parse(&bytes).map_err(|refused| refused.error(&own))?;
        header.check_data(&own, &bytes)?;
        let slots = header.slots(&own, &Naming::Among(&names[i]))?;
        let found = table.len() + slots.len();
        if found > MAX_COLUMNS {
            let name = name.to_owned();
            return Err(DataError::TooManyColumns { name, found: found as u64, limit: MAX_COLUMNS });
        }
        table.extend(columns(&own, &bytes[header.start..], header.rows(), &slots, options)?);
        skipped.extend(header.skipped.iter().map(|what| format!("{}.{what}", names[i])));
        used.push(shape);
    }
    let mut format = format!("npz · {}", used.join(", "));
    if !skipped.is_empty() {
        format.extend([" · skipped ", &skipped.join(", ")]);
    }
    Table::new(table, origin(name, format))
}
