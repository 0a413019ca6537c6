//! What several tests share.
#![allow(dead_code, reason = "not every test file uses all of it")]

use retrograde_data::{Table, embedded};
use retrograde_model::{FitSettings, FitTerms, Fitted, fit};

/// An embedded set and the default settings for it, without the gradient check, on one thread.
pub fn set(name: &str) -> (Table, FitSettings) {
    let set = embedded(name).expect(name);
    let mut settings = FitSettings { check: None, ..FitSettings::default() };
    settings.encoder.targets = set.targets;
    settings.train.threads = 1;
    (set.table, settings)
}

/// A table from text.
pub fn table(text: &str) -> Table {
    retrograde_data::read_bytes("test.csv", text.as_bytes(), &retrograde_data::ReadOptions::default())
        .expect("a table")
}

/// Trains without anyone watching.
pub fn trained(table: &Table, settings: &FitSettings) -> Fitted {
    fit(table, settings, &FitTerms::default(), &mut ()).expect("a fit")
}

/// All bits of all predictions.
pub fn bits(predictions: &retrograde_model::Predictions) -> Vec<String> {
    use retrograde_model::PredictedValues as P;
    let one = |values: &P| match values {
        P::Classes(values) => values.join(","),
        P::F32(values) => format!("{:x?}", values.iter().map(|x| x.to_bits()).collect::<Vec<_>>()),
        P::F64(values) => format!("{:x?}", values.iter().map(|x| x.to_bits()).collect::<Vec<_>>()),
    };
    predictions.columns.iter().map(|column| format!("{}: {}", column.name, one(&column.values))).collect()
}
