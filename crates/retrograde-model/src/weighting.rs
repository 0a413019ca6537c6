//! What each row counts for: w_k of the cost J = Σ w_k ℓ_k / M + λ/(2M) Σ‖W‖², M = Σ w_k.

use crate::error::ModelError;
use crate::settings::{ClassWeights, FitSettings};
use retrograde::Error;
use retrograde_data::{Encoder, Table, TargetEncoding, Values};
use serde::{Deserialize, Serialize};

/// How rows are weighed: w_k is a row's own weight times that of its class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Weighting {
    /// The column of the rows' own weights; without one each row has 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What was asked for of the classes.
    #[serde(default)]
    pub classes: ClassWeights,
    /// What each class counts for, in the encoder's order; empty where each counts 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<f64>,
}

impl Weighting {
    /// Whether every row counts 1.
    pub fn is_none(&self) -> bool {
        self.column.is_none() && self.factors.is_empty()
    }

    /// Finds what each class counts for from the training rows.
    ///
    /// # Errors
    /// [`ModelError::WeightedNumber`], [`ModelError::WeightedClass`], and a weight that is negative or not finite.
    pub(crate) fn learnt(
        settings: &FitSettings,
        encoder: &Encoder,
        (table, train): (&Table, &[usize]),
    ) -> Result<Self, ModelError> {
        let column = settings.weight.clone();
        let classes = settings.class_weights.clone();
        let TargetEncoding::Classes { column: target, classes: names } = &encoder.target else {
            let target = encoder.target.columns().first().map(|c| (*c).to_owned()).unwrap_or_default();
            return match classes {
                ClassWeights::Equal => Ok(Self { column, ..Self::default() }),
                _ => Err(ModelError::WeightedNumber { column: target }),
            };
        };
        let factors = match &classes {
            ClassWeights::Equal => Vec::new(),
            ClassWeights::Given(given) => of_names(given, names, target)?,
            ClassWeights::Balanced => {
                let own = column.as_deref().map(|column| row_weights(table, train, column)).transpose()?;
                let retrograde_data::Targets::Classes(codes) = encoder.targets(table, train)? else {
                    return Err(ModelError::WeightedNumber { column: target.clone() });
                };
                balanced(&codes, own.flatten().as_deref(), names.len())
            }
        };
        Ok(Self { column, classes, factors })
    }

    /// The rows' own weights, where the table has the column.
    ///
    /// # Errors
    /// [`ModelError::RowWeight`].
    pub(crate) fn own(&self, table: &Table, rows: &[usize]) -> Result<Option<Vec<f64>>, ModelError> {
        self.column.as_deref().map_or(Ok(None), |column| row_weights(table, rows, column))
    }

    /// What each class counts for by its name; empty where each counts 1. `classes` are those of the encoder.
    pub fn named(&self, classes: &[String]) -> Vec<(String, f64)> {
        classes.iter().cloned().zip(self.factors.iter().copied()).collect()
    }

    /// What a class counts for.
    pub(crate) fn of_class(&self, code: u32) -> f64 {
        self.factors.get(code as usize).copied().unwrap_or(1.0)
    }

    /// Whether it can be that of a model with this encoder.
    pub(crate) fn validate(&self, encoder: &Encoder) -> Result<(), String> {
        let classes = encoder.target.classes().map_or(0, <[String]>::len);
        if !self.factors.is_empty() && self.factors.len() != classes {
            return Err(format!("{} class weights, expected {classes}", self.factors.len()));
        }
        match self.factors.iter().find(|factor| !is_weight(**factor)) {
            Some(factor) => Err(format!("the class weight {factor}, expected a finite number of 0 or more")),
            None => Ok(()),
        }
    }
}

fn is_weight(w: f64) -> bool {
    w.is_finite() && w >= 0.0
}

/// The weights of some rows; `None` when the table has no such column.
pub(crate) fn row_weights(
    table: &Table,
    rows: &[usize],
    column: &str,
) -> Result<Option<Vec<f64>>, ModelError> {
    let Some(found) = table.column(column) else { return Ok(None) };
    let weight = |row: usize| match &found.values {
        Values::Number(values) => values.get(row).copied(),
        values @ Values::Category { .. } => values.text(row).and_then(|text| text.trim().parse().ok()),
        Values::Date(_) => None,
    };
    let checked = |&row: &usize| {
        weight(row).filter(|w| is_weight(*w)).ok_or_else(|| ModelError::RowWeight {
            name: table.origin.name.clone(),
            at: table.at(row).to_string(),
            column: column.to_owned(),
            found: found.values.text(row).map_or_else(|| "missing".into(), std::borrow::Cow::into_owned),
        })
    };
    rows.iter().map(checked).collect::<Result<_, _>>().map(Some)
}

/// M/(K M_c) of every class; 1 for a class without weight, which is none of the K.
fn balanced(codes: &[u32], own: Option<&[f64]>, classes: usize) -> Vec<f64> {
    let mut sums = vec![0.0; classes];
    for (k, &code) in codes.iter().enumerate() {
        sums[code as usize] += own.map_or(1.0, |own| own[k]);
    }
    let total: f64 = sums.iter().sum();
    let present = sums.iter().filter(|sum| **sum > 0.0).count() as f64;
    sums.iter().map(|&sum| if sum > 0.0 { total / (present * sum) } else { 1.0 }).collect()
}

/// The weights given, in the order of the classes.
fn of_names(given: &[(String, f64)], classes: &[String], target: &str) -> Result<Vec<f64>, ModelError> {
    let mut factors = vec![None; classes.len()];
    for (name, weight) in given {
        let Some(class) = place_of(name, classes) else {
            let (found, column) = (name.clone(), target.to_owned());
            return Err(ModelError::WeightedClass { found, column, classes: classes.to_vec() });
        };
        let refused = |what, found: String, expected| Error::Setting { what, found, expected };
        if !is_weight(*weight) {
            return Err(refused("a class weight", weight.to_string(), "a finite number of 0 or more").into());
        }
        if factors[class].replace(*weight).is_some() {
            return Err(refused("the list of class weights", format!("`{name}` twice"), "each once").into());
        }
    }
    Ok(factors.into_iter().map(|factor| factor.unwrap_or(1.0)).collect())
}

/// The class of that name, or else of that number: `1.0` is the class `1`.
fn place_of(name: &str, classes: &[String]) -> Option<usize> {
    let number = name.parse::<f64>().ok();
    let same = |class: &String| number.is_some_and(|n| class.parse::<f64>().is_ok_and(|c| c == n));
    classes.iter().position(|class| class == name).or_else(|| classes.iter().position(same))
}

#[cfg(test)]
mod tests {
    use super::{balanced, of_names};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn balanced_classes_weigh_the_same_together() {
        // scikit-learn: compute_class_weight("balanced", classes=[0, 1, 2], y=[0, 0, 0, 0, 0, 1, 1, 2]).
        let codes = [0, 0, 0, 0, 0, 1, 1, 2];
        let expected = [8.0 / 15.0, 8.0 / 6.0, 8.0 / 3.0];
        for (found, expected) in balanced(&codes, None, 3).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{found}");
        }
        // Whole weights are repeated rows.
        let own = [5.0, 2.0, 1.0];
        assert_eq!(balanced(&[0, 1, 2], Some(&own), 3), balanced(&codes, None, 3));
        assert_eq!(balanced(&[0, 1], None, 3), [1.0, 1.0, 1.0]);
    }

    #[test]
    fn classes_are_found_by_name_or_number() {
        let classes = names(&["1", "2", "01"]);
        let of = |given: &[(&str, f64)]| {
            let given: Vec<_> = given.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
            of_names(&given, &classes, "y").map_err(|error| error.to_string())
        };
        assert_eq!(of(&[("01", 3.0), ("2.0", 2.0)]), Ok(vec![1.0, 2.0, 3.0]));
        assert!(of(&[("3", 1.0)]).is_err_and(|e| e == "no class `3` of `y` to give a weight to"));
        assert!(of(&[("1", -1.0)]).is_err_and(|e| e.starts_with("a class weight is -1")));
        assert!(of(&[("1", f64::NAN)]).is_err());
        assert!(of(&[("1", 1.0), ("1.0", 2.0)]).is_err_and(|e| e.contains("twice")));
    }
}
