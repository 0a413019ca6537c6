//! Arguments and models to the settings of a training.

use crate::args::{LearnArgs, ReadArgs, TrainArgs, ValidationChoice};
use crate::error::{Failure, Result};
use crate::tables::{self, Known, Rows, Source};
use retrograde::{CheckSettings, Loss, Optimizer, Regularisation, Schedule, StepRules, TrainSettings};
use retrograde_data::{ColumnType, Table};
use retrograde_model::{
    CheckpointPlan, FitSettings, FitTerms, Hidden, LossChoice, Model, SplitBy, Streaming, Validation,
    is_stream,
};
use std::path::Path;

/// What `retrograde train` was asked for.
pub(crate) fn of_args(args: &TrainArgs, source: &Source<Rows>) -> Result<FitSettings> {
    let check = (!args.no_check).then(CheckSettings::default);
    Ok(FitSettings { check, streaming: streaming(args), ..of_parts(&args.on, source)? })
}

/// What is to be learnt, and how.
pub(crate) fn of_parts(args: &LearnArgs, source: &Source<Rows>) -> Result<FitSettings> {
    let learning = &args.learning;
    let train = TrainSettings {
        optimizer: optimizer(args)?,
        learning_rate: learning.learning_rate,
        schedule: Schedule { shape: learning.schedule, warm_up: learning.warm_up },
        rules: StepRules {
            clip_norm: learning.clip_norm,
            weight_decay: learning.weight_decay,
            l1: learning.l1,
            max_norm: learning.max_norm,
        },
        dropout: dropout(&learning.dropout, &args.network.hidden)?,
        regularisation: Regularisation { lambda: learning.lambda, label_smoothing: learning.label_smoothing },
        epochs: learning.epochs,
        batch: learning.batch,
        tolerance: learning.tolerance,
        patience: learning.patience,
        seed: learning.seed,
        threads: learning.threads,
    };
    Ok(FitSettings {
        encoder: tables::encoder_settings(source, &args.columns),
        hidden: args.network.hidden.clone(),
        activations: args.network.activation.clone(),
        output: args.network.output_activation,
        loss: args.network.loss.clone(),
        init: args.network.init,
        dtype: args.network.dtype,
        train,
        validation: validation(args, source)?,
        test: args.rows.test,
        split: split(args),
        weight: args.rows.weight.clone(),
        class_weights: args.rows.class_weight.clone().unwrap_or_default(),
        streaming: None,
        check: None,
    })
}

/// The encoded rows go where the model goes, or where temporary files go.
fn streaming(args: &TrainArgs) -> Option<Streaming> {
    let folder = args.model.as_deref().filter(|path| !is_stream(path)).and_then(Path::parent);
    let folder = folder.map_or_else(std::env::temp_dir, |folder| {
        if folder.as_os_str().is_empty() { ".".into() } else { folder.to_owned() }
    });
    args.survival.stream.then_some(Streaming { folder, window: args.survival.window })
}

/// One rate is that of every hidden layer and not of the inputs.
fn dropout(rates: &[f64], hidden: &Hidden) -> Result<Vec<f64>> {
    if matches!((rates, hidden), ([_], Hidden::Units(units)) if units.is_empty()) {
        let message = "--dropout: one rate is that of the hidden layers, and there is none";
        return Err(Failure::usage(message).hint("--hidden 32"));
    }
    Ok(rates.to_vec())
}

/// What may end the training, and what it goes on from.
pub(crate) fn terms(args: &TrainArgs) -> Result<FitTerms> {
    let survival = &args.survival;
    // Who resumes wants to survive the next time too.
    let path = survival.checkpoint.as_ref().or(survival.resume.as_ref());
    if survival.every.is_some() && path.is_none() {
        return Err(Failure::usage("--every says how often, but not where").hint("--checkpoint run.ck"));
    }
    let every = survival.every.unwrap_or_default();
    Ok(FitTerms {
        time_limit: args.on.learning.time_limit,
        checkpoint: path.map(|path| CheckpointPlan { path: path.clone(), every }),
        resume: survival.resume.clone(),
    })
}

/// The method with the momentum asked for.
fn optimizer(args: &LearnArgs) -> Result<Optimizer> {
    match (args.learning.optimizer, args.learning.momentum) {
        (Optimizer::Sgd { nesterov, .. }, Some(momentum)) => Ok(Optimizer::Sgd { momentum, nesterov }),
        (other, Some(_)) => {
            let message =
                format!("--momentum: the method {} has none; expected sgd or nesterov", other.name());
            Err(Failure::usage(message).hint("--optimizer sgd"))
        }
        (optimizer, None) => Ok(optimizer),
    }
}

/// The options exclude each other.
fn split(args: &LearnArgs) -> SplitBy {
    let rows = &args.rows;
    let order = rows.split_by.clone().map(SplitBy::Order);
    let groups = rows.group.clone().map(SplitBy::Groups);
    order.or(groups).or_else(|| rows.split_column.clone().map(SplitBy::Column)).unwrap_or_default()
}

fn validation(args: &LearnArgs, source: &Source<Rows>) -> Result<Validation> {
    Ok(match &args.rows.validation {
        ValidationChoice::Auto => Validation::Auto,
        ValidationChoice::None => Validation::None,
        ValidationChoice::Share(share) => Validation::Share(*share),
        ValidationChoice::Table(name) => {
            if name == &args.data && name.as_os_str() == "-" {
                let message = "the table and --validation cannot both be read from stdin";
                return Err(Failure::usage(message).hint("--validation 0.2"));
            }
            // `01` must mean the same in both tables; the labels given are those of the training rows.
            let read = ReadArgs { labels: None, ..args.read.clone() };
            let forms = source.table.origin().forms.clone();
            let known = Known { types: types_used(args, source), forms, ..Known::default() };
            Validation::Table(Box::new(tables::open(name, &read, known)?.table))
        }
    })
}

/// The types of the training table's columns that are no numbers and not left out by name.
fn types_used(args: &LearnArgs, source: &Source<Rows>) -> Vec<(String, ColumnType)> {
    let chosen = tables::encoder_settings(source, &args.columns);
    let is_used = |name: &String| {
        let is_feature = chosen.features.as_ref().is_none_or(|features| features.contains(name));
        chosen.targets.contains(name) || (is_feature && !chosen.drop.contains(name))
    };
    let typed = source.table.columns().iter().cloned();
    typed.filter(|(name, found)| *found != ColumnType::Number && is_used(name)).collect()
}

/// The settings that a model was trained with, to train it anew on the rows of a table.
pub(crate) fn of_model(model: &Model, threads: usize, table: &Table) -> FitSettings {
    let network = model.network();
    let sizes = network.sizes();
    FitSettings {
        encoder: model.encoder().settings(),
        hidden: Hidden::Units(sizes[1..sizes.len() - 1].to_vec()),
        activations: network.hidden().to_vec(),
        output: Some(network.output()),
        loss: Some(loss_of(model)),
        init: model.init(),
        dtype: model.dtype(),
        train: TrainSettings { threads, ..model.settings().clone() },
        validation: validation_of(model),
        test: None,
        split: model.provenance().split.by.clone(),
        weight: model.weighting().column.clone().filter(|column| table.column(column).is_some()),
        class_weights: model.weighting().classes.clone(),
        streaming: None,
        check: None,
    }
}

/// The share of rows that judged, of those that were not the test; of a model that another table judged, a fifth.
fn validation_of(model: &Model) -> Validation {
    let from = model.provenance();
    match (from.validation_rows, from.rows.saturating_sub(from.test_rows + from.split.left_out)) {
        (0, _) => Validation::None,
        (_, rows) if from.train_rows >= rows => Validation::Share(0.2),
        (held, rows) => Validation::Share(held as f64 / rows as f64),
    }
}

/// The loss for one target: a network's quantile levels repeat for every target.
fn loss_of(model: &Model) -> LossChoice {
    match model.network().loss() {
        Loss::Quantile { levels } => {
            let targets = model.encoder().target.columns().len().max(1);
            Loss::Quantile { levels: levels[..levels.len() / targets].to_vec() }.into()
        }
        loss => loss.clone().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::of_args;
    use crate::args::{Cli, Verb};
    use crate::tables;
    use clap::Parser;
    use retrograde_model::FitSettings;

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let cli = Cli::try_parse_from(["retrograde", "train", "@iris"]).expect("arguments");
        let Some(Verb::Train(args)) = cli.verb else { panic!("{cli:?}") };
        let (_, source) = tables::open_planned(&args.on).expect("a table");
        let mut expected = FitSettings::default();
        expected.encoder.targets = vec!["species".into()];
        let found = of_args(&args, &source).expect("settings");
        assert_eq!(format!("{found:?}"), format!("{expected:?}"));
    }
}
