//! `retrograde report`: one file with findings and figures.

use crate::args::{ReportArgs, ReportFormat};
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::output::text::clean;
use crate::output::{Console, file};
use std::path::Path;

pub(crate) fn run(args: &ReportArgs, console: Console) -> Result<Exit> {
    let output = args.output.as_path();
    let inputs = super::inputs(&args.on, &args.read);
    file::Output { path: output, exit: Exit::Usage, option: "-o", example: "report.html" }.check(&inputs)?;
    let (model, source) = super::load_both(&args.on, &args.read, console)?;
    super::note_rows(&model, &source.table, console)?;
    let report = model.report(&source.table)?;
    let bytes = match format(args, output) {
        ReportFormat::Html => report.to_html().into_bytes(),
        ReportFormat::Md => report.to_markdown().into_bytes(),
        ReportFormat::Json => {
            let mut bytes = serde_json::to_vec(&report)
                .map_err(|e| Failure::new(Exit::Usage, format!("the report is no JSON: {e}")))?;
            bytes.push(b'\n');
            bytes
        }
    };
    file::write(output, &bytes, Exit::Usage, console)?;
    for finding in &report.findings {
        console.note(&clean(&finding.text));
    }
    if report.findings.is_empty() {
        console.note("nothing stands out");
    }
    Ok(Exit::Done)
}

/// As asked for, or by the file's name.
fn format(args: &ReportArgs, output: &Path) -> ReportFormat {
    let ends = |end: &str| output.extension().is_some_and(|e| e.eq_ignore_ascii_case(end));
    match args.format {
        _ if args.json => ReportFormat::Json,
        Some(format) => format,
        None if ends("md") => ReportFormat::Md,
        None if ends("json") => ReportFormat::Json,
        None => ReportFormat::Html,
    }
}
