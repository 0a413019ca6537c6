//! What a checkpoint is of: whoever resumes it must bring the same.

use crate::division::SplitRecord;
use crate::encoded::Encoded;
use crate::error::ModelError;
use crate::loss_choice::describe;
use crate::model::Number;
use crate::prepare::Prepared;
use crate::settings::{ClassWeights, Dtype, FitSettings, SplitBy};
use crate::weighting::Weighting;
use retrograde::{BatchSize, Init, Network, Optimizer, Shape, StepRules, TrainSettings};
use retrograde_data::Encoder;
use serde::{Deserialize, Serialize};

/// Everything that decides how a training goes on, beside its state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Description {
    version: String,
    /// Whether the training has come to its end.
    pub(super) ended: bool,
    dtype: Dtype,
    network: Network,
    rows: Rows,
    /// Rows of the window of a training that is streamed.
    #[serde(default)]
    window: Option<usize>,
    settings: TrainSettings,
    init: Init,
    encoder: Encoder,
    #[serde(default)]
    weighting: Weighting,
    #[serde(default)]
    split: SplitRecord,
}

/// The rows as the network sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Rows {
    training: usize,
    training_fingerprint: String,
    validation: usize,
    validation_fingerprint: String,
}

impl Description {
    pub(crate) fn of<T: Number>(
        settings: &FitSettings,
        prepared: &Prepared<'_>,
        training: &Encoded<T>,
        validation: Option<&Encoded<T>>,
    ) -> Result<Self, ModelError> {
        let Prepared { encoder, network, weighting, record, .. } = prepared;
        let count = training.count();
        Ok(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ended: false,
            dtype: settings.dtype,
            network: network.clone(),
            rows: Rows {
                training: count,
                training_fingerprint: training.fingerprint()?,
                validation: validation.map_or(0, Encoded::count),
                validation_fingerprint: validation.map(Encoded::fingerprint).transpose()?.unwrap_or_default(),
            },
            window: training.window(),
            settings: spelled_out(&prepared.resolved(&settings.train), count),
            init: settings.init,
            encoder: encoder.clone(),
            weighting: weighting.clone(),
            split: record.clone(),
        })
    }

    /// The difference to a checkpoint of another version, whose description may not be readable.
    pub(super) fn other_version(&self, kept: &str) -> Option<String> {
        let now = &self.version;
        (now != kept).then(|| format!("the version of retrograde: now {now}, in the checkpoint {kept}"))
    }

    /// Bytes that the vectors of the state take at most: nine for each number, and as many vectors as the method has.
    pub(super) fn state_bytes(&self) -> u64 {
        let vectors = match self.settings.optimizer {
            Optimizer::Lbfgs { memory } => (memory as u64).saturating_mul(2),
            _ => 2,
        };
        // Θ, its start, the gradient and the best.
        vectors.saturating_add(4).saturating_mul(9 * self.network.weight_count() as u64)
    }

    /// The first thing in which `now` differs, in words.
    pub(crate) fn difference(&self, now: &Self) -> Option<String> {
        let before = self.traits();
        let differs = before.into_iter().zip(now.traits()).find(|(kept, now)| kept.1 != now.1);
        if let Some(((what, kept), (_, now))) = differs {
            return Some(format!("{what}: now {now}, in the checkpoint {kept}"));
        }
        // Means, scales or filled values: the same rows have the same, so something else was changed by hand.
        let encoders = [self, now].map(|d| serde_json::to_value(&d.encoder).ok());
        (encoders[0] != encoders[1]).then(|| "the encoding of the columns".to_owned())
    }

    /// Everything that must be the same, the larger things first, so that what is named is what was changed.
    fn traits(&self) -> Vec<(&'static str, String)> {
        let s = &self.settings;
        let StepRules { clip_norm, weight_decay, l1, max_norm } = s.rules;
        let rows = &self.rows;
        let optional = |x: Option<f64>| x.map_or_else(|| "none".to_owned(), |x| x.to_string());
        let columns = self.encoder.inputs.iter().map(|input| input.column().to_owned());
        vec![
            ("the version of retrograde", self.version.clone()),
            ("the target", self.encoder.target.columns().join(", ")),
            ("the columns", columns.collect::<Vec<_>>().join(", ")),
            ("the network", self.network.describe()),
            ("the loss", describe(self.network.loss())),
            ("--dtype", self.dtype.name().to_owned()),
            ("--optimizer", s.optimizer.name().to_owned()),
            ("the constants of the method", format!("{:?}", s.optimizer)),
            ("--weight", self.weighting.column.clone().unwrap_or_else(|| "none".into())),
            ("--class-weight", class_weights(&self.weighting.classes)),
            ("the split", by(&self.split.by)),
            // Another seed is another split: the rows would differ, but not as what was changed.
            ("--seed", s.seed.to_string()),
            ("the rows", format!("{} for training, {} for validation", rows.training, rows.validation)),
            (
                "--stream, a window",
                self.window.map_or("none".to_owned(), |window| format!("of {window} rows")),
            ),
            ("the values of the training rows", format!("fingerprint {}", rows.training_fingerprint)),
            ("the values of the validation rows", format!("fingerprint {}", rows.validation_fingerprint)),
            ("--init", self.init.name().to_owned()),
            ("--learning-rate", optional(s.learning_rate)),
            ("--schedule", shape(s.schedule.shape)),
            ("--warm-up", s.schedule.warm_up.to_string()),
            ("--batch", batch(s.batch)),
            ("--lambda", s.regularisation.lambda.to_string()),
            ("--label-smoothing", s.regularisation.label_smoothing.to_string()),
            ("--l1", l1.to_string()),
            ("--weight-decay", optional(weight_decay)),
            ("--max-norm", optional(max_norm)),
            ("--clip-norm", optional(clip_norm)),
            ("--dropout", rates(&s.dropout)),
            ("--tolerance", optional(s.tolerance)),
            ("--patience", s.patience.to_string()),
            ("--epochs, on which the schedule depends", optional(s.epochs.map(|n| n as f64))),
        ]
    }
}

/// As the command takes it.
fn class_weights(classes: &ClassWeights) -> String {
    match classes {
        ClassWeights::Equal => "none".into(),
        ClassWeights::Balanced => "balanced".into(),
        ClassWeights::Given(given) => {
            given.iter().map(|(class, weight)| format!("{class}={weight}")).collect::<Vec<_>>().join(",")
        }
    }
}

/// As the command takes it.
fn by(split: &SplitBy) -> String {
    match split {
        SplitBy::Chance => "by chance".into(),
        SplitBy::Order(column) => format!("--split-by {column}"),
        SplitBy::Groups(column) => format!("--group {column}"),
        SplitBy::Column(column) => format!("--split-column {column}"),
    }
}

/// As the command takes it.
fn shape(shape: Shape) -> String {
    match shape {
        Shape::Constant => "constant".into(),
        Shape::Auto => "auto".into(),
        Shape::InverseScaling { power } => format!("inverse:{power}"),
        Shape::Adaptive => "adaptive".into(),
        Shape::Step { every, factor } => format!("step:{every},{factor}"),
        Shape::Cosine { period: None, floor, .. } => format!("cosine, down to {floor}"),
        Shape::Cosine { period: Some(period), growth, floor } => {
            format!("cosine:{period},{growth}, down to {floor}")
        }
        Shape::OneCycle { rise } => format!("one-cycle:{rise}"),
        other => format!("{other:?}"),
    }
}

fn batch(batch: BatchSize) -> String {
    match batch {
        BatchSize::Rows(rows) => rows.to_string(),
        BatchSize::Full => "full".into(),
        BatchSize::Auto => "auto".into(),
    }
}

fn rates(rates: &[f64]) -> String {
    if rates.is_empty() {
        return "none".into();
    }
    rates.iter().map(f64::to_string).collect::<Vec<_>>().join(",")
}

/// The settings with every default in its place: whoever writes one out has changed nothing. Neither the number of
/// threads nor, without a schedule that looks ahead, that of the epochs changes a bit of what comes before.
fn spelled_out(train: &TrainSettings, rows: usize) -> TrainSettings {
    let has_rate = !train.optimizer.is_batch_method();
    TrainSettings {
        learning_rate: has_rate.then(|| train.learning_rate()),
        rules: train.rules(),
        batch: BatchSize::Rows(train.batch_rows(rows)),
        tolerance: Some(train.tolerance()),
        epochs: train.schedule.depends_on_epochs().then(|| train.epochs()),
        threads: 0,
        ..train.clone()
    }
}
