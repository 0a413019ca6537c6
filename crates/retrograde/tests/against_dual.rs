//! Backpropagation against dual numbers: the same derivatives by carrying each along a forward pass.
//!
//! The forward pass is written here once more, over [`Real`], from the activations' values and the losses' costs
//! alone. No slope, no δ and no recurrence of the library takes part in what is expected.

mod common;

use common::problem::Overflow;
use common::{Limits, Problem, close, problems};
use retrograde::dual::Dual;
use retrograde::{Evaluator, Loss, Network, Real, Trace};

/// Relative to the larger of the two derivatives.
const RTOL: f64 = 1e-12;
/// Times the sum of all paths' magnitudes ([`Problem::magnitude`]): both ways round each path at ε ≈ 2e-16, and
/// where the paths cancel that rounding is all that is left.
const FLOOR: f64 = 1e-14;

const LIMITS: Limits =
    Limits { depth: 4, units: 7, rows: 9, work: 1000, saturation: 400.0, overflow: Overflow::Never };

/// Which z the pass is asked to move: layer (0 is layer 2), unit, and by what.
type Nudge<R> = Option<(usize, usize, R)>;

/// ℓ of one row.
fn row_cost<R: Real>(network: &Network, theta: &[R], x: &[R], y: &[f64], nudge: Nudge<R>) -> R {
    let mut a = x.to_vec();
    for (l, layer) in network.layers().enumerate() {
        let mut z: Vec<R> = (0..layer.units)
            .map(|i| {
                let start = layer.weights.start + i * layer.inputs;
                let row = &theta[start..start + layer.inputs];
                row.iter().zip(&a).fold(theta[layer.bias.start + i], |z, (&w, &a)| z + w * a)
            })
            .collect();
        if let Some((_, unit, by)) = nudge.filter(|nudge| nudge.0 == l) {
            z[unit] += by;
        }
        let Some(&activation) = network.hidden().get(l) else {
            let mut scratch = z.clone();
            return network.loss().cost(network.output(), &z, y, &mut scratch);
        };
        a = z.into_iter().map(|z| activation.value(z)).collect();
    }
    unreachable!("the last layer has no hidden activation")
}

fn constants(values: &[f64]) -> Vec<Dual> {
    values.iter().map(|&v| Dual::constant(v)).collect()
}

/// J and its derivative where the seeds in `theta` and `x` (row by row) point.
fn total_cost(problem: &Problem<f64>, theta: &[Dual], x: &[Dual]) -> Dual {
    let network = &problem.network;
    let regularisation = problem.regularisation;
    let (mut cost, mut total) = (Dual::zero(), 0.0);
    for (k, (_, y, w)) in problem.rows().into_iter().enumerate().filter(|(_, row)| row.2 > 0.0) {
        let y = regularisation.smooth(network.output(), y);
        let x = &x[k * network.inputs()..(k + 1) * network.inputs()];
        cost += Dual::constant(w) * row_cost(network, theta, x, &y, None);
        total += w;
    }
    for layer in network.layers() {
        for &w in &theta[layer.weights] {
            cost += Dual::constant(0.5 * regularisation.lambda) * w * w;
        }
    }
    cost / Dual::constant(total)
}

/// |a − y| has no derivative where a = y, and the library's convention there is 0.
fn sits_on_a_kink(problem: &Problem<f64>) -> bool {
    let trace =
        Trace::of(&problem.params(), &problem.examples(), problem.regularisation).expect("a valid problem");
    let a = &trace.a[trace.a.len() - 1];
    *problem.network.loss() == Loss::Absolute && a.iter().zip(&problem.y).any(|(a, y)| a == y)
}

/// The problems away from kinks.
fn smooth_problems(count: u64) -> impl Iterator<Item = (u64, Problem<f64>)> {
    let all = (0..count).map(|seed| (seed, Problem::random(seed + 2_000_000, LIMITS)));
    all.filter(|(_, problem)| !sits_on_a_kink(problem))
}

/// Compares two lists; the worst error in units of what is allowed.
fn compare(what: &str, found: &[f64], expected: &[f64], scale: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let mut worst = 0.0f64;
    for (p, ((&found, &expected), scale)) in found.iter().zip(expected).zip(scale).enumerate() {
        // 1e-290: below it doubles lose digits to underflow.
        let floor = FLOOR * scale + 1e-290;
        assert!(
            close(found, expected, floor, RTOL),
            "{what}, coordinate {p}: backpropagation {found:e}, dual numbers {expected:e}, paths {scale:e}"
        );
        worst = worst.max((found - expected).abs() / (floor + RTOL * found.abs().max(expected.abs())));
    }
    worst
}

#[test]
fn every_weight() {
    let (mut compared, mut worst) = (0, 0.0f64);
    for (seed, problem) in smooth_problems(problems(400, 100)) {
        let (cost, grad) = problem.evaluate(1);
        let x = constants(problem.x.as_slice().unwrap());
        let mut theta = constants(&problem.theta);
        let mut expected = Vec::new();
        for p in 0..theta.len() {
            theta[p].derivative = 1.0;
            let j = total_cost(&problem, &theta, &x);
            theta[p].derivative = 0.0;
            assert!(close(cost, j.value, 1e-300, 1e-12), "{seed}: J {cost:e} and {:e}", j.value);
            expected.push(j.derivative);
        }
        let what = format!("problem {seed}, {}", problem.describe());
        worst = worst.max(compare(&what, &grad, &expected, &problem.magnitude()));
        compared += expected.len();
    }
    println!("{compared} derivatives, the worst at {worst:.2} of its tolerance");
    assert!(compared > 1000);
}

#[test]
fn every_input() {
    let (mut compared, mut worst) = (0, 0.0f64);
    for (seed, problem) in smooth_problems(problems(300, 120)) {
        let mut evaluator =
            Evaluator::new(&problem.network, problem.regularisation, problem.x.nrows(), 1).unwrap();
        let found = evaluator.input_grad(&problem.theta, &problem.examples());
        let theta = constants(&problem.theta);
        let mut x = constants(problem.x.as_slice().unwrap());
        let mut expected = Vec::new();
        for p in 0..x.len() {
            x[p].derivative = 1.0;
            expected.push(total_cost(&problem, &theta, &x).derivative);
            x[p].derivative = 0.0;
        }
        // The paths into an input are those into the first layer's biases, through its weights.
        let scale = vec![first_layer_paths(&problem); expected.len()];
        let what = format!("problem {seed}, {}", problem.describe());
        worst = worst.max(compare(&what, found.as_slice().unwrap(), &expected, &scale));
        compared += expected.len();
    }
    println!("{compared} derivatives, the worst at {worst:.2} of its tolerance");
    assert!(compared > 1000);
}

/// Σ_i |W⁽¹⁾_i·| times the paths into unit i, for the input with the largest.
fn first_layer_paths(problem: &Problem<f64>) -> f64 {
    let layer = problem.network.layer(0);
    let into = &problem.magnitude()[layer.bias];
    (0..layer.inputs)
        .map(|j| {
            let weight = |i: usize| problem.theta[layer.weights.start + i * layer.inputs + j].abs();
            into.iter().enumerate().map(|(i, paths)| weight(i) * paths).sum()
        })
        .fold(0.0, f64::max)
}

#[test]
fn every_error_term() {
    let (mut compared, mut worst) = (0, 0.0f64);
    for (seed, problem) in smooth_problems(problems(200, 60)) {
        let trace = Trace::of(&problem.params(), &problem.examples(), problem.regularisation).unwrap();
        let theta = constants(&problem.theta);
        for (k, (x, y, _)) in problem.rows().into_iter().enumerate() {
            let y = problem.regularisation.smooth(problem.network.output(), y);
            let one_row = Problem {
                x: ndarray::aview1(x).insert_axis(ndarray::Axis(0)).to_owned(),
                y: ndarray::aview1(&y).insert_axis(ndarray::Axis(0)).to_owned(),
                weights: None,
                regularisation: retrograde::Regularisation::default(),
                ..problem.clone()
            };
            let magnitude = one_row.magnitude();
            for (l, layer) in problem.network.layers().enumerate() {
                let expected: Vec<f64> = (0..layer.units)
                    .map(|unit| {
                        let nudge = Some((l, unit, Dual::new(0.0, 1.0)));
                        row_cost(&problem.network, &theta, &constants(x), &y, nudge).derivative
                    })
                    .collect();
                let found = trace.delta[l].row(k).to_vec();
                // A bias meets a = 1, so the paths into it are the paths into z.
                let what = format!("problem {seed}, row {k}, layer {}, {}", l + 2, problem.describe());
                worst = worst.max(compare(&what, &found, &expected, &magnitude[layer.bias]));
                compared += expected.len();
            }
        }
    }
    println!("{compared} derivatives, the worst at {worst:.2} of its tolerance");
    assert!(compared > 1000);
}
