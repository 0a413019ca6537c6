//! The names of the lines: beside their ends where they fit, otherwise in a legend below.

use super::super::scale::Scale;
use super::super::series::{Place, Strokes};
use super::super::style::LineStyle;
use super::super::svg::{Element, number};
use super::super::{spread, text};
use super::frame::{self, Frame};
use super::{EDGE, Format, LINE, LineChart, Look, MIDDLE, NAME, SIZE};

/// The widest name beside the data.
const WIDEST: f64 = 190.0;
/// From the data to the names' samples.
const LEADER: f64 = 18.0;
/// The sample of a line before its name.
const SAMPLE: f64 = 26.0;
/// Between a sample and its name.
const GAP: f64 = 7.0;
/// Between two columns of the legend.
const COLUMN_GAP: f64 = 24.0;
/// A name that is moved further from its line's end gets a leader to it.
const NEAR: f64 = 3.0;
/// Lines that end further from the names than this get no leader: it would cross other lines.
const FAR: f64 = 40.0;

/// Which names are drawn, and where.
#[derive(Debug)]
pub(super) struct Naming {
    names: Vec<Name>,
    place: Side,
    /// The widest name.
    widest: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Beside,
    Below,
}

/// A name of the line with this index.
#[derive(Debug)]
struct Name {
    line: usize,
    text: String,
    look: Look,
}

/// The names that are not empty. Of a line with nothing to draw the name says so.
pub(super) fn naming(chart: &LineChart, x: &Scale, y: &Scale) -> Naming {
    let mut names = Vec::new();
    for (line, it) in chart.lines.iter().enumerate() {
        let mut name = text::shortened(&it.name, NAME);
        if name.is_empty() {
            continue;
        }
        if !frame::can_be_drawn(it, x, y) {
            name.push_str(" (no values)");
        }
        names.push(Name { line, text: name, look: it.look });
    }
    let widest = names.iter().map(|name| text::width(&name.text, SIZE)).fold(0.0, f64::max);
    let fits = chart.format == Format::Alone
        && widest <= WIDEST
        && names.len() as f64 * LINE <= chart.format.height();
    Naming { names, place: if fits { Side::Beside } else { Side::Below }, widest }
}

impl Naming {
    /// The name of the line with this index.
    pub(super) fn name(&self, line: usize) -> Option<&str> {
        let name = self.names.iter().find(|name| name.line == line)?;
        Some(&name.text)
    }

    /// What the names take right of the data.
    pub(super) fn width(&self) -> f64 {
        if self.place == Side::Below || self.names.is_empty() {
            return 0.0;
        }
        LEADER + self.column() + EDGE
    }

    /// The widest name with the sample of its line.
    fn column(&self) -> f64 {
        SAMPLE + GAP + self.widest
    }
}

/// The names with samples of their lines, and the height that they take below the axis.
pub(super) fn drawn(frame: &Frame, strokes: &[Strokes]) -> (Vec<Element>, f64) {
    match frame.naming.place {
        Side::Beside => (beside(frame, strokes), 0.0),
        Side::Below => legend(frame),
    }
}

/// Each name as near to its line's end as the others let it.
fn beside(frame: &Frame, strokes: &[Strokes]) -> Vec<Element> {
    let names = &frame.naming.names;
    let ends: Vec<Option<Place>> = names.iter().map(|name| strokes[name.line].end()).collect();
    // Lines without an end are named last, at the bottom.
    let wanted: Vec<f64> = ends.iter().map(|end| end.map_or(frame.height, |end| end.1)).collect();
    let places = spread::apart(&wanted, LINE, 0.0, frame.height).unwrap_or(wanted);
    let named = names.iter().zip(ends).zip(places).map(|((name, end), y)| {
        let leader = end.filter(|end| (end.1 - y).abs() > NEAR && frame.width - end.0 < FAR);
        let to = (frame.width + LEADER - 3.0, y);
        let leader = leader.map(|end| Element::line("leader", (end.0 + 5.0, end.1), to));
        sample(name, (frame.width + LEADER, y)).add_all(leader)
    });
    named.collect()
}

/// All names in columns below the axis.
fn legend(frame: &Frame) -> (Vec<Element>, f64) {
    let names = &frame.naming.names;
    let column = frame.naming.column() + COLUMN_GAP;
    let columns = ((frame.room() + COLUMN_GAP) / column).floor().max(1.0) as usize;
    let top = frame.height + frame.below() + LINE;
    let place = |i: usize| ((i % columns) as f64 * column, top + LINE * (i / columns) as f64);
    let each = names.iter().enumerate().map(|(i, name)| sample(name, place(i)));
    (each.collect(), (names.len().div_ceil(columns) as f64 + 0.5) * LINE)
}

/// A short piece of the line, a bar or a dot, and its name, whose middle is at the height of the place.
fn sample(name: &Name, (x, y): Place) -> Element {
    let style = LineStyle::of(name.line);
    let line = match name.look {
        Look::Curve => Element::line(&format!("curve {}", style.dash()), (x, y), (x + SAMPLE, y)),
        Look::Dots => dot((x + SAMPLE / 2.0, y)),
        Look::Bars => bar((x + SAMPLE / 2.0, y)),
    };
    let marker = style.is_marked().then(|| style.marker((x + SAMPLE / 2.0, y)));
    let label = Element::label("name", (x + SAMPLE + GAP, y + MIDDLE), &name.text);
    Element::group(&style.colour()).add(line).add_all(marker).add(label)
}

fn dot((x, y): Place) -> Element {
    Element::new("path").with("class", "dots").with("d", &format!("M{} {}h0", number(x), number(y)))
}

fn bar((x, y): Place) -> Element {
    let (x, y) = (number(x - SAMPLE / 4.0), number(y - MIDDLE));
    Element::new("path")
        .with("class", "bars")
        .with("d", &format!("M{x} {y}h{}v8h-{}z", SAMPLE / 2.0, SAMPLE / 2.0))
}
