//! Weights of rows and classes, and rows that are left out.

mod common;

use common::{bits, table, trained};
use retrograde::{BatchSize, Optimizer, Regularisation};
use retrograde_data::{DataError, Scaling, Table};
use retrograde_model::{
    ClassWeights, Dtype, Evaluation, FitPlan, FitSettings, FitTerms, Model, ModelError, Validation, Watch,
    fit,
};
use std::fmt::Write as _;

/// `x,k,y,z,w`: a class y and a number z that depend on x and k, and whole weights w from 0 to 3.
fn text(rows: usize, copies: impl Fn(usize) -> usize) -> String {
    let mut text = String::from("x,k,y,z,w\n");
    for i in 0..rows {
        let (x, k) = ((i * 37 % 101) as f64 / 25.0 - 2.0, ["p", "q"][i % 2]);
        let y = if x + (i % 5) as f64 / 4.0 > 0.6 { "yes" } else { "no" };
        for _ in 0..copies(i) {
            writeln!(text, "{x},{k},{y},{},{}", x * x + (i % 3) as f64, weight(i)).expect("a text");
        }
    }
    text
}

fn weight(row: usize) -> usize {
    row * 7 % 4
}

fn once() -> Table {
    table(&text(90, |_| 1))
}

/// Each row as often as it weighs.
fn repeated() -> Table {
    table(&text(90, weight))
}

/// f64, all rows at once, nobody held out.
fn settings(target: &str) -> FitSettings {
    let mut settings = FitSettings {
        hidden: vec![4].into(),
        dtype: Dtype::F64,
        check: None,
        validation: Validation::None,
        ..FitSettings::default()
    };
    settings.encoder.targets = vec![target.into()];
    settings.encoder.features = Some(vec!["x".into(), "k".into()]);
    settings.train.threads = 1;
    settings.train.optimizer = Optimizer::GradientDescent;
    settings.train.batch = BatchSize::Full;
    settings.train.epochs = Some(30);
    settings
}

fn weighted(target: &str) -> FitSettings {
    FitSettings { weight: Some("w".into()), ..settings(target) }
}

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs())), "{a} and {b}");
}

/// D and J of a model on a table, at the weights of another.
fn gradient(model: &Model, table: &Table, at: &Model) -> (f64, Vec<f64>) {
    let theta = at.params_f64().into_values();
    model.cost_and_grad(table, Some(&theta)).expect("a gradient")
}

#[test]
fn whole_weights_are_repeated_rows() {
    for target in ["y", "z"] {
        for classes in [ClassWeights::Equal, ClassWeights::Balanced] {
            if target == "z" && classes == ClassWeights::Balanced {
                continue;
            }
            let by_weight =
                trained(&once(), &FitSettings { class_weights: classes.clone(), ..weighted(target) });
            let by_copies = trained(&repeated(), &FitSettings { class_weights: classes, ..settings(target) });
            for (a, b) in by_weight.model.history().iter().zip(by_copies.model.history()) {
                near(a.train_cost, b.train_cost, 1e-12);
                near(a.grad_norm, b.grad_norm, 1e-11);
            }
            near(by_weight.train.cost, by_copies.train.cost, 1e-12);
            assert_eq!(by_weight.model.history().len(), by_copies.model.history().len());
            let (cost, grad) = gradient(&by_weight.model, &once(), &by_copies.model);
            let (expected, expected_grad) = gradient(&by_copies.model, &repeated(), &by_copies.model);
            near(cost, expected, 1e-12);
            grad.iter().zip(&expected_grad).for_each(|(a, b)| near(*a, *b, 1e-12));
            let params = [&by_weight, &by_copies].map(|fitted| fitted.model.params_f64().into_values());
            params[0].iter().zip(&params[1]).for_each(|(a, b)| near(*a, *b, 1e-10));
        }
    }
}

/// The measures in an order.
fn measures(e: &Evaluation) -> Vec<f64> {
    [Some(e.cost), e.accuracy, e.log_loss, e.auc, e.rmse, e.mae, e.r2].into_iter().flatten().collect()
}

#[test]
fn scores_are_those_of_repeated_rows() {
    for (target, count) in [("y", 4), ("z", 4)] {
        let model = trained(&once(), &weighted(target)).model;
        let by_weight = model.evaluate(&once()).expect("an evaluation");
        assert_eq!((by_weight.weight.as_deref(), by_weight.weight_sum), (Some("w"), Some(135.0)));
        assert_eq!((by_weight.rows, by_weight.left_out), (67, 23));
        assert!(by_weight.ignored.iter().all(|name| name != "w"), "{:?}", by_weight.ignored);
        // Without the column each row counts once.
        let mut copies = repeated();
        copies.columns.retain(|column| column.name != "w");
        let by_copies = model.evaluate(&copies).expect("an evaluation");
        assert_eq!((by_copies.weight.as_deref(), by_copies.rows), (None, 135));
        let (found, expected) = (measures(&by_weight), measures(&by_copies));
        assert_eq!((found.len(), expected.len()), (count, count));
        found.iter().zip(&expected).for_each(|(a, b)| near(*a, *b, 1e-12));
        let Some(confusion) = by_weight.confusion else { continue };
        let counts = by_copies.confusion.expect("a matrix").matrix;
        let counts: Vec<Vec<f64>> =
            counts.iter().map(|row| row.iter().map(|&n| n as f64).collect()).collect();
        assert_eq!(confusion.weighted, Some(counts));
    }
}

#[test]
fn rows_that_judge_are_weighed_too() {
    let mut settings = weighted("y");
    settings.validation = Validation::Table(Box::new(once()));
    let by_weight = trained(&once(), &settings);
    let mut copies = repeated();
    copies.columns.retain(|column| column.name != "w");
    settings.validation = Validation::Table(Box::new(copies));
    let by_copies = trained(&once(), &settings);
    for (a, b) in by_weight.model.history().iter().zip(by_copies.model.history()) {
        let (a, b) = (a.validation.expect("a score"), b.validation.expect("a score"));
        near(a.cost, b.cost, 1e-12);
        near(a.accuracy.expect("accuracy"), b.accuracy.expect("accuracy"), 1e-12);
    }
    let held = by_weight.validation.expect("rows that judge");
    assert_eq!(
        by_weight.model.history()[by_weight.model.best_epoch() - 1].validation.map(|s| s.cost),
        Some(held.cost)
    );
}

#[test]
fn a_row_of_weight_0_is_not_there_to_the_last_bit() {
    let zero = |i: usize| i % 4 == 1;
    let lines = |keep_zero: bool| {
        let rows = (0..80).filter(|&i| keep_zero || !zero(i));
        // A class and a level that only rows without weight have.
        let line = |i: usize| {
            let (k, y) = if zero(i) { ("never", "nobody") } else { ("p", ["a", "b"][i % 2]) };
            format!("{},{k},{y},{}\n", i as f64 / 7.0, if zero(i) { 0.0 } else { 1.5 })
        };
        table(&format!("x,k,y,w\n{}", rows.map(line).collect::<String>()))
    };
    let mut settings = weighted("y");
    settings.encoder.scaling = Scaling::Standard;
    settings.validation = Validation::Share(0.2);
    settings.train.optimizer = Optimizer::ADAM;
    settings.train.batch = BatchSize::Rows(8);
    let (with, without) = (trained(&lines(true), &settings), trained(&lines(false), &settings));
    let probe = lines(true);
    let answers = [&with, &without].map(|f| bits(&f.model.predict(&probe).expect("predictions")));
    assert_eq!(answers[0], answers[1]);
    assert_eq!(with.validation, without.validation);
    assert_eq!(with.model.provenance().split.left_out, 20);
    assert_eq!(with.model.classes().expect("classes"), ["a", "b"]);
}

#[test]
fn only_the_ratio_of_weights_counts_without_lambda() {
    let fitted = |factor: f64| {
        let rows = (0..60).map(|i| format!("{},{},{}\n", i * 7 % 13, i % 2, factor * f64::from(1 + i % 3)));
        let table = table(&format!("x,y,w\n{}", rows.collect::<String>()));
        let mut settings = weighted("y");
        settings.encoder.features = Some(vec!["x".into()]);
        settings.train.regularisation = Regularisation::l2(0.0);
        trained(&table, &settings).model.params_f64().into_values()
    };
    // Powers of two change no bit.
    assert_eq!(fitted(1.0), fitted(0.25));
}

#[test]
fn classes_are_balanced_by_the_training_rows() {
    let rows = (0..100).map(|i| format!("{},{}\n", i * 7 % 31, if i % 10 == 0 { "rare" } else { "often" }));
    let table = table(&format!("x,y\n{}", rows.collect::<String>()));
    let mut settings = settings("y");
    settings.encoder.features = None;
    settings.class_weights = ClassWeights::Balanced;
    settings.validation = Validation::Share(0.2);
    let fitted = trained(&table, &settings);
    // 80 training rows: 72 often, 8 rare.
    let weighting = fitted.model.weighting();
    assert_eq!(weighting.factors, [80.0 / (2.0 * 72.0), 80.0 / (2.0 * 8.0)]);
    let given = vec![("rare".to_owned(), weighting.factors[1]), ("often".to_owned(), weighting.factors[0])];
    settings.class_weights = ClassWeights::Given(given);
    let same = trained(&table, &settings);
    assert_eq!(same.model.params_f64(), fitted.model.params_f64());
    // They are part of the cost that was trained, and of no other measure.
    let evaluation = fitted.model.evaluate(&table).expect("an evaluation");
    let confusion = evaluation.confusion.as_ref().expect("a matrix");
    let hits = confusion.matrix[0][0] + confusion.matrix[1][1];
    assert_eq!((evaluation.accuracy, &confusion.weighted), (Some(hits as f64 / 100.0), &None));
    assert!((evaluation.cost - evaluation.log_loss.expect("log loss")).abs() > 1e-3);
    assert_eq!((evaluation.weight, evaluation.weight_sum), (None, None));
    // A model file keeps them.
    let bytes = fitted.model.to_bytes().expect("bytes");
    let again = Model::from_bytes("m.rg", &bytes).expect("a model");
    assert_eq!((again.weighting(), again.provenance()), (weighting, fitted.model.provenance()));
    assert_eq!(again.evaluate(&table).expect("an evaluation").cost, evaluation.cost);
}

#[test]
fn class_weights_need_classes_by_their_names() {
    let refused = |target: &str, weights: &[(&str, f64)]| {
        let weights = weights.iter().map(|(name, w)| ((*name).to_owned(), *w)).collect();
        let settings = FitSettings { class_weights: ClassWeights::Given(weights), ..settings(target) };
        fit(once(), &settings, &FitTerms::default(), &mut ()).expect_err("a refusal")
    };
    let error = refused("y", &[("yess", 2.0)]);
    assert_eq!(error.to_string(), "no class `yess` of `y` to give a weight to");
    assert_eq!(error.hint().as_deref(), Some("did you mean  --class-weight yes=2 ?"));
    assert_eq!(error.details(), ["classes: no, yes"]);
    assert!(matches!(refused("z", &[("a", 2.0)]), ModelError::WeightedNumber { .. }));
    assert!(matches!(refused("y", &[("yes", -2.0)]), ModelError::Core(_)));
    assert!(matches!(refused("y", &[("yes", 0.0), ("no", 0.0)]), ModelError::Core(_)));
}

#[test]
fn a_weight_that_is_none_is_named_by_its_place() {
    for (cell, found) in [("", "missing"), ("-1", "-1"), ("inf", "inf"), ("heavy", "heavy")] {
        let table = table(&format!("x,y,w\n1,a,1\n2,b,{cell}\n3,a,2\n4,b,1\n"));
        let mut settings = weighted("y");
        settings.encoder.features = None;
        let error = fit(&table, &settings, &FitTerms::default(), &mut ()).expect_err(cell).to_string();
        let place = "test.csv, row 1 (line 3), column `w`: the weight is";
        assert_eq!(error, format!("{place} {found}, expected a finite number of 0 or more"));
    }
    let zeros = table("x,y,w\n1,a,0\n2,b,0\n");
    let mut settings = weighted("y");
    settings.encoder.features = None;
    let error = fit(&zeros, &settings, &FitTerms::default(), &mut ()).expect_err("no weight");
    assert_eq!(error.to_string(), "every row of test.csv has weight 0 in the column `w`");
    // Beyond f32, but not beyond f64.
    let heavy = table("x,y,w\n1,a,1e300\n2,b,1e300\n3,a,1\n4,b,1\n");
    settings.dtype = Dtype::F32;
    let error = fit(&heavy, &settings, &FitTerms::default(), &mut ()).expect_err("too heavy");
    assert!(matches!(error, ModelError::Data(DataError::OutOfRange { .. })), "{error}");
}

#[test]
fn a_column_of_weights_has_no_other_role() {
    for (target, features) in [("w", None), ("y", Some(vec!["x".to_owned(), "w".to_owned()]))] {
        let mut settings = weighted(target);
        settings.encoder.features = features;
        let error = fit(once(), &settings, &FitTerms::default(), &mut ()).expect_err("two roles");
        assert!(matches!(error, ModelError::Data(DataError::TwoRoles { .. })), "{error}");
    }
    let settings = FitSettings { weight: Some("ww".into()), ..settings("y") };
    let error = fit(once(), &settings, &FitTerms::default(), &mut ()).expect_err("no column");
    assert_eq!(error.hint().as_deref(), Some("did you mean  --weight w ?"));
    // It is no input where all columns are.
    let mut settings = weighted("y");
    settings.encoder.features = None;
    let model = trained(&once(), &settings).model;
    assert_eq!(model.encoder().names()[0], "x");
    assert!(model.encoder().inputs.iter().all(|input| input.column() != "w"));
    let predicted = model.predict(&once()).expect("predictions");
    assert_eq!((predicted.rows, predicted.ignored.as_slice()), (90, &[][..]));
}

/// Keeps the plan.
#[derive(Default)]
struct Plan(Option<FitPlan>);

impl Watch for Plan {
    fn started(&mut self, plan: &FitPlan) {
        self.0 = Some(plan.clone());
    }
}

#[test]
fn rows_without_a_target_teach_nothing_and_are_predicted() {
    let mut with = String::from("x,y\n");
    let mut without = with.clone();
    for i in 0..70 {
        let (x, y) = (i * 7 % 23, ["a", "b"][usize::from(i * 7 % 23 > 11)]);
        let missing = i % 5 == 2;
        writeln!(with, "{x},{}", if missing { "" } else { y }).expect("a text");
        if !missing {
            writeln!(without, "{x},{y}").expect("a text");
        }
    }
    let (with, without) = (table(&with), table(&without));
    let mut settings = settings("y");
    settings.encoder.features = None;
    settings.validation = Validation::Share(0.25);
    let mut plan = Plan::default();
    let fitted = fit(&with, &settings, &FitTerms::default(), &mut plan).expect("a fit");
    let plan = plan.0.expect("a plan");
    assert_eq!((plan.rows, plan.train_rows, plan.validation_rows, plan.split.left_out), (70, 42, 14, 14));
    assert_eq!(plan.notes[0], "14 rows have no `y` and are left out");
    assert_eq!(fitted.model.params_f64(), trained(&without, &settings).model.params_f64());
    let evaluation = fitted.model.evaluate(&with).expect("an evaluation");
    assert_eq!((evaluation.rows, evaluation.left_out), (56, 14));
    assert_eq!(evaluation.cost, fitted.model.evaluate(&without).expect("an evaluation").cost);
    assert_eq!(fitted.model.predict(&with).expect("predictions").rows, 70);
    let (cost, _) = fitted.model.cost_and_grad(&with, None).expect("a gradient");
    assert_eq!(cost, fitted.model.cost_and_grad(&without, None).expect("a gradient").0);
}
