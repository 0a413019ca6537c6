//! Distinct texts with codes in order of first appearance: in a block, and in the whole file.

use super::format::{Format, Formats};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher as _;
use std::sync::Arc;

/// The distinct texts of a column within a block.
#[derive(Default)]
pub(super) struct Pool {
    /// All texts, one behind the other, and where each ends.
    texts: Vec<u8>,
    entries: Vec<Entry>,
    codes: HashTable<u32>,
}

/// What is known of a text in a block.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    end: usize,
    pub(super) hash: u64,
    /// The number of its cells.
    pub(super) count: u32,
    /// The row of the first one in the block.
    pub(super) row: u32,
}

impl Pool {
    /// The code of a text, a new one when it was never seen.
    #[inline]
    pub(super) fn code(&mut self, text: &[u8], row: u32, hasher: &DefaultHashBuilder) -> u32 {
        let hash = hasher.hash_one(text);
        let Self { texts, entries, codes } = self;
        let same = |&code: &u32| entries[code as usize].hash == hash && span(texts, entries, code) == text;
        if let Some(&code) = codes.find(hash, same) {
            entries[code as usize].count += 1;
            return code;
        }
        let code = entries.len() as u32;
        texts.extend_from_slice(text);
        entries.push(Entry { end: texts.len(), hash, count: 1, row });
        codes.insert_unique(hash, code, |&code| entries[code as usize].hash);
        code
    }

    /// The texts in order of first appearance.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Entry)> {
        let text = |code| std::str::from_utf8(span(&self.texts, &self.entries, code)).unwrap_or_default();
        self.entries.iter().enumerate().map(move |(code, &entry)| (text(code as u32), entry))
    }

    /// The formats that all texts fit.
    pub(super) fn formats(&self) -> Formats {
        let mut all = Formats::ALL;
        for (text, _) in self.iter() {
            all = all.both(Formats::of(text));
            if all == Formats::NONE {
                break;
            }
        }
        all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn span<'a>(texts: &'a [u8], entries: &[Entry], code: u32) -> &'a [u8] {
    let code = code as usize;
    let start = code.checked_sub(1).map_or(0, |before| entries[before].end);
    &texts[start..entries[code].end]
}

/// The distinct texts of a column of a file, and how many cells are written in which format.
#[derive(Default)]
pub(super) struct Levels {
    texts: Vec<String>,
    formats: Vec<Formats>,
    codes: HashTable<(u64, u32)>,
    /// The number of cells that are not missing.
    pub(super) present: u64,
    /// For each format the number of cells that fit it.
    fitting: Vec<u64>,
    /// For each format the first cell that does not fit it.
    strays: Vec<Option<Stray>>,
}

/// A cell of another format than most: its code, row and line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stray {
    code: u32,
    pub(super) row: usize,
    pub(super) line: u64,
}

impl Levels {
    /// Takes in the texts of the next block; `place` gives the row and line of a row in the block. The answer is the
    /// code in the file of every code in the block.
    pub(super) fn merge(&mut self, pool: &Pool, place: impl Fn(u32) -> (usize, u64)) -> Vec<u32> {
        self.fitting.resize(Format::COUNT, 0);
        self.strays.resize(Format::COUNT, None);
        let mut codes = Vec::with_capacity(pool.entries.len());
        for (text, entry) in pool.iter() {
            let code = self.code(text, entry, &place);
            let fits = self.formats[code as usize];
            self.present += u64::from(entry.count);
            if fits != Formats::NONE {
                for (index, count) in self.fitting.iter_mut().enumerate() {
                    *count += (fits.0 >> index & 1) * u64::from(entry.count);
                }
            }
            codes.push(code);
        }
        codes
    }

    fn code(&mut self, text: &str, entry: Entry, place: &impl Fn(u32) -> (usize, u64)) -> u32 {
        let Self { texts, codes, .. } = self;
        let found =
            codes.find(entry.hash, |&(hash, code)| hash == entry.hash && texts[code as usize] == text);
        if let Some(&(_, code)) = found {
            return code;
        }
        let code = texts.len() as u32;
        texts.push(text.to_owned());
        codes.insert_unique(entry.hash, (entry.hash, code), |&(hash, _)| hash);
        let fits = Formats::of(text);
        self.formats.push(fits);
        for (index, stray) in self.strays.iter_mut().enumerate() {
            if stray.is_none() && fits.0 >> index & 1 == 0 {
                let (row, line) = place(entry.row);
                *stray = Some(Stray { code, row, line });
            }
        }
        code
    }

    /// Among some formats the one that most cells fit, with how many do, and the first cell that does not.
    pub(super) fn nearest(&self, among: Formats) -> Option<(Format, u64, Stray)> {
        let candidates = (0..Format::COUNT).map(Format::at).filter(|&format| among.has(format));
        let counted = candidates.filter_map(|format| {
            let stray = (*self.strays.get(format.index())?)?;
            Some((format, self.fitting[format.index()], stray))
        });
        // The first of the best: `max_by_key` would give the last.
        counted.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    /// The text of a stray cell.
    pub(super) fn text(&self, stray: Stray) -> &str {
        &self.texts[stray.code as usize]
    }

    /// The texts.
    pub(super) fn into_texts(self) -> Arc<[String]> {
        self.texts.into()
    }

    /// The texts and how to find their codes again.
    pub(super) fn into_index(self) -> Index {
        Index { texts: self.texts.into(), codes: self.codes }
    }
}

/// The codes of known texts.
pub(super) struct Index {
    pub(super) texts: Arc<[String]>,
    codes: HashTable<(u64, u32)>,
}

impl Index {
    /// The code in the file of every code in a block; `None` when a text is not known.
    pub(super) fn codes(&self, pool: &Pool) -> Option<Vec<u32>> {
        let code = |(text, entry): (&str, Entry)| {
            let same = |&(hash, code): &(u64, u32)| hash == entry.hash && self.texts[code as usize] == text;
            self.codes.find(entry.hash, same).map(|&(_, code)| code)
        };
        pool.iter().map(code).collect()
    }
}
