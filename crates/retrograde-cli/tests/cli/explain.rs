//! The calculus of one row, as text and as the trace document.

use crate::sandbox::Sandbox;
use std::fmt::Write as _;

#[test]
fn the_worked_example_in_its_published_digits() {
    let ran = Sandbox::new().done("explain @mazur");
    insta::assert_snapshot!(ran.snapshot());
    let ran = Sandbox::new().done("explain @mazur --weight L1[1,i1] --unit L2[1] --input --proof");
    insta::assert_snapshot!("all that can be asked", ran.snapshot());
    let d = Sandbox::new().json("explain @mazur --weight L2[1,1] --json", "retrograde.trace/1");
    let close = |found: &serde_json::Value, published: f64| {
        let found = found.as_f64().expect("a number");
        assert!((found - published).abs() < 5e-10, "{found} {published}");
    };
    close(&d["cost"], 0.298_371_109);
    close(&d["layers"][1]["a"][0], 0.593_269_992);
    close(&d["layers"][2]["a"][1], 0.772_928_465);
    close(&d["weight"]["product"], 0.082_167_041);
    assert_eq!(d["weight"]["verdict"], "agrees");
}

/// A model of a table with words in it, and one of many inputs.
fn trained() -> Sandbox {
    let sandbox = Sandbox::with_table();
    sandbox
        .done("train t.csv --target answer --hidden 3 --activation tanh --epochs 20 --lambda 1 -o m.rg -q");
    sandbox
}

#[test]
fn a_row_in_the_words_of_its_table() {
    let sandbox = trained();
    let d = sandbox.json("explain m.rg t.csv --row 11 --json", "retrograde.trace/1");
    assert_eq!((d["row"].as_u64(), d["line"].as_u64()), (Some(11), Some(13)));
    assert_eq!(d["given"][0], serde_json::json!({"column": "a", "text": "1"}));
    assert_eq!(d["answer"]["target"], serde_json::json!(["no"]));
    assert_eq!(d["layers"][0]["names"][0], "a");
    let text = sandbox.done("explain m.rg t.csv --row 11").stdout;
    assert!(text.starts_with("row 11 (line 13)   answer no, predicted "), "{text}");
    assert!(text.contains("a 1 · b 1 · kind z"), "{text}");
}

/// Δ, M, λΘ and D of a weight are those that the gradient has.
#[test]
fn a_weight_over_all_rows_is_its_entry_of_the_gradient() {
    let sandbox = trained();
    let gradient = sandbox.json("gradient m.rg t.csv", "retrograde.gradient/1");
    let of = |name: &str| {
        let words = format!("explain m.rg t.csv --row 0 --weight {name} --json");
        let d = sandbox.json(&words, "retrograde.trace/1");
        assert_eq!(d["weight"]["all"]["verdict"], "agrees");
        d["weight"]["all"]["grad"].as_f64().expect("D")
    };
    // Flat: W of layer 1 (3 × 6), its biases, W of layer 2, its bias.
    for (name, place) in [("L1[1,a]", 0), ("L1[3,b]", 13), ("L1[2,0]", 19), ("L2[1,3]", 23), ("L2[1,0]", 24)]
    {
        let expected = gradient["grad"][place].as_f64().expect("D");
        assert!((of(name) - expected).abs() <= 1e-13 * (1.0 + expected.abs()), "{name}");
    }
}

#[test]
fn the_rows_that_pull_hardest() {
    let sandbox = trained();
    let d = sandbox.json("explain m.rg t.csv --worst 5 --json", "retrograde.worst/1");
    let pulls: Vec<f64> =
        d["rows"].as_array().expect("rows").iter().map(|row| row["pull"].as_f64().expect("a norm")).collect();
    assert_eq!(pulls.len(), 5);
    assert!(pulls.is_sorted_by(|a, b| a >= b), "{pulls:?}");
    let text = sandbox.done("explain m.rg t.csv --worst 2");
    assert!(text.stdout.contains("of 80 rows, by the norm of the row's own gradient"), "{}", text.stdout);
    let costs = sandbox.json("explain m.rg t.csv --worst 80 --by cost --json", "retrograde.worst/1");
    let rows = costs["rows"].as_array().expect("rows");
    let cost = |row: &serde_json::Value| row["cost"].as_f64().expect("a cost");
    assert!(rows.len() == 80 && rows.is_sorted_by(|a, b| cost(a) >= cost(b)), "{rows:?}");
    let text = sandbox.done("explain m.rg t.csv --worst 2 --by cost");
    assert!(text.stdout.contains("of 80 rows, by what the row costs"), "{}", text.stdout);
    assert!(sandbox.run("explain m.rg t.csv --row 1 --by cost").code != 0);
    let hardest = &d["rows"][0]["row"];
    let alone = sandbox.done("explain m.rg t.csv");
    assert!(alone.stderr.contains(&format!("row {hardest} pulls hardest")), "{}", alone.stderr);
    assert!(alone.stdout.starts_with(&format!("row {hardest} ")), "{}", alone.stdout);
}

#[test]
fn what_cannot_be_explained() {
    let sandbox = trained();
    sandbox.write("gaps.csv", "a,b,kind,answer\n1,2,x,no\n3,4,y,\n");
    let mut all = String::new();
    for words in [
        "explain m.rg",
        "explain m.rg t.csv --row 80",
        "explain m.rg gaps.csv --row 1",
        "explain m.rg t.csv --row 0 --weight L9[1,a]",
        "explain m.rg t.csv --row 0 --weight L1[1,c]",
        "explain m.rg t.csv --row 0 --unit L1[1]",
        "explain m.rg t.csv --row 0 --unit L2[4]",
        "explain m.rg t.csv --row 0 --unit L3[maybe]",
        "explain m.rg t.csv --row 0 --worst 3",
    ] {
        let _ = write!(all, "$ retrograde {words}\n{}", sandbox.run(words).snapshot());
    }
    insta::assert_snapshot!(all);
}

#[test]
fn wide_layers_are_summarised_and_lines_fit() {
    let sandbox = Sandbox::new();
    sandbox.done("train @digits --epochs 1 --hidden 40 --no-check -o d.rg -q");
    let ran = sandbox.done("explain d.rg @digits --row 3 --weight L2[1,1]");
    assert!(ran.stdout.contains("others"), "{}", ran.stdout);
    let d = sandbox.json("explain d.rg @digits --row 3 --json", "retrograde.trace/1");
    let products = &d["products"]["L1"];
    assert_eq!(products["largest"].as_array().map(Vec::len), Some(20));
    assert_eq!(products["others"]["count"], 40 * 65 - 20);
    assert_eq!(products["data"].as_array().map(Vec::len), Some(40 * 65));
}

#[test]
fn names_from_a_file_do_not_steer_the_terminal() {
    let sandbox = Sandbox::new();
    let rows =
        ["\u{1b}[31mno", "<b>yes"].map(|answer| format!("1,{answer}\n2,{answer}\n").repeat(10)).concat();
    sandbox.write("t.csv", format!("x\u{202e}\u{1b}[2J,answer\n{rows}"));
    sandbox.done("train t.csv --target answer --hidden 2 --epochs 2 --no-check -o m.rg -q");
    let text = sandbox.done("explain m.rg t.csv --row 1 --input --proof").stdout;
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
}
