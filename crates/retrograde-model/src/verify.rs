//! Derivatives of a model's cost: checked numerically, or handed out.

use crate::error::ModelError;
use crate::model::Model;
use crate::targets::{Matrices, Part};
use ndarray::Array2;
use retrograde::dropout::Draw;
use retrograde::{CheckReport, CheckSettings, Evaluator, Params, check};
use retrograde_data::{Source, Table, split};

impl Model {
    /// Compares backpropagation's derivatives with numerical and dual ones, in f64 with the weights widened exactly.
    ///
    /// At most `settings.rows` rows are used, chosen by `settings.seed`; [`CheckReport::rows`] has their numbers in
    /// `table`. The cost is the trained one: its weights of rows, λ and label smoothing, not those in `settings`. A model trained with
    /// dropout is checked with some units dropped, held fixed.
    ///
    /// # Errors
    /// As [`Model::evaluate`]; a bug to inject that cannot show on this network.
    pub fn check(&self, table: &Table, settings: &CheckSettings) -> Result<CheckReport, ModelError> {
        let (part, _) = Part::usable(table, &self.encoder, &self.weighting)?;
        self.check_rows(&Source::from(table), &part.rows, settings)
    }

    /// [`Model::check`] on some rows, in ascending order, of a table that may come in pieces.
    pub(crate) fn check_rows(
        &self,
        source: &Source<'_>,
        rows: &[usize],
        settings: &CheckSettings,
    ) -> Result<CheckReport, ModelError> {
        let chosen = sample(rows, settings.rows.max(1), settings.seed);
        let table = source.select(&chosen)?;
        let part = Part { table: &table, rows: (0..chosen.len()).collect() };
        let rows = part.matrices::<f64>(&self.encoder, self.network(), &self.weighting)?;
        let dropout = &self.settings.dropout;
        let draw = || Draw { rates: dropout.clone(), seed: settings.seed, epoch: 1, batch: 0 };
        let settings = CheckSettings {
            regularisation: self.settings.regularisation,
            // Bugs are planted in the gradient of all units.
            dropout: (!dropout.is_empty() && settings.inject.is_none()).then(draw),
            ..settings.clone()
        };
        let params = self.params_f64();
        let mut report = check(&params, &rows.examples(params.network())?, &settings)?;
        // The core counts the rows it was given; a person counts those of the file.
        report.rows = report.rows.iter().filter_map(|&row| chosen.get(row).copied()).collect();
        Ok(report)
    }

    /// J and the unrolled ∇J on all rows of a table that have a target, weighed as in training, in f64, with λ as trained: what an optimiser in any language
    /// needs. The order is the flat one, layer after layer W row-major, then b; `retrograde::orders` has others.
    ///
    /// `theta` stands in for the trained parameters, in the same order.
    ///
    /// # Errors
    /// As [`Model::evaluate`]; a `theta` of another length than the network's, or not finite.
    pub fn cost_and_grad(&self, table: &Table, theta: Option<&[f64]>) -> Result<(f64, Vec<f64>), ModelError> {
        let params = match theta {
            None => self.params_f64(),
            Some(theta) => Params::from_values(self.network(), theta.to_vec())?,
        };
        if let Some(place) = params.values().iter().position(|w| !w.is_finite()) {
            return Err(retrograde::Error::Setting {
                what: "a weight",
                found: format!("{} at place {place}", params.values()[place]),
                expected: "a finite number",
            }
            .into());
        }
        let rows = self.rows(table)?;
        let examples = rows.examples(self.network())?;
        let regularisation = self.settings.regularisation;
        let mut evaluator =
            Evaluator::new(self.network(), regularisation, examples.rows(), self.settings.threads)?;
        let mut grad = vec![0.0; self.network().weight_count()];
        let cost = evaluator.cost_and_grad(params.values(), &examples, &mut grad);
        Ok((cost, grad))
    }

    /// X (m×s_1) and Y (m×s_L) of a table's rows with a target and a weight above 0 in f64, as the network sees them: what [`retrograde::Trace`] is made from.
    ///
    /// # Errors
    /// As [`Model::evaluate`].
    pub fn matrices(&self, table: &Table) -> Result<(Array2<f64>, Array2<f64>), ModelError> {
        let rows = self.rows(table)?;
        Ok((rows.x, rows.y))
    }

    fn rows(&self, table: &Table) -> Result<Matrices<f64>, ModelError> {
        let (part, _) = Part::usable(table, &self.encoder, &self.weighting)?;
        part.matrices(&self.encoder, self.network(), &self.weighting)
    }
}

/// At most `count` of the rows, at random but in order: only they need to be encoded.
fn sample(rows: &[usize], count: usize, seed: u64) -> Vec<usize> {
    if rows.len() <= count {
        return rows.to_vec();
    }
    let chosen = split(rows.len(), count as f64 / rows.len() as f64, seed, None).validation;
    chosen.into_iter().map(|k| rows[k]).collect()
}
