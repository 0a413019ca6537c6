//! What is found out about a file of columns before its rows are read.

use super::cells::{codes, inexact};
use super::kinds::{Kind, column_type, kind};
use super::levels::Pool;
use super::rows::{Plan, Rows, Target, batches_in_order};
use super::{Columnar, Opened};
use crate::error::DataError;
use crate::read::source::{Rescan as _, Scanned, Source};
use crate::read::{MAX_COLUMNS, ReadOptions};
use crate::table::{Column, ColumnType, Origin, Table, Values, check_unique};
use std::sync::Arc;

/// How many of the columns that are left out are named.
const NAMED: usize = 8;

/// The file as a source of pieces.
pub(super) fn source(opened: Opened, options: &ReadOptions) -> Result<Source<'static>, DataError> {
    // A column that decides about rows is held whole.
    check_size(&opened, 1, options)?;
    let (rows, _) = scan(opened, options, Codes::Dropped)?;
    let columns = rows.plans.iter().map(|plan| (plan.name.clone(), plan.column_type())).collect();
    let scanned = Scanned { columns, rows: rows.file.rows(), origin: rows.origin.clone() };
    Ok(Source::new(scanned, Box::new(rows)))
}

/// The whole file as a table. Each column is decoded once: the pass that finds the levels keeps their codes.
pub(super) fn whole(opened: Opened, options: &ReadOptions) -> Result<Table, DataError> {
    check_size(&opened, opened.file.fields().len(), options)?;
    let (rows, categories) = scan(opened, options, Codes::Kept)?;
    let others: Vec<usize> = (0..rows.plans.len()).filter(|&c| categories[c].is_none()).collect();
    let mut read = Vec::new();
    if !others.is_empty() {
        let mut pieces = rows.pieces(&others)?;
        if let Some(first) = pieces.next() {
            let mut table = first?.into_owned();
            pieces.try_for_each(|piece| {
                table.append(piece?.into_owned());
                Ok(())
            })?;
            read = table.columns;
        }
    }
    let mut read = read.into_iter();
    let column = |(plan, codes): (Plan, Kept)| match (codes, plan.target) {
        (Some(codes), Target::Category(levels)) => {
            let values = Values::Category { levels: levels.levels.clone(), codes };
            Some(Column { name: plan.name, values })
        }
        _ => read.next(),
    };
    let columns = rows.plans.into_iter().zip(categories).filter_map(column).collect();
    Table::new(columns, rows.origin)
}

/// Refuses a file of which so many columns would take more memory than there should be.
///
/// A few bytes can say "a billion times the same": legitimate, but not where nobody expects it.
fn check_size(opened: &Opened, columns: usize, options: &ReadOptions) -> Result<(), DataError> {
    let cells = (opened.file.rows() as u64).saturating_mul(columns as u64);
    let bytes = cells.saturating_mul(size_of::<f64>() as u64);
    let limit = options.max_bytes.max(opened.store.length().saturating_mul(64));
    if bytes > limit {
        let name = opened.name.clone();
        return Err(DataError::TooManyCells { name, rows: opened.file.rows(), columns, limit });
    }
    Ok(())
}

/// The codes of a category's cells where they were kept.
type Kept = Option<Vec<u32>>;

/// A column that can be read: its name, its index in the file, its kind.
type Found = (String, usize, Kind);

/// Whether the codes of categories are kept while their levels are found.
#[derive(Clone, Copy, PartialEq)]
enum Codes {
    Kept,
    Dropped,
}

/// Types and levels of all columns, and the codes of those that are categories if they are to be kept.
fn scan(opened: Opened, options: &ReadOptions, keep: Codes) -> Result<(Rows, Vec<Kept>), DataError> {
    let Opened { name, file, store, fingerprint } = opened;
    let (columns, notes) = columns(&name, &*file)?;
    if file.rows() == 0 {
        return Err(DataError::Empty { name });
    }
    let fields: Vec<usize> = columns.iter().map(|&(_, field, _)| field).collect();
    file.check(&fields)?;
    let types = types(&name, &*file, &columns, options)?;
    let is_unused = |column: &String| keep == Codes::Dropped && options.unused.contains(column);
    let categories: Vec<usize> = columns
        .iter()
        .zip(&types)
        .filter(|((column, ..), t)| **t == ColumnType::Category && !is_unused(column))
        .map(|((_, field, _), _)| *field)
        .collect();
    let mut found = levels(&name, &*file, &categories, keep)?.into_iter();
    let (mut plans, mut kept) = (Vec::new(), Vec::new());
    for ((column, field, _), column_type) in columns.into_iter().zip(types) {
        let mut codes = None;
        let target = match column_type {
            ColumnType::Number => Target::Number { exact: options.type_of(&column).is_none() },
            ColumnType::Date => Target::Date,
            ColumnType::Category if is_unused(&column) => {
                Target::Category(Arc::new(Pool::default().finish()))
            }
            ColumnType::Category => {
                let (pool, of) = found.next().unwrap_or_default();
                codes = (keep == Codes::Kept).then_some(of);
                Target::Category(Arc::new(pool.finish()))
            }
        };
        plans.push(Plan { name: column, field, target });
        kept.push(codes);
    }
    let origin =
        Origin { name, format: file.format(), fingerprint: Some(fingerprint), notes, ..Origin::default() };
    Ok((Rows { file, store, origin, plans }, kept))
}

/// The columns that can be read, each with its name, its index in the file and its kind; and a note on those that are left
/// out.
fn columns(name: &str, file: &dyn Columnar) -> Result<(Vec<Found>, Vec<String>), DataError> {
    let fields = file.fields();
    if fields.len() > MAX_COLUMNS {
        let found = fields.len() as u64;
        return Err(DataError::TooManyColumns { name: name.to_owned(), found, limit: MAX_COLUMNS });
    }
    let (mut columns, mut left_out) = (Vec::new(), Vec::new());
    for (index, field) in fields.iter().enumerate() {
        // As a text table without a header calls its columns.
        let column = if field.name().is_empty() { format!("c{index}") } else { field.name().clone() };
        match kind(field.data_type()) {
            Ok(kind) => columns.push((column, index, kind)),
            Err(word) => left_out.push(format!("{column} ({word})")),
        }
    }
    if columns.is_empty() {
        return Err(DataError::NoColumns { name: name.to_owned(), left_out });
    }
    check_unique(name, &columns.iter().map(|(column, ..)| column.as_str()).collect::<Vec<_>>())?;
    let mut notes = Vec::new();
    if !left_out.is_empty() {
        let count = left_out.len();
        let more = if count > NAMED { ", …" } else { "" };
        left_out.truncate(NAMED);
        let noun = if count == 1 { "column" } else { "columns" };
        notes.push(format!("{count} {noun} left out: {}{more}", left_out.join(", ")));
    }
    Ok((columns, notes))
}

/// The type of every column. Columns of long numbers are looked through where the statistics do not tell.
fn types(
    name: &str,
    file: &dyn Columnar,
    columns: &[Found],
    options: &ReadOptions,
) -> Result<Vec<ColumnType>, DataError> {
    let exact = |exact| if exact { ColumnType::Number } else { ColumnType::Category };
    let known = columns.iter().map(|(column, field, kind)| {
        column_type(*kind, options.type_of(column)).or_else(|| file.is_exact(*field).map(exact))
    });
    let mut types: Vec<Option<ColumnType>> = known.collect();
    let open: Vec<usize> = (0..types.len()).filter(|&c| types[c].is_none()).collect();
    let fields: Vec<usize> = open.iter().map(|&c| columns[c].1).collect();
    if !open.is_empty() {
        for batch in batches_in_order(file, name, &fields)? {
            for (array, &column) in batch?.1.iter().zip(&open) {
                if types[column].is_none() && inexact(array).is_some() {
                    types[column] = Some(ColumnType::Category);
                }
            }
        }
    }
    Ok(types.into_iter().map(|found| found.unwrap_or(ColumnType::Number)).collect())
}

/// The levels of these columns, and the codes of their cells if they are to be kept.
fn levels(
    name: &str,
    file: &dyn Columnar,
    fields: &[usize],
    keep: Codes,
) -> Result<Vec<(Pool, Vec<u32>)>, DataError> {
    let mut found: Vec<(Pool, Vec<u32>)> = fields.iter().map(|_| <_>::default()).collect();
    if fields.is_empty() {
        return Ok(found);
    }
    for batch in batches_in_order(file, name, fields)? {
        let (row, arrays) = batch?;
        for ((array, (pool, kept)), &field) in arrays.iter().zip(&mut found).zip(fields) {
            let codes = codes(array, |text| Some(pool.code(text))).map_err(|(i, found)| {
                let at = crate::error::At { row: row + i, line: None };
                let column = file.fields()[field].name().clone();
                DataError::DateRange { name: name.to_owned(), at, column, found }
            })?;
            if keep == Codes::Kept {
                kept.extend(codes);
            }
        }
    }
    Ok(found)
}
