//! Single rows that pull at one weight in both directions, and what remains of it.

use super::Histogram;
use crate::error::ModelError;
use crate::explain::Explanations;
use crate::model::Model;
use ndarray::Axis;
use retrograde::explain::pulls;
use retrograde::pull::mean_pulls;
use retrograde::{Examples, Params};
use serde::Serialize;

/// The weights shown.
const SHOWN: usize = 3;
/// Products that may be spent on finding them.
const BUDGET: usize = 1_000_000_000;

/// One weight between the rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TugOfWar {
    /// The weight, such as `L1[2,u]`.
    pub weight: String,
    /// Θ_ij.
    pub value: f64,
    /// The rows' pulls w_k a_j δ_i.
    pub pulls: Histogram,
    /// The mean of their magnitudes.
    pub mean_pull: f64,
    /// Δ_ij/M.
    pub mean: f64,
    /// λΘ_ij/M.
    pub l2: f64,
    /// D_ij = ∂J/∂Θ_ij.
    pub grad: f64,
}

/// The weights, without biases, that the rows pull at hardest.
pub(super) fn of(model: &Model, explanations: &Explanations<'_>) -> Result<Vec<TugOfWar>, ModelError> {
    let network = model.network();
    let (params, regularisation) = (&explanations.params, model.settings.regularisation);
    let examples = explanations.matrices.examples(network)?;
    let sizes = mean_of_some(params, explanations, model)?;
    let mut order: Vec<usize> =
        (0..sizes.len()).filter(|&index| network.weight_at(index).source.is_some()).collect();
    order.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]).then(a.cmp(&b)));
    let total = examples.total_weight();
    let tug = |&index: &usize| {
        let id = network.weight_at(index);
        let pulls = pulls(params, &examples, regularisation, id)?;
        let value = params.values()[index];
        let (mean, l2) = (pulls.iter().sum::<f64>() / total, regularisation.lambda * value / total);
        let weight = model.weight_names(&[id]).remove(0);
        let mean_pull = pulls.iter().map(|pull| pull.abs()).sum::<f64>() / pulls.len() as f64;
        let pulls = Histogram::of(&weight, &pulls);
        Ok(TugOfWar { weight, value, pulls, mean_pull, mean, l2, grad: mean + l2 })
    };
    order.iter().take(SHOWN).map(tug).collect()
}

/// The mean |pull| at every weight, over rows spread evenly where all of them would take too long.
fn mean_of_some(
    params: &Params<f64>,
    explanations: &Explanations<'_>,
    model: &Model,
) -> Result<Vec<f64>, ModelError> {
    let network = model.network();
    let matrices = &explanations.matrices;
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
