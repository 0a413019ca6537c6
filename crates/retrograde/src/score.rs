//! What a person reads beside the cost: accuracy for classes, root mean square error for values.

use crate::evaluator::Block;
use crate::loss::{Loss, argmax};
use crate::network::Network;
use crate::real::Scalar;
use serde::{Deserialize, Serialize};

/// How well a network does on some rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// (1/M) Σ w_k ℓ_k, without λ; with label smoothing, of the smoothed targets.
    pub cost: f64,
    /// The weighted share of rows whose every output falls on the side of its target (largest probability for
    /// softmax, 1/2 for sigmoid); None unless the loss is cross-entropy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accuracy: Option<f64>,
    /// √(Σ w_k ‖a_k − y_k‖² / (M s_L)), in the units of the targets given; None for cross-entropy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rmse: Option<f64>,
}

/// Sums over rows from which a score is made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    hits: f64,
    squares: f64,
}

impl Tally {
    /// The sums of one block from its predictions `a`.
    pub fn of<T: Scalar>(network: &Network, block: &Block<'_, T>, a: &[T]) -> Self {
        let units = network.outputs();
        let mut tally = Self::default();
        for (k, (a, y)) in a.chunks_exact(units).zip(block.y.chunks_exact(units)).enumerate() {
            let weight = block.weights.map_or(1.0, |w| w[k].value());
            if weight == 0.0 {
                continue;
            }
            if *network.loss() == Loss::CrossEntropy {
                tally.hits += if is_hit(network, a, y) { weight } else { 0.0 };
            } else {
                let square: f64 = a.iter().zip(y).map(|(&a, &y)| (a - y).value().powi(2)).sum();
                tally.squares += weight * square;
            }
        }
        tally
    }

    pub fn add(&mut self, other: &Self) {
        self.hits += other.hits;
        self.squares += other.squares;
    }
}

fn is_hit<T: Scalar>(network: &Network, a: &[T], y: &[T]) -> bool {
    if network.output() == crate::Output::Softmax {
        return argmax(a) == argmax(y);
    }
    let half = T::constant(0.5);
    a.iter().zip(y).all(|(&a, &y)| (a >= half) == (y >= half))
}

impl Score {
    pub(crate) fn of(network: &Network, cost_sum: f64, tally: &Tally, total: f64) -> Self {
        let classes = *network.loss() == Loss::CrossEntropy;
        let mean_square = tally.squares / (total * network.outputs() as f64);
        Self {
            cost: cost_sum / total,
            accuracy: classes.then(|| tally.hits / total),
            rmse: (!classes).then(|| mean_square.sqrt()),
        }
    }
}
