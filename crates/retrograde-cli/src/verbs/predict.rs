//! `retrograde predict`: clean CSV, or JSON Lines.

use crate::args::PredictArgs;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::output::{Console, file, json};
use retrograde_model::{PredictedColumn, PredictedValues, Predictions};
use serde_json::{Map, Value};
use std::path::Path;

pub(crate) fn run(args: &PredictArgs, console: Console) -> Result<Exit> {
    let output = args.output.as_deref().unwrap_or_else(|| Path::new("-"));
    let inputs = super::inputs(&args.on, &args.read);
    file::Output { path: output, exit: Exit::Usage, option: "-o", example: "answers.csv" }.check(&inputs)?;
    let (model, source) = super::load_both(&args.on, &args.read, console)?;
    if args.proba && model.classes().is_none() {
        return Err(Failure::usage("--proba: the model predicts numbers, which have no probabilities")
            .hint("leave --proba out"));
    }
    let predictions = model.predict(&source.table)?;
    if !predictions.ignored.is_empty() {
        console.note(&format!("not used by the model: {}", predictions.ignored.join(", ")));
    }
    let answers = if model.classes().is_some() { 1 } else { predictions.columns.len() };
    let bytes = if args.json {
        lines(&predictions, answers, model.classes().filter(|_| args.proba))?
    } else {
        csv(&predictions, if args.proba { predictions.columns.len() } else { answers })?
    };
    file::write(output, &bytes, Exit::Usage, console)?;
    Ok(Exit::Done)
}

fn failed(problem: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Usage, format!("the predictions cannot be written: {problem}"))
}

/// A header, and one line for each row.
fn csv(predictions: &Predictions, columns: usize) -> Result<Vec<u8>> {
    let columns = &predictions.columns[..columns];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|c| &c.name)).map_err(failed)?;
    for row in 0..predictions.rows {
        writer.write_record(columns.iter().map(|c| c.values.text(row))).map_err(failed)?;
    }
    writer.into_inner().map_err(failed)
}

/// One document for each row; probabilities for the classes that are given.
fn lines(predictions: &Predictions, answers: usize, classes: Option<&[String]>) -> Result<Vec<u8>> {
    let (answers, probabilities) = predictions.columns.split_at(answers);
    let mut bytes = Vec::new();
    for row in 0..predictions.rows {
        let named = |column: &PredictedColumn| (column.name.clone(), value(&column.values, row));
        let probability = |classes: &[String]| -> Map<String, Value> {
            classes.iter().cloned().zip(probabilities.iter().map(|c| value(&c.values, row))).collect()
        };
        let document = json::PredictionLine {
            schema: "retrograde.predict/1",
            row,
            prediction: answers.iter().map(named).collect(),
            probability: classes.map(probability),
        };
        serde_json::to_writer(&mut bytes, &document).map_err(failed)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// A class as a string; a number in the shortest form of its own type.
fn value(values: &PredictedValues, row: usize) -> Value {
    match values {
        PredictedValues::Classes(_) => values.text(row).into(),
        _ => serde_json::from_str(&values.text(row)).unwrap_or(Value::Null),
    }
}
