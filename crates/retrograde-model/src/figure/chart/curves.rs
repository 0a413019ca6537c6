//! The lines themselves.

use super::super::series::{Place, Strokes};
use super::super::style::LineStyle;
use super::super::svg::{Element, Path};
use super::areas;
use super::frame::Frame;
use super::{Line, Look};

/// From one marker of a line to its next.
const MARKER_GAP: f64 = 90.0;
/// How much later the markers of the next line begin, so that those of close lines are side by side.
const MARKER_SHIFT: f64 = 25.0;

/// One group for each line: its strokes, its dots and markers, and its name to be shown under the pointer.
///
/// Dense lines fill areas. The others are drawn over them, each dash on a piece of paper so that it remains
/// visible there.
pub(super) fn drawn(frame: &Frame, strokes: &[Strokes], lines: &[Line]) -> Vec<Element> {
    let all = || strokes.iter().enumerate().filter(|(index, _)| lines[*index].look == Look::Curve);
    let filled = lines.iter().enumerate().filter(|(_, line)| line.look != Look::Curve);
    let filled: Vec<Element> = filled.map(|(index, line)| areas::drawn(frame, index, line)).collect();
    let dense = || all().filter(|(_, strokes)| strokes.is_dense);
    let beneath = dense().next().map(|_| "halo");
    let under = dense().map(|(index, strokes)| curve(frame, index, strokes, None));
    let over = all().filter(|(_, strokes)| !strokes.is_dense);
    filled
        .into_iter()
        .chain(under)
        .chain(over.map(|(index, strokes)| curve(frame, index, strokes, beneath)))
        .collect()
}

fn curve(frame: &Frame, index: usize, strokes: &Strokes, beneath: Option<&str>) -> Element {
    let style = LineStyle::of(index);
    let looks = beneath.into_iter().chain([if strokes.is_dense { "curve dense" } else { "curve" }]);
    let path = path(strokes);
    let paths = looks.filter(|_| !path.data().is_empty()).map(|look| {
        let class = format!("{look} {}", style.dash());
        Element::new("path").with("class", &class).with("d", path.data())
    });
    let name = frame.naming.name(index).map(|name| Element::new("title").text(name));
    Element::group(&style.colour()).add_all(name).add_all(paths).add_all(markers(strokes, index))
}

/// The strokes, without the dots.
fn path(strokes: &Strokes) -> Path {
    let mut path = Path::default();
    for part in strokes.parts.iter().filter(|part| part.len() > 1) {
        path.move_to(part[0]);
        part[1..].iter().for_each(|&place| path.line_to(place));
    }
    path
}

/// A marker on each lonely point, on the last one, and now and then along a line that needs them.
fn markers(strokes: &Strokes, index: usize) -> Vec<Element> {
    let style = LineStyle::of(index);
    let mut places: Vec<Place> = Vec::new();
    for part in &strokes.parts {
        match part[..] {
            [dot] => places.push(dot),
            _ if style.is_marked() => places.extend(along(part, index)),
            _ => {}
        }
    }
    if let Some(end) = strokes.end().filter(|end| places.last() != Some(end)) {
        places.push(end);
    }
    places.into_iter().map(|place| style.marker(place)).collect()
}

fn along(part: &[Place], index: usize) -> Vec<Place> {
    let mut next = index as f64 * MARKER_SHIFT % MARKER_GAP;
    let mut places = Vec::new();
    for &place in part {
        if place.0 >= next {
            places.push(place);
            next = place.0 + MARKER_GAP;
        }
    }
    places
}
