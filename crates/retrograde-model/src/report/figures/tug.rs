//! Single rows at one weight.

use super::super::TugOfWar;
use super::super::sections::{Figure, Grid, short};
use super::{TWIN, by_sign, dots, figure, spread_rows};
use crate::figure::{Axis, LineChart, Mark};
use crate::words::count;
use std::fmt::Write as _;

pub(in super::super) fn tug(tug: &TugOfWar) -> Figure {
    let title = format!(
        "{}: {} rows want it smaller and {} larger; of pulls of {} on average {} remains",
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
    let places = tug.pulls.iter().map(|row| (row.pull.clamp(-limit, limit), row.row as f64)).collect();
    let mut rows = vec![
        vec!["Δ/m".to_owned(), short(tug.mean)],
        vec!["λΘ/m".to_owned(), short(tug.l2)],
        vec!["D".to_owned(), short(tug.grad)],
    ];
    let some = spread_rows(tug.pulls.len(), TWIN).into_iter().map(|i| tug.pulls[i]);
    rows.extend(some.map(|row| vec![format!("row {}", row.row), short(row.pull)]));
    let [above, below] = by_sign(places, |point| point.0);
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
        lines: vec![dots("smaller +", above), dots("larger −", below)],
        marks: vec![mark(tug.mean, "Δ/m"), mark(tug.l2, "λΘ/m"), mark(tug.grad, "D")],
        ..LineChart::default()
    };
    Figure { note, ..figure(chart, Grid::new(&["what", "pull"], rows)) }
}
