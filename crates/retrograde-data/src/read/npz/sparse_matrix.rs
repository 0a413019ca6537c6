//! What `scipy.sparse.save_npz` writes: the arrays of a matrix by rows (csr), by columns (csc) or by places (coo).

use crate::error::DataError;
use crate::read::archive::Archive;
use crate::read::npy::{Header, Naming, columns};
use crate::read::{ReadOptions, origin, sparse};
use crate::table::{Column, ColumnType, Table, Values};

/// The matrix, if the archive is one; `names` are those of its arrays.
pub(super) fn read(
    archive: &mut Archive,
    names: &[String],
    name: &str,
    options: &ReadOptions,
) -> Result<Option<Table>, DataError> {
    if !["format", "shape", "data"].iter().all(|part| names.iter().any(|n| n == part)) {
        return Ok(None);
    }
    let mut parts = Parts { archive, names, name, options };
    let layout = match parts.values("format")? {
        Values::Category { levels, .. } if levels.len() == 1 => levels[0].clone(),
        _ => return Ok(None),
    };
    let shape = parts.indices("shape")?;
    let [rows, across] = shape[..] else {
        return Err(parts.damaged(format!("{} dimensions", shape.len()), "2 dimensions"));
    };
    let entries = match layout.as_str() {
        "csr" => parts.compressed(rows)?,
        "csc" => parts.compressed(across)?.into_iter().map(|(column, row)| (row, column)).collect(),
        "coo" => {
            let row = parts.indices("row")?;
            row.into_iter().zip(parts.indices("col")?).collect()
        }
        other => {
            return Err(DataError::Elements {
                name: name.to_owned(),
                found: format!("a sparse matrix in the layout {other}"),
                advice: "in Python:  scipy.sparse.save_npz('FILE.npz', matrix.tocsr())",
            });
        }
    };
    let data = parts.numbers("data")?;
    if data.len() != entries.len() {
        let found = format!("{} values for {} places", data.len(), entries.len());
        return Err(parts.damaged(found, "as many values as places"));
    }
    let rows_in_memory = usize::try_from(rows).unwrap_or(usize::MAX);
    let mut cells = sparse::zeros(name, rows_in_memory, across, options.max_bytes)?;
    for (&(row, column), value) in entries.iter().zip(&data) {
        let cell = usize::try_from(column).ok().and_then(|c| cells.get_mut(c));
        let cell = cell.and_then(|c| c.get_mut(usize::try_from(row).ok()?));
        let Some(cell) = cell else {
            let found = format!("a value in row {row}, column {column}");
            return Err(parts.damaged(found, &format!("places in {rows}×{across}")));
        };
        // Places that occur several times are added up, as SciPy does.
        *cell += value;
    }
    let columns = cells.into_iter().enumerate().map(|(i, values)| Column::number(format!("x{i}"), values));
    let format = format!("npz · sparse {layout} {rows}×{across}, {} values", data.len());
    Table::new(columns.collect(), origin(name, format)).map(Some)
}

/// The arrays of a matrix.
struct Parts<'a, 'b> {
    archive: &'a mut Archive<'b>,
    names: &'a [String],
    name: &'a str,
    options: &'a ReadOptions,
}

impl Parts<'_, '_> {
    fn damaged(&self, found: String, expected: &str) -> DataError {
        DataError::Damaged {
            name: self.name.to_owned(),
            format: "NPZ",
            offset: 0,
            found,
            expected: expected.to_owned(),
        }
    }

    /// The cells of a vector, or of a single element.
    fn values(&mut self, part: &str) -> Result<Values, DataError> {
        let Some(i) = self.names.iter().position(|name| name == part) else {
            return Err(self.damaged(format!("no array `{part}`"), "the arrays of a sparse matrix"));
        };
        let bytes = self.archive.whole(i)?;
        let own = self.archive.name_of(i);
        let header = Header::parse(&bytes).map_err(|refused| refused.error(&own))?;
        if header.rows() == 0 {
            return Ok(Values::Number(Vec::new()));
        }
        header.check_data(&own, &bytes)?;
        let slots = header.slots(&own, &Naming::Alone(part))?;
        let wanted = ReadOptions { types: vec![(part.into(), ColumnType::Number)], ..self.options.clone() };
        let mut cells = columns(&own, &bytes[header.start..], header.rows(), &slots, &wanted)?;
        match cells.pop().filter(|_| cells.is_empty()) {
            Some(column) => Ok(column.values),
            None => Err(self.damaged(format!("an array `{part}` of several columns"), "a vector")),
        }
    }

    fn numbers(&mut self, part: &str) -> Result<Vec<f64>, DataError> {
        match self.values(part)? {
            Values::Number(values) => Ok(values),
            // A matrix of booleans.
            Values::Category { levels, codes } if levels.iter().all(|l| l == "true" || l == "false") => {
                let is_true = |&code: &u32| levels.get(code as usize).is_some_and(|level| level == "true");
                Ok(codes.iter().map(|code| f64::from(u8::from(is_true(code)))).collect())
            }
            _ => Err(self.damaged(format!("an array `{part}` without numbers"), "numbers")),
        }
    }

    /// Numbers that count something.
    fn indices(&mut self, part: &str) -> Result<Vec<u64>, DataError> {
        let numbers = self.numbers(part)?;
        let odd = numbers.iter().find(|x| !(**x >= 0.0 && x.fract() == 0.0 && **x < 2_f64.powi(53)));
        if let Some(odd) = odd {
            return Err(self.damaged(format!("{odd} in `{part}`"), "an index"));
        }
        Ok(numbers.into_iter().map(|x| x as u64).collect())
    }

    /// The places of a matrix by rows or by columns, of which there are `count`: (its row or column, the other).
    fn compressed(&mut self, count: u64) -> Result<Vec<(u64, u64)>, DataError> {
        let (starts, others) = (self.indices("indptr")?, self.indices("indices")?);
        let is_ordered = starts.is_sorted() && starts.first() == Some(&0);
        let fits = (starts.len() as u64).checked_sub(1) == Some(count)
            && starts.last() == Some(&(others.len() as u64));
        if !is_ordered || !fits {
            let found = format!("{} starts for {count} rows and {} values", starts.len(), others.len());
            return Err(self.damaged(found, "starts that divide the values into rows"));
        }
        let mut places = Vec::with_capacity(others.len());
        for (major, ends) in (0..).zip(starts.windows(2)) {
            places.extend(others[ends[0] as usize..ends[1] as usize].iter().map(|&minor| (major, minor)));
        }
        Ok(places)
    }
}
