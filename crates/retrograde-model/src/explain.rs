//! Explanations of rows of a table: the core's trace in the words of the table.

use crate::error::ModelError;
use crate::fit::StopReason;
use crate::measures::predicted_class;
use crate::model::{Model, Provenance, Weights};
use crate::parts::ModelParts;
use crate::targets::{Matrices, Part, central_outputs, uncross};
use retrograde::explain::{Answer, Cell, Explainer, Names, Pull, TraceDocument};
use retrograde::pull::{self, gradient_norms};
use retrograde::{
    Activation, Examples, Init, Loss, Network, Output, Params, Regularisation, TrainSettings, WeightId,
};
use retrograde_data::{
    Encoder, EncoderSettings, InputColumn, NumberScale, Scaling, Table, TargetEncoding, TargetScaling,
    Targets, TaskChoice,
};
use serde::Serialize;
use std::sync::OnceLock;

/// What is asked about a row beside the row itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// A weight, in this row and in all.
    pub weight: Option<WeightId>,
    /// A unit: its layer from 0, the first that computes, and its place from 0.
    pub unit: Option<(usize, usize)>,
    /// The derivatives by the inputs.
    pub input: bool,
    /// The proof, for the weight asked about or else the one with the largest product in the first layer.
    pub proof: bool,
}

/// A row by how hard it pulls.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HardRow {
    /// Its number in the table, from 0.
    pub row: usize,
    /// The line of its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// ‖∇J_k‖ with J_k = w_k ℓ_k: without λ and without 1/M.
    pub pull: f64,
    /// ℓ_k.
    pub cost: f64,
    /// What is known and what is said of it.
    pub answer: Answer,
}

/// What rows are ranked by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RankedBy {
    /// ‖∇J_k‖: how hard a row pulls at the weights.
    #[default]
    Pull,
    /// ℓ_k: how far off the answer is. `docs/pulls.md` has which of the two finds more wrong labels.
    Cost,
}

/// The rows of a table, ready to be explained.
pub struct Explanations<'a> {
    model: &'a Model,
    table: &'a Table,
    pub(crate) params: Params<f64>,
    /// The rows of the table that have a target and count for something.
    pub(crate) rows: Vec<usize>,
    /// All of them encoded, once something is asked about all: one row alone takes no time that grows with the table.
    all: OnceLock<Matrices<f64>>,
    names: Names,
}

impl Model {
    /// The rows of a table that have a target and a weight above 0, to be explained. They are encoded as in training and in
    /// f64 when something is asked: the row that it is about, or all rows if it is about all.
    ///
    /// # Errors
    /// A column of targets or weights that the table lacks, or no row to explain.
    pub fn explanations<'a>(&'a self, table: &'a Table) -> Result<Explanations<'a>, ModelError> {
        let (part, _) = Part::usable(table, &self.encoder, &self.weighting)?;
        let names = Names { inputs: self.input_names(), outputs: self.output_names() };
        let (params, rows) = (self.params_f64(), part.rows);
        Ok(Explanations { model: self, table, params, rows, all: OnceLock::new(), names })
    }

    /// What each output stands for: a class, a target, or a quantile of one; one sigmoid of two classes is the second's.
    pub fn output_names(&self) -> Vec<String> {
        let outputs = self.network().outputs();
        match &self.encoder.target {
            TargetEncoding::Classes { classes, .. } if outputs == 1 => vec![classes[1].clone()],
            TargetEncoding::Classes { classes, .. } => classes.clone(),
            TargetEncoding::Numbers { columns, .. } => {
                let each = (outputs / columns.len()).max(1);
                let levels = match self.network().loss() {
                    retrograde::Loss::Quantile { levels } => levels.as_slice(),
                    _ => &[],
                };
                let name = |unit: usize| match levels.get(unit) {
                    Some(level) => format!("{} q{level}", columns[unit / each]),
                    None => columns[unit / each].clone(),
                };
                (0..outputs).map(name).collect()
            }
        }
    }
}

impl Explanations<'_> {
    /// The rows that can be explained, as numbers of the table.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    fn encode(&self, rows: Vec<usize>) -> Result<Matrices<f64>, ModelError> {
        let Model { encoder, weighting, .. } = self.model;
        Part { table: self.table, rows }.matrices(encoder, self.model.network(), weighting)
    }

    /// All rows, encoded.
    pub(crate) fn all(&self) -> Result<&Matrices<f64>, ModelError> {
        if let Some(matrices) = self.all.get() {
            return Ok(matrices);
        }
        let matrices = self.encode(self.rows.clone())?;
        Ok(self.all.get_or_init(|| matrices))
    }

    fn explainer<'b>(&'b self, examples: Examples<'b, f64>) -> Result<Explainer<'b>, ModelError> {
        let settings = &self.model.settings;
        Ok(Explainer::new(
            &self.params,
            examples,
            settings.regularisation,
            self.names.clone(),
            settings.threads,
        )?)
    }

    /// Row `row` of the table, and what is asked about it.
    ///
    /// # Errors
    /// [`ModelError::NotExplained`] for a row that the table does not have, or that has no target or weighs nothing; else as
    /// [`Model::evaluate`], for this row, or where the question is about all rows for any.
    pub fn explain(&self, row: usize, question: &Question) -> Result<TraceDocument, ModelError> {
        let place = self.rows.binary_search(&row).map_err(|_| ModelError::NotExplained {
            name: self.table.origin.name.clone(),
            row,
            rows: self.table.rows(),
        })?;
        let alone;
        let (matrices, k) = if question.weight.is_some() || question.proof {
            (self.all()?, place)
        } else {
            alone = self.encode(vec![row])?;
            (&alone, 0)
        };
        let explainer = self.explainer(matrices.examples(self.model.network())?)?;
        let mut document = explainer.row(k)?;
        if let Some(id) = question.weight {
            document.weight = Some(explainer.weight(k, id)?);
        }
        if let Some(unit) = question.unit {
            document.unit = Some(explainer.unit(k, unit)?);
        }
        if question.input {
            let mut input = explainer.inputs(k)?;
            input.per_unit = Some(self.per_unit());
            document.input = Some(input);
        }
        if question.proof {
            let id = question.weight.unwrap_or_else(|| document.most_moved());
            document.proof = Some(explainer.proof(k, id)?);
        }
        let answer = self.answer(matrices, k, &document.layers[document.layers.len() - 1].a);
        document.answer = Some(answer);
        self.in_words_of_the_table(&mut document, row);
        Ok(document)
    }

    /// The rows by the norm of their own gradient, ‖∇J_k‖² = Σ_l w_k² ‖δ_k⁽ˡ⁺¹⁾‖² (1 + ‖a_k⁽ˡ⁾‖²), or by their cost, the
    /// largest first.
    ///
    /// A large one can be a wrong label, a rare case or a hard one.
    ///
    /// # Errors
    /// As [`Explanations::explain`].
    pub fn hardest(&self, count: usize, by: RankedBy) -> Result<Vec<HardRow>, ModelError> {
        let matrices = self.all()?;
        let examples = matrices.examples(self.model.network())?;
        let settings = &self.model.settings;
        let norms = gradient_norms(&self.params, &examples, settings.regularisation, settings.threads)?;
        let costs = match by {
            RankedBy::Cost => {
                pull::costs(&self.params, &examples, settings.regularisation, settings.threads)?
            }
            RankedBy::Pull => Vec::new(),
        };
        let sizes = if by == RankedBy::Cost { &costs } else { &norms };
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]).then(a.cmp(&b)));
        order.truncate(count);
        let explainer = self.explainer(examples)?;
        let hard = |k: usize| {
            let (cost, outputs) = explainer.outcome(k)?;
            let row = self.rows[k];
            Ok(HardRow {
                row,
                line: self.table.line_of(row),
                pull: norms[k],
                cost,
                answer: self.answer(matrices, k, &outputs),
            })
        };
        order.into_iter().map(hard).collect()
    }

    /// Row numbers and lines of the table instead of the matrix's, and cells.
    fn in_words_of_the_table(&self, document: &mut TraceDocument, row: usize) {
        document.row = row;
        document.line = self.table.line_of(row);
        let cell = |name: &str| {
            let text = self.table.column(name).and_then(|column| column.values.text(row));
            Cell { column: name.to_owned(), text: text.map(std::borrow::Cow::into_owned) }
        };
        document.given = Some(self.model.encoder.inputs.iter().map(|input| cell(input.column())).collect());
        let place = |pull: &mut Pull| {
            pull.row = self.rows[pull.row];
            pull.line = self.table.line_of(pull.row);
        };
        if let Some(weight) = &mut document.weight {
            place(&mut weight.all.pull_min);
            place(&mut weight.all.pull_max);
        }
    }

    /// Target and prediction of row `k` of the matrix.
    fn answer(&self, matrices: &Matrices<f64>, k: usize, outputs: &[f64]) -> Answer {
        let target = &self.model.encoder.target;
        let columns = target.columns().into_iter().map(str::to_owned).collect();
        match (&matrices.known.targets, target) {
            (Targets::Classes(codes), TargetEncoding::Classes { classes, .. }) => {
                let class = predicted_class(outputs);
                let probability = if outputs.len() > 1 {
                    outputs[class]
                } else if class == 1 {
                    outputs[0]
                } else {
                    1.0 - outputs[0]
                };
                let named = |class: usize| vec![classes.get(class).cloned().unwrap_or_default()];
                let probability = Some(probability);
                Answer { columns, target: named(codes[k] as usize), predicted: named(class), probability }
            }
            (Targets::Numbers(values), _) => {
                let mut outputs = outputs.to_vec();
                uncross(self.model.network(), target, &mut outputs);
                let central = central_outputs(self.model.network(), target);
                let text = |index: usize, value: f64| rounded(target.unscale(index, value)).to_string();
                let known = values.row(k).iter().enumerate().map(|(index, &y)| text(index, y)).collect();
                let said = central.iter().enumerate().map(|(index, &unit)| text(index, outputs[unit]));
                Answer { columns, target: known, predicted: said.collect(), probability: None }
            }
            (Targets::Classes(_), TargetEncoding::Numbers { .. }) => {
                Answer { columns, target: Vec::new(), predicted: Vec::new(), probability: None }
            }
        }
    }

    /// What 1 in a column's own unit moves each input by, where the input is a number without a clip.
    fn per_unit(&self) -> Vec<Option<f64>> {
        let steps = |input: &InputColumn| -> Vec<Option<f64>> {
            let mut steps = vec![None; input.width()];
            if let InputColumn::Number { scale: NumberScale { scale, clip: None, .. }, .. } = input {
                steps[0] = Some(1.0 / scale);
            }
            steps
        };
        self.model.encoder.inputs.iter().flat_map(steps).collect()
    }
}

/// Ten digits: what scaling and scaling back has added is not shown.
fn rounded(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

/// Matt Mazur's step-by-step example: two inputs, two hidden units, two outputs, sigmoids and squared errors, with its own weights, for the set
/// `@mazur`.
///
/// # Errors
/// None that can happen.
pub fn worked_example() -> Result<Model, ModelError> {
    let set = retrograde_data::embedded("@mazur")?;
    let network = Network::new(&[2, 2, 2], &[Activation::Sigmoid], Output::Sigmoid, Loss::SquaredError)?;
    let weights = vec![0.15, 0.20, 0.25, 0.30, 0.35, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.60];
    let settings = EncoderSettings {
        targets: set.targets.clone(),
        task: TaskChoice::Numbers,
        scaling: Scaling::None,
        target_scaling: TargetScaling::None,
        ..EncoderSettings::default()
    };
    let rows: Vec<usize> = (0..set.table.rows()).collect();
    Model::from_parts(ModelParts {
        encoder: Encoder::fit(&set.table, &rows, &settings)?,
        weights: Weights::F64(Params::from_values(&network, weights)?),
        settings: TrainSettings { regularisation: Regularisation::default(), ..TrainSettings::default() },
        init: Init::Course,
        history: Vec::new(),
        best_epoch: 0,
        stop: StopReason::Epochs,
        provenance: Provenance { name: "@mazur".into(), rows: rows.len(), ..Provenance::default() },
    })
}
