//! ARFF, Weka's format: `@relation`, an `@attribute` with a type for each column, `@data`, then rows.

mod cells;
mod date;
mod words;

use super::text::{lines, utf8};
use super::{MAX_COLUMNS, ReadOptions, origin};
use crate::error::{DataError, counted};
use crate::table::{Column, Table};
use cells::Cells;
use words::{Word, Words};

/// What was found and what was expected in a line.
type Odd = (String, String);

/// Whether the first line that is neither blank nor a comment begins with `@relation`.
pub(super) fn is_arff(bytes: &[u8]) -> bool {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    while !rest.is_empty() {
        let end = rest.iter().position(|&b| b == b'\n').map_or(rest.len(), |i| i + 1);
        let (line, next) = rest.split_at(end);
        let line = line.trim_ascii();
        if !line.is_empty() && line[0] != b'%' {
            return line.get(..9).is_some_and(|word| word.eq_ignore_ascii_case(b"@relation"));
        }
        rest = next;
    }
    false
}

/// A column as it is declared.
struct Attribute {
    name: String,
    kind: Kind,
}

/// The type of a column.
enum Kind {
    /// `numeric` and `integer`: numbers, or exact decimal texts where `f64` cannot hold an integer; `real`: numbers.
    Number { keeps_integers: bool },
    /// The levels in the order of their declaration.
    Nominal(Vec<String>),
    /// `string`.
    Text,
    /// `date`, with the format of its cells.
    Date(date::Format),
}

/// Reads an ARFF file. `?` is a missing cell; a cell that a sparse row leaves out is 0, or the first level. Texts and dates
/// that a sparse row leaves out are missing. Weights of rows, `{2}` at their ends, become a last column `weight`.
///
/// # Errors
/// [`DataError::Line`] for a line that is none of a header or does not fit it; [`DataError::Sparse`] for sparse rows that are
/// larger than [`ReadOptions::max_bytes`] with all their cells.
pub(super) fn read_arff(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, DataError> {
    let text = utf8(name, bytes)?;
    let mut all = lines(text);
    let attributes = header(name, &mut all)?;
    let data: Vec<(u64, &str)> = all.filter(|(_, line)| !is_blank(line)).collect();
    if data.is_empty() {
        return Err(DataError::HeaderOnly { name: name.to_owned(), columns: attributes.len() });
    }
    // Rows that are written out are at least as long as their cells; sparse ones are not.
    if data.iter().any(|(_, line)| line.trim_start().starts_with('{')) {
        let (rows, columns, limit) = (data.len(), attributes.len() as u64, options.max_bytes);
        if (rows as u64).checked_mul(columns * 8).is_none_or(|bytes| bytes > limit) {
            return Err(DataError::Sparse { name: name.to_owned(), rows, columns, limit });
        }
    }
    let wanted = |attribute: &Attribute| options.type_of(&attribute.name);
    let mut cells: Vec<Cells> = attributes.iter().map(|a| Cells::new(&a.kind, wanted(a))).collect();
    let mut weights = fill(name, &attributes, &mut cells, &data)?;
    // Integers that f64 cannot hold turn their columns into texts, for which the rows are read again.
    if cells.iter().any(Cells::is_inexact) {
        cells = cells.iter().zip(&attributes).map(|(old, a)| old.again(&a.kind, wanted(a))).collect();
        weights = fill(name, &attributes, &mut cells, &data)?;
    }
    let values: Vec<_> = cells.into_iter().map(Cells::into_values).collect();
    let is_taken = attributes.iter().any(|attribute| attribute.name == "weight");
    let named = attributes.into_iter().zip(values);
    let mut columns: Vec<Column> = named.map(|(a, values)| Column { name: a.name, values }).collect();
    let mut format = "arff".to_owned();
    if let Some(weights) = weights {
        let column = if is_taken { "instance weight" } else { "weight" };
        format.extend([" · weights of rows as `", column, "`"]);
        columns.push(Column::number(column, weights));
    }
    let lines = data.iter().map(|(line, _)| *line).collect();
    Table::new(columns, origin(name, format))?.with_lines(lines)
}

/// Nothing, or a comment.
fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('%')
}

fn line_error(name: &str, line: u64, (found, expected): Odd) -> DataError {
    DataError::Line { name: name.to_owned(), line, found, expected }
}

/// Reads up to `@data`.
fn header<'a>(
    name: &str,
    lines: &mut impl Iterator<Item = (u64, &'a str)>,
) -> Result<Vec<Attribute>, DataError> {
    let mut attributes = Vec::new();
    let mut last = 1;
    for (line, text) in lines {
        last = line;
        if is_blank(text) {
            continue;
        }
        let mut words = Words::new(text);
        let odd = |odd: Odd| line_error(name, line, odd);
        let keyword = words.next(&[]).map_err(odd)?.map(|word| word.text.to_ascii_lowercase());
        match keyword.as_deref() {
            Some("@relation") => {}
            Some("@attribute") => attributes.push(attribute(&mut words).map_err(odd)?),
            Some("@data") if attributes.is_empty() => break,
            Some("@data") => return Ok(attributes),
            _ => {
                let found = format!("`{}`", text.trim().chars().take(40).collect::<String>());
                return Err(odd((found, "@attribute NAME TYPE or @data".into())));
            }
        }
        if attributes.len() > MAX_COLUMNS {
            let (name, found) = (name.to_owned(), attributes.len() as u64);
            return Err(DataError::TooManyColumns { name, found, limit: MAX_COLUMNS });
        }
    }
    let what = if attributes.is_empty() { "no @attribute" } else { "no @data" };
    Err(line_error(name, last, (what.into(), "@attribute lines, then @data".into())))
}

/// The name and the type behind `@attribute`.
fn attribute(words: &mut Words) -> Result<Attribute, Odd> {
    let expected = || "a name and a type, such as  @attribute age numeric".to_owned();
    let name = words.next(&['{'])?.ok_or_else(|| ("no name".into(), expected()))?.text;
    if words.has('{') {
        return Ok(Attribute { name, kind: Kind::Nominal(levels(words)?) });
    }
    let kind = words.next(&['{'])?.ok_or_else(|| (format!("no type of `{name}`"), expected()))?.text;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "numeric" | "integer" => Kind::Number { keeps_integers: true },
        "real" => Kind::Number { keeps_integers: false },
        "string" => Kind::Text,
        "date" => {
            let format = words.next(&[])?.map_or_else(|| date::DEFAULT.to_owned(), |word| word.text);
            let refused = || (format!("the date format `{format}`"), date::EXPECTED.to_owned());
            Kind::Date(date::Format::parse(&format).ok_or_else(refused)?)
        }
        _ => {
            let expected = "numeric, integer, real, string, date or {a, b}".to_owned();
            return Err((format!("the type `{kind}`"), expected));
        }
    };
    Ok(Attribute { name, kind })
}

/// `a, 'b c'}`.
fn levels(words: &mut Words) -> Result<Vec<String>, Odd> {
    let mut levels = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while !words.has('}') {
        let Some(Word { text, .. }) = words.next(&[',', '}'])? else {
            return Err(("a list of values without its end".into(), "}".into()));
        };
        if !seen.insert(text.clone()) {
            return Err((format!("the value `{text}` twice"), "each value once".into()));
        }
        levels.push(text);
        // Spaces alone may separate values too.
        words.has(',');
    }
    Ok(levels)
}

/// Reads all rows into the cells; the weights of rows, if any row has one.
fn fill(
    name: &str,
    attributes: &[Attribute],
    cells: &mut [Cells],
    data: &[(u64, &str)],
) -> Result<Option<Vec<f64>>, DataError> {
    let mut weights = Vec::new();
    for (row, &(line, text)) in data.iter().enumerate() {
        let weight = fill_row(text, attributes, cells).map_err(|odd| line_error(name, line, odd))?;
        if let Some(weight) = weight {
            weights.resize(row, 1.0);
            weights.push(weight);
        }
    }
    if weights.is_empty() {
        return Ok(None);
    }
    weights.resize(data.len(), 1.0);
    Ok(Some(weights))
}

/// Reads one row; its weight if it has one.
fn fill_row(text: &str, attributes: &[Attribute], cells: &mut [Cells]) -> Result<Option<f64>, Odd> {
    let mut words = Words::new(text);
    if words.has('{') {
        sparse_row(&mut words, attributes, cells)?;
    } else {
        // Without a comma in it, a row may be separated by white space.
        let by_space = cells.len() > 1 && !words.has_comma();
        let count = cells.len();
        for (i, (attribute, cells)) in attributes.iter().zip(cells).enumerate() {
            let ends: &[char] = if by_space { &[' ', '\t', ','] } else { &[','] };
            let Some(word) = words.cell(ends)? else {
                return Err((counted(i, "cell"), format!("{count}")));
            };
            cells.push(&word).map_err(|expected| odd_cell(&word, attribute, expected))?;
            let is_last = i + 1 == count;
            if !is_last && !by_space && !words.has(',') {
                return Err((counted(i + 1, "cell"), format!("{count}")));
            }
        }
    }
    words.has(',');
    if !words.has('{') {
        return match words.rest() {
            "" => Ok(None),
            rest => {
                let found = format!("`{}` behind the last cell", rest.chars().take(40).collect::<String>());
                Err((found, format!("{} cells", attributes.len())))
            }
        };
    }
    let word = words.next(&['}'])?.map(|word| word.text).unwrap_or_default();
    let weight =
        word.parse::<f64>().ok().filter(|w| w.is_finite() && words.has('}') && words.rest().is_empty());
    weight.map(Some).ok_or_else(|| (format!("`{{{word}`"), "the weight of a row, such as {2}".into()))
}

/// `{1 X, 3 Y}`: pairs of index and value in the order of the indices.
fn sparse_row(words: &mut Words, attributes: &[Attribute], cells: &mut [Cells]) -> Result<(), Odd> {
    let mut next = 0;
    while !words.has('}') {
        let index = words.next(&[' ', ',', '}'])?.map(|word| word.text).unwrap_or_default();
        let expected =
            || format!("an index from {next} to {} and a value", attributes.len().saturating_sub(1));
        let column = index.parse::<usize>().ok().filter(|i| (next..attributes.len()).contains(i));
        let column = column.ok_or_else(|| (format!("`{index}`"), expected()))?;
        let word =
            words.cell(&[',', '}'])?.ok_or_else(|| (format!("no value of index {column}"), expected()))?;
        cells[next..column].iter_mut().for_each(Cells::push_absent);
        cells[column].push(&word).map_err(|expected| odd_cell(&word, &attributes[column], expected))?;
        next = column + 1;
        if !words.has(',') && !words.is_at('}') {
            return Err(("a sparse row without its end".into(), "}".into()));
        }
    }
    cells[next..].iter_mut().for_each(Cells::push_absent);
    Ok(())
}

fn odd_cell(word: &Word, attribute: &Attribute, expected: String) -> Odd {
    let shown: String = word.text.chars().take(40).collect();
    (format!("`{shown}` in column `{}`", attribute.name), expected)
}
