//! `retrograde inspect`: what a model file holds.

use super::rows_text;
use crate::args::InspectArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::output::notes::grouped;
use crate::output::style::LABEL;
use crate::output::text::{self, DOT, Side, clean, cost, count, counted, labelled, stdout_width};
use crate::output::{Console, json};
use retrograde::{BatchSize, Schedule, Shape, TrainSettings};
use retrograde_data::{InputColumn, NumberScale};
use retrograde_model::Inspection;
use std::fmt::Write as _;

/// How many inputs, classes and levels are listed.
const LISTED: usize = 12;

pub(crate) fn run(args: &InspectArgs, console: Console) -> Result<Exit> {
    let inspection = super::load(&args.model)?.inspect();
    if args.json {
        console.document(&json::Inspect { schema: "retrograde.inspect/1", inspection: &inspection })?;
    } else {
        lines(&inspection).iter().try_for_each(|line| console.answer(line))?;
    }
    Ok(Exit::Done)
}

fn lines(i: &Inspection) -> Vec<String> {
    let width = stdout_width();
    let mut lines = vec![
        labelled(
            "model",
            &format!("format {} · retrograde {} · {}", i.format, clean(&i.version), i.dtype),
            width,
        ),
        labelled("task", &task(i), width),
        labelled("net", &format!("{} · {}", i.network, counted(i.weights, "weight", "weights")), width),
        labelled("learnt", &learnt(i), width),
        labelled("from", &data(i), width),
    ];
    let classes = i.classes.as_deref().unwrap_or_default();
    let weights = rows_text::weights(i.weighting.column.as_deref(), &i.weighting.named(classes));
    lines.extend(weights.map(|text| labelled("weight", &text, width)));
    lines.extend(grouped(&i.encoder.notes).iter().map(|note| labelled("note", note, width)));
    lines.extend(matrices(i));
    lines.extend(inputs(i));
    lines.extend(history(i));
    lines
}

fn task(i: &Inspection) -> String {
    let targets: Vec<String> = i.encoder.target.columns().into_iter().map(clean).collect();
    match &i.classes {
        Some(classes) => {
            let names = classes.iter().map(|c| clean(c));
            format!(
                "{} of {}: {}",
                counted(classes.len(), "class", "classes"),
                targets.join(DOT),
                listed(names)
            )
        }
        None => format!("{}: {}", counted(targets.len(), "number", "numbers"), listed(targets.into_iter())),
    }
}

fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len() > LISTED;
    let mut shown: Vec<String> = names.take(LISTED).collect();
    if more {
        shown.push("…".into());
    }
    shown.join(DOT)
}

/// How it was trained.
fn learnt(i: &Inspection) -> String {
    let s = &i.settings;
    let mut parts = vec![clean(&i.loss), s.optimizer.name().to_owned()];
    if !s.optimizer.is_batch_method() {
        parts.push(format!("learning rate {}", s.learning_rate()));
    }
    parts.extend(schedule(s.schedule));
    if let BatchSize::Rows(rows) = s.batch {
        parts.push(format!("batches of {rows}"));
    }
    if s.regularisation.lambda != 0.0 {
        parts.push(format!("L2 λ={}", s.regularisation.lambda));
    }
    parts.extend(regularisers(s));
    parts.push(format!("start {}", i.init.name()));
    parts.push(format!("seed {}", i.seed));
    parts.join(DOT)
}

/// The course of the learning rate, unless it is constant.
fn schedule(schedule: Schedule) -> Option<String> {
    let shape = match schedule.shape {
        Shape::InverseScaling { power } => Some(format!("inverse scaling, power {power}")),
        Shape::Adaptive => Some("adaptive".to_owned()),
        Shape::Step { every, factor } => {
            Some(format!("times {factor} every {}", counted(every, "epoch", "epochs")))
        }
        Shape::Cosine { period: None, .. } => Some("cosine".to_owned()),
        Shape::Cosine { period: Some(period), growth, .. } => Some(format!(
            "cosine of {} with restarts, each {growth} times as long",
            counted(period, "epoch", "epochs")
        )),
        Shape::OneCycle { rise } => Some(format!("one cycle, rising for {rise} of it")),
        // Constant.
        _ => None,
    };
    let warm_up = (schedule.warm_up > 0.0).then(|| format!("warm-up over {} epochs", schedule.warm_up));
    let parts: Vec<String> = shape.into_iter().chain(warm_up).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What holds the weights back beside λ.
fn regularisers(s: &TrainSettings) -> Vec<String> {
    let rules = s.rules();
    let mut parts = Vec::new();
    if rules.l1 > 0.0 {
        parts.push(format!("L1 λ₁={}", rules.l1));
    }
    let optional = [
        ("weight decay", rules.weight_decay.filter(|&d| d > 0.0)),
        ("max-norm", rules.max_norm),
        ("clipping at", rules.clip_norm),
    ];
    parts.extend(
        optional.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}"))),
    );
    if !s.dropout.is_empty() {
        let rates: Vec<String> = s.dropout.iter().map(f64::to_string).collect();
        parts.push(format!("dropout {}", rates.join(", ")));
    }
    if s.regularisation.label_smoothing > 0.0 {
        parts.push(format!("label smoothing {}", s.regularisation.label_smoothing));
    }
    parts
}

fn data(i: &Inspection) -> String {
    let d = &i.data;
    let mut text = format!("{} · {}", clean(&d.name), counted(d.rows, "row", "rows"));
    let rows = [d.train_rows, d.validation_rows, d.test_rows];
    let _ = write!(text, " · {}", rows_text::parts(rows, &d.split, i.seed));
    for (n, what) in [(d.split.left_out, "left out"), (d.split.duplicates, "held out and trained on")] {
        if n > 0 {
            let _ = write!(text, " · {} {what}", count(n));
        }
    }
    if let Some(fingerprint) = d.fingerprint {
        let _ = write!(text, " · fingerprint {fingerprint:016x}");
    }
    text
}

fn heading(mut lines: Vec<String>) -> Vec<String> {
    if let Some(first) = lines.first_mut() {
        *first = format!("{LABEL}{first}{LABEL:#}");
    }
    lines
}

fn matrices(i: &Inspection) -> Vec<String> {
    let mut rows =
        vec![["matrix", "shape", "weights", "‖W‖", "‖b‖", "largest", "zeros"].map(str::to_owned).to_vec()];
    rows.extend(i.matrices.iter().map(|m| {
        vec![
            m.name.clone(),
            format!("{} × {}", count(m.units), count(m.inputs)),
            count(m.weights),
            cost(m.weight_norm),
            cost(m.bias_norm),
            cost(m.largest),
            count(m.zeros),
        ]
    }));
    let mut sides = vec![Side::Right; 7];
    sides[0] = Side::Left;
    heading(text::table(&sides, &rows))
}

/// The columns and their encodings.
fn inputs(i: &Inspection) -> Vec<String> {
    let mut rows = vec![["column", "inputs", "encoding"].map(str::to_owned).to_vec()];
    rows.extend(
        i.encoder
            .inputs
            .iter()
            .take(LISTED)
            .map(|input| vec![clean(input.column()), count(input.width()), encoding(input)]),
    );
    let mut lines = heading(text::table(&[Side::Left, Side::Right, Side::Left], &rows));
    if i.encoder.inputs.len() > LISTED {
        lines.push(format!("  … and {} more (--json has all)", count(i.encoder.inputs.len() - LISTED)));
    }
    lines
}

/// What becomes of a column's cells.
fn encoding(input: &InputColumn) -> String {
    match input {
        InputColumn::Number { scale, .. } => scaling(scale),
        InputColumn::Category { levels, .. } => {
            format!("one input per level: {}", listed(levels.iter().map(|l| clean(l))))
        }
        InputColumn::Boolean { no, yes, .. } => format!("{} 0, {} 1", clean(no), clean(yes)),
        InputColumn::Date { parts, .. } => {
            format!("one input per part: {}", listed(parts.iter().map(|part| part.part.name().to_owned())))
        }
    }
}

/// `(x − 2.5) / 1.2`, or `as it is`.
fn scaling(scale: &NumberScale) -> String {
    if *scale == NumberScale::IDENTITY {
        return "as it is".to_owned();
    }
    let line = format!("(x − {}) / {}", text::value(scale.center), text::value(scale.scale));
    match scale.clip {
        None => line,
        Some(clip) => format!("z / √(1 + (z/{clip})²), z = {line}"),
    }
}

/// The first, the best and the last epoch.
fn history(i: &Inspection) -> Vec<String> {
    let mut rows = vec![["epoch", "train", "valid", "|∇J|", ""].map(str::to_owned).to_vec()];
    let mut shown = vec![1, i.best_epoch, i.history.len()];
    shown.dedup();
    for record in i.history.iter().filter(|r| shown.contains(&r.epoch)) {
        rows.push(vec![
            count(record.epoch),
            cost(record.train_cost),
            record.validation.map_or("–".into(), |v| cost(v.cost)),
            format!("{:.1e}", record.grad_norm),
            if record.epoch == i.best_epoch { "← best".into() } else { String::new() },
        ]);
    }
    let sides = [Side::Right, Side::Right, Side::Right, Side::Right, Side::Left];
    let mut lines = heading(text::table(&sides, &rows));
    lines.push(labelled("stop", i.stop.name(), None));
    lines
}
