//! What a text table's cells mean, which character separates them, and whether the first line names columns.

use super::records::{Records, Text};
use crate::error::DataError;

/// How much of the text is looked at to find the delimiter.
const SAMPLE_BYTES: usize = 1 << 16;
/// How many records of it.
const SAMPLE_RECORDS: usize = 100;

/// The delimiters that are looked for; on a tie the first wins.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// What a delimiter is called.
pub(super) fn delimiter_name(delimiter: u8) -> String {
    match delimiter {
        b',' => "comma".into(),
        b';' => "semicolon".into(),
        b'\t' => "tab".into(),
        b'|' => "bar".into(),
        b' ' => "space".into(),
        other => format!("`{}`", char::from(other)),
    }
}

/// Whether a trimmed cell stands for a missing value.
pub(super) fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "NA" | "N/A" | "NaN" | "nan" | "null" | "NULL" | "None" | "?")
}

/// The number in a trimmed cell, NaN when it is missing, `None` when it is another text.
pub(super) fn number(cell: &str) -> Option<f64> {
    match cell.parse::<f64>() {
        Ok(value) if !value.is_nan() => Some(value),
        // Spellings of NaN that are not missing tokens, such as `-nan`, are texts.
        _ => is_missing(cell).then_some(f64::NAN),
    }
}

/// The delimiter under which most of the first records have the same number of cells (more than one); then the one
/// with the most cells.
pub(super) fn sniff_delimiter(bytes: &[u8]) -> u8 {
    let cut = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    // The last record of a cut sample is incomplete.
    let end = if cut.len() < bytes.len() {
        cut.iter().rposition(|&b| b == b'\n').map_or(cut.len(), |i| i + 1)
    } else {
        cut.len()
    };
    let score = |delimiter: u8| {
        let counts = cell_counts(&bytes[..end], delimiter);
        let first = counts.first().copied().unwrap_or(0);
        let same = counts.iter().filter(|&&n| n == first).count();
        if first < 2 { (0, 0) } else { (same * 1000 / counts.len(), first) }
    };
    let mut best = (DELIMITERS[0], score(DELIMITERS[0]));
    for delimiter in &DELIMITERS[1..] {
        let found = score(*delimiter);
        if found > best.1 {
            best = (*delimiter, found);
        }
    }
    best.0
}

/// The number of cells of each of the first records.
fn cell_counts(sample: &[u8], delimiter: u8) -> Vec<usize> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(sample);
    let mut record = csv::ByteRecord::new();
    let mut counts = Vec::new();
    while counts.len() < SAMPLE_RECORDS && reader.read_byte_record(&mut record).unwrap_or(false) {
        counts.push(record.len());
    }
    counts
}

/// Whether the first record names columns, see [`crate::Header::Sniff`].
pub(super) fn sniff_header(text: &Text) -> Result<bool, DataError> {
    let mut records = Records::new(text);
    if records.next()?.is_none() {
        return Ok(false);
    }
    let first: Vec<String> = records.record().iter().map(|cell| cell.trim().to_owned()).collect();
    // An empty name is a mistake in a header rather than a sign of data.
    let is_name = |cell: &String| cell.is_empty() || number(cell).is_none();
    if !first.iter().all(is_name) || first.iter().all(String::is_empty) {
        return Ok(false);
    }
    let distinct: std::collections::HashSet<&String> = first.iter().collect();
    if distinct.len() == first.len() {
        return Ok(true);
    }
    for _ in 0..SAMPLE_RECORDS {
        if records.next()?.is_none() {
            break;
        }
        if records.record().iter().any(|cell| number(cell.trim()).is_some_and(f64::is_finite)) {
            return Ok(true);
        }
    }
    Ok(false)
}
