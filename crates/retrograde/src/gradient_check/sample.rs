//! Which rows, weights and direction a check takes: seeded, and spread over all layers and their biases.

use super::CheckSettings;
use crate::examples::Examples;
use crate::network::{LayerShape, Network};
use crate::random::{Purpose, stream};
use rand::RngExt;
use rand::seq::index;

/// Multiplications a check may cost; a wide network is checked on fewer rows, and the report says how many.
const BUDGET: f64 = 4e9;

/// How many weights a diagnosis looks at.
const DIAGNOSED: usize = 600;

/// The sampled rows.
pub(super) struct Rows {
    /// Their indices in the examples they were taken from.
    pub indices: Vec<usize>,
    /// The same: their inputs stay where they are, sparse or not.
    order: Vec<u32>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
}

impl Rows {
    /// As examples like those they were taken from.
    pub fn examples<'a>(&'a self, of: &Examples<'a, f64>) -> Examples<'a, f64> {
        of.batch(&self.order, &self.y, self.weights.as_deref())
    }
}

/// Up to `settings.rows` rows of positive weight, in their own order.
pub(super) fn rows(network: &Network, examples: &Examples<'_, f64>, settings: &CheckSettings) -> Rows {
    let present: Vec<usize> =
        (0..examples.rows()).filter(|&k| examples.weights.is_none_or(|w| w[k] > 0.0)).collect();
    let wanted = affordable_rows(network, settings).min(present.len()).max(1);
    let mut rng = stream(settings.seed, Purpose::GradientCheck, 0);
    let mut chosen = index::sample(&mut rng, present.len(), wanted).into_vec();
    chosen.sort_unstable();
    let indices: Vec<usize> = chosen.into_iter().map(|k| present[k]).collect();
    let gather = |from: &[f64], width: usize| -> Vec<f64> {
        indices.iter().flat_map(|&k| from[k * width..(k + 1) * width].iter().copied()).collect()
    };
    let order = indices.iter().map(|&k| k as u32).collect();
    let y = gather(examples.y, network.outputs());
    let weights = examples.weights.map(|w| gather(w, 1));
    Rows { indices, order, y, weights }
}

/// Each weight's witnesses cost six passes through the layers above the first.
fn affordable_rows(network: &Network, settings: &CheckSettings) -> usize {
    let total = network.weight_count() as f64;
    let above_first = total - network.layer(0).bias.end as f64;
    let weights = settings.weights.unwrap_or(usize::MAX).min(network.weight_count()) as f64;
    let per_row = 8.0 * total + weights * 6.0 * (above_first + network.widest() as f64);
    settings.rows.min((BUDGET / per_row) as usize).max(settings.rows.min(8))
}

/// The weights to check, in flat order.
pub(super) fn weights(network: &Network, settings: &CheckSettings) -> Vec<usize> {
    match settings.weights {
        None => (0..network.weight_count()).collect(),
        Some(wanted) => stratified(network, wanted, settings.seed),
    }
}

/// The weights a diagnosis looks at.
pub(super) fn many_weights(network: &Network) -> Vec<usize> {
    stratified(network, DIAGNOSED, 0)
}

/// About `wanted` weights: an equal share for every layer, a quarter of it biases.
fn stratified(network: &Network, wanted: usize, seed: u64) -> Vec<usize> {
    if wanted >= network.weight_count() {
        return (0..network.weight_count()).collect();
    }
    let mut rng = stream(seed, Purpose::GradientCheck, 1);
    let mut chosen = Vec::with_capacity(wanted);
    let mut left = wanted;
    // Small layers first: what they cannot fill goes to the larger ones.
    let mut layers: Vec<LayerShape> = network.layers().collect();
    layers.sort_by_key(|layer| layer.bias.end - layer.weights.start);
    let count = layers.len();
    for (done, layer) in layers.into_iter().enumerate() {
        let share = left / (count - done);
        let biases = share.div_ceil(4).min(layer.bias.len());
        let weights = (share - biases.min(share)).min(layer.weights.len());
        let mut take = |range: &std::ops::Range<usize>, amount: usize| {
            let picked = index::sample(&mut rng, range.len(), amount);
            chosen.extend(picked.into_iter().map(|k| range.start + k));
        };
        take(&layer.bias, biases);
        take(&layer.weights, weights);
        left -= (biases + weights).min(left);
    }
    chosen.sort_unstable();
    chosen
}

/// A random direction: every entry +1 or −1, so that no weight is overlooked.
pub(super) fn direction(length: usize, seed: u64) -> Vec<f64> {
    let mut rng = stream(seed, Purpose::GradientCheck, 2);
    (0..length).map(|_| if rng.random::<bool>() { 1.0 } else { -1.0 }).collect()
}
