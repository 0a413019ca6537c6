//! The training loop.
use serde::{Deserialize, Serialize};

/// The first value that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NonFinite {
    /// What it is: `z`, `a`, `delta`, `weight` or `gradient`.
    pub quantity: String,
    /// The layer, from 1 as in the calculus.
    pub layer: usize,
    /// The unit, from 0.
    pub unit: usize,
    /// The row of the training examples, from 0, where there is one.
    pub row: Option<usize>,
    /// The value: infinite or NaN.
    pub value: f64,
}

impl std::fmt::Display for NonFinite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of layer {}, unit {}", self.quantity, self.layer, self.unit + 1)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        write!(f, ": {}", self.value)
    }
}
