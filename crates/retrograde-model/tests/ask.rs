//! Evaluating, predicting, exporting and cross-validating.
#![allow(clippy::print_stdout, reason = "figures and skipped tests are for the reader")]

mod common;

use common::{bits, set, table, trained};
use retrograde::Output;
use retrograde_data::{DataError, InputColumn, ReadOptions, Table, embedded, read};
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

fn f64s(values: &PredictedValues) -> Vec<f64> {
    let PredictedValues::F64(values) = values else { panic!("f64") };
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

/// In f64: one number `x`, one sigmoid, no hidden layer, so that z is a line in x.
fn a_line() -> Model {
    let rows = (0..60).map(|i| format!("{i},{}\n", if i < 25 { "no" } else { "yes" })).collect::<Vec<_>>();
    let mut settings =
        FitSettings { check: None, hidden: vec![].into(), dtype: Dtype::F64, ..FitSettings::default() };
    settings.encoder.targets = vec!["y".into()];
    trained(&table(&format!("x,y\n{}", rows.concat())), &settings).model
}

/// Intercept and slope of z, from the model's weights and its encoder.
fn z_of(model: &Model) -> impl Fn(f64) -> f64 {
    let [InputColumn::Number { scale, .. }] = model.encoder().inputs[..] else { panic!("a number") };
    let [w, b] = model.params_f64().values()[..] else { panic!("a weight and a bias") };
    move |x| w * scale.apply(x) + b
}

/// The whole number at which z is nearest to a value.
fn x_of(z: &impl Fn(f64) -> f64, value: f64) -> f64 {
    ((value - z(0.0)) / (z(1.0) - z(0.0))).round()
}

#[test]
fn both_probabilities_of_two_classes_keep_their_digits() {
    let model = a_line();
    let z = z_of(&model);
    let xs = [-600.0, -100.0, -40.0, 40.0, 100.0, 600.0].map(|value| x_of(&z, value));
    let predicted = model.predict(&table(&format!("x\n{}", xs.map(|x| format!("{x}\n")).concat())));
    let predicted = predicted.expect("predictions");
    assert_eq!([&predicted.columns[1].name, &predicted.columns[2].name], ["p(no)", "p(yes)"]);
    let (no, yes) = (f64s(&predicted.columns[1].values), f64s(&predicted.columns[2].values));
    for (row, x) in xs.into_iter().enumerate() {
        let z = z(x);
        // Beyond |z| = 37 one of the two is 1 in f64, and 1 minus it would be 0; the other one is e^−|z| all the same.
        assert!(z.abs() > 37.0 && z.abs() < 700.0, "{z}");
        let (small, large) = if z > 0.0 { (no[row], yes[row]) } else { (yes[row], no[row]) };
        let expected = (-z.abs()).exp();
        assert_eq!(large, 1.0, "z = {z}");
        assert!((small - expected).abs() <= 1e-12 * expected, "z = {z}: {small:e}, expected {expected:e}");
    }
}

#[test]
fn probabilities_of_two_classes_add_up_to_one() {
    let (moons, model) = quick("@moons");
    let predicted = model.predict(&moons).expect("predictions");
    assert_eq!(predicted.columns.len(), 3);
    let (first, second) = (f32s(&predicted.columns[1].values), f32s(&predicted.columns[2].values));
    assert!(first.iter().zip(&second).all(|(a, b)| (a + b - 1.0).abs() < 1e-6));
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
    let model = a_line();
    let z = z_of(&model);
    // −ln p(no) = ln(1 + e^z), which is z: e^−z is 0 in f64 here, and −ln 0 would be infinite.
    let x = x_of(&z, 2000.0);
    assert_eq!((-z(x)).exp(), 0.0);
    for (answers, expected) in [(["no", "no"], z(x)), (["no", "yes"], z(x) / 2.0), (["yes", "yes"], 0.0)] {
        let text = format!("x,y\n{}", answers.map(|answer| format!("{x},{answer}\n")).concat());
        let evaluation = model.evaluate(&table(&text)).expect("an evaluation");
        let log_loss = evaluation.log_loss.expect("a log loss");
        assert!((log_loss - expected).abs() <= 1e-12 * expected, "{log_loss}, expected {expected}");
    }
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
    assert_eq!(inspection.network, "4 → 256 relu → 128 relu → 3 softmax");
    assert_eq!(
        (inspection.weights, inspection.matrices.len(), inspection.matrices[0].weights),
        (34_563, 3, 1280)
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

/// Levels out of order and hardly trained, so that the raw outputs cross on most rows.
#[test]
fn quantiles_never_cross() {
    let (table, mut settings) = set("@sine");
    settings.loss = Some(LossChoice::from_name("quantile:0.9,0.1,0.5").expect("a loss"));
    settings.train.epochs = Some(1);
    let predictions = trained(&table, &settings).model.predict(&table).expect("predictions");
    let column = |level: &str| -> Vec<f64> {
        let found = predictions.columns.iter().find(|c| c.name.ends_with(level)).expect(level);
        match &found.values {
            PredictedValues::F64(values) => values.clone(),
            other => panic!("{other:?}"),
        }
    };
    let (low, middle, high) = (column("q0.1"), column("q0.5"), column("q0.9"));
    assert!(low.iter().zip(&middle).zip(&high).all(|((l, m), h)| l <= m && m <= h));
}
