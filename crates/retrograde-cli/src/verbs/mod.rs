//! One file per verb: arguments → one call into the library → text or JSON.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod data;
pub(crate) mod evaluate;
pub(crate) mod export;
pub(crate) mod gradient;
pub(crate) mod inspect;
pub(crate) mod predict;
pub(crate) mod train;
mod train_settings;
mod train_text;

use crate::args::{ModelAndTable, ReadArgs};
use crate::error::Result;
use crate::tables::{self, Source};
use retrograde_model::Model;
use std::path::Path;

/// The model in a file.
fn load(path: &Path) -> Result<Model> {
    Ok(Model::load(path)?)
}

/// The model, and the table read as the model's columns were in training.
fn load_both(on: &ModelAndTable, read: &ReadArgs) -> Result<(Model, Source)> {
    let model = load(&on.model)?;
    let source = tables::open(&on.data, read, model.encoder().categories())?;
    Ok((model, source))
}
