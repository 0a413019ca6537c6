//! Learning an encoder from training rows, which may come in pieces.

use super::features::FeatureFits;
use super::roles;
use super::statistics::Sample;
use super::target_fit::TargetFit;
use super::{Choices, Encoder, EncoderSettings, TargetEncoding};
use crate::error::DataError;
use crate::table::{Column, ColumnType, Origin, Table, Values, number_text};

impl Encoder {
    /// Learns from the training rows how each column becomes numbers. No other row is looked at. It is an
    /// [`EncoderFit`] of one piece.
    ///
    /// # Errors
    /// As [`EncoderFit::new`], [`EncoderFit::add`] and [`EncoderFit::finish`].
    pub fn fit(table: &Table, train_rows: &[usize], settings: &EncoderSettings) -> Result<Self, DataError> {
        let columns: Vec<(String, ColumnType)> =
            table.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect();
        let mut fit = EncoderFit::new(&table.origin, &columns, train_rows.len(), settings)?;
        fit.add(table, train_rows)?;
        fit.finish()
    }

    /// Learns from the training rows how columns become inputs, for a target that somebody else encodes: `target` says how, and names no
    /// column of the table.
    ///
    /// # Errors
    /// As [`Encoder::fit`], of inputs alone; [`DataError::InvalidEncoder`] for a target that cannot be.
    pub fn fit_inputs(
        table: &Table,
        train_rows: &[usize],
        settings: &EncoderSettings,
        target: TargetEncoding,
    ) -> Result<Self, DataError> {
        if train_rows.is_empty() {
            return Err(DataError::NoTrainingRows { name: table.origin.name.clone() });
        }
        check_rows(table, train_rows)?;
        let columns: Vec<(String, ColumnType)> =
            table.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect();
        let mut features = FeatureFits::new(&columns, settings);
        let mut sample = Sample::new(train_rows.len(), features.sampled());
        let sampled =
            sample.between(0, train_rows.len()).into_iter().map(|i| (train_rows[i], None)).collect();
        let piece = Piece { table, rows: train_rows, weights: None, start: 0, sampled };
        features.add(&piece)?;
        let (inputs, notes) = features.finish(&table.origin.name, train_rows.len(), settings)?;
        let encoder = Self { inputs, target, notes, choices: Some(Choices::of(settings)) };
        encoder.validate()?;
        Ok(encoder)
    }
}

/// An encoder that is being learned from a table in pieces, in one pass.
///
/// The result has the same bits however the training rows are cut into pieces: every sum takes them one after another,
/// and medians and quartiles are those of rows that were chosen by their number, see below.
///
/// * Mean, deviation, least and largest number, levels and their frequencies: of all training rows.
/// * Median and quartiles: of k = min(n, max(1024, 2²⁴ / c)) of the n training rows, evenly spaced (number ⌊j · n / k⌋),
///   where c is the number of input columns that hold numbers or dates. Up to 131,072 rows of 128 columns these are all
///   rows.
///
/// It holds these k rows of c numbers, the levels of categories, and nothing else that grows with the table.
///
/// ```
/// # use retrograde_data::{Encoder, EncoderFit, EncoderSettings, ReadOptions, Source, read_bytes};
/// # let table = read_bytes("t.csv", b"x,y\n1,a\n2,b\n3,a\n4,b\n", &ReadOptions::default())?;
/// let settings = EncoderSettings { targets: vec!["y".into()], ..EncoderSettings::default() };
/// let source = Source::from(table.clone());
/// let mut fit = EncoderFit::new(source.origin(), source.columns(), source.rows(), &settings)?;
/// for piece in source.pieces(Some(&fit.columns()))? {
///     let piece = piece?;
///     let all: Vec<usize> = (0..piece.rows()).collect();
///     fit.add(&piece, &all)?;
/// }
/// assert_eq!(fit.finish()?, Encoder::fit(&table, &[0, 1, 2, 3], &settings)?);
/// # Ok::<(), retrograde_data::DataError>(())
/// ```
#[derive(Debug)]
pub struct EncoderFit {
    table: String,
    settings: EncoderSettings,
    rows: usize,
    seen: usize,
    sample: Sample,
    features: FeatureFits,
    target: TargetFit,
}

/// Some training rows of a table.
pub(super) struct Piece<'a> {
    pub(super) table: &'a Table,
    pub(super) rows: &'a [usize],
    /// What each of them counts for; `None`: 1.
    pub(super) weights: Option<&'a [f64]>,
    /// The number of training rows before these.
    pub(super) start: usize,
    /// The rows among them that medians and quartiles are taken of, each with its weight if rows have weights.
    pub(super) sampled: Vec<(usize, Option<f64>)>,
}

impl Piece<'_> {
    /// The rows, and what each counts for.
    pub(super) fn weighted(&self) -> impl Iterator<Item = (usize, f64)> {
        let weight = |i: usize| self.weights.map_or(1.0, |weights| weights[i]);
        self.rows.iter().enumerate().map(move |(i, &row)| (row, weight(i)))
    }
}

impl EncoderFit {
    /// Nothing learned yet. `columns` are all columns of the table, `train_rows` is how many rows there will be in all.
    ///
    /// # Errors
    /// Names that are not in the table ([`DataError::UnknownColumn`]) or in two roles ([`DataError::TwoRoles`]); no
    /// target ([`DataError::NoTarget`]) or several that should be classes; no training row.
    pub fn new(
        origin: &Origin,
        columns: &[(String, ColumnType)],
        train_rows: usize,
        settings: &EncoderSettings,
    ) -> Result<Self, DataError> {
        let table = origin.name.clone();
        if train_rows == 0 {
            return Err(DataError::NoTrainingRows { name: table });
        }
        roles::check(&table, columns, settings)?;
        let target = TargetFit::new(&table, columns, settings)?;
        let features = FeatureFits::new(columns, settings);
        let sample = Sample::new(train_rows, features.sampled());
        Ok(Self { table, settings: settings.clone(), rows: train_rows, seen: 0, sample, features, target })
    }

    /// The columns that are learned from: a piece needs no others.
    pub fn columns(&self) -> Vec<&str> {
        self.features.columns().chain(self.target.columns()).collect()
    }

    /// Learns from some rows of a piece. Pieces must come in the table's order for the same encoder.
    ///
    /// # Errors
    /// [`DataError::NoSuchRow`]; [`DataError::Pieces`] for a piece whose columns have other types than were announced,
    /// [`DataError::UnknownColumn`] for one that has not all of them. What cells are refused for, [`EncoderFit::finish`]
    /// says.
    pub fn add(&mut self, piece: &Table, rows: &[usize]) -> Result<(), DataError> {
        self.add_weighted(piece, rows, None)
    }

    /// [`EncoderFit::add`] of rows that count for something else than 1: means, deviations, medians, quartiles and the
    /// frequencies of levels are those of a table in which each row is as often as it weighs. Weights are positive; either
    /// all pieces have them or none. What is learned of too many texts, and which rows medians and quartiles are taken of
    /// where there are more than are kept, goes by rows.
    ///
    /// # Errors
    /// As [`EncoderFit::add`]; [`DataError::Pieces`] for another number of weights than of rows.
    pub fn add_weighted(
        &mut self,
        piece: &Table,
        rows: &[usize],
        weights: Option<&[f64]>,
    ) -> Result<(), DataError> {
        check_rows(piece, rows)?;
        if let Some(weights) = weights.filter(|weights| weights.len() != rows.len()) {
            let (found, expected) = (format!("{} weights", weights.len()), rows.len().to_string());
            return Err(DataError::Pieces { name: self.table.clone(), found, expected });
        }
        let (start, end) = (self.seen, self.seen + rows.len());
        let sampled = self.sample.between(start, end).into_iter().map(|i| i - start);
        let sampled = sampled.map(|i| (rows[i], weights.map(|weights| weights[i]))).collect();
        let piece = Piece { table: piece, rows, weights, start, sampled };
        self.features.add(&piece)?;
        self.target.add(&piece)?;
        self.seen = end;
        Ok(())
    }

    /// The encoder. What is wrong with the target comes before what is wrong with inputs.
    ///
    /// A column without any value in the training rows is left out, and so is one that is always the same date; another
    /// constant one is kept; all with a note. A category with more than `max_levels` levels keeps the most frequent
    /// ones (the earlier on a tie); the others share the input of unseen ones. One whose levels are yes and no is a
    /// boolean.
    ///
    /// # Errors
    /// [`DataError::Pieces`] when there were more or fewer rows than announced. A missing target, an infinite number,
    /// a target that is no number where numbers are wanted; a single class, or too many; a category with over 64 levels
    /// in over half the rows ([`DataError::Identifier`]); no input column ([`DataError::NoInputs`]).
    pub fn finish(self) -> Result<Encoder, DataError> {
        let Self { table, settings, rows, seen, features, target, .. } = self;
        if seen != rows {
            let (found, expected) = (format!("{seen} training rows"), rows.to_string());
            return Err(DataError::Pieces { name: table, found, expected });
        }
        let target = target.finish(&table, rows, &settings)?;
        let (inputs, notes) = features.finish(&table, rows, &settings)?;
        let choices = Some(Choices::of(&settings));
        Ok(Encoder { inputs, target, notes, choices })
    }
}

/// Refuses rows beyond the table.
pub(super) fn check_rows(table: &Table, rows: &[usize]) -> Result<(), DataError> {
    let count = table.rows();
    match rows.iter().find(|&&row| row >= count) {
        None => Ok(()),
        Some(&found) => Err(DataError::NoSuchRow { name: table.origin.name.clone(), found, rows: count }),
    }
}

/// The column, or an error that lists what there is; `flag` is the option that named it.
pub(super) fn find<'a>(table: &'a Table, column: &str, flag: &'static str) -> Result<&'a Column, DataError> {
    table.column(column).ok_or_else(|| DataError::UnknownColumn {
        name: table.origin.name.clone(),
        column: column.to_owned(),
        columns: table.names().into_iter().map(str::to_owned).collect(),
        flag,
    })
}

/// Refuses a piece with another type than was announced.
pub(super) fn check_type(table: &Table, column: &Column, expected: ColumnType) -> Result<(), DataError> {
    let found = column.values.column_type();
    if found == expected {
        return Ok(());
    }
    Err(DataError::Pieces {
        name: table.origin.name.clone(),
        found: format!("a {} column `{}`", found.name(), column.name),
        expected: format!("a {} column", expected.name()),
    })
}

/// Infinite numbers are refused: no mean, no scale and no product survives them.
pub(super) fn infinite(table: &Table, column: &Column, row: usize) -> DataError {
    let found = match &column.values {
        Values::Number(values) => number_text(values[row]),
        Values::Category { .. } | Values::Date(_) => column.values.text(row).unwrap_or_default().into_owned(),
    };
    let (name, at, column) = (table.file_of(row).to_owned(), table.at(row), column.name.clone());
    DataError::Infinite { name, at, column, found }
}
