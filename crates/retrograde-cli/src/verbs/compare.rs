//! `retrograde train --compare`: methods side by side.

use super::train_settings::of_args;
use super::train_text;
use crate::args::TrainArgs;
use crate::error::{Result, read_or_not};
use crate::exit::Exit;
use crate::interrupt;
use crate::output::text::{cost, labelled, seconds, stderr_width};
use crate::output::{Console, file, json};
use crate::tables;
use retrograde::Flow;
use retrograde_model::{FitPlan, MethodRun, StopReason, Watch, compare};

/// The table on stdout, the plan on stderr; the exit code tells an interruption.
pub(super) fn run(args: &TrainArgs, console: Console) -> Result<Exit> {
    let (on, source) = tables::open_planned(&args.on)?;
    let args = &TrainArgs { on, ..args.clone() };
    let settings = of_args(args, &source)?;
    let methods = &args.comparison.compare;
    let limit = args.on.learning.time_limit;
    let names: Vec<&str> = methods.iter().map(|method| method.name()).collect();
    let mut watch = Plan { console, methods: names.join(", ") };
    let found = interrupt::patiently(|| compare(&source.table, &settings, methods, limit, &mut watch))?;
    let answered = if args.json {
        console.document(&json::CompareDocument::new(&found, settings.train.seed))
    } else {
        let lines = std::iter::once(heading(&found.runs)).chain(found.runs.iter().map(line));
        lines.into_iter().try_for_each(|line| console.answer(line))
    };
    if let Some(path) = &args.comparison.svg {
        file::write(path, found.to_svg().as_bytes(), Exit::Usage, console)?;
    }
    let stopped = |reason| found.runs.iter().filter(|run| run.stop == reason).count();
    if stopped(StopReason::Asked) > 0 {
        let missing: Vec<&str> = methods[found.runs.len()..].iter().map(|method| method.name()).collect();
        if !missing.is_empty() {
            console.say(labelled(
                "note",
                &format!("interrupted before {}", missing.join(", ")),
                stderr_width(),
            ));
        }
        return read_or_not(answered, Exit::Interrupted);
    }
    let all_diverged = stopped(StopReason::Diverged) == found.runs.len();
    read_or_not(answered, if all_diverged { Exit::Diverged } else { Exit::Done })
}

/// Says what is going to be trained; what each training does is in the answer.
struct Plan {
    console: Console,
    methods: String,
}

impl Watch for Plan {
    fn started(&mut self, plan: &FitPlan) {
        train_text::plan(&FitPlan { method: self.methods.clone(), ..plan.clone() }, self.console);
    }

    fn batch(&mut self, _: usize, _: usize, _: usize) -> Flow {
        if interrupt::asked() { Flow::Stop } else { Flow::Continue }
    }
}

fn heading(runs: &[MethodRun]) -> String {
    let judged =
        measure(runs.first()).map(|(name, _)| format!("  {:>9}  {name:>9}", "valid")).unwrap_or_default();
    format!("{:>8}  {:>9}{judged}  {:>6}  {:>9}  {:>8}  stop", "method", "J", "epochs", "gradients", "time")
}

fn line(run: &MethodRun) -> String {
    let judged = match (&run.validation, measure(Some(run))) {
        (Some(validation), Some((_, value))) => format!("  {:>9}  {value:>9}", cost(validation.cost)),
        _ => String::new(),
    };
    format!(
        "{:>8}  {:>9}{judged}  {:>6}  {:>9.1}  {:>8}  {}",
        run.method,
        cost(run.train.cost),
        run.epochs,
        run.evaluations,
        seconds(run.seconds),
        run.stop.name()
    )
}

/// What a person reads beside the validation cost.
fn measure(run: Option<&MethodRun>) -> Option<(&'static str, String)> {
    let validation = run?.validation.as_ref()?;
    match (validation.accuracy, validation.rmse) {
        (Some(accuracy), _) => Some(("accuracy", format!("{accuracy:.4}"))),
        (_, Some(rmse)) => Some(("RMSE", cost(rmse))),
        _ => None,
    }
}
