//! Texts that an encoder has no input for.

use super::boolean::answer;
use super::{Choices, Encoder, EncoderSettings, InputColumn};
use crate::table::{Column, Table, Values};
use std::collections::HashSet;

/// How many of them are named.
const NAMED: usize = 3;
/// The most characters of one that are shown.
const SHOWN: usize = 40;

/// Cells of a column that hold a text which the training rows did not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The column.
    pub column: String,
    /// How many cells.
    pub cells: usize,
    /// The first of the texts, at most three.
    pub texts: Vec<String>,
}

impl std::fmt::Display for Unseen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (noun, verb) = if self.cells == 1 { ("cell", "has") } else { ("cells", "have") };
        let shown = |text: &String| {
            let start: String = text.chars().take(SHOWN).collect();
            format!("`{start}{}`", if start.len() < text.len() { "…" } else { "" })
        };
        let texts: Vec<String> = self.texts.iter().map(shown).collect();
        let (column, cells) = (&self.column, self.cells);
        write!(
            f,
            "{cells} {noun} of `{column}` {verb} a value that training did not have: {}",
            texts.join(", ")
        )
    }
}

impl Encoder {
    /// The cells of a table whose text is none of the training's, column by column. Of a column with more levels than have
    /// an input each nothing is said: its rare ones are not known any more.
    pub fn unseen(&self, table: &Table) -> Vec<Unseen> {
        let most = self.choices.unwrap_or_else(|| Choices::of(&EncoderSettings::default())).max_levels;
        let of = |input: &InputColumn| {
            let column = table.column(input.column())?;
            match input {
                InputColumn::Category { levels, .. } if levels.len() < most => {
                    let known: HashSet<&str> = levels.iter().map(String::as_str).collect();
                    unknown(column, |text| known.contains(text))
                }
                InputColumn::Boolean { .. } => unknown(column, |text| answer(text).is_some()),
                _ => None,
            }
        };
        self.inputs.iter().filter_map(of).collect()
    }
}

/// The cells of a column that are not known.
fn unknown(column: &Column, is_known: impl Fn(&str) -> bool) -> Option<Unseen> {
    let mut found = Unseen { column: column.name.clone(), cells: 0, texts: Vec::new() };
    let mut add = |text: &str| {
        found.cells += 1;
        if found.texts.len() < NAMED && found.texts.iter().all(|other| other != text) {
            found.texts.push(text.to_owned());
        }
    };
    if let Values::Category { levels, codes } = &column.values {
        let known: Vec<bool> = levels.iter().map(|level| is_known(level)).collect();
        for &code in codes {
            if known.get(code as usize) == Some(&false) {
                add(&levels[code as usize]);
            }
        }
    } else {
        let texts = (0..column.values.len()).filter_map(|row| column.values.text(row));
        texts.filter(|text| !is_known(text)).for_each(|text| add(&text));
    }
    (found.cells > 0).then_some(found)
}
