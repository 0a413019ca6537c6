//! Feed-forward neural networks trained by backpropagation, with every derivative shown and verified.
//!
//! The files follow the algorithm: [`network`] → [`params`] → [`activation`] → [`loss`] → [`forward`] →
//! [`backward`](mod@evaluator) → [`gradient_check`] → [`optimize`] → [`train`](mod@train).
//! [`reference`](mod@reference) is the same algorithm in plain loops, and the first file to read.
//!
//! A training takes its rows from memory ([`Examples`]) or, where they are too many for it, from a [`stream`] of which it
//! holds a shuffled window ([`Streamed`]).

pub mod activation;
#[cfg(feature = "argmin")]
pub mod argmin_problem;
mod backward;
pub mod bugs;
mod compiled;
mod curvature;
pub mod dropout;
pub mod dual;
mod elementary;
pub mod error;
pub mod evaluator;
pub mod examples;
pub mod explain;
pub mod forward;
pub mod gradient_check;
pub mod layers;
pub mod loss;
mod machine;
pub mod network;
pub mod objective;
pub mod optimize;
pub mod orders;
mod packed;
pub mod params;
pub mod predict;
mod product;
pub mod pull;
pub mod random;
pub mod real;
pub mod reference;
pub mod regularisation;
pub mod score;
pub mod stream;
pub mod trace;
pub mod train;

pub use activation::Activation;
pub use bugs::Bug;
pub use error::{Error, Result};
pub use evaluator::{CostPart, Evaluator, Scoring};
pub use examples::Examples;
pub use forward::predict;
pub use gradient_check::{CheckReport, CheckSettings, Verdict, WeightCheck, check, check_gradient};
pub use layers::{LayerRecord, Quantiles};
pub use loss::{Loss, Output};
pub use machine::team::Spread;
pub use network::{Network, WeightId};
pub use objective::{NetworkObjective, Objective};
pub use optimize::{Optimizer, Schedule, Shape};
pub use params::{Init, Params};
pub use predict::Predictor;
pub use real::{Real, Scalar};
pub use regularisation::Regularisation;
pub use score::Score;
pub use stream::{RowStream, Streamed};
pub use trace::Trace;
pub use train::{
    BatchSize, EpochRecord, Fit, Flow, Observer, StepRules, StopReason, StreamFailure, TrainSettings,
    TrainState, Training, train,
};
