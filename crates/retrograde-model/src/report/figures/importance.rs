//! What each column is worth.

use super::super::Report;
use super::super::sections::{Figure, Grid, short};
use crate::figure::{Ranked, Ranking};
use crate::words::count;

/// The most columns that are drawn.
const DRAWN: usize = 15;
/// The most columns of the twin.
const TWIN: usize = 100;

pub(in super::super) fn importance(report: &Report) -> Option<Figure> {
    let found = &report.importance;
    let first = found.columns.first()?;
    let title = if found.columns.iter().any(|column| column.low > 0.0) {
        format!("Without `{}` the cost would rise most, by {}", first.column, short(first.rise))
    } else {
        "No column is surely worth anything".to_owned()
    };
    let drawn = found.columns.iter().take(DRAWN).map(|column| Ranked {
        name: column.column.clone(),
        value: column.rise,
        written: short(column.rise),
        interval: (column.low, column.high),
    });
    let note = match found.columns.len().saturating_sub(DRAWN) {
        0 => String::new(),
        more => format!("{} more columns are in the table.", count(more)),
    };
    let svg = Ranking {
        title: title.clone(),
        description: format!("{title}. A bar for each column, with its 95 % interval. {note}"),
        label: "rise of the cost, shuffled".to_owned(),
        rows: drawn.collect(),
    }
    .to_svg();
    let row = |column: &super::super::Importance| {
        vec![
            column.column.clone(),
            short(column.rise),
            format!("{} … {}", short(column.low), short(column.high)),
        ]
    };
    let rows = found.columns.iter().take(TWIN).map(row).collect();
    let table = Grid::new(&["column", "rise of the cost", "95 % interval"], rows);
    Some(Figure { svg, title, note, table })
}
