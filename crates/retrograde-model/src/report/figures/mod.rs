//! The figures, each with a title that states what it shows and its numbers as a table.

mod answers;
mod importance;
mod layers;
mod training;
mod tug;

pub(super) use answers::{TARGETS, answers};
pub(super) use importance::importance;
pub(super) use layers::{deltas, weights};
pub(super) use training::{check, training};
pub(super) use tug::tug;

use super::sections::{Figure, Grid, short};
use super::tug::spread_rows;
use crate::figure::{Format, Line, LineChart, Look};

/// The most rows of a twin.
const TWIN: usize = 100;

fn curve(name: &str, points: Vec<(f64, f64)>) -> Line {
    Line { name: name.to_owned(), points, look: Look::Curve }
}

fn dots(name: &str, points: Vec<(f64, f64)>) -> Line {
    Line { name: name.to_owned(), points, look: Look::Dots }
}

fn bars(name: &str, points: Vec<(f64, f64)>) -> Line {
    Line { name: name.to_owned(), points, look: Look::Bars }
}

/// A chart beside its numbers.
fn figure(chart: LineChart, table: Grid) -> Figure {
    let chart = LineChart { format: Format::Panel, ..chart };
    Figure { svg: chart.to_svg(), title: chart.title, note: String::new(), table }
}

/// Rows of two numbers, some of them evenly spread where there are many.
fn pairs(points: &[(f64, f64)]) -> Vec<Vec<String>> {
    let some = spread_rows(points.len(), TWIN);
    some.into_iter().map(|i| vec![short(points[i].0), short(points[i].1)]).collect()
}

/// What is above 0, or 0, and what is below.
fn by_sign(points: Vec<(f64, f64)>, of: fn(&(f64, f64)) -> f64) -> [Vec<(f64, f64)>; 2] {
    let (below, above) = points.into_iter().partition(|point| of(point) < 0.0);
    [above, below]
}
