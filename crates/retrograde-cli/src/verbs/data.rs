//! `retrograde data`: how a table will be read; the embedded sets.

use crate::args::DataArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::output::notes::grouped;
use crate::output::style::LABEL;
use crate::output::text::{self, Side, clean, count, counted, labelled};
use crate::output::{Console, file, json};
use crate::tables::{self, Known};
use retrograde_data::{
    ColumnKind, ColumnSummary, DataError, EMBEDDED, Encoder, EncoderSettings, Role, Table, TableSummary,
    plan, rows_with_targets, shell,
};
use std::path::Path;

pub(crate) fn run(args: &DataArgs, console: Console) -> Result<Exit> {
    match &args.data {
        Some(data) => describe(data, args, console)?,
        None if args.json => console.document(&json::EmbeddedSets::default())?,
        None => list(console)?,
    }
    Ok(Exit::Done)
}

/// The embedded sets.
fn list(console: Console) -> Result<()> {
    let rows: Vec<Vec<String>> = EMBEDDED
        .iter()
        .map(|set| vec![format!("@{}", set.name), set.description.to_owned(), set.licence.to_owned()])
        .collect();
    for set in &rows {
        console.answer(format!("{LABEL}{:<9}{LABEL:#} {}", set[0], set[1]))?;
        console.answer(format!("{:<9} {}", "", set[2]))?;
    }
    Ok(())
}

/// One table; with a target also what each column becomes.
fn describe(data: &Path, args: &DataArgs, console: Console) -> Result<()> {
    let source = tables::open(data, &args.read, Known::default())?;
    let settings = tables::encoder_settings(&source, &args.columns);
    let mut identifiers = Vec::new();
    let encoder = if settings.targets.is_empty() {
        None
    } else {
        // As in training, rows without a target teach nothing; where none has one, the encoder says so.
        let (known, _) = rows_with_targets(&source.table, &settings.targets)?;
        let rows = if known.is_empty() { (0..source.table.rows()).collect() } else { known };
        Some(encoder(&source.table, &rows, settings, &mut identifiers)?)
    };
    let mut summary = plan(&source.table, encoder.as_ref());
    summary.notes.extend(refused(&identifiers));
    if let Some(path) = &args.save {
        let output = file::Output { path, exit: Exit::Usage, option: "--save", example: "plan.toml" };
        output.check(&[data])?;
        let text = crate::plan::text(&summary, path, (&args.read, &args.columns));
        file::write(path, text.as_bytes(), Exit::Usage, console)?;
    }
    if args.json {
        return console.document(&json::Data { schema: "retrograde.data/1", table: &summary });
    }
    text_of(&summary).iter().try_for_each(|line| console.answer(line))
}

/// The encoder without the columns that look like `identifiers`: training refuses them until they are dropped, but who looks at
/// a table wants to know of all of them.
fn encoder(
    table: &Table,
    rows: &[usize],
    mut settings: EncoderSettings,
    identifiers: &mut Vec<String>,
) -> Result<Encoder> {
    loop {
        match Encoder::fit(table, rows, &settings) {
            Err(DataError::Identifier { column, .. }) if !identifiers.contains(&column) => {
                if let Some(features) = &mut settings.features {
                    features.retain(|feature| *feature != column);
                } else {
                    settings.drop.push(column.clone());
                }
                identifiers.push(column);
            }
            fitted => return Ok(fitted?),
        }
    }
}

/// What to do about columns that look like identifiers.
fn refused(identifiers: &[String]) -> Option<String> {
    let names: Vec<String> = identifiers.iter().map(|name| format!("`{name}`")).collect();
    let (look, them) =
        if names.len() == 1 { ("looks like an identifier", "it") } else { ("look like identifiers", "them") };
    (!names.is_empty()).then(|| {
        let option = shell(&identifiers.join(","));
        format!("{} {look} or free text: training refuses {them}; --drop {option}", names.join(", "))
    })
}

fn text_of(summary: &TableSummary) -> Vec<String> {
    let missing: usize = summary.columns.iter().map(|c| c.missing).sum();
    let head = [
        clean(&summary.name),
        clean(&summary.format),
        counted(summary.rows, "row", "rows"),
        counted(summary.columns.len(), "column", "columns"),
        format!("{} missing", counted(missing, "cell", "cells")),
    ];
    let width = text::stdout_width();
    let mut lines = vec![labelled("data", &head.join(text::DOT), width)];
    if let Some(inputs) = summary.inputs {
        lines.push(labelled("net", &counted(inputs, "input", "inputs"), width));
    }
    lines.extend(grouped(&summary.notes).iter().map(|note| labelled("note", note, width)));
    lines.extend(columns_of(summary));
    lines
}

fn columns_of(summary: &TableSummary) -> Vec<String> {
    let has_roles = summary.inputs.is_some();
    let mut sides = vec![Side::Left, Side::Left, Side::Right, Side::Right];
    let mut heading = vec!["column", "type", "missing", "distinct"];
    if has_roles {
        sides.push(Side::Left);
        heading.push("role");
    }
    sides.push(Side::Left);
    heading.push("values");
    let mut rows = vec![heading.into_iter().map(str::to_owned).collect::<Vec<_>>()];
    rows.extend(summary.columns.iter().map(|column| {
        let mut row = vec![
            clean(&column.name),
            kind(column.kind).to_owned(),
            count(column.missing),
            count(column.distinct),
        ];
        if has_roles {
            row.push(role(column));
        }
        row.push(values(column));
        row
    }));
    text::table(&sides, &rows).into_iter().map(|line| text::cut(line, text::stdout_width())).collect()
}

fn kind(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Number => "number",
        ColumnKind::Category => "category",
        ColumnKind::Boolean => "boolean",
        ColumnKind::Date => "date",
    }
}

fn role(column: &ColumnSummary) -> String {
    match column.role {
        Some(Role::Input) => format!("input ×{}", column.inputs),
        Some(Role::Target) => "target".into(),
        Some(Role::Ignored) => "not used".into(),
        None => String::new(),
    }
}

/// `0 … 16 · mean 5.2`, `2013-01-01 … 2013-12-31`, or the most frequent levels.
fn values(column: &ColumnSummary) -> String {
    const WIDEST: usize = 40;
    if let (Some(min), Some(max), Some(mean)) = (column.min, column.max, column.mean) {
        return format!("{} … {} · mean {}", text::value(min), text::value(max), text::value(mean));
    }
    if let (Some(first), Some(last)) = (&column.first, &column.last) {
        return format!("{first} … {last}");
    }
    let mut out = String::new();
    for level in &column.top {
        let next = format!(
            "{}{} {}",
            if out.is_empty() { "" } else { text::DOT },
            clean(&level.level),
            count(level.count)
        );
        if out.chars().count() + next.chars().count() > WIDEST && !out.is_empty() {
            out.push_str(" …");
            break;
        }
        out.push_str(&next);
    }
    out
}
