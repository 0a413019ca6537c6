//! `retrograde evaluate`: a model, or its settings, on rows with known answers.

use super::rows_text;
use super::train_settings::of_model;
use crate::args::EvaluateArgs;
use crate::error::{Failure, Result, read_or_not};
use crate::exit::Exit;
use crate::interrupt;
use crate::output::style::{LABEL, yes_or_no};
use crate::output::text::{self, Side, clean, cost, count, counted, labelled, stdout_width};
use crate::output::{Console, json};
use retrograde::{EpochRecord, Flow};
use retrograde_data::Table;
use retrograde_model::{
    Confusion, CrossValidation, Evaluation, Measures, Model, StopReason, TargetMeasures, Watch,
    cross_validate,
};

/// A confusion matrix with more classes does not fit on a page; its largest errors are listed.
const WIDEST: usize = 12;

pub(crate) fn run(args: &EvaluateArgs, console: Console) -> Result<Exit> {
    let (model, source) = super::load_both(&args.on, &args.read, console)?;
    let minima = Minima::new(args, &model)?;
    let name = clean(&source.table.origin.name);
    if let Some(k) = args.cv {
        let settings = of_model(&model, args.threads, &source.table);
        let mut watch = Folds { console };
        let cross = interrupt::patiently(|| cross_validate(&source.table, &settings, k, &mut watch))?;
        if cross.stops.contains(&StopReason::Asked) || interrupt::asked() {
            return Err(Failure::new(Exit::Interrupted, "interrupted before all folds were trained"));
        }
        for note in cross.notes.iter().cloned().chain(missing_weight(&model, &source.table)) {
            console.note(&note);
        }
        let answered = if args.json {
            console.document(&json::EvaluateFolds::new(&cross, model.seed()))
        } else {
            folds_text(&cross, &name, model.seed()).iter().try_for_each(|line| console.answer(line))
        };
        return minima.answer(answered, [cross.mean.accuracy, cross.mean.r2], args.json, console);
    }
    let evaluation = model.evaluate(&source.table)?;
    super::note_rows(&model, &source.table, console)?;
    if !evaluation.ignored.is_empty() {
        console.note(&format!("not used by the model: {}", evaluation.ignored.join(", ")));
    }
    let answered = if args.json {
        console.document(&json::Evaluate { schema: "retrograde.evaluate/1", evaluation: &evaluation })
    } else {
        let rows = counted(evaluation.rows, "row", "rows");
        let weighed = |(column, sum): (&String, f64)| {
            format!(" · weighed by {} (Σ {})", clean(column), text::value(sum))
        };
        let weight = evaluation.weight.as_ref().zip(evaluation.weight_sum).map(weighed).unwrap_or_default();
        let head = labelled("data", &format!("{name} · {rows}{weight}"), stdout_width());
        let mut lines = std::iter::once(head).chain(evaluation_text(&evaluation));
        lines.try_for_each(|line| console.answer(line))
    };
    minima.answer(answered, [evaluation.accuracy, evaluation.r2], args.json, console)
}

/// The weights that training had and these rows do not.
fn missing_weight(model: &Model, table: &Table) -> Option<String> {
    let column = model.weighting().column.as_ref().filter(|column| table.column(column).is_none())?;
    Some(format!("{} has no `{column}`: each row weighs 1", table.origin.name))
}

/// What the scores must reach.
#[derive(Debug, Clone, Copy)]
struct Minima {
    accuracy: Option<f64>,
    r2: Option<f64>,
}

impl Minima {
    fn new(args: &EvaluateArgs, model: &Model) -> Result<Self> {
        let classes = model.classes().is_some();
        if args.min_accuracy.is_some() && !classes {
            let message = "--min-accuracy: the model predicts numbers, which have no accuracy";
            return Err(Failure::usage(message).hint("--min-r2 0.9"));
        }
        if args.min_r2.is_some() && classes {
            let message = "--min-r2: the model predicts classes, which have no R²";
            return Err(Failure::usage(message).hint("--min-accuracy 0.9"));
        }
        Ok(Self { accuracy: args.min_accuracy, r2: args.min_r2 })
    }

    /// Says below the measures which are met; on stdout, unless that is a JSON document.
    fn answer(
        self,
        mut answered: Result<()>,
        [accuracy, r2]: [Option<f64>; 2],
        json: bool,
        console: Console,
    ) -> Result<Exit> {
        let mut exit = Exit::Done;
        for (name, wanted, found) in [("accuracy", self.accuracy, accuracy), ("R²", self.r2, r2)] {
            let Some(wanted) = wanted else { continue };
            // NaN, and a score that does not exist, reach nothing.
            let reached = found.is_some_and(|found| found >= wanted);
            let found = found.map_or("not defined here".into(), cost);
            let sense = if reached { "reaches" } else { "is below" };
            let line =
                labelled("asked", &format!("{name} {found} {sense} {wanted} {}", yes_or_no(reached)), None);
            if json {
                console.say(line);
            } else {
                answered = answered.and_then(|()| console.answer(line));
            }
            if !reached {
                exit = Exit::No;
            }
        }
        read_or_not(answered, exit)
    }
}

/// The measures that apply, by name.
fn measures(of: &Measures) -> Vec<(&'static str, f64)> {
    let named = [
        ("cost", Some(of.cost)),
        ("accuracy", of.accuracy),
        ("log loss", of.log_loss),
        ("AUC", of.auc),
        ("RMSE", of.rmse),
        ("MAE", of.mae),
        ("R²", of.r2),
    ];
    named.into_iter().filter_map(|(name, value)| value.map(|v| (name, v))).collect()
}

fn evaluation_text(evaluation: &Evaluation) -> Vec<String> {
    let confusion = evaluation.confusion.as_ref();
    let hits = confusion.map(|c| {
        let on_diagonal = 0..c.classes.len();
        if let (Some(weights), Some(sum)) = (&c.weighted, evaluation.weight_sum) {
            let hits: f64 = on_diagonal.map(|i| weights[i][i]).sum();
            return format!("{} of {} by weight", text::value(hits), text::value(sum));
        }
        let hits: usize = on_diagonal.map(|i| c.matrix[i][i]).sum();
        format!("{} of {}", count(hits), count(evaluation.rows))
    });
    let mut rows = Vec::new();
    for (name, value) in measures(&Measures::of(evaluation)) {
        let note = match (name, &hits) {
            ("accuracy", Some(hits)) => hits.clone(),
            _ => String::new(),
        };
        rows.push(vec![name.to_owned(), cost(value), note]);
    }
    let mut lines = text::table(&[Side::Left, Side::Right, Side::Left], &rows);
    if let Some(confusion) = confusion {
        lines.extend(confusion_text(confusion));
    }
    if !evaluation.targets.is_empty() {
        lines.extend(targets_text(&evaluation.targets));
    }
    lines
}

/// The measures of each target.
fn targets_text(targets: &[TargetMeasures]) -> Vec<String> {
    let mut rows = vec![["target", "RMSE", "MAE", "R²"].map(str::to_owned).to_vec()];
    for of in targets {
        let r2 = of.r2.map_or_else(|| "–".to_owned(), cost);
        rows.push(vec![clean(&of.column), cost(of.rmse), cost(of.mae), r2]);
    }
    let mut lines = text::table(&[Side::Left, Side::Right, Side::Right, Side::Right], &rows);
    lines[0] = format!("{LABEL}{}{LABEL:#}", lines[0]);
    lines
}

fn confusion_text(confusion: &Confusion) -> Vec<String> {
    let classes: Vec<String> = confusion.classes.iter().map(|c| clean(c)).collect();
    if classes.len() > WIDEST || classes.iter().map(|c| c.chars().count() + 2).sum::<usize>() > 66 {
        return largest_errors(&classes, confusion);
    }
    let mut rows = vec![std::iter::once("true \\ said".to_owned()).chain(classes.iter().cloned()).collect()];
    for (i, class) in classes.iter().enumerate() {
        let cells = (0..classes.len()).map(|j| cell(confusion, i, j));
        rows.push(std::iter::once(class.clone()).chain(cells).collect::<Vec<_>>());
    }
    let sides: Vec<Side> = std::iter::once(Side::Left).chain(classes.iter().map(|_| Side::Right)).collect();
    let mut lines = text::table(&sides, &rows);
    lines[0] = format!("{LABEL}{}{LABEL:#}", lines[0]);
    lines
}

/// Rows of one class taken for another, or their weight.
fn cell(confusion: &Confusion, i: usize, j: usize) -> String {
    match &confusion.weighted {
        Some(weights) => text::value(weights[i][j]),
        None => count(confusion.matrix[i][j]),
    }
}

/// `shirt taken for coat: 112`, the most frequent first.
fn largest_errors(classes: &[String], confusion: &Confusion) -> Vec<String> {
    const SHOWN: usize = 8;
    let mut errors: Vec<(usize, usize, usize)> = Vec::new();
    for (i, counts) in confusion.matrix.iter().enumerate() {
        errors.extend(counts.iter().enumerate().filter(|&(j, &n)| i != j && n > 0).map(|(j, &n)| (n, i, j)));
    }
    errors.sort_by_key(|&(n, i, j)| (std::cmp::Reverse(n), i, j));
    let line = |&(_, i, j): &(usize, usize, usize)| {
        vec![format!("{} taken for {}", classes[i], classes[j]), cell(confusion, i, j)]
    };
    let rows: Vec<Vec<String>> = errors.iter().take(SHOWN).map(line).collect();
    text::table(&[Side::Left, Side::Right], &rows)
}

fn folds_text(cross: &CrossValidation, name: &str, seed: u64) -> Vec<String> {
    let head = format!("{name} · {}", rows_text::folds(cross.folds.len(), &cross.by, seed));
    let names = measures(&cross.mean);
    let column = |row: &str, of: &Measures| -> Vec<String> {
        std::iter::once(row.to_owned()).chain(measures(of).into_iter().map(|(_, v)| cost(v))).collect()
    };
    let mut rows: Vec<Vec<String>> =
        vec![std::iter::once("fold".to_owned()).chain(names.iter().map(|(n, _)| (*n).to_owned())).collect()];
    for (i, fold) in cross.folds.iter().enumerate() {
        rows.push(column(&(i + 1).to_string(), &Measures::of(fold)));
    }
    rows.push(column("mean", &cross.mean));
    rows.push(column("± sd", &cross.sd));
    let sides: Vec<Side> = std::iter::once(Side::Left).chain(names.iter().map(|_| Side::Right)).collect();
    let mut lines = vec![labelled("data", &head, stdout_width())];
    lines.extend(text::table(&sides, &rows));
    lines[1] = format!("{LABEL}{}{LABEL:#}", lines[1]);
    lines
}

/// Says which fold is trained, and listens to Ctrl-C.
struct Folds {
    console: Console,
}

impl Watch for Folds {
    fn fold(&mut self, fold: usize, folds: usize) {
        self.console.say(labelled("fold", &format!("{fold} of {folds}"), None));
    }

    fn epoch(&mut self, _: &EpochRecord, _: bool, _: f64) -> Flow {
        flow()
    }

    fn batch(&mut self, _: usize, _: usize, _: usize) -> Flow {
        flow()
    }
}

fn flow() -> Flow {
    if interrupt::asked() { Flow::Stop } else { Flow::Continue }
}
