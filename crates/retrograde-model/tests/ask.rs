//! Evaluating, predicting, exporting and cross-validating.
#![allow(clippy::print_stdout, reason = "figures and skipped tests are for the reader")]

mod common;

use common::{bits, set, table, trained};
use retrograde::{Output, Regularisation};
use retrograde_data::{DataError, ReadOptions, Table, embedded, read};
use retrograde_model::{
    Dtype, FitSettings, LossChoice, Model, ModelError, PredictedValues, Watch, cross_validate,
};
use std::path::{Path, PathBuf};

fn shared(file: &str) -> Option<Table> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(file);
    if !path.exists() {
        println!("skipped: {} is not here", path.display());
        return None;
    }
    Some(read(&path, &ReadOptions::default()).expect("a table"))
}

fn quick(name: &str) -> (Table, Model) {
    let (table, mut settings) = set(name);
    settings.train.epochs = Some(30);
    let model = trained(&table, &settings).model;
    (table, model)
}

fn f32s(values: &PredictedValues) -> Vec<f32> {
    let PredictedValues::F32(values) = values else { panic!("f32") };
    values.clone()
}

#[test]
fn predictions_need_no_target_and_stay_in_the_models_type() {
    let (iris, model) = quick("@iris");
    let mut unlabelled = iris.clone();
    unlabelled.columns.retain(|c| c.name != "species");
    let predicted = model.predict(&unlabelled).expect("predictions");
    let names: Vec<&str> = predicted.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["species", "p(setosa)", "p(versicolor)", "p(virginica)"]);
    assert_eq!(bits(&predicted), bits(&model.predict(&iris).expect("predictions")));
    let sums = (0..150).map(|row| predicted.columns[1..].iter().map(|c| f32s(&c.values)[row]).sum::<f32>());
    sums.for_each(|sum| assert!((sum - 1.0).abs() < 1e-6, "{sum}"));
    // The labels are those of the evaluation.
    let hits = (0..150)
        .filter(|&row| {
            predicted.columns[0].values.text(row) == iris.columns[4].values.text(row).expect("species")
        })
        .count();
    assert_eq!(Some(hits as f64 / 150.0), model.evaluate(&iris).expect("an evaluation").accuracy);
}

#[test]
fn both_probabilities_of_two_classes_keep_their_digits() {
    let (moons, model) = quick("@moons");
    let far = table("u,v\n-900,900\n900,-900\n0,0\n");
    let predicted = model.predict(&far).expect("predictions");
    let (first, second) = (f32s(&predicted.columns[1].values), f32s(&predicted.columns[2].values));
    for row in 0..3 {
        assert!((first[row] + second[row] - 1.0).abs() < 1e-6);
    }
    let two = model.predict(&moons).expect("predictions");
    assert_eq!(two.columns.len(), 3);
}

#[test]
fn extra_columns_are_listed_and_missing_ones_refused() {
    let (iris, model) = quick("@iris");
    let mut more = iris.clone();
    more.columns.push(retrograde_data::Column::number("note", vec![0.0; 150]));
    assert_eq!(model.evaluate(&more).expect("an evaluation").ignored, ["note"]);
    assert_eq!(model.predict(&more).expect("predictions").ignored, ["note"]);
    let mut fewer = iris.clone();
    fewer.columns.remove(2);
    assert!(matches!(model.predict(&fewer), Err(ModelError::Data(DataError::UnknownColumn { .. }))));
    assert!(matches!(model.evaluate(&fewer), Err(ModelError::Data(DataError::UnknownColumn { .. }))));
}

#[test]
fn a_sure_and_wrong_network_has_a_finite_log_loss() {
    let (moons, mut settings) = set("@moons");
    settings.train.epochs = Some(1);
    settings.hidden = vec![];
    settings.dtype = Dtype::F64;
    settings.train.regularisation = Regularisation::l2(0.0);
    let model = trained(&moons, &settings).model;
    let (cost, _) = model.cost_and_grad(&moons, Some(&[0.0, 0.0, -2000.0])).expect("a cost");
    // Half of the rows are of the second class, each with a loss of 2000.
    assert!((cost - 1000.0).abs() < 1e-9, "{cost}");
}

#[test]
fn one_sigmoid_per_class_and_squared_error_are_scored_too() {
    let (iris, mut settings) = set("@iris");
    settings.output = Some(Output::Sigmoid);
    settings.train.epochs = Some(60);
    let held = trained(&iris, &settings).validation.expect("validation");
    assert!(
        held.accuracy.expect("accuracy") > 0.85 && held.log_loss.is_none() && held.auc.expect("auc") > 0.9
    );
    let (moons, mut settings) = set("@moons");
    settings.output = Some(Output::Softmax);
    settings.loss = Some(LossChoice::from_name("squared-error").expect("a loss"));
    let held = trained(&moons, &settings).validation.expect("validation");
    assert!(held.accuracy.expect("accuracy") > 0.9 && held.log_loss.is_some() && held.rmse.is_none());
}

#[test]
fn quantiles_have_a_column_each_and_the_middle_one_is_scored() {
    let (sine, mut settings) = set("@sine");
    settings.loss = Some(LossChoice::from_name("quantile:0.1,0.5,0.9").expect("a loss"));
    let model = trained(&sine, &settings).model;
    let predicted = model.predict(&sine).expect("predictions");
    let names: Vec<&str> = predicted.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["y q0.1", "y q0.5", "y q0.9"]);
    assert!(model.evaluate(&sine).expect("an evaluation").r2.expect("r2") > 0.95);
}

#[test]
fn the_export_is_the_network_exactly() {
    let (_, model) = quick("@iris");
    let text = model.export_json().to_string();
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["schema"], "retrograde.network/1");
    assert_eq!(json["layers"][0], serde_json::json!({"units": 4, "activation": "input"}));
    assert_eq!(json["layers"][3], serde_json::json!({"units": 3, "activation": "softmax"}));
    assert_eq!(json["classes"][2], "virginica");
    let mut flat = Vec::new();
    for l in 0..3 {
        for part in ["weights", "biases"] {
            let values = json[part][l].as_array().expect("a list");
            flat.extend(values.iter().map(|v| v.as_f64().expect("a number").to_bits()));
        }
    }
    let expected: Vec<u64> = model.params_f64().values().iter().map(|w| w.to_bits()).collect();
    assert_eq!(flat, expected);
}

#[test]
fn an_inspection_describes_the_model() {
    let (_, model) = quick("@iris");
    let inspection = model.inspect();
    assert_eq!(inspection.network, "4 → 32 relu → 16 relu → 3 softmax");
    assert_eq!(
        (inspection.weights, inspection.matrices.len(), inspection.matrices[0].weights),
        (739, 3, 160)
    );
    assert!(
        inspection.matrices.iter().all(|m| m.weight_norm > 0.0 && m.largest <= m.weight_norm + m.bias_norm)
    );
    serde_json::to_value(&inspection).expect("JSON");
}

#[test]
fn cross_validation_judges_every_row_once() {
    #[derive(Default)]
    struct Folds(Vec<usize>);
    impl Watch for Folds {
        fn fold(&mut self, fold: usize, folds: usize) {
            assert_eq!(folds, 5);
            self.0.push(fold);
        }
    }
    let (iris, mut settings) = set("@iris");
    settings.train.epochs = Some(60);
    let mut watch = Folds::default();
    let result = cross_validate(&iris, &settings, 5, &mut watch).expect("a cross-validation");
    assert_eq!(watch.0, [1, 2, 3, 4, 5]);
    assert_eq!(result.folds.iter().map(|f| f.rows).collect::<Vec<_>>(), [30; 5]);
    let accuracies: Vec<f64> = result.folds.iter().filter_map(|f| f.accuracy).collect();
    let mean = accuracies.iter().sum::<f64>() / 5.0;
    let variance = accuracies.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / 4.0;
    assert!((result.mean.accuracy.expect("mean") - mean).abs() < 1e-12 && mean > 0.9, "{mean}");
    assert!((result.sd.accuracy.expect("sd") - variance.sqrt()).abs() < 1e-12);
    assert_eq!(result.mean.rmse, None);
    for k in [0, 1, 151] {
        assert!(matches!(cross_validate(&iris, &settings, k, &mut ()), Err(ModelError::Folds { .. })));
    }
    let lonely = table("x,y\n1,a\n2,b\n3,b\n4,c\n5,c\n");
    settings.encoder.targets = vec!["y".into()];
    let error = cross_validate(&lonely, &settings, 2, &mut ()).expect_err("one row");
    assert!(error.to_string().contains("`a` has a single row"), "{error}");
}

#[test]
fn a_folder_of_real_tables() {
    let mut settings = FitSettings { check: None, ..FitSettings::default() };
    settings.train.epochs = Some(20);
    if let Some(titanic) = shared("titanic/titanic.csv") {
        settings.encoder.targets = vec!["survived".into()];
        settings.encoder.drop = vec!["alive".into()];
        let fitted = trained(&titanic, &settings);
        let held = fitted.validation.as_ref().expect("validation");
        assert!(held.accuracy.expect("accuracy") > 0.75 && held.auc.expect("auc") > 0.8, "{held:?}");
        let all = fitted.model.evaluate(&titanic).expect("an evaluation");
        assert_eq!((all.rows, all.ignored), (891, vec!["alive".to_owned()]));
    }
    if let Some(california) = shared("california-housing/housing.csv") {
        settings.encoder.targets = vec!["median_house_value".into()];
        settings.encoder.drop = vec![];
        settings.train.epochs = Some(5);
        let held = trained(&california, &settings).validation.expect("validation");
        assert!(held.r2.expect("r2") > 0.6 && held.rmse.expect("rmse") > 10_000.0, "{held:?}");
    }
    assert!(embedded("@titanic").is_err());
}
