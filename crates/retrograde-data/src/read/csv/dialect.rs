//! What separates the cells of a text, and whether its first line names columns.

use super::cells::{Cursor, Dialect, Runs};
use super::number::{Style, is_missing, read};
use std::collections::HashSet;

/// How much of the text is looked at to find the delimiter.
const SAMPLE_BYTES: usize = 1 << 16;
/// How many records of it.
const SAMPLE_RECORDS: usize = 100;

/// The delimiters that are looked for; on a tie the first wins.
const DELIMITERS: [u8; 4] = *b",;\t|";

impl Dialect {
    /// What it is called in a table's format.
    pub(super) fn describe(self) -> String {
        let delimiter = match (self.delimiter, self.runs) {
            (b',', _) => "comma".into(),
            (b';', _) => "semicolon".into(),
            (b'\t', _) => "tab".into(),
            (b'|', _) => "bar".into(),
            (b' ', Runs::Empty) => "space".into(),
            (b' ', Runs::One) => "spaces".into(),
            (other, _) => format!("`{}`", char::from(other)),
        };
        if self.quote == b'"' {
            delimiter
        } else {
            format!("{delimiter} · quote {}", char::from(self.quote))
        }
    }

    fn new(delimiter: u8, quote: u8) -> Self {
        Self { delimiter, quote, runs: Runs::Empty }
    }

    /// The dialect of a text, with the delimiter that is given.
    ///
    /// Quotes are `'` when in some column every cell below the first line has them, and none has `"`. Runs of spaces
    /// are delimiters when nothing else is, every line has as many of them, and some column is of numbers.
    pub(super) fn sniff(text: &[u8], given: Option<u8>) -> Self {
        let sample = cut(text);
        let best = |quote| {
            let scored = given.as_slice().iter().chain(DELIMITERS.iter().filter(|_| given.is_none()));
            let scored = scored.map(|&delimiter| Self::new(delimiter, quote));
            let scored = scored.map(|dialect| (dialect, dialect.score(sample)));
            scored.reduce(|best, next| if next.1 > best.1 { next } else { best })
        };
        let single = best(b'\'').map(|(dialect, _)| dialect);
        if let Some(dialect) = single.filter(|d| d.delimiter != b'\'' && d.quotes_a_column(sample)) {
            return dialect;
        }
        let Some((dialect, score)) = best(b'"') else { return Self::new(b',', b'"') };
        let spaces = Self { delimiter: b' ', quote: b'"', runs: Runs::One };
        let aligned = match given {
            None => score.1 < 2 && spaces.is_aligned(sample),
            Some(b' ') => score.0 < 1000 && spaces.score(sample).0 == 1000,
            Some(_) => false,
        };
        if aligned { spaces } else { dialect }
    }

    /// How many in a thousand of the first records have as many cells as the first, if that has two or more; and how
    /// many cells it has.
    fn score(self, sample: &[u8]) -> (usize, usize) {
        let mut cursor = Cursor::new(sample, self);
        let mut counts = Vec::new();
        while counts.len() < SAMPLE_RECORDS && cursor.next_record() {
            counts.push(cursor.record().len());
        }
        let first = counts.first().copied().unwrap_or(0);
        let same = counts.iter().filter(|&&n| n == first).count();
        if first < 2 { (0, 0) } else { (same * 1000 / counts.len(), first) }
    }

    /// Whether in some column all cells below the first line are in these quotes, and no cell is in `"`.
    fn quotes_a_column(self, sample: &[u8]) -> bool {
        let mut cursor = Cursor::new(sample, self);
        let mut quoted: Vec<bool> = Vec::new();
        for record in 0..SAMPLE_RECORDS {
            if !cursor.next_record() {
                // One line below the first may be chance.
                return record > 2 && quoted.contains(&true);
            }
            for column in 0.. {
                if cursor.rest().first() == Some(&b'"') || cursor.cell().is_err() {
                    return false;
                }
                match quoted.get_mut(column) {
                    Some(all) if record > 0 => *all &= cursor.quoted,
                    Some(_) => {}
                    None => quoted.push(record == 0),
                }
                if !cursor.next_cell() {
                    break;
                }
            }
        }
        quoted.contains(&true)
    }

    /// Whether all records have as many cells, and some column is of numbers but for its first cell.
    fn is_aligned(self, sample: &[u8]) -> bool {
        let records = self.records(sample);
        let width = records.first().map_or(0, Vec::len);
        let same = records.len() > 1 && width > 1 && records.iter().all(|record| record.len() == width);
        let numbers = |column: usize| records[1..].iter().all(|record| is_number(&record[column]));
        same && (0..width).any(numbers)
    }

    /// What may be meant to separate the cells of a text of one column: what nearly every record has the same number of
    /// times, with the name that it is asked for by; spaces only where they are several. `None` where a cell is in
    /// quotes, for then they tell what is one cell.
    pub(super) fn doubt(self, text: &[u8], header: bool) -> Option<(&'static str, usize, usize)> {
        let mut cursor = Cursor::new(cut(text), self);
        let mut cells: Vec<String> = Vec::new();
        while cells.len() < SAMPLE_RECORDS && cursor.next_record() {
            cells.push(String::from_utf8_lossy(cursor.cell().ok()?).trim().to_owned());
            if cursor.quoted {
                return None;
            }
        }
        let rows = cells.get(usize::from(header)..).filter(|rows| rows.len() > 1)?;
        let with = |count: &dyn Fn(&String) -> usize| {
            let mut counts: Vec<usize> = rows.iter().map(count).collect();
            counts.sort_unstable();
            // Where nearly all are the same, the one in the middle is.
            let usual = counts[counts.len() / 2];
            let same = counts.iter().filter(|&&n| n == usual).count();
            (usual > 0 && same * 10 >= rows.len() * 9).then_some(same)
        };
        let named = [(';', "semicolon"), ('\t', "tab"), ('|', "pipe"), (',', "comma")];
        for (mark, name) in named {
            if let Some(same) = with(&|cell| cell.matches(mark).count()) {
                return Some((name, same, rows.len()));
            }
        }
        // Two words are a name; of free text, not all lines have as many words.
        let gaps = |cell: &String| cell.split_whitespace().count().saturating_sub(1);
        let wide = |cell: &String| if gaps(cell) > 1 || cell.contains("  ") { gaps(cell) } else { 0 };
        with(&wide).map(|same| ("space", same, rows.len()))
    }

    /// The first records of a text.
    pub(super) fn records(self, sample: &[u8]) -> Vec<Vec<String>> {
        let mut cursor = Cursor::new(sample, self);
        let mut records = Vec::new();
        while records.len() < SAMPLE_RECORDS && cursor.next_record() {
            records.push(cursor.record());
        }
        records
    }
}

/// The first lines of a text; the last one of a cut sample would be incomplete.
fn cut(text: &[u8]) -> &[u8] {
    let sample = &text[..text.len().min(SAMPLE_BYTES)];
    if sample.len() == text.len() {
        return sample;
    }
    let end = sample.iter().rposition(|&b| b == b'\n').map_or(sample.len(), |i| i + 1);
    &sample[..end]
}

/// Whether a trimmed cell is a number.
fn is_number(cell: &str) -> bool {
    read(cell, Style::Plain).is_some()
}

/// Whether the first record names columns, see [`crate::Header::Sniff`].
pub(super) fn is_header(records: &[Vec<String>]) -> bool {
    let Some((first, rest)) = records.split_first() else { return false };
    // An empty name is a mistake in a header rather than a sign of data.
    let is_name = |cell: &String| cell.is_empty() || !is_missing(cell.as_bytes()) && !is_number(cell);
    if !first.iter().all(is_name) || first.iter().all(String::is_empty) {
        return false;
    }
    let distinct: HashSet<&String> = first.iter().collect();
    let finite = |cell: &String| read(cell, Style::Plain).is_some_and(|number| number.value.is_finite());
    distinct.len() == first.len() || rest.iter().flatten().any(finite)
}

/// Lines at the top that begin with `#`: how many they are, where the last one begins and where they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comments {
    pub(super) count: usize,
    pub(super) last: usize,
    pub(super) end: usize,
}

impl Comments {
    pub(super) fn at_top(text: &[u8]) -> Option<Self> {
        let mut found: Option<Self> = None;
        let mut at = 0;
        loop {
            at += text[at..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
            match text.get(at) {
                Some(b'#') => {}
                Some(_) => return found,
                // Nothing else is there.
                None => return None,
            }
            let last = at;
            at += text[at..].iter().take_while(|b| !matches!(b, b'\n' | b'\r')).count();
            found = Some(Self { count: found.map_or(1, |f| f.count + 1), last, end: at });
        }
    }

    /// Whether the last of the lines names the columns: it has as many cells as the record below, which names none.
    pub(super) fn name_columns(self, text: &[u8], dialect: Dialect) -> bool {
        let below = dialect.records(cut(&text[self.end..]));
        let width = below.first().map_or(0, Vec::len);
        let last = dialect.records(&text[self.last..self.end]);
        width > 1 && last.first().is_some_and(|cells| cells.len() == width) && !is_header(&below)
    }
}
