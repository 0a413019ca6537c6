//! Our conjugate gradients and L-BFGS next to argmin's, from the same starts on the same costs, in f64.
//!
//! Prints one Markdown table. A "pass" is one forward and backward pass over the rows: an evaluation of J and ∇J
//! together, or of ∇J alone (which needs J's forward pass), counts 1; J alone counts 1/3. "Points" counts the
//! distinct consecutive Θ at which anything was evaluated: what argmin would cost if its J and ∇J came out of a
//! cache of the last point. Every method stops at ‖∇J‖ ≤ 1e-7, 1,000 iterations or 3,000 points.
//! "To target" is the number of passes (points) until J ≤ J_best + 1e-6 (J_start − J_best), where J_best is the
//! lowest cost that any of the methods reached from that start; "missed" counts the starts without that.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example prints what it measured")]

use argmin::core::{CostFunction, Gradient, IterState, Problem, Solver, State};
use argmin::solver::conjugategradient::NonlinearConjugateGradient;
use argmin::solver::conjugategradient::beta::PolakRibierePlus;
use argmin::solver::linesearch::{HagerZhangLineSearch, MoreThuenteLineSearch};
use argmin::solver::quasinewton::LBFGS;
use ndarray::Array2;
use rand::RngExt;
use retrograde::optimize::{BatchMethod, ConjugateGradients, Iteration, Lbfgs, Point};
use retrograde::random::{Purpose, stream};
use retrograde::{
    Activation, Examples, Init, Loss, Network, NetworkObjective, Objective, Output, Params, Regularisation,
};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

const GRADIENT_TOLERANCE: f64 = 1e-7;
const MAX_ITERATIONS: usize = 1_000;
const MAX_POINTS: usize = 3_000;
const TARGET: f64 = 1e-6;
const SEEDS: u64 = 20;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type ArgminState = IterState<Vec<f64>, Vec<f64>, (), (), (), f64>;
type MoreThuente = MoreThuenteLineSearch<Vec<f64>, Vec<f64>, f64>;
type HagerZhang = HagerZhangLineSearch<Vec<f64>, Vec<f64>, f64>;

/// A cost that counts how it is asked, and remembers what it has seen.
struct Counted {
    objective: Box<dyn Objective<f64>>,
    grad: Vec<f64>,
    last: Vec<f64>,
    last_cost: f64,
    log: Log,
}

#[derive(Debug, Clone, Default)]
struct Log {
    costs: usize,
    grads: usize,
    points: usize,
    iterations: usize,
    /// (passes, points, J) at every new lowest cost.
    descent: Vec<(f64, usize, f64)>,
    norm: f64,
    failure: Option<String>,
}

impl Log {
    fn passes(&self) -> f64 {
        self.grads as f64 + self.costs as f64 / 3.0
    }

    fn lowest(&self) -> f64 {
        self.descent.last().map_or(f64::INFINITY, |d| d.2)
    }
}

impl Counted {
    fn new(objective: Box<dyn Objective<f64>>) -> Self {
        let n = objective.dimension();
        Self { objective, grad: vec![0.0; n], last: Vec::new(), last_cost: 0.0, log: Log::default() }
    }

    fn evaluate(&mut self, theta: &[f64]) {
        if self.last != theta {
            self.log.points += 1;
            self.last.clear();
            self.last.extend_from_slice(theta);
            self.last_cost = self.objective.cost_and_grad(theta, &mut self.grad);
        }
        let (passes, points) = (self.log.passes(), self.log.points);
        if self.last_cost < self.log.lowest() {
            self.log.descent.push((passes, points, self.last_cost));
            self.log.norm = retrograde::real::norm(&self.grad);
        }
    }
}

impl Objective<f64> for Counted {
    fn dimension(&self) -> usize {
        self.objective.dimension()
    }

    fn cost_and_grad(&mut self, theta: &[f64], grad: &mut [f64]) -> f64 {
        self.log.grads += 1;
        self.evaluate(theta);
        grad.copy_from_slice(&self.grad);
        self.last_cost
    }
}

/// The same cost as argmin asks for it: J and ∇J one at a time.
#[derive(Clone)]
struct ForArgmin(Rc<RefCell<Counted>>);

impl ForArgmin {
    fn budget(&self) -> Result<(), argmin::core::Error> {
        if self.0.borrow().log.points < MAX_POINTS { Ok(()) } else { Err(argmin::core::Error::msg("budget")) }
    }
}

impl CostFunction for ForArgmin {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, theta: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        self.budget()?;
        let mut counted = self.0.borrow_mut();
        counted.log.costs += 1;
        counted.evaluate(theta);
        Ok(counted.last_cost)
    }
}

impl Gradient for ForArgmin {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;
    fn gradient(&self, theta: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        self.budget()?;
        let mut grad = vec![0.0; theta.len()];
        self.0.borrow_mut().cost_and_grad(theta, &mut grad);
        Ok(grad)
    }
}

fn run_ours(mut method: impl BatchMethod<f64>, case: &Case) -> Log {
    let mut counted = Counted::new((case.objective)());
    let mut grad = vec![0.0; case.start.len()];
    let cost = counted.cost_and_grad(&case.start, &mut grad);
    let mut point = Point { theta: case.start.clone(), cost, grad };
    while counted.log.iterations < MAX_ITERATIONS
        && counted.log.points < MAX_POINTS
        && retrograde::real::norm(&point.grad) > GRADIENT_TOLERANCE
        && method.iterate(&mut counted, &mut point) == Iteration::Moved
    {
        counted.log.iterations += 1;
    }
    counted.log
}

/// The loop of argmin's `Executor::run`, with our limits.
fn drive(
    mut solver: impl Solver<ForArgmin, ArgminState>,
    case: &Case,
    shared: &ForArgmin,
) -> Result<(), String> {
    let mut problem = Problem::new(shared.clone());
    let state = ArgminState::new().param(case.start.clone());
    let (mut state, _) = solver.init(&mut problem, state).map_err(|e| e.to_string())?;
    state.update();
    for _ in 0..MAX_ITERATIONS {
        if state.get_gradient().is_some_and(|g| retrograde::real::norm(g) <= GRADIENT_TOLERANCE) {
            return Ok(());
        }
        state = solver.next_iter(&mut problem, state).map_err(|e| e.to_string())?.0;
        state.update();
        state.increment_iter();
        if let argmin::core::TerminationStatus::Terminated(reason) = state.get_termination_status() {
            return Err(format!("{reason:?}"));
        }
        shared.0.borrow_mut().log.iterations += 1;
        if state.get_param().is_none_or(|p| p.iter().any(|v| !v.is_finite())) {
            return Err("weights that are not finite".into());
        }
    }
    Ok(())
}

fn run_argmin(solver: impl Solver<ForArgmin, ArgminState>, case: &Case) -> Log {
    let shared = ForArgmin(Rc::new(RefCell::new(Counted::new((case.objective)()))));
    let outcome = catch_unwind(AssertUnwindSafe(|| drive(solver, case, &shared)));
    let mut log = shared.0.borrow().log.clone();
    log.failure = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(reason)) if reason.contains("budget") => None,
        Ok(Err(reason)) => Some(reason),
        Err(_) => Some("panic".into()),
    };
    log
}

const METHODS: [&str; 6] = [
    "L-BFGS, ours",
    "L-BFGS, argmin, Moré–Thuente",
    "L-BFGS, argmin, Hager–Zhang",
    "CG, ours",
    "CG, argmin, Moré–Thuente",
    "CG, argmin, Hager–Zhang",
];

/// All methods from one start; argmin's with its own defaults, but with c₂ = 0.1 for conjugate gradients as ours.
fn run_all(case: &Case) -> Result<Vec<Log>, Failure> {
    let restart = case.start.len() as u64;
    let narrow = MoreThuente::new().with_c(1e-4, 0.1)?;
    let narrow_hz = HagerZhang::new().with_delta_sigma(1e-4, 0.1)?;
    let conjugate =
        |line| NonlinearConjugateGradient::new(line, PolakRibierePlus::new()).restart_iters(restart);
    let conjugate_hz =
        |line| NonlinearConjugateGradient::new(line, PolakRibierePlus::new()).restart_iters(restart);
    let lbfgs = LBFGS::new(MoreThuente::new(), 10).with_tolerance_cost(0.0)?;
    let lbfgs_hz = LBFGS::new(HagerZhang::new(), 10).with_tolerance_cost(0.0)?;
    Ok(vec![
        run_ours(Lbfgs::default(), case),
        run_argmin(lbfgs, case),
        run_argmin(lbfgs_hz, case),
        run_ours(ConjugateGradients::default(), case),
        run_argmin(conjugate(narrow), case),
        run_argmin(conjugate_hz(narrow_hz), case),
    ])
}

/// A cost and where to start on it.
struct Case {
    objective: Box<dyn Fn() -> Box<dyn Objective<f64>>>,
    start: Vec<f64>,
}

/// Σ 100 (x_{i+1} − x_i²)² + (1 − x_i)² (Rosenbrock 1960).
struct Rosenbrock(usize);

impl Objective<f64> for Rosenbrock {
    fn dimension(&self) -> usize {
        self.0
    }

    fn cost_and_grad(&mut self, x: &[f64], grad: &mut [f64]) -> f64 {
        grad.fill(0.0);
        let mut cost = 0.0;
        for i in 0..self.0 - 1 {
            let (valley, distance) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
            cost += 100.0 * valley * valley + distance * distance;
            grad[i] -= 400.0 * x[i] * valley + 2.0 * distance;
            grad[i + 1] += 200.0 * valley;
        }
        cost
    }
}

fn rosenbrock(n: usize, seed: u64) -> Result<Case, Failure> {
    let mut rng = stream(seed, Purpose::Initialisation, 7);
    let spread = if seed == 0 { 0.0 } else { 0.5 };
    let start = (0..n).map(|i| [-1.2, 1.0][i % 2] + spread * rng.random_range(-1.0..1.0)).collect();
    Ok(Case { objective: Box::new(move || Box::new(Rosenbrock(n))), start })
}

/// A network on rows that live as long as the program.
fn network_case(
    network: &Network,
    (x, y): (Array2<f64>, Array2<f64>),
    lambda: f64,
    start: Vec<f64>,
) -> Result<Case, Failure> {
    let (x, y) = (&*Box::leak(Box::new(x)), &*Box::leak(Box::new(y)));
    let examples = Examples::new(network, x.view(), y.view(), None)?;
    // Checked here once, so that the closure cannot fail.
    NetworkObjective::new(network, examples, Regularisation::l2(lambda), 1)?;
    let network = network.clone();
    let objective = move || -> Box<dyn Objective<f64>> {
        Box::new(
            NetworkObjective::new(&network, examples, Regularisation::l2(lambda), 1).expect("checked above"),
        )
    };
    Ok(Case { objective: Box::new(objective), start })
}

/// Rows around one centre for each class; `noise` is the spread within a class.
fn blobs(rows: usize, inputs: usize, classes: usize, noise: f64) -> (Array2<f64>, Array2<f64>) {
    let mut rng = stream(1, Purpose::Shuffle, 0);
    let mut normal = || (0..12).map(|_| rng.random_range(-0.5..0.5)).sum::<f64>();
    let centres = Array2::from_shape_simple_fn((classes, inputs), &mut normal);
    let x = Array2::from_shape_fn((rows, inputs), |(k, j)| centres[[k % classes, j]] + noise * normal());
    let y = Array2::from_shape_fn((rows, classes), |(k, i)| f64::from(u8::from(k % classes == i)));
    (x, y)
}

fn digits(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[64, 16, 10], &[Activation::Sigmoid], Output::Softmax, Loss::CrossEntropy)?;
    let start = Params::<f64>::init(&network, Init::Course, seed).into_values();
    network_case(&network, blobs(1_000, 64, 10, 2.0), 1.0, start)
}

fn badly_scaled(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[8, 6, 3], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy)?;
    let start = Params::<f64>::init(&network, Init::Course, seed).into_values();
    let (mut x, y) = blobs(300, 8, 3, 1.0);
    x.column_mut(0).mapv_inplace(|v| 1e4 * v);
    network_case(&network, (x, y), 0.1, start)
}

fn saturated_xor(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[2, 4, 1], &[Activation::Sigmoid], Output::Sigmoid, Loss::CrossEntropy)?;
    let start = Params::<f64>::init(&network, Init::Course, seed);
    let x = Array2::from_shape_vec((4, 2), vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])?;
    let y = Array2::from_shape_vec((4, 1), vec![0.0, 1.0, 1.0, 0.0])?;
    network_case(&network, (x, y), 0.0, start.values().iter().map(|w| 20.0 * w).collect())
}

/// Counts up to e⁴ of inputs up to ±20: a step of length 1 along −∇J makes eᶻ overflow.
fn poisson(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[3, 6, 1], &[Activation::Tanh], Output::Exp, Loss::Poisson)?;
    let start = Params::<f64>::init(&network, Init::Course, seed).into_values();
    let (mut x, _) = blobs(200, 3, 4, 1.0);
    x.mapv_inplace(|v| 6.0 * v);
    let y =
        Array2::from_shape_fn((200, 1), |(k, _)| (2.0 + 2.0 * (0.2 * x[[k, 0]]).sin()).exp().round() * 40.0);
    network_case(&network, (x, y), 0.1, start)
}

fn sine(seed: u64) -> Result<Case, Failure> {
    let network = Network::new(&[1, 10, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError)?;
    let start = Params::<f64>::init(&network, Init::Course, seed).into_values();
    let x = Array2::from_shape_fn((100, 1), |(k, _)| -3.0 + 6.0 * k as f64 / 99.0);
    let y = x.mapv(f64::sin);
    network_case(&network, (x, y), 0.0, start)
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() { f64::NAN } else { sorted[sorted.len() / 2] }
}

fn print_rows(name: &str, starts: &[Vec<Log>]) {
    for (index, method) in METHODS.iter().enumerate() {
        let logs: Vec<&Log> = starts.iter().map(|logs| &logs[index]).collect();
        let middle = |value: fn(&Log) -> f64| median(logs.iter().map(|log| value(log)));
        let reached: Vec<(f64, usize)> = starts
            .iter()
            .filter_map(|all| {
                let best = all.iter().map(Log::lowest).fold(f64::INFINITY, f64::min);
                let first = all[0].descent[0].2;
                let target = best + TARGET * (first - best);
                all[index].descent.iter().find(|d| d.2 <= target).map(|d| (d.0, d.1))
            })
            .collect();
        let mut failures: Vec<&str> = logs.iter().filter_map(|log| log.failure.as_deref()).collect();
        let failed = failures.len();
        failures.sort_unstable();
        failures.dedup();
        println!(
            "| {name} | {method} | {:.0} | {:.0} | {:.0} | {:.1} | {:.0} | {:.3e} | {:.0e} | {:.1} ({:.0}) | {}/{} | {failed}{} |",
            middle(|log| log.iterations as f64),
            middle(|log| log.costs as f64),
            middle(|log| log.grads as f64),
            middle(Log::passes),
            middle(|log| log.points as f64),
            middle(Log::lowest),
            middle(|log| log.norm),
            median(reached.iter().map(|r| r.0)),
            median(reached.iter().map(|r| r.1 as f64)),
            starts.len() - reached.len(),
            starts.len(),
            failures.first().map_or(String::new(), |reason| format!(": {reason}")),
        );
    }
}

type Start = fn(u64) -> Result<Case, Failure>;

fn main() -> Result<(), Failure> {
    std::panic::set_hook(Box::new(|_| ()));
    let problems: [(&str, Start); 7] = [
        ("Rosenbrock, 2", |seed| rosenbrock(2, seed)),
        ("Rosenbrock, 20", |seed| rosenbrock(20, seed)),
        ("digits 64-16-10", digits),
        ("xor 2-4-1, saturated", saturated_xor),
        ("one column × 1e4", badly_scaled),
        ("Poisson, overflowing", poisson),
        ("sine 1-10-1", sine),
    ];
    println!(
        "| problem | method | iterations | J alone | ∇J | passes | points | J | ‖∇J‖ | passes (points) to target | missed | failed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (name, start) in problems {
        let starts = (0..SEEDS).map(|seed| run_all(&start(seed)?)).collect::<Result<Vec<_>, _>>()?;
        print_rows(name, &starts);
    }
    Ok(())
}
