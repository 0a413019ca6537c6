//! Training on the embedded sets: scores, plans, early ends, tasks.

mod common;

use common::{set, table, trained};
use retrograde::{
    Activation, Bug, CheckSettings, EpochRecord, Flow, Init, Optimizer, Output, Regularisation, Verdict,
};
use retrograde_data::{DataError, Scaling, TaskChoice, embedded, split};
use retrograde_model::{
    Dtype, FitPlan, FitSettings, FitTerms, LossChoice, ModelError, StopReason, Task, Validation, Watch, fit,
};
use std::fmt::Write as _;

fn loss(name: &str) -> LossChoice {
    LossChoice::from_name(name).expect(name)
}

#[test]
fn digits_reach_97_percent_on_rows_held_out() {
    let (table, settings) = set("@digits");
    let fitted = trained(&table, &settings);
    let held = fitted.validation.expect("a hundred rows");
    assert_eq!((held.rows, fitted.model.provenance().train_rows), (100, 1697));
    assert!(held.accuracy.expect("accuracy") >= 0.97, "{held:?}");
    assert!(held.auc.expect("auc") > 0.995);
    // Without label smoothing the cost is the log loss, in f32 and in f64.
    assert!((held.cost - held.log_loss.expect("log loss")).abs() < 1e-5);
    let confusion = held.confusion.expect("a matrix");
    assert_eq!(confusion.matrix.iter().flatten().sum::<usize>(), 100);
    let hits: usize = (0..10).map(|k| confusion.matrix[k][k]).sum();
    assert_eq!(hits as f64 / 100.0, held.accuracy.expect("accuracy"));
}

#[test]
fn iris_moons_and_circles_are_learned() {
    // The mean of five splits: one split of 30 or 80 rows says little.
    for (name, least) in [("@iris", 0.93), ("@moons", 0.95), ("@circles", 0.98)] {
        let (table, mut settings) = set(name);
        let accuracy = |seed| {
            settings.train.seed = seed;
            trained(&table, &settings).validation.and_then(|held| held.accuracy).expect("an accuracy")
        };
        let mean = (1..=5).map(accuracy).sum::<f64>() / 5.0;
        assert!(mean >= least, "{name}: {mean}");
    }
}

#[test]
fn the_exclusive_or_is_learned_from_its_four_rows() {
    let (table, mut settings) = set("@xor");
    settings.hidden = vec![8].into();
    settings.activations = vec![Activation::Tanh];
    settings.train.optimizer = Optimizer::LBFGS;
    settings.train.regularisation = Regularisation::l2(0.0);
    let fitted = trained(&table, &settings);
    assert!(fitted.validation.is_none());
    assert_eq!(fitted.train.accuracy, Some(1.0));
    let evaluation = fitted.model.evaluate(&table).expect("an evaluation");
    assert_eq!((evaluation.accuracy, evaluation.auc), (Some(1.0), Some(1.0)));
}

#[test]
fn numbers_are_scored_in_their_own_unit() {
    let mut text = String::from("x,y\n");
    for i in 0..200 {
        let x = f64::from(i) / 100.0 - 1.0;
        writeln!(text, "{x},{}", 5000.0 + 300.0 * x * x).expect("a text");
    }
    let table = table(&text);
    let mut settings = FitSettings { check: None, ..FitSettings::default() };
    settings.encoder.targets = vec!["y".into()];
    let fitted = trained(&table, &settings);
    let all = fitted.model.evaluate(&table).expect("an evaluation");
    let (rmse, mae, r2) = (all.rmse.expect("rmse"), all.mae.expect("mae"), all.r2.expect("r2"));
    assert!(r2 > 0.98 && rmse < 15.0 && mae <= rmse, "{all:?}");
    // ½(a − y)² of standardised targets: rmse² = 2 · cost · scale².
    let retrograde_data::TargetEncoding::Numbers { scale, .. } = &fitted.model.encoder().target else {
        panic!("numbers")
    };
    assert!((rmse - (2.0 * all.cost).sqrt() * scale[0]).abs() < 1e-3 * rmse, "{rmse}");
    assert_eq!((all.accuracy, all.log_loss, all.auc), (None, None, None));
    // The predictions are in that unit too, and the measures follow from them.
    let predicted = fitted.model.predict(&table).expect("predictions");
    let y = |row: usize| table.columns[1].values.text(row).expect("y").parse::<f64>().expect("a number");
    let squares: f64 = (0..200)
        .map(|row| (predicted.columns[0].values.text(row).parse::<f64>().expect("a number") - y(row)).powi(2))
        .sum();
    assert!(((squares / 200.0).sqrt() - rmse).abs() < 1e-9, "{rmse}");
}

#[test]
fn sine_is_learned_in_both_types() {
    for dtype in [Dtype::F32, Dtype::F64] {
        let (table, settings) = set("@sine");
        let fitted = trained(&table, &FitSettings { dtype, ..settings });
        assert_eq!(fitted.model.dtype(), dtype);
        assert!(fitted.validation.expect("validation").r2.expect("r2") > 0.97);
    }
}

#[test]
fn the_train_score_is_j_with_the_penalty() {
    let (table, mut settings) = set("@iris");
    settings.dtype = Dtype::F64;
    settings.validation = Validation::None;
    settings.train.regularisation = Regularisation::l2(2.0);
    let fitted = trained(&table, &settings);
    let (cost, grad) = fitted.model.cost_and_grad(&table, None).expect("a cost");
    assert!((cost - fitted.train.cost).abs() < 1e-12);
    let all = fitted.model.evaluate(&table).expect("an evaluation");
    assert_eq!(all.cost, fitted.train.loss);
    let params = fitted.model.params_f64();
    let squares: f64 = (0..3).map(|l| params.weights(l).iter().map(|w| w * w).sum::<f64>()).sum();
    assert!((cost - (all.cost + squares / 150.0)).abs() < 1e-12);
    assert_eq!(grad.len(), fitted.model.network().weight_count());
    // Another Θ, the same length: the cost of zeros is ln 3.
    let zeros = vec![0.0; grad.len()];
    let (cost, _) = fitted.model.cost_and_grad(&table, Some(&zeros)).expect("a cost");
    assert!((cost - 3f64.ln()).abs() < 1e-12);
    assert!(fitted.model.cost_and_grad(&table, Some(&zeros[1..])).is_err());
    assert!(fitted.model.cost_and_grad(&table, Some(&vec![f64::NAN; grad.len()])).is_err());
}

/// Keeps the plan and counts; stops in a given epoch.
#[derive(Default)]
struct Counting {
    plan: Option<FitPlan>,
    epochs: usize,
    batches: usize,
    stop_in: Option<usize>,
}

impl Watch for Counting {
    fn started(&mut self, plan: &FitPlan) {
        self.plan = Some(plan.clone());
    }
    fn epoch(&mut self, record: &EpochRecord, _: bool, seconds: f64) -> Flow {
        assert!(seconds > 0.0);
        self.epochs = record.epoch;
        if self.stop_in == Some(record.epoch) { Flow::Stop } else { Flow::Continue }
    }
    fn batch(&mut self, _: usize, _: usize, _: usize) -> Flow {
        self.batches += 1;
        Flow::Continue
    }
}

#[test]
fn the_plan_says_what_is_trained() {
    let (table, mut settings) = set("@iris");
    settings.train.epochs = Some(2);
    let mut watch = Counting::default();
    fit(&table, &settings, &FitTerms::default(), &mut watch).expect("a fit");
    let plan = watch.plan.expect("a plan");
    assert_eq!((plan.rows, plan.numeric, plan.categorical, plan.inputs, plan.missing), (150, 4, 0, 4, 0));
    assert_eq!((plan.train_rows, plan.validation_rows, plan.split.stratified, plan.seed), (120, 30, true, 1));
    assert_eq!(plan.network, "4 → 256 relu → 128 relu → 3 softmax");
    assert_eq!((plan.weights, plan.loss.as_str()), (34_563, "cross-entropy"));
    let Task::Classes { column, classes } = &plan.task else { panic!("classes") };
    assert_eq!(
        (column.as_str(), classes[0].clone(), classes.len()),
        ("species", ("setosa".to_owned(), 50), 3)
    );
    assert_eq!((plan.epochs, watch.epochs, watch.batches), (2, 2, 16));
}

/// 2,000 steps at least, and 60 epochs where those are more; for every method its own where there is no schedule.
#[test]
fn the_epochs_follow_the_rows() {
    let epochs = |name: &str, optimizer| {
        let (table, mut settings) = set(name);
        settings.train.optimizer = optimizer;
        let mut watch = Counting { stop_in: Some(1), ..Counting::default() };
        fit(&table, &settings, &FitTerms::default(), &mut watch).expect("a fit");
        watch.plan.expect("a plan").epochs
    };
    // 1, 8 and 51 steps an epoch.
    let found = ["@xor", "@iris", "@digits"].map(|name| epochs(name, Optimizer::ADAMW));
    assert_eq!(found, [2000, 250, 60]);
    assert_eq!(epochs("@iris", Optimizer::LBFGS), 500);
    assert_eq!(epochs("@iris", Optimizer::GradientDescent), 5000);
}

#[test]
fn a_stop_keeps_the_best_weights() {
    let (table, settings) = set("@iris");
    let mut watch = Counting { stop_in: Some(3), ..Counting::default() };
    let fitted = fit(&table, &settings, &FitTerms::default(), &mut watch).expect("a fit");
    assert_eq!((fitted.stop, fitted.model.history().len()), (StopReason::Asked, 3));
    let best = fitted.model.best_epoch();
    let record = &fitted.model.history()[best - 1];
    let held = fitted.validation.expect("validation");
    assert_eq!(record.validation.expect("a score").cost, held.cost);
    assert!(fitted.model.history().iter().all(|r| r.validation.expect("a score").cost >= held.cost));
}

#[test]
fn the_time_limit_ends_the_training_and_nothing_else() {
    let (table, mut settings) = set("@digits");
    settings.train.epochs = Some(100_000);
    settings.train.patience = 100_000;
    let fitted = fit(&table, &settings, &limited(0.05), &mut ()).expect("a fit");
    assert_eq!(fitted.stop, StopReason::TimeLimit);
    assert!(fitted.seconds >= 0.05 && !fitted.model.history().is_empty());
    for limit in [0.0, -1.0, f64::NAN] {
        assert!(fit(&table, &settings, &limited(limit), &mut ()).is_err());
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_whatever_the_threads() {
    let (table, mut settings) = set("@moons");
    settings.train.epochs = Some(5);
    let bytes = |settings: &FitSettings| {
        let mut settings = settings.clone();
        settings.train.epochs = Some(5);
        trained(&table, &settings).model.params_f64().into_values()
    };
    let first = bytes(&settings);
    settings.train.threads = 4;
    assert_eq!(bytes(&settings), first);
    settings.train.seed = 2;
    assert_ne!(bytes(&settings), first);
}

#[test]
fn validation_is_chosen_as_asked() {
    let (table, mut settings) = set("@iris");
    settings.train.epochs = Some(1);
    for (validation, rows) in [(Validation::None, None), (Validation::Share(0.1), Some(15))] {
        settings.validation = validation;
        assert_eq!(trained(&table, &settings).validation.map(|v| v.rows), rows);
    }
    let parts = split(150, 0.4, 9, None);
    settings.validation = Validation::Table(Box::new(table.select(&parts.validation)));
    let fitted = trained(&table.select(&parts.train), &settings);
    assert_eq!((fitted.validation.expect("rows").rows, fitted.model.provenance().train_rows), (60, 90));
    // 0.001 of 150 rows is none.
    for share in [0.0, 1.0, -0.5, f64::NAN, 0.001] {
        settings.validation = Validation::Share(share);
        assert!(fit(&table, &settings, &FitTerms::default(), &mut ()).is_err(), "{share}");
    }
}

#[test]
fn task_output_and_loss_fill_each_other_in() {
    let describe = |name: &str, change: fn(&mut FitSettings)| {
        let (table, mut settings) = set(name);
        settings.hidden = vec![].into();
        settings.train.epochs = Some(1);
        change(&mut settings);
        fit(&table, &settings, &FitTerms::default(), &mut ()).map(|f| {
            let network = f.model.network();
            format!("{} · {}", network.describe(), network.loss().name())
        })
    };
    let ok = |name, change| describe(name, change).expect(name);
    assert_eq!(ok("@moons", |_| ()), "2 → 1 sigmoid · cross-entropy");
    assert_eq!(ok("@moons", |s| s.output = Some(Output::Softmax)), "2 → 2 softmax · cross-entropy");
    assert_eq!(ok("@iris", |s| s.output = Some(Output::Sigmoid)), "4 → 3 sigmoid · cross-entropy");
    assert_eq!(ok("@sine", |_| ()), "1 → 1 identity · squared-error");
    // Squared error on classes needs the output to be said, else the 0s and 1s are numbers.
    assert_eq!(ok("@moons", |s| s.loss = Some(loss("squared-error"))), "2 → 1 identity · squared-error");
    let both =
        |s: &mut FitSettings| (s.loss, s.output) = (Some(loss("squared-error")), Some(Output::Sigmoid));
    assert_eq!(ok("@moons", both), "2 → 1 sigmoid · squared-error");
    assert_eq!(ok("@moons", |s| s.loss = Some(loss("poisson"))), "2 → 1 exp · poisson");
    assert_eq!(ok("@sine", |s| s.loss = Some(loss("quantile:0.1,0.9"))), "1 → 2 identity · quantile");
    assert_eq!(ok("@mazur", |s| s.output = Some(Output::Sigmoid)), "2 → 2 sigmoid · squared-error");
    let identity = |s: &mut FitSettings| {
        (s.output, s.encoder.task) = (Some(Output::Identity), TaskChoice::Classes);
    };
    assert!(matches!(describe("@iris", identity), Err(ModelError::Task { .. })));
    assert!(
        describe("@sine", |s| s.loss = Some(loss("cross-entropy"))).is_ok_and(|d| d.contains("200 softmax"))
    );
}

#[test]
fn targets_are_standardised_with_identity_only() {
    let (table, mut settings) = set("@mazur");
    settings.encoder.scaling = Scaling::None;
    settings.output = Some(Output::Sigmoid);
    settings.activations = vec![Activation::Sigmoid];
    settings.hidden = vec![2].into();
    settings.init = Init::Zeros;
    settings.dtype = Dtype::F64;
    settings.validation = Validation::None;
    settings.train.epochs = Some(1);
    let model = trained(&table, &settings).model;
    // Mazur's weights in flat order: W1, b1, W2, b2.
    let theta = [0.15, 0.20, 0.25, 0.30, 0.35, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.60];
    let mut without_penalty = settings.clone();
    without_penalty.train.regularisation = Regularisation::l2(0.0);
    let model = if model.lambda() == 0.0 { model } else { trained(&table, &without_penalty).model };
    let (cost, grad) = model.cost_and_grad(&table, Some(&theta)).expect("a cost");
    assert!((cost - 0.298_371_109).abs() < 1e-9, "{cost}");
    assert!((grad[6] - 0.082_167_041).abs() < 1e-9 && (grad[0] - 0.000_438_568).abs() < 1e-9);
}

#[test]
fn a_target_that_the_loss_cannot_take_is_named_by_its_row() {
    let mut settings = FitSettings { check: None, loss: Some(loss("gamma")), ..FitSettings::default() };
    settings.encoder.targets = vec!["y".into()];
    let error =
        fit(table("x,y\n1,2.5\n2,0\n3,1.5\n"), &settings, &FitTerms::default(), &mut ()).expect_err("a zero");
    assert_eq!(
        error.to_string(),
        "test.csv, row 1 (line 3): the target `y` is 0; the loss needs a value above 0"
    );
}

#[test]
fn errors_of_the_table_and_of_the_core_come_through() {
    let (iris, mut settings) = set("@iris");
    settings.encoder.targets = vec!["specie".into()];
    let error = fit(&iris, &settings, &FitTerms::default(), &mut ()).expect_err("no such column");
    assert!(matches!(error, ModelError::Data(DataError::UnknownColumn { .. })));
    assert_eq!(error.hint().as_deref(), Some("did you mean  --target species ?"));
    assert!(error.details()[0].contains("sepal_length"));
    let (iris, mut settings) = set("@iris");
    settings.train.learning_rate = Some(-1.0);
    assert!(matches!(fit(&iris, &settings, &FitTerms::default(), &mut ()), Err(ModelError::Core(_))));
    let missing = table("x,y\n1,\n2,\n3,\n");
    settings.encoder.targets = vec!["y".into()];
    settings.train.learning_rate = None;
    let error = fit(&missing, &settings, &FitTerms::default(), &mut ()).expect_err("no target at all");
    assert!(error.to_string().contains("row 0 (line 2): the target `y` is missing (3 such rows)"), "{error}");
}

#[test]
fn the_check_agrees_and_finds_a_planted_bug() {
    let (table, mut settings) = set("@moons");
    settings.activations = vec![Activation::Tanh];
    settings.train.epochs = Some(20);
    settings.train.regularisation = Regularisation::l2(1.0);
    settings.check = Some(CheckSettings { rows: 50, ..CheckSettings::default() });
    let fitted = trained(&table, &settings);
    let report = fitted.check.expect("a report");
    assert_eq!(report.verdict, Verdict::Agrees, "{report:?}");
    assert_eq!((report.results.len(), report.rows.len()), (64, 50));
    let planted = CheckSettings { inject: Some(Bug::MissingLambda), ..CheckSettings::default() };
    let report = fitted.model.check(&table, &planted).expect("a report");
    assert_eq!(report.verdict, Verdict::Differs);
    assert_eq!(report.rows.len(), 256);
    let set = embedded("@moons").expect("moons").table;
    assert!(report.rows.iter().all(|&row| row < set.rows()));
}

fn limited(seconds: f64) -> FitTerms {
    FitTerms { time_limit: Some(seconds), ..FitTerms::default() }
}
