//! Scoring a model on rows with known answers.

use crate::error::ModelError;
use crate::measures::{Errors, MAX_CLASSES, auc, confusion, log_odds, predicted_class};
use crate::model::{Model, Number, Weights};
use crate::targets::{Matrices, Part, central_outputs, uncross};
use ndarray::{Array2, ArrayView2};
use retrograde::{CostPart, Evaluator, Examples, Loss, Network, Output, Params, Scalar, TrainSettings};
use retrograde_data::{Encoder, Table, Targets};
use serde::Serialize;

/// How well a model does on some rows. Measures that do not apply are `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Evaluation {
    /// The rows.
    pub rows: usize,
    /// (1/m) Σ ℓ, the trained loss without λ; for standardised targets in their units.
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
    /// log-odds order rightly; ties count half. For 2 classes of the second one, for more the mean over all classes
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// The classes, in the encoder's order.
    pub classes: Vec<String>,
    /// Row = true class, column = predicted class.
    pub matrix: Vec<Vec<usize>>,
}

/// What is scored: parameters with the settings that they were trained under.
pub(crate) struct Scored<'a, T> {
    pub(crate) params: &'a Params<T>,
    pub(crate) encoder: &'a Encoder,
    pub(crate) settings: &'a TrainSettings,
}

impl Model {
    /// Scores the model on all rows of a table, with the encoder of the training.
    ///
    /// # Errors
    /// [`ModelError::Data`] without a column that the model needs, for a row without a target or of a class that
    /// training did not have; [`ModelError::Target`] for a target that the loss cannot take.
    pub fn evaluate(&self, table: &Table) -> Result<Evaluation, ModelError> {
        let part = Part::all(table);
        let mut evaluation = match &self.weights {
            Weights::F32(params) => self.scored(params).part(&part),
            Weights::F64(params) => self.scored(params).part(&part),
        }?;
        evaluation.ignored = self.encoder.ignored(table);
        Ok(evaluation)
    }

    fn scored<'a, T>(&'a self, params: &'a Params<T>) -> Scored<'a, T> {
        Scored { params, encoder: &self.encoder, settings: &self.settings }
    }
}

impl<T: Number> Scored<'_, T> {
    /// Scores some rows of a table.
    pub(crate) fn part(&self, part: &Part<'_>) -> Result<Evaluation, ModelError> {
        self.matrices(&part.matrices(self.encoder, self.params.network())?)
    }

    /// Scores rows that are encoded already.
    pub(crate) fn matrices(&self, rows: &Matrices<T>) -> Result<Evaluation, ModelError> {
        let network = self.params.network();
        let examples = Examples::new(network, rows.x.view(), rows.y.view(), None)?;
        let regularisation = self.settings.regularisation;
        let mut evaluator = Evaluator::new(network, regularisation, examples.rows(), self.settings.threads)?;
        let score = evaluator.score(self.params.values(), &examples);
        let evaluation = Evaluation { rows: examples.rows(), cost: score.cost, ..Evaluation::default() };
        let z = last_z(self.params, rows.x.view())?;
        match &rows.targets {
            Targets::Classes(codes) => Ok(self.classes(&z, codes, evaluation)),
            Targets::Numbers(targets) => {
                Ok(Evaluation { accuracy: score.accuracy, ..self.numbers(&z, targets, evaluation) })
            }
        }
    }

    /// J of rows that are encoded already, with the penalty.
    pub(crate) fn penalised_cost(&self, rows: &Matrices<T>) -> Result<f64, ModelError> {
        let network = self.params.network();
        let examples = Examples::new(network, rows.x.view(), rows.y.view(), None)?;
        let regularisation = self.settings.regularisation;
        let mut evaluator = Evaluator::new(network, regularisation, examples.rows(), self.settings.threads)?;
        Ok(evaluator.cost(self.params.values(), &examples, CostPart::WithPenalty))
    }

    /// The measures of classes, from z.
    fn classes(&self, z: &Array2<T>, codes: &[u32], evaluation: Evaluation) -> Evaluation {
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
        let hits = predicted.iter().zip(codes).filter(|(p, c)| **p == **c as usize).count();
        let wide = z.mapv(Into::<f64>::into);
        Evaluation {
            accuracy: Some(hits as f64 / codes.len() as f64),
            log_loss: log_loss(network.output(), &wide, codes),
            auc: class_auc(network.output(), &wide, codes, classes.len()),
            confusion: confusion(classes, codes, &predicted),
            ..evaluation
        }
    }

    /// The measures of numbers, in the targets' units.
    fn numbers(&self, z: &Array2<T>, targets: &Array2<f64>, evaluation: Evaluation) -> Evaluation {
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
        let errors: Vec<Errors> = pairs.iter().map(|pairs| Errors::of(pairs)).collect();
        let cells = targets.len() as f64;
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
fn log_loss(output: Output, z: &Array2<f64>, codes: &[u32]) -> Option<f64> {
    let units = z.ncols();
    if output != Output::Softmax && units > 1 {
        return None;
    }
    let (mut y, mut scratch) = (vec![0.0; units], vec![0.0; units]);
    let mut sum = 0.0;
    for (z, &code) in z.rows().into_iter().zip(codes) {
        y.fill(0.0);
        if units == 1 {
            y[0] = f64::from(code);
        } else {
            y[code as usize] = 1.0;
        }
        sum += Loss::CrossEntropy.cost(output, &z.to_vec(), &y, &mut scratch);
    }
    Some(sum / codes.len() as f64)
}

/// The AUC of the second of two classes, else the mean over all classes that have rows and lack some.
fn class_auc(output: Output, z: &Array2<f64>, codes: &[u32], classes: usize) -> Option<f64> {
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
        auc(&scores[class.min(scores.len() - 1)], &positive)
    };
    if classes == 2 {
        return one(1);
    }
    let found: Vec<f64> = (0..classes).filter_map(one).collect();
    (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
}
