//! What is being learned of the columns to predict from.

use super::category::LevelCounts;
use super::date::DateFit;
use super::fit::{Piece, check_type, find};
use super::number::NumberFit;
use super::roles;
use super::{EncoderSettings, InputColumn};
use crate::error::DataError;
use crate::table::ColumnType;

/// What is learned of each of them, in the table's order.
#[derive(Debug)]
pub(super) struct FeatureFits(Vec<(String, ColumnFit)>);

/// What is learned from one input column.
#[derive(Debug)]
enum ColumnFit {
    Number(NumberFit),
    Category(LevelCounts),
    Date(DateFit),
}

impl FeatureFits {
    /// Nothing yet. `columns` are all of the table.
    pub(super) fn new(columns: &[(String, ColumnType)], settings: &EncoderSettings) -> Self {
        let features = roles::features(columns, settings);
        Self(features.map(|(name, kind)| (name.clone(), ColumnFit::new(*kind))).collect())
    }

    /// Their names.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// How many of them have medians and quartiles.
    pub(super) fn sampled(&self) -> usize {
        self.0.iter().filter(|(_, fit)| !matches!(fit, ColumnFit::Category(_))).count()
    }

    /// Learns from some rows.
    ///
    /// # Errors
    /// A column that is missing or of another type.
    pub(super) fn add(&mut self, piece: &Piece<'_>) -> Result<(), DataError> {
        for (name, fit) in &mut self.0 {
            let column = find(piece.table, name, "")?;
            check_type(piece.table, column, fit.kind())?;
            match fit {
                ColumnFit::Number(fit) => fit.add(piece, column),
                ColumnFit::Category(fit) => fit.add(piece, column),
                ColumnFit::Date(fit) => fit.add(piece, column),
            }
        }
        Ok(())
    }

    /// The columns' encodings after so many rows of the table, and what there is to say of them.
    ///
    /// # Errors
    /// What cells are refused for; no column that is left.
    pub(super) fn finish(
        self,
        table: &str,
        rows: usize,
        settings: &EncoderSettings,
    ) -> Result<(Vec<InputColumn>, Vec<String>), DataError> {
        let (mut inputs, mut notes) = (Vec::new(), Vec::new());
        for (name, fit) in self.0 {
            inputs.extend(fit.finish((table, &name), rows, settings, &mut notes)?);
        }
        if inputs.is_empty() {
            return Err(DataError::NoInputs { name: table.to_owned(), notes });
        }
        Ok((inputs, notes))
    }
}

impl ColumnFit {
    fn new(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Number => Self::Number(NumberFit::new()),
            ColumnType::Category => Self::Category(LevelCounts::new()),
            ColumnType::Date => Self::Date(DateFit::new()),
        }
    }

    fn kind(&self) -> ColumnType {
        match self {
            Self::Number(_) => ColumnType::Number,
            Self::Category(_) => ColumnType::Category,
            Self::Date(_) => ColumnType::Date,
        }
    }

    /// The column's encoding; `None` when it is left out, which a note says.
    fn finish(
        self,
        (table, column): (&str, &str),
        rows: usize,
        settings: &EncoderSettings,
        notes: &mut Vec<String>,
    ) -> Result<Option<InputColumn>, DataError> {
        let before = notes.len();
        let input = match self {
            Self::Number(fit) => fit.finish(column, rows, settings.scaling, notes)?,
            Self::Category(fit) => fit.finish((table, column), rows, settings, notes)?,
            Self::Date(fit) => fit.finish(column, rows, settings.scaling, notes)?,
        };
        if input.is_none() && notes.len() == before {
            notes.push(format!("`{column}` is left out: it is missing in every training row"));
        }
        Ok(input)
    }
}
