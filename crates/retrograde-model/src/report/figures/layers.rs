//! How much error reaches each layer, and how large its weights are.

use super::super::sections::{Figure, Grid, short};
use super::super::{Histogram, Report};
use super::{bars, by_sign, figure};
use crate::figure::{Axis, LineChart, Ranked, Ranking};
use crate::words::count;

/// mean |δ| by layer, where there is more than one.
pub(in super::super) fn deltas(report: &Report) -> Option<Figure> {
    let layers = &report.layers;
    let (first, last) = (layers.first()?, layers.last()?);
    if layers.len() < 2 {
        return None;
    }
    let title = format!(
        "The mean |δ| is {} in layer {}, the last, and {} in layer {}",
        short(last.mean_delta),
        last.l,
        short(first.mean_delta),
        first.l
    );
    let row = |layer: &retrograde::layers::health::LayerHealth| Ranked {
        name: format!("layer {}", layer.l),
        value: layer.mean_delta,
        written: short(layer.mean_delta),
        interval: (layer.mean_delta, layer.mean_delta),
    };
    let svg = Ranking {
        description: format!(
            "{title}: error goes backwards from the last layer, at the bottom, to the first ones."
        ),
        title: title.clone(),
        label: "mean |δ| of a row and unit".to_owned(),
        rows: layers.iter().map(row).collect(),
    }
    .to_svg();
    let table = layers.iter().map(|layer| vec![layer.l.to_string(), short(layer.mean_delta)]).collect();
    Some(Figure { svg, title, note: String::new(), table: Grid::new(&["layer", "mean |δ|"], table) })
}

/// The weights of one matrix.
pub(in super::super) fn weights(of: &Histogram) -> Figure {
    let total: usize = of.counts.iter().sum();
    let title = format!("{}: 99 % of {} weights are within ±{}", of.name, count(total), short(of.limit));
    let beyond = match of.clipped {
        0 => String::new(),
        beyond => format!("The outermost bars hold the {} beyond.", count(beyond)),
    };
    let bins = of.points().into_iter().zip(&of.counts);
    let table = bins.map(|((middle, _), &n)| vec![short(middle), count(n)]).collect();
    let table = Grid::new(&["weight", "how many"], table);
    let [above, below] = by_sign(of.points(), |point| point.0);
    let chart = LineChart {
        description: format!("{title}. {beyond}"),
        title,
        x: Axis::linear("weight"),
        y: Axis::linear("how many"),
        lines: vec![bars("positive +", above), bars("negative −", below)],
        ..LineChart::default()
    };
    Figure { note: beyond, ..figure(chart, table) }
}
