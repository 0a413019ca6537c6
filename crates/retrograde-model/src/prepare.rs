//! Everything that happens to a table before the first gradient: task, split, encoder, network.

use crate::design;
use crate::division::{Division, SplitRecord};
use crate::duplicates::Duplicates;
use crate::encoded::Encoded;
use crate::error::ModelError;
use crate::load::{Encoding, Filling, Loaded, missing_inputs};
use crate::loss_choice::describe;
use crate::model::{Number, layers};
use crate::opened::{Opened, within};
use crate::settings::{FitSettings, SplitBy, Streaming, Validation};
use crate::targets::Part;
use crate::usable::Usable;
use crate::watch::{FitPlan, Task};
use crate::weighting::{Weighting, row_weights};
use crate::words::count;
use retrograde::{Network, Optimizer, TrainSettings};
use retrograde_data::{
    Column, Encoder, EncoderFit, EncoderSettings, InputColumn, Reserved, Table, TargetEncoding, Targets,
    TaskChoice, Values,
};

/// A table made ready for training.
pub(crate) struct Prepared<'a> {
    pub(crate) opened: Opened<'a>,
    pub(crate) encoder: Encoder,
    pub(crate) network: Network,
    pub(crate) weighting: Weighting,
    /// Rows of the key columns, or of the table that judges.
    pub(crate) train: Part<'a>,
    pub(crate) validation: Option<Part<'a>>,
    pub(crate) test: Option<Part<'a>>,
    pub(crate) record: SplitRecord,
    duplicates: Duplicates,
    /// Rows that a training holds at a time where it does not hold all, once they are loaded.
    window: Option<usize>,
    /// Missing cells among the inputs, once all rows were seen.
    missing: usize,
    task: Task,
    /// What was decided about rows on the way.
    notes: Vec<String>,
}

impl<'a> Prepared<'a> {
    /// Finds the task from all rows with a target, splits them, and learns the encoder from the training rows alone.
    pub(crate) fn new(opened: Opened<'a>, settings: &'a FitSettings) -> Result<Self, ModelError> {
        let (table, mut encoder_settings) = (opened.keys, encoder_settings(settings));
        let (targets, weight) = (targets_of(settings), settings.weight.as_deref());
        let usable = Usable::of(table, &targets, weight)?;
        let mut notes = opened.source.origin().unexpected.clone();
        notes.extend(usable.notes(&targets, weight));
        let target = TargetColumn::find(opened, &usable.rows, &encoder_settings)?;
        // The rows of the split must not decide the task: it is fixed from here on.
        encoder_settings.task = target.choice();
        let Division { train, validation, test, mut record, notes: told } =
            Division::of(table, &usable.rows, settings, target.codes.as_deref())?;
        notes.extend(told);
        let mut duplicates = Duplicates::by(known_by(opened, &encoder_settings)?);
        let own = weight.map(|column| row_weights(table, &train, column)).transpose()?.flatten();
        let encoder = opened.fit((&train, own.as_deref()), &encoder_settings, |piece, before| {
            for held in [&validation, &test] {
                duplicates.hold(piece, &within(held, before, piece.rows()));
            }
        })?;
        let network = design::network(settings, &encoder, train.len())?;
        settings.train.resolved(&network, train.len()).validate(&network)?;
        let weighting = Weighting::learnt(settings, &encoder, (table, &train))?;
        let validation = match &settings.validation {
            Validation::Table(other) => {
                let (part, usable) = Part::usable(other, &encoder, &weighting)?;
                notes.extend(notes_of_another(other, &usable, (&targets, weight)));
                duplicates.hold(part.table, &part.rows);
                Some(part)
            }
            _ => (!validation.is_empty()).then_some(Part { table, rows: validation }),
        };
        let test = (!test.is_empty()).then_some(Part { table, rows: test });
        let train = Part { table, rows: train };
        record.left_out = usable.left_out();
        let (missing, window, task) = (0, None, target.task);
        Ok(Self {
            opened,
            encoder,
            network,
            weighting,
            train,
            validation,
            test,
            record,
            duplicates,
            window,
            missing,
            task,
            notes,
        })
    }

    /// The encoded rows of all parts, in one pass over the table. After it, [`Prepared::plan`] knows of missing cells, of rows
    /// that are in two parts and of the window.
    pub(crate) fn load<T: Number>(&mut self, streaming: Option<&Streaming>) -> Result<Loaded<T>, ModelError> {
        let Self { opened, encoder, network, weighting, train, validation, test, duplicates, .. } = self;
        let encoding = Encoding { encoder, network, weighting };
        let is_another = |part: &&Part<'_>| !std::ptr::eq(part.table, opened.keys);
        let filling = |part| Filling::new(part, encoding, streaming);
        let mut training = filling(train)?;
        let own = validation.as_ref().filter(|part| !is_another(part));
        let mut held = [own.map(filling).transpose()?, test.as_ref().map(filling).transpose()?];
        let mut missing = 0;
        let names = duplicates.columns.clone();
        opened.each_piece(&names, |piece, before| {
            missing += missing_inputs(encoder, piece);
            training.take(piece, before)?;
            for filling in held.iter_mut().flatten() {
                filling.take(piece, before)?;
            }
            duplicates.look(piece, &within(&train.rows, before, piece.rows()));
            Ok(())
        })?;
        let [own, test] = held.map(|filling| filling.map(Filling::finish).transpose());
        let another = validation.as_ref().filter(is_another);
        let another = another.map(|part| part.matrices(encoder, network, weighting)).transpose()?;
        let validation = own?.or(another.map(Encoded::Held));
        let loaded = Loaded { train: training.finish()?, validation, test: test? };
        (self.missing, self.window) = (missing, loaded.train.window());
        let (held, found) = self.duplicates.counts();
        self.record.duplicates = found;
        self.notes.extend(duplicates_note(found, held));
        self.notes.extend(self.window.map(|window| window_note(window, loaded.train.count())));
        Ok(loaded)
    }

    /// The settings, with a method if none was chosen.
    pub(crate) fn resolved(&self, settings: &TrainSettings) -> TrainSettings {
        let mut settings = settings.clone();
        if self.window.is_some() && settings.optimizer == Optimizer::Auto {
            // As the core does: with a window, only a method that makes a step from a batch can be chosen.
            settings.optimizer = Optimizer::ADAM;
        }
        settings.resolved(&self.network, self.train.rows.len())
    }

    /// The method, and whether it was chosen.
    fn method(&self, settings: &TrainSettings) -> String {
        let name = self.resolved(settings).optimizer.name();
        let chosen = settings.optimizer == Optimizer::Auto;
        if chosen { format!("{name}, chosen by auto") } else { name.to_owned() }
    }

    /// What is going to be trained.
    pub(crate) fn plan(&self, settings: &FitSettings) -> FitPlan {
        let (source, inputs) = (self.opened.source, &self.encoder.inputs);
        let numeric = inputs.iter().filter(|input| matches!(input, InputColumn::Number { .. })).count();
        let dates = inputs.iter().filter(|input| matches!(input, InputColumn::Date { .. })).count();
        FitPlan {
            name: source.origin().name.clone(),
            format: source.origin().format.clone(),
            rows: source.rows(),
            numeric,
            categorical: inputs.len() - numeric - dates,
            dates,
            inputs: self.encoder.width(),
            missing: self.missing,
            task: self.task.clone(),
            train_rows: self.train.rows.len(),
            validation_rows: self.validation.as_ref().map_or(0, |part| part.rows.len()),
            test_rows: self.test.as_ref().map_or(0, |part| part.rows.len()),
            split: self.record.clone(),
            weight: self.weighting.column.clone(),
            class_weights: self.weighting.named(self.encoder.target.classes().unwrap_or_default()),
            seed: settings.train.seed,
            network: self.network.describe(),
            layers: layers(&self.network),
            weights: self.network.weight_count(),
            loss: describe(self.network.loss()),
            lambda: settings.train.regularisation.lambda,
            method: self.method(&settings.train),
            epochs: self.resolved(&settings.train).epochs(),
            notes: self.notes.iter().chain(&self.encoder.notes).cloned().collect(),
        }
    }
}

/// The raw columns that a row is known by.
fn known_by(opened: Opened<'_>, settings: &EncoderSettings) -> Result<Vec<String>, ModelError> {
    let fit = EncoderFit::new(opened.source.origin(), opened.source.columns(), 1, settings)?;
    Ok(fit.columns().into_iter().map(str::to_owned).collect())
}

/// The encoder's settings, in which the columns of weights and of the split are no inputs.
pub(crate) fn encoder_settings(settings: &FitSettings) -> EncoderSettings {
    let mut encoder = design::encoder_settings(settings);
    let split = match &settings.split {
        SplitBy::Groups(column) => Some((column, "the group", "--group")),
        SplitBy::Column(column) => Some((column, "the part of each row", "--split-column")),
        SplitBy::Order(_) | SplitBy::Chance => None,
    };
    let weight = settings.weight.as_ref().map(|column| (column, "the weight", "--weight"));
    for (column, role, flag) in weight.into_iter().chain(split) {
        if !encoder.reserved.iter().any(|reserved| reserved.column == *column) {
            encoder.reserved.push(Reserved { column: column.clone(), role, flag });
        }
    }
    encoder
}

pub(crate) fn targets_of(settings: &FitSettings) -> Vec<&str> {
    settings.encoder.targets.iter().map(String::as_str).collect()
}

/// What is worth telling of the rows of the table that judges.
fn notes_of_another(
    table: &Table,
    usable: &Usable,
    (targets, weight): (&[&str], Option<&str>),
) -> Vec<String> {
    let name = &table.origin.name;
    let told = usable.notes(targets, weight).into_iter().chain(table.origin.unexpected.iter().cloned());
    let mut notes: Vec<String> = told.map(|note| format!("{name}: {note}")).collect();
    if let Some(column) = weight.filter(|column| table.column(column).is_none()) {
        notes.push(format!("{name} has no `{column}`: each of its rows weighs 1"));
    }
    notes
}

/// `312 of 4,128 held-out rows (7.6%) also are among the training rows`.
fn duplicates_note(found: usize, held: usize) -> Option<String> {
    let share = 100.0 * found as f64 / held.max(1) as f64;
    let verb = if found == 1 { "is" } else { "are" };
    (found > 0).then(|| {
        format!(
            "{} of {} held-out rows ({share:.1}%) also {verb} among the training rows",
            count(found),
            count(held)
        )
    })
}

/// `streamed: of 1,000,000 encoded rows in a file, two windows of 40,000 are in memory`.
fn window_note(window: usize, rows: usize) -> String {
    format!(
        "streamed: of {} encoded rows in a file, two windows of {} are in memory",
        count(rows),
        count(window)
    )
}

/// What is known of the target before any row is held out.
pub(crate) struct TargetColumn {
    pub(crate) task: Task,
    /// The class of each of the rows, when classes are predicted.
    pub(crate) codes: Option<Vec<u32>>,
}

impl TargetColumn {
    /// Applies the encoder's own rule for the task to these rows.
    ///
    /// A table of the targets and one constant column is encoded, so that the rule is written once and the inputs
    /// are not looked at.
    pub(crate) fn find(
        opened: Opened<'_>,
        rows: &[usize],
        settings: &EncoderSettings,
    ) -> Result<Self, ModelError> {
        match Self::probe(opened.keys, settings, rows) {
            Some(found) => Ok(found),
            // Whatever is wrong, the real table names it best.
            None => Self::of(opened.keys, &opened.fit((rows, None), settings, |_, _| ())?, rows),
        }
    }

    fn probe(table: &Table, settings: &EncoderSettings, rows: &[usize]) -> Option<Self> {
        let mut columns: Vec<Column> =
            settings.targets.iter().map(|name| table.column(name).cloned()).collect::<Option<_>>()?;
        let free = (0..=columns.len()).map(|i| format!("constant {i}"));
        let constant = free.into_iter().find(|name| !settings.targets.contains(name))?;
        columns.push(Column { name: constant, values: Values::Number(vec![0.0; table.rows()]) });
        let small = Table::new(columns, table.origin.clone()).ok()?;
        let alone =
            EncoderSettings { features: None, drop: Vec::new(), reserved: Vec::new(), ..settings.clone() };
        let encoder = Encoder::fit(&small, rows, &alone).ok()?;
        Self::of(&small, &encoder, rows).ok()
    }

    fn of(table: &Table, encoder: &Encoder, rows: &[usize]) -> Result<Self, ModelError> {
        match (&encoder.target, encoder.targets(table, rows)?) {
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
