//! `retrograde find-learning-rate`: the range test and its curve.

use super::train_settings::of_parts;
use super::train_text;
use crate::args::FindLearningRateArgs;
use crate::error::{Failure, Result, read_or_not};
use crate::exit::Exit;
use crate::output::text::cost;
use crate::output::{Console, file, json};
use crate::tables;
use retrograde::Shape;
use retrograde::train::{RangePoint, RangeSettings, RangeTest};
use retrograde_model::{find_learning_rate, range_test_svg};

/// Lines of the curve in text.
const LINES: usize = 20;
/// Characters of its longest bar.
const BAR: usize = 40;

pub(crate) fn run(args: &FindLearningRateArgs, console: Console) -> Result<Exit> {
    refuse_idle(args)?;
    file::check_svg(args.svg.as_deref(), args.json)?;
    if let Some(path) = &args.svg {
        let output = file::Output { path, exit: Exit::Usage, option: "--svg", example: "rates.svg" };
        output.check(&[&args.on.data])?;
    }
    let (on, source) = tables::open_planned(&args.on)?;
    let settings = of_parts(&on, &source)?;
    let range = RangeSettings { from: args.from, to: args.to, steps: args.steps };
    let (plan, found) = find_learning_rate(&source.table, &settings, range)?;
    train_text::plan(&plan, console);
    let answered = if args.json {
        console.document(&json::LearningRateDocument::new(&found, &plan.method))
    } else {
        curve(&found).iter().try_for_each(|line| console.answer(line))
    };
    if let Some(path) = &args.svg {
        file::write(path, range_test_svg(&found).as_bytes(), Exit::Usage, console)?;
    }
    let Some(rate) = found.proposed else {
        let message = "the cost fell at no rate that was tried";
        return Err(Failure::new(Exit::No, message)
            .hint("--batch full  where batches differ much, --steps 1000 where rows are many"));
    };
    let proposal = || console.answer(format!("proposed  --learning-rate {}", short(rate)));
    let answered = answered.and_then(|()| if args.json { Ok(()) } else { proposal() });
    read_or_not(answered, Exit::Done)
}

/// Refuses what a range test has no use for: it would be ignored.
fn refuse_idle(args: &FindLearningRateArgs) -> Result<()> {
    let learning = &args.on.learning;
    let given = [
        ("--learning-rate", learning.learning_rate.is_some()),
        ("--schedule", learning.schedule != Shape::Auto),
        ("--warm-up", learning.warm_up != 0.0),
        ("--epochs", learning.epochs.is_some()),
        ("--tolerance", learning.tolerance.is_some()),
        ("--time-limit", learning.time_limit.is_some()),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((option, _)) => {
            let message = format!("{option} is given, and a range test of learning rates has no use for it");
            Err(Failure::usage(message).hint(format!("leave {option} out")))
        }
    }
}

/// A line for every so many steps, the smoothed cost as a bar.
fn curve(found: &RangeTest) -> Vec<String> {
    let points = &found.points;
    let every = points.len().div_ceil(LINES).max(1);
    let shown: Vec<&RangePoint> = points.iter().step_by(every).collect();
    let lowest = points.iter().map(|p| p.smoothed).fold(f64::INFINITY, f64::min);
    let highest = shown.iter().map(|p| p.smoothed).fold(f64::NEG_INFINITY, f64::max);
    let mut lines = vec![format!("{:>9}  {:>9}", "rate", "J")];
    for (k, point) in shown.iter().enumerate() {
        let share = (point.smoothed - lowest) / (highest - lowest).max(f64::MIN_POSITIVE);
        let bar = "▪".repeat(1 + (share * (BAR - 1) as f64).round() as usize);
        let next = shown.get(k + 1).map_or(f64::INFINITY, |p| p.rate);
        let here = |rate: Option<f64>| rate.is_some_and(|rate| point.rate <= rate && rate < next);
        let mark = match (here(found.proposed), here(found.lowest)) {
            (true, _) => "  ← proposed",
            (_, true) => "  ← lowest",
            _ => "",
        };
        lines.push(format!("{:>9}  {:>9}  {bar}{mark}", short(point.rate), cost(point.smoothed)));
    }
    if found.blew_up {
        let last = points.last().map_or(0.0, |p| p.rate);
        lines.push(format!("{:>9}  the cost blew up above {}", "", short(last)));
    }
    lines
}

/// Two digits.
fn short(rate: f64) -> String {
    let rounded: f64 = format!("{rate:.1e}").parse().unwrap_or(rate);
    if (1e-4..1e4).contains(&rounded) { rounded.to_string() } else { format!("{rate:.1e}") }
}
