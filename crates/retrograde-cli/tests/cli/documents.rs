//! The fields of every `--json` document that other programs rely on.

use crate::sandbox::Sandbox;
use serde_json::{Value, json};

/// Every path is there and not null.
fn has(document: &Value, paths: &[&str]) {
    for path in paths {
        let pointer = format!("/{}", path.replace('.', "/"));
        assert!(document.pointer(&pointer).is_some_and(|v| !v.is_null()), "{path} in {document:#}");
    }
}

fn trained() -> Sandbox {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --hidden 4 --lambda 0.5 --epochs 5 -o m.rg");
    sandbox
}

#[test]
fn train_of_classes() {
    let sandbox = Sandbox::with_table();
    let d =
        sandbox.json("train t.csv --target answer --hidden 4,3 --epochs 4 --json -q", "retrograde.train/1");
    has(
        &d,
        &["seed", "weights", "best_epoch", "train.cost", "validation.cost", "validation.accuracy", "seconds"],
    );
    assert_eq!((&d["task"], &d["epochs"], &d["stop"]), (&json!("classes"), &json!(4), &json!("epochs")));
    assert_eq!(d["check"]["verdict"], "agrees");
    assert_eq!(d["model"], Value::Null);
    let layers = json!([
        {"units": 6, "activation": "input"},
        {"units": 4, "activation": "relu"},
        {"units": 3, "activation": "relu"},
        {"units": 1, "activation": "sigmoid"},
    ]);
    assert_eq!(d["network"]["layers"], layers);
}

#[test]
fn train_of_numbers() {
    let sandbox = Sandbox::new();
    let d = sandbox.json("train @sine --epochs 3 --no-check -o m.rg --json", "retrograde.train/1");
    has(&d, &["train.cost", "validation.rmse", "validation.r2"]);
    assert_eq!((&d["task"], &d["model"], &d["check"]), (&json!("numbers"), &json!("m.rg"), &Value::Null));
}

#[test]
fn evaluate() {
    let sandbox = trained();
    let d = sandbox.json("evaluate m.rg t.csv --json", "retrograde.evaluate/1");
    has(&d, &["rows", "cost", "accuracy", "log_loss", "auc", "confusion.classes", "confusion.matrix"]);
    let d = sandbox.json("evaluate m.rg t.csv --cv 3 --json", "retrograde.evaluate/1");
    has(&d, &["rows", "cost", "accuracy", "mean.accuracy", "sd.accuracy", "folds.2.accuracy"]);
    assert_eq!((d["rows"].as_u64(), d["folds"].as_array().map(Vec::len)), (Some(80), Some(3)));
}

#[test]
fn evaluate_of_numbers() {
    let sandbox = Sandbox::new();
    sandbox.done("train @sine --epochs 3 -o m.rg");
    let d = sandbox.json("evaluate m.rg @sine --json --min-r2 -9", "retrograde.evaluate/1");
    has(&d, &["cost", "rmse", "mae", "r2"]);
    assert!(d.get("accuracy").is_none());
}

#[test]
fn each_of_several_targets_is_measured() {
    let sandbox = Sandbox::new();
    let rows = (0..80).map(|i| format!("{},{},{}\n", i % 9, i % 9 * 2 + i % 2, f64::from(i * 7 % 11) / 2.0));
    sandbox.write("t.csv", format!("x,near,far\n{}", rows.collect::<String>()));
    let train = "train t.csv --target near,far --epochs 5 --no-check -o m.rg";
    let d = sandbox.json(&format!("{train} --json"), "retrograde.train/1");
    has(&d, &["train.targets.1.rmse", "validation.targets.0.mae", "validation.targets.1.r2"]);
    let d = sandbox.json("evaluate m.rg t.csv --json", "retrograde.evaluate/1");
    let of = |i: usize| d["targets"][i]["rmse"].as_f64().expect("a number");
    assert_eq!((&d["targets"][0]["column"], &d["targets"][1]["column"]), (&json!("near"), &json!("far")));
    let all = d["rmse"].as_f64().expect("a number");
    assert!((all * all - f64::midpoint(of(0) * of(0), of(1) * of(1))).abs() < 1e-9, "{d:#}");
    assert!(sandbox.done(train).stderr.contains("validation RMSE of near "));
    let said = sandbox.done("evaluate m.rg t.csv").stdout;
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    assert!(lines[lines.len() - 3].starts_with("target"), "{said}");
    assert!(lines[lines.len() - 1].starts_with("far "), "{said}");
}

#[test]
fn predict_prints_json_lines() {
    let ran = trained().done("predict m.rg t.csv --json --proba");
    let lines: Vec<Value> = ran.stdout.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(lines.len(), 80);
    for (row, line) in lines.iter().enumerate() {
        assert_eq!((&line["schema"], &line["row"]), (&json!("retrograde.predict/1"), &json!(row)));
        has(line, &["prediction.answer", "probability.yes", "probability.no"]);
    }
}

#[test]
fn check() {
    let sandbox = trained();
    let d = sandbox.json("check m.rg t.csv --json --rows 20", "retrograde.check/1");
    has(&d, &["checked", "weights", "agree", "cannot_tell", "direction.backpropagation", "direction.dual"]);
    assert_eq!((&d["verdict"], &d["rows"], &d["differ"]), (&json!("agrees"), &json!(20), &json!([])));
    assert_eq!((&d["diagnosis"], &d["direction"]["verdict"]), (&Value::Null, &json!("agrees")));
    let d = sandbox.json("check m.rg t.csv --json --inject wrong-sign --all", "retrograde.check/1");
    assert_eq!((&d["verdict"], &d["checked"]), (&json!("differs"), &d["weights"]));
    assert_eq!((&d["diagnosis"]["bug"], &d["injected"]), (&json!("wrong-sign"), &json!("wrong-sign")));
    has(
        &d,
        &["differ.0.weight", "differ.0.backpropagation", "differ.0.numerical", "differ.0.u", "differ.0.dual"],
    );
}

#[test]
fn inspect() {
    let d = trained().json("inspect m.rg --json", "retrograde.inspect/1");
    has(
        &d,
        &[
            "version",
            "network",
            "layers.0.units",
            "weights",
            "encoder",
            "classes",
            "seed",
            "history.4.train_cost",
        ],
    );
}

#[test]
fn data() {
    let sandbox = Sandbox::with_table();
    let d = sandbox.json("data --json", "retrograde.data/1");
    has(&d, &["embedded.0.name", "embedded.0.description", "embedded.0.licence"]);
    let d = sandbox.json("data t.csv --json", "retrograde.data/1");
    has(&d, &["rows", "columns.0.name", "columns.0.kind", "columns.0.missing"]);
    let d = sandbox.json("data t.csv --target answer --json", "retrograde.data/1");
    assert_eq!((&d["inputs"], &d["columns"][3]["role"]), (&json!(6), &json!("target")));
}

#[test]
fn export() {
    let sandbox = trained();
    let d = sandbox.json("export m.rg", "retrograde.network/1");
    has(&d, &["layers", "loss", "lambda", "weights.0", "biases.1", "classes", "encoder"]);
    sandbox.done("export m.rg --format json -o m.json");
    assert_eq!(sandbox.read("m.json"), sandbox.done("export m.rg").stdout.as_bytes());
}
