//! Scoring a model on rows with known answers.

use crate::encoded::Encoded;
use crate::error::ModelError;
use crate::model::{Model, Number, Weights};
use crate::settings::SplitBy;
use crate::tally::{Detail, Tally};
use crate::targets::Part;
use crate::weighting::Weighting;
use ndarray::{Array2, ArrayView2};
use retrograde::{CostPart, Loss, Network, Output, Params, Scalar, Scoring, TrainSettings};
use retrograde_data::{Encoder, Table};
use serde::Serialize;

/// How well a model does on some rows. Measures that do not apply are `None`.
///
/// Where rows have weights, every mean over rows is Σ w_k … / Σ w_k with the rows' own weights, as scikit-learn's
/// `sample_weight` has it. The weights of classes are part of what is trained: they count in `cost` alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Evaluation {
    /// The rows scored.
    pub rows: usize,
    /// Rows that have no target, or weight 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: usize,
    /// The column of the rows' weights; `None` when every row counts 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// Σ w_k.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_sum: Option<f64>,
    /// Σ w_k ℓ_k / Σ w_k, the trained loss without λ, w_k with the weight of the row's class; for standardised targets in
    /// their units.
    pub cost: f64,
    /// The share of rows whose class is predicted. For several 0/1 targets under cross-entropy: of rows with every
    /// output on the right side of 1/2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// −(1/m) Σ ln p(true class), computed from z: finite however sure and wrong the network is, and never clipped.
    /// `None` for one sigmoid per class, whose outputs are not a distribution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_loss: Option<f64>,
    /// The area under the ROC curve: the share of pairs of rows, one of the class and one not, that the class's
    /// log-odds order rightly; ties count half, and a pair weighs the product of its rows' weights. For 2 classes of the second one, for more the mean over all classes
    /// that have both kinds of rows; `None` for more than 1,000 classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auc: Option<f64>,
    /// True against predicted classes; `None` for more than 1,000 classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confusion: Option<Confusion>,
    /// √ of the mean square error in the target's unit, over all targets; of quantiles, the level nearest 1/2 counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rmse: Option<f64>,
    /// The mean absolute error in the target's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mae: Option<f64>,
    /// 1 − Σ(y − a)²/Σ(y − ȳ)², the mean over the targets; `None` where all rows have the same target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r2: Option<f64>,
    /// The measures of each of several number targets, in their order; empty for one target, whose measures are those above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetMeasures>,
    /// Columns of the table that the model does not use.
    pub ignored: Vec<String>,
}

/// The measures of one of several number targets, in its unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetMeasures {
    /// The target.
    pub column: String,
    /// √ of its mean square error.
    pub rmse: f64,
    /// Its mean absolute error.
    pub mae: f64,
    /// 1 − Σ(y − a)²/Σ(y − ȳ)²; `None` where all rows have the same target.
    pub r2: Option<f64>,
}

/// How often each class was taken for which.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confusion {
    /// The classes, in the encoder's order.
    pub classes: Vec<String>,
    /// Row = true class, column = predicted class: how many rows.
    pub matrix: Vec<Vec<usize>>,
    /// The same with the sum of the rows' weights, where they have some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<Vec<Vec<f64>>>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// What is scored: parameters with the settings that they were trained under.
pub(crate) struct Scored<'a, T> {
    pub(crate) params: &'a Params<T>,
    pub(crate) encoder: &'a Encoder,
    pub(crate) settings: &'a TrainSettings,
    pub(crate) weighting: &'a Weighting,
}

impl Model {
    /// Scores the model on all rows of a table that have a target, with the encoder of the training. Rows are weighed as in
    /// training where the table has the column of weights; rows of weight 0 are left out.
    ///
    /// # Errors
    /// [`ModelError::Data`] without a column that the model needs, when no row has a target, or for a class that
    /// training did not have; [`ModelError::Target`] for a target that the loss cannot take; [`ModelError::RowWeight`].
    pub fn evaluate(&self, table: &Table) -> Result<Evaluation, ModelError> {
        let (part, usable) = Part::usable(table, &self.encoder, &self.weighting)?;
        let mut evaluation = match &self.weights {
            Weights::F32(params) => self.scored(params).part(&part),
            Weights::F64(params) => self.scored(params).part(&part),
        }?;
        evaluation.left_out = usable.left_out();
        evaluation.ignored = self.ignored(table);
        Ok(evaluation)
    }

    /// What is to be known of the rows of a table before it is scored or checked: those left out, because they have no
    /// target or weight 0, and that they have no weights where those of the training did. One sentence each.
    ///
    /// # Errors
    /// As [`Model::evaluate`] for weights.
    pub fn notes_on(&self, table: &Table) -> Result<Vec<String>, ModelError> {
        let weight = self.weighting.column.as_deref();
        let mut notes = Part::usable(table, &self.encoder, &self.weighting)?
            .1
            .notes(&self.encoder.target.columns(), weight);
        if let Some(column) = weight.filter(|column| table.column(column).is_none()) {
            notes.push(format!("{} has no `{column}`: each row weighs 1", table.origin.name));
        }
        Ok(notes)
    }

    /// The columns of a table that the model has no use for: neither the encoder nor, in training, weights or the split.
    pub(crate) fn ignored(&self, table: &Table) -> Vec<String> {
        let split = match &self.provenance.split.by {
            SplitBy::Groups(column) | SplitBy::Column(column) | SplitBy::Order(column) => Some(column),
            SplitBy::Chance => None,
        };
        let has_a_use = |name: &String| Some(name) == split || Some(name) == self.weighting.column.as_ref();
        self.encoder.ignored(table).into_iter().filter(|name| !has_a_use(name)).collect()
    }

    fn scored<'a, T>(&'a self, params: &'a Params<T>) -> Scored<'a, T> {
        Scored { params, encoder: &self.encoder, settings: &self.settings, weighting: &self.weighting }
    }
}

impl<T: Number> Scored<'_, T> {
    /// Scores some rows of a table.
    pub(crate) fn part(&self, part: &Part<'_>) -> Result<Evaluation, ModelError> {
        let matrices = part.matrices(self.encoder, self.params.network(), self.weighting)?;
        Ok(self.rows(&Encoded::Held(matrices), Detail::Full)?.0)
    }

    /// Scores rows that are encoded already, block by block; and J with the penalty.
    pub(crate) fn rows(&self, rows: &Encoded<T>, detail: Detail) -> Result<(Evaluation, f64), ModelError> {
        let network = self.params.network();
        let linear = Linear::of(self.params)?;
        let mut tally = Tally::new(network, &self.encoder.target, detail);
        let regularisation = self.settings.regularisation;
        let mut scoring = Scoring::new(self.params, regularisation, rows.at_once(), self.settings.threads)?;
        rows.each_block(|block| {
            scoring.add(&block.examples(network)?);
            tally.add(&linear.z(block.x)?, &block);
            Ok(())
        })?;
        let score = scoring.score();
        let own = rows.known().own.as_deref();
        let evaluation = Evaluation {
            rows: rows.count(),
            cost: score.cost,
            accuracy: score.accuracy,
            weight: own.and(self.weighting.column.clone()),
            weight_sum: own.map(|own| own.iter().sum()),
            ..Evaluation::default()
        };
        Ok((tally.finish(evaluation), scoring.cost(CostPart::WithPenalty)))
    }
}

/// The network without its last activation.
struct Linear<T>(Params<T>);

impl<T: Scalar> Linear<T> {
    fn of(params: &Params<T>) -> Result<Self, ModelError> {
        let network = params.network();
        let linear = Network::new(network.sizes(), network.hidden(), Output::Identity, Loss::SquaredError)?;
        Ok(Self(Params::from_values(&linear, params.values().to_vec())?))
    }

    /// Z⁽ᴸ⁾.
    fn z(&self, x: ArrayView2<'_, T>) -> Result<Array2<T>, ModelError> {
        Ok(retrograde::predict(&self.0, x)?)
    }
}

/// Z⁽ᴸ⁾: what the last layer computes before its activation, from which every measure keeps its digits.
pub(crate) fn last_z<T: Scalar>(params: &Params<T>, x: ArrayView2<'_, T>) -> Result<Array2<T>, ModelError> {
    Linear::of(params)?.z(x)
}
