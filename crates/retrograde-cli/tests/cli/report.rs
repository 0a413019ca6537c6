//! Reports as files and on stdout.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

fn trained() -> Sandbox {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --hidden 4 --activation tanh --lambda 0.5 --epochs 5 -o m.rg");
    sandbox
}

#[test]
fn the_formats_go_by_name_and_by_option() {
    let sandbox = trained();
    let ran = sandbox.done("report m.rg t.csv -o out.html");
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("stands out") || ran.stderr.contains("note"), "{}", ran.stderr);
    let html = sandbox.done("report m.rg t.csv -o - -q").stdout;
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
    let md = sandbox.done("report m.rg t.csv --format md -o - -q").stdout;
    assert!(md.starts_with("# ") && md.contains("## Findings"));
    let document = sandbox.json("report m.rg t.csv --json -o - -q", "retrograde.report/1");
    for part in ["findings", "model", "scores", "check", "layers", "importance", "hardest", "tug_of_war"] {
        assert!(!document[part].is_null(), "{part}");
    }
    assert_eq!(document["answers"]["two_classes"]["positive"], "yes");
}

#[test]
fn the_same_report_is_the_same_bytes() {
    let sandbox = trained();
    let once = sandbox.done("report m.rg t.csv -o - -q").stdout;
    assert_eq!(once, sandbox.done("report m.rg t.csv -o - -q").stdout);
}

#[test]
fn a_report_that_goes_nowhere() {
    assert_snapshot!(trained().run("report m.rg t.csv").snapshot());
}

#[test]
fn a_report_over_its_table() {
    assert_snapshot!(trained().run("report m.rg t.csv -o t.csv").snapshot());
}

#[test]
fn a_format_that_is_none() {
    assert_snapshot!(trained().run("report m.rg t.csv --format pdf -o r.pdf").snapshot());
}

#[test]
fn training_proposes_a_report() {
    let ran = Sandbox::with_table().done("train t.csv --target answer --hidden 2 --epochs 2 -o m.rg");
    assert!(ran.stderr.contains("retrograde report m.rg t.csv -o m.html"), "{}", ran.stderr);
}
