//! The epochs of a training as lists, which are a third of the size of records with names.

use retrograde::{EpochRecord, LayerRecord, Network, Quantiles, Score};
use serde::{Deserialize, Serialize};

/// An epoch: its number, J, ‖∇J‖, η, evaluations, and cost, accuracy and rmse of the validation rows. JSON has no NaN or
/// infinity: both are `null` and come back as NaN.
#[derive(Serialize, Deserialize)]
pub(super) struct Line(
    usize,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    f64,
    Option<(Option<f64>, Option<f64>, Option<f64>)>,
);

impl Line {
    fn of(record: &EpochRecord) -> Self {
        let score = record.validation.as_ref();
        let finite = |x: f64| Some(x).filter(|x| x.is_finite());
        Self(
            record.epoch,
            finite(record.train_cost),
            finite(record.grad_norm),
            record.learning_rate,
            record.evaluations,
            score.map(|s| (finite(s.cost), s.accuracy, s.rmse.filter(|x| x.is_finite()))),
        )
    }

    fn record(&self) -> EpochRecord {
        let or_nan = |x: Option<f64>| x.unwrap_or(f64::NAN);
        EpochRecord {
            epoch: self.0,
            train_cost: or_nan(self.1),
            validation: self.5.map(|(cost, accuracy, rmse)| Score { cost: or_nan(cost), accuracy, rmse }),
            grad_norm: or_nan(self.2),
            learning_rate: self.3,
            evaluations: self.4,
            layers: Vec::new(),
        }
    }
}

/// An epoch after which the layers were looked at: its number, and of each layer from the second on the 5 %, 50 % and 95 %
/// quantiles of |δ| and of |∂J/∂W|/|W|, and the shares of dead and of saturated units; what does not apply is `null`.
#[derive(Serialize, Deserialize)]
pub(super) struct Look(usize, Vec<LayerLine>);

#[derive(Serialize, Deserialize)]
struct LayerLine(Option<[f64; 3]>, Option<[f64; 3]>, Option<f64>, Option<f64>);

impl LayerLine {
    fn of(record: &LayerRecord) -> Self {
        let list = |q: Quantiles| [q.p5, q.median, q.p95];
        Self(record.delta.map(list), record.relative_grad.map(list), record.dead, record.saturated)
    }

    fn record(&self, l: usize) -> LayerRecord {
        let quantiles = |[p5, median, p95]: [f64; 3]| Quantiles { p5, median, p95 };
        let (delta, relative_grad) = (self.0.map(quantiles), self.1.map(quantiles));
        LayerRecord { l, delta, relative_grad, dead: self.2, saturated: self.3 }
    }
}

impl Look {
    fn records(&self) -> Vec<LayerRecord> {
        self.1.iter().enumerate().map(|(l, layer)| layer.record(l + 2)).collect()
    }
}

/// The lists of a history.
pub(super) fn lists(history: &[EpochRecord]) -> (Vec<Line>, Vec<Look>) {
    let look = |(index, record): (usize, &EpochRecord)| {
        let layers: Vec<LayerLine> = record.layers.iter().map(LayerLine::of).collect();
        (!layers.is_empty()).then_some(Look(index + 1, layers))
    };
    (history.iter().map(Line::of).collect(), history.iter().enumerate().filter_map(look).collect())
}

/// The history of lists that were found good.
pub(super) fn records(epochs: &[Line], looks: &[Look]) -> Vec<EpochRecord> {
    let mut history: Vec<EpochRecord> = epochs.iter().map(Line::record).collect();
    for look in looks {
        if let Some(record) = look.0.checked_sub(1).and_then(|index| history.get_mut(index)) {
            record.layers = look.records();
        }
    }
    history
}

/// Refuses looks at epochs that the training did not have, or at layers that the network does not have.
pub(super) fn validate(epochs: usize, looks: &[Look], network: &Network) -> Result<(), String> {
    let mut before = 0;
    for look in looks {
        let Look(epoch, layers) = look;
        if !(before + 1..=epochs).contains(epoch) {
            return Err(format!(
                "its layers were looked at after epoch {before} and then {epoch}, of {epochs}"
            ));
        }
        before = *epoch;
        let mistake = if layers.is_empty() {
            Some("a record of no layers")
        } else {
            LayerRecord::mistake(&look.records(), network)
        };
        if let Some(mistake) = mistake {
            return Err(format!("its history has {mistake}, after epoch {epoch}"));
        }
    }
    Ok(())
}
