//! The documents of `--json`. Each has a `schema`; numbers are printed in the shortest form that reads back as the
//! same number. What does not apply is `null` or absent.

use retrograde::train::RangeTest;
use retrograde::{Bug, CheckReport, Verdict, WeightCheck};
use retrograde_data::{EMBEDDED, TableSummary};
use retrograde_model::{
    Comparison, CrossValidation, DivergenceReport, Evaluation, Fitted, HardRow, Inspection, Layer,
    LossChoice, Measures, MethodRun, Model, SplitBy, SplitRecord, TrainScore,
};
use serde::Serialize;
use serde_json::{Map, Value};

/// `retrograde.train/1`.
#[derive(Debug, Serialize)]
pub(crate) struct TrainDocument<'a> {
    schema: &'static str,
    seed: u64,
    task: &'static str,
    classes: Option<&'a [String]>,
    rows: Rows,
    split: &'a SplitRecord,
    /// The column of row weights.
    weight: Option<&'a str>,
    /// By class.
    class_weights: Option<Map<String, Value>>,
    network: Layers,
    weights: usize,
    loss: String,
    lambda: f64,
    epochs: usize,
    best_epoch: usize,
    train: &'a TrainScore,
    validation: Option<&'a Evaluation>,
    test: Option<&'a Evaluation>,
    check: Option<CheckCounts>,
    stop: &'static str,
    /// Where a value stopped being finite.
    #[serde(skip_serializing_if = "Option::is_none")]
    divergence: Option<&'a DivergenceReport>,
    seconds: f64,
    /// The file, or null.
    model: Option<String>,
}

#[derive(Debug, Serialize)]
struct Layers {
    layers: Vec<Layer>,
}

/// How many rows each part has.
#[derive(Debug, Serialize)]
struct Rows {
    train: usize,
    validation: usize,
    test: usize,
}

/// The verdict of a check without its derivatives.
#[derive(Debug, Serialize)]
struct CheckCounts {
    verdict: Verdict,
    checked: usize,
    agree: usize,
    differ: usize,
    cannot_tell: usize,
    rows: usize,
}

impl<'a> TrainDocument<'a> {
    pub(crate) fn new(fitted: &'a Fitted, saved: Option<String>) -> Self {
        let model = &fitted.model;
        let (from, weighting) = (model.provenance(), model.weighting());
        let class_weights = weighting.named(model.classes().unwrap_or_default());
        let by_class = || class_weights.iter().map(|(class, w)| (class.clone(), (*w).into())).collect();
        Self {
            schema: "retrograde.train/1",
            seed: model.seed(),
            task: model.task(),
            classes: model.classes(),
            rows: Rows { train: from.train_rows, validation: from.validation_rows, test: from.test_rows },
            split: &from.split,
            weight: weighting.column.as_deref(),
            class_weights: (!class_weights.is_empty()).then(by_class),
            network: Layers { layers: model.layers() },
            weights: model.network().weight_count(),
            loss: LossChoice::from(model.network().loss().clone()).to_string(),
            lambda: model.lambda(),
            epochs: model.history().len(),
            best_epoch: model.best_epoch(),
            train: &fitted.train,
            validation: fitted.validation.as_ref(),
            test: fitted.test.as_ref(),
            check: fitted.check.as_ref().map(CheckCounts::new),
            stop: fitted.stop.name(),
            divergence: fitted.divergence.as_ref(),
            seconds: fitted.seconds,
            model: saved,
        }
    }
}

/// `retrograde.worst/1`: the rows that pull hardest.
#[derive(Debug, Serialize)]
pub(crate) struct Worst<'a> {
    pub(crate) schema: &'static str,
    pub(crate) rows: &'a [HardRow],
}

/// `retrograde.compare/1`.
#[derive(Debug, Serialize)]
pub(crate) struct CompareDocument<'a> {
    schema: &'static str,
    seed: u64,
    runs: &'a [MethodRun],
}

impl<'a> CompareDocument<'a> {
    pub(crate) fn new(found: &'a Comparison, seed: u64) -> Self {
        Self { schema: "retrograde.compare/1", seed, runs: &found.runs }
    }
}

/// `retrograde.learning-rate/1`.
#[derive(Debug, Serialize)]
pub(crate) struct LearningRateDocument<'a> {
    schema: &'static str,
    optimizer: &'a str,
    #[serde(flatten)]
    found: &'a RangeTest,
}

impl<'a> LearningRateDocument<'a> {
    pub(crate) fn new(found: &'a RangeTest, optimizer: &'a str) -> Self {
        Self { schema: "retrograde.learning-rate/1", optimizer, found }
    }
}

impl CheckCounts {
    fn new(report: &CheckReport) -> Self {
        Self {
            verdict: report.verdict,
            checked: report.results.len(),
            agree: report.count(Verdict::Agrees),
            differ: report.count(Verdict::Differs),
            cannot_tell: report.count(Verdict::CannotTell),
            rows: report.rows.len(),
        }
    }
}

/// `retrograde.evaluate/1` of one set of rows.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluate<'a> {
    pub(crate) schema: &'static str,
    #[serde(flatten)]
    pub(crate) evaluation: &'a Evaluation,
}

/// `retrograde.evaluate/1` of a cross-validation; the measures at the top are the means.
#[derive(Debug, Serialize)]
pub(crate) struct EvaluateFolds<'a> {
    schema: &'static str,
    rows: usize,
    #[serde(flatten)]
    measures: Measures,
    folds: &'a [Evaluation],
    mean: Measures,
    sd: Measures,
    split: &'a SplitBy,
    notes: &'a [String],
    seed: u64,
}

impl<'a> EvaluateFolds<'a> {
    pub(crate) fn new(cross: &'a CrossValidation, seed: u64) -> Self {
        let rows = cross.folds.iter().map(|fold| fold.rows).sum();
        let (folds, mean, sd) = (&cross.folds, cross.mean, cross.sd);
        Self {
            schema: "retrograde.evaluate/1",
            rows,
            measures: mean,
            folds,
            mean,
            sd,
            split: &cross.by,
            notes: &cross.notes,
            seed,
        }
    }
}

/// A line of `retrograde.predict/1`.
#[derive(Debug, Serialize)]
pub(crate) struct PredictionLine {
    pub(crate) schema: &'static str,
    pub(crate) row: usize,
    /// By target.
    pub(crate) prediction: Map<String, Value>,
    /// By class, with `--proba`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) probability: Option<Map<String, Value>>,
}

/// `retrograde.check/1`.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    schema: &'static str,
    verdict: Verdict,
    checked: usize,
    weights: usize,
    agree: usize,
    cannot_tell: usize,
    differ: Vec<Difference>,
    injected: Option<&'static str>,
    diagnosis: Option<Diagnosis>,
    direction: Direction,
    rows: usize,
}

/// A derivative that differs.
#[derive(Debug, Serialize)]
struct Difference {
    weight: String,
    backpropagation: f64,
    numerical: f64,
    u: f64,
    dual: f64,
}

#[derive(Debug, Serialize)]
struct Diagnosis {
    bug: Option<&'static str>,
    text: String,
}

#[derive(Debug, Serialize)]
struct Direction {
    backpropagation: f64,
    dual: f64,
    u: f64,
    verdict: Verdict,
}

impl Check {
    pub(crate) fn new(model: &Model, report: &CheckReport, injected: Option<Bug>) -> Self {
        let differ: Vec<&WeightCheck> =
            report.results.iter().filter(|r| r.verdict == Verdict::Differs).collect();
        let names = model.weight_names(&differ.iter().map(|r| r.id).collect::<Vec<_>>());
        let difference = |(r, weight): (&WeightCheck, String)| Difference {
            weight,
            backpropagation: r.backpropagation,
            numerical: r.numerical,
            u: r.uncertainty,
            dual: r.dual,
        };
        let diagnosis = report.diagnosis.as_ref();
        Self {
            schema: "retrograde.check/1",
            verdict: report.verdict,
            checked: report.results.len(),
            weights: report.weights,
            agree: report.count(Verdict::Agrees),
            cannot_tell: report.count(Verdict::CannotTell),
            differ: differ.into_iter().zip(names).map(difference).collect(),
            injected: injected.map(Bug::name),
            diagnosis: diagnosis.map(|d| Diagnosis { bug: d.bug.map(Bug::name), text: d.text.clone() }),
            direction: Direction {
                backpropagation: report.direction.backpropagation,
                dual: report.direction.dual,
                u: report.direction.uncertainty,
                verdict: report.direction.verdict,
            },
            rows: report.rows.len(),
        }
    }
}

/// `retrograde.gradient/1`.
#[derive(Debug, Serialize)]
pub(crate) struct Gradient<'a> {
    pub(crate) schema: &'static str,
    pub(crate) cost: f64,
    pub(crate) weights: usize,
    pub(crate) order: &'static str,
    pub(crate) grad: &'a [f64],
}

/// `retrograde.inspect/1`.
#[derive(Debug, Serialize)]
pub(crate) struct Inspect<'a> {
    pub(crate) schema: &'static str,
    #[serde(flatten)]
    pub(crate) inspection: &'a Inspection,
}

/// `retrograde.data/1` of a table.
#[derive(Debug, Serialize)]
pub(crate) struct Data<'a> {
    pub(crate) schema: &'static str,
    #[serde(flatten)]
    pub(crate) table: &'a TableSummary,
}

/// `retrograde.data/1` of the list of embedded sets.
#[derive(Debug, Serialize)]
pub(crate) struct EmbeddedSets {
    schema: &'static str,
    embedded: Vec<EmbeddedSet>,
}

#[derive(Debug, Serialize)]
struct EmbeddedSet {
    name: String,
    description: &'static str,
    licence: &'static str,
}

impl Default for EmbeddedSets {
    /// All of them.
    fn default() -> Self {
        let set = |info: &retrograde_data::EmbeddedInfo| EmbeddedSet {
            name: format!("@{}", info.name),
            description: info.description,
            licence: info.licence,
        };
        Self { schema: "retrograde.data/1", embedded: EMBEDDED.iter().map(set).collect() }
    }
}
