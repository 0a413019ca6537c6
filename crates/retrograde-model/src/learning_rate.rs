//! The range test of learning rates on a table.

use crate::error::ModelError;
use crate::figure::{Axis, Line, LineChart, Mark, ScaleKind};
use crate::model::Number;
use crate::prepare::Prepared;
use crate::settings::{Dtype, FitSettings};
use crate::targets::Matrices;
use crate::watch::FitPlan;
use retrograde::train::{RangePoint, RangeSettings, RangeTest, range_test};
use retrograde::{Optimizer, Params};
use retrograde_data::Table;

/// Tries learning rates on the training rows of a table, from the start that [`fit`](crate::fit) would have; with what
/// was going to be trained. `auto` stands for Adam.
///
/// # Errors
/// As [`fit`](crate::fit), and for a method that has no learning rate.
pub fn find_learning_rate(
    table: &Table,
    settings: &FitSettings,
    range: RangeSettings,
) -> Result<(FitPlan, RangeTest), ModelError> {
    let mut settings = settings.clone();
    if settings.train.optimizer == Optimizer::Auto {
        settings.train.optimizer = Optimizer::ADAM;
    }
    let prepared = Prepared::new(table, &settings)?;
    let found = match settings.dtype {
        Dtype::F32 => run::<f32>(&prepared, &settings, range),
        Dtype::F64 => run::<f64>(&prepared, &settings, range),
    }?;
    Ok((prepared.plan(&settings), found))
}

/// The curve of a range test as SVG.
pub fn range_test_svg(found: &RangeTest) -> String {
    let line = |name: &str, y: fn(&RangePoint) -> f64| Line {
        name: name.to_owned(),
        points: found.points.iter().map(|p| (p.rate, y(p))).collect(),
    };
    let proposed = found.proposed.map(|x| Mark { x, label: format!("proposed {x:.2e}") });
    LineChart {
        title: "Cost while the learning rate grows".to_owned(),
        description: match found.proposed {
            Some(rate) => format!("The smoothed cost is lowest at ten times the proposed rate, {rate:.2e}."),
            None => "The cost did not fall at any rate.".to_owned(),
        },
        x: Axis { label: "learning rate".to_owned(), scale: ScaleKind::Log },
        y: Axis { label: "J of the step's rows".to_owned(), scale: ScaleKind::Linear },
        lines: vec![line("each step", |p| p.cost), line("smoothed", |p| p.smoothed)],
        marks: proposed.into_iter().collect(),
    }
    .to_svg()
}

fn run<T: Number>(
    prepared: &Prepared<'_>,
    settings: &FitSettings,
    range: RangeSettings,
) -> Result<RangeTest, ModelError> {
    let Prepared { encoder, network, weighting, train, .. } = prepared;
    let rows: Matrices<T> = train.matrices(encoder, network, weighting)?;
    let start = Params::<T>::init(network, settings.init, settings.train.seed);
    Ok(range_test(&start, &rows.examples(network)?, &settings.train, range)?)
}
