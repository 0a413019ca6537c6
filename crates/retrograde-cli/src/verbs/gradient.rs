//! `retrograde gradient`: J and the unrolled gradient, for an optimiser in any language.

use crate::args::{GradientArgs, GradientFormat, Order};
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::npy;
use crate::output::{Console, file, json};
use retrograde::orders::{from_course, to_course};
use retrograde_model::Model;
use serde::Deserialize;
use std::io::Read as _;
use std::path::Path;

pub(crate) fn run(args: &GradientArgs, console: Console) -> Result<Exit> {
    let output = args.output.as_deref().unwrap_or_else(|| Path::new("-"));
    let mut inputs = super::inputs(&args.on, &args.read);
    inputs.extend(args.theta.as_deref());
    file::Output { path: output, exit: Exit::Usage, option: "-o", example: "gradient.json" }
        .check(&inputs)?;
    if args.theta.as_deref().is_some_and(file::is_stdout) {
        for (what, path) in [("table", &args.on.data), ("model", &args.on.model)] {
            if file::is_stdout(path) {
                let message = format!("the {what} and --theta cannot both be read from stdin");
                return Err(Failure::usage(message).hint("--theta theta.json"));
            }
        }
    }
    let (model, source) = super::load_both(&args.on, &args.read, console)?;
    super::note_rows(&model, &source.table, console)?;
    let theta = args.theta.as_deref().map(|path| theta(path, &model, args.order)).transpose()?;
    let (cost, grad) = model.cost_and_grad(&source.table, theta.as_deref())?;
    let grad = match args.order {
        Order::Flat => grad,
        Order::Course => to_course(model.network(), &grad)?,
    };
    if format(args, output) == GradientFormat::Npy {
        return as_npy(cost, &grad, output, console);
    }
    let document = json::Gradient {
        schema: "retrograde.gradient/1",
        cost,
        weights: grad.len(),
        order: match args.order {
            Order::Flat => "flat",
            Order::Course => "course",
        },
        grad: &grad,
    };
    let mut text = serde_json::to_vec(&document)
        .map_err(|e| Failure::new(Exit::Usage, format!("the gradient is no JSON: {e}")))?;
    text.push(b'\n');
    file::write(output, &text, Exit::Usage, console)?;
    Ok(Exit::Done)
}

fn format(args: &GradientArgs, output: &Path) -> GradientFormat {
    let by_name = if output.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy")) {
        GradientFormat::Npy
    } else {
        GradientFormat::Json
    };
    if args.json { GradientFormat::Json } else { args.format.unwrap_or(by_name) }
}

/// The vector in the file and J on stdout; with the vector on stdout J is conversation.
fn as_npy(cost: f64, grad: &[f64], output: &Path, console: Console) -> Result<Exit> {
    file::write(output, &npy::write(grad), Exit::Usage, console)?;
    // `{:?}` is the shortest form that reads back as the same number, with an exponent where that is shorter.
    if file::is_stdout(output) {
        console.say(format!("J {cost:?}"));
    } else {
        console.answer(format!("{cost:?}"))?;
    }
    Ok(Exit::Done)
}

/// What a JSON file of weights may be.
#[derive(Deserialize)]
#[serde(untagged)]
enum Weights {
    Array(Vec<f64>),
    Object { theta: Vec<f64> },
}

/// The weights in a file, in flat order.
fn theta(path: &Path, model: &Model, order: Order) -> Result<Vec<f64>> {
    let name = if file::is_stdout(path) { "stdin".to_owned() } else { path.display().to_string() };
    let bytes = bytes(path).map_err(|e| Failure::new(Exit::Data, format!("cannot read {name}: {e}")))?;
    let unusable = |found: &str| {
        Failure::new(Exit::Data, format!("{name} holds no weights: {found}"))
            .detail("expected a .npy vector of f64, a JSON array of numbers, or {\"theta\": […]}")
            .hint("retrograde gradient MODEL DATA  prints a vector of the right length, in the right order")
    };
    let values = if npy::is_npy(&bytes) {
        npy::read(&bytes).map_err(|found| unusable(&found))?
    } else {
        let json =
            serde_json::from_slice::<serde_json::Value>(&bytes).map_err(|e| unusable(&e.to_string()))?;
        match serde_json::from_value(json) {
            Ok(Weights::Array(values) | Weights::Object { theta: values }) => values,
            Err(_) => return Err(unusable("JSON of another shape")),
        }
    };
    check_length(&name, &values, model)?;
    match order {
        Order::Flat => Ok(values),
        Order::Course => Ok(from_course(model.network(), &values)?),
    }
}

fn check_length(name: &str, values: &[f64], model: &Model) -> Result<()> {
    let network = model.network();
    if values.len() == network.weight_count() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Data,
        format!("{name} has {} weights, expected {}", values.len(), network.weight_count()),
    )
    .detail(format!("the network is {}, one bias for each unit", network.describe()))
    .hint("retrograde gradient MODEL DATA  prints a vector of the right length, in the right order"))
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if !file::is_stdout(path) {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}
