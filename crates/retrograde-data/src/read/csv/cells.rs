//! Cutting delimited text into cells, by the rules of the `csv` crate.

use super::MAX_CELL;
use memchr::{memchr, memchr2_iter};

/// How cells are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    pub(super) runs: Runs,
}

/// What several delimiters in a row are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// Empty cells between them.
    Empty,
    /// One delimiter; those at the ends of a line are none.
    One,
}

/// Why a cell cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The quote that opens it, on this line of the block (counted from 0), does not close in the block, which has so
    /// many bytes of the cell.
    Unclosed { line: u64, length: usize },
    /// It has this many bytes.
    Long(usize),
}

/// Goes through a text cell by cell.
///
/// A quote opens a quoted part at the start of a cell only; within it a doubled quote is a quote, and what stands
/// behind its end up to the delimiter belongs to the cell. Lines end with `\n`, `\r\n` or `\r`; blank ones are passed over.
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) dialect: Dialect,
    pub(super) at: usize,
    /// How many lines ended before `at`.
    pub(super) lines: u64,
    /// Whether the last cell was in quotes from its first to its last character.
    pub(super) quoted: bool,
    unquoted: Vec<u8>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8], dialect: Dialect) -> Self {
        Self { bytes, dialect, at: 0, lines: 0, quoted: false, unquoted: Vec::new() }
    }

    /// Goes to the start of the next record; `false` at the end.
    #[inline]
    pub(super) fn next_record(&mut self) -> bool {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' => self.lines += 1,
                b'\r' => self.lines += u64::from(self.bytes.get(self.at + 1) != Some(&b'\n')),
                byte if byte == self.dialect.delimiter && self.dialect.runs == Runs::One => {}
                _ => return true,
            }
            self.at += 1;
        }
        false
    }

    /// The bytes from here on.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// Goes behind a cell that was read, to the next one of the record; `false` when there is none.
    #[inline]
    pub(super) fn next_cell(&mut self) -> bool {
        if self.dialect.runs == Runs::One {
            while self.bytes.get(self.at) == Some(&self.dialect.delimiter) {
                self.at += 1;
            }
            return self.bytes.get(self.at).is_some_and(|b| !matches!(b, b'\n' | b'\r'));
        }
        let more = self.bytes.get(self.at) == Some(&self.dialect.delimiter);
        self.at += usize::from(more);
        more
    }

    /// The cell that begins here, untrimmed; then `at` is its end, or that of the bytes when a quote does not close.
    #[inline]
    pub(super) fn cell(&mut self) -> Result<&[u8], Fault> {
        if self.bytes.get(self.at) == Some(&self.dialect.quote) {
            return self.quoted_cell();
        }
        self.quoted = false;
        let start = self.at;
        self.at = self.plain_end(start);
        let cell = &self.bytes[start..self.at];
        if cell.len() > MAX_CELL { Err(Fault::Long(cell.len())) } else { Ok(cell) }
    }

    fn quoted_cell(&mut self) -> Result<&[u8], Fault> {
        let quote = self.dialect.quote;
        let start = self.at + 1;
        let (mut close, mut doubled) = (start, 0);
        loop {
            let Some(found) = memchr(quote, &self.bytes[close..]) else {
                let length = self.bytes.len() - start - doubled;
                self.at = self.bytes.len();
                return Err(Fault::Unclosed { line: self.lines, length });
            };
            close += found;
            if self.bytes.get(close + 1) != Some(&quote) {
                break;
            }
            doubled += 1;
            close += 2;
        }
        self.at = self.plain_end(close + 1);
        let inside = &self.bytes[start..close];
        for i in memchr2_iter(b'\n', b'\r', inside) {
            self.lines += u64::from(inside[i] == b'\n' || inside.get(i + 1) != Some(&b'\n'));
        }
        self.quoted = self.at == close + 1;
        if self.quoted && doubled == 0 {
            return if inside.len() > MAX_CELL { Err(Fault::Long(inside.len())) } else { Ok(inside) };
        }
        self.unquoted.clear();
        let mut rest = inside;
        while let Some(i) = memchr(quote, rest) {
            self.unquoted.extend_from_slice(&rest[..=i]);
            rest = rest.get(i + 2..).unwrap_or_default();
        }
        self.unquoted.extend_from_slice(rest);
        self.unquoted.extend_from_slice(&self.bytes[close + 1..self.at]);
        let length = self.unquoted.len();
        if length > MAX_CELL { Err(Fault::Long(length)) } else { Ok(&self.unquoted) }
    }

    /// Where a cell without quotes ends: at a delimiter or a line's end, eight bytes at a time.
    #[inline]
    fn plain_end(&self, mut at: usize) -> usize {
        const LOW: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = 0x8080_8080_8080_8080;
        // The lowest bit of this is exact: where a byte is zero, and no lower one is.
        let zero = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
        let delimiter = u64::from(self.dialect.delimiter) * LOW;
        while let Some(chunk) = self.bytes[at..].first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            let found = zero(word ^ delimiter)
                | zero(word ^ (u64::from(b'\n') * LOW))
                | zero(word ^ (u64::from(b'\r') * LOW));
            if found != 0 {
                return at + (found.trailing_zeros() / 8) as usize;
            }
            at += 8;
        }
        let ends = |&b: &u8| b == self.dialect.delimiter || matches!(b, b'\n' | b'\r');
        at + self.bytes[at..].iter().take_while(|b| !ends(b)).count()
    }

    /// The cells of the record that begins here, trimmed; a quote that never closes ends the text.
    pub(super) fn record(&mut self) -> Vec<String> {
        let mut cells = Vec::new();
        loop {
            let cell = self.cell().map(|cell| String::from_utf8_lossy(cell).trim().to_owned());
            cells.push(cell.unwrap_or_default());
            if !self.next_cell() {
                return cells;
            }
        }
    }
}

/// A cell without white space around it.
#[inline]
pub(super) fn trim(cell: &[u8]) -> &[u8] {
    let plain = |byte: Option<&u8>| byte.is_none_or(|b| (b'!'..0x80).contains(b));
    if plain(cell.first()) && plain(cell.last()) {
        return cell;
    }
    std::str::from_utf8(cell).map_or(cell, |text| text.trim().as_bytes())
}
