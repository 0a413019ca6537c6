//! What a training is asked to do.

use crate::error::{Error, Result};
use crate::network::Network;
use crate::objective::Regularisation;
use crate::optimize::Optimizer;
use serde::{Deserialize, Serialize};

/// How many rows make one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchSize {
    /// All rows for the methods that need them; else m/50 rounded down to a power of two, within 16…256.
    #[default]
    Auto,
    /// All rows.
    Full,
    /// This many.
    Rows(usize),
}

/// The settings of a training; `None` means the method's own default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainSettings {
    /// The parameter learning method.
    pub optimizer: Optimizer,
    /// η; by default 0.5 (gd), 0.05 (sgd, nesterov), 0.003 (adam). Batch methods have none.
    pub learning_rate: Option<f64>,
    /// λ and label smoothing.
    pub regularisation: Regularisation,
    /// Epochs, or iterations of a batch method, at most; by default 200 (mini-batches), 500 (cg, lbfgs), 5000 (gd).
    pub epochs: Option<usize>,
    /// Rows per step.
    pub batch: BatchSize,
    /// An improvement by less than this share of the cost does not count; by default 1e-4 (mini-batches) or 1e-7.
    pub tolerance: Option<f64>,
    /// Epochs without an improvement before stopping.
    pub patience: usize,
    /// The seed of every random choice.
    pub seed: u64,
    /// Threads at most; 0 means all. The result does not depend on it.
    pub threads: usize,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            optimizer: Optimizer::ADAM,
            learning_rate: None,
            regularisation: Regularisation::default(),
            epochs: None,
            batch: BatchSize::Auto,
            tolerance: None,
            patience: 20,
            seed: 1,
            threads: 0,
        }
    }
}

impl TrainSettings {
    /// Checks every range and that batch and method go together.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first that does not hold.
    pub fn validate(&self, network: &Network) -> Result<()> {
        self.optimizer.validate()?;
        self.regularisation.validate(network)?;
        let setting = |what, found: String, expected| Err(Error::Setting { what, found, expected });
        match self.learning_rate {
            Some(_) if self.optimizer.is_batch_method() => {
                return setting(
                    "the learning rate",
                    "given".into(),
                    "left out: the line search finds the step",
                );
            }
            Some(rate) if !(rate.is_finite() && rate > 0.0) => {
                return setting("the learning rate", rate.to_string(), "a positive number");
            }
            _ => {}
        }
        if self.epochs == Some(0) {
            return setting("epochs", "0".into(), "at least 1");
        }
        if self.patience == 0 {
            return setting("patience", "0".into(), "at least 1");
        }
        if let Some(tolerance) = self.tolerance
            && !(0.0..1.0).contains(&tolerance)
        {
            return setting("the tolerance", tolerance.to_string(), "at least 0 and below 1");
        }
        match self.batch {
            BatchSize::Rows(0) => setting("the batch", "0 rows".into(), "at least 1 row"),
            BatchSize::Rows(rows) if self.optimizer.is_batch_method() => setting(
                "the batch",
                format!("{rows} rows"),
                "all rows: cg and lbfgs search along the whole cost",
            ),
            _ => Ok(()),
        }
    }

    /// η, or the method's default.
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate.unwrap_or(match self.optimizer {
            Optimizer::GradientDescent => 0.5,
            Optimizer::Adam { .. } => 0.003,
            _ => 0.05,
        })
    }

    /// Epochs at most, or the method's default.
    pub fn epochs(&self) -> usize {
        self.epochs.unwrap_or(match self.optimizer {
            Optimizer::GradientDescent => 5000,
            o if o.is_batch_method() => 500,
            _ => 200,
        })
    }

    /// The improvement that counts, or the method's default.
    pub fn tolerance(&self) -> f64 {
        let slow = self.optimizer.is_batch_method() || self.optimizer == Optimizer::GradientDescent;
        self.tolerance.unwrap_or(if slow { 1e-7 } else { 1e-4 })
    }

    /// Rows per step out of `rows`.
    pub fn batch_rows(&self, rows: usize) -> usize {
        match self.batch {
            _ if self.optimizer.is_batch_method() => rows,
            BatchSize::Full => rows,
            BatchSize::Rows(wanted) => wanted.min(rows),
            BatchSize::Auto if self.optimizer == Optimizer::GradientDescent => rows,
            BatchSize::Auto => {
                let wanted = (rows / 50).max(1);
                (1usize << wanted.ilog2()).clamp(16, 256).min(rows)
            }
        }
    }
}
