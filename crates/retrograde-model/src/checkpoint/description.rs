//! What a checkpoint is of: whoever resumes it must bring the same.

use crate::file::checksum_of;
use crate::model::Number;
use crate::settings::{Dtype, FitSettings};
use crate::targets::Matrices;
use retrograde::{Init, Network, TrainSettings};
use retrograde_data::Encoder;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything that decides how a training goes on, beside its state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Description {
    version: String,
    dtype: Dtype,
    network: Network,
    rows: Rows,
    settings: TrainSettings,
    init: Init,
    encoder: Encoder,
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
        (encoder, network): (&Encoder, &Network),
        training: &Matrices<T>,
        validation: Option<&Matrices<T>>,
    ) -> Self {
        let train = settings.train.resolved(network, training.x.nrows());
        // Neither the number of threads nor, without a schedule that looks ahead, that of the epochs changes a bit of
        // what comes before.
        let epochs = if train.schedule.depends_on_epochs() { Some(train.epochs()) } else { None };
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            dtype: settings.dtype,
            network: network.clone(),
            rows: Rows {
                training: training.x.nrows(),
                training_fingerprint: fingerprint(training),
                validation: validation.map_or(0, |rows| rows.x.nrows()),
                validation_fingerprint: validation.map_or_else(String::new, fingerprint),
            },
            settings: TrainSettings { threads: 0, epochs, ..train },
            init: settings.init,
            encoder: encoder.clone(),
        }
    }

    /// The first thing in which `now` differs, in words.
    pub(crate) fn difference(&self, now: &Self) -> Option<String> {
        let differ = |what: &str, kept: &dyn std::fmt::Display, now: &dyn std::fmt::Display| {
            Some(format!("{what}: now {now}, in the checkpoint {kept}"))
        };
        if self.version != now.version {
            return differ("the version of retrograde", &self.version, &now.version);
        }
        if self.network != now.network {
            let (kept, given) = (self.network.describe(), now.network.describe());
            if kept == given {
                let loss = |network: &Network| crate::loss_choice::describe(network.loss());
                return differ("the loss", &loss(&self.network), &loss(&now.network));
            }
            return differ("the network", &kept, &given);
        }
        if self.dtype != now.dtype {
            return differ("the type of the numbers", &self.dtype.name(), &now.dtype.name());
        }
        let (kept, given) = (&self.settings, &now.settings);
        if kept.optimizer.name() != given.optimizer.name() {
            return differ("the method", &kept.optimizer.name(), &given.optimizer.name());
        }
        // Another seed is another split: the rows would differ, but not as what was changed.
        if kept.seed != given.seed {
            return differ("the seed", &kept.seed, &given.seed);
        }
        let (kept, given) = (&self.rows, &now.rows);
        if (kept.training, kept.validation) != (given.training, given.validation) {
            let words =
                |rows: &Rows| format!("{} for training, {} for validation", rows.training, rows.validation);
            return differ("the rows", &words(kept), &words(given));
        }
        if kept != given {
            let which = if kept.training_fingerprint == given.training_fingerprint {
                (
                    "the values of the validation rows",
                    &kept.validation_fingerprint,
                    &given.validation_fingerprint,
                )
            } else {
                ("the values of the training rows", &kept.training_fingerprint, &given.training_fingerprint)
            };
            return differ(which.0, &format!("fingerprint {}", which.1), &format!("fingerprint {}", which.2));
        }
        let [kept, given] = [self, now].map(|d| serde_json::to_value(d).unwrap_or(Value::Null));
        first_difference("", &kept, &given)
    }
}

/// A hash of inputs and targets.
fn fingerprint<T: Number>(rows: &Matrices<T>) -> String {
    let values = rows.x.iter().chain(rows.y.iter());
    checksum_of(values.map(|&v| Into::<f64>::into(v).to_le_bytes()))
}

/// The first place where two JSON values differ, with both.
fn first_difference(path: &str, kept: &Value, now: &Value) -> Option<String> {
    if kept == now {
        return None;
    }
    if let (Value::Object(a), Value::Object(b)) = (kept, now) {
        let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
        for key in keys {
            let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if let Some(found) = first_difference(&below, a, b) {
                return Some(found);
            }
        }
    }
    let short = |value: &Value| {
        let text = value.to_string();
        match text.char_indices().nth(60) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text,
        }
    };
    Some(format!("{path}: now {}, in the checkpoint {}", short(now), short(kept)))
}
