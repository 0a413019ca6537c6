//! Single rows that pull at one weight in both directions, and what remains of it.

use super::histogram::percentile_99;
use crate::error::ModelError;
use crate::explain::Explanations;
use crate::model::Model;
use ndarray::Axis;
use retrograde::explain::{Together, pulls, together};
use retrograde::pull::mean_pulls;
use retrograde::{Examples, Params};
use serde::Serialize;

/// The weights shown.
const SHOWN: usize = 3;
/// The most rows that are kept of each.
const ROWS: usize = 500;
/// Of these, the ones that pull hardest.
const HARDEST: usize = 100;
/// Products that may be spent on finding them.
const BUDGET: usize = 1_000_000_000;

/// One weight between the rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TugOfWar {
    /// The weight, such as `L1[2,u]`.
    pub weight: String,
    /// Θ_ij.
    pub value: f64,
    /// Pulls w_k a_j δ_i of single rows, in the order of the rows: of many those that pull hardest, and some spread evenly.
    pub pulls: Vec<RowPull>,
    /// All rows.
    pub rows: usize,
    /// Rows whose pull is above 0, so that a step against it makes the weight smaller.
    pub above: usize,
    /// Rows whose pull is below 0.
    pub below: usize,
    /// The 99th percentile of the pulls' magnitudes.
    pub limit: f64,
    /// The mean of the pulls' magnitudes.
    pub mean_pull: f64,
    /// Δ_ij/M.
    pub mean: f64,
    /// λΘ_ij/M.
    pub l2: f64,
    /// D_ij = ∂J/∂Θ_ij.
    pub grad: f64,
}

/// What one row does at a weight.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RowPull {
    /// The row, as `explain --row` counts it.
    pub row: usize,
    /// w_k a_j δ_i.
    pub pull: f64,
}

/// The weights, without biases, that the rows pull at hardest.
pub(super) fn of(model: &Model, explanations: &Explanations<'_>) -> Result<Vec<TugOfWar>, ModelError> {
    let network = model.network();
    let (params, regularisation) = (&explanations.params, model.settings.regularisation);
    let examples = explanations.all()?.examples(network)?;
    let sizes = mean_of_some(params, explanations, model)?;
    let mut order: Vec<usize> =
        (0..sizes.len()).filter(|&index| network.weight_at(index).source.is_some()).collect();
    order.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]).then(a.cmp(&b)));
    let total = examples.total_weight();
    let tug = |&index: &usize| {
        let id = network.weight_at(index);
        let pulls = pulls(params, &examples, regularisation, id, model.settings.threads)?;
        let value = params.values()[index];
        let Together { mean, l2, grad, .. } = together(&pulls, regularisation.lambda * value, total);
        let shown = shown(&pulls).into_iter();
        Ok(TugOfWar {
            weight: model.weight_names(&[id]).remove(0),
            value,
            pulls: shown.map(|k| RowPull { row: explanations.rows[k], pull: pulls[k] }).collect(),
            rows: pulls.len(),
            above: pulls.iter().filter(|pull| **pull > 0.0).count(),
            below: pulls.iter().filter(|pull| **pull < 0.0).count(),
            limit: percentile_99(&pulls),
            mean_pull: pulls.iter().map(|pull| pull.abs()).sum::<f64>() / pulls.len() as f64,
            mean,
            l2,
            grad,
        })
    };
    order.iter().take(SHOWN).map(tug).collect()
}

/// The places of the rows that are kept, in their order.
fn shown(pulls: &[f64]) -> Vec<usize> {
    if pulls.len() <= ROWS {
        return (0..pulls.len()).collect();
    }
    let mut order: Vec<usize> = (0..pulls.len()).collect();
    order.sort_by(|&a, &b| pulls[b].abs().total_cmp(&pulls[a].abs()).then(a.cmp(&b)));
    order.truncate(HARDEST);
    order.extend(spread_rows(pulls.len(), ROWS - HARDEST));
    order.sort_unstable();
    order.dedup();
    order
}

/// The mean |pull| at every weight, over rows spread evenly where all of them would take too long.
fn mean_of_some(
    params: &Params<f64>,
    explanations: &Explanations<'_>,
    model: &Model,
) -> Result<Vec<f64>, ModelError> {
    let network = model.network();
    let matrices = explanations.all()?;
    let some = spread_rows(matrices.x.nrows(), (BUDGET / network.weight_count()).max(100));
    let (x, y) = (matrices.x.select(Axis(0), &some), matrices.y.select(Axis(0), &some));
    let weights: Option<Vec<f64>> =
        matrices.weights.as_ref().map(|weights| some.iter().map(|&k| weights[k]).collect());
    let examples = Examples::new(network, x.view(), y.view(), weights.as_deref())?;
    Ok(mean_pulls(params, &examples, model.settings.regularisation)?)
}

/// At most `most` of `rows` rows, evenly spread.
pub(super) fn spread_rows(rows: usize, most: usize) -> Vec<usize> {
    let count = rows.min(most.max(1));
    (0..count).map(|i| i * rows / count).collect()
}

#[cfg(test)]
mod tests {
    use super::{percentile_99, shown};

    #[test]
    fn the_hardest_rows_are_kept_and_some_of_the_others() {
        let mut pulls: Vec<f64> = (0..10_000).map(|k| f64::from(k % 7) - 3.0).collect();
        pulls[1234] = -1e6;
        let kept = shown(&pulls);
        assert!(kept.contains(&1234) && kept.len() <= 500 && kept.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(shown(&[1.0, 2.0]), [0, 1]);
        assert_eq!((percentile_99(&pulls), percentile_99(&[])), (3.0, 0.0));
    }
}
