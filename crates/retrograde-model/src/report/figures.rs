//! The figures, each with a title that states what it shows and its numbers as a table.

use super::sections::{Figure, Grid, short};
use super::{Histogram, Report, TugOfWar};
use crate::figure::{Axis, Line, LineChart, Look, Mark, ScaleKind};
use crate::words::count;
use retrograde::{EpochRecord, Verdict};

/// The most rows of a twin.
const TWIN: usize = 100;

fn axis(label: &str, scale: ScaleKind) -> Axis {
    Axis { label: label.to_owned(), scale }
}

fn line(name: &str, look: Look, points: Vec<(f64, f64)>) -> Line {
    Line { name: name.to_owned(), points, look }
}

fn figure(chart: LineChart, table: Grid) -> Figure {
    Figure { svg: chart.to_svg(), title: chart.title, table }
}

/// Rows of two numbers, some of them evenly spread where there are many.
fn pairs(points: &[(f64, f64)]) -> Vec<Vec<String>> {
    let some = super::tug::spread_rows(points.len(), TWIN);
    some.into_iter().map(|i| vec![short(points[i].0), short(points[i].1)]).collect()
}

pub(super) fn check(report: &Report) -> Figure {
    let check = &report.check;
    let points: Vec<(f64, f64)> =
        check.results.iter().map(|r| (r.uncertainty, (r.backpropagation - r.numerical).abs())).collect();
    let above: Vec<f64> = points.iter().flat_map(|p| [p.0, p.1]).filter(|v| *v > 0.0).collect();
    let ends =
        (above.iter().copied().fold(f64::INFINITY, f64::min), above.iter().copied().fold(0.0, f64::max));
    let differ = check.count(Verdict::Differs);
    let equal = check.results.iter().filter(|r| r.backpropagation == r.numerical).count();
    let title = if differ == 0 {
        format!("No derivative differs by more than its uncertainty ({} checked)", count(points.len()))
    } else {
        format!(
            "{} of {} derivatives differ by more than their uncertainty",
            count(differ),
            count(points.len())
        )
    };
    let chart = LineChart {
        title,
        description: format!(
            "A dot for each derivative: |D − N| against U, both on logarithmic scales. Dots below the line |D − N| = U agree. {equal} are equal, and have no dot."
        ),
        x: axis("U, the uncertainty", ScaleKind::Log),
        y: axis("|D − N|", ScaleKind::Log),
        lines: vec![
            line("|D − N| = U", Look::Curve, vec![(ends.0, ends.0), (ends.1, ends.1)]),
            line("", Look::Dots, points),
        ],
        marks: Vec::new(),
    };
    let row = |r: &retrograde::WeightCheck| {
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

pub(super) fn training(report: &Report) -> Vec<Figure> {
    let history = &report.history;
    if history.is_empty() {
        return Vec::new();
    }
    let of = |value: fn(&EpochRecord) -> Option<f64>| -> Vec<(f64, f64)> {
        history.iter().filter_map(|e| Some((e.epoch as f64, value(e)?))).collect()
    };
    let train = of(|e| Some(e.train_cost));
    let judged = of(|e| e.validation.map(|score| score.cost));
    let positive = train.iter().chain(&judged).all(|p| p.1 > 0.0);
    let scale = if positive { ScaleKind::Log } else { ScaleKind::Linear };
    let best = report.model.best_epoch;
    let (from, to) = (train[0].1, train[train.len() - 1].1);
    let title = format!("The cost went from {} to {}; epoch {best} was the best", short(from), short(to));
    let named =
        |name: &str, points: Vec<(f64, f64)>| (!points.is_empty()).then(|| line(name, Look::Curve, points));
    let cost = LineChart {
        description: title.clone(),
        title,
        x: axis("epoch", ScaleKind::Linear),
        y: axis("cost", scale),
        lines: [named("training", train), named("validation", judged)].into_iter().flatten().collect(),
        marks: vec![Mark { x: best as f64, label: format!("best, {best}") }],
    };
    let rows = super::tug::spread_rows(history.len(), TWIN).into_iter().map(|i| {
        let e = &history[i];
        let judged = e.validation.map(|score| short(score.cost)).unwrap_or_default();
        let rate = e.learning_rate.map(short).unwrap_or_default();
        vec![e.epoch.to_string(), short(e.train_cost), judged, short(e.grad_norm), rate]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let head = ["epoch", "training", "validation", "‖∇J‖", "η"];
    let norm = of(|e| Some(e.grad_norm));
    let title = format!("‖∇J‖ went from {} to {}", short(norm[0].1), short(norm[norm.len() - 1].1));
    let lines = [named("‖∇J‖", norm), named("learning rate", of(|e| e.learning_rate))];
    let slope = LineChart {
        description: title.clone(),
        title,
        x: axis("epoch", ScaleKind::Linear),
        y: axis("‖∇J‖, and η", ScaleKind::Log),
        lines: lines.into_iter().flatten().collect(),
        marks: Vec::new(),
    };
    vec![figure(cost, Grid::new(&head, rows.clone())), figure(slope, Grid::new(&head, rows))]
}

/// mean |δ| by layer, where there is more than one.
pub(super) fn deltas(report: &Report) -> Option<Figure> {
    let points: Vec<(f64, f64)> = report.layers.iter().map(|l| (l.l as f64, l.mean_delta)).collect();
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 2 {
        return None;
    }
    let title = format!(
        "Mean |δ| is {} in layer {} and {} in layer {}",
        short(last.1),
        last.0,
        short(first.1),
        first.0
    );
    let table = Grid::new(&["layer", "mean |δ|"], pairs(&points));
    let chart = LineChart {
        description: title.clone(),
        title,
        x: axis("layer", ScaleKind::Linear),
        y: axis("mean |δ|", ScaleKind::Log),
        lines: vec![line("", Look::Curve, points.clone()), line("", Look::Dots, points)],
        marks: Vec::new(),
    };
    Some(figure(chart, table))
}

fn clipped(of: &Histogram) -> String {
    if of.clipped == 0 {
        return String::new();
    }
    format!(" {} beyond ±{} are counted in the outermost bars.", count(of.clipped), short(of.limit))
}

pub(super) fn weights(of: &Histogram) -> Figure {
    let total: usize = of.counts.iter().sum();
    let title = format!("{}: 99 % of {} weights are within ±{}", of.name, count(total), short(of.limit));
    let table = Grid::new(&["weight", "how many"], pairs(&of.points()));
    let chart = LineChart {
        description: format!("{title}.{}", clipped(of)),
        title,
        x: axis("weight", ScaleKind::Linear),
        y: axis("how many", ScaleKind::Linear),
        lines: vec![line("", Look::Bars, of.points())],
        marks: Vec::new(),
    };
    figure(chart, table)
}

pub(super) fn tug(tug: &TugOfWar) -> Figure {
    let title = format!(
        "{}: rows pull by {} on average, and {} remains",
        tug.weight,
        short(tug.mean_pull),
        short(tug.grad)
    );
    let mut rows = vec![
        vec!["Δ/m".to_owned(), short(tug.mean)],
        vec!["λΘ/m".to_owned(), short(tug.l2)],
        vec!["D".to_owned(), short(tug.grad)],
    ];
    rows.extend(pairs(&tug.pulls.points()));
    let mark = |x: f64, name: &str| Mark { x, label: format!("{name} {}", short(x)) };
    let chart = LineChart {
        description: format!(
            "How many rows pull how hard at the weight {}, whose value is {}. Δ/m = {}, λΘ/m = {}, D = {}.{}",
            tug.weight,
            short(tug.value),
            short(tug.mean),
            short(tug.l2),
            short(tug.grad),
            clipped(&tug.pulls)
        ),
        title,
        x: axis("pull w a δ of a row", ScaleKind::Linear),
        y: axis("rows", ScaleKind::Linear),
        lines: vec![line("", Look::Bars, tug.pulls.points())],
        marks: vec![mark(tug.mean, "Δ/m"), mark(tug.l2, "λΘ/m"), mark(tug.grad, "D")],
    };
    figure(chart, Grid::new(&["pull", "rows"], rows))
}

pub(super) fn answers(report: &Report) -> Vec<Figure> {
    let answers = &report.answers;
    let mut found = Vec::new();
    for number in &answers.numbers {
        found.extend(numbers(number));
    }
    if !answers.reliability.is_empty() {
        found.push(reliability(report));
    }
    if let Some(two) = answers.two_classes.as_ref().filter(|two| !two.points.is_empty()) {
        found.extend(curves(report, two));
    }
    found
}

fn numbers(of: &super::NumberPairs) -> [Figure; 2] {
    let known = of.pairs.iter().map(|p| p.0);
    let ends = (known.clone().fold(f64::INFINITY, f64::min), known.fold(f64::NEG_INFINITY, f64::max));
    let residuals: Vec<(f64, f64)> = of.pairs.iter().map(|p| (p.1, p.0 - p.1)).collect();
    let mean = residuals.iter().map(|p| p.1).sum::<f64>() / residuals.len().max(1) as f64;
    let some = format!("{} of {} rows", count(of.pairs.len()), count(of.of));
    let chart = |title: String, x: &str, y: &str, lines| LineChart {
        description: format!("{title}, {some}."),
        title,
        x: axis(x, ScaleKind::Linear),
        y: axis(y, ScaleKind::Linear),
        lines,
        marks: Vec::new(),
    };
    let diagonal = line("equal", Look::Curve, vec![(ends.0, ends.0), (ends.1, ends.1)]);
    let one = chart(
        format!("{}: predicted against known", of.column),
        "known",
        "predicted",
        vec![diagonal, line("", Look::Dots, of.pairs.clone())],
    );
    let two = chart(
        format!("{}: the residuals have mean {}", of.column, short(mean)),
        "predicted",
        "known − predicted",
        vec![line("", Look::Dots, residuals.clone())],
    );
    [
        figure(one, Grid::new(&["known", "predicted"], pairs(&of.pairs))),
        figure(two, Grid::new(&["predicted", "residual"], pairs(&residuals))),
    ]
}

fn reliability(report: &Report) -> Figure {
    let bins = &report.answers.reliability;
    let rows: usize = bins.iter().map(|bin| bin.rows).sum();
    let gap =
        bins.iter().map(|bin| (bin.said - bin.right).abs() * bin.rows as f64).sum::<f64>() / rows as f64;
    let title = format!("Probabilities are off by {} on average", short(gap));
    let points: Vec<(f64, f64)> = bins.iter().map(|bin| (bin.said, bin.right)).collect();
    let table = bins.iter().map(|b| vec![short(b.said), short(b.right), count(b.rows)]).collect();
    let chart = LineChart {
        description: format!(
            "{title}: the share of rows whose predicted class is right, against the probability it was given, in tenths."
        ),
        title,
        x: axis("probability of the predicted class", ScaleKind::Linear),
        y: axis("share that is right", ScaleKind::Linear),
        lines: vec![
            line("as said", Look::Curve, vec![(points[0].0, points[0].0), (1.0, 1.0)]),
            line("found", Look::Curve, points),
        ],
        marks: Vec::new(),
    };
    figure(chart, Grid::new(&["said", "right", "rows"], table))
}

fn curves(report: &Report, two: &super::TwoClasses) -> [Figure; 2] {
    let auc = report.scores.auc.map(|auc| format!(": AUC {}", short(auc))).unwrap_or_default();
    let roc: Vec<(f64, f64)> =
        std::iter::once((0.0, 0.0)).chain(two.points.iter().map(|p| (p.false_positives, p.recall))).collect();
    let pr: Vec<(f64, f64)> = two.points.iter().map(|p| (p.recall, p.precision)).collect();
    let base = two.points.last().map_or(0.0, |p| p.precision);
    let row = |p: &super::Point| {
        vec![short(p.threshold), short(p.false_positives), short(p.recall), short(p.precision)]
    };
    let table = || {
        let some = super::tug::spread_rows(two.points.len(), TWIN);
        Grid::new(
            &["threshold", "false positives", "recall", "precision"],
            some.into_iter().map(|i| row(&two.points[i])).collect(),
        )
    };
    let chart = |title: String, x: &str, y: &str, lines| LineChart {
        description: format!("{title}. The class looked for is {}.", two.positive),
        title,
        x: axis(x, ScaleKind::Linear),
        y: axis(y, ScaleKind::Linear),
        lines,
        marks: Vec::new(),
    };
    let chance = line("chance", Look::Curve, vec![(0.0, 0.0), (1.0, 1.0)]);
    let one = chart(
        format!("ROC of {}{auc}", two.positive),
        "false positives",
        "recall",
        vec![line("model", Look::Curve, roc), chance],
    );
    let chance = line("chance", Look::Curve, vec![(0.0, base), (1.0, base)]);
    let title = format!("Precision against recall of {}; chance has {}", two.positive, short(base));
    let two = chart(title, "recall", "precision", vec![line("model", Look::Curve, pr), chance]);
    [figure(one, table()), figure(two, table())]
}
