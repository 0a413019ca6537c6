//! One file per verb: arguments → one call into the library → text or JSON.

pub(crate) mod check;
mod compare;
pub(crate) mod completions;
pub(crate) mod data;
pub(crate) mod evaluate;
pub(crate) mod explain;
pub(crate) mod explain_text;
pub(crate) mod export;
pub(crate) mod find_learning_rate;
pub(crate) mod gradient;
pub(crate) mod inspect;
pub(crate) mod predict;
pub(crate) mod report;
mod rows_text;
pub(crate) mod train;
mod train_settings;
mod train_text;

use crate::args::{ModelAndTable, ReadArgs};
use crate::error::{Failure, Result};
use crate::output::Console;
use crate::tables::{self, Known, Source};
use retrograde_data::Table;
use retrograde_model::Model;
use std::path::Path;

/// The model in a file, or from stdin.
fn load(path: &Path) -> Result<Model> {
    if path.as_os_str() == "-" {
        return Ok(Model::read("stdin", &mut std::io::stdin().lock())?);
    }
    Ok(Model::load(path)?)
}

/// The files that a verb reads.
fn inputs<'a>(on: &'a ModelAndTable, read: &'a ReadArgs) -> Vec<&'a Path> {
    let labels = read.labels.as_deref();
    [on.model.as_path(), on.data.as_path()].into_iter().chain(labels).collect()
}

/// Says which rows the model has no use for, and that it misses their weights.
fn note_rows(model: &Model, table: &Table, console: Console) -> Result<()> {
    for note in model.notes_on(table)? {
        console.note(&note);
    }
    Ok(())
}

/// The model, and the table read as the model's columns were in training. Says what the training did not have.
fn load_both(on: &ModelAndTable, read: &ReadArgs, console: Console) -> Result<(Model, Source)> {
    if on.model.as_os_str() == "-" && on.data.as_os_str() == "-" {
        let message = "the model and the table cannot both be read from stdin";
        return Err(Failure::usage(message).hint("retrograde predict m.rg -"));
    }
    let model = load(&on.model)?;
    let known =
        Known { types: model.encoder().types(), forms: model.provenance().forms.clone(), ..Known::default() };
    let source = tables::open(&on.data, read, known)?;
    let unseen = model.encoder().unseen(&source.table);
    for note in source.table.origin.unexpected.iter().cloned().chain(unseen.iter().map(ToString::to_string)) {
        console.note(&note);
    }
    Ok((model, source))
}
