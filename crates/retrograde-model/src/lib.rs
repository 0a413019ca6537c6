//! What a person trains, saves and asks: encoder, network, parameters and history in one model file.
//!
//! ```text
//! Table ─ fit(settings) ─→ Fitted { model, scores, check } ─ save ─→ file.rg ─ load ─→ Model
//! Model ─→ evaluate · predict · check · cost_and_grad · inspect · export_json
//! ```
//!
//! The crate parses no arguments and prints nothing. It reads the clock, for [`Fitted::seconds`] and the time limit
//! of [`fit`]; nothing else depends on it.
//!
//! ```
//! use retrograde_data::{EncoderSettings, embedded};
//! use retrograde_model::{FitSettings, FitTerms, Model, fit};
//!
//! let iris = embedded("@iris")?;
//! let mut settings = FitSettings::default();
//! settings.encoder.targets = iris.targets.clone();
//! # settings.check = None;
//! let fitted = fit(&iris.table, &settings, &FitTerms::default(), &mut ())?;
//! let scores = fitted.model.evaluate(&iris.table)?;
//! assert!(scores.accuracy.is_some_and(|accuracy| accuracy > 0.93));
//!
//! let bytes = fitted.model.to_bytes()?;
//! let again = Model::from_bytes("iris.rg", &bytes)?;
//! assert_eq!(again.predict(&iris.table)?, fitted.model.predict(&iris.table)?);
//! # Ok::<(), retrograde_model::ModelError>(())
//! ```

mod checkpoint;
mod compare;
mod cross;
mod design;
mod divergence;
mod division;
mod duplicates;
mod encoded;
mod error;
mod evaluate;
mod explain;
mod export;
pub mod figure;
mod file;
mod fit;
mod inspect;
mod learning_rate;
mod load;
mod loss_choice;
mod measures;
mod model;
mod names;
mod opened;
mod parts;
mod predict;
mod prepare;
pub mod report;
mod save;
mod scratch;
mod settings;
mod tally;
mod targets;
mod turns;
mod usable;
mod verify;
mod watch;
mod weighting;
mod words;

pub use checkpoint::{CheckpointEvent, CheckpointPlan, Every};
pub use compare::{Comparison, MethodRun, PathPoint, compare};
pub use cross::{CrossValidation, Measures, cross_validate};
pub use divergence::{DivergenceReport, FarValue};
pub use division::SplitRecord;
pub use error::ModelError;
pub use evaluate::{Confusion, Evaluation, TargetMeasures};
pub use explain::{Explanations, HardRow, Question, RankedBy, worked_example};
pub use file::FORMAT;
pub use fit::{FitTerms, Fitted, StopReason, TrainScore, fit};
pub use inspect::{Inspection, LayerInspection};
pub use learning_rate::{find_learning_rate, range_test_svg};
pub use loss_choice::LossChoice;
pub use model::{Layer, Model, Provenance, Weights};
pub use parts::ModelParts;
pub use predict::{PredictedColumn, PredictedValues, Predictions};
pub use save::{check_writable, companions, is_stream, pointed_to, write_file};
pub use settings::{ClassWeights, Dtype, FitSettings, Hidden, SplitBy, Streaming, Validation};
pub use watch::{FitPlan, Task, Watch};
pub use weighting::Weighting;
