//! Dots and bars: one path for each line, however many points it has.

use super::super::style::LineStyle;
use super::super::svg::{Element, number};
use super::frame::Frame;
use super::{Line, Look};
use std::collections::BTreeSet;

/// The white between two bars.
const GAP: f64 = 1.0;

/// The dots or bars of the line with this index.
pub(super) fn drawn(frame: &Frame, index: usize, line: &Line) -> Element {
    let (class, path) = match line.look {
        Look::Bars => ("bars", bars(frame, line)),
        _ => ("dots", dots(frame, line)),
    };
    let name = frame.naming.name(index).map(|name| Element::new("title").text(name));
    let shape = (!path.is_empty()).then(|| Element::new("path").with("class", class).with("d", &path));
    Element::group(&LineStyle::of(index).colour()).add_all(name).add_all(shape)
}

/// Strokes of no length with round ends. Dots in the same half pixel are one.
fn dots(frame: &Frame, line: &Line) -> String {
    let half = |place: f64| (place * 2.0).round() as i64;
    let place = |&(x, y): &(f64, f64)| Some((half(frame.x.position(x)?), half(frame.y.position(y)?)));
    let places: BTreeSet<(i64, i64)> = line.points.iter().filter_map(place).collect();
    let dot = |(x, y): (i64, i64)| format!("M{} {}h0", number(x as f64 / 2.0), number(y as f64 / 2.0));
    places.into_iter().map(dot).collect()
}

fn bars(frame: &Frame, line: &Line) -> String {
    let half = half_width(&line.points);
    let base = frame.y.position(0.0).unwrap_or(frame.height);
    let bar = |&(x, y): &(f64, f64)| {
        let (from, to) = (frame.x.position(x - half)?, frame.x.position(x + half)?);
        let top = frame.y.position(y)?;
        let (from, to) = (number(from + GAP / 2.0), number((to - GAP / 2.0).max(from + GAP)));
        (top != base).then(|| format!("M{from} {}V{}H{to}V{}z", number(base), number(top), number(base)))
    };
    line.points.iter().filter_map(bar).collect()
}

/// Half the least distance of two neighbours.
pub(super) fn half_width(points: &[(f64, f64)]) -> f64 {
    let gaps = points.windows(2).map(|pair| pair[1].0 - pair[0].0).filter(|gap| *gap > 0.0);
    let least = gaps.fold(f64::INFINITY, f64::min);
    if least.is_finite() { least / 2.0 } else { 0.5 }
}
