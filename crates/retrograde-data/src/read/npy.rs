//! NPY, NumPy's format of one array: `\x93NUMPY`, a version, a header that is a Python literal, then the elements.

mod cells;
mod element;
mod header;
mod literal;

use cells::Slot;
pub(super) use cells::columns;
pub(super) use header::Header;

use super::{MAX_COLUMNS, ReadOptions, named, origin};
use crate::error::DataError;
use crate::table::Table;

/// Reads an array as a table. Its length must be exactly what its header declares; nothing is allocated before.
pub(crate) fn read_npy(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, DataError> {
    let header = Header::parse(bytes).map_err(|refused| refused.error(name))?;
    header.check_data(name, bytes)?;
    let stem = named::stem(name);
    let own = if named::extension(name) == "npy" && !stem.is_empty() { stem } else { "label" };
    let slots = header.slots(name, &Naming::Alone(own))?;
    if header.rows() == 0 || slots.is_empty() {
        return Err(DataError::Empty { name: name.to_owned() });
    }
    let columns = columns(name, &bytes[header.start..], header.rows(), &slots, options)?;
    let mut format = format!("npy · {} · {}", header.types(), header.shape_text());
    if !header.skipped.is_empty() {
        format.extend([" · skipped ", &header.skipped.join(", ")]);
    }
    Table::new(columns, origin(name, format))
}

/// How the columns of an array are called.
pub(super) enum Naming<'a> {
    /// Of the only array: its own name for a vector, `x0`, `x1`, … for a matrix, the names of fields.
    Alone(&'a str),
    /// Of one of several arrays: its name for a vector, `X1`, `X2`, … for a matrix `X`, `X.field`.
    Among(&'a str),
}

impl Naming<'_> {
    /// The name of column `index` of `count`, of a field or of the elements themselves.
    fn column(&self, field: &str, index: usize, count: usize) -> String {
        match self {
            Self::Alone(_) if !field.is_empty() => field.to_owned(),
            Self::Among(array) if !field.is_empty() => format!("{array}.{field}"),
            Self::Alone(own) | Self::Among(own) if count == 1 => (*own).to_owned(),
            Self::Alone(_) => format!("x{index}"),
            Self::Among(array) => format!("{array}{}", index + 1),
        }
    }
}

impl Header {
    /// The columns: where each one starts in the data and how far its cells are apart.
    ///
    /// # Errors
    /// [`DataError::TooManyColumns`]; [`DataError::Elements`] for records in more than one dimension.
    pub(super) fn slots(&self, name: &str, naming: &Naming) -> Result<Vec<Slot>, DataError> {
        let across = self.across();
        let count = across.saturating_mul(self.fields.len() as u64);
        if count > MAX_COLUMNS as u64 {
            let name = name.to_owned();
            return Err(DataError::TooManyColumns { name, found: count, limit: MAX_COLUMNS });
        }
        let is_record = self.fields.iter().any(|field| !field.name.is_empty());
        if is_record && across != 1 {
            return Err(DataError::Elements {
                name: name.to_owned(),
                found: format!("records in {} dimensions", self.shape.len()),
                advice: "in Python:  numpy.save('FILE.npy', array.ravel())",
            });
        }
        let slot = |index: usize, field: &header::Field| {
            let (base, stride) = self.place(index as u64);
            let name = naming.column(&field.name, index, across as usize);
            Slot { name, base: base + field.offset, stride, element: field.element }
        };
        let indices = 0..across as usize;
        Ok(indices.flat_map(|index| self.fields.iter().map(move |field| slot(index, field))).collect())
    }
}
