//! svmlight, also called libsvm: rows of `label index:value index:value # comment`, where absent values are 0.

use super::text::{lines, typed, utf8};
use super::{ReadOptions, origin, sniff, sparse};
use crate::error::DataError;
use crate::table::{Column, Table};

/// How many lines are looked at to recognise the format.
const SAMPLE: usize = 100;

/// Whether the first lines all follow the grammar. One value a line may be a time of day (`3 12:45`): at least one line
/// must have two.
pub(super) fn is_svmlight(bytes: &[u8]) -> bool {
    let cut = &bytes[..bytes.len().min(sniff::SAMPLE)];
    // The last line of a cut sample is incomplete.
    let end =
        if cut.len() < bytes.len() { cut.iter().rposition(|&b| b == b'\n').unwrap_or(0) } else { cut.len() };
    let Ok(text) = std::str::from_utf8(&cut[..end]) else { return false };
    let rows = text.split('\n').filter(|line| !content(line).trim().is_empty()).take(SAMPLE);
    let mut most = 0;
    for line in rows {
        match Row::parse(line) {
            Ok(row) => most = most.max(row.values.len()),
            Err(_) => return false,
        }
    }
    most > 1
}

/// Reads the rows as a table with all its cells: columns `f1`, `f2`, …, or from `f0` where an index is 0, then `qid` if
/// there is one, then `label`. A label such as `1,3` is a text.
///
/// # Errors
/// [`DataError::Line`] for a line that does not follow the grammar, [`DataError::Sparse`] when the table with its zeros is
/// larger than [`ReadOptions::max_bytes`].
pub(super) fn read_svmlight(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, DataError> {
    let text = utf8(name, bytes)?;
    let (mut rows, mut at) = (Vec::new(), Vec::new());
    for (line, whole) in lines(text) {
        if content(whole).trim().is_empty() {
            continue;
        }
        rows.push(Row::parse(whole).map_err(|(found, expected)| DataError::Line {
            name: name.to_owned(),
            line,
            found,
            expected: expected.to_owned(),
        })?);
        at.push(line);
    }
    let indices = || rows.iter().flat_map(|row| row.values.iter().map(|&(index, _)| u64::from(index)));
    let first = u64::from(!indices().any(|index| index == 0));
    let count = indices().max().map_or(0, |last| last + 1 - first);
    let mut cells = sparse::zeros(name, rows.len(), count, options.max_bytes)?;
    for (r, row) in rows.iter().enumerate() {
        for &(index, value) in &row.values {
            cells[index as usize - first as usize][r] = value;
        }
    }
    let feature = |(i, values)| Column::number(format!("f{}", i as u64 + first), values);
    let mut columns: Vec<Column> = cells.into_iter().enumerate().map(feature).collect();
    let mut texts = |column: &str, cells: Vec<Option<&str>>| {
        columns.push(Column { name: column.into(), values: typed(&cells, options.type_of(column)) });
    };
    if rows.iter().any(|row| row.query.is_some()) {
        texts("qid", rows.iter().map(|row| row.query).collect());
    }
    texts("label", rows.iter().map(|row| row.label).collect());
    let base = if first == 0 { " · zero-based" } else { "" };
    Table::new(columns, origin(name, format!("svmlight{base}")))?.with_lines(at)
}

/// A line without its comment.
fn content(line: &str) -> &str {
    line.split_once('#').map_or(line, |(content, _)| content)
}

/// What a line holds.
struct Row<'a> {
    /// `None` for a line that begins with its values.
    label: Option<&'a str>,
    query: Option<&'a str>,
    values: Vec<(u32, f64)>,
}

impl<'a> Row<'a> {
    /// Reads a line; an error is what was found and what was expected.
    fn parse(line: &'a str) -> Result<Self, (String, &'static str)> {
        let mut words = content(line).split_ascii_whitespace().peekable();
        let label = words.next_if(|word| !word.contains(':'));
        if let Some(odd) = label.filter(|label| !label.split(',').all(is_number)) {
            return Err((format!("`{odd}`"), "a number as label, or several with commas"));
        }
        let query = words.next_if(|word| word.starts_with("qid:")).map(|word| &word[4..]);
        if query.is_some_and(|query| query.parse::<i64>().is_err()) {
            return Err((format!("`qid:{}`", query.unwrap_or_default()), "a whole number after qid:"));
        }
        let mut values: Vec<(u32, f64)> = Vec::new();
        let mut is_sorted = true;
        for word in words {
            let pair = word.split_once(':').and_then(|(index, value)| {
                let digits = index.bytes().all(|b| b.is_ascii_digit());
                Some((index.parse().ok().filter(|_| digits)?, value.parse().ok()?))
            });
            let Some(pair) = pair else { return Err((format!("`{word}`"), "index:value")) };
            is_sorted &= values.last().is_none_or(|last| last.0 < pair.0);
            values.push(pair);
        }
        if !is_sorted {
            values.sort_by_key(|pair| pair.0);
            if let Some(twice) = values.windows(2).find(|pairs| pairs[0].0 == pairs[1].0) {
                return Err((format!("index {} twice", twice[0].0), "each index once"));
            }
        }
        Ok(Self { label, query, values })
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_svmlight;

    #[test]
    fn the_grammar_is_told_from_other_texts() {
        for text in [
            "1 1:0.5 3:2\n-1 2:1\n",
            "# a comment\n\n+1 qid:3 1:0.5 2:1 # yes\n",
            "1,3 0:1 1:2\n 1:3\n",
            "2.5 1:nan 2:inf\r\n",
        ] {
            assert!(is_svmlight(text.as_bytes()), "{text:?}");
        }
        for text in [
            "",
            "1\n2\n",
            "a,b\n1,2\n",
            "3 12:45\n",
            "1 1:0.5 3:2\nx\n",
            "1 1:a 2:b\n",
            "a 1:1 2:2\n",
            "1 2:1 2:1\n",
        ] {
            assert!(!is_svmlight(text.as_bytes()), "{text:?}");
        }
    }
}
