//! What rows count for, and what they are for.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// `a,b,day,who,part,w,answer`: 100 rows of 100 days, 20 people, three parts, weights from 0 to 3; some answers missing.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut csv = String::from("a,b,day,who,part,w,answer\n");
    for i in 0..100 {
        let (a, b, day) = (i * 7 % 10, i * 3 % 11, i * 37 % 100);
        let answer = match (i % 25, a + b > 11) {
            (24, _) => "",
            (_, true) => "yes",
            _ => "no",
        };
        let (date, part) =
            (format!("2013-{:02}-{:02}", 1 + day / 28, 1 + day % 28), ["train", "dev", "test"]);
        let part = part[usize::from(i % 5 > 2) + usize::from(i % 5 > 3)];
        let _ = writeln!(csv, "{a},{b},{date},p{},{part},{},{answer}", i % 20, i % 4);
    }
    sandbox.write("t.csv", csv);
    sandbox
}

const TRAIN: &str = "train t.csv --target answer --features a,b --hidden 3 --epochs 3";
/// The same with epochs to be said.
const BEGIN: &str = "train t.csv --target answer --features a,b --hidden 3";

#[test]
fn a_transcript_with_weights_and_a_test() {
    let sandbox = sandbox();
    let words = "--weight w --class-weight balanced --test 0.2 -o m.rg";
    assert_snapshot!(sandbox.done(&format!("{TRAIN} {words}")).layout());
    assert_snapshot!(sandbox.done("inspect m.rg").layout());
    assert_snapshot!(sandbox.done("evaluate m.rg t.csv").layout());
    let predicted = sandbox.done("predict m.rg t.csv");
    assert_eq!(predicted.stdout.lines().count(), 101);
    assert_eq!(predicted.stderr, "note: not used by the model: day, who, part\n");
    let checked = sandbox.done("check m.rg t.csv");
    assert!(checked.stderr.contains("note: 4 rows have no `answer` and are left out"), "{}", checked.stderr);
    // Without the column every row counts once, which is said.
    let csv = String::from_utf8(sandbox.read("t.csv")).expect("text");
    sandbox.write("u.csv", csv.replacen(",w,", ",unweighted,", 1));
    let ran = sandbox.done("evaluate m.rg u.csv");
    assert!(ran.stderr.contains("note: u.csv has no `w`: each row weighs 1"), "{}", ran.stderr);
}

#[test]
fn every_way_to_divide_is_said_and_stored() {
    let sandbox = sandbox();
    for (option, column) in [("--split-by", "day"), ("--group", "who"), ("--split-column", "part")] {
        let train = format!("{TRAIN} {option} {column} --no-check -o m.rg");
        let ran = sandbox.done(&train);
        let line = ran.stderr.lines().find(|line| line.starts_with("  split")).unwrap_or_default();
        assert_snapshot!(option, line);
        let shown = sandbox.done("inspect m.rg").stdout;
        let kept = line.trim_start_matches("  split").trim();
        assert!(shown.contains(kept), "{kept}\n{shown}");
        let ran = sandbox.done("evaluate m.rg t.csv --cv 3");
        assert_snapshot!(format!("{option} folds"), ran.layout());
    }
}

#[test]
fn the_documents_have_the_rows() {
    let sandbox = sandbox();
    let words = format!("{TRAIN} --weight w --class-weight yes=2 --split-by day --test 0.25 --json -o m.rg");
    let d = sandbox.json(&words, "retrograde.train/1");
    assert_eq!(d["rows"], json!({"train": 43, "validation": 11, "test": 18}));
    assert_eq!((&d["split"]["by"], &d["split"]["column"]), (&json!("order"), &json!("day")));
    assert_eq!((&d["split"]["left_out"], &d["split"]["stratified"]), (&json!(28), &json!(false)));
    assert!(d["split"]["since"].is_string() && d["split"]["duplicates"].is_u64(), "{d:#}");
    assert_eq!((&d["weight"], &d["class_weights"]), (&json!("w"), &json!({"no": 1.0, "yes": 2.0})));
    assert_eq!((&d["test"]["rows"], &d["test"]["weight"]), (&json!(18), &json!("w")));
    assert!(d["test"]["confusion"]["weighted"].is_array());
    let d = sandbox.json("evaluate m.rg t.csv --json", "retrograde.evaluate/1");
    assert_eq!((&d["rows"], &d["left_out"], &d["weight"]), (&json!(72), &json!(28), &json!("w")));
    let d = sandbox.json("evaluate m.rg t.csv --cv 3 --json", "retrograde.evaluate/1");
    assert_eq!(d["split"], json!({"by": "order", "column": "day"}));
    assert!(d["notes"].as_array().is_some_and(|notes| notes.len() == 2), "{d:#}");
    let d = sandbox.json("inspect m.rg --json", "retrograde.inspect/1");
    assert_eq!(d["weighting"]["factors"], json!([1.0, 2.0]));
    let d = sandbox.json(&format!("{TRAIN} --json"), "retrograde.train/1");
    assert_eq!((&d["weight"], &d["class_weights"], &d["test"]), (&Value::Null, &Value::Null, &Value::Null));
}

#[test]
fn what_cannot_be_is_refused() {
    let sandbox = sandbox();
    let csv = String::from_utf8(sandbox.read("t.csv")).expect("text");
    sandbox.write("light.csv", csv.replace(",3,yes", ",-3,yes"));
    for (name, words) in [
        ("a negative weight", "train light.csv --target answer --weight w"),
        ("a weight that is an input", "train t.csv --target answer --weight w --features a,w"),
        ("no such weight", "train t.csv --target answer --weight ww"),
        ("no such class", "train t.csv --target answer --class-weight yess=2"),
        ("a negative class weight", "train t.csv --target answer --class-weight yes=-2"),
        ("class weights of numbers", "train t.csv --target a --task numbers --class-weight balanced"),
        ("no weight at all", "train t.csv --target answer --class-weight yes=0,no=0"),
        ("a test of all rows", "train t.csv --target answer --test 1"),
        ("a test of no rows", "train t.csv --target answer --test 0.001"),
        ("an order of texts", "train t.csv --target answer --split-by who"),
        ("two ways to divide", "train t.csv --target answer --split-by day --group who"),
        ("parts and a share", "train t.csv --target answer --split-column part --validation 0.1"),
        ("parts that are none", "train t.csv --target answer --split-column who"),
    ] {
        assert_snapshot!(name, sandbox.run(words).snapshot());
    }
    sandbox.done(&format!("{TRAIN} --group part -o m.rg"));
    assert_snapshot!("more folds than groups", sandbox.run("evaluate m.rg t.csv --cv 5").snapshot());
}

#[test]
fn a_training_is_resumed_with_its_weights_and_parts() {
    let sandbox = sandbox();
    let train = |words: &str| format!("{BEGIN} --no-check {words}");
    sandbox.done(&train("--weight w --split-by day --epochs 2 --schedule constant --checkpoint run.ck"));
    for (name, words) in [
        ("other weights", "--split-by day"),
        ("other class weights", "--weight w --class-weight balanced --split-by day"),
        ("another split", "--weight w --group who"),
        ("another test", "--weight w --split-by day --test 0.1"),
    ] {
        assert_snapshot!(
            name,
            sandbox.run(&train(&format!("{words} --epochs 3 --schedule constant --resume run.ck"))).layout()
        );
    }
    let csv = String::from_utf8(sandbox.read("t.csv")).expect("text");
    sandbox.write("t.csv", csv.replacen(",3,no", ",2,no", 1));
    let heavier =
        sandbox.run(&train("--weight w --split-by day --epochs 3 --schedule constant --resume run.ck"));
    assert_eq!(heavier.code, 4);
    assert!(heavier.stderr.contains("the values of the training rows"), "{}", heavier.stderr);
    sandbox.write("t.csv", csv);
    sandbox.done(&train(
        "--weight w --split-by day --epochs 3 --schedule constant --resume run.ck -o resumed.rg",
    ));
    sandbox.done(&train("--weight w --split-by day --epochs 3 --schedule constant -o whole.rg"));
    assert!(sandbox.read("resumed.rg") == sandbox.read("whole.rg"));
}
