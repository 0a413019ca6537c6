//! Training: the transcript, and that the result depends on the arguments alone.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

#[test]
fn a_transcript() {
    let sandbox = Sandbox::with_table();
    let words = "train t.csv --target answer --hidden 4 --lambda 1 --epochs 4 --learning-rate 0.01 -o m.rg";
    assert_snapshot!(sandbox.done(words).layout());
}

#[test]
fn a_transcript_without_validation_or_file() {
    let sandbox = Sandbox::new();
    assert_snapshot!(
        sandbox.done("train @xor --hidden 3 --activation tanh --optimizer lbfgs --epochs 2").layout()
    );
}

#[test]
fn a_transcript_of_numbers() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.done("train @sine --hidden 8 --loss huber:1.5 --epochs 3 --no-check").layout());
}

#[test]
fn threads_do_not_change_a_bit() {
    let sandbox = Sandbox::new();
    let run = |threads: usize, file: &str| {
        let words =
            format!("train @digits --hidden 32,16 --epochs 4 --threads {threads} --no-check -o {file} -q");
        sandbox.done(&words);
    };
    run(1, "a.rg");
    run(2, "b.rg");
    run(0, "c.rg");
    assert!(sandbox.read("a.rg") == sandbox.read("b.rg"), "1 and 2 threads differ");
    assert!(sandbox.read("a.rg") == sandbox.read("c.rg"), "1 thread and all differ");
}

#[test]
fn a_seed_says_everything() {
    let sandbox = Sandbox::with_table();
    for (seed, file) in [(7, "a.rg"), (7, "b.rg"), (8, "c.rg")] {
        let ran = sandbox.done(&format!("train t.csv --target answer --epochs 3 --seed {seed} -o {file}"));
        assert!(ran.stderr.contains(&format!("seed {seed}")), "{}", ran.stderr);
    }
    assert!(sandbox.read("a.rg") == sandbox.read("b.rg"));
    assert!(sandbox.read("a.rg") != sandbox.read("c.rg"));
    let found = sandbox.json("inspect c.rg --json", "retrograde.inspect/1");
    assert_eq!(found["seed"], 8);
}

#[test]
fn a_time_limit_ends_a_training() {
    let sandbox = Sandbox::new();
    let words = "train @digits --hidden 64 --epochs 100000 --patience 100000 --tolerance 0 --time-limit 1s \
                 --no-check --json";
    assert_eq!(sandbox.json(words, "retrograde.train/1")["stop"], "time_limit");
}

#[test]
fn options_arrive_where_they_belong() {
    let sandbox = Sandbox::with_table();
    let words = "train t.csv --target answer --hidden 5,4 --activation tanh,silu --optimizer nesterov \
                 --momentum 0.8 --learning-rate 0.02 --lambda 0.25 --label-smoothing 0.1 --epochs 2 --batch 10 \
                 --tolerance 0.001 --patience 3 --validation 0.25 --init lecun --dtype f64 --drop kind -o m.rg -q";
    sandbox.done(words);
    let d = sandbox.json("inspect m.rg --json", "retrograde.inspect/1");
    assert_eq!(
        (&d["dtype"], &d["init"], &d["network"]),
        (&"f64".into(), &"lecun".into(), &"2 → 5 tanh → 4 silu → 1 sigmoid".into(),)
    );
    let s = &d["settings"];
    assert_eq!(s["optimizer"]["sgd"], serde_json::json!({"momentum": 0.8, "nesterov": true}));
    assert_eq!(s["regularisation"], serde_json::json!({"lambda": 0.25, "label_smoothing": 0.1}));
    assert_eq!(
        (&s["learning_rate"], &s["batch"]["rows"], &s["patience"]),
        (&0.02.into(), &10.into(), &3.into())
    );
    assert_eq!((&d["data"]["validation_rows"], &d["data"]["train_rows"]), (&20.into(), &60.into()));
}

#[test]
fn columns_are_chosen_by_name() {
    let sandbox = Sandbox::with_table();
    let inputs = |words: &str| {
        sandbox.json(&format!("train t.csv --epochs 1 -q --json {words}"), "retrograde.train/1")
        ["network"]["layers"][0]["units"].clone()
    };
    assert_eq!(inputs("--target answer"), 6);
    assert_eq!(inputs("--target answer --features a,b"), 2);
    assert_eq!(inputs("--target answer --drop kind --drop a"), 1);
    // A yes and a no are one input.
    assert_eq!(inputs("--target a,b --drop kind --task numbers"), 1);
    // Ten different values, and one input for any other.
    assert_eq!(inputs("--target answer --features a --type a=category"), 11);
}

#[test]
fn rows_of_another_table_judge() {
    let sandbox = Sandbox::with_table();
    sandbox.write("v.csv", "a,b,kind,answer\n0,0,x,no\n9,7,y,yes\n");
    let d = sandbox
        .json("train t.csv --target answer --epochs 2 --validation v.csv --json", "retrograde.train/1");
    assert_eq!(d["validation"]["rows"], 2);
    let d =
        sandbox.json("train t.csv --target answer --epochs 2 --validation none --json", "retrograde.train/1");
    assert!(d["validation"].is_null());
}

#[test]
fn categories_of_digits_mean_the_same_in_the_table_that_judges() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", format!("zip,y\n{}", "01,yes\n02,no\nAB,no\n".repeat(4)));
    sandbox.write("v.csv", "zip,y\n01,yes\n02,no\n01,yes\n");
    let words = "train t.csv --target y --validation v.csv --optimizer lbfgs --lambda 0 --hidden none --json";
    let d = sandbox.json(words, "retrograde.train/1");
    assert_eq!(d["validation"]["accuracy"], 1.0);
}
