//! Checking an encoder that came from a file.

use super::boolean::answer;
use super::target::MAX_CLASSES;
use super::{DatePart, Encoder, InputColumn, NumberScale, TargetEncoding};
use crate::error::DataError;
use crate::read::MAX_COLUMNS;
use std::collections::HashSet;

/// The largest number of encoded inputs.
const MAX_WIDTH: usize = 1 << 24;
/// The longest name or level in bytes, as for a cell of a text table.
const MAX_TEXT: usize = 1 << 20;

impl Encoder {
    /// Checks what [`Encoder::fit`] guarantees: some inputs and targets, unique names, unique levels, classes and parts
    /// of dates, answers that are a no and a yes, finite centers and fills, finite positive scales and clips, equal
    /// lengths, bounded sizes.
    ///
    /// # Errors
    /// [`DataError::InvalidEncoder`] with the first part that is wrong.
    pub fn validate(&self) -> Result<(), DataError> {
        let count = self.inputs.len();
        require((1..=MAX_COLUMNS).contains(&count), "input columns", &count, "1 to 65,536")?;
        self.inputs.iter().try_for_each(validate_input)?;
        let width = self.inputs.iter().fold(0_usize, |sum, input| sum.saturating_add(input.width()));
        require(width <= MAX_WIDTH, "encoded inputs", &width, "at most 2^24")?;
        self.validate_target()?;
        let columns = self.inputs.iter().map(InputColumn::column).chain(self.target.columns());
        unique("columns", columns)?;
        self.notes.iter().try_for_each(|note| text("notes", note))
    }

    fn validate_target(&self) -> Result<(), DataError> {
        match &self.target {
            TargetEncoding::Classes { classes, .. } => {
                let found = classes.len();
                require((2..=MAX_CLASSES).contains(&found), "classes", &found, "2 to 65,536")?;
                unique("classes", classes.iter().map(String::as_str))
            }
            TargetEncoding::Numbers { columns, mean, scale } => {
                let found = columns.len();
                require((1..=MAX_COLUMNS).contains(&found), "target columns", &found, "1 to 65,536")?;
                require(mean.len() == found, "target means", &mean.len(), "one per target column")?;
                require(scale.len() == found, "target scales", &scale.len(), "one per target column")?;
                mean.iter().try_for_each(|x| finite("target means", *x))?;
                scale.iter().try_for_each(|x| positive("target scales", *x))
            }
        }
    }
}

fn validate_input(input: &InputColumn) -> Result<(), DataError> {
    let part = |what: &str| format!("{what} of `{}`", input.column().chars().take(64).collect::<String>());
    match input {
        InputColumn::Number { scale, fill, .. } => validate_scale(&part, scale, *fill),
        InputColumn::Category { levels, .. } => {
            let found = levels.len();
            require(found <= MAX_WIDTH, &part("number of levels"), &found, "at most 2^24")?;
            unique(&part("levels"), levels.iter().map(String::as_str))
        }
        InputColumn::Boolean { no, yes, .. } => {
            text(&part("no"), no)?;
            text(&part("yes"), yes)?;
            let answers = [no.as_str(), yes].map(answer);
            let pair = matches!(answers, [Some((a, false)), Some((b, true))] if a == b);
            let shown = |text: &str| text.chars().take(64).collect::<String>();
            let found = format!("`{}` and `{}`", shown(no), shown(yes));
            require(pair, &part("answers"), &found, "the no and the yes of one pair, such as false and true")
        }
        InputColumn::Date { parts, .. } => {
            let found = parts.len();
            let all = DatePart::ALL.len();
            require((1..=all).contains(&found), &part("number of parts"), &found, "1 to 5")?;
            unique(&part("parts"), parts.iter().map(|input| input.part.name()))?;
            parts.iter().try_for_each(|input| validate_scale(&part, &input.scale, input.fill))
        }
    }
}

fn validate_scale(part: &dyn Fn(&str) -> String, scale: &NumberScale, fill: f64) -> Result<(), DataError> {
    finite(&part("center"), scale.center)?;
    finite(&part("fill"), fill)?;
    positive(&part("scale"), scale.scale)?;
    scale.clip.map_or(Ok(()), |clip| positive(&part("clip"), clip))
}

/// Names are there once, and of sensible length.
fn unique<'a>(part: &str, names: impl Iterator<Item = &'a str>) -> Result<(), DataError> {
    let mut seen = HashSet::new();
    for name in names {
        text(part, name)?;
        let shown = || format!("`{}` twice", name.chars().take(64).collect::<String>());
        require(seen.insert(name), part, &shown(), "each name once")?;
    }
    Ok(())
}

fn text(part: &str, text: &str) -> Result<(), DataError> {
    require(text.len() <= MAX_TEXT, part, &format!("a text of {} bytes", text.len()), "at most 1 MiB")
}

fn finite(part: &str, x: f64) -> Result<(), DataError> {
    require(x.is_finite(), part, &x, "a finite number")
}

fn positive(part: &str, x: f64) -> Result<(), DataError> {
    require(x.is_finite() && x > 0.0, part, &x, "a finite number above 0")
}

fn require(
    holds: bool,
    part: &str,
    found: &dyn std::fmt::Display,
    expected: &'static str,
) -> Result<(), DataError> {
    if holds {
        return Ok(());
    }
    Err(DataError::InvalidEncoder { part: part.to_owned(), found: found.to_string(), expected })
}
