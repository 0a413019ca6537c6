//! How good the default settings are. The measuring tests are for an optimised build:
//! `cargo test --release -p retrograde-model --test defaults -- --ignored --nocapture`.
#![allow(clippy::print_stdout, reason = "figures and skipped tests are for the reader")]

mod common;

use common::{set, trained};
use retrograde_data::{ReadOptions, Table, read};
use retrograde_model::{FitSettings, cross_validate};
use std::path::Path;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Held-out score over seeds: accuracy for classes, r² for numbers.
fn report(name: &str, table: &Table, settings: &FitSettings, seeds: u64) {
    let (mut scores, mut seconds, mut epochs) = (Vec::new(), Vec::new(), Vec::new());
    for seed in 1..=seeds {
        let mut settings = settings.clone();
        settings.train.seed = seed;
        settings.train.threads = 0;
        let fitted = trained(table, &settings);
        let held = fitted.validation.expect("validation rows");
        scores.push(held.accuracy.or(held.r2).expect("a score"));
        seconds.push(fitted.seconds);
        epochs.push(fitted.model.history().len() as f64);
    }
    let low = scores.iter().copied().fold(f64::INFINITY, f64::min);
    println!(
        "{name:24} hidden {:?} λ {:<5} score {:.4} (lowest {low:.4})  {:.2} s  {:.0} epochs",
        settings.hidden,
        settings.train.regularisation.lambda,
        mean(&scores),
        mean(&seconds),
        mean(&epochs)
    );
}

#[test]
#[ignore = "a measurement, not a test"]
fn measure_hidden_layers_and_lambda() {
    let shared =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/california-housing/housing.csv");
    let mut sets: Vec<(String, Table, FitSettings, u64)> = Vec::new();
    for name in ["@digits", "@iris", "@moons", "@circles", "@sine"] {
        let (table, settings) = set(name);
        sets.push((name.into(), table, settings, 10));
    }
    if let Ok(table) = read(&shared, &ReadOptions::default()) {
        let (_, mut settings) = set("@sine");
        settings.encoder.targets = vec!["median_house_value".into()];
        settings.train.epochs = Some(30);
        sets.push(("california (30 epochs)".into(), table, settings, 2));
    }
    let wanted = std::env::var("RETROGRADE_MEASURE").unwrap_or_default();
    for (name, table, settings, seeds) in &sets {
        if !name.contains(&wanted) {
            continue;
        }
        for hidden in [vec![32, 16], vec![128, 64], vec![256, 128], vec![256, 256, 128]] {
            for lambda in [0.0, 0.1, 0.3, 1.0] {
                let mut settings = FitSettings { hidden: hidden.clone().into(), ..settings.clone() };
                settings.train.regularisation.lambda = lambda;
                report(name, table, &settings, *seeds);
            }
        }
    }
}

#[test]
#[ignore = "a measurement, not a test"]
fn measure_the_four_rows_of_xor() {
    let (table, settings) = set("@xor");
    for hidden in [vec![32, 16], vec![128, 64]] {
        for lambda in [0.0, 0.01, 0.03, 0.1, 0.3, 1.0] {
            let mut learned = 0;
            let mut cost = 0.0;
            for seed in 1..=10 {
                let mut settings = FitSettings { hidden: hidden.clone().into(), ..settings.clone() };
                settings.train.seed = seed;
                settings.train.regularisation.lambda = lambda;
                let fitted = trained(&table, &settings);
                learned += u32::from(fitted.train.accuracy == Some(1.0));
                cost += fitted.train.loss / 10.0;
            }
            println!("@xor hidden {hidden:?} λ {lambda}: {learned} of 10 learned, mean loss {cost:.4}");
        }
    }
}

/// The judging rows above also chose the epoch; here the rows that judge took no part at all.
#[test]
#[ignore = "a measurement, not a test"]
fn measure_cross_validation() {
    for name in ["@digits", "@iris", "@moons", "@circles", "@sine"] {
        let (table, mut settings) = set(name);
        let score = |seed| {
            settings.train.seed = seed;
            let mean = cross_validate(&table, &settings, 5, &mut ()).expect("five folds").mean;
            mean.accuracy.or(mean.r2).expect("a score")
        };
        let scores: Vec<f64> = (1..=5).map(score).collect();
        println!("{name:24} 5 folds, 5 seeds: {:.4}", mean(&scores));
    }
}
