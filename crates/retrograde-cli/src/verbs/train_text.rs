//! The transcript of a training: what there is above the epochs and below them.

use super::check::{beside_the_gradient, verdict_line};
use super::rows_text;
use crate::args::TrainArgs;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::notes::grouped;
use crate::output::style::{BAD, GOOD};
use crate::output::text::{
    DOT, bytes, clean, cost, count, counted, labelled, percent, seconds, stderr_width,
};
use crate::output::{Console, file};
use crate::tables::{Rows, pasteable};
use retrograde_data::shell;
use retrograde_model::{CheckpointEvent, FitPlan, Fitted, StopReason, TargetMeasures, Task};
use std::fmt::Write as _;
use std::path::Path;

/// Classes are listed up to this number.
const LISTED: usize = 10;
/// Notes are shown up to this number.
const NOTES: usize = 5;

/// How much of the table the training had in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// All of it.
    Whole,
    /// A piece at a time: it may be too large to be held.
    InPieces,
}

impl Held {
    pub(crate) fn of(table: &Rows) -> Self {
        if table.in_memory().is_some() { Self::Whole } else { Self::InPieces }
    }
}

/// `data`, `task`, `split`, `net`, and notes.
pub(crate) fn plan(plan: &FitPlan, console: Console) {
    let say = |label: &str, text: &str| console.say(labelled(label, text, stderr_width()));
    say("data", &data(plan));
    say("task", &task(&plan.task));
    let rows = [plan.train_rows, plan.validation_rows, plan.test_rows];
    say("split", &rows_text::parts(rows, &plan.split, plan.seed));
    if let Some(weights) = rows_text::weights(plan.weight.as_deref(), &plan.class_weights) {
        say("weight", &weights);
    }
    say("net", &net(plan));
    let notes = grouped(&plan.notes);
    notes.iter().take(NOTES).for_each(|note| say("note", note));
    if notes.len() > NOTES {
        let more = notes.len() - NOTES;
        say("note", &format!("… and {more} more; `retrograde data` with --target lists them"));
    }
}

fn data(plan: &FitPlan) -> String {
    let dates = if plan.dates == 1 { "date" } else { "dates" };
    let kinds = [(plan.numeric, "numeric"), (plan.categorical, "categorical"), (plan.dates, dates)];
    let kinds: Vec<String> =
        kinds.iter().filter(|(n, _)| *n > 0).map(|(n, kind)| format!("{} {kind}", count(*n))).collect();
    let inputs = if plan.inputs == plan.features() {
        String::new()
    } else {
        format!(" → {}", counted(plan.inputs, "input", "inputs"))
    };
    [
        clean(&plan.name),
        clean(&plan.format),
        counted(plan.rows, "row", "rows"),
        format!("{} ({}{inputs})", counted(plan.features(), "feature", "features"), kinds.join(", ")),
        format!("{} missing", count(plan.missing)),
    ]
    .join(DOT)
}

fn task(task: &Task) -> String {
    match task {
        Task::Classes { column, classes } => {
            let rows: usize = classes.iter().map(|(_, n)| n).sum();
            let class = |(name, n): &(String, usize)| {
                let share =
                    if classes.len() <= 3 { format!(" ({})", percent(*n, rows)) } else { String::new() };
                format!("{} {}{share}", clean(name), count(*n))
            };
            let mut parts: Vec<String> = classes.iter().take(LISTED).map(class).collect();
            if classes.len() > LISTED {
                parts.push("…".into());
            }
            format!(
                "{} of {}: {}",
                counted(classes.len(), "class", "classes"),
                clean(column),
                parts.join(DOT)
            )
        }
        Task::Numbers { columns } => {
            let names: Vec<String> = columns.iter().map(|c| clean(c)).collect();
            format!("{}: {}", counted(columns.len(), "number", "numbers"), names.join(DOT))
        }
    }
}

fn net(plan: &FitPlan) -> String {
    let penalty = if plan.lambda == 0.0 { String::new() } else { format!(" + L2 λ={}", plan.lambda) };
    let weights = counted(plan.weights, "weight", "weights");
    let epochs = counted(plan.epochs, "epoch", "epochs");
    let (network, loss, method) = (&plan.network, clean(&plan.loss), &plan.method);
    format!("{network} · {weights} · {loss}{penalty} · {method}, at most {epochs}")
}

/// What happened to a checkpoint.
pub(crate) fn checkpoint(event: &CheckpointEvent) -> String {
    let text = match event {
        CheckpointEvent::Resumed { path, epochs, batches, instead } => {
            let from = match batches {
                0 => counted(*epochs, "epoch", "epochs"),
                n => {
                    format!("{} and {}", counted(*epochs, "epoch", "epochs"), counted(*n, "batch", "batches"))
                }
            };
            let because = instead.as_ref().map(|why| format!(", because {}", clean(why))).unwrap_or_default();
            format!("resumed from {} after {from}{because}", clean(path))
        }
        CheckpointEvent::Failed { .. } => failed(event),
        CheckpointEvent::Recovered { path } => format!("the checkpoint {} is written again", clean(path)),
        _ => String::new(),
    };
    labelled("note", &text, stderr_width())
}

/// A checkpoint that could not be written, for those who hear of errors only.
pub(crate) fn checkpoint_failure(event: &CheckpointEvent) -> Failure {
    Failure::new(Exit::Model, failed(event)).hint("make room, or --checkpoint in another folder")
}

fn failed(event: &CheckpointEvent) -> String {
    let CheckpointEvent::Failed { path, problem } = event else { return String::new() };
    format!("cannot write the checkpoint {}: {}; the training goes on", clean(path), clean(problem))
}

/// The command that goes on from the checkpoint of this one.
pub(crate) fn resume(args: &TrainArgs, fitted: &Fitted) -> Option<String> {
    if file::is_stdout(&args.on.data) {
        return None;
    }
    let path = fitted.checkpoint.as_ref()?;
    let mut words: Vec<String> = Vec::new();
    let mut given = crate::words::given().into_iter();
    while let Some(word) = given.next() {
        match word.as_str() {
            "--checkpoint" | "--resume" => drop(given.next()),
            _ if word.starts_with("--checkpoint=") || word.starts_with("--resume=") => {}
            _ => words.push(shell(&word)),
        }
    }
    Some(format!("retrograde {} --resume {}", words.join(" "), pasteable(path)))
}

/// `stop`, `check`, `saved`, `next`; `saved` is the size of the model file.
pub(crate) fn outcome(
    (args, held): (&TrainArgs, Held),
    fitted: &Fitted,
    saved: Option<u64>,
    console: Console,
) {
    let say = |label: &str, text: &str| console.say(labelled(label, text, stderr_width()));
    say("stop", &stop(fitted));
    say("score", &score(fitted));
    if let Some(each) = each_target(fitted) {
        say("target", &each);
    }
    if let Some(test) = &fitted.test {
        let rows = counted(test.rows, "row", "rows");
        say("test", &format!("{rows}{DOT}{}", measures(test.cost, test.accuracy, test.rmse, test.r2)));
    }
    if let Some(check) = &fitted.check {
        say("check", &verdict_line(check));
        if let Some(note) = beside_the_gradient(fitted.model.settings()) {
            say("note", &note);
        }
    }
    let best = fitted.model.best_epoch();
    match (&args.model, saved) {
        (Some(path), Some(size)) => {
            let name =
                if file::is_stdout(path) { "stdout".into() } else { clean(&path.display().to_string()) };
            say("saved", &format!("{name} ({}, epoch {best})", bytes(size)));
        }
        (None, _) if fitted.stop == StopReason::Asked => {
            say("saved", &format!("{BAD}nothing{BAD:#}: no -o FILE was given"));
        }
        _ => {}
    }
    match (fitted.stop, resume(args, fitted)) {
        (StopReason::Asked | StopReason::TimeLimit, Some(command)) => say("next", &command),
        (StopReason::Asked, None) => {}
        _ => say("next", &next(args, held)),
    }
}

fn stop(fitted: &Fitted) -> String {
    let epochs = counted(fitted.model.history().len(), "epoch", "epochs");
    let patience = fitted.model.settings().patience;
    let reason = match fitted.stop {
        StopReason::Converged => "the training cost does not fall any more".to_owned(),
        StopReason::Patience => format!("the validation cost did not fall for {patience} epochs"),
        StopReason::Asked => "interrupted; the best weights so far are kept".to_owned(),
        StopReason::TimeLimit => "the time limit is reached".to_owned(),
        _ => "all that were asked for".to_owned(),
    };
    format!("{epochs} in {}: {reason}", seconds(fitted.seconds))
}

/// `cost 0.4018, accuracy 0.8077`.
fn measures(of_rows: f64, accuracy: Option<f64>, rmse: Option<f64>, r2: Option<f64>) -> String {
    let mut text = format!("cost {}", cost(of_rows));
    for (name, value) in [("accuracy", accuracy), ("RMSE", rmse), ("R²", r2)] {
        if let Some(value) = value {
            let _ = write!(text, ", {name} {}", cost(value));
        }
    }
    text
}

/// The best weights on all training rows, and on the validation rows.
fn score(fitted: &Fitted) -> String {
    let t = &fitted.train;
    let train = format!("train {}", measures(t.loss, t.accuracy, t.rmse, t.r2));
    match &fitted.validation {
        None => train,
        Some(v) => {
            let judged = measures(v.cost, v.accuracy, v.rmse, v.r2);
            format!("{train} · {GOOD}validation{GOOD:#} {judged}")
        }
    }
}

/// The error in each of several targets, on the rows that judge where there are some.
fn each_target(fitted: &Fitted) -> Option<String> {
    let (rows, targets) = match &fitted.validation {
        Some(validation) => ("validation", &validation.targets),
        None => ("train", &fitted.train.targets),
    };
    let of = |target: &TargetMeasures| format!("{} {}", clean(&target.column), cost(target.rmse));
    let each: Vec<String> = targets.iter().take(LISTED).map(of).collect();
    let more = if targets.len() > LISTED { format!("{DOT}…") } else { String::new() };
    (!each.is_empty()).then(|| format!("{rows} RMSE of {}{more}", each.join(DOT)))
}

/// A command that can be pasted.
fn next(args: &TrainArgs, held: Held) -> String {
    let again = || {
        let words: Vec<String> = crate::words::given().iter().map(|word| shell(word)).collect();
        format!("retrograde {} -o model.rg", words.join(" "))
    };
    match &args.model {
        None if file::is_stdout(&args.on.data) => "add  -o model.rg  to keep the model".into(),
        None => again(),
        Some(path) if file::is_stdout(path) => format!("retrograde inspect {}", "model.rg"),
        // The check holds its table, and a table from stdin is gone.
        Some(path) if held == Held::InPieces || file::is_stdout(&args.on.data) => {
            format!("retrograde inspect {}", pasteable(path))
        }
        Some(path) => {
            let report = path.with_extension("html");
            format!(
                "retrograde report {} {}{} -o {}",
                pasteable(path),
                pasteable(&args.on.data),
                read_flags(args),
                pasteable(&report)
            )
        }
    }
}

/// The options without which the next verb would read the table differently.
fn read_flags(args: &TrainArgs) -> String {
    let read = &args.on.read;
    let mut flags = String::new();
    if read.no_header {
        flags.push_str(" --no-header");
    }
    if read.header {
        flags.push_str(" --header");
    }
    if let Some(encoding) = read.encoding {
        let _ = write!(flags, " --encoding {}", encoding.name());
    }
    if let Some(delimiter) = read.delimiter {
        let _ = write!(flags, " --delimiter {}", shell(&char::from(delimiter).to_string()));
    }
    if let Some(labels) = read.labels.as_deref() {
        let _ = write!(flags, " --labels {}", pasteable(Path::new(labels)));
    }
    flags
}
