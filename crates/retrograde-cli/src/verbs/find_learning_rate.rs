//! `retrograde find-learning-rate`: the range test and its curve.

use super::train_settings::of_parts;
use super::train_text;
use crate::args::FindLearningRateArgs;
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::output::text::cost;
use crate::output::{Console, file, json};
use crate::tables;
use retrograde::train::{RangePoint, RangeSettings, RangeTest};
use retrograde_model::{find_learning_rate, range_test_svg};

/// Lines of the curve in text.
const LINES: usize = 20;
/// Characters of its longest bar.
const BAR: usize = 40;

pub(crate) fn run(args: &FindLearningRateArgs, console: Console) -> Result<Exit> {
    if let Some(path) = &args.svg {
        let output = file::Output { path, exit: Exit::Usage, option: "--svg", example: "rates.svg" };
        output.check(&[&args.on.data])?;
    }
    let source = tables::open(&args.on.data, &args.on.read, Vec::new())?;
    let settings = of_parts(&args.on, &source)?;
    let range = RangeSettings { from: args.from, to: args.to, steps: args.steps };
    let (plan, found) = find_learning_rate(&source.table, &settings, range)?;
    if let Some(path) = &args.svg {
        file::write(path, range_test_svg(&found).as_bytes(), Exit::Usage, console)?;
    }
    train_text::plan(&plan, console);
    if args.json {
        console.document(&json::LearningRateDocument::new(&found, settings.train.optimizer.name()))?;
    } else {
        curve(&found).iter().try_for_each(|line| console.answer(line))?;
    }
    let Some(rate) = found.proposed else {
        let message = "the cost fell at no rate that was tried";
        return Err(Failure::new(Exit::No, message).hint("--from 1e-8 --to 100 --steps 1000"));
    };
    if !args.json {
        console.answer(format!("proposed  --learning-rate {}", short(rate)))?;
    }
    Ok(Exit::Done)
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
