//! Line charts.

mod areas;
mod curves;
mod frame;
mod marks;
mod names;
#[cfg(test)]
mod tests;

use super::scale::ScaleKind;
use super::svg::{Element, number};
use super::{style, text};
use frame::Frame;

/// White around everything.
const EDGE: f64 = 20.0;
/// The size of all text but the title.
const SIZE: f64 = 12.0;
/// From one line of text to the next.
const LINE: f64 = 17.0;
/// From the middle of a line of text to its base line.
const MIDDLE: f64 = 4.0;
/// The longest names and labels, in characters.
const NAME: usize = 40;
/// The longest titles: what fits in the width.
const TITLE: usize = 76;

/// Lines over a common x: what [`LineChart::to_svg`] draws.
///
/// ```
/// # use retrograde_model::figure::{Axis, Line, LineChart};
/// let chart = LineChart {
///     title: "Cost by epoch".to_owned(),
///     x: Axis::linear("epoch"),
///     y: Axis::log("cost"),
///     lines: vec![Line { name: "training".to_owned(), points: vec![(1.0, 0.9), (2.0, 0.3), (3.0, 0.1)], ..Line::default() }],
///     ..LineChart::default()
/// };
/// assert!(chart.to_svg().starts_with("<svg "));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LineChart {
    /// What stands above the chart, shortened where it does not fit.
    pub title: String,
    /// What the chart shows, in words, for those who do not see it.
    pub description: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The first twelve look different even without colours; then the looks repeat.
    pub lines: Vec<Line>,
    /// Vertical lines.
    pub marks: Vec<Mark>,
    /// Where it stands.
    pub format: Format,
}

/// Where a figure stands, and so how large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// By itself, under its title.
    #[default]
    Alone,
    /// Beside others in a page, which says its title; legible down to a telephone's width.
    Panel,
}

impl Format {
    /// The width of the figure; its height follows from what it contains.
    pub(super) fn width(self) -> f64 {
        match self {
            Self::Alone => 800.0,
            Self::Panel => 400.0,
        }
    }

    /// The height of the part that shows data.
    fn height(self) -> f64 {
        match self {
            Self::Alone => 340.0,
            Self::Panel => 190.0,
        }
    }

    /// The longest label of a mark, in characters: it fits on one side of it at least.
    fn label(self) -> usize {
        match self {
            Self::Alone => NAME,
            Self::Panel => 22,
        }
    }
}

/// What an axis measures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    /// The quantity and its unit.
    pub label: String,
    /// How it counts.
    pub scale: ScaleKind,
    /// Numbers that are on it, even where no data are.
    pub shows: Vec<f64>,
}

impl Axis {
    /// Equal differences are equally far apart.
    pub fn linear(label: &str) -> Self {
        Self { label: label.to_owned(), ..Self::default() }
    }

    /// Equal ratios are equally far apart.
    pub fn log(label: &str) -> Self {
        Self { label: label.to_owned(), scale: ScaleKind::Log, ..Self::default() }
    }

    /// With these numbers on it.
    pub fn showing(self, numbers: impl IntoIterator<Item = f64>) -> Self {
        Self { shows: numbers.into_iter().collect(), ..self }
    }
}

/// A named line through points.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// What stands at its end or in the legend; nothing if it is empty.
    pub name: String,
    /// (x, y) in the order in which they are joined, which is that of x. A point that is not finite, or not
    /// above 0 on a log scale, is a gap; a point between two gaps is a dot.
    pub points: Vec<(f64, f64)>,
    /// What is drawn of them.
    pub look: Look,
}

/// What is drawn of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// A line through them.
    #[default]
    Curve,
    /// A dot at each.
    Dots,
    /// A bar from 0 to each, all of one width: the least distance of two x. On a log scale from the bottom.
    Bars,
}

/// A vertical line that marks one x.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mark {
    /// Where. Nothing is drawn where it is not finite, or not above 0 on a log scale.
    pub x: f64,
    /// What stands at its top.
    pub label: String,
}

/// Charts below each other in one SVG file.
pub fn stacked(charts: &[LineChart]) -> String {
    let mut total = 0.0;
    let mut parts = Vec::new();
    for chart in charts {
        let (element, height) = chart.drawn();
        parts.push(element.at("y", total).at("width", chart.format.width()).at("height", height));
        total += height;
    }
    let width = charts.iter().map(|chart| chart.format.width()).fold(0.0, f64::max);
    let view = format!("0 0 {} {}", number(width), number(total));
    let root = Element::new("svg").with("xmlns", "http://www.w3.org/2000/svg").with("viewBox", &view);
    root.add_all(parts).to_string()
}

impl LineChart {
    /// The chart as the text of an SVG file, which may also stand inside an HTML page.
    ///
    /// It scales with its container, follows the reader's preference for light or dark on screens, and is
    /// light on paper.
    pub fn to_svg(&self) -> String {
        self.drawn().0.to_string()
    }

    /// The chart and its height.
    fn drawn(&self) -> (Element, f64) {
        let frame = Frame::of(self);
        let strokes = frame.strokes(&self.lines);
        let flags = marks::placed(&self.marks, &frame);
        let rows = marks::rows(&flags);
        let title = text::shortened(&self.title, TITLE);
        let y_label = text::shortened(&self.y.label, NAME);
        let mut top = EDGE;
        let mut header = Vec::new();
        if self.format == Format::Panel {
            top = SIZE / 2.0;
        } else if !title.is_empty() {
            header.push(Element::label("title", (EDGE, top + 14.0), &title));
            top += 32.0;
        }
        if !y_label.is_empty() {
            header.push(Element::label("axis-label", (frame.edge(), top + 10.0), &y_label));
            top += 22.0;
        }
        top += rows as f64 * LINE + LINE / 2.0;
        let (names, below) = names::drawn(&frame, &strokes);
        let inside = Element::new("g")
            .moved(frame.left, top)
            .add(frame.drawn(&text::shortened(&self.x.label, NAME)))
            .add_all(marks::drawn(&flags))
            .add_all(curves::drawn(&frame, &strokes, &self.lines))
            .add_all(names);
        let height = top + frame.height + frame.below() + below + frame.edge();
        (self.root(height).add_all(header).add(inside), height)
    }

    /// The outermost element with what is read about the figure, its style sheet and its paper.
    fn root(&self, height: f64) -> Element {
        let title = if text::clean(&self.title).is_empty() { "Line chart" } else { &self.title };
        style::figure(&style::Words {
            id: &self.id(),
            title,
            description: &self.description,
            size: (self.format.width(), height),
        })
    }

    fn id(&self) -> String {
        let names = self.lines.iter().map(|line| &line.name);
        let words = [&self.title, &self.description, &self.x.label, &self.y.label].into_iter().chain(names);
        style::id(words.map(String::as_str))
    }
}
