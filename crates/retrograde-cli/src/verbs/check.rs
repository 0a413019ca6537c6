//! `retrograde check`: backpropagation's derivatives beside numerical ones.

use crate::args::CheckArgs;
use crate::error::{Result, read_or_not};
use crate::exit::Exit;
use crate::output::style::{LABEL, sign};
use crate::output::text::{self, DOT, Side, clean, count, counted, labelled};
use crate::output::{Console, json};
use retrograde::{Bug, CheckReport, CheckSettings, StepRules, TrainSettings, Verdict, WeightCheck};
use retrograde_model::Model;

/// How many differing derivatives are listed.
const SHOWN: usize = 8;

pub(crate) fn run(args: &CheckArgs, console: Console) -> Result<Exit> {
    let (model, source) = super::load_both(&args.on, &args.read, console)?;
    super::note_rows(&model, &source.table, console)?;
    let settings = CheckSettings {
        weights: (!args.all).then_some(args.weights),
        rows: args.rows,
        seed: args.seed,
        inject: args.inject,
        ..CheckSettings::default()
    };
    let report = model.check(&source.table, &settings)?;
    let answered = if args.json {
        console.document(&json::Check::new(&model, &report, args.inject))
    } else {
        let name = clean(&source.table.origin.name);
        let lines = lines(&model, &report, args.inject, &name, source.table.rows());
        lines.iter().try_for_each(|line| console.answer(line))
    };
    read_or_not(answered, if report.verdict == Verdict::Differs { Exit::No } else { Exit::Done })
}

fn lines(model: &Model, report: &CheckReport, inject: Option<Bug>, name: &str, rows: usize) -> Vec<String> {
    let width = text::stdout_width();
    let data = format!("{name} · {} of {}", count(report.rows.len()), counted(rows, "row", "rows"));
    let mut lines = vec![labelled("net", &summary_of(model), width), labelled("data", &data, width)];
    if let Some(bug) = inject {
        let planted = format!("{}: {}", bug.name(), bug.describe());
        lines.push(labelled("bug", &planted, width));
    }
    lines.push(labelled("check", &verdict_line(report), width));
    lines.extend(beside_the_gradient(model.settings()).map(|text| labelled("note", &text, width)));
    let direction = &report.direction;
    lines.push(labelled(
        "∇J·v",
        &format!(
            "backpropagation {} · dual numbers {} · {} {}",
            text::value(direction.backpropagation),
            text::value(direction.dual),
            direction.verdict.name(),
            sign(direction.verdict)
        ),
        width,
    ));
    lines.extend(listed(model, report));
    if let Some(diagnosis) = &report.diagnosis {
        let named = diagnosis.bug.map(|bug| format!("{}{DOT}", bug.name())).unwrap_or_default();
        lines.push(labelled("looks", &format!("like {named}{}", clean(&diagnosis.text)), width));
    }
    lines
}

fn summary_of(model: &Model) -> String {
    let network = model.network();
    format!("{} · {}", network.describe(), counted(network.weight_count(), "weight", "weights"))
}

/// `64 of 1,441 derivatives on 256 rows: 64 agree ✓`, also the last line of a training.
pub(crate) fn verdict_line(report: &CheckReport) -> String {
    let part = |verdict, words: &str| match report.count(verdict) {
        0 => None,
        n => Some(format!("{} {words}", count(n))),
    };
    let parts = [
        part(Verdict::Agrees, "agree"),
        part(Verdict::Differs, "differ"),
        part(Verdict::CannotTell, "cannot tell"),
    ];
    format!(
        "{} of {} derivatives on {}{}: {} {}",
        count(report.results.len()),
        count(report.weights),
        counted(report.rows.len(), "row", "rows"),
        if report.dropout.is_empty() { "" } else { " with units dropped" },
        parts.into_iter().flatten().collect::<Vec<_>>().join(", "),
        sign(report.verdict)
    )
}

/// What the steps were subject to beside the gradient, which no check of derivatives can see.
pub(crate) fn beside_the_gradient(settings: &TrainSettings) -> Option<String> {
    let StepRules { clip_norm, weight_decay, l1, max_norm } = settings.rules();
    let parts: Vec<&str> = [
        (l1 > 0.0, "L1"),
        (weight_decay.is_some_and(|d| d > 0.0), "weight decay"),
        (max_norm.is_some(), "max-norm"),
        (clip_norm.is_some(), "clipping"),
    ]
    .into_iter()
    .filter_map(|(is_used, name)| is_used.then_some(name))
    .collect();
    let part = if parts.len() == 1 { "acts" } else { "act" };
    (!parts.is_empty()).then(|| format!("{} {part} on the steps, and not in ∇J", parts.join(", ")))
}

/// The derivatives that differ most beyond their uncertainty.
fn listed(model: &Model, report: &CheckReport) -> Vec<String> {
    let mut differ: Vec<&WeightCheck> =
        report.results.iter().filter(|r| r.verdict == Verdict::Differs).collect();
    if differ.is_empty() {
        return Vec::new();
    }
    let apart = |r: &WeightCheck| (r.backpropagation - r.numerical).abs();
    differ.sort_by(|a, b| apart(b).total_cmp(&apart(a)).then(a.index.cmp(&b.index)));
    let heading = ["weight", "backpropagation", "numerical", "± U", "dual numbers"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    let shown = &differ[..differ.len().min(SHOWN)];
    let names = model.weight_names(&shown.iter().map(|r| r.id).collect::<Vec<_>>());
    rows.extend(shown.iter().zip(names).map(|(r, name)| {
        vec![
            clean(&name),
            text::value(r.backpropagation),
            text::value(r.numerical),
            format!("{:.0e}", r.uncertainty),
            text::value(r.dual),
        ]
    }));
    let mut lines = text::table(&[Side::Left, Side::Right, Side::Right, Side::Right, Side::Right], &rows);
    lines[0] = format!("{LABEL}{}{LABEL:#}", lines[0]);
    if differ.len() > SHOWN {
        lines.push(format!("  … and {} more", count(differ.len() - SHOWN)));
    }
    lines
}
