//! Methods, schedules and regularisers by their options, methods side by side, and the search for a learning rate.

use crate::sandbox::Sandbox;

const TRAIN: &str = "train t.csv --target answer --hidden 4 --epochs 3";

#[test]
fn every_method_has_a_name() {
    let sandbox = Sandbox::with_table();
    for name in
        ["auto", "gd", "sgd", "nesterov", "adam", "adamw", "rmsprop", "rprop", "cg", "scg", "lbfgs", "lm"]
    {
        let ran = sandbox.done(&format!("{TRAIN} --optimizer {name} -o m.rg"));
        assert!(ran.stderr.contains("agree ✓"), "{name}: {}", ran.stderr);
        let model = sandbox.json("inspect m.rg --json", "retrograde.inspect/1");
        assert_ne!(model["settings"]["optimizer"], "auto", "what was chosen is stored");
    }
}

#[test]
fn what_was_asked_of_the_steps_is_remembered() {
    let sandbox = Sandbox::with_table();
    sandbox.done(&format!(
        "{TRAIN} -o m.rg --schedule cosine:2,2 --warm-up 1 --l1 0.5 --weight-decay 0.01 --max-norm 2 --clip-norm 1 \
         --dropout 0.1,0.5 --label-smoothing 0.1"
    ));
    insta::assert_snapshot!(sandbox.run("inspect m.rg").layout());
    insta::assert_snapshot!(sandbox.run("check m.rg t.csv").layout());
}

#[test]
fn l1_makes_weights_zero() {
    let sandbox = Sandbox::with_table();
    sandbox.done(
        "train t.csv --target answer --hidden none --l1 5 --lambda 0 --epochs 50 --optimizer sgd -o m.rg",
    );
    let model = sandbox.json("export m.rg", "retrograde.network/1");
    let weights: Vec<f64> = model["weights"][0]
        .as_array()
        .expect("weights")
        .iter()
        .filter_map(serde_json::Value::as_f64)
        .collect();
    assert!(weights.contains(&0.0) && weights.iter().any(|&w| w != 0.0), "{weights:?}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let sandbox = Sandbox::with_table();
    let refused = |words: &str| sandbox.run(&format!("{TRAIN} {words}")).snapshot();
    insta::assert_snapshot!("dropout for a batch method", refused("--optimizer lbfgs --dropout 0.5"));
    insta::assert_snapshot!("a schedule for a batch method", refused("--optimizer lm --schedule cosine"));
    insta::assert_snapshot!("decay for signs", refused("--optimizer rprop --weight-decay 0.1"));
    insta::assert_snapshot!("batches for signs", refused("--optimizer rprop --batch 10"));
    insta::assert_snapshot!("too many rates", refused("--dropout 0.1,0.2,0.3"));
    insta::assert_snapshot!("dropping all", refused("--dropout 1"));
    insta::assert_snapshot!("no such schedule", refused("--schedule steps:3"));
    insta::assert_snapshot!("a negative penalty", refused("--l1 -1"));
    insta::assert_snapshot!("a step up", refused("--schedule step:3,2"));
    let lm = |words: &str| sandbox.run(&format!("train t.csv --optimizer lm {words}")).snapshot();
    insta::assert_snapshot!("too much memory", lm("--target answer --hidden 2000,2000"));
    insta::assert_snapshot!("a loss with corners", lm("--target a --loss huber:1"));
}

#[test]
fn methods_side_by_side() {
    let sandbox = Sandbox::with_table();
    let ran = sandbox.done(&format!("{TRAIN} --compare sgd,adam,rprop,lbfgs,lm --svg c.svg"));
    insta::assert_snapshot!(ran.layout());
    let svg = String::from_utf8(sandbox.read("c.svg")).expect("text");
    assert!(svg.starts_with("<svg ") && svg.contains("rprop") && svg.contains("Cost by time"));
    let document = sandbox.json(&format!("{TRAIN} --compare sgd,lm --json"), "retrograde.compare/1");
    assert_eq!(document["runs"][1]["method"], "lm");
    assert_eq!(document["runs"][1]["path"].as_array().map(Vec::len), Some(3));
    assert_eq!(sandbox.files(), ["c.svg", "t.csv"]);
}

#[test]
fn what_one_method_cannot_do_is_said_before_any_is_trained() {
    let sandbox = Sandbox::with_table();
    insta::assert_snapshot!(sandbox.run(&format!("{TRAIN} --compare sgd,lbfgs --dropout 0.5")).snapshot());
    let ran = sandbox.run(&format!("{TRAIN} --compare sgd,nesterov --learning-rate 1e30 -q"));
    assert_eq!(ran.code, 5, "{ran:?}");
    assert_eq!(sandbox.run(&format!("{TRAIN} --compare sgd,adam --json --svg -")).code, 2);
}

/// The same start: a method alone comes to the same cost.
#[test]
fn a_comparison_is_of_trainings_that_can_be_had_alone() {
    let sandbox = Sandbox::with_table();
    let document = sandbox.json(&format!("{TRAIN} --compare adam,scg --json"), "retrograde.compare/1");
    for (k, name) in ["adam", "scg"].iter().enumerate() {
        let alone = sandbox.json(&format!("{TRAIN} --optimizer {name} --json"), "retrograde.train/1");
        assert_eq!(alone["train"], document["runs"][k]["train"], "{name}");
    }
}

#[test]
fn a_comparison_keeps_no_model() {
    let sandbox = Sandbox::with_table();
    for words in ["-o m.rg", "--optimizer sgd", "--checkpoint c.ck"] {
        assert_eq!(sandbox.run(&format!("{TRAIN} --compare sgd,adam {words}")).code, 2, "{words}");
    }
    assert_eq!(sandbox.run(&format!("{TRAIN} --svg c.svg")).code, 2);
    insta::assert_snapshot!(sandbox.run(&format!("{TRAIN} --compare sgd,adams")).snapshot());
}

#[test]
fn a_learning_rate_is_proposed() {
    let sandbox = Sandbox::with_table();
    let ran = sandbox.done("find-learning-rate t.csv --target answer --hidden 4 --steps 60 --svg r.svg");
    // Bars and marks depend on costs, whose last digits depend on the processor.
    let head: Vec<&str> = ran.stdout.lines().take(1).collect();
    assert!(head[0].contains("rate") && ran.stdout.contains("proposed  --learning-rate "), "{}", ran.stdout);
    assert!(String::from_utf8(sandbox.read("r.svg")).expect("text").contains("proposed"));
    let document = sandbox
        .json("find-learning-rate t.csv --target answer --hidden 4 --json", "retrograde.learning-rate/1");
    let (proposed, lowest) = (&document["proposed"], &document["lowest"]);
    let ratio = lowest.as_f64().expect("a rate") / proposed.as_f64().expect("a rate");
    assert!((ratio - 10.0).abs() < 1e-9);
    // What is proposed works.
    let words = format!("{TRAIN} --learning-rate {proposed} --epochs 60 --json");
    let words = words.replacen("--epochs 3 ", "", 1);
    let trained = sandbox.json(&words, "retrograde.train/1");
    assert!(trained["train"]["accuracy"].as_f64().expect("a share") > 0.9, "{trained}");
}

#[test]
fn what_a_range_test_has_no_use_for_is_refused() {
    let sandbox = Sandbox::with_table();
    let find = "find-learning-rate t.csv --target answer --hidden 4";
    for words in
        ["--learning-rate 0.1", "--schedule cosine", "--epochs 3", "--time-limit 3s", "--json --svg -"]
    {
        assert_eq!(sandbox.run(&format!("{find} {words}")).code, 2, "{words}");
    }
    let curve = |words: &str| sandbox.json(&format!("{find} --json {words}"), "retrograde.learning-rate/1");
    assert_ne!(curve("--dropout 0.5")["points"], curve("")["points"], "units are dropped here too");
    insta::assert_snapshot!(sandbox.run(&format!("{find} --optimizer rprop")).snapshot());
}

#[test]
fn what_learns_at_no_rate_is_said() {
    let sandbox = Sandbox::with_table();
    let find = "find-learning-rate t.csv --target answer --hidden 4";
    let ran = sandbox.run(&format!("{find} --from 1e-12 --to 1e-11 --steps 40 -q"));
    assert_eq!(ran.code, 1, "{ran:?}");
    insta::assert_snapshot!(ran.stderr);
    insta::assert_snapshot!(sandbox.run(&format!("{find} --optimizer lbfgs")).snapshot());
    insta::assert_snapshot!(sandbox.run(&format!("{find} --from 1 --to 0.1")).snapshot());
    insta::assert_snapshot!(sandbox.run(&format!("{find} --steps 3")).snapshot());
}
