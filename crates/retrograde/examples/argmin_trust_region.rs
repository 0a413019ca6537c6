//! A network trained by a solver of the argmin crate: a trust region with Steihaug's conjugate gradients, which needs
//! products H v of the Hessian and no n×n matrix. Our own L-BFGS from the same starts beside it.
//!
//! cargo run --release -p retrograde --features argmin --example argmin_trust_region
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example prints what it measured")]

use argmin::core::{
    Error, Executor, IterState, KV, Problem, Solver, State, TerminationReason, TerminationStatus,
};
use argmin::solver::trustregion::{Steihaug, TrustRegion};
use ndarray::Array2;
use rand::RngExt;
use retrograde::argmin_problem::{ArgminProblem, HessianOperator};
use retrograde::optimize::minimise::{MinimiseSettings, minimise};
use retrograde::random::{Purpose, stream};
use retrograde::real::norm;
use retrograde::{
    Activation, Examples, Init, Loss, Network, NetworkObjective, Optimizer, Output, Params, Regularisation,
};

const GRADIENT_TOLERANCE: f64 = 1e-8;
const MAX_ITERATIONS: u16 = 1_000;
const LAMBDA: f64 = 0.1;

type Objective<'a> = NetworkObjective<'a, f64>;
type Iterate<'a> = IterState<Vec<f64>, Vec<f64>, (), HessianOperator<Objective<'a>>, (), f64>;

/// A solver that ends at ‖∇J‖ ≤ [`GRADIENT_TOLERANCE`]: argmin's trust region has no such test.
struct UntilFlat<S>(S);

impl<'a, S: Solver<ArgminProblem<Objective<'a>>, Iterate<'a>>>
    Solver<ArgminProblem<Objective<'a>>, Iterate<'a>> for UntilFlat<S>
{
    fn name(&self) -> &str {
        self.0.name()
    }

    fn init(
        &mut self,
        problem: &mut Problem<ArgminProblem<Objective<'a>>>,
        state: Iterate<'a>,
    ) -> Result<(Iterate<'a>, Option<KV>), Error> {
        self.0.init(problem, state)
    }

    fn next_iter(
        &mut self,
        problem: &mut Problem<ArgminProblem<Objective<'a>>>,
        state: Iterate<'a>,
    ) -> Result<(Iterate<'a>, Option<KV>), Error> {
        self.0.next_iter(problem, state)
    }

    fn terminate(&mut self, state: &Iterate<'a>) -> TerminationStatus {
        if state.get_gradient().is_some_and(|grad| norm(grad) <= GRADIENT_TOLERANCE) {
            return TerminationStatus::Terminated(TerminationReason::SolverConverged);
        }
        self.0.terminate(state)
    }
}

/// Two spirals of three quarters of a turn in each other, `rows` points with a little noise.
fn spirals(rows: usize) -> (Array2<f64>, Array2<f64>) {
    let mut rng = stream(1, Purpose::Initialisation, 99);
    let class = |k: usize| k % 2;
    let x = Array2::from_shape_fn((rows, 2), |(k, j)| {
        let along = k as f64 / rows as f64;
        let angle = std::f64::consts::PI * (1.5 * along + class(k) as f64);
        let radius = 0.4 + 1.6 * along;
        radius * [angle.cos(), angle.sin()][j] + 0.1 * rng.random_range(-1.0..1.0)
    });
    (x, Array2::from_shape_fn((rows, 1), |(k, _)| class(k) as f64))
}

fn main() -> Result<(), Error> {
    let network = Network::new(&[2, 8, 1], &[Activation::Tanh], Output::Sigmoid, Loss::CrossEntropy)?;
    let (x, y) = spirals(200);
    let examples = Examples::new(&network, x.view(), y.view(), None)?;
    let objective = || NetworkObjective::new(&network, examples, Regularisation::l2(LAMBDA), 1);
    println!("two spirals, 200 rows, {}, λ = {LAMBDA}\n", network.describe());
    println!("| start | method | iterations | J and ∇J | H v | J | ‖∇J‖ |");
    println!("|---:|---|---:|---:|---:|---:|---:|");
    for seed in 1..=3 {
        let start = Params::<f64>::init(&network, Init::Auto, seed).into_values();

        let problem = ArgminProblem::new(objective()?);
        let steihaug = Steihaug::new().with_max_iters(network.weight_count() as u64);
        let found = Executor::new(problem.clone(), UntilFlat(TrustRegion::new(steihaug)))
            .configure(|state| state.param(start.clone()).max_iters(MAX_ITERATIONS.into()))
            .run()?;
        let (state, counts) = (found.state(), problem.counts());
        println!(
            "| {seed} | trust region, argmin | {} | {} | {} | {:.9} | {:.1e} |",
            state.get_iter(),
            counts.evaluations,
            counts.products,
            state.get_cost(),
            state.get_gradient().map_or(f64::NAN, |grad| norm(grad)),
        );

        let iterations = MAX_ITERATIONS.into();
        let settings =
            MinimiseSettings { iterations, grad_norm: GRADIENT_TOLERANCE, ..MinimiseSettings::default() };
        let ours = minimise(objective()?, start, Optimizer::LBFGS, settings)?;
        println!(
            "| {seed} | L-BFGS, ours | {} | {} | – | {:.9} | {:.1e} |",
            ours.iterations,
            ours.evaluations,
            ours.point.cost,
            norm(&ours.point.grad),
        );
    }
    Ok(())
}
