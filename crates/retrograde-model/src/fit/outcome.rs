//! What ends a training, and what it comes to.

use crate::checkpoint::CheckpointPlan;
use crate::divergence::DivergenceReport;
use crate::encoded::Encoded;
use crate::error::ModelError;
use crate::evaluate::{Evaluation, Scored, TargetMeasures};
use crate::model::{Model, Number};
use crate::tally::Detail;
use retrograde::CheckReport;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a training came to.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The model with the best finite weights.
    pub model: Model,
    /// All training rows.
    pub train: TrainScore,
    /// The validation rows, when there are any.
    pub validation: Option<Evaluation>,
    /// The test rows, when there are any: no choice was made by them.
    pub test: Option<Evaluation>,
    /// The gradient check, unless it was not asked for, or the training diverged or was asked to stop.
    pub check: Option<CheckReport>,
    /// Why the training ended.
    pub stop: StopReason,
    /// The time it all took.
    pub seconds: f64,
    /// When the training diverged: where.
    pub divergence: Option<DivergenceReport>,
    /// The checkpoint that it can be resumed from, when the last one could be written.
    pub checkpoint: Option<PathBuf>,
}

/// What a training may come to an end by or go on from, besides its settings.
#[derive(Clone, Debug, Default)]
pub struct FitTerms {
    /// Seconds, from the beginning of the call.
    pub time_limit: Option<f64>,
    /// Where it is put down on the way.
    pub checkpoint: Option<CheckpointPlan>,
    /// The checkpoint to go on from.
    pub resume: Option<PathBuf>,
}

/// How the trained network does on its training rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrainScore {
    /// J = Σ w_k ℓ_k / M + (λ/2M) Σ‖W‖², M = Σ w_k, what was minimised; without weights M is m.
    pub cost: f64,
    /// Σ w_k ℓ_k / M, comparable with an [`Evaluation`]'s cost.
    pub loss: f64,
    /// The share of rows whose class is predicted.
    pub accuracy: Option<f64>,
    /// √ of the mean square error, in the target's unit.
    pub rmse: Option<f64>,
    /// 1 − Σ(y − a)²/Σ(y − ȳ)².
    pub r2: Option<f64>,
    /// The measures of each of several number targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetMeasures>,
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// All epochs were run.
    Epochs,
    /// The cost stopped improving.
    Converged,
    /// The validation cost did not improve for `patience` epochs.
    Patience,
    /// The watcher asked for it.
    Asked,
    /// The time limit was reached.
    TimeLimit,
    /// A value stopped being finite.
    Diverged,
    /// The encoded rows could no longer be read.
    Lost,
}

impl StopReason {
    /// `epochs`, `converged`, `patience`, `asked`, `time_limit`, `diverged` or `lost`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Epochs => "epochs",
            Self::Converged => "converged",
            Self::Patience => "patience",
            Self::Asked => "asked",
            Self::TimeLimit => "time_limit",
            Self::Diverged => "diverged",
            Self::Lost => "lost",
        }
    }
}

impl TrainScore {
    pub(super) fn of<T: Number>(scored: &Scored<'_, T>, rows: &Encoded<T>) -> Result<Self, ModelError> {
        let (evaluation, cost) = scored.rows(rows, Detail::Brief)?;
        Ok(Self {
            cost,
            loss: evaluation.cost,
            accuracy: evaluation.accuracy,
            rmse: evaluation.rmse,
            r2: evaluation.r2,
            targets: evaluation.targets,
        })
    }
}

impl StopReason {
    /// The core knows no clock: a stop by the time limit looks to it as one that was asked for.
    pub(super) fn of(stop: &retrograde::StopReason, out_of_time: bool) -> Self {
        match stop {
            retrograde::StopReason::Converged => Self::Converged,
            retrograde::StopReason::Patience => Self::Patience,
            retrograde::StopReason::Asked if out_of_time => Self::TimeLimit,
            retrograde::StopReason::Asked => Self::Asked,
            retrograde::StopReason::Diverged(_) => Self::Diverged,
            retrograde::StopReason::Stream(_) => Self::Lost,
            _ => Self::Epochs,
        }
    }
}
