//! The calculus of one row as text: forward, backward, the weight, the unit, the inputs, the proof.

mod sums;

use crate::args::By;
use crate::output::style::{LABEL, sign};
use crate::output::text::{DOT, Side, clean, count, counted, labelled, stdout_width, table, value};
use retrograde::explain::{
    AllRows, Compared, InputTrace, LayerTrace, ProofLine, Pull, TraceDocument, UnitTrace, WeightTrace,
};
use retrograde_model::HardRow;
use sums::{EQUATION, digits, equation, terms, uncertainty};

/// Layers up to this width are shown unit by unit on one line.
const NARROW: usize = 5;
/// Of wider ones, and of sums, so many are listed.
const LISTED: usize = 8;
/// Cells of a row that are listed.
const CELLS: usize = 12;

/// The whole document.
pub(crate) fn lines(document: &TraceDocument) -> Vec<String> {
    let mut lines = vec![heading(document)];
    lines.extend(given(document));
    lines.push(format!("{LABEL}forward →{LABEL:#}"));
    lines.extend(forward(document));
    lines.push(format!("{LABEL}← backward{LABEL:#}"));
    lines.extend(backward(document));
    lines.extend(document.unit.iter().flat_map(unit));
    lines.extend(document.weight.iter().flat_map(weight));
    lines.extend(document.input.iter().flat_map(|input| inputs(input, document)));
    lines.extend(document.proof.iter().flat_map(|proof| self::proof(proof)));
    if document.weight.is_none() && document.unit.is_none() && document.proof.is_none() {
        lines.extend(largest_products(document));
    }
    lines
}

/// The rows that pull hardest.
pub(crate) fn worst(rows: &[HardRow], of: usize, by: By) -> Vec<String> {
    let mut cells = vec![["row", "line", "pull", "cost", "target", "predicted"].map(str::to_owned).to_vec()];
    cells.extend(rows.iter().map(|hard| {
        let said = hard.answer.predicted.join(", ");
        let sure = hard.answer.probability.map(|p| format!(" (p = {})", value(p))).unwrap_or_default();
        vec![
            hard.row.to_string(),
            hard.line.map(|line| line.to_string()).unwrap_or_default(),
            value(hard.pull),
            value(hard.cost),
            clean(&hard.answer.target.join(", ")),
            format!("{}{sure}", clean(&said)),
        ]
    }));
    let sides = [Side::Right, Side::Right, Side::Right, Side::Right, Side::Left, Side::Left];
    let mut lines = table(&sides, &cells);
    lines[0] = format!("{LABEL}{}{LABEL:#}", lines[0]);
    let (by, large) = match by {
        By::Pull => ("the norm of the row's own gradient", "pull"),
        By::Cost => ("what the row costs", "cost"),
    };
    lines.push(format!("of {}, by {by}", counted(of, "row", "rows")));
    lines.push(format!("a large {large} can be a wrong label, a rare case or a hard one"));
    lines
}

/// `row 11 (line 13)   class 1, predicted 0 (p = 0.381)   cost 0.966191`.
fn heading(document: &TraceDocument) -> String {
    let line = document.line.map(|line| format!(" (line {line})")).unwrap_or_default();
    let mut parts = vec![format!("row {}{line}", document.row)];
    if let Some(answer) = &document.answer {
        let columns = answer.columns.iter().map(|c| clean(c)).collect::<Vec<_>>().join(", ");
        let sure = answer.probability.map(|p| format!(" (p = {})", value(p))).unwrap_or_default();
        let [target, said] = [&answer.target, &answer.predicted]
            .map(|texts| texts.iter().map(|text| clean(text)).collect::<Vec<_>>().join(", "));
        parts.push(format!("{columns} {target}, predicted {said}{sure}"));
    }
    parts.push(format!("cost {}", value(document.cost)));
    if document.row_weight.to_bits() != 1.0f64.to_bits() {
        parts.push(format!("weight {}", value(document.row_weight)));
    }
    parts.join("   ")
}

/// The row as the table has it.
fn given(document: &TraceDocument) -> Option<String> {
    let cells = document.given.as_ref()?;
    let shown = cells.iter().take(CELLS).map(|cell| {
        let text = cell.text.as_deref().map_or_else(|| "missing".to_owned(), clean);
        format!("{} {text}", clean(&cell.column))
    });
    let mut parts: Vec<String> = shown.collect();
    if cells.len() > CELLS {
        parts.push(format!("{} others", count(cells.len() - CELLS)));
    }
    Some(labelled("given", &parts.join(DOT), stdout_width()))
}

fn forward(document: &TraceDocument) -> Vec<String> {
    let last = document.layers.len();
    document
        .layers
        .iter()
        .flat_map(|layer| match layer.activation {
            None => vec![of_layer(layer, ("input", "a"), &layer.a)],
            Some(activation) => {
                let name = format!("layer {}", layer.l);
                let z = layer.z.as_deref().unwrap_or_default();
                let mut lines = vec![of_layer(layer, (&name, "z"), z)];
                let a = of_layer(layer, (activation, "a"), &layer.a);
                lines.push(if layer.l == last {
                    format!("{a}   target {}", numbers(&document.target))
                } else {
                    a
                });
                lines
            }
        })
        .collect()
}

fn backward(document: &TraceDocument) -> Vec<String> {
    let last = document.layers.len();
    let computed = document.layers.iter().rev().filter_map(|layer| Some((layer, layer.delta.as_deref()?)));
    computed
        .map(|(layer, delta)| {
            let line = of_layer(layer, (&format!("layer {}", layer.l), "δ"), delta);
            let why = if layer.l == last { last_delta(document) } else { "(δ W) ∘ g′(z)" };
            format!("{line}   = {why}")
        })
        .collect()
}

/// What δ of the last layer is, for this loss behind this output.
fn last_delta(document: &TraceDocument) -> &'static str {
    let output = document.layers.last().and_then(|layer| layer.activation).unwrap_or_default();
    match (document.loss, output) {
        ("cross-entropy" | "poisson", _) | ("squared-error", "identity") => "a − y",
        ("gamma", _) => "1 − y/a",
        (_, "softmax") => "Σ ∂ℓ/∂a · ∂a/∂z",
        (_, "identity") => "∂ℓ/∂a",
        _ => "∂ℓ/∂a · g′(z)",
    }
}

/// A layer's numbers: all of a narrow one, and of a wide one those of the units that matter most to this row.
fn of_layer(layer: &LayerTrace, (name, symbol): (&str, &str), values: &[f64]) -> String {
    let named = |unit: usize| layer.names.as_ref().map(|names| format!("{} ", clean(&names[unit])));
    let shown = if values.len() <= NARROW {
        (0..values.len())
            .map(|unit| format!("{}{}", named(unit).unwrap_or_default(), value(values[unit])))
            .collect::<Vec<_>>()
            .join("   ")
    } else {
        let units = most_important(layer);
        let one = |&unit: &usize| {
            let name = named(unit).unwrap_or_else(|| format!("[{}] ", unit + 1));
            format!("{name}{}", value(values[unit]))
        };
        let listed = units.iter().map(one).collect::<Vec<_>>().join("   ");
        format!("{listed}   … {} others", count(values.len() - units.len()))
    };
    format!("  {name:<10} {symbol}  {shown}")
}

/// The units of a wide layer with the largest |δ|, or the largest |a| of the inputs; in their order.
fn most_important(layer: &LayerTrace) -> Vec<usize> {
    const FEW: usize = 3;
    let size = |unit: usize| match &layer.delta {
        Some(delta) => delta[unit].abs(),
        None => layer.a[unit].abs(),
    };
    let mut units: Vec<usize> = (0..layer.a.len()).collect();
    units.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
    units.truncate(FEW);
    units.sort_unstable();
    units
}

fn numbers(values: &[f64]) -> String {
    let shown = values.iter().take(LISTED).map(|v| value(*v)).collect::<Vec<_>>().join(" ");
    if values.len() > LISTED { format!("{shown} …") } else { shown }
}

/// The weights that this row pulls at most.
fn largest_products(document: &TraceDocument) -> Vec<String> {
    let mut lines = vec![format!("{LABEL}what the row pulls at most, a·δ{LABEL:#}")];
    for products in document.products.values() {
        let shown = products.largest.iter().take(3);
        let mut cells: Vec<String> =
            shown.map(|p| format!("{} {}", clean(&p.name), value(p.product))).collect();
        let all = products.shape[0] * products.shape[1];
        if all > cells.len() {
            cells.push(format!("{} others", count(all - cells.len())));
        }
        lines.push(format!("  {}", cells.join(DOT)));
    }
    lines
}

fn weight(weight: &WeightTrace) -> Vec<String> {
    let mut lines =
        vec![format!("{LABEL}the weight {} = {}{LABEL:#}", clean(&weight.name), value(weight.value))];
    let unit = match (&weight.blame, weight.gprime) {
        (Some(blame), Some(slope)) => {
            lines.push("  δ of its unit: the blame that comes back, through g′".into());
            lines.extend(terms(blame, ("δ", "W")));
            format!("{} × {}  (Σ δW × g′)", digits(blame.sum), digits(slope))
        }
        _ => "of the last layer".to_owned(),
    };
    let rows = vec![
        equation("δ", &unit, weight.delta, None),
        equation(
            "this row  a·δ",
            &format!("{} × {}", digits(weight.a), digits(weight.delta)),
            weight.product,
            None,
        ),
        equation("numerically", &uncertainty(weight.u), weight.numerical, Some(weight.verdict)),
    ];
    lines.extend(table(&EQUATION, &rows));
    lines.extend(all_rows(&weight.all));
    lines
}

fn all_rows(all: &AllRows) -> Vec<String> {
    let pull = |pull: &Pull| {
        let line = pull.line.map(|line| format!(", line {line}")).unwrap_or_default();
        format!("{} (row {}{line})", value(pull.value), pull.row)
    };
    let m = if (all.total_weight - all.rows as f64).abs() < f64::EPSILON { "m" } else { "M" };
    let mut lines = vec![
        format!("{LABEL}all {}{LABEL:#}", counted(all.rows, "row", "rows")),
        format!("  pulls  {} … {}", pull(&all.pull_min), pull(&all.pull_max)),
    ];
    let rows = vec![
        equation("Δ", "Σ a·δ", all.grad_sum, None),
        equation(&format!("Δ/{m}"), &format!("{m} = {}", value(all.total_weight)), all.mean, None),
        equation(&format!("λΘ/{m}"), "", all.l2, None),
        equation("D = ∂J/∂Θ", "", all.grad, None),
        equation("numerically", &uncertainty(all.u), all.numerical, Some(all.verdict)),
    ];
    lines.extend(table(&EQUATION, &rows));
    lines
}

fn unit(unit: &UnitTrace) -> Vec<String> {
    let mut lines =
        vec![format!("{LABEL}the unit {}{LABEL:#}", clean(&unit.name)), "  what reaches it".into()];
    lines.extend(terms(&unit.reaches, ("a", "W")));
    let mut rows = vec![equation("z", "the sum", unit.z, None), equation("a = g(z)", "", unit.a, None)];
    if let Some(slope) = unit.gprime {
        rows.push(equation("g′(z)", "how far the shutter opens", slope, None));
    }
    lines.extend(table(&EQUATION, &rows));
    if let Some(blame) = &unit.blame {
        lines.push("  the blame that comes back".into());
        lines.extend(terms(blame, ("δ", "W")));
    }
    let how = if unit.gprime.is_some() { "Σ δW × g′" } else { "" };
    let rows = vec![
        equation("δ = ∂ℓ/∂z", how, unit.delta.value, None),
        equation("numerically", &uncertainty(unit.delta.u), unit.delta.numerical, Some(unit.delta.verdict)),
    ];
    lines.extend(table(&EQUATION, &rows));
    lines
}

/// ∂ℓ/∂x and ∂a/∂x, those of the largest ∂ℓ/∂x first.
fn inputs(input: &InputTrace, document: &TraceDocument) -> Vec<String> {
    let mut order: Vec<usize> = (0..input.cost.len()).collect();
    let size = |j: usize| input.cost[j].value.abs();
    order.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
    let outputs = document.layers.last().and_then(|layer| layer.names.clone()).unwrap_or_default();
    let few = input.outputs.len().min(3);
    let mut heading = vec!["input".to_owned(), "∂ℓ/∂x".into(), "numerically".into(), String::new()];
    heading.extend((0..few).map(|o| {
        format!("∂a/∂x {}", outputs.get(o).map_or_else(|| (o + 1).to_string(), |name| clean(name)))
    }));
    heading.push("per unit of the column, ∂ℓ".into());
    let mut rows = vec![heading];
    rows.extend(order.iter().take(LISTED).map(|&j| {
        let Compared { value: by, numerical, verdict, .. } = input.cost[j];
        let per_unit = input.per_unit.as_ref().and_then(|steps| steps[j]).map(|step| value(step * by));
        let mut row = vec![clean(&input.names[j]), value(by), value(numerical), sign(verdict)];
        row.extend((0..few).map(|o| value(input.outputs[o][j])));
        row.push(per_unit.unwrap_or_default());
        row
    }));
    let mut sides = vec![Side::Left, Side::Right, Side::Right, Side::Left];
    sides.extend(std::iter::repeat_n(Side::Right, few + 1));
    let mut lines = vec![format!("{LABEL}by the inputs{LABEL:#}")];
    lines.extend(table(&sides, &rows));
    if order.len() > LISTED {
        lines.push(format!("  … {} others", count(order.len() - LISTED)));
    }
    lines
}

fn proof(lines: &[ProofLine]) -> Vec<String> {
    let mut out = vec![format!("{LABEL}proof, line by line on this row{LABEL:#}")];
    for (number, line) in lines.iter().enumerate() {
        out.push(format!("  {}. {} = {}", number + 1, clean(&line.derivative), clean(&line.equals)));
        out.push(format!("     {}", line.why));
        let Compared { value, numerical, u, verdict } = line.compared;
        let many = line.of.map(|of| format!(" (furthest off of {})", count(of))).unwrap_or_default();
        out.push(format!(
            "     {} · numerically {} {} · {} {}{many}",
            digits(value),
            digits(numerical),
            uncertainty(u),
            verdict.name(),
            sign(verdict)
        ));
    }
    out
}
