//! `retrograde train`: from a table to a model file.

use super::train_settings::{of_args, terms};
use super::train_text::Held;
use super::{compare, train_text};
use crate::args::{TrainArgs, ValidationChoice};
use crate::error::{Failure, Result, read_or_not};
use crate::exit::Exit;
use crate::interrupt;
use crate::output::{Console, file, json};
use crate::progress::{Columns, EpochTable};
use crate::tables;
use retrograde::{EpochRecord, Flow, Verdict};
use retrograde_model::{
    CheckpointEvent, DivergenceReport, FitPlan, Fitted, Model, ModelError, StopReason, Task, Watch,
    companions, fit, pointed_to,
};

pub(crate) fn run(args: &TrainArgs, console: Console) -> Result<Exit> {
    check_outputs(args)?;
    if !args.comparison.compare.is_empty() {
        return compare::run(args, console);
    }
    let terms = terms(args)?;
    let (on, source) = tables::open_planned(&args.on)?;
    let args = &TrainArgs { on, ..args.clone() };
    let settings = of_args(args, &source)?;
    let mut watch = Transcript { console, table: None };
    if terms.checkpoint.is_some() {
        interrupt::survives();
    }
    let fitted = interrupt::patiently(|| fit(&source.table, &settings, &terms, &mut watch));
    watch.end(fitted.as_ref().ok().map(|fitted| fitted.model.best_epoch()));
    let fitted = fitted.map_err(|problem| keep(args, problem, console))?;
    let differs = fitted.check.as_ref().is_some_and(|check| check.verdict == Verdict::Differs);
    let exit = match fitted.stop {
        StopReason::Diverged => Exit::Diverged,
        StopReason::Asked => Exit::Interrupted,
        _ if differs => Exit::No,
        _ => Exit::Done,
    };
    let answered = answer(args, &fitted, Held::of(&source.table), console);
    if let Some(divergence) = &fitted.divergence {
        console.error(&diverged(args, divergence));
    }
    read_or_not(answered, exit)
}

/// Saves the model and says how it went: on stderr, and with `--json` on stdout.
fn answer(args: &TrainArgs, fitted: &Fitted, held: Held, console: Console) -> Result<()> {
    let saved =
        save(args, &fitted.model, console).map_err(|failure| match train_text::resume(args, fitted) {
            Some(command) => failure.last(format!("the training is not lost: {command}")),
            None => failure,
        })?;
    if fitted.divergence.is_none() {
        train_text::outcome((args, held), fitted, saved, console);
    }
    if args.json {
        let model = args.model.as_ref().map(|path| path.display().to_string());
        console.document(&json::TrainDocument::new(fitted, model))?;
    }
    Ok(())
}

/// The failure of a training, whose best weights are saved where it has any.
fn keep(args: &TrainArgs, problem: ModelError, console: Console) -> Failure {
    let ModelError::ScratchLost { model: Some(model), .. } = &problem else { return problem.into() };
    let (saved, epoch) = (save(args, model, console), named(model.best_epoch()));
    let failure = Failure::from(problem);
    match (saved, &args.model) {
        (Ok(_), Some(path)) => {
            failure.last(format!("saved: the best weights in {} ({epoch})", path.display()))
        }
        (Err(other), _) => {
            console.error(&other);
            failure
        }
        (Ok(_), None) => failure,
    }
}

/// Refuses outputs that cannot be before the work, not after it.
fn check_outputs(args: &TrainArgs) -> Result<()> {
    if args.json && args.model.as_deref().is_some_and(file::is_stdout) {
        return Err(Failure::usage("--json and -o - both write to stdout").hint("-o model.rg"));
    }
    file::check_svg(args.comparison.svg.as_deref(), args.json)?;
    let mut inputs = vec![args.on.data.as_path()];
    inputs.extend(args.on.read.labels.as_deref());
    if let ValidationChoice::Table(rows) = &args.on.rows.validation {
        inputs.push(rows);
    }
    if let Some(path) = &args.model {
        file::Output { path, exit: Exit::Model, option: "-o", example: "model.rg" }.check(&inputs)?;
    }
    if let Some(path) = &args.comparison.svg {
        file::Output { path, exit: Exit::Usage, option: "--svg", example: "methods.svg" }.check(&inputs)?;
    }
    inputs.extend(args.model.as_deref());
    let survival = &args.survival;
    if let (Some(checkpoint), Some(resume)) = (&survival.checkpoint, &survival.resume)
        && companions(checkpoint).contains(&pointed_to(resume))
    {
        let (resume, checkpoint) = (resume.display(), checkpoint.display());
        let message = format!("{resume} comes and goes with the checkpoint {checkpoint}");
        return Err(Failure::usage(message).hint(format!("--resume {checkpoint}")));
    }
    let paths = survival.checkpoint.iter().chain(&survival.resume);
    paths.into_iter().try_for_each(|path| file::check_checkpoint(path, &inputs))
}

/// Writes the model where it was asked to go; its size in bytes.
fn save(args: &TrainArgs, model: &Model, console: Console) -> Result<Option<u64>> {
    let Some(path) = &args.model else { return Ok(None) };
    if file::is_stdout(path) {
        let bytes = model.to_bytes()?;
        console.answer_bytes(&bytes)?;
        return Ok(Some(bytes.len() as u64));
    }
    file::guarded(path, || model.save(path))?;
    Ok(std::fs::metadata(path).ok().map(|found| found.len()))
}

/// The epoch of weights, of which 0 is before the first.
fn named(epoch: usize) -> String {
    if epoch == 0 { "the start".to_owned() } else { format!("epoch {epoch}") }
}

fn diverged(args: &TrainArgs, report: &DivergenceReport) -> Failure {
    let mut failure = Failure::new(Exit::Diverged, report.headline());
    for line in report.details() {
        failure = failure.detail(line);
    }
    if let Some(path) = &args.model {
        let epoch = named(report.saved_epoch);
        failure = failure.last(format!("saved: last finite weights in {} ({epoch})", path.display()));
    }
    failure.hint(report.hint())
}

/// Prints the plan and the epochs.
struct Transcript {
    console: Console,
    table: Option<EpochTable>,
}

impl Transcript {
    fn end(&mut self, kept: Option<usize>) {
        if let Some(table) = &mut self.table {
            table.finish(kept);
        }
    }
}

impl Watch for Transcript {
    fn started(&mut self, plan: &FitPlan) {
        train_text::plan(plan, self.console);
        let validation = plan.validation_rows > 0;
        let has_accuracy =
            validation && matches!(plan.task, Task::Classes { .. }) && plan.loss == "cross-entropy";
        // The score at the end knows nothing of class weights, and may differ.
        let name = if plan.class_weights.is_empty() { "accuracy" } else { "weighted" };
        let accuracy = has_accuracy.then_some(name);
        self.table = Some(EpochTable::new(self.console, Columns { validation, accuracy }, plan.epochs));
    }

    fn epoch(&mut self, record: &EpochRecord, best: bool, seconds: f64) -> Flow {
        self.table.as_mut().map_or(Flow::Continue, |table| table.epoch(record, best, seconds))
    }

    fn checkpoint(&mut self, event: &CheckpointEvent) {
        let failed = matches!(event, CheckpointEvent::Failed { .. });
        match &mut self.table {
            // Whoever wants to hear of nothing but errors wants to hear of this one.
            _ if failed && self.console.is_quiet() => {
                self.console.error(&train_text::checkpoint_failure(event));
            }
            Some(table) => table.note(&train_text::checkpoint(event)),
            None => {}
        }
    }

    fn batch(&mut self, epoch: usize, batch: usize, batches: usize) -> Flow {
        self.table.as_mut().map_or(Flow::Continue, |table| table.batch(epoch, batch, batches))
    }
}
