//! Parameter learning methods side by side: the same rows, the same start, one training each.

use crate::error::ModelError;
use crate::evaluate::Evaluation;
use crate::figure::{Axis, Line, LineChart, ScaleKind, stacked};
use crate::fit::{FitTerms, StopReason, TrainScore, fit};
use crate::opened::{Keys, Opened};
use crate::prepare::{Prepared, encoder_settings};
use crate::settings::FitSettings;
use crate::watch::{FitPlan, Watch};
use retrograde::{EpochRecord, Flow, Optimizer, TrainSettings};
use retrograde_data::Source;
use serde::Serialize;
use std::time::Instant;

/// What each method came to.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// In the order asked for.
    pub runs: Vec<MethodRun>,
}

/// One method's training.
#[derive(Clone, Debug, Serialize)]
pub struct MethodRun {
    /// The method's name.
    pub method: &'static str,
    /// η, where the method has one.
    pub learning_rate: Option<f64>,
    /// Epochs, or iterations of a batch method.
    pub epochs: usize,
    /// Gradients of all rows.
    pub evaluations: f64,
    /// Seconds of training, without reading, encoding and scoring.
    pub seconds: f64,
    /// Why it ended.
    pub stop: StopReason,
    /// The weights kept, on all training rows.
    pub train: TrainScore,
    /// The weights kept, on the validation rows.
    pub validation: Option<Evaluation>,
    /// Where J stood on the way.
    pub path: Vec<PathPoint>,
}

/// J after some time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PathPoint {
    /// Seconds since the training began.
    pub seconds: f64,
    /// Gradients of all rows computed.
    pub evaluations: f64,
    /// J on the training rows.
    pub cost: f64,
}

impl Comparison {
    /// J by seconds, and J by gradients, as one SVG file.
    pub fn to_svg(&self) -> String {
        let chart = |title: &str, label: &str, scale, x: fn(&PathPoint) -> f64| LineChart {
            title: title.to_owned(),
            description: format!(
                "J on the training rows by {label}, a line for each method. {}",
                self.in_words()
            ),
            x: Axis { scale, ..Axis::linear(label) },
            y: Axis { scale: self.cost_scale(), ..Axis::linear("J") },
            lines: self
                .runs
                .iter()
                .map(|run| Line {
                    name: run.method.to_owned(),
                    points: run.path.iter().map(|p| (x(p), p.cost)).collect(),
                    ..Line::default()
                })
                .collect(),
            ..LineChart::default()
        };
        stacked(&[
            chart("Cost by time", "seconds", ScaleKind::Log, |p| p.seconds),
            chart("Cost by work", "gradients of all rows", ScaleKind::Log, |p| p.evaluations),
        ])
    }

    /// Some losses are negative, and have no logarithm.
    fn cost_scale(&self) -> ScaleKind {
        let positive = self.runs.iter().flat_map(|run| &run.path).all(|p| p.cost > 0.0);
        if positive { ScaleKind::Log } else { ScaleKind::Linear }
    }

    fn in_words(&self) -> String {
        let words = |run: &MethodRun| {
            let MethodRun { method, evaluations, seconds, train, .. } = run;
            format!("{method}: J {} after {evaluations:.1} gradients and {seconds:.2} seconds.", train.cost)
        };
        self.runs.iter().map(words).collect::<Vec<_>>().join(" ")
    }
}

/// Trains once with each method, with the settings given but for it. A learning rate is for the methods that have one;
/// without one, each has its own default. `time_limit` holds for each training. The gradient is not checked.
///
/// # Errors
/// As [`fit`]; [`ModelError::Method`] for a method that cannot do what is asked, before any is trained.
pub fn compare<'a>(
    table: impl Into<Source<'a>>,
    settings: &FitSettings,
    methods: &[Optimizer],
    time_limit: Option<f64>,
    watch: &mut dyn Watch,
) -> Result<Comparison, ModelError> {
    let terms = FitTerms { time_limit, ..FitTerms::default() };
    let source = table.into();
    let keys = Keys::of(&source, settings, &encoder_settings(settings))?;
    // Before the first one trains for an hour.
    for &method in methods {
        let settings = with_method(settings, method);
        // What is wrong with the table is no method's fault.
        if let Err(problem) = Prepared::new(Opened::new(&source, &keys), &settings) {
            return Err(match problem {
                ModelError::Core(source) => ModelError::Method { method: method.name(), source },
                other => other,
            });
        }
    }
    let mut runs = Vec::new();
    for &method in methods {
        let settings = with_method(settings, method);
        let mut recorder =
            Recorder { watch, start: Instant::now(), path: Vec::new(), named: runs.is_empty() };
        let fitted = fit(&source, &settings, &terms, &mut recorder)?;
        let Recorder { path, .. } = recorder;
        let train = fitted.model.settings();
        let last = path.last().copied();
        runs.push(MethodRun {
            method: train.optimizer.name(),
            learning_rate: (!train.optimizer.is_batch_method()).then(|| train.learning_rate()),
            epochs: fitted.model.history().len(),
            evaluations: last.map_or(0.0, |p| p.evaluations),
            seconds: last.map_or(0.0, |p| p.seconds),
            stop: fitted.stop,
            train: fitted.train,
            validation: fitted.validation,
            path,
        });
        if fitted.stop == StopReason::Asked {
            break;
        }
    }
    Ok(Comparison { runs })
}

fn with_method(settings: &FitSettings, optimizer: Optimizer) -> FitSettings {
    let mut train = TrainSettings { optimizer, ..settings.train.clone() };
    if optimizer.is_batch_method() {
        train.learning_rate = None;
    }
    FitSettings { train, check: None, ..settings.clone() }
}

/// Writes down where J stands while another watch looks on.
struct Recorder<'a> {
    watch: &'a mut dyn Watch,
    start: Instant,
    path: Vec<PathPoint>,
    /// Whether the plan is still to be told.
    named: bool,
}

impl Watch for Recorder<'_> {
    fn started(&mut self, plan: &FitPlan) {
        if self.named {
            self.watch.started(plan);
        }
        self.start = Instant::now();
    }

    fn epoch(&mut self, record: &EpochRecord, best: bool, seconds: f64) -> Flow {
        let (evaluations, cost) = (record.evaluations, record.train_cost);
        self.path.push(PathPoint { seconds: self.start.elapsed().as_secs_f64(), evaluations, cost });
        self.watch.epoch(record, best, seconds)
    }

    fn batch(&mut self, epoch: usize, batch: usize, batches: usize) -> Flow {
        self.watch.batch(epoch, batch, batches)
    }
}
