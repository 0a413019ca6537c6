//! A loss as a person names it: `squared-error`, `huber:1.5`, `quantile:0.1,0.5,0.9`.

use retrograde::{Error, Loss};
use std::fmt;
use std::str::FromStr;

/// A loss with its parameter, before the number of targets is known.
///
/// Parameters are in the units the network is trained in: where targets are standardised, `huber:1.5` becomes a line
/// at 1.5 standard deviations of the target.
///
/// ```
/// use retrograde_model::LossChoice;
/// let loss: LossChoice = "quantile:0.1,0.5,0.9".parse()?;
/// assert_eq!(loss.to_string(), "quantile:0.1,0.5,0.9");
/// assert_eq!("huber".parse::<LossChoice>()?.to_string(), "huber:1");
/// # Ok::<(), retrograde::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LossChoice(Loss);

impl LossChoice {
    /// Parses `NAME` or `NAME:PARAMETER`; the parameter is δ for `huber` (1 when left out) and the levels, with
    /// commas between, for `quantile` (0.5 when left out). `_` and `-` are the same.
    ///
    /// # Errors
    /// [`Error::Unknown`] for another name, [`Error::Setting`] for a parameter that does not belong.
    pub fn from_name(text: &str) -> Result<Self, Error> {
        let (name, parameter) = match text.split_once(':') {
            Some((name, parameter)) => (name, Some(parameter)),
            None => (text, None),
        };
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        let plain = |loss: Loss| match parameter {
            None => Ok(Self(loss)),
            Some(found) => {
                Err(setting("the loss's parameter", found, "left out: only huber and quantile have one"))
            }
        };
        match name.as_str() {
            "cross-entropy" => plain(Loss::CrossEntropy),
            "squared-error" => plain(Loss::SquaredError),
            "absolute" => plain(Loss::Absolute),
            "poisson" => plain(Loss::Poisson),
            "gamma" => plain(Loss::Gamma),
            "huber" => huber(parameter.unwrap_or("1")),
            "quantile" => quantile(parameter.unwrap_or("0.5")),
            _ => Err(Error::Unknown { what: "loss", found: name, expected: Loss::NAMES.join(", ") }),
        }
    }

    /// The name, without the parameter.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// The loss for one target.
    pub fn loss(&self) -> &Loss {
        &self.0
    }

    /// Outputs per target: the number of quantile levels, else 1.
    pub fn outputs_per_target(&self) -> usize {
        match &self.0 {
            Loss::Quantile { levels } => levels.len(),
            _ => 1,
        }
    }

    /// The loss for several targets: quantile levels repeat, target after target.
    pub fn for_targets(&self, targets: usize) -> Loss {
        match &self.0 {
            Loss::Quantile { levels } => {
                let repeated = levels.iter().copied().cycle().take(levels.len() * targets);
                Loss::Quantile { levels: repeated.collect() }
            }
            loss => loss.clone(),
        }
    }

    /// Whether the loss is for numbers of 0 or more with the output `exp`.
    pub(crate) fn is_positive(&self) -> bool {
        matches!(self.0, Loss::Poisson | Loss::Gamma)
    }
}

fn setting(what: &'static str, found: &str, expected: &'static str) -> Error {
    Error::Setting { what, found: found.to_owned(), expected }
}

fn huber(parameter: &str) -> Result<LossChoice, Error> {
    match parameter.trim().parse::<f64>() {
        Ok(delta) if delta.is_finite() && delta > 0.0 => Ok(LossChoice(Loss::Huber { delta })),
        _ => Err(setting("huber's delta", parameter, "a positive number, as in huber:1.5")),
    }
}

fn quantile(parameter: &str) -> Result<LossChoice, Error> {
    let levels: Option<Vec<f64>> = parameter
        .split(',')
        .map(|level| level.trim().parse::<f64>().ok().filter(|q| *q > 0.0 && *q < 1.0))
        .collect();
    match levels {
        Some(levels) => Ok(LossChoice(Loss::Quantile { levels })),
        None => Err(setting(
            "a quantile level",
            parameter,
            "numbers between 0 and 1, both excluded, as in quantile:0.1,0.5,0.9",
        )),
    }
}

impl From<Loss> for LossChoice {
    fn from(loss: Loss) -> Self {
        Self(loss)
    }
}

impl FromStr for LossChoice {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::from_name(text)
    }
}

impl fmt::Display for LossChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&describe(&self.0))
    }
}

/// The loss as [`LossChoice::from_name`] reads it.
pub(crate) fn describe(loss: &Loss) -> String {
    match loss {
        Loss::Huber { delta } => format!("huber:{delta}"),
        Loss::Quantile { levels } => {
            let levels: Vec<String> = levels.iter().map(f64::to_string).collect();
            format!("quantile:{}", levels.join(","))
        }
        loss => loss.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::LossChoice;
    use retrograde::Loss;

    #[test]
    fn names_and_parameters_round_trip() {
        for text in [
            "cross-entropy",
            "squared-error",
            "absolute",
            "poisson",
            "gamma",
            "huber:1.5",
            "quantile:0.1,0.9",
        ] {
            assert_eq!(LossChoice::from_name(text).expect(text).to_string(), text);
        }
        assert_eq!(LossChoice::from_name("Squared_Error").expect("a loss").loss(), &Loss::SquaredError);
    }

    #[test]
    fn what_does_not_belong_is_refused() {
        for text in [
            "hinge",
            "huber:0",
            "huber:x",
            "huber:inf",
            "quantile:1",
            "quantile:",
            "quantile:0.1,,0.2",
            "gamma:2",
        ] {
            assert!(LossChoice::from_name(text).is_err(), "{text}");
        }
        let error = LossChoice::from_name("hinge").expect_err("unknown").to_string();
        assert!(error.starts_with("`hinge` is no loss; choose one of cross-entropy"), "{error}");
    }

    #[test]
    fn levels_repeat_for_every_target() {
        let choice = LossChoice::from_name("quantile:0.1,0.9").expect("a loss");
        assert_eq!(choice.for_targets(2), Loss::Quantile { levels: vec![0.1, 0.9, 0.1, 0.9] });
        assert_eq!(choice.outputs_per_target(), 2);
    }
}
