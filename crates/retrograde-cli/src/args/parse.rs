//! Words to values: each function says what it expected.

use retrograde::{Activation, BatchSize, Bug, Error, Init, Optimizer, Output, Shape};
use retrograde_data::{ColumnType, DateOrder, Encoding, Scaling, TaskChoice};
use retrograde_model::{ClassWeights, Dtype, Every, Hidden, LossChoice};
use std::path::PathBuf;

/// What `--validation` asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ValidationChoice {
    /// A fifth of 50 rows or more.
    Auto,
    /// No rows.
    None,
    /// This share of the rows.
    Share(f64),
    /// The rows of another table.
    Table(PathBuf),
}

/// `auto`, `none`, a share such as `0.2`, or a table.
pub(crate) fn validation(word: &str) -> Result<ValidationChoice, String> {
    match (word, word.parse::<f64>()) {
        ("auto", _) => Ok(ValidationChoice::Auto),
        ("none", _) => Ok(ValidationChoice::None),
        (_, Ok(share)) if share > 0.0 && share < 1.0 => Ok(ValidationChoice::Share(share)),
        (_, Ok(_)) => Err("expected a share between 0 and 1, `none`, or a table".into()),
        _ => Ok(ValidationChoice::Table(word.into())),
    }
}

/// A share of the rows.
pub(crate) fn share(word: &str) -> Result<f64, String> {
    let share = word.parse().ok().filter(|&share: &f64| share > 0.0 && share < 1.0);
    share.ok_or_else(|| "expected a share between 0 and 1, such as 0.2".into())
}

/// `balanced`, or `yes=2,no=0.5`; names of classes may contain commas and `=`.
pub(crate) fn class_weights(word: &str) -> Result<ClassWeights, String> {
    const EXPECTED: &str = "expected balanced, or a number from 0 for each class, such as yes=2,no=0.5";
    if word == "balanced" {
        return Ok(ClassWeights::Balanced);
    }
    let (mut given, mut begun) = (Vec::new(), String::new());
    for part in word.split(',') {
        begun.push_str(part);
        match begun.rsplit_once('=').map(|(class, weight)| (class, weight.trim().parse::<f64>())) {
            Some((class, Ok(weight))) if weight.is_finite() && weight >= 0.0 => {
                given.push((class.trim().to_owned(), weight));
                begun.clear();
            }
            Some((_, Ok(_))) => return Err(EXPECTED.into()),
            // The comma was part of a name.
            _ => begun.push(','),
        }
    }
    if begun.is_empty() { Ok(ClassWeights::Given(given)) } else { Err(EXPECTED.into()) }
}

/// `auto`, `32,16`, `32`, or `none`.
pub(crate) fn hidden(word: &str) -> Result<Hidden, String> {
    if word.eq_ignore_ascii_case("auto") {
        return Ok(Hidden::Auto);
    }
    if word.eq_ignore_ascii_case("none") {
        return Ok(Hidden::Units(Vec::new()));
    }
    let unit = |part: &str| part.trim().parse().ok().filter(|&n: &usize| n > 0);
    let units: Option<Vec<usize>> = word.split(',').map(unit).collect();
    units.map(Hidden::Units).ok_or_else(|| "expected whole numbers such as 32,16, `auto` or `none`".into())
}

pub(crate) fn activation(word: &str) -> Result<Activation, Error> {
    Activation::from_name(word)
}

pub(crate) fn output(word: &str) -> Result<Output, Error> {
    Output::from_name(word)
}

pub(crate) fn optimizer(word: &str) -> Result<Optimizer, Error> {
    Optimizer::from_name(word)
}

pub(crate) fn loss(word: &str) -> Result<LossChoice, Error> {
    LossChoice::from_name(word)
}

pub(crate) fn dtype(word: &str) -> Result<Dtype, Error> {
    Dtype::from_name(word)
}

pub(crate) fn init(word: &str) -> Result<Init, Error> {
    Init::from_name(word)
}

pub(crate) fn bug(word: &str) -> Result<Bug, Error> {
    Bug::from_name(word)
}

/// `full`, `auto`, or a number of rows.
pub(crate) fn batch(word: &str) -> Result<BatchSize, String> {
    match (word, word.parse()) {
        ("full", _) => Ok(BatchSize::Full),
        ("auto", _) => Ok(BatchSize::Auto),
        (_, Ok(rows)) if rows > 0 => Ok(BatchSize::Rows(rows)),
        _ => Err("expected a number of rows from 1, `full` or `auto`".into()),
    }
}

/// A number from 1.
pub(crate) fn positive(word: &str) -> Result<usize, String> {
    word.parse().ok().filter(|&n| n >= 1).ok_or_else(|| "expected a whole number from 1".into())
}

/// A number of folds.
pub(crate) fn folds(word: &str) -> Result<usize, String> {
    word.parse().ok().filter(|&k| k >= 2).ok_or_else(|| "expected a whole number from 2".into())
}

/// `30s`, `2m`, `1h`, or seconds.
pub(crate) fn duration(word: &str) -> Result<f64, String> {
    let (number, unit) = match word.char_indices().next_back() {
        Some((at, 's')) => (&word[..at], 1.0),
        Some((at, 'm')) => (&word[..at], 60.0),
        Some((at, 'h')) => (&word[..at], 3600.0),
        _ => (word, 1.0),
    };
    let seconds = number.trim().parse::<f64>().ok().map(|n| n * unit);
    seconds
        .filter(|s| s.is_finite() && *s > 0.0)
        .ok_or_else(|| "expected a time such as 30s, 2m, 1h, or a number of seconds".into())
}

/// A time with its unit, or a number of epochs.
pub(crate) fn every(word: &str) -> Result<Every, String> {
    let expected = "expected a time such as 30s, 5m or 1h, or a number of epochs from 1";
    match (word.parse::<usize>(), duration(word)) {
        (Ok(epochs), _) if epochs > 0 => Ok(Every::Epochs(epochs)),
        (Err(_), Ok(seconds)) if word.ends_with(char::is_alphabetic) => Ok(Every::Seconds(seconds)),
        _ => Err(expected.into()),
    }
}

/// The course of a learning rate: a name, with its numbers after a colon.
pub(crate) fn schedule(word: &str) -> Result<Shape, String> {
    const EXPECTED: &str = "expected auto, constant, inverse[:POWER], adaptive, step:EPOCHS,FACTOR, cosine, \
                            cosine:EPOCHS[,GROWTH], or one-cycle[:SHARE]";
    let (name, numbers) = word.split_once(':').unwrap_or((word, ""));
    let numbers: Option<Vec<f64>> =
        numbers.split(',').filter(|part| !part.is_empty()).map(|part| part.trim().parse().ok()).collect();
    let numbers = numbers.ok_or(EXPECTED)?;
    let whole = |x: f64| if x >= 1.0 && x.fract() == 0.0 && x < 1e9 { Ok(x as usize) } else { Err(EXPECTED) };
    Ok(match (name, numbers.as_slice()) {
        ("auto", []) => Shape::Auto,
        ("constant", []) => Shape::Constant,
        ("adaptive", []) => Shape::Adaptive,
        ("inverse", []) => Shape::InverseScaling { power: 0.5 },
        ("inverse", [power]) => Shape::InverseScaling { power: *power },
        ("step", [every, factor]) => Shape::Step { every: whole(*every)?, factor: *factor },
        ("cosine", []) => Shape::FALLING,
        ("cosine", [period]) => Shape::Cosine { period: Some(whole(*period)?), growth: 1, floor: 0.0 },
        ("cosine", [period, growth]) => {
            Shape::Cosine { period: Some(whole(*period)?), growth: whole(*growth)?, floor: 0.0 }
        }
        ("one-cycle", []) => Shape::OneCycle { rise: 0.3 },
        ("one-cycle", [rise]) => Shape::OneCycle { rise: *rise },
        _ => return Err(EXPECTED.into()),
    })
}

/// How input numbers are scaled.
pub(crate) fn scale(word: &str) -> Result<Scaling, String> {
    let all = [Scaling::Standard, Scaling::Robust, Scaling::None];
    all.into_iter()
        .find(|scale| scale.name() == word)
        .ok_or_else(|| "expected standard, robust or none".into())
}

/// One ASCII character, or its name.
pub(crate) fn delimiter(word: &str) -> Result<u8, String> {
    match word {
        "comma" => Ok(b','),
        "semicolon" => Ok(b';'),
        "tab" | "\\t" => Ok(b'\t'),
        "pipe" => Ok(b'|'),
        "space" => Ok(b' '),
        _ => match word.as_bytes() {
            [one] if one.is_ascii() => Ok(*one),
            _ => Err("expected one character, or comma, semicolon, tab, pipe, space".into()),
        },
    }
}

/// Any name that the web knows an encoding by.
pub(crate) fn encoding(word: &str) -> Result<Encoding, String> {
    Encoding::named(word).map_err(|_| {
        "expected the name of an encoding, such as utf-8, latin1, utf-16le, shift_jis, gbk".into()
    })
}

/// Which of day and month comes first.
pub(crate) fn date_order(word: &str) -> Result<DateOrder, String> {
    let found = [DateOrder::Day, DateOrder::Month].into_iter().find(|order| order.name() == word);
    found.ok_or_else(|| "expected day or month".into())
}

/// Rows of a window.
pub(crate) fn window(word: &str) -> Result<usize, String> {
    let rows = word.parse().ok().filter(|&rows: &usize| rows > 0);
    rows.ok_or_else(|| "expected a number of rows from 1, such as 100000".into())
}

pub(crate) fn task(word: &str) -> Result<TaskChoice, Error> {
    match word {
        "auto" => Ok(TaskChoice::Auto),
        "classes" => Ok(TaskChoice::Classes),
        "numbers" => Ok(TaskChoice::Numbers),
        _ => Err(Error::Unknown {
            what: "task",
            found: word.to_owned(),
            expected: "auto, classes, numbers".into(),
        }),
    }
}

/// The column of `COLUMN=category`; column names may contain `=`.
pub(crate) fn column_type(word: &str) -> Result<(&str, ColumnType), String> {
    let Some((column, name)) = word.rsplit_once('=') else {
        return Err(format!("`{word}` names no type; expected COLUMN=category"));
    };
    let found = match name {
        "number" => ColumnType::Number,
        "category" => ColumnType::Category,
        "date" => ColumnType::Date,
        _ => return Err(format!("`{name}` is no type for `{column}`; expected number, category or date")),
    };
    if column.is_empty() { Err(format!("`{word}` names no column")) } else { Ok((column, found)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validations() {
        assert_eq!(validation("none"), Ok(ValidationChoice::None));
        assert_eq!(validation("0.25"), Ok(ValidationChoice::Share(0.25)));
        assert_eq!(validation("valid.csv"), Ok(ValidationChoice::Table("valid.csv".into())));
        assert!(validation("1.5").is_err() && validation("0").is_err() && validation("nan").is_err());
    }

    #[test]
    fn weights_of_classes() {
        let of = |word: &str| match class_weights(word) {
            Ok(ClassWeights::Given(given)) => given,
            other => panic!("{other:?}"),
        };
        let pair = |class: &str, weight| (class.to_owned(), weight);
        assert_eq!(of("yes=2,no=0.5"), [pair("yes", 2.0), pair("no", 0.5)]);
        assert_eq!(of("a,b=1,c=d=3"), [pair("a,b", 1.0), pair("c=d", 3.0)]);
        assert_eq!(class_weights("balanced"), Ok(ClassWeights::Balanced));
        for wrong in ["", "yes", "yes=", "yes=-1", "yes=inf", "yes=2,no"] {
            assert!(class_weights(wrong).is_err(), "{wrong}");
        }
        assert!(share("0.2").is_ok() && share("1").is_err() && share("nan").is_err());
    }

    #[test]
    fn layers() {
        assert_eq!(hidden("32, 16"), Ok(Hidden::Units(vec![32, 16])));
        assert_eq!(hidden("none"), Ok(Hidden::Units(vec![])));
        assert!(hidden("0").is_err() && hidden("32,,16").is_err() && hidden("-3").is_err());
    }

    #[test]
    fn intervals() {
        assert_eq!([every("30s"), every("7")], [Ok(Every::Seconds(30.0)), Ok(Every::Epochs(7))]);
        assert!(every("0").is_err() && every("1.5").is_err() && every("s").is_err() && every("-3").is_err());
    }

    #[test]
    fn schedules() {
        assert_eq!(schedule("auto"), Ok(Shape::Auto));
        assert_eq!(schedule("constant"), Ok(Shape::Constant));
        assert_eq!(schedule("step:30,0.5"), Ok(Shape::Step { every: 30, factor: 0.5 }));
        let restarts = Shape::Cosine { period: Some(10), growth: 2, floor: 0.0 };
        assert_eq!(schedule("cosine:10,2"), Ok(restarts));
        assert_eq!(schedule("one-cycle"), Ok(Shape::OneCycle { rise: 0.3 }));
        for wrong in ["", "step", "step:1.5,0.5", "cosine:0", "constant:1", "inverse:x", "sine"] {
            assert!(schedule(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times() {
        assert_eq!([duration("30s"), duration("2m"), duration("1.5")], [Ok(30.0), Ok(120.0), Ok(1.5)]);
        assert!(duration("").is_err() && duration("0").is_err() && duration("inf").is_err());
        assert!(duration("3d").is_err());
    }

    #[test]
    fn delimiters_and_types() {
        assert_eq!([delimiter("tab"), delimiter(";")], [Ok(b'\t'), Ok(b';')]);
        assert!(delimiter("ab").is_err() && delimiter("·").is_err());
        assert_eq!([date_order("day"), date_order("month")], [Ok(DateOrder::Day), Ok(DateOrder::Month)]);
        assert!(date_order("year").is_err() && date_order("Day").is_err());
        assert_eq!(column_type("a=b=category"), Ok(("a=b", ColumnType::Category)));
        assert!(column_type("a=float").is_err() && column_type("a").is_err());
    }
}
