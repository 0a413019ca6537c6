//! What J is divided by, and which part of it is meant.

use crate::examples::Examples;
use crate::real::Scalar;

/// What the sums over rows are divided by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Divisors {
    /// Divides Σ w_k ℓ_k and Δ.
    pub loss: f64,
    /// Divides (λ/2) Σ‖W‖² and λΘ.
    pub penalty: f64,
}

impl Divisors {
    /// M for both: the cost of exactly these examples.
    pub fn whole<T: Scalar>(examples: &Examples<'_, T>) -> Self {
        Self { loss: examples.total_weight(), penalty: examples.total_weight() }
    }

    /// For `rows` of m rows that weigh M together: (m/rows)·Δ/M + λΘ/M, whose mean over batches, each counted by its
    /// rows, is ∇J.
    pub fn share<T: Scalar>(all: &Examples<'_, T>, rows: usize) -> Self {
        Self::share_of((all.rows(), all.total_weight()), rows)
    }

    /// The same for rows of which only m and M are known.
    pub(crate) fn share_of((all, total): (usize, f64), rows: usize) -> Self {
        Self { loss: total * rows as f64 / all as f64, penalty: total }
    }
}

/// Which part of the cost is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostPart {
    /// (1/M) Σ w_k ℓ_k.
    Loss,
    /// J, with (λ/2M) Σ‖W‖².
    WithPenalty,
}
