//! What is known against what is said.

use super::super::sections::{Figure, Grid, short};
use super::super::{NumberPairs, Point, Report, TwoClasses};
use super::{TWIN, curve, dots, figure, pairs, spread_rows};
use crate::figure::{Axis, LineChart};
use crate::words::count;

/// The most targets that are drawn.
pub(in super::super) const TARGETS: usize = 6;

pub(in super::super) fn answers(report: &Report) -> Vec<Figure> {
    let answers = &report.answers;
    let mut found = Vec::new();
    for number in answers.numbers.iter().take(TARGETS) {
        found.extend(numbers(number));
    }
    if let Some(two) = answers.two_classes.as_ref().filter(|two| !two.points.is_empty()) {
        found.extend(curves(report, two));
    }
    found.extend(reliability(report));
    found
}

fn numbers(of: &NumberPairs) -> [Figure; 2] {
    let all = || of.pairs.iter().flat_map(|pair| [pair.0, pair.1]);
    let ends = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let residuals: Vec<(f64, f64)> = of.pairs.iter().map(|p| (p.1, p.0 - p.1)).collect();
    let mean = residuals.iter().map(|p| p.1).sum::<f64>() / residuals.len().max(1) as f64;
    let note = format!("{} of {} rows.", count(of.pairs.len()), count(of.of));
    let describe = |title: &str| format!("{title}. {note}");
    let title = format!("{}: predicted against known", of.column);
    let one = LineChart {
        description: describe(&title),
        title,
        x: Axis::linear("known"),
        y: Axis::linear("predicted"),
        lines: vec![
            dots("a row", of.pairs.clone()),
            curve("exactly right", vec![(ends.0, ends.0), (ends.1, ends.1)]),
        ],
        ..LineChart::default()
    };
    let title =
        format!("{}: predictions are off by {} in the mean, known − predicted", of.column, short(mean));
    let two = LineChart {
        description: describe(&title),
        title,
        x: Axis::linear("predicted"),
        y: Axis::linear("known − predicted"),
        lines: vec![dots("", residuals.clone())],
        ..LineChart::default()
    };
    [
        Figure { note: note.clone(), ..figure(one, Grid::new(&["known", "predicted"], pairs(&of.pairs))) },
        Figure { note, ..figure(two, Grid::new(&["predicted", "residual"], pairs(&residuals))) },
    ]
}

fn reliability(report: &Report) -> Option<Figure> {
    let bins = &report.answers.reliability;
    let gap = report.answers.miscalibration()?;
    let title = format!("Probabilities are off by {} on average", short(gap));
    let points: Vec<(f64, f64)> = bins.iter().map(|bin| (bin.said, bin.right)).collect();
    let table = bins.iter().map(|b| vec![short(b.said), short(b.right), count(b.rows)]).collect();
    let least = points.iter().map(|point| point.0).fold(1.0, f64::min);
    let chart = LineChart {
        description: format!(
            "{title}: the share of rows whose predicted class is right, against the probability it was given, in tenths."
        ),
        title,
        x: Axis::linear("probability of the predicted class").showing([1.0]),
        y: Axis::linear("share that is right").showing([1.0]),
        lines: vec![
            curve("found", points.clone()),
            dots("", points),
            curve("as said", vec![(least, least), (1.0, 1.0)]),
        ],
        ..LineChart::default()
    };
    Some(figure(chart, Grid::new(&["said", "right", "rows"], table)))
}

fn curves(report: &Report, two: &TwoClasses) -> [Figure; 2] {
    // The curve counts every row once.
    let auc = report.scores.auc.filter(|_| report.scores.weight.is_none());
    let auc = auc.map(|auc| format!(": AUC {}", short(auc))).unwrap_or_default();
    let roc: Vec<(f64, f64)> =
        std::iter::once((0.0, 0.0)).chain(two.points.iter().map(|p| (p.false_positives, p.recall))).collect();
    let pr: Vec<(f64, f64)> = two.points.iter().map(|p| (p.recall, p.precision)).collect();
    let base = two.points.last().map_or(0.0, |p| p.precision);
    let row =
        |p: &Point| vec![short(p.threshold), short(p.false_positives), short(p.recall), short(p.precision)];
    let table = || {
        let some = spread_rows(two.points.len(), TWIN);
        Grid::new(
            &["threshold", "false positives", "recall", "precision"],
            some.into_iter().map(|i| row(&two.points[i])).collect(),
        )
    };
    let title = format!("ROC of `{}`{auc}", two.positive);
    let one = LineChart {
        description: format!("{title}. Recall against the share of false positives, for every threshold."),
        title,
        x: Axis::linear("false positives").showing([0.0, 1.0]),
        y: Axis::linear("recall").showing([0.0, 1.0]),
        lines: vec![curve("this model", roc), curve("chance", vec![(0.0, 0.0), (1.0, 1.0)])],
        ..LineChart::default()
    };
    let title = format!("Precision against recall of `{}`; chance has {}", two.positive, short(base));
    let two = LineChart {
        description: format!("{title}. For every threshold."),
        title,
        x: Axis::linear("recall").showing([0.0, 1.0]),
        y: Axis::linear("precision").showing([0.0, 1.0]),
        lines: vec![curve("this model", pr), curve("chance", vec![(0.0, base), (1.0, base)])],
        ..LineChart::default()
    };
    [figure(one, table()), figure(two, table())]
}
