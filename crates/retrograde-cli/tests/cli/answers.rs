//! What the verbs answer in text.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

fn trained() -> Sandbox {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --hidden 4 --activation tanh --lambda 0.5 --epochs 5 -o m.rg");
    sandbox
}

#[test]
fn predictions_are_clean_csv() {
    let sandbox = trained();
    let ran = sandbox.done("predict m.rg t.csv");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!((lines.len(), lines[0]), (81, "answer"));
    assert!(lines[1..].iter().all(|line| ["yes", "no"].contains(line)), "{lines:?}");
    assert_eq!(ran.stderr, "");
}

#[test]
fn probabilities_add_up_to_one() {
    let ran = trained().done("predict m.rg t.csv --proba");
    let mut lines = ran.stdout.lines();
    assert_eq!(lines.next(), Some("answer,p(no),p(yes)"));
    for line in lines {
        let numbers: Vec<f64> = line.split(',').skip(1).map(|cell| cell.parse().expect("a number")).collect();
        assert!((numbers.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{line}");
    }
}

#[test]
fn a_target_column_is_not_needed_and_others_are_named() {
    let sandbox = trained();
    sandbox.write("new.csv", "id,kind,b,a\n7,x,9,9\n8,unheard of,0,0\n");
    let ran = sandbox.done("predict m.rg new.csv");
    assert_eq!(ran.stdout.lines().count(), 3);
    assert_eq!(
        ran.stderr,
        "note: 1 cell of `kind` has a value that training did not have: `unheard of`\n\
         note: not used by the model: id\n"
    );
    assert_eq!(sandbox.done("predict m.rg new.csv --quiet").stderr, "");
}

#[test]
fn the_model_remembers_what_cells_meant() {
    let sandbox = Sandbox::new();
    // The month is the target; the number is a seventh of it, with a decimal comma.
    let (mut train, mut new) = (String::from("d\tx\ty\n"), String::from("d\tx\ty\n"));
    for i in 0..96 {
        let (month, day) = (1 + i % 12, 1 + i * 7 % 28);
        let x = format!("{:.3}", f64::from(month) / 7.0).replace('.', ",");
        let line = |day| format!("{day:02}/{month:02}/2019\t{x}\t{month}\n");
        train += &line(day);
        if day <= 12 {
            new += &line(day);
        }
    }
    sandbox.write("train.tsv", &train);
    sandbox.write("new.tsv", &new);
    let words = "--target y --task numbers --hidden none --validation none --lambda 0 --no-check -o m.rg";
    sandbox.done(&format!("train train.tsv {words}"));
    let ran = sandbox.json("evaluate m.rg new.tsv --json", "retrograde.evaluate/1");
    assert!(ran["rmse"].as_f64().expect("a number") < 0.5, "{ran:#}");
    // Training's own rows that judge are read by what the training table says.
    let told = sandbox
        .done(&format!("train train.tsv {} --validation new.tsv", words.replace("--validation none", "")));
    assert!(told.stderr.contains("score"), "{}", told.stderr);
    // A table that is plainly of another form is read as it is, and that is said.
    sandbox.write("other.tsv", "d\tx\ty\n12/25/2019\t1,714\t12\n");
    let ran = sandbox.done("predict m.rg other.tsv");
    assert!(ran.stderr.contains("note: `d` is read as dates, month before day and year"), "{}", ran.stderr);
}

#[test]
fn a_pattern_is_one_table() {
    let sandbox = trained();
    sandbox.write("part-1.csv", "kind,b,a\nx,9,9\n");
    sandbox.write("part-2.csv", "a,b,kind\n0,0,y\n1,1,x\n");
    assert_eq!(sandbox.done("predict m.rg part-*.csv").stdout.lines().count(), 4);
    let ran = sandbox.run("data part-[1-9].csv --target answer");
    assert!(ran.stderr.contains("no column `answer` in part-[1-9].csv"), "{}", ran.stderr);
    let none = sandbox.run("data none-*.csv");
    assert!(none.stderr.starts_with("error: no file matches none-*.csv"), "{}", none.stderr);
}

#[test]
fn class_names_are_quoted_where_csv_needs_it() {
    let sandbox = Sandbox::new();
    let rows =
        (0..60).map(|i| format!("{i};{}\n", ["a,b", "say \"x\""][i / 30])).collect::<Vec<_>>().concat();
    sandbox.write("t.csv", format!("x;y\n{rows}"));
    sandbox.done("train t.csv --target y --hidden none -o m.rg");
    let ran = sandbox.done("predict m.rg t.csv");
    assert!(
        ran.stdout.lines().skip(1).all(|l| ["\"a,b\"", "\"say \"\"x\"\"\""].contains(&l)),
        "{}",
        ran.stdout
    );
}

#[test]
fn numbers_are_in_the_unit_of_the_target() {
    let sandbox = Sandbox::new();
    let rows = (0..60).map(|i| format!("{i},{}\n", 1000 + 10 * i)).collect::<Vec<_>>().concat();
    sandbox.write("t.csv", format!("x,y\n{rows}"));
    sandbox.done("train t.csv --target y --hidden none --optimizer lbfgs --lambda 0 --dtype f64 -o m.rg");
    let ran = sandbox.done("predict m.rg t.csv");
    let found: Vec<f64> = ran.stdout.lines().skip(1).map(|l| l.parse().expect("a number")).collect();
    assert!(found.iter().enumerate().all(|(i, y)| (y - 1000.0 - 10.0 * i as f64).abs() < 1e-3), "{found:?}");
}

#[test]
fn an_evaluation_in_text() {
    assert_snapshot!(trained().done("evaluate m.rg t.csv").layout());
}

#[test]
fn an_evaluation_of_numbers_in_text() {
    let sandbox = Sandbox::new();
    sandbox.done("train @sine --hidden 8 --activation tanh --epochs 3 -o m.rg");
    assert_snapshot!(sandbox.done("evaluate m.rg @sine --min-r2 -5").layout());
}

#[test]
fn a_cross_validation_in_text() {
    let sandbox = trained();
    let ran = sandbox.done("evaluate m.rg t.csv --cv 3");
    assert_snapshot!(ran.layout());
    assert_eq!(ran.stdout, sandbox.done("evaluate m.rg t.csv --cv 3 --threads 2 -q").stdout);
}

#[test]
fn a_check_in_text() {
    assert_snapshot!(trained().done("check m.rg t.csv --all").layout());
}

#[test]
fn every_injected_bug_is_found_and_named() {
    let sandbox = trained();
    let bugs = [
        "missing-slope",
        "last-layer-slope",
        "regularised-bias",
        "missing-lambda",
        "not-averaged",
        "wrong-sign",
        "transposed",
        "missing-bias",
        "last-row-only",
    ];
    for bug in bugs {
        let ran = sandbox.run(&format!("check m.rg t.csv --inject {bug}"));
        assert_eq!(ran.code, 1, "{bug}: {ran:?}");
        assert!(ran.stdout.contains(&format!("like {bug} ·")), "{bug}: {}", ran.stdout);
    }
}

#[test]
fn a_failed_check_in_text() {
    assert_snapshot!(trained().run("check m.rg t.csv --inject missing-bias").layout());
}

#[test]
fn a_bug_that_cannot_show_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.done("train @xor --hidden 3 --epochs 2 --lambda 0 -o m.rg");
    assert_snapshot!(sandbox.run("check m.rg @xor --inject missing-lambda").snapshot());
}

#[test]
fn an_inspection_in_text() {
    assert_snapshot!(trained().done("inspect m.rg").layout());
}

#[test]
fn the_embedded_sets() {
    assert_snapshot!(Sandbox::new().done("data").snapshot());
}

#[test]
fn a_table_before_training() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "age;sex;note;y\n20;m;;no\n;f;;yes\n40;m;;no\n35;;;yes\n");
    assert_snapshot!(sandbox.done("data t.csv").snapshot());
    assert_snapshot!(sandbox.done("data t.csv --target y --drop note --type age=category").snapshot());
}

#[test]
fn classes_that_differ_in_their_text_alone_stay_apart() {
    let sandbox = Sandbox::new();
    let rows = (0..60).map(|i| format!("{i},{}\n", if i < 30 { "1" } else { "01" }));
    sandbox.write("t.csv", format!("x,y\n{}", rows.collect::<String>()));
    sandbox.done("train t.csv --target y --type y=category --lambda 0.01 -o m.rg");
    let document = sandbox.json("evaluate m.rg t.csv --json", "retrograde.evaluate/1");
    assert!(document["accuracy"].as_f64().is_some_and(|accuracy| accuracy > 0.9), "{document}");
}

#[test]
fn a_header_of_numbers_is_one_when_it_is_called_so() {
    let sandbox = Sandbox::new();
    let rows = (0..60).map(|i| format!("{i},{},{}\n", i % 7, i % 2));
    sandbox.write("t.csv", format!("0,1,2\n{}", rows.collect::<String>()));
    sandbox.done("train t.csv --header --target 2 --epochs 1 -o m.rg");
    let document = sandbox.json("evaluate m.rg t.csv --header --json", "retrograde.evaluate/1");
    assert_eq!(document["rows"], 60);
    assert_eq!(sandbox.run("data t.csv --header --no-header").code, 2);
}

#[test]
fn a_target_that_is_always_the_same_is_refused() {
    let sandbox = Sandbox::new();
    let rows = |last: &str| (0..9).map(|i| format!("{i},3.5\n")).chain([last.to_owned()]).collect::<String>();
    sandbox.write("t.csv", format!("x,y\n{}", rows("9,3.5\n")));
    let ran = sandbox.run("train t.csv --target y -o m.rg");
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let said =
        "error: the target `y` of t.csv is 3.5 in every one of 10 training rows: there is nothing to learn";
    assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: is the file sorted and cut off, or is this another column?"));
}

#[test]
fn notes_about_many_columns_are_one_and_documents_keep_them_all() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..30).map(|i| format!("p{i}")).collect();
    let rows = (0..20).map(|i| format!("{}{},{}\n", "0,".repeat(30), i, i % 2));
    sandbox.write("t.csv", format!("{},x,y\n{}", names.join(","), rows.collect::<String>()));
    let said = sandbox.done("data t.csv --target y").stdout;
    let notes: Vec<&str> = said.lines().filter(|line| line.starts_with("  note")).collect();
    let all = "  note   `p0` is 0 in every training row that has it; so it is with `p1`, `p2`, `p3` and 26 more columns";
    assert!(notes.contains(&all) && notes.len() < 4, "{said}");
    let d = sandbox.json("data t.csv --target y --json", "retrograde.data/1");
    assert!(d["notes"].as_array().is_some_and(|notes| notes.len() >= 30), "{d:#}");
}
