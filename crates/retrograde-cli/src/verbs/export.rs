//! `retrograde export`: a model in another format.

use crate::args::{ExportArgs, ExportFormat};
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::output::{Console, file};
use std::path::Path;

pub(crate) fn run(args: &ExportArgs, console: Console) -> Result<Exit> {
    let output = args.output.as_deref().unwrap_or_else(|| Path::new("-"));
    file::Output { path: output, exit: Exit::Usage, option: "-o", example: "model.json" }
        .check(&[&args.model])?;
    let model = super::load(&args.model)?;
    let bytes = match args.format {
        ExportFormat::Json => json(&model)?,
    };
    file::write(output, &bytes, Exit::Usage, console)?;
    Ok(Exit::Done)
}

fn json(model: &retrograde_model::Model) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(&model.export_json())
        .map_err(|e| Failure::new(Exit::Model, format!("the model is no JSON: {e}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}
