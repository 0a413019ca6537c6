//! Everything that happens to a table before the first gradient: task, split, encoder, network.

use crate::design;
use crate::error::ModelError;
use crate::loss_choice::describe;
use crate::model::layers;
use crate::settings::{FitSettings, Validation};
use crate::targets::Part;
use crate::watch::{FitPlan, Task};
use retrograde::{Error, Network, Optimizer, TrainSettings};
use retrograde_data::{
    Column, Encoder, EncoderSettings, InputColumn, Split, Table, TargetEncoding, Targets, TaskChoice, Values,
    split,
};

/// From this many rows on, `Validation::Auto` holds some out.
const AUTO_ROWS: usize = 50;
/// The share it holds out.
const AUTO_SHARE: f64 = 0.2;

/// A table made ready for training.
pub(crate) struct Prepared<'a> {
    pub(crate) encoder: Encoder,
    pub(crate) network: Network,
    pub(crate) train: Part<'a>,
    pub(crate) validation: Option<Part<'a>>,
    stratified: bool,
    task: Task,
}

impl<'a> Prepared<'a> {
    /// Finds the task from all rows, splits, and learns the encoder from the training rows alone.
    pub(crate) fn new(table: &'a Table, settings: &'a FitSettings) -> Result<Self, ModelError> {
        let mut encoder_settings = design::encoder_settings(settings);
        let target = TargetColumn::find(table, &encoder_settings)?;
        // The rows of the split must not decide the task: it is fixed from here on.
        encoder_settings.task = target.choice();
        let rows = split_rows(table, settings, target.codes.as_deref())?;
        let encoder = Encoder::fit(table, &rows.train, &encoder_settings)?;
        let network = design::network(settings, &encoder)?;
        settings.train.resolved(&network, rows.train.len()).validate(&network)?;
        let stratified = !rows.validation.is_empty() && target.codes.is_some();
        let validation = match &settings.validation {
            Validation::Table(other) => Some(Part::all(other)),
            _ => (!rows.validation.is_empty()).then_some(Part { table, rows: rows.validation }),
        };
        let train = Part { table, rows: rows.train };
        Ok(Self { encoder, network, train, validation, stratified, task: target.task })
    }

    /// The method, and whether it was chosen.
    fn method(&self, settings: &TrainSettings) -> String {
        let name = settings.resolved(&self.network, self.train.rows.len()).optimizer.name();
        let chosen = settings.optimizer == Optimizer::Auto;
        if chosen { format!("{name}, chosen by auto") } else { name.to_owned() }
    }

    /// What is going to be trained.
    pub(crate) fn plan(&self, settings: &FitSettings) -> FitPlan {
        let table = self.train.table;
        let is_number = |input: &&InputColumn| matches!(input, InputColumn::Number { .. });
        let numeric = self.encoder.inputs.iter().filter(is_number).count();
        let missing = |input: &InputColumn| table.column(input.column()).map_or(0, |c| c.values.missing());
        FitPlan {
            name: table.origin.name.clone(),
            format: table.origin.format.clone(),
            rows: table.rows(),
            numeric,
            categorical: self.encoder.inputs.len() - numeric,
            inputs: self.encoder.width(),
            missing: self.encoder.inputs.iter().map(missing).sum(),
            task: self.task.clone(),
            train_rows: self.train.rows.len(),
            validation_rows: self.validation.as_ref().map_or(0, |part| part.rows.len()),
            stratified: self.stratified,
            seed: settings.train.seed,
            network: self.network.describe(),
            layers: layers(&self.network),
            weights: self.network.weight_count(),
            loss: describe(self.network.loss()),
            lambda: settings.train.regularisation.lambda,
            method: self.method(&settings.train),
            notes: self.encoder.notes.clone(),
        }
    }
}

/// The rows to train on and to judge by.
fn split_rows(table: &Table, settings: &FitSettings, strata: Option<&[u32]>) -> Result<Split, ModelError> {
    let rows = table.rows();
    let share = match settings.validation {
        Validation::Auto if rows >= AUTO_ROWS => AUTO_SHARE,
        Validation::Share(share) if share > 0.0 && share < 1.0 => share,
        Validation::Share(share) => {
            let (what, expected) = ("the share of validation rows", "between 0 and 1, both excluded");
            return Err(Error::Setting { what, found: share.to_string(), expected }.into());
        }
        Validation::Auto | Validation::None | Validation::Table(_) => 0.0,
    };
    let found = split(rows, share, settings.train.seed, strata);
    // What was asked for by number is not left out silently.
    if matches!(settings.validation, Validation::Share(_)) && found.validation.is_empty() {
        let (what, expected) = ("the share of validation rows", "a share that holds out a row, or none");
        return Err(Error::Setting { what, found: share.to_string(), expected }.into());
    }
    Ok(found)
}

/// What is known of the target before any row is held out.
pub(crate) struct TargetColumn {
    pub(crate) task: Task,
    /// The class of every row, when classes are predicted.
    pub(crate) codes: Option<Vec<u32>>,
}

impl TargetColumn {
    /// Applies the encoder's own rule for the task to all rows.
    ///
    /// A table of the targets and one constant column is encoded, so that the rule is written once and the inputs
    /// are not looked at.
    pub(crate) fn find(table: &Table, settings: &EncoderSettings) -> Result<Self, ModelError> {
        let all: Vec<usize> = (0..table.rows()).collect();
        match Self::probe(table, settings, &all) {
            Some(found) => Ok(found),
            // Whatever is wrong, the real table names it best.
            None => match Encoder::fit(table, &all, settings) {
                Err(error) => Err(error.into()),
                Ok(encoder) => Self::of(table, &encoder, &all),
            },
        }
    }

    fn probe(table: &Table, settings: &EncoderSettings, all: &[usize]) -> Option<Self> {
        let mut columns: Vec<Column> =
            settings.targets.iter().map(|name| table.column(name).cloned()).collect::<Option<_>>()?;
        let free = (0..=columns.len()).map(|i| format!("constant {i}"));
        let constant = free.into_iter().find(|name| !settings.targets.contains(name))?;
        columns.push(Column { name: constant, values: Values::Number(vec![0.0; table.rows()]) });
        let small = Table::new(columns, table.origin.clone()).ok()?;
        let alone = EncoderSettings { features: None, drop: Vec::new(), ..settings.clone() };
        let encoder = Encoder::fit(&small, all, &alone).ok()?;
        Self::of(&small, &encoder, all).ok()
    }

    fn of(table: &Table, encoder: &Encoder, all: &[usize]) -> Result<Self, ModelError> {
        match (&encoder.target, encoder.targets(table, all)?) {
            (TargetEncoding::Classes { column, classes }, Targets::Classes(codes)) => {
                let mut counts = vec![0; classes.len()];
                for &code in &codes {
                    counts[code as usize] += 1;
                }
                let classes = classes.iter().cloned().zip(counts).collect();
                Ok(Self { task: Task::Classes { column: column.clone(), classes }, codes: Some(codes) })
            }
            (target, _) => {
                let columns = target.columns().into_iter().map(str::to_owned).collect();
                Ok(Self { task: Task::Numbers { columns }, codes: None })
            }
        }
    }

    /// The task as a setting.
    pub(crate) fn choice(&self) -> TaskChoice {
        match self.task {
            Task::Classes { .. } => TaskChoice::Classes,
            Task::Numbers { .. } => TaskChoice::Numbers,
        }
    }
}
