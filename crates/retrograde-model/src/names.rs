//! Weights by name: `L1[2,u]`, `L1[2,"sex=not known"]`, `L2[1,0]`.

use crate::error::ModelError;
use crate::model::Model;
use retrograde::WeightId;
use std::collections::HashMap;

impl Model {
    /// The name of a weight: `L1[2,u]` is Θ⁽¹⁾, to unit 2 (from 1), from input `u`; in the other layers the unit's
    /// number stands for the name, and `0` is the bias everywhere.
    ///
    /// An input's name is written as it is when it is made of letters, digits and `_.=-` and does not begin with a
    /// digit, a point or a minus; else in double quotes as in JSON, with `'` escaped too, so that the whole can be put in single quotes
    /// in a shell. An input whose name another input shares is given by its number.
    pub fn weight_name(&self, id: WeightId) -> String {
        let source = match id.source {
            None => "0".to_owned(),
            Some(source) if id.layer == 0 => input_name(&self.encoder.names(), source),
            Some(source) => (source + 1).to_string(),
        };
        format!("L{}[{},{source}]", id.layer + 1, id.unit + 1)
    }

    /// The names of several weights, see [`Model::weight_name`]; faster than one by one.
    pub fn weight_names(&self, ids: &[WeightId]) -> Vec<String> {
        let names = self.encoder.names();
        let mut known: HashMap<usize, String> = HashMap::new();
        let mut source_of = |id: &WeightId| match id.source {
            None => "0".to_owned(),
            Some(source) if id.layer == 0 => {
                known.entry(source).or_insert_with(|| input_name(&names, source)).clone()
            }
            Some(source) => (source + 1).to_string(),
        };
        ids.iter().map(|id| format!("L{}[{},{}]", id.layer + 1, id.unit + 1, source_of(id))).collect()
    }

    /// What each input is called in the names of weights.
    pub(crate) fn input_names(&self) -> Vec<String> {
        let names = self.encoder.names();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for name in &names {
            *seen.entry(name).or_default() += 1;
        }
        let written = |(j, name): (usize, &String)| match seen[name.as_str()] {
            1 => quoted(name),
            _ => (j + 1).to_string(),
        };
        names.iter().enumerate().map(written).collect()
    }

    /// The weight of that name; the inverse of [`Model::weight_name`]. In the first layer an input's number is
    /// understood too, and a name without quotes as long as it is not a number.
    ///
    /// # Errors
    /// [`ModelError::WeightName`] for a text of another form, or a weight that the network does not have.
    pub fn parse_weight_name(&self, text: &str) -> Result<WeightId, ModelError> {
        let wrong = |expected: String| ModelError::WeightName { found: text.to_owned(), expected };
        let parts = split_name(text)
            .ok_or_else(|| wrong("expected a name like L1[2,u] or, for a bias, L2[1,0]".into()))?;
        let (layer, unit, source) = parts;
        let depth = self.network().depth();
        if !(1..=depth).contains(&layer) {
            return Err(wrong(format!("the layers are L1 to L{depth}")));
        }
        let shape = self.network().layer(layer - 1);
        if !(1..=shape.units).contains(&unit) {
            return Err(wrong(format!("L{layer} feeds units 1 to {}", shape.units)));
        }
        let source = match number(source) {
            Some(0) => None,
            Some(j) if j <= shape.inputs => Some(j - 1),
            Some(_) => {
                return Err(wrong(format!("L{layer} reads 1 to {}, and 0 for the bias", shape.inputs)));
            }
            None if layer == 1 => Some(self.input_index(source).ok_or_else(|| wrong(self.known_inputs()))?),
            None => {
                return Err(wrong(format!(
                    "L{layer} reads units, which have numbers: 1 to {}",
                    shape.inputs
                )));
            }
        };
        Ok(WeightId { layer: layer - 1, unit: unit - 1, source })
    }

    /// The one input of that name, quoted or not.
    fn input_index(&self, source: &str) -> Option<usize> {
        let name = if source.starts_with('"') {
            serde_json::from_str::<String>(source).ok()?
        } else {
            source.to_owned()
        };
        let names = self.encoder.names();
        let mut found = names.iter().enumerate().filter(|(_, n)| **n == name).map(|(j, _)| j);
        found.next().filter(|_| found.next().is_none())
    }

    fn known_inputs(&self) -> String {
        const SHOWN: usize = 12;
        let names = self.encoder.names();
        let shown: Vec<String> = (0..names.len().min(SHOWN)).map(|j| input_name(&names, j)).collect();
        let more = if names.len() > SHOWN { format!(", … ({})", names.len()) } else { String::new() };
        format!("the inputs are {}{more}", shown.join(", "))
    }
}

/// Layer, unit and the text of the source; brackets and commas in quotes are part of the text.
fn split_name(text: &str) -> Option<(usize, usize, &str)> {
    let (layer, rest) = text.trim().strip_prefix(['L', 'l'])?.split_once('[')?;
    let (unit, source) = rest.strip_suffix(']')?.split_once(',')?;
    Some((number(layer)?, number(unit.trim())?, source.trim()))
}

/// A plain decimal number: no sign, nothing around it.
fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// How an input is written: its name, or its number when the name is not its own.
fn input_name(names: &[String], source: usize) -> String {
    match names.get(source) {
        Some(name) if names.iter().filter(|n| *n == name).count() == 1 => quoted(name),
        _ => (source + 1).to_string(),
    }
}

/// The name as it is when nothing in it can be misread, else in JSON's quotes.
fn quoted(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if first && chars.all(|c| c.is_alphanumeric() || "_.=-".contains(c)) {
        return name.to_owned();
    }
    let mut text = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            // Inside single quotes a shell could not take it, and no line may break.
            '\'' => text.push_str("\\u0027"),
            c if c.is_control() => text.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}
