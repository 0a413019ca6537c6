//! Our conjugate gradients and L-BFGS next to argmin's, from the same starts on the same costs, in f64.
//!
//! Prints one Markdown table. A "pass" is one forward and backward pass over the rows: an evaluation of J and ∇J
//! together, or of ∇J alone (which needs J's forward pass), counts 1; J alone counts 1/3. "Points" counts the
//! distinct consecutive Θ at which anything was evaluated: what argmin would cost if its J and ∇J came out of a
//! cache of the last point. Every method stops at ‖∇J‖ ≤ 1e-6, 1,000 iterations or 1,500 points.
//! "To target" is the median number of passes (points) until J ≤ J_best + 1e-6 (J_start − J_best), where J_best is the
//! lowest cost that any of the methods reached from that start; "missed" counts the starts without that, of 20.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example prints what it measured")]

mod problems;

use argmin::core::{CostFunction, Gradient, IterState, Problem, Solver, State};
use argmin::solver::conjugategradient::NonlinearConjugateGradient;
use argmin::solver::conjugategradient::beta::PolakRibierePlus;
use argmin::solver::linesearch::{HagerZhangLineSearch, MoreThuenteLineSearch};
use argmin::solver::quasinewton::LBFGS;
use problems::{Case, badly_scaled, poisson, rosenbrock, saturated_xor, sine, ten_classes};
use retrograde::Objective;
use retrograde::optimize::{BatchMethod, ConjugateGradients, Iteration, Lbfgs, Point};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

const GRADIENT_TOLERANCE: f64 = 1e-6;
const MAX_ITERATIONS: usize = 1_000;
const MAX_POINTS: usize = 1_500;
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
    let beta = PolakRibierePlus::new;
    let conjugate = NonlinearConjugateGradient::new(narrow, beta()).restart_iters(restart);
    let conjugate_hz = NonlinearConjugateGradient::new(narrow_hz, beta()).restart_iters(restart);
    let lbfgs = LBFGS::new(MoreThuente::new(), 10).with_tolerance_cost(0.0)?;
    let lbfgs_hz = LBFGS::new(HagerZhang::new(), 10).with_tolerance_cost(0.0)?;
    Ok(vec![
        run_ours(Lbfgs::default(), case),
        run_argmin(lbfgs, case),
        run_argmin(lbfgs_hz, case),
        run_ours(ConjugateGradients::default(), case),
        run_argmin(conjugate, case),
        run_argmin(conjugate_hz, case),
    ])
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
        let failed = logs.iter().filter(|log| log.failure.is_some()).count();
        let to_target = if reached.is_empty() {
            "–".to_owned()
        } else {
            let (passes, points) = (reached.iter().map(|r| r.0), reached.iter().map(|r| r.1 as f64));
            format!("{:.0} ({:.0})", median(passes), median(points))
        };
        println!(
            "| {name} | {method} | {:.0} | {:.0} | {:.0} | {:.0} ({:.0}) | {:.2e} | {:.0e} | {to_target} | {} | {failed} |",
            middle(|log| log.iterations as f64),
            middle(|log| log.costs as f64),
            middle(|log| log.grads as f64),
            middle(Log::passes),
            middle(|log| log.points as f64),
            middle(Log::lowest),
            middle(|log| log.norm),
            starts.len() - reached.len(),
        );
    }
}

/// Why runs failed, after the table.
fn print_failures(name: &str, starts: &[Vec<Log>]) {
    for (index, method) in METHODS.iter().enumerate() {
        let mut reasons: Vec<&str> =
            starts.iter().filter_map(|logs| logs[index].failure.as_deref()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        for reason in reasons {
            println!("- {name}, {method}: {reason}");
        }
    }
}

type Start = fn(u64) -> Result<Case, Failure>;

fn main() -> Result<(), Failure> {
    std::panic::set_hook(Box::new(|_| ()));
    let problems: [(&str, Start); 7] = [
        ("Rosenbrock, 2", |seed| Ok(rosenbrock(2, seed))),
        ("Rosenbrock, 20", |seed| Ok(rosenbrock(20, seed))),
        ("ten classes 64-16-10", ten_classes),
        ("xor 2-4-1, saturated", saturated_xor),
        ("one column × 1e4", badly_scaled),
        ("Poisson, overflowing", poisson),
        ("sine 1-10-1", sine),
    ];
    println!(
        "| problem | method | iterations | J alone | ∇J | passes (points) | J | ‖∇J‖ | to target | missed | failed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let mut all = Vec::new();
    for (name, start) in problems {
        let starts = (0..SEEDS).map(|seed| run_all(&start(seed)?)).collect::<Result<Vec<_>, _>>()?;
        print_rows(name, &starts);
        all.push((name, starts));
    }
    println!();
    for (name, starts) in &all {
        print_failures(name, starts);
    }
    Ok(())
}
