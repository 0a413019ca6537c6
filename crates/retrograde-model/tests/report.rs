//! Reports: each planted fault is named, a healthy model has none, and other people's text stays text.

mod common;

use common::{set, table, trained};
use retrograde::{
    Activation, EpochRecord, Init, Loss, Network, Output, Params, Regularisation, TrainSettings,
};
use retrograde_data::{Encoder, EncoderSettings, Scaling, Table, TaskChoice};
use retrograde_model::report::{FindingKind, Report};
use retrograde_model::{Model, ModelParts, Provenance, StopReason, Weights};
use std::fmt::Write as _;

/// 60 rows of two inputs and a class; `b` spreads `scale` times as far as the others.
fn rows(scale: f64) -> Table {
    let mut text = String::from("a,b,c,y\n");
    for k in 0..60 {
        let (a, b) = (f64::from(k % 10) / 5.0 - 0.9, (f64::from(k / 10) / 2.5 - 1.0) * scale);
        let _ = writeln!(
            text,
            "{a},{b},{},{}",
            f64::from(k * 7 % 11) / 5.0 - 1.0,
            if a * b > 0.0 { "yes" } else { "no" }
        );
    }
    table(&text)
}

/// A model with these weights on unscaled inputs.
fn model(table: &Table, hidden: &[(usize, Activation)], weights: impl Fn(&Network) -> Vec<f64>) -> Model {
    with_history(table, hidden, weights, Vec::new())
}

/// The same at the end of a training.
fn with_history(
    table: &Table,
    hidden: &[(usize, Activation)],
    weights: impl Fn(&Network) -> Vec<f64>,
    history: Vec<EpochRecord>,
) -> Model {
    let settings = EncoderSettings {
        targets: vec!["y".into()],
        task: TaskChoice::Classes,
        scaling: Scaling::None,
        ..EncoderSettings::default()
    };
    let all: Vec<usize> = (0..table.rows()).collect();
    let encoder = Encoder::fit(table, &all, &settings).expect("an encoder");
    let sizes: Vec<usize> = [3].into_iter().chain(hidden.iter().map(|h| h.0)).chain([1]).collect();
    let activations: Vec<Activation> = hidden.iter().map(|h| h.1).collect();
    let network = Network::new(&sizes, &activations, Output::Sigmoid, Loss::CrossEntropy).expect("a network");
    Model::from_parts(ModelParts {
        encoder,
        weights: Weights::F64(Params::from_values(&network, weights(&network)).expect("parameters")),
        settings: TrainSettings { regularisation: Regularisation::default(), ..TrainSettings::default() },
        init: Init::Auto,
        best_epoch: history.len(),
        history,
        stop: StopReason::Epochs,
        provenance: Provenance::default(),
    })
    .expect("a model")
}

fn start(network: &Network) -> Vec<f64> {
    Params::<f64>::init(network, Init::Auto, 5).into_values()
}

fn kinds(report: &Report) -> Vec<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

/// What is wrong with the units and inputs; untrained weights answer badly too.
fn faults(report: &Report) -> Vec<FindingKind> {
    let mut found = kinds(report);
    found.retain(|kind| *kind != FindingKind::NoBetterThanOneAnswer);
    found
}

/// @iris, and a report on a model that learned it for so long.
fn learned(epochs: usize) -> Report {
    let (iris, mut settings) = set("@iris");
    settings.hidden = retrograde_model::Hidden::Units(vec![8]);
    settings.activations = vec![Activation::Tanh];
    settings.train.epochs = Some(epochs);
    trained(&iris, &settings).model.report(&iris).expect("a report")
}

#[test]
fn a_healthy_model_has_no_findings() {
    let report = learned(100);
    assert_eq!(kinds(&report), [], "{:?}", report.findings);
    assert!(report.to_html().contains("Nothing stands out."));
    assert!(report.to_markdown().contains("Nothing stands out."));
    assert!(report.brief[0].contains("of 150 rows"), "{:?}", report.brief);
    let table = rows(1.0);
    let untrained = model(&table, &[(4, Activation::Tanh)], start).report(&table).expect("a report");
    assert_eq!(faults(&untrained), []);
}

#[test]
fn a_training_that_was_cut_short_is_named() {
    let table = rows(1.0);
    let falling = |by: f64| {
        let record = |epoch: i32| EpochRecord {
            epoch: epoch as usize,
            train_cost: by.powi(epoch),
            validation: None,
            grad_norm: 1.0,
            learning_rate: None,
            evaluations: f64::from(epoch),
            layers: Vec::new(),
        };
        let history = (1..=20).map(record).collect();
        with_history(&table, &[(4, Activation::Tanh)], start, history).report(&table).expect("a report")
    };
    let report = falling(0.9);
    let finding = report.findings.iter().find(|f| f.kind == FindingKind::NotFinished).expect("a finding");
    assert!((finding.value - (1.0 - 0.9_f64.powi(5))).abs() < 1e-12, "{finding:?}");
    assert!(
        finding.text.contains("over the last 5 epochs") && finding.advice.contains("--epochs"),
        "{finding:?}"
    );
    assert!(!kinds(&falling(0.99)).contains(&FindingKind::NotFinished));
}

#[test]
fn answers_that_do_not_depend_on_the_row_are_named() {
    let table = rows(1.0);
    let always = |network: &Network| {
        let mut values = vec![0.0; network.weight_count()];
        values[network.layer(1).bias.start] = 3.0;
        values
    };
    let report = model(&table, &[(4, Activation::Tanh)], always).report(&table).expect("a report");
    let found = kinds(&report);
    assert_eq!(found.first(), Some(&FindingKind::NoBetterThanOneAnswer), "{:?}", report.findings);
    assert!(!found.contains(&FindingKind::ClassNeverSaid), "{:?}", report.findings);
    // Three in four rows are yes, and it is always said, a little more surely where it is right.
    let mut text = String::from("a,b,c,y\n");
    for k in 0..400 {
        let _ = writeln!(
            text,
            "{},{},{},{}",
            f64::from(k % 4 == 0),
            k % 5,
            k % 7,
            if k % 4 == 0 { "no" } else { "yes" }
        );
    }
    let table = self::table(&text);
    let always = |network: &Network| {
        let mut values = vec![0.0; network.weight_count()];
        values[network.layer(0).weights.start] = 1.0;
        values[network.layer(1).weights.start] = -0.8;
        values[network.layer(1).bias.start] = 1.2;
        values
    };
    let report = model(&table, &[(1, Activation::Tanh)], always).report(&table).expect("a report");
    let never = report.findings.iter().find(|f| f.kind == FindingKind::ClassNeverSaid).expect("a finding");
    assert!(never.text.starts_with('`') && never.text.contains("is never predicted"), "{never:?}");
}

#[test]
fn probabilities_that_are_far_off_are_named() {
    let mut text = String::from("a,b,c,y\n");
    for k in 0..400 {
        let _ = writeln!(text, "{},{},{},{}", k % 3, k % 5, k % 7, if k % 4 == 0 { "no" } else { "yes" });
    }
    let table = table(&text);
    let sure = |network: &Network| {
        let mut values = vec![0.0; network.weight_count()];
        values[network.layer(1).bias.start] = 9.0;
        values
    };
    let report = model(&table, &[(2, Activation::Tanh)], sure).report(&table).expect("a report");
    let off = report.findings.iter().find(|f| f.kind == FindingKind::Miscalibrated).expect("a finding");
    assert!((off.value - 0.25).abs() < 0.01, "{off:?}");
}

#[test]
fn each_fault_is_named() {
    let table = rows(1.0);
    let dead = |network: &Network| {
        let mut values = start(network);
        values[network.layer(0).bias.start] = -100.0;
        values
    };
    let report = model(&table, &[(4, Activation::Relu)], dead).report(&table).expect("a report");
    assert!(kinds(&report).contains(&FindingKind::DeadUnits), "{:?}", report.findings);
    let saturated = model(&table, &[(4, Activation::Sigmoid)], dead).report(&table).expect("a report");
    assert_eq!(faults(&saturated), [FindingKind::SaturatedUnits]);
    let named = saturated.findings.iter().any(|finding| finding.text.contains("1 of 4 units of layer 2"));
    assert!(named, "{:?}", saturated.findings);
    let twice = |network: &Network| {
        let mut values = start(network);
        values.copy_within(0..3, 3);
        let (bias, out) = (network.layer(0).bias.start, network.layer(1).weights.start);
        values[bias + 1] = values[bias];
        values[out + 1] = values[out];
        values
    };
    let report = model(&table, &[(4, Activation::Tanh)], twice).report(&table).expect("a report");
    assert_eq!(faults(&report), [FindingKind::DuplicateUnits]);
    let deep = [(4, Activation::Sigmoid); 6];
    let report = model(&table, &deep, |network| start(network).iter().map(|w| w * 0.3).collect())
        .report(&table)
        .expect("a report");
    assert_eq!(faults(&report).first(), Some(&FindingKind::VanishingGradient), "{:?}", report.findings);
    let wide = rows(1000.0);
    let report = model(&wide, &[(4, Activation::Tanh)], start).report(&wide).expect("a report");
    let unscaled = report.findings.iter().find(|f| f.kind == FindingKind::UnscaledInputs).expect("a finding");
    assert!(unscaled.text.contains("`b`") && unscaled.value > 100.0, "{unscaled:?}");
}

#[test]
fn a_trained_model_has_every_part() {
    let (iris, mut settings) = set("@iris");
    settings.train.epochs = Some(20);
    let report = trained(&iris, &settings).model.report(&iris).expect("a report");
    let html = report.to_html();
    for part in [
        "The training",
        "The gradient check",
        "What each column is worth",
        "pull hardest",
        "Tug of war",
        "setosa",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(html.matches("<svg ").count() >= 8);
    assert_eq!(html.matches("<svg ").count(), html.matches("<details>").count());
    assert_eq!(html.matches("<svg ").count(), html.matches("<desc ").count());
    assert!(!html.contains("<script") && !html.contains("src=") && !html.contains("href="));
    assert!(!html.replace("http://www.w3.org/2000/svg", "").contains("://"), "nothing from elsewhere");
    let json = serde_json::to_value(&report).expect("JSON");
    assert_eq!(json["schema"], "retrograde.report/1");
    assert_eq!(report.importance.columns.len(), 4);
    assert!(report.importance.columns[0].rise > 0.0);
}

#[test]
fn numbers_have_their_residuals() {
    let (table, mut settings) = set("@mazur");
    settings.train.epochs = Some(5);
    let report = trained(&table, &settings).model.report(&table).expect("a report");
    let html = report.to_html();
    assert!(html.contains("predicted against known") && html.contains("known − predicted"));
    assert!(report.brief[0].ends_with("over 1 row of @mazur."), "{:?}", report.brief);
}

#[test]
fn of_several_targets_a_few_are_drawn_and_no_mean_of_their_units_is_said() {
    let mut text = "t0,t1,t2,t3,t4,t5,t6,t7,t8,x\n".to_owned();
    for k in 0..60 {
        for t in 0..9 {
            let _ = write!(text, "{},", (k * (t + 3) % 17) * t + k);
        }
        let _ = writeln!(text, "{}", k * 7 % 11);
    }
    let table = table(&text);
    let (_, mut settings) = set("@iris");
    settings.encoder.targets = (0..9).map(|t| format!("t{t}")).collect();
    settings.encoder.task = TaskChoice::Numbers;
    settings.train.epochs = Some(3);
    let report = trained(&table, &settings).model.report(&table).expect("a report");
    assert!(report.brief[0].contains("of the variance of its 9 targets"), "{:?}", report.brief);
    assert_eq!(report.answers.numbers.len(), 9);
    let html = report.to_html();
    assert!(html.contains("Of 9 targets the first 6 are drawn."));
    assert!(html.contains("t5: predicted against known") && !html.contains("t6: predicted against known"));
    assert!(!html.contains("row 13.00") && html.contains("row 13"));
}

#[test]
fn text_of_others_stays_text() {
    let evil = "</title><script>alert(1)</script><img src=x onerror=alert(1)>";
    let mut text = format!("{evil},\u{202e}rtl שלום 💥,y\n");
    for k in 0..40 {
        let class = if k % 2 == 0 { "<b>\"yes'&\u{202e}" } else { "<script>no" };
        let _ = writeln!(text, "{k},{},\"{}\"", k % 7, class.replace('"', "\"\""));
    }
    let table = table(&text);
    let (_, mut settings) = set("@iris");
    settings.encoder.targets = vec!["y".into()];
    settings.train.epochs = Some(3);
    let report = trained(&table, &settings).model.report(&table).expect("a report");
    let html = report.to_html();
    for tag in ["<script", "<img", "<b>", "onerror=alert(1)>"] {
        assert!(!html.contains(tag), "{tag}");
    }
    assert!(html.contains("&lt;script&gt;"));
    assert!(!report.to_markdown().contains("<script"));
}

#[test]
fn ten_thousand_weights_and_rows_are_at_most_a_megabyte() {
    let mut text = (0..20).map(|j| format!("x{j}")).chain(["y\n".to_owned()]).collect::<Vec<_>>().join(",");
    for k in 0..10_000_u64 {
        for j in 0..20 {
            let _ = write!(text, "{},", k.wrapping_mul(2_654_435_761).wrapping_add(j * 40_503) % 1009);
        }
        let _ = writeln!(text, "{}", (k * 7919 % 1013) as f64 / 3.0);
    }
    let table = table(&text);
    let (_, mut settings) = set("@iris");
    settings.encoder.targets = vec!["y".into()];
    settings.encoder.task = TaskChoice::Numbers;
    settings.hidden = retrograde_model::Hidden::Units(vec![400]);
    settings.train.epochs = Some(2);
    let model = trained(&table, &settings).model;
    assert!(model.network().weight_count() > 8_000);
    let html = model.report(&table).expect("a report").to_html();
    assert!(html.len() <= 1_000_000, "{}", html.len());
}
