//! `retrograde explain`: the calculus of one row.

use super::explain_text;
use crate::args::{ExplainArgs, ModelAndTable};
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::output::{Console, json};
use crate::tables::{Source, pasteable};
use retrograde_data::nearest;
use retrograde_model::{Explanations, Model, Question, RankedBy, worked_example};

pub(crate) fn run(args: &ExplainArgs, console: Console) -> Result<Exit> {
    let (model, source) = load(args, console)?;
    let explanations = model.explanations(&source.table)?;
    if let Some(count) = args.worst {
        let rows = explanations.hardest(count, args.by.into())?;
        if args.json {
            console.document(&json::Worst { schema: "retrograde.worst/1", rows: &rows })?;
        } else {
            let of = explanations.rows().len();
            explain_text::worst(&rows, of, args.by).iter().try_for_each(|line| console.answer(line))?;
        }
        return Ok(Exit::Done);
    }
    let question = question(args, &model)?;
    let row = match args.row {
        Some(row) => row,
        None => hardest(&explanations, console)?,
    };
    let document = explanations.explain(row, &question)?;
    if args.json {
        console.document(&document)?;
    } else {
        explain_text::lines(&document).iter().try_for_each(|line| console.answer(line))?;
    }
    Ok(Exit::Done)
}

fn load(args: &ExplainArgs, console: Console) -> Result<(Model, Source)> {
    let Some(data) = &args.data else {
        if args.model.as_os_str() != "@mazur" {
            let model = pasteable(&args.model);
            return Err(Failure::usage("missing: <DATA>")
                .hint(format!("retrograde explain {model} data.csv --row 0")));
        }
        let source = crate::tables::open(&args.model, &args.read, crate::tables::Known::default())?;
        return Ok((worked_example()?, source));
    };
    let on = ModelAndTable { model: args.model.clone(), data: data.clone() };
    super::load_both(&on, &args.read, console)
}

/// The row that pulls hardest, which is said.
fn hardest(explanations: &Explanations<'_>, console: Console) -> Result<usize> {
    let found = explanations.hardest(1, RankedBy::Pull)?;
    let row = found.first().map_or(0, |hard| hard.row);
    if explanations.rows().len() > 1 {
        console.say(format!("note: row {row} pulls hardest; --row K shows another, --worst 10 lists them"));
    }
    Ok(row)
}

fn question(args: &ExplainArgs, model: &Model) -> Result<Question> {
    let weight = args.weight.as_deref().map(|name| model.parse_weight_name(name)).transpose()?;
    let unit = args.unit.as_deref().map(|name| unit(name, model)).transpose()?;
    Ok(Question { weight, unit, input: args.input, proof: args.proof })
}

/// `L2[3]`, or in the last layer the name of an output.
fn unit(name: &str, model: &Model) -> Result<(usize, usize)> {
    let depth = model.network().depth();
    let layers = format!("the layers with units are L2 to L{}", depth + 1);
    let wrong = |expected: String| {
        Failure::usage(format!("--unit: `{name}` is no unit: {expected}")).hint("--unit 'L2[1]'")
    };
    let parts = name.trim().strip_prefix(['L', 'l']).and_then(|rest| rest.strip_suffix(']')?.split_once('['));
    let (layer, unit) = parts.ok_or_else(|| wrong("expected a name like L2[3]".into()))?;
    let layer: usize = layer.parse().map_err(|_| wrong(layers.clone()))?;
    if !(2..=depth + 1).contains(&layer) {
        return Err(wrong(layers));
    }
    let units = model.network().sizes()[layer - 1];
    if let Ok(number) = unit.trim().parse::<usize>() {
        return match number {
            1.. if number <= units => Ok((layer - 2, number - 1)),
            _ => Err(wrong(format!("layer {layer} has units 1 to {units}"))),
        };
    }
    let names = if layer == depth + 1 { model.output_names() } else { Vec::new() };
    if let Some(place) = names.iter().position(|output| output == unit.trim()) {
        return Ok((layer - 2, place));
    }
    let near = nearest(unit, names.iter().map(String::as_str));
    let near = near.map(|near| format!("; did you mean {near} ?")).unwrap_or_default();
    Err(wrong(format!("layer {layer} has units 1 to {units}{near}")))
}
