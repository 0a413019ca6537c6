//! Texts: how often each appears, and what becomes of them.

use super::boolean::{answer, is_boolean};
use super::fit::Piece;
use super::{EncoderSettings, InputColumn};
use crate::error::{At, DataError};
use crate::table::{Column, Values};
use std::collections::HashMap;
use std::sync::Arc;

/// Up to this number, the levels of a text column are never suspected of telling rows apart.
const FEW: usize = 64;

/// How often a level appears in the training rows, and in which of them first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    level: usize,
    rows: usize,
    /// What these rows count for.
    weight: f64,
    first: usize,
}

impl Count {
    const NONE: Self = Self { level: 0, rows: 0, weight: 0.0, first: 0 };
}

/// The levels that appear in the training rows.
#[derive(Debug)]
pub(super) struct LevelCounts {
    levels: Arc<[String]>,
    /// One per level.
    counts: Vec<Count>,
    /// The rows that have a level, and what they count for.
    present: usize,
    weight: f64,
    /// The levels that are numbers, and the first one that is not.
    numbers: usize,
    stray: Option<(usize, At)>,
}

impl LevelCounts {
    pub(super) fn new() -> Self {
        Self { levels: Arc::new([]), counts: Vec::new(), present: 0, weight: 0.0, numbers: 0, stray: None }
    }

    pub(super) fn add(&mut self, piece: &Piece<'_>, column: &Column) {
        let Values::Category { levels, codes } = &column.values else { return };
        let own = self.own_codes(levels);
        for (i, (row, weight)) in piece.weighted().enumerate() {
            let level = codes[row] as usize;
            if level >= levels.len() {
                continue;
            }
            let level = own.as_ref().map_or(level, |own| own[level]);
            let count = &mut self.counts[level];
            if count.rows == 0 {
                *count = Count { level, first: piece.start + i, ..Count::NONE };
                match self.levels[level].parse::<f64>() {
                    Ok(_) => self.numbers += 1,
                    Err(_) => self.stray = self.stray.or(Some((level, piece.table.at(row)))),
                }
            }
            count.rows += 1;
            count.weight += weight;
            self.present += 1;
            self.weight += weight;
        }
    }

    /// What a piece's codes are here, when its levels are others than those of the pieces before. Those that are new
    /// are added.
    fn own_codes(&mut self, levels: &Arc<[String]>) -> Option<Vec<usize>> {
        if self.counts.is_empty() {
            self.levels = levels.clone();
            self.counts = vec![Count::NONE; levels.len()];
        }
        if Arc::ptr_eq(&self.levels, levels) || self.levels == *levels {
            return None;
        }
        let mut all = self.levels.to_vec();
        let mut places: HashMap<&str, usize> = self.levels.iter().map(String::as_str).zip(0..).collect();
        let mut place = |level| {
            let next = places.len();
            *places.entry(level).or_insert(next)
        };
        let own: Vec<usize> = levels.iter().map(|level| place(level)).collect();
        all.resize(places.len(), String::new());
        own.iter().zip(&**levels).for_each(|(&place, level)| all[place].clone_from(level));
        self.counts.resize(all.len(), Count::NONE);
        self.levels = all.into();
        Some(own)
    }

    /// The levels that appear, in order of first appearance.
    fn found(&self) -> Vec<Count> {
        let mut found: Vec<Count> = self.counts.iter().filter(|c| c.rows > 0).copied().collect();
        found.sort_unstable_by_key(|c| c.first);
        found
    }

    /// The texts of the levels that appear, in order of first appearance.
    pub(super) fn texts(&self) -> Vec<String> {
        self.found().iter().map(|c| self.levels[c.level].clone()).collect()
    }

    /// Where most levels are numbers: the first that is not.
    fn stray(&self, found: usize) -> Option<String> {
        let (level, at) = self.stray.filter(|_| self.numbers * 2 > found)?;
        let (numbers, text) = (self.numbers, &self.levels[level]);
        Some(format!("{numbers} of them are numbers; the first that is not is `{text}` in {at}"))
    }

    /// The column's encoding; `None` when no row has a level.
    ///
    /// # Errors
    /// [`DataError::Identifier`] when levels tell rows apart instead of grouping them: more than 64 of them, in more than
    /// half of the rows each a new one.
    pub(super) fn finish(
        &self,
        (table, column): (&str, &str),
        rows: usize,
        settings: &EncoderSettings,
        notes: &mut Vec<String>,
    ) -> Result<Option<InputColumn>, DataError> {
        let found = self.found();
        if found.len() > FEW && found.len() * 2 > rows {
            let (name, column, levels) = (table.to_owned(), column.to_owned(), found.len());
            return Err(DataError::Identifier { name, column, levels, rows, stray: self.stray(levels) });
        }
        let text = |c: &Count| self.levels[c.level].as_str();
        if is_boolean(found.iter().map(text)) {
            return Ok(self.boolean(column, &found, rows));
        }
        let kept = most_frequent(&found, settings.max_levels);
        if kept.len() < found.len() {
            notes.push(format!(
                "`{column}` has {} levels: the {} most frequent have an input each, the others share one",
                found.len(),
                settings.max_levels
            ));
        }
        let [first, ..] = &found[..] else { return Ok(None) };
        if found.len() == 1 {
            notes.push(format!("`{column}` is `{}` in every training row that has it", text(first)));
        }
        let levels = kept.iter().map(|c| text(c).to_owned()).collect();
        Ok(Some(InputColumn::Category { column: column.to_owned(), levels }))
    }

    /// Levels that are yes and no, each in the spelling that comes first.
    fn boolean(&self, column: &str, found: &[Count], rows: usize) -> Option<InputColumn> {
        let is_yes = |c: &Count| answer(&self.levels[c.level]).is_some_and(|(_, yes)| yes);
        let spelling = |yes| found.iter().find(|c| is_yes(c) == yes).map(|c| self.levels[c.level].clone());
        let with_yes: f64 = found.iter().filter(|c| is_yes(c)).map(|c| c.weight).sum();
        Some(InputColumn::Boolean {
            column: column.to_owned(),
            no: spelling(false)?,
            yes: spelling(true)?,
            fill: with_yes * 2.0 > self.weight,
            missing_indicator: self.present < rows,
        })
    }

    /// Refuses texts as classes where nobody said that they are and they look as if they were not: they tell rows
    /// apart, or most of more than [`FEW`] are numbers.
    pub(super) fn check_classes(&self, table: &str, column: &str, rows: usize) -> Result<(), DataError> {
        let levels = self.counts.iter().filter(|c| c.rows > 0).count();
        let stray = self.stray(levels);
        if levels <= FEW || (stray.is_none() && levels * 2 <= rows) {
            return Ok(());
        }
        Err(DataError::ManyTexts { name: table.to_owned(), column: column.to_owned(), levels, rows, stray })
    }
}

/// At most `limit` levels, the most frequent ones by weight and of those with equal weight the earlier, in order of first
/// appearance.
fn most_frequent(found: &[Count], limit: usize) -> Vec<Count> {
    let mut kept = found.to_vec();
    if kept.len() > limit {
        kept.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.first.cmp(&b.first)));
        kept.truncate(limit);
        kept.sort_by_key(|c| c.first);
    }
    kept
}
