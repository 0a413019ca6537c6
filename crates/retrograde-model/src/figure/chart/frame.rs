//! The scales of a chart, its axes and its grid.

use super::super::scale::Scale;
use super::super::series::Strokes;
use super::super::svg::Element;
use super::super::text;
use super::super::ticks::{self, Tick};
use super::areas;
use super::names::{self, Naming};
use super::{EDGE, Format, LINE, Line, LineChart, Look, MIDDLE, SIZE};

/// The most parts that an axis is divided into.
const X_INTERVALS: usize = 9;
const Y_INTERVALS: usize = 6;
/// Between two labels of the x axis.
const LABEL_GAP: f64 = 14.0;
/// Between an axis and its labels.
const TICK: f64 = 5.0;
/// The least white left and right of the data: half a label of the x axis hangs over.
const LEAST_MARGIN: f64 = 46.0;
const PANEL_MARGIN: f64 = 22.0;

/// What all parts of a chart are placed by. Places are relative to the upper left corner of the data's part.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) x: Scale,
    pub(super) y: Scale,
    pub(super) naming: Naming,
    /// From the left edge of the figure to the data.
    pub(super) left: f64,
    /// The width of the data's part.
    pub(super) width: f64,
    /// Its height.
    pub(super) height: f64,
    format: Format,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
    has_x_label: bool,
    is_empty: bool,
}

impl Frame {
    /// Scales that hold all lines and marks, and margins that hold their labels.
    pub(super) fn of(chart: &LineChart) -> Self {
        let points = || chart.lines.iter().flat_map(|line| &line.points);
        let bars = || chart.lines.iter().filter(|line| line.look == Look::Bars);
        let ys = points().map(|point| point.1).chain(bars().map(|_| 0.0));
        let ys = ys.chain(chart.y.shows.iter().copied());
        let height = chart.format.height();
        let y = ticks::widened(Scale::of(chart.y.scale, ys), Y_INTERVALS).onto(height, 0.0);
        let xs = points().map(|point| point.0).chain(chart.marks.iter().map(|mark| mark.x));
        let xs = xs.chain(chart.x.shows.iter().copied());
        let edges = bars().flat_map(|line| {
            let half = areas::half_width(&line.points);
            line.points.iter().flat_map(move |point| [point.0 - half, point.0 + half])
        });
        let xs = xs.chain(edges);
        let x = Scale::of(chart.x.scale, xs);

        let is_empty = !chart.lines.iter().any(|line| can_be_drawn(line, &x, &y));
        // Numbers at an axis say that something was measured.
        let unless_empty = |ticks: Vec<Tick>| if is_empty { Vec::new() } else { ticks };
        let y_ticks = unless_empty(ticks::fitted(&y, Y_INTERVALS, |_| LINE));
        let widest = y_ticks.iter().map(|tick| text::width(&tick.label, SIZE)).fold(0.0, f64::max);
        let edge = edge(chart.format);
        let least = if chart.format == Format::Panel { PANEL_MARGIN } else { LEAST_MARGIN };
        let left = (edge + widest + 2.0 * TICK).max(least);
        let naming = names::naming(chart, &x, &y);
        let width = chart.format.width() - left - naming.width().max(least);
        let x = x.onto(0.0, width);
        let x_ticks =
            unless_empty(ticks::fitted(&x, X_INTERVALS, |label| text::width(label, SIZE) + LABEL_GAP));
        let has_x_label = !text::clean(&chart.x.label).is_empty();
        let format = chart.format;
        Self { x, y, naming, left, width, height, format, x_ticks, y_ticks, has_x_label, is_empty }
    }

    /// From where the data begin to the right edge of the figure, less the white there.
    pub(super) fn room(&self) -> f64 {
        self.format.width() - self.left - self.edge()
    }

    /// The longest label of a mark, in characters.
    pub(super) fn label(&self) -> usize {
        self.format.label()
    }

    /// White around everything.
    pub(super) fn edge(&self) -> f64 {
        edge(self.format)
    }

    /// The strokes of all lines.
    pub(super) fn strokes(&self, lines: &[Line]) -> Vec<Strokes> {
        lines.iter().map(|line| Strokes::of(&line.points, &self.x, &self.y, self.width)).collect()
    }

    /// What the labels of the x axis take below the data.
    pub(super) fn below(&self) -> f64 {
        if self.has_x_label { TICK + 2.0 * LINE + 4.0 } else { TICK + LINE }
    }

    /// The grid, the axes and their labels.
    pub(super) fn drawn(&self, x_label: &str) -> Element {
        let horizontal = |class, y| Element::line(class, (0.0, y), (self.width, y));
        let grid = self.y_ticks.iter().map(|tick| {
            // Above and below zero are different things.
            horizontal(if tick.value == 0.0 { "axis" } else { "grid" }, tick.position)
        });
        let y_labels = self.y_ticks.iter();
        let y_labels = y_labels
            .map(|tick| Element::label("end", (-2.0 * TICK, tick.position + MIDDLE), &tick.label))
            .collect::<Vec<_>>();
        let x_labels = self.x_ticks.iter().flat_map(|tick| {
            let x = tick.position;
            let stroke = Element::line("axis", (x, self.height), (x, self.height + TICK));
            [stroke, Element::label("middle", (x, self.height + TICK + 14.0), &tick.label)]
        });
        let mut frame = Element::group("frame")
            .add_all(grid)
            .add(horizontal("axis", self.height))
            .add_all(y_labels)
            .add_all(x_labels);
        let middle = self.width / 2.0;
        if self.has_x_label {
            frame = frame.add(Element::label("middle", (middle, self.height + TICK + 2.0 * LINE), x_label));
        }
        if self.is_empty {
            frame =
                frame.add(Element::label("middle", (middle, self.height / 2.0 - 8.0), "no values to draw"));
        }
        frame
    }
}

/// A page has white of its own around its panels.
fn edge(format: Format) -> f64 {
    if format == Format::Panel { 2.0 } else { EDGE }
}

/// Whether any point of the line has a place.
pub(super) fn can_be_drawn(line: &Line, x: &Scale, y: &Scale) -> bool {
    line.points.iter().any(|point| x.position(point.0).is_some() && y.position(point.1).is_some())
}
