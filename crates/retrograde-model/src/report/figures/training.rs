//! How the training went, and whether its derivatives are right.

use super::super::Report;
use super::super::sections::{Figure, Grid, short};
use super::{TWIN, curve, dots, figure, spread_rows};
use crate::figure::{Axis, Line, LineChart, Mark};
use crate::words::count;
use retrograde::{EpochRecord, LayerRecord, Quantiles, Verdict, WeightCheck};

/// The most rows of the table of a figure by layer.
const LOOKS: usize = 30;

pub(in super::super) fn check(report: &Report) -> Figure {
    let check = &report.check;
    let place = |r: &WeightCheck| (r.uncertainty, (r.backpropagation - r.numerical).abs());
    let of = |differs: bool| -> Vec<(f64, f64)> {
        check.results.iter().filter(|r| (r.verdict == Verdict::Differs) == differs).map(place).collect()
    };
    let (agree, differ) = (of(false), of(true));
    let widths = || agree.iter().chain(&differ).map(|point| point.0).filter(|&u| u > 0.0);
    let ends = (widths().fold(f64::INFINITY, f64::min), widths().fold(0.0, f64::max));
    let equal = check.results.iter().filter(|r| r.backpropagation == r.numerical).count();
    let checked = count(check.results.len());
    let title = if differ.is_empty() {
        format!("None of {checked} derivatives differs by more than its uncertainty")
    } else {
        format!("{} of {checked} derivatives differ by more than their uncertainty", count(differ.len()))
    };
    let mut lines = vec![dots("within U", agree), dots("beyond U", differ)];
    lines.retain(|line| !line.points.is_empty());
    lines.push(curve("|D − N| = U", vec![(ends.0, ends.0), (ends.1, ends.1)]));
    let chart = LineChart {
        title,
        description: format!(
            "A dot for each derivative: |D − N| against U, both on logarithmic scales. Dots below the line |D − N| = U agree. {equal} are equal, and have no dot."
        ),
        x: Axis::log("U, the uncertainty"),
        y: Axis::log("|D − N|"),
        lines,
        ..LineChart::default()
    };
    let row = |r: &WeightCheck| {
        vec![
            r.id.to_string(),
            short(r.backpropagation),
            short(r.numerical),
            short(r.uncertainty),
            r.verdict.name().to_owned(),
        ]
    };
    let head = ["weight", "D", "N", "U", "verdict"];
    figure(chart, Grid::new(&head, check.results.iter().take(TWIN).map(row).collect()))
}

/// The costs, and how steep the slope was.
pub(in super::super) fn training(report: &Report) -> Vec<Figure> {
    if report.history.is_empty() {
        return Vec::new();
    }
    let mut shown = vec![costs(report), slopes(report)];
    shown.extend(by_layer(report, &ERROR));
    shown.extend(by_layer(report, &STEP));
    shown.extend(by_layer(report, &IDLE));
    shown
}

fn by_epoch(history: &[EpochRecord], value: fn(&EpochRecord) -> Option<f64>) -> Vec<(f64, f64)> {
    history.iter().filter_map(|e| Some((e.epoch as f64, value(e)?))).collect()
}

/// A line where there is something to draw.
fn some(name: &str, points: Vec<(f64, f64)>) -> Option<Line> {
    (!points.is_empty()).then(|| curve(name, points))
}

fn costs(report: &Report) -> Figure {
    let history = &report.history;
    let train = by_epoch(history, |e| Some(e.train_cost));
    let judged = by_epoch(history, |e| e.validation.map(|score| score.cost));
    let best = report.model.best_epoch;
    let deciding = if judged.is_empty() { &train } else { &judged };
    let lowest = deciding.iter().find(|point| point.0 == best as f64).map(|point| point.1);
    let which = if judged.is_empty() { "training" } else { "validation" };
    let title = match lowest {
        Some(lowest) => {
            format!("The {which} cost was lowest in epoch {best} of {}: {}", history.len(), short(lowest))
        }
        None => format!("The {which} cost over {} epochs", history.len()),
    };
    let axis =
        if train.iter().chain(&judged).all(|p| p.1 > 0.0) { Axis::log("cost") } else { Axis::linear("cost") };
    let (from, to) = (train[0].1, train[train.len() - 1].1);
    let chart = LineChart {
        description: format!("{title}. On the training rows it went from {} to {}.", short(from), short(to)),
        title,
        x: Axis::linear("epoch"),
        y: axis,
        lines: [some("training", train), some("validation", judged)].into_iter().flatten().collect(),
        marks: vec![Mark { x: best as f64, label: format!("best: {best}") }],
        ..LineChart::default()
    };
    let row = |e: &EpochRecord| {
        let judged = e.validation.map(|score| short(score.cost)).unwrap_or_default();
        vec![e.epoch.to_string(), short(e.train_cost), judged]
    };
    figure(chart, Grid::new(&["epoch", "training", "validation"], spread(history, row)))
}

fn slopes(report: &Report) -> Figure {
    let history = &report.history;
    let norm = by_epoch(history, |e| Some(e.grad_norm));
    let title = format!("‖∇J‖ went from {} to {}", short(norm[0].1), short(norm[norm.len() - 1].1));
    let lines = [some("‖∇J‖", norm), some("learning rate η", by_epoch(history, |e| e.learning_rate))];
    let chart = LineChart {
        description: format!("{title}, epoch by epoch, with the learning rate where the method has one."),
        title,
        x: Axis::linear("epoch"),
        y: Axis::log("‖∇J‖ and η"),
        lines: lines.into_iter().flatten().collect(),
        ..LineChart::default()
    };
    let row = |e: &EpochRecord| {
        vec![e.epoch.to_string(), short(e.grad_norm), e.learning_rate.map(short).unwrap_or_default()]
    };
    figure(chart, Grid::new(&["epoch", "‖∇J‖", "η"], spread(history, row)))
}

/// A quantity of each layer, epoch by epoch.
struct ByLayer {
    /// What its title begins with.
    name: &'static str,
    axis: fn() -> Axis,
    of: fn(&LayerRecord) -> Option<Quantiles>,
    /// Which of its numbers is drawn.
    drawn: fn(Quantiles) -> f64,
    /// What is to be known to read it.
    note: &'static str,
    /// What a table calls its three numbers.
    numbers: &'static str,
}

const SOME: &str = "On up to 256 training rows.";

const ERROR: ByLayer = ByLayer {
    name: "|δ|, the error that reaches a layer",
    axis: || Axis::log("95 % of |δ| are below"),
    of: |layer| layer.delta,
    // Where more than half of relu's units are shut the median is 0, and says nothing.
    drawn: |q| q.p95,
    note: SOME,
    numbers: "median (5 % … 95 %)",
};
const STEP: ByLayer = ByLayer {
    name: "|∂J/∂Θ|/|Θ|, how far a layer's slope would move it",
    axis: || Axis::log("median |∂J/∂Θ|/|Θ|"),
    of: |layer| layer.relative_grad,
    drawn: |q| q.median,
    note: SOME,
    numbers: "median (5 % … 95 %)",
};
/// Shares are drawn as quantiles that are all the same.
const IDLE: ByLayer = ByLayer {
    name: "The share of a layer's units that are dead or saturated",
    axis: || Axis::linear("share of the units").showing([0.0]),
    of: |layer| {
        let share = layer.dead.or(layer.saturated)?;
        Some(Quantiles { p5: share, median: share, p95: share })
    },
    drawn: |q| q.median,
    note: "On up to 256 training rows: in more rows, fewer units are dead or saturated.",
    numbers: "share",
};
/// The most layers that are drawn: the first ones, and the last.
const LAYERS: usize = 8;

/// None where nobody looked at the layers, or there is nothing but zeros to see.
fn by_layer(report: &Report, what: &ByLayer) -> Option<Figure> {
    let looks: Vec<&EpochRecord> = report.history.iter().filter(|record| !record.layers.is_empty()).collect();
    let depth = looks.first()?.layers.len();
    let shown: Vec<usize> = (0..depth).filter(|&l| l + 1 < LAYERS || l + 1 == depth).collect();
    let of = |record: &EpochRecord, l: usize| record.layers.get(l).and_then(what.of);
    let points = |l: usize| -> Vec<(f64, f64)> {
        looks.iter().filter_map(|record| Some((record.epoch as f64, (what.drawn)(of(record, l)?)))).collect()
    };
    let lines: Vec<(usize, Vec<(f64, f64)>)> = shown.iter().map(|&l| (l + 2, points(l))).collect();
    if !lines.iter().flat_map(|line| &line.1).any(|point| point.1 > 0.0) {
        return None;
    }
    let last = |(l, points): &(usize, Vec<(f64, f64)>)| {
        points.last().map(|point| format!("{} in layer {l}", short(point.1)))
    };
    let mut ends: Vec<String> = lines.iter().filter_map(last).collect();
    if ends.len() > 2 {
        ends.drain(1..ends.len() - 1);
    }
    let title = format!("{}: {} in the end", what.name, ends.join(" and "));
    let cell = |found: Option<Quantiles>| match found {
        Some(q) if q.p5 < q.p95 => format!("{} ({} … {})", short(q.median), short(q.p5), short(q.p95)),
        Some(q) => short(q.median),
        None => String::new(),
    };
    let row = |i: usize| -> Vec<String> {
        let cells = shown.iter().map(|&l| cell(of(looks[i], l)));
        std::iter::once(looks[i].epoch.to_string()).chain(cells).collect()
    };
    let head = std::iter::once("epoch".to_owned());
    let head = head.chain(shown.iter().map(|l| format!("layer {}, {}", l + 2, what.numbers)));
    let table = Grid {
        head: head.collect(),
        rows: spread_rows(looks.len(), LOOKS).into_iter().map(row).collect(),
        shades: Vec::new(),
    };
    let chart = LineChart {
        description: format!(
            "{title}. {} A line for each layer that computes; of more than {LAYERS}, the first ones and the last.",
            what.note
        ),
        title,
        x: Axis::linear("epoch"),
        y: (what.axis)(),
        lines: lines.into_iter().filter_map(|(l, points)| some(&format!("layer {l}"), points)).collect(),
        ..LineChart::default()
    };
    Some(Figure { note: what.note.to_owned(), ..figure(chart, table) })
}

fn spread(history: &[EpochRecord], row: impl Fn(&EpochRecord) -> Vec<String>) -> Vec<Vec<String>> {
    spread_rows(history.len(), TWIN).into_iter().map(|i| row(&history[i])).collect()
}
