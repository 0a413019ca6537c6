//! A model on the rows of a table, in one document: findings first, then what they rest on.
//!
//! [`Model::report`] gathers everything as data, [`Report::to_html`] and [`Report::to_markdown`] only write it.

mod answers;
mod brief;
mod figures;
mod findings;
mod histogram;
mod html;
mod importance;
mod markdown;
mod sections;
mod tug;

pub use answers::{Answers, Bin, NumberPairs, Point, TwoClasses};
pub use findings::{Finding, FindingKind};
pub use histogram::Histogram;
pub use importance::{Importance, Importances};
pub use tug::{RowPull, TugOfWar};

use crate::error::ModelError;
use crate::evaluate::Evaluation;
use crate::explain::{HardRow, RankedBy};
use crate::fit::StopReason;
use crate::inspect::LayerInspection;
use crate::model::Model;
use retrograde::layers::health::{LayerHealth, health};
use retrograde::{CheckReport, CheckSettings, EpochRecord};
use retrograde_data::Table;
use serde::Serialize;

/// The name and version of the document.
pub const REPORT_SCHEMA: &str = "retrograde.report/1";
/// Rows that pull hardest which are listed.
const HARDEST: usize = 10;

/// Everything that a report says.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`REPORT_SCHEMA`].
    pub schema: &'static str,
    /// How good it is, in sentences.
    pub brief: Vec<String>,
    /// What stands out, the most serious first; at most five.
    pub findings: Vec<Finding>,
    /// What the model is.
    pub model: Summary,
    /// The measures on these rows.
    pub scores: Evaluation,
    /// Backpropagation's derivatives beside numerical ones, on some of these rows.
    pub check: CheckReport,
    /// Every layer that computes, on these rows.
    pub layers: Vec<LayerHealth>,
    /// The weights of every matrix, without its biases.
    pub weights: Vec<Histogram>,
    /// How far every input spreads over these rows.
    pub inputs: Vec<InputSpread>,
    /// One record per epoch of the training.
    pub history: Vec<EpochRecord>,
    /// What is known beside what is said.
    pub answers: Answers,
    /// What each column is worth.
    pub importance: Importances,
    /// The rows that pull hardest.
    pub hardest: Vec<HardRow>,
    /// The weights that the rows pull at hardest.
    pub tug_of_war: Vec<TugOfWar>,
}

/// What a model is.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// `27 → 32 relu → 16 relu → 1 sigmoid`.
    pub network: String,
    /// `classes` or `numbers`.
    pub task: &'static str,
    /// The targets.
    pub targets: Vec<String>,
    /// The loss.
    pub loss: &'static str,
    /// λ.
    pub lambda: f64,
    /// Weights and biases.
    pub parameters: usize,
    /// `f32` or `f64`.
    pub dtype: &'static str,
    /// The method that trained it.
    pub optimizer: &'static str,
    /// The seed.
    pub seed: u64,
    /// The epoch the weights are from; 0 is the start.
    pub best_epoch: usize,
    /// Why the training ended.
    pub stop: StopReason,
    /// The table it was trained on, without its folders.
    pub trained_on: String,
    /// The rows it was trained on.
    pub train_rows: usize,
    /// The rows that judged each epoch.
    pub validation_rows: usize,
    /// Whether the table of this report is the one it was trained on, so that some of the rows are the same.
    pub same_table: bool,
    /// The table of this report, without its folders.
    pub table: String,
    /// The version of retrograde that trained it.
    pub version: String,
    /// The matrices.
    pub matrices: Vec<LayerInspection>,
}

/// How far an input spreads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputSpread {
    /// The input.
    pub name: String,
    /// Its column.
    pub column: String,
    /// Its mean over the rows.
    pub mean: f64,
    /// Its standard deviation over the rows.
    pub spread: f64,
}

/// Of a table: the folders it lies in are nobody's business.
fn file_name(name: &str) -> String {
    let path = std::path::Path::new(name);
    path.file_name().map_or_else(|| name.to_owned(), |file| file.to_string_lossy().into_owned())
}

impl Report {
    /// `digit by 64 → 256 relu → 10 softmax, on @digits`.
    fn title(&self) -> String {
        format!("{} by {}, on {}", self.model.targets.join(", "), self.model.network, self.model.table)
    }
}

impl Model {
    /// Everything that is known of the model on the rows of a table that have a target.
    ///
    /// # Errors
    /// As [`Model::evaluate`].
    pub fn report(&self, table: &Table) -> Result<Report, ModelError> {
        let scores = self.evaluate(table)?;
        let check = self.check(table, &CheckSettings::default())?;
        let explanations = self.explanations(table)?;
        let matrices = explanations.all()?;
        let examples = matrices.examples(self.network())?;
        let regularisation = self.settings.regularisation;
        let layers = health(&explanations.params, &examples, regularisation)?;
        let weights = (0..self.network().depth()).map(|l| {
            let values: Vec<f64> = explanations.params.weights(l).iter().copied().collect();
            Histogram::of(&format!("L{}", l + 1), &values)
        });
        let mut report = Report {
            schema: REPORT_SCHEMA,
            brief: Vec::new(),
            findings: Vec::new(),
            model: self.summary(table),
            scores,
            check,
            layers,
            weights: weights.collect(),
            inputs: self.spreads(matrices),
            history: self.history.clone(),
            answers: self.answers(&explanations)?,
            importance: importance::of(self, &explanations)?,
            hardest: explanations.hardest(HARDEST, RankedBy::Pull)?,
            tug_of_war: tug::of(self, &explanations)?,
        };
        report.brief = brief::of(&report);
        report.findings = findings::of(&report);
        Ok(report)
    }

    fn summary(&self, table: &Table) -> Summary {
        let inspection = self.inspect();
        Summary {
            network: inspection.network,
            task: inspection.task,
            targets: self.encoder.target.columns().into_iter().map(str::to_owned).collect(),
            loss: self.network().loss().name(),
            lambda: self.lambda(),
            parameters: inspection.weights,
            dtype: inspection.dtype,
            optimizer: self.settings.optimizer.name(),
            seed: self.seed(),
            best_epoch: self.best_epoch,
            stop: self.stop,
            trained_on: file_name(&self.provenance.name),
            train_rows: self.provenance.train_rows,
            validation_rows: self.provenance.validation_rows,
            same_table: self.provenance.fingerprint.is_some()
                && self.provenance.fingerprint == table.origin.fingerprint,
            table: file_name(&table.origin.name),
            version: inspection.version,
            matrices: inspection.matrices,
        }
    }

    fn spreads(&self, matrices: &crate::targets::Matrices<f64>) -> Vec<InputSpread> {
        let columns = self.encoder.inputs.iter();
        let columns = columns.flat_map(|input| std::iter::repeat_n(input.column(), input.width()));
        let spread = |(j, (name, column)): (usize, (String, &str))| {
            let values = matrices.x.column(j);
            let mean = values.mean().unwrap_or(0.0);
            let spread = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len().max(1) as f64;
            InputSpread { name, column: column.to_owned(), mean, spread: spread.sqrt() }
        };
        self.encoder.names().into_iter().zip(columns).enumerate().map(spread).collect()
    }
}
