//! Scoring a model on rows with known answers.

use crate::error::ModelError;
use crate::measures::{Errors, MAX_CLASSES, auc, confusion, log_odds, mean, predicted_class};
use crate::model::{Model, Number, Weights};
use crate::settings::SplitBy;
use crate::targets::{Matrices, Part, central_outputs, uncross};
use crate::weighting::Weighting;
use ndarray::{Array2, ArrayView2};
use retrograde::{CostPart, Evaluator, Loss, Network, Output, Params, Scalar, TrainSettings};
use retrograde_data::{Encoder, Table, Targets};
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
    /// Columns of the table that the model does not use.
    pub ignored: Vec<String>,
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
        self.matrices(&part.matrices(self.encoder, self.params.network(), self.weighting)?)
    }

    /// Scores rows that are encoded already.
    pub(crate) fn matrices(&self, rows: &Matrices<T>) -> Result<Evaluation, ModelError> {
        let network = self.params.network();
        let examples = rows.examples(network)?;
        let regularisation = self.settings.regularisation;
        let mut evaluator = Evaluator::new(network, regularisation, examples.rows(), self.settings.threads)?;
        let score = evaluator.score(self.params.values(), &examples);
        let own = rows.own.as_deref();
        let evaluation = Evaluation {
            rows: examples.rows(),
            cost: score.cost,
            weight: own.and(self.weighting.column.clone()),
            weight_sum: own.map(|own| own.iter().sum()),
            ..Evaluation::default()
        };
        let z = last_z(self.params, rows.x.view())?;
        match &rows.targets {
            Targets::Classes(codes) => Ok(self.classes(&z, (codes, own), evaluation)),
            Targets::Numbers(targets) => {
                Ok(Evaluation { accuracy: score.accuracy, ..self.numbers(&z, (targets, own), evaluation) })
            }
        }
    }

    /// J of rows that are encoded already, with the penalty.
    pub(crate) fn penalised_cost(&self, rows: &Matrices<T>) -> Result<f64, ModelError> {
        let network = self.params.network();
        let examples = rows.examples(network)?;
        let regularisation = self.settings.regularisation;
        let mut evaluator = Evaluator::new(network, regularisation, examples.rows(), self.settings.threads)?;
        Ok(evaluator.cost(self.params.values(), &examples, CostPart::WithPenalty))
    }

    /// The measures of classes, from z.
    fn classes(
        &self,
        z: &Array2<T>,
        (codes, own): (&[u32], Option<&[f64]>),
        evaluation: Evaluation,
    ) -> Evaluation {
        let network = self.params.network();
        let classes = self.encoder.target.classes().unwrap_or_default();
        let mut a = vec![T::constant(0.0); network.outputs()];
        let predicted: Vec<usize> = z
            .rows()
            .into_iter()
            .map(|z| {
                network.output().apply(&z.to_vec(), &mut a);
                predicted_class(&a)
            })
            .collect();
        let is_hit = |(p, c): (&usize, &u32)| if *p == *c as usize { 1.0 } else { 0.0 };
        let hits = predicted.iter().zip(codes).map(is_hit);
        let wide = z.mapv(Into::<f64>::into);
        Evaluation {
            accuracy: Some(mean(hits, own)),
            log_loss: log_loss(network.output(), &wide, (codes, own)),
            auc: class_auc(network.output(), &wide, (codes, own), classes.len()),
            confusion: confusion(classes, (codes, own), &predicted),
            ..evaluation
        }
    }

    /// The measures of numbers, in the targets' units.
    fn numbers(
        &self,
        z: &Array2<T>,
        (targets, own): (&Array2<f64>, Option<&[f64]>),
        evaluation: Evaluation,
    ) -> Evaluation {
        let network = self.params.network();
        let encoding = &self.encoder.target;
        let mut a = vec![T::constant(0.0); network.outputs()];
        let central = central_outputs(network, encoding);
        let mut pairs = vec![Vec::with_capacity(z.nrows()); targets.ncols()];
        for (z, y) in z.rows().into_iter().zip(targets.rows()) {
            network.output().apply(&z.to_vec(), &mut a);
            uncross(network, encoding, &mut a);
            for (t, (pairs, &unit)) in pairs.iter_mut().zip(&central).enumerate() {
                pairs.push((encoding.unscale(t, y[t]), encoding.unscale(t, a[unit].into())));
            }
        }
        let errors: Vec<Errors> = pairs.iter().map(|pairs| Errors::of(pairs, own)).collect();
        let total: f64 = own.map_or(targets.nrows() as f64, |own| own.iter().sum());
        let cells = total * targets.ncols() as f64;
        let r2: Option<Vec<f64>> = errors.iter().map(|e| e.r2).collect();
        Evaluation {
            rmse: Some((errors.iter().map(|e| e.squares).sum::<f64>() / cells).sqrt()),
            mae: Some(errors.iter().map(|e| e.absolute).sum::<f64>() / cells),
            r2: r2.map(|r2| r2.iter().sum::<f64>() / r2.len() as f64),
            ..evaluation
        }
    }
}

/// Z⁽ᴸ⁾: what the last layer computes before its activation, from which every measure keeps its digits.
pub(crate) fn last_z<T: Scalar>(params: &Params<T>, x: ArrayView2<'_, T>) -> Result<Array2<T>, ModelError> {
    let network = params.network();
    let linear = Network::new(network.sizes(), network.hidden(), Output::Identity, Loss::SquaredError)?;
    let params = Params::from_values(&linear, params.values().to_vec())?;
    Ok(retrograde::predict(&params, x)?)
}

/// The mean cross-entropy of the true classes; `None` when the outputs are not one distribution.
fn log_loss(output: Output, z: &Array2<f64>, (codes, own): (&[u32], Option<&[f64]>)) -> Option<f64> {
    let units = z.ncols();
    if output != Output::Softmax && units > 1 {
        return None;
    }
    let (mut y, mut scratch) = (vec![0.0; units], vec![0.0; units]);
    let costs = z.rows().into_iter().zip(codes).map(|(z, &code)| {
        y.fill(0.0);
        if units == 1 {
            y[0] = f64::from(code);
        } else {
            y[code as usize] = 1.0;
        }
        Loss::CrossEntropy.cost(output, &z.to_vec(), &y, &mut scratch)
    });
    Some(mean(costs, own))
}

/// The AUC of the second of two classes, else the mean over all classes that have rows and lack some.
fn class_auc(
    output: Output,
    z: &Array2<f64>,
    (codes, own): (&[u32], Option<&[f64]>),
    classes: usize,
) -> Option<f64> {
    if classes > MAX_CLASSES {
        return None;
    }
    // One column of scores per class; a single sigmoid has one for both.
    let mut scores = vec![Vec::with_capacity(z.nrows()); z.ncols()];
    for z in z.rows() {
        let row = if output == Output::Softmax { log_odds(&z.to_vec()) } else { z.to_vec() };
        scores.iter_mut().zip(row).for_each(|(scores, score)| scores.push(score));
    }
    let one = |class: usize| {
        let positive: Vec<bool> = codes.iter().map(|&code| code as usize == class).collect();
        auc(&scores[class.min(scores.len() - 1)], &positive, own)
    };
    if classes == 2 {
        return one(1);
    }
    let found: Vec<f64> = (0..classes).filter_map(one).collect();
    (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
}
