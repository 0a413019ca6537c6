//! The elements of a MAT file: a tag with type and length, then data, padded to 8 bytes.

use super::bytes::take;
use crate::error::DataError;

/// What an element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers of one storage type.
    Number(Storage),
    /// An array with its parts.
    Matrix,
    /// A zlib stream with one element in it.
    Compressed,
    /// A text or something unknown.
    Other(u32),
}

/// How numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
    I64,
    U64,
}

impl Kind {
    fn of(code: u32) -> Self {
        match code {
            1 => Self::Number(Storage::I8),
            2 => Self::Number(Storage::U8),
            3 => Self::Number(Storage::I16),
            4 => Self::Number(Storage::U16),
            5 => Self::Number(Storage::I32),
            6 => Self::Number(Storage::U32),
            7 => Self::Number(Storage::F32),
            9 => Self::Number(Storage::F64),
            12 => Self::Number(Storage::I64),
            13 => Self::Number(Storage::U64),
            14 => Self::Matrix,
            15 => Self::Compressed,
            other => Self::Other(other),
        }
    }
}

/// A contradiction in the file, before the file's name is known.
#[derive(Debug)]
pub(super) struct Broken {
    offset: usize,
    found: String,
    expected: String,
}

impl Broken {
    /// The same, placed at the compressed element in which it was found.
    pub(super) fn at(self, offset: usize) -> Self {
        Self { offset, found: format!("{} (compressed)", self.found), ..self }
    }

    pub(super) fn in_file(self, name: &str) -> DataError {
        DataError::Damaged {
            name: name.to_owned(),
            format: "MAT",
            offset: self.offset as u64,
            found: self.found,
            expected: self.expected,
        }
    }
}

/// An element whose data is all there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) kind: Kind,
    pub(super) data: &'a [u8],
    /// Where the data starts in the file.
    pub(super) offset: usize,
    little: bool,
}

/// Reads elements one after the other.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Where `bytes` starts in the file.
    base: usize,
    little: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], position: usize, little: bool) -> Self {
        Self { bytes, position, base: 0, little }
    }

    /// The same reader, for bytes that start at `base` in the file.
    pub(super) fn within(self, base: usize) -> Self {
        Self { base, ..self }
    }

    /// The next element, `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Element<'a>>, Broken> {
        let start = self.position;
        if start >= self.bytes.len() {
            return Ok(None);
        }
        let word = |at: usize| take(self.bytes, at).map(|word| read_u32(word, self.little));
        let cut = || self.cut(start, "8 bytes of an element's tag");
        let first = word(start).ok_or_else(cut)?;
        let small = first >> 16;
        let (code, length, data) = if small == 0 {
            (first, word(start + 4).ok_or_else(cut)? as usize, start + 8)
        } else {
            // The small form: length and type share a word, and the data is in the tag.
            if small > 4 {
                return Err(self.cut(start, &format!("at most 4 bytes in a small element, not {small}")));
            }
            (first & 0xffff, small as usize, start + 4)
        };
        let kind = Kind::of(code);
        let end = data.checked_add(length).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| self.cut(data, &format!("{length} bytes of data")))?;
        self.position = match kind {
            _ if small != 0 => start + 8,
            Kind::Compressed => end,
            _ => end.next_multiple_of(8),
        };
        Ok(Some(Element {
            kind,
            data: &self.bytes[data..end],
            offset: self.base + data,
            little: self.little,
        }))
    }

    /// The next element, which must be there.
    pub(super) fn part(&mut self, what: &str) -> Result<Element<'a>, Broken> {
        let position = self.position;
        self.next()?.ok_or_else(|| self.cut(position, what))
    }

    fn cut(&self, at: usize, expected: &str) -> Broken {
        let left = self.bytes.len().saturating_sub(at);
        Broken { offset: self.base + at, found: format!("{left} bytes left"), expected: expected.to_owned() }
    }
}

fn read_u32(word: [u8; 4], little: bool) -> u32 {
    if little { u32::from_le_bytes(word) } else { u32::from_be_bytes(word) }
}

impl Element<'_> {
    /// An error at this element.
    pub(super) fn broken(&self, found: &str, expected: &str) -> Broken {
        Broken { offset: self.offset, found: found.to_owned(), expected: expected.to_owned() }
    }

    /// Between `least` and `most` 32-bit integers. Negative ones come out as huge, which no length check passes.
    pub(super) fn integers(&self, least: usize, most: usize) -> Result<Vec<u32>, Broken> {
        let (words, rest) = self.data.as_chunks::<4>();
        let kind_fits = matches!(self.kind, Kind::Number(Storage::I32 | Storage::U32));
        if !kind_fits || !rest.is_empty() || !(least..=most).contains(&words.len()) {
            return Err(
                self.broken(&format!("{} bytes of {:?}", self.data.len(), self.kind), "32-bit integers")
            );
        }
        Ok(words.iter().map(|&word| read_u32(word, self.little)).collect())
    }

    /// A name.
    pub(super) fn text(&self) -> Result<String, Broken> {
        match std::str::from_utf8(self.data) {
            Ok(text) if text.len() <= 1024 && !text.contains('\0') => Ok(text.to_owned()),
            _ => Err(self.broken("a name that is no text", "a name")),
        }
    }

    /// Exactly `count` numbers as `f64`, whatever they are stored as.
    pub(super) fn numbers(&self, count: usize) -> Result<Vec<f64>, Broken> {
        let Kind::Number(storage) = self.kind else {
            return Err(self.broken(&format!("an element of type {:?}", self.kind), "numbers"));
        };
        let values = match storage {
            Storage::I8 => self.each(count, |b| f64::from(i8::from_le_bytes(b))),
            Storage::U8 => self.each(count, |b: [u8; 1]| f64::from(b[0])),
            Storage::I16 => self.each(count, |b| f64::from(i16::from_le_bytes(b))),
            Storage::U16 => self.each(count, |b| f64::from(u16::from_le_bytes(b))),
            Storage::I32 => self.each(count, |b| f64::from(i32::from_le_bytes(b))),
            Storage::U32 => self.each(count, |b| f64::from(u32::from_le_bytes(b))),
            Storage::F32 => self.each(count, |b| f64::from(f32::from_le_bytes(b))),
            Storage::F64 => self.each(count, f64::from_le_bytes),
            Storage::I64 => self.each(count, |b| i64::from_le_bytes(b) as f64),
            Storage::U64 => self.each(count, |b| u64::from_le_bytes(b) as f64),
        };
        values.ok_or_else(|| {
            self.broken(&format!("{} bytes of {storage:?}", self.data.len()), &format!("{count} numbers"))
        })
    }

    /// All numbers, if they are stored as integers of 64 bits and `f64` does not hold every one.
    pub(super) fn inexact_integers(&self) -> Option<Vec<i128>> {
        let (words, _) = self.data.as_chunks::<8>();
        let ordered = |word: &[u8; 8]| {
            if self.little { u64::from_le_bytes(*word) } else { u64::from_be_bytes(*word) }
        };
        let value = |word: &[u8; 8]| match self.kind {
            Kind::Number(Storage::I64) => i128::from(ordered(word).cast_signed()),
            _ => i128::from(ordered(word)),
        };
        let is_wide = matches!(self.kind, Kind::Number(Storage::I64 | Storage::U64));
        let is_inexact = |word: &[u8; 8]| value(word) as f64 as i128 != value(word);
        (is_wide && words.iter().any(is_inexact)).then(|| words.iter().map(value).collect())
    }

    /// Each value from its bytes in little-endian order; `None` unless there are exactly `count`.
    fn each<const N: usize>(&self, count: usize, value: impl Fn([u8; N]) -> f64) -> Option<Vec<f64>> {
        let (elements, rest) = self.data.as_chunks::<N>();
        let fits = rest.is_empty() && elements.len() == count;
        let ordered = |&element: &[u8; N]| {
            let mut element = element;
            if !self.little {
                element.reverse();
            }
            value(element)
        };
        fits.then(|| elements.iter().map(ordered).collect())
    }
}
