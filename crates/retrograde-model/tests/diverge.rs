//! Trainings that diverge.

mod common;

use common::{set, table, trained};
use retrograde::{Activation, Optimizer};
use retrograde_data::Scaling;
use retrograde_model::{FitSettings, StopReason, Validation};
use std::fmt::Write as _;

#[test]
fn the_row_and_the_column_behind_it_are_named() {
    let mut text = String::from("age,income,target\n");
    for row in 0..60 {
        let income = if row == 41 { "3e30".to_owned() } else { format!("{}", 20 + row % 7) };
        writeln!(text, "{},{income},{}", 20 + row % 11, f64::from(row) * 0.5).expect("a text");
    }
    let mut settings = FitSettings { check: None, validation: Validation::None, ..FitSettings::default() };
    settings.encoder.targets = vec!["target".into()];
    settings.encoder.scaling = Scaling::None;
    let fitted = trained(&table(&text), &settings);
    let report = fitted.divergence.expect("a divergence");
    assert_eq!((fitted.stop, report.saved_epoch, fitted.model.best_epoch()), (StopReason::Diverged, 0, 0));
    assert_eq!(report.row.map(|at| at.to_string()).as_deref(), Some("row 41 (line 43)"));
    let far = report.far.as_ref().expect("a far value");
    assert_eq!((far.column.as_str(), far.value), ("income", 3e30));
    let shown = report.to_string();
    assert!(shown.starts_with("training diverged at epoch 1, batch "), "{shown}");
    assert!(shown.contains("row 41 (line 43): inf") || shown.contains("row 41 (line 43): NaN"), "{shown}");
    assert!(shown.contains("that row's `income` is 3e30, "), "{shown}");
    assert_eq!(report.hint(), "check that row, or lower --learning-rate (now 0.003)");
    assert!(fitted.model.params_f64().values().iter().all(|w| w.is_finite()));
    fitted.model.to_bytes().expect("the model can be saved");
    serde_json::to_value(&report).expect("the report is JSON");
}

#[test]
fn a_rate_far_too_large_diverges_and_keeps_finite_weights() {
    let (table, mut settings) = set("@sine");
    settings.train.optimizer = Optimizer::SGD;
    settings.train.learning_rate = Some(1e6);
    settings.activations = vec![Activation::Relu];
    let fitted = trained(&table, &settings);
    let report = fitted.divergence.expect("a divergence");
    assert_eq!(report.hint(), "lower --learning-rate (now 1000000)");
    assert_eq!(report.saved_epoch, fitted.model.best_epoch());
    assert!(fitted.model.params_f64().values().iter().all(|w| w.is_finite()));
    assert!(fitted.model.predict(&table).is_ok());
    assert!(report.place.is_some());
}
