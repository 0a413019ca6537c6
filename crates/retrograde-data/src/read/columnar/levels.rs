//! The levels of a category column, found by their text without keeping it twice.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

/// A slot of the index without a level.
const FREE: u32 = u32::MAX;

/// Distinct texts in order of first appearance while they are collected.
#[derive(Default)]
pub(super) struct Pool {
    levels: Vec<String>,
    index: Index,
}

/// The collected levels, shared by all pieces.
pub(super) struct Levels {
    /// The distinct texts.
    pub(super) levels: Arc<[String]>,
    index: Index,
}

/// Positions in a list of texts by the hash of the text; open addressing with linear probing.
#[derive(Default)]
struct Index {
    /// A power of two of slots, at most half of them taken.
    slots: Vec<u32>,
    hasher: RandomState,
}

impl Index {
    /// The position of a text, or the free slot where it belongs.
    fn find(&self, levels: &[String], text: &str) -> Result<u32, usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut slot = self.hasher.hash_one(text) as usize & mask;
        loop {
            match self.slots.get(slot) {
                Some(&code) if code != FREE => {
                    if levels.get(code as usize).is_some_and(|level| level == text) {
                        return Ok(code);
                    }
                }
                _ => return Err(slot),
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self, levels: &[String]) {
        self.slots = vec![FREE; (self.slots.len() * 2).max(16)];
        for (code, level) in levels.iter().enumerate() {
            if let Err(slot) = self.find(levels, level) {
                self.slots[slot] = code as u32;
            }
        }
    }
}

impl Pool {
    /// The code of a text, a new one when it was never seen.
    pub(super) fn code(&mut self, text: &str) -> u32 {
        if self.levels.len() * 2 >= self.index.slots.len() {
            self.index.grow(&self.levels);
        }
        match self.index.find(&self.levels, text) {
            Ok(code) => code,
            Err(slot) => {
                let code = self.levels.len() as u32;
                self.levels.push(text.to_owned());
                self.index.slots[slot] = code;
                code
            }
        }
    }

    /// No more levels.
    pub(super) fn finish(self) -> Levels {
        Levels { levels: self.levels.into(), index: self.index }
    }
}

impl Levels {
    /// The code of a text that is a level.
    pub(super) fn code(&self, text: &str) -> Option<u32> {
        self.index.find(&self.levels, text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Pool;

    #[test]
    fn texts_keep_their_codes_while_the_index_grows() {
        let mut pool = Pool::default();
        let texts: Vec<String> = (0..5000).map(|i| format!("level {}", i * 7 % 3001)).collect();
        let codes: Vec<u32> = texts.iter().map(|text| pool.code(text)).collect();
        let levels = pool.finish();
        assert_eq!(levels.levels.len(), 3001);
        for (text, code) in texts.iter().zip(codes) {
            assert_eq!((levels.code(text), &levels.levels[code as usize]), (Some(code), text));
        }
        assert_eq!(levels.code("no level"), None);
        assert_eq!(Pool::default().finish().code(""), None);
    }
}
