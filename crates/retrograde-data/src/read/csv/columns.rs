//! Pieces of blocks put together to columns whose types fit the whole file.
//!
//! Of every column the formats are known that no cell so far contradicts. Blocks are read in the preferred one of
//! them, and a block that does not fit tells which formats its cells do fit. A column whose blocks are not all in one
//! format in the end is read again, in the preferred format of those that are left, or as texts. So the type depends
//! on all cells and on nothing else: not on where blocks begin, nor on which thread read them when.

use super::format::{Comma, Format, Formats, Wanted};
use super::pool::Levels;
use super::typed::{Cells, Dates, Numbers, Texts, Want};
use crate::table::{ColumnType, Form, MISSING, MISSING_DATE};

/// What is kept of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// All of them.
    Cells,
    /// The levels of categories.
    Levels,
}

/// The rows before a piece.
pub(super) struct Base<'a> {
    pub(super) row: usize,
    /// The lines that ended before.
    pub(super) line: u64,
    /// The lines of the piece's rows.
    pub(super) lines: &'a [u32],
    /// How many rows there may be in all.
    pub(super) rows: usize,
    pub(super) keep: Keep,
}

/// A row of the file and its line.
pub(super) type Place = (usize, u64);

impl Base<'_> {
    /// The place of a row of the piece.
    fn place(&self, row: u32) -> Place {
        let line = self.lines.get(row as usize).copied().unwrap_or(0);
        (self.row + row as usize, self.line + u64::from(line) + 1)
    }

    /// Missing cells for the rows before the piece, with room for those to come.
    fn missing<T: Clone>(&self, missing: T) -> Vec<T> {
        match self.keep {
            Keep::Cells => {
                let mut cells = Vec::with_capacity(self.rows.max(self.row));
                cells.resize(self.row, missing);
                cells
            }
            Keep::Levels => Vec::new(),
        }
    }

    fn extend<T>(&self, cells: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
        if self.keep == Keep::Cells {
            cells.extend(more);
        }
    }
}

/// A column while blocks are read.
pub(super) struct Column {
    pub(super) name: String,
    /// The type that was asked for.
    pub(super) forced: Option<ColumnType>,
    /// What is known of its cells from elsewhere.
    pub(super) wanted: Wanted,
    /// The formats that are allowed and that no cell so far contradicts.
    pub(super) possible: Formats,
    pub(super) data: Data,
    pub(super) seen: Seen,
    /// The first integer that is too large to be exact, for which the column is read as texts.
    pub(super) too_large: Option<Place>,
    state: State,
}

/// What is known of the cells that were read, besides their values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    present: bool,
    /// The first `.` among numbers.
    pub(super) dot: Option<Place>,
    whole: bool,
    large: Option<Place>,
    /// The first whole number with a zero in front that a number does not need.
    pub(super) padded: Option<Place>,
    /// Whether a date says which of its numbers is the month.
    pub(super) settled: bool,
}

/// Cells, or with [`Keep::Levels`] what they would be.
pub(super) enum Data {
    None,
    Numbers(Format, Vec<f64>),
    Dates(Format, Vec<i64>),
    Texts(Levels, Vec<u32>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// All blocks so far are of one format.
    Reading,
    /// They are not: the column will be read again.
    Mixed,
    /// All blocks have been read.
    Done,
}

const NOTHING: Seen =
    Seen { present: false, dot: None, whole: true, large: None, padded: None, settled: false };

impl Column {
    pub(super) fn new(name: &str, forced: Option<ColumnType>, wanted: Wanted) -> Self {
        Self {
            name: name.to_owned(),
            forced,
            wanted,
            possible: Formats::allowed(forced),
            data: Data::None,
            seen: NOTHING,
            too_large: None,
            state: State::Reading,
        }
    }

    /// Leaves its cells unread.
    pub(super) fn pass_over(&mut self) {
        self.state = State::Done;
    }

    /// The first of its cells with a zero in front, where all are whole numbers and nobody said that they are numbers.
    pub(super) fn padded(&self) -> Option<Place> {
        self.seen.padded.filter(|_| self.seen.whole && self.forced.is_none())
    }

    /// The form of its cells, if it has one.
    pub(super) fn form(&self) -> Option<Form> {
        match &self.data {
            Data::Numbers(format, _) | Data::Dates(format, _) => format.form(),
            Data::None | Data::Texts(..) => None,
        }
    }

    /// How the next block is to be read.
    pub(super) fn want(&self, comma: Comma) -> Want {
        match (self.state, self.possible.preferred(comma, self.wanted)) {
            (State::Done, _) | (State::Mixed, None) => Want::Skip,
            (State::Reading, None) => Want::Text,
            (_, Some(format)) => Want::Format(format),
        }
    }

    /// Takes in what a first look at some cells found.
    pub(super) fn learn(&mut self, cells: &Cells) {
        if let Cells::Texts(texts) = cells {
            self.possible = self.possible.both(texts.pool.formats());
        }
    }

    /// Takes in the cells of the next block.
    pub(super) fn merge(&mut self, cells: Cells, base: &Base) {
        match cells {
            Cells::Skipped | Cells::Misfit => {}
            Cells::Numbers(numbers) => self.merge_numbers(numbers, base),
            Cells::Dates(dates) => self.merge_dates(dates, base),
            Cells::Texts(texts) => self.merge_texts(&texts, base),
        }
    }

    fn merge_numbers(&mut self, numbers: Numbers, base: &Base) {
        let format = numbers.format();
        let empty = !numbers.present && numbers.dot.is_none();
        if numbers.present {
            self.possible = self.possible.both(format.relatives());
        }
        if numbers.dot.is_some() {
            self.possible = self.possible.both(Formats::NUMBERS);
        }
        if self.is_open() && !matches!(self.data, Data::Numbers(found, _) if found == format) {
            self.data = Data::Numbers(format, base.missing(f64::NAN));
        }
        match &mut self.data {
            Data::Numbers(found, values) if *found == format => base.extend(values, numbers.values),
            _ => return self.mix(empty, numbers.values.len(), base),
        }
        self.seen.present |= numbers.present;
        self.seen.dot = self.seen.dot.or(numbers.dot.map(|row| base.place(row)));
        self.seen.whole &= numbers.whole;
        self.seen.large = self.seen.large.or(numbers.large.map(|row| base.place(row)));
        self.seen.padded = self.seen.padded.or(numbers.padded.map(|row| base.place(row)));
    }

    fn merge_dates(&mut self, dates: Dates, base: &Base) {
        if dates.present {
            self.possible = self.possible.both(dates.format.relatives());
        }
        if self.is_open() && !matches!(self.data, Data::Dates(found, _) if found == dates.format) {
            self.data = Data::Dates(dates.format, base.missing(MISSING_DATE));
        }
        match &mut self.data {
            Data::Dates(found, moments) if *found == dates.format => base.extend(moments, dates.moments),
            _ => return self.mix(!dates.present, dates.moments.len(), base),
        }
        self.seen.present |= dates.present;
        self.seen.settled |= dates.settled;
    }

    fn merge_texts(&mut self, texts: &Texts, base: &Base) {
        self.possible = self.possible.both(texts.formats.unwrap_or_default());
        if self.is_open() && !matches!(self.data, Data::Texts(..)) {
            self.data = Data::Texts(Levels::default(), base.missing(MISSING));
        }
        let Data::Texts(levels, codes) = &mut self.data else {
            return self.mix(texts.pool.is_empty(), texts.codes.len(), base);
        };
        let known = levels.merge(&texts.pool, |row| base.place(row));
        base.extend(codes, texts.codes.iter().map(|&c| known.get(c as usize).copied().unwrap_or(MISSING)));
        self.seen.present |= !texts.pool.is_empty();
    }

    /// Whether the cells so far are missing in every format.
    fn is_open(&self) -> bool {
        self.state == State::Reading && !self.seen.present && self.seen.dot.is_none()
    }

    /// Takes in a block of another format: missing cells are missing in all of them, others cannot be used.
    fn mix(&mut self, empty: bool, rows: usize, base: &Base) {
        if self.state == State::Mixed {
            return;
        }
        if !empty {
            self.state = State::Mixed;
            self.data = Data::None;
            return;
        }
        match &mut self.data {
            Data::None => {}
            Data::Numbers(_, values) => base.extend(values, std::iter::repeat_n(f64::NAN, rows)),
            Data::Dates(_, moments) => base.extend(moments, std::iter::repeat_n(MISSING_DATE, rows)),
            Data::Texts(_, codes) => base.extend(codes, std::iter::repeat_n(MISSING, rows)),
        }
    }

    /// Called when all blocks were read: whether the column is what its cells say. If not, it is to be read again.
    pub(super) fn settle(&mut self, comma: Comma) -> bool {
        if self.state == State::Done {
            return true;
        }
        let preferred = self.possible.preferred(comma, self.wanted);
        let fits = match &self.data {
            Data::None => self.state == State::Reading,
            Data::Numbers(format, _) | Data::Dates(format, _) => preferred == Some(*format),
            Data::Texts(..) => preferred.is_none(),
        };
        let exact = self.forced.is_some() || !self.seen.whole || self.seen.large.is_none();
        if fits && exact {
            self.state = State::Done;
            return true;
        }
        if fits {
            self.too_large = self.seen.large;
            self.possible = Formats::NONE;
        }
        (self.state, self.seen, self.data) = (State::Reading, NOTHING, Data::None);
        false
    }
}
