//! What each column is worth: by how much the cost rises when its cells are shuffled among the rows (Breiman 2001).

use super::tug::spread_rows;
use crate::error::ModelError;
use crate::explain::Explanations;
use crate::model::Model;
use ndarray::{Axis, s};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use retrograde::{CostPart, Evaluator, Examples};
use serde::Serialize;

/// Shuffles of each column.
const REPEATS: usize = 5;
/// The 97.5th percentile of Student's t with 4 degrees of freedom.
const T: f64 = 2.776_445_105_197_793;
/// The most rows used.
const ROWS: usize = 2000;
/// Multiplications that all shuffles may cost together.
const BUDGET: usize = 10_000_000_000;

/// What the columns are worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importances {
    /// The rows used, evenly spread over the table.
    pub rows: usize,
    /// Of so many.
    pub of: usize,
    /// Shuffles of each column.
    pub repeats: usize,
    /// The most important first.
    pub columns: Vec<Importance>,
}

/// What a column is worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importance {
    /// The column of the table, with all its inputs.
    pub column: String,
    /// By how much the cost rises, the mean of the shuffles.
    pub rise: f64,
    /// The 95 % interval of that mean.
    pub low: f64,
    /// Its other end.
    pub high: f64,
}

pub(super) fn of(model: &Model, explanations: &Explanations<'_>) -> Result<Importances, ModelError> {
    let (network, matrices) = (model.network(), explanations.all()?);
    let columns = &model.encoder.inputs;
    let affordable = BUDGET / (REPEATS * columns.len().max(1) * network.weight_count());
    let chosen = spread_rows(matrices.x.nrows(), affordable.clamp(50, ROWS));
    let x = matrices.x.select(Axis(0), &chosen);
    let y = matrices.y.select(Axis(0), &chosen);
    let weights: Option<Vec<f64>> =
        matrices.weights.as_ref().map(|weights| chosen.iter().map(|&k| weights[k]).collect());
    let mut evaluator =
        Evaluator::new(network, model.settings.regularisation, chosen.len(), model.settings.threads)?;
    let mut cost = |x: &ndarray::Array2<f64>| -> Result<f64, ModelError> {
        let examples = Examples::new(network, x.view(), y.view(), weights.as_deref())?;
        Ok(evaluator.cost(explanations.params.values(), &examples, CostPart::Loss))
    };
    let before = cost(&x)?;
    let mut random = ChaCha8Rng::seed_from_u64(model.seed());
    let (mut first, mut found) = (0, Vec::new());
    for input in columns {
        let inputs = first..first + input.width();
        first = inputs.end;
        let mut rises = [0.0; REPEATS];
        for rise in &mut rises {
            let mut order: Vec<usize> = (0..chosen.len()).collect();
            for i in (1..order.len()).rev() {
                order.swap(i, (random.next_u64() % (i as u64 + 1)) as usize);
            }
            let mut shuffled = x.clone();
            let cells = x.slice(s![.., inputs.clone()]).select(Axis(0), &order);
            shuffled.slice_mut(s![.., inputs.clone()]).assign(&cells);
            *rise = cost(&shuffled)? - before;
        }
        let n = REPEATS as f64;
        let mean = rises.iter().sum::<f64>() / n;
        let variance = rises.iter().map(|rise| (rise - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let half = T * (variance / n).sqrt();
        let column = input.column().to_owned();
        found.push(Importance { column, rise: mean, low: mean - half, high: mean + half });
    }
    found.sort_by(|a, b| b.rise.total_cmp(&a.rise));
    Ok(Importances { rows: chosen.len(), of: matrices.x.nrows(), repeats: REPEATS, columns: found })
}
