//! Epochs whose order of rows, rate and end somebody else decides.

use super::batches::copy_rows;
use super::rules::StepRules;
use crate::dropout::{self, Draw};
use crate::error::{Error, Result};
use crate::evaluator::{Divisors, Evaluator};
use crate::examples::Examples;
use crate::network::Network;
use crate::optimize::method::StepState;
use crate::real::Scalar;
use crate::regularisation::Regularisation;

/// What stays the same from epoch to epoch.
#[derive(Debug, Clone)]
pub struct EpochSettings<T: Scalar> {
    /// What makes a step of a gradient, with its state.
    pub method: StepState<T>,
    /// What is done around a step.
    pub rules: StepRules,
    /// λ, here over the weight M_b of the rows of the batch at hand, and label smoothing.
    pub regularisation: Regularisation,
    /// Rates as [`TrainSettings::dropout`](crate::TrainSettings), and the seed of what is dropped.
    pub dropout: (Vec<f64>, u64),
    /// Rows of a batch.
    pub batch: usize,
    /// Threads at most, 0 for all.
    pub threads: usize,
}

/// Epochs over rows in memory, for who keeps the reins: a training whose starting weights, orders and rates come from elsewhere.
///
/// Each batch b is its own problem, as scikit-learn has it: where [`Training`](super::Training) divides the penalty by the
/// weight of all rows, here
///
/// ```text
/// J_b = (1/M_b) Σ_{k∈b} w_k ℓ_k + (λ/2M_b) Σ‖W‖²,        M_b = Σ_{k∈b} w_k
/// ```
///
/// A batch that weighs nothing makes no step.
#[derive(Debug)]
pub struct Epochs<'a, T: Scalar> {
    network: Network,
    rows: Examples<'a, T>,
    evaluator: Evaluator<T>,
    method: StepState<T>,
    rules: StepRules,
    size: usize,
    /// How many were run.
    count: u64,
    is_thinned: bool,
    grad: Vec<T>,
    y: Vec<T>,
    weights: Vec<T>,
}

impl<'a, T: Scalar> Epochs<'a, T> {
    /// Over `rows`, in batches of at most as many as there are.
    ///
    /// # Errors
    /// Rows for another network, settings out of range, or threads that cannot be started.
    pub fn new(network: &Network, rows: Examples<'a, T>, settings: EpochSettings<T>) -> Result<Self> {
        rows.expect_for(network)?;
        settings.rules.validate()?;
        settings.regularisation.validate(network)?;
        let (rates, seed) = settings.dropout;
        let rates = dropout::of_layers(&rates, network);
        dropout::validate(&rates, network)?;
        if settings.batch == 0 {
            return Err(Error::Setting { what: "the batch", found: "0 rows".into(), expected: "at least 1" });
        }
        let size = settings.batch.min(rows.rows());
        let mut evaluator = Evaluator::new(network, settings.regularisation, size, settings.threads)?;
        let is_thinned = !rates.is_empty();
        evaluator.drop_units(is_thinned.then_some(Draw { rates, seed, epoch: 0, batch: 0 }));
        Ok(Self {
            network: network.clone(),
            rows,
            evaluator,
            method: settings.method,
            rules: settings.rules,
            size,
            count: 0,
            is_thinned,
            grad: vec![T::zero(); network.weight_count()],
            y: vec![T::zero(); size * network.outputs()],
            weights: vec![T::zero(); if rows.weights.is_some() { size } else { 0 }],
        })
    }

    /// The method and where it stands.
    pub fn method(&mut self) -> &mut StepState<T> {
        &mut self.method
    }

    /// One epoch over the rows in `order`, which moves `theta`. Returns Σ_b m_b J_b/m, each J_b before its step; `None` when `go_on`, which
    /// is asked before every batch, ended it.
    ///
    /// # Errors
    /// [`Error::Shape`] for a θ of another length, or an order of rows that are not there.
    pub fn run(
        &mut self,
        theta: &mut [T],
        order: &[u32],
        rate: f64,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Option<f64>> {
        self.expect(theta, order)?;
        self.count += 1;
        let mut cost = 0.0;
        for (index, order) in order.chunks(self.size).enumerate() {
            if !go_on() {
                return Ok(None);
            }
            cost += order.len() as f64 * self.step(theta, (order, index as u32), rate);
        }
        Ok(Some(cost / order.len() as f64))
    }

    /// J_b, and the step that follows from its gradient.
    fn step(&mut self, theta: &mut [T], (order, index): (&[u32], u32), rate: f64) -> f64 {
        let outputs = self.network.outputs();
        copy_rows(order, self.rows.y, &mut self.y, outputs);
        if let Some(all) = self.rows.weights {
            copy_rows(order, all, &mut self.weights, 1);
        }
        let weights = self.rows.weights.map(|_| &self.weights[..order.len()]);
        let batch = self.rows.batch(order, &self.y[..order.len() * outputs], weights);
        let total = batch.total_weight();
        if total == 0.0 {
            return 0.0;
        }
        if self.is_thinned {
            self.evaluator.draw_units(self.count, index);
        }
        let cost = self.evaluator.cost_and_grad_over(theta, &batch, Divisors::whole(&batch), &mut self.grad);
        let Self { network, evaluator, method, rules, grad, .. } = self;
        let penalised = cost + rules.penalty(network, theta, total);
        rules.step(method, network, (theta, grad), (rate, total), &mut evaluator.spread());
        penalised
    }

    fn expect(&self, theta: &[T], order: &[u32]) -> Result<()> {
        let shape = |what, found: String, expected| Err(Error::Shape { what, found, expected });
        if theta.len() != self.grad.len() {
            let expected = format!("{} weights for {}", self.grad.len(), self.network.describe());
            return shape("the parameter vector", format!("{} long", theta.len()), expected);
        }
        let rows = self.rows.rows();
        match order.iter().find(|&&row| row as usize >= rows) {
            _ if order.is_empty() => shape("the order of rows", "none".into(), "at least 1 row".into()),
            Some(row) => shape("the order of rows", format!("row {row}"), format!("rows below {rows}")),
            None => Ok(()),
        }
    }
}
