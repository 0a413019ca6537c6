//! What a training is asked to do.

use super::rules::StepRules;
use crate::dropout;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::optimize::{Optimizer, Schedule, Shape};
use crate::regularisation::Regularisation;
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
    /// η; by default 0.5 (gd), 0.05 (sgd, nesterov), 0.003 (adam, adamw), 0.001 (rmsprop), 0.05 (the first steps of
    /// rprop). Batch methods have none.
    pub learning_rate: Option<f64>,
    /// What becomes of η on the way.
    #[serde(default)]
    pub schedule: Schedule,
    /// What is done around each step: clipping, decay, L1, max-norm.
    #[serde(default)]
    pub rules: StepRules,
    /// The share of the inputs and of each hidden layer's units that is left out of a step; one alone is that of every hidden
    /// layer; empty: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropout: Vec<f64>,
    /// λ and label smoothing.
    pub regularisation: Regularisation,
    /// Epochs, or iterations of a batch method, at most; by default 200 (mini-batches), 500 (cg, scg, lbfgs,
    /// rprop), 200 (lm), 5000 (gd).
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
            schedule: Schedule::default(),
            rules: StepRules::default(),
            dropout: Vec::new(),
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
    /// The settings with a method in the place of [`Optimizer::Auto`]: Adam where something is asked for that only step
    /// methods do, else that of [`Optimizer::automatic`]. Dropout rates that are all 0 are none, and one alone becomes that of every hidden layer.
    ///
    /// [`Shape::Auto`] becomes half a cosine where steps are made from mini-batches. Where no epochs were asked for, it
    /// lasts for 60 of them, but for no fewer than make 2,000 steps, and no more than make 10,000 (at least 10):
    ///
    /// ```text
    /// epochs = max(2,000/n, min(60, max(10, 10,000/n))),  n the steps of an epoch
    /// ```
    pub fn resolved(&self, network: &Network, rows: usize) -> Self {
        let mut settings = self.clone();
        settings.dropout = dropout::of_layers(&self.dropout, network);
        if self.optimizer == Optimizer::Auto {
            let steps = self.learning_rate.is_some()
                || !self.schedule.is_plain()
                || !self.rules.are_none()
                || !settings.dropout.is_empty()
                || matches!(self.batch, BatchSize::Rows(_));
            settings.optimizer = if steps { Optimizer::ADAM } else { Optimizer::automatic(network, rows) };
        }
        if self.schedule.shape == Shape::Auto {
            let falls = !settings.optimizer.wants_all_rows();
            settings.schedule.shape = if falls { Shape::FALLING } else { Shape::Constant };
            if falls && self.epochs.is_none() {
                settings.epochs = Some(epochs_of(rows.div_ceil(settings.batch_rows(rows).max(1))));
            }
        }
        settings
    }

    /// Checks every range, and that method, batch and what is asked of the steps go together.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first that does not hold.
    pub fn validate(&self, network: &Network) -> Result<()> {
        self.optimizer.validate(network)?;
        self.regularisation.validate(network)?;
        self.schedule.validate()?;
        self.rules.validate()?;
        dropout::validate(&self.dropout, network)?;
        self.validate_steps()?;
        let setting = |what, found: String, expected| Err(Error::Setting { what, found, expected });
        if self.epochs == Some(0) {
            return setting("epochs", "0".into(), "at least 1");
        }
        if self.schedule.warm_up > self.epochs() as f64 {
            let found = self.schedule.warm_up.to_string();
            return setting("the warm-up", found, "no longer than the training has epochs");
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
            BatchSize::Rows(rows) if self.optimizer.is_batch_method() => {
                setting("the batch", format!("{rows} rows"), "all rows: this method works on the whole cost")
            }
            BatchSize::Rows(rows) if self.optimizer == Optimizer::Rprop => setting(
                "the batch",
                format!("{rows} rows"),
                "all rows: rprop compares the signs of one step's derivatives with the next one's",
            ),
            _ => Ok(()),
        }
    }

    /// What only makes sense where steps are made from single gradients.
    fn validate_steps(&self) -> Result<()> {
        let setting = |what, found: String, expected| Err(Error::Setting { what, found, expected });
        match self.learning_rate {
            Some(rate) if !(rate.is_finite() && rate > 0.0) => {
                return setting("the learning rate", rate.to_string(), "a positive number");
            }
            _ => {}
        }
        if let Some(decay) = self.rules().weight_decay
            && self.learning_rate() * decay > 1.0
        {
            return setting("the weight decay", decay.to_string(), "at most 1 over the learning rate");
        }
        let given = || "given".to_owned();
        if self.optimizer.is_batch_method() {
            let left_out = "left out: this method finds its own steps on the whole cost";
            for (what, is_given) in [
                ("the learning rate", self.learning_rate.is_some()),
                ("a schedule of the learning rate", !self.schedule.is_plain()),
                ("dropout", !self.dropout.is_empty()),
                ("clipping, decay, L1 or max-norm", !self.rules.are_none()),
            ] {
                if is_given {
                    return setting(what, given(), left_out);
                }
            }
        }
        if self.optimizer == Optimizer::Rprop {
            let left_out = "left out: rprop's steps do not depend on the size of derivatives";
            let scaled = self.rules.l1 > 0.0 || self.rules.weight_decay.is_some_and(|d| d > 0.0);
            if scaled || self.rules.clip_norm.is_some() {
                return setting("clipping, decay or L1", given(), left_out);
            }
            if !self.schedule.is_plain() {
                return setting("a schedule of the learning rate", given(), left_out);
            }
            if !self.dropout.is_empty() {
                let left_out = "left out: rprop's steps go by signs, which would turn by chance";
                return setting("dropout", given(), left_out);
            }
        }
        Ok(())
    }

    /// The rules, with the decay that AdamW has by default.
    pub fn rules(&self) -> StepRules {
        let by_default = matches!(self.optimizer, Optimizer::AdamW { .. }).then_some(ADAMW_DECAY);
        StepRules { weight_decay: self.rules.weight_decay.or(by_default), ..self.rules }
    }

    /// η, or the method's default.
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate.unwrap_or(match self.optimizer {
            Optimizer::GradientDescent => 0.5,
            Optimizer::Adam { .. } | Optimizer::AdamW { .. } => 0.003,
            Optimizer::RmsProp { .. } => 0.001,
            _ => 0.05,
        })
    }

    /// Epochs at most, or the method's default.
    pub fn epochs(&self) -> usize {
        self.epochs.unwrap_or(match self.optimizer {
            Optimizer::GradientDescent => 5000,
            Optimizer::LevenbergMarquardt { .. } => 200,
            o if o.wants_all_rows() => 500,
            _ => 200,
        })
    }

    /// The improvement that counts, or the method's default.
    pub fn tolerance(&self) -> f64 {
        self.tolerance.unwrap_or(if self.optimizer.wants_all_rows() { 1e-7 } else { 1e-4 })
    }

    /// Rows per step out of `rows`.
    pub fn batch_rows(&self, rows: usize) -> usize {
        match self.batch {
            _ if self.optimizer.is_batch_method() => rows,
            BatchSize::Full => rows,
            BatchSize::Rows(wanted) => wanted.min(rows),
            BatchSize::Auto if self.optimizer.wants_all_rows() => rows,
            BatchSize::Auto => {
                let wanted = (rows / 50).max(1);
                (1usize << wanted.ilog2()).clamp(16, 256).min(rows)
            }
        }
    }
}

/// AdamW's decay where none is given. With η = 0.003 a step takes 0.0009 of a weight, as much as those of Holzmüller et al.
/// 2024 on tables; PyTorch's 0.01 with its 0.001 takes a hundredth of that, which is nothing in a training as short as these.
const ADAMW_DECAY: f64 = 0.3;

/// The epochs of [`Shape::Auto`]: few rows need more of them to get anywhere, many rows have got there sooner.
fn epochs_of(steps: usize) -> usize {
    const EPOCHS: usize = 60;
    const STEPS: (usize, usize) = (2_000, 10_000);
    const LEAST: usize = 10;
    let steps = steps.max(1);
    EPOCHS.min((STEPS.1 / steps).max(LEAST)).max(STEPS.0.div_ceil(steps))
}
