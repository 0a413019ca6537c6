//! From what was asked for to one network: task, output and loss fill each other's gaps.

use crate::error::ModelError;
use crate::loss_choice::LossChoice;
use crate::settings::FitSettings;
use retrograde::{Loss, Network, Output};
use retrograde_data::{Encoder, EncoderSettings, TargetEncoding, TargetScaling, TaskChoice};

/// The encoder settings with the task that loss and output imply.
///
/// Cross-entropy implies classes. Every other loss, and the outputs for values of any size, imply numbers, unless the
/// output was given as `sigmoid` or `softmax`: squared error on classes is a fair wish.
pub(crate) fn encoder_settings(settings: &FitSettings) -> EncoderSettings {
    let probabilities = matches!(settings.output, Some(Output::Sigmoid | Output::Softmax));
    let task = match (settings.encoder.task, settings.loss.as_ref().map(LossChoice::loss)) {
        (TaskChoice::Auto, Some(Loss::CrossEntropy)) => TaskChoice::Classes,
        (TaskChoice::Auto, Some(_)) if !probabilities => TaskChoice::Numbers,
        (TaskChoice::Auto, None) if settings.output.is_some() && !probabilities => TaskChoice::Numbers,
        (task, _) => task,
    };
    let mut encoder = EncoderSettings { task, ..settings.encoder.clone() };
    // Only z itself can be any number: σ and e^z need targets in their own range.
    if number_output(settings) != Output::Identity {
        encoder.target_scaling = TargetScaling::None;
    }
    encoder
}

/// The output when numbers are predicted.
fn number_output(settings: &FitSettings) -> Output {
    let implied = match &settings.loss {
        Some(loss) if loss.is_positive() => Output::Exp,
        Some(loss) if *loss.loss() == Loss::CrossEntropy => Output::Sigmoid,
        _ => Output::Identity,
    };
    settings.output.unwrap_or(implied)
}

/// The network for an encoder and a number of training rows.
///
/// # Errors
/// [`ModelError::Task`] for classes with an output that gives no probabilities, and what [`Network::new`] refuses.
pub(crate) fn network(settings: &FitSettings, encoder: &Encoder, rows: usize) -> Result<Network, ModelError> {
    let (units, output, loss) = match &encoder.target {
        TargetEncoding::Classes { classes, .. } => class_head(settings, classes.len())?,
        TargetEncoding::Numbers { columns, .. } => {
            let choice = settings.loss.clone().unwrap_or(LossChoice::from(Loss::SquaredError));
            let units = columns.len() * choice.outputs_per_target();
            (units, number_output(settings), choice.for_targets(columns.len()))
        }
    };
    let mut sizes = vec![encoder.width()];
    sizes.extend(settings.hidden.units(rows));
    sizes.push(units);
    Ok(Network::new(&sizes, &settings.activations, output, loss)?)
}

/// Units, output and loss for a number of classes.
fn class_head(settings: &FitSettings, classes: usize) -> Result<(usize, Output, Loss), ModelError> {
    let default = if classes == 2 { Output::Sigmoid } else { Output::Softmax };
    let output = settings.output.unwrap_or(default);
    if !matches!(output, Output::Sigmoid | Output::Softmax) {
        return Err(ModelError::Task {
            found: format!("{classes} classes with the output `{}`", output.name()),
            expected: "the output `softmax` or `sigmoid`, or the task `numbers`".into(),
        });
    }
    let loss = settings.loss.as_ref().map_or(Loss::CrossEntropy, |choice| choice.loss().clone());
    if matches!(loss, Loss::Quantile { .. }) {
        return Err(ModelError::Task {
            found: format!("{classes} classes with the loss `quantile`"),
            expected: "cross-entropy, or the task `numbers`".into(),
        });
    }
    let units = if classes == 2 && output == Output::Sigmoid { 1 } else { classes };
    Ok((units, output, loss))
}
