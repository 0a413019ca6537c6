//! Several files as one table: columns are matched by name, rows follow each other in the order of the files.

use super::ReadOptions;
use super::bytes::fingerprint;
use crate::error::DataError;
use crate::table::{Column, ColumnType, Form, LevelPool, MISSING, MISSING_DATE, Origin, Table, Values};

/// The table of `count` parts, which `read` gives; a single part is given back as it is.
///
/// All parts have the columns of the first, in any order. A column that is read as different types in different parts is
/// a category of the texts as they stand in the files: those parts are read once more with that type.
///
/// # Errors
/// [`DataError::FileColumns`] for a column that is not in every part, and what `read` refuses.
pub(super) fn join(
    name: &str,
    count: usize,
    options: &ReadOptions,
    mut read: impl FnMut(usize, &ReadOptions) -> Result<Table, DataError>,
) -> Result<Table, DataError> {
    let mut parts = Vec::with_capacity(count);
    for part in 0..count {
        parts.push(read(part, options)?);
        if let Some(problem) = different_columns(&parts[0], &parts[part]) {
            return Err(problem);
        }
    }
    if count == 1 {
        return parts.pop().ok_or_else(|| DataError::Empty { name: name.to_owned() });
    }
    agree(&mut parts, options, &mut read)?;
    let Some(first) = parts.first() else { return Err(DataError::Empty { name: name.to_owned() }) };
    let names: Vec<String> = first.columns.iter().map(|c| c.name.clone()).collect();
    let types: Vec<ColumnType> = names.iter().map(|column| common_type(&parts, column)).collect();
    let categories = names.iter().zip(&types).filter(|(_, wanted)| **wanted == ColumnType::Category);
    let categories: Vec<&String> = categories.map(|(column, _)| column).collect();
    for (i, part) in parts.iter_mut().enumerate() {
        let is_other = |column: &&String| {
            let values = part.column(column).map(|c| &c.values);
            values.is_some_and(|v| v.column_type() != ColumnType::Category && v.missing() < v.len())
        };
        let other: Vec<_> =
            categories.iter().copied().filter(is_other).map(|c| (c.clone(), ColumnType::Category)).collect();
        if !other.is_empty() {
            let types = other.into_iter().chain(options.types.iter().cloned()).collect();
            *part = read(i, &ReadOptions { types, ..options.clone() })?;
            // A file that was changed between the two readings may have other columns by now.
            part.columns.retain(|c| names.contains(&c.name));
        }
    }
    stack(name, parts, &names, &types)
}

/// One form for the cells of a column in all parts, where there is one that all of them fit: `01/02/2020` in one file is what
/// `25/02/2020` in another says.
fn agree(
    parts: &mut [Table],
    options: &ReadOptions,
    read: &mut impl FnMut(usize, &ReadOptions) -> Result<Table, DataError>,
) -> Result<(), DataError> {
    let mut candidates: Vec<(String, Form)> = Vec::new();
    for found in parts.iter().flat_map(|part| &part.origin.forms) {
        if !candidates.contains(found) {
            candidates.push(found.clone());
        }
    }
    let mut agreed: Vec<(String, Form)> = Vec::new();
    for candidate in candidates {
        if agreed.iter().any(|(column, _)| *column == candidate.0) {
            continue;
        }
        let mut options = options.clone();
        options.forms.splice(0..0, agreed.iter().cloned().chain([candidate.clone()]));
        if let Some(again) = of_one_form(parts, &candidate, |part| read(part, &options))? {
            for (part, table) in again {
                parts[part] = table;
            }
            agreed.push(candidate);
        }
    }
    Ok(())
}

/// The parts whose cells of a column are of another form, or of none, read once more for this one; `None` when not all fit it.
fn of_one_form(
    parts: &[Table],
    (column, form): &(String, Form),
    mut read: impl FnMut(usize) -> Result<Table, DataError>,
) -> Result<Option<Vec<(usize, Table)>>, DataError> {
    let mut again = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        if form_of(part, column) == Some(*form) {
            continue;
        }
        let table = read(i)?;
        if form_of(&table, column).is_some_and(|found| found != *form) {
            return Ok(None);
        }
        again.push((i, table));
    }
    Ok(Some(again))
}

fn form_of(part: &Table, column: &str) -> Option<Form> {
    part.origin.forms.iter().find(|(name, _)| name == column).map(|&(_, form)| form)
}

/// The first column that one of two parts has and the other has not.
fn different_columns(first: &Table, part: &Table) -> Option<DataError> {
    let of = |table: &Table| -> std::collections::HashSet<String> {
        table.columns.iter().map(|c| c.name.clone()).collect()
    };
    let (in_first, in_part) = (of(first), of(part));
    let lacks = |file: &Table, column: &Column, other: &Table| DataError::FileColumns {
        name: file.origin.name.clone(),
        column: column.name.clone(),
        other: other.origin.name.clone(),
    };
    let missing = first.columns.iter().find(|c| !in_part.contains(&c.name));
    let extra = part.columns.iter().find(|c| !in_first.contains(&c.name));
    missing.map(|c| lacks(part, c, first)).or_else(|| extra.map(|c| lacks(first, c, part)))
}

/// The type of a column in all parts in which it has a value; a category where they differ.
fn common_type(parts: &[Table], column: &str) -> ColumnType {
    let values = || parts.iter().filter_map(|part| part.column(column)).map(|c| &c.values);
    let mut found = values().filter(|v| v.missing() < v.len()).map(Values::column_type);
    match found.next() {
        Some(first) if found.all(|other| other == first) => first,
        Some(_) => ColumnType::Category,
        None => values().next().map_or(ColumnType::Number, Values::column_type),
    }
}

/// The parts below each other.
fn stack(name: &str, parts: Vec<Table>, names: &[String], types: &[ColumnType]) -> Result<Table, DataError> {
    let origin = common_origin(name, &parts);
    let files = parts
        .iter()
        .flat_map(|part| part.files().unwrap_or_else(|| vec![(part.origin.name.clone(), part.rows())]))
        .collect();
    let lines: Option<Vec<u64>> = parts
        .iter()
        .map(|part| (0..part.rows()).map(|row| part.line_of(row)).collect::<Option<Vec<u64>>>())
        .collect::<Option<Vec<_>>>()
        .map(|lines| lines.concat());
    let mut parts: Vec<std::collections::HashMap<String, Values>> = parts
        .into_iter()
        .map(|part| part.columns.into_iter().map(|c| (c.name, c.values)).collect())
        .collect();
    let columns = names.iter().zip(types).map(|(column, &wanted)| {
        let cells = parts.iter_mut().filter_map(|part| part.remove(column)).collect();
        Column { name: column.clone(), values: concatenated(cells, wanted) }
    });
    let table = Table::new(columns.collect(), origin)?.with_files(files);
    match lines {
        Some(lines) => table.with_lines(lines),
        None => Ok(table),
    }
}

/// Cells below each other; a part of another type than `wanted` has no value and becomes missing cells.
fn concatenated(parts: Vec<Values>, wanted: ColumnType) -> Values {
    match wanted {
        ColumnType::Number => Values::Number(parts.into_iter().flat_map(numbers).collect()),
        ColumnType::Date => Values::Date(parts.into_iter().flat_map(moments).collect()),
        ColumnType::Category => {
            let mut pool = LevelPool::default();
            let mut all = Vec::new();
            for part in parts {
                if let Values::Category { levels, codes } = part {
                    // A level that no row has keeps its place: the order of declared levels means something.
                    let new: Vec<u32> = levels.iter().map(|level| pool.code(level)).collect();
                    all.extend(codes.iter().map(|&c| new.get(c as usize).copied().unwrap_or(MISSING)));
                } else {
                    all.extend(std::iter::repeat_n(MISSING, part.len()));
                }
            }
            pool.into_values(all)
        }
    }
}

fn numbers(values: Values) -> Vec<f64> {
    match values {
        Values::Number(values) => values,
        other => vec![f64::NAN; other.len()],
    }
}

fn moments(values: Values) -> Vec<i64> {
    match values {
        Values::Date(moments) => moments,
        other => vec![MISSING_DATE; other.len()],
    }
}

/// What is to be said of each part, with the part's name.
fn notes_of(parts: &[Table]) -> Vec<String> {
    let named = |part: &Table| -> Vec<String> {
        part.origin.notes.iter().map(|note| format!("{}: {note}", part.origin.name)).collect()
    };
    parts.iter().flat_map(named).collect()
}

/// The forms that all parts share which have one.
fn common_forms(parts: &[Table]) -> Vec<(String, Form)> {
    let mut forms: Vec<(String, Form)> = Vec::new();
    for (column, form) in parts.iter().flat_map(|part| &part.origin.forms) {
        let is_shared = parts.iter().all(|part| form_of(part, column).is_none_or(|other| other == *form));
        if is_shared && forms.iter().all(|(name, _)| name != column) {
            forms.push((column.clone(), *form));
        }
    }
    forms
}

/// How the whole is called and was read, and the fingerprint of the parts' fingerprints.
fn common_origin(name: &str, parts: &[Table]) -> Origin {
    let mut formats: Vec<&str> = Vec::new();
    for part in parts {
        if !formats.contains(&part.origin.format.as_str()) {
            formats.push(&part.origin.format);
        }
    }
    let prints: Option<Vec<u64>> = parts.iter().map(|part| part.origin.fingerprint).collect();
    let bytes = |prints: Vec<u64>| prints.iter().flat_map(|print| print.to_le_bytes()).collect::<Vec<u8>>();
    Origin {
        name: name.to_owned(),
        format: format!("{} · {} files", formats.join(", "), parts.len()),
        fingerprint: prints.map(|prints| fingerprint(&bytes(prints))),
        notes: notes_of(parts),
        unexpected: parts.iter().flat_map(|part| part.origin.unexpected.iter().cloned()).collect(),
        forms: common_forms(parts),
    }
}
