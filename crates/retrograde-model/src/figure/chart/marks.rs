//! Marked places of the x axis: vertical lines with flags above the data.

use super::super::svg::Element;
use super::super::text;
use super::frame::Frame;
use super::{LINE, MIDDLE, Mark, SIZE};

/// Flags that would need more rows have no label.
const ROWS: usize = 4;
/// Between a line and its label.
const GAP: f64 = 5.0;

/// A vertical line and its label, which is on one side of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flag {
    x: f64,
    label: String,
    /// Where the label begins and ends, with the gap to the line.
    from: f64,
    to: f64,
    /// Counted upwards from the data; none without a label.
    row: Option<usize>,
    /// Where its line ends.
    bottom: f64,
}

/// Flags whose labels cross neither each other nor another flag's line.
pub(super) fn placed(marks: &[Mark], frame: &Frame) -> Vec<Flag> {
    let flags = marks.iter().filter_map(|mark| Flag::of(mark, frame));
    let (mut right, mut left): (Vec<Flag>, Vec<Flag>) = flags.partition(Flag::is_right);
    // A label that leaves its line to the right must be above the lines there, and so on: those come first.
    right.sort_by(|a, b| b.x.total_cmp(&a.x));
    left.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut placed: Vec<Flag> = Vec::new();
    for mut flag in right.into_iter().chain(left) {
        if !flag.label.is_empty() {
            flag.row = (0..ROWS).find(|&row| !placed.iter().any(|other| flag.would_cross(row, other)));
        }
        placed.push(flag);
    }
    placed
}

impl Flag {
    /// To the right where its label fits there; none for a mark without a place.
    fn of(mark: &Mark, frame: &Frame) -> Option<Self> {
        let x = frame.x.position(mark.x)?;
        let label = text::shortened(&mark.label, frame.label());
        let length = GAP + text::width(&label, SIZE);
        let fits = x + length <= frame.room();
        let (from, to) = if fits { (x, x + length) } else { (x - length, x) };
        Some(Self { x, label, from, to, row: None, bottom: frame.height })
    }

    fn is_right(&self) -> bool {
        self.from == self.x
    }

    /// Whether the label in this row, or the line up to it, would meet the other's.
    fn would_cross(&self, row: usize, other: &Self) -> bool {
        let Some(others) = other.row else {
            return false;
        };
        let inside = |flag: &Self, x: f64| flag.from < x && x < flag.to;
        let is_on_label = row == others && self.from < other.to && other.from < self.to;
        is_on_label || (row >= others && inside(other, self.x)) || (others >= row && inside(self, other.x))
    }

    fn drawn(&self) -> Vec<Element> {
        let Some(row) = self.row else {
            return vec![Element::line("flag", (self.x, 0.0), (self.x, self.bottom))];
        };
        let middle = -LINE * (row as f64 + 0.5);
        let line = Element::line("flag", (self.x, middle - LINE / 2.0), (self.x, self.bottom));
        let (class, x) =
            if self.is_right() { ("mark", self.from + GAP) } else { ("mark end", self.to - GAP) };
        vec![line, Element::label(class, (x, middle + MIDDLE), &self.label)]
    }
}

/// How many rows of labels there are above the data.
pub(super) fn rows(flags: &[Flag]) -> usize {
    flags.iter().filter_map(|flag| flag.row).map(|row| row + 1).max().unwrap_or(0)
}

/// The lines and their labels.
pub(super) fn drawn(flags: &[Flag]) -> impl Iterator<Item = Element> {
    flags.iter().flat_map(Flag::drawn)
}
