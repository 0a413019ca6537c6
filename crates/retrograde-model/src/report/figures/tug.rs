//! Single rows at one weight.

use super::super::TugOfWar;
use super::super::sections::{Figure, Grid, short};
use super::{by_sign, dots, figure, pairs};
use crate::figure::{Axis, LineChart, Mark};
use crate::words::count;
use std::fmt::Write as _;

pub(in super::super) fn tug(tug: &TugOfWar) -> Figure {
    let title = format!(
        "{}: {} rows pull up and {} down, by {} on average; {} remains",
        tug.weight,
        count(tug.above),
        count(tug.below),
        short(tug.mean_pull),
        short(tug.grad)
    );
    let limit = if tug.limit > 0.0 { tug.limit } else { 1.0 };
    let beyond = tug.pulls.iter().filter(|row| row.pull.abs() > limit).count();
    let mut note = format!("Δ/m {} + λΘ/m {} = D {}.", short(tug.mean), short(tug.l2), short(tug.grad));
    if beyond > 0 {
        let _ = write!(
            note,
            " {} beyond ±{}, the 99th percentile, {} drawn at the edge.",
            count(beyond),
            short(limit),
            if beyond == 1 { "is" } else { "are" }
        );
    }
    if tug.pulls.len() < tug.rows {
        let (drawn, all) = (count(tug.pulls.len()), count(tug.rows));
        let _ = write!(note, " {drawn} of {all} rows are drawn, the hardest among them.");
    }
    let places = |clamped: bool| -> Vec<(f64, f64)> {
        let x = |pull: f64| if clamped { pull.clamp(-limit, limit) } else { pull };
        tug.pulls.iter().map(|row| (x(row.pull), row.row as f64)).collect()
    };
    let mut rows = vec![
        vec!["Δ/m".to_owned(), short(tug.mean)],
        vec!["λΘ/m".to_owned(), short(tug.l2)],
        vec!["D".to_owned(), short(tug.grad)],
    ];
    let by_row: Vec<(f64, f64)> = places(false).into_iter().map(|(pull, row)| (row, pull)).collect();
    rows.extend(pairs(&by_row).into_iter().map(|cells| vec![format!("row {}", cells[0]), cells[1].clone()]));
    let [above, below] = by_sign(places(true), |point| point.0);
    let mark = |x: f64, name: &str| Mark { x: x.clamp(-limit, limit), label: format!("{name} {}", short(x)) };
    let chart = LineChart {
        description: format!(
            "A dot for each row, at what it pulls at the weight {}, whose value is {}. {note}",
            tug.weight,
            short(tug.value)
        ),
        title,
        x: Axis::linear("a·δ of a row").showing([-limit, limit]),
        y: Axis::linear("row"),
        lines: vec![dots("up +", above), dots("down −", below)],
        marks: vec![mark(tug.mean, "Δ/m"), mark(tug.l2, "λΘ/m"), mark(tug.grad, "D")],
        ..LineChart::default()
    };
    Figure { note, ..figure(chart, Grid::new(&["what", "pull"], rows)) }
}
