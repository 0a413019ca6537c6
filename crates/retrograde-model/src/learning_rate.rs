//! The range test of learning rates on a table.

use crate::error::ModelError;
use crate::figure::{Axis, Line, LineChart, Mark};
use crate::model::Number;
use crate::opened::{Keys, Opened};
use crate::prepare::{Prepared, encoder_settings};
use crate::settings::{Dtype, FitSettings};
use crate::watch::FitPlan;
use retrograde::train::{RangePoint, RangeSettings, RangeTest, range_test};
use retrograde::{Optimizer, Params};
use retrograde_data::Source;

/// Tries learning rates on the training rows of a table, from the start that [`fit`](crate::fit) would have; with what
/// was going to be trained. `auto` stands for Adam.
///
/// # Errors
/// As [`fit`](crate::fit), and for a method that has no learning rate.
pub fn find_learning_rate<'a>(
    table: impl Into<Source<'a>>,
    settings: &FitSettings,
    range: RangeSettings,
) -> Result<(FitPlan, RangeTest), ModelError> {
    let mut settings = settings.clone();
    if settings.train.optimizer == Optimizer::Auto {
        settings.train.optimizer = Optimizer::ADAM;
    }
    let source = table.into();
    let keys = Keys::of(&source, &settings, &encoder_settings(&settings))?;
    let mut prepared = Prepared::new(Opened::new(&source, &keys), &settings)?;
    let found = match settings.dtype {
        Dtype::F32 => run::<f32>(&mut prepared, &settings, range),
        Dtype::F64 => run::<f64>(&mut prepared, &settings, range),
    }?;
    Ok((prepared.plan(&settings), found))
}

/// The curve of a range test as SVG.
pub fn range_test_svg(found: &RangeTest) -> String {
    let line = |name: &str, y: fn(&RangePoint) -> f64| Line {
        name: name.to_owned(),
        points: found.points.iter().map(|p| (p.rate, y(p))).collect(),
        ..Line::default()
    };
    let proposed = found.proposed.map(|x| Mark { x, label: format!("proposed {x:.2e}") });
    LineChart {
        title: "Cost while the learning rate grows".to_owned(),
        description: match found.proposed {
            Some(rate) => format!("The smoothed cost is lowest at ten times the proposed rate, {rate:.2e}."),
            None => "The cost did not fall at any rate.".to_owned(),
        },
        x: Axis::log("learning rate"),
        y: Axis::linear("J of the step's rows"),
        lines: vec![line("each step", |p| p.cost), line("smoothed", |p| p.smoothed)],
        marks: proposed.into_iter().collect(),
        ..LineChart::default()
    }
    .to_svg()
}

fn run<T: Number>(
    prepared: &mut Prepared<'_>,
    settings: &FitSettings,
    range: RangeSettings,
) -> Result<RangeTest, ModelError> {
    let rows = prepared.load::<T>(None)?.train.held("a range test")?;
    let network = &prepared.network;
    let start = Params::<T>::init(network, settings.init, settings.train.seed);
    Ok(range_test(&start, &rows.examples(network)?, &settings.train, range)?)
}
