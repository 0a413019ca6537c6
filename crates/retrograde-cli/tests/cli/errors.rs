//! Every kind of error: exit code, what was found, what was expected, where, and a hint.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use std::fmt::Write as _;

fn on_table(words: &str) -> String {
    Sandbox::with_table().run(words).snapshot()
}

fn on_csv(csv: impl AsRef<[u8]>, words: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", csv);
    sandbox.run(words).snapshot()
}

// Exit 2: usage.

#[test]
fn no_such_option() {
    assert_snapshot!(on_table("train t.csv --target answer --epoch 3"));
}

#[test]
fn no_such_verb() {
    assert_snapshot!(on_table("trian t.csv"));
}

#[test]
fn nothing_to_train_on() {
    assert_snapshot!(on_table("train"));
}

#[test]
fn no_such_activation() {
    assert_snapshot!(on_table("train t.csv --target answer --activation rleu"));
}

#[test]
fn no_layers() {
    assert_snapshot!(on_table("train t.csv --target answer --hidden 32,x"));
}

#[test]
fn not_a_number() {
    assert_snapshot!(on_table("train t.csv --target answer --lambda lots"));
}

#[test]
fn a_setting_out_of_range() {
    assert_snapshot!(on_table("train t.csv --target answer --lambda -1"));
}

#[test]
fn a_learning_rate_for_a_line_search() {
    assert_snapshot!(on_table("train t.csv --target answer --optimizer lbfgs --learning-rate 0.1"));
}

#[test]
fn momentum_where_there_is_none() {
    assert_snapshot!(on_table("train t.csv --target answer --momentum 0.5"));
}

#[test]
fn output_and_loss_that_do_not_go_together() {
    assert_snapshot!(on_table(
        "train t.csv --target answer --output-activation identity --loss cross-entropy"
    ));
}

#[test]
fn no_target() {
    assert_snapshot!(on_table("train t.csv"));
}

#[test]
fn an_unknown_target() {
    assert_snapshot!(on_table("train t.csv --target anser"));
}

#[test]
fn an_unknown_column_to_drop() {
    assert_snapshot!(on_table("train t.csv --target answer --drop kinds"));
}

#[test]
fn an_unknown_embedded_set() {
    assert_snapshot!(on_table("train @digit"));
}

#[test]
fn a_type_that_is_none() {
    assert_snapshot!(on_table("data t.csv --type a=factor"));
}

#[test]
fn a_type_of_an_unknown_column() {
    assert_snapshot!(on_table("data t.csv --type knd=category"));
}

#[test]
fn reading_what_is_not_read() {
    assert_snapshot!(on_table("train @iris --type species=category"));
}

#[test]
fn a_bug_that_is_none() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("check m.rg @xor --inject wrong-sing").snapshot());
}

#[test]
fn two_documents_on_stdout() {
    assert_snapshot!(on_table("train t.csv --target answer --json -o -"));
}

#[test]
fn an_accuracy_of_numbers() {
    let sandbox = Sandbox::new();
    sandbox.done("train @sine --epochs 1 -o m.rg");
    assert_snapshot!(sandbox.run("evaluate m.rg @sine --min-accuracy 0.9").snapshot());
    assert_snapshot!(sandbox.run("predict m.rg @sine --proba").snapshot());
}

// Exit 3: the data.

#[test]
fn no_such_file() {
    assert_snapshot!(on_table("train u.csv --target answer"));
}

#[test]
fn a_ragged_row() {
    assert_snapshot!(on_csv("a,b\n1,2\n3\n", "train t.csv --target b"));
}

#[test]
fn an_empty_file() {
    assert_snapshot!(on_csv("", "train t.csv --target b"));
}

#[test]
fn an_identifier() {
    let rows = (0..200).map(|i| format!("user-{i},{}\n", i % 2)).collect::<Vec<_>>().concat();
    assert_snapshot!(on_csv(format!("who,y\n{rows}"), "train t.csv --target y"));
}

#[test]
fn one_class_only() {
    assert_snapshot!(on_csv("a,y\n1,no\n2,no\n3,no\n", "train t.csv --target y"));
}

#[test]
fn a_missing_target() {
    assert_snapshot!(on_csv("a,y\n1,\n2,\n3,\n", "train t.csv --target y"));
}

#[test]
fn a_column_that_the_model_needs() {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --epochs 1 -o m.rg");
    sandbox.write("new.csv", "a,kinds\n1,x\n2,y\n");
    assert_snapshot!(sandbox.run("predict m.rg new.csv").snapshot());
}

#[test]
fn a_class_that_the_model_does_not_know() {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --epochs 1 -o m.rg");
    sandbox.write("new.csv", "a,b,kind,answer\n1,2,x,no\n1,2,x,maybe\n");
    assert_snapshot!(sandbox.run("evaluate m.rg new.csv").snapshot());
}

#[test]
fn a_negative_count() {
    assert_snapshot!(on_csv("a,y\n1,0.5\n2,-1.5\n3,2\n", "train t.csv --target y --loss poisson"));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let snapshot = on_csv("a\u{1b}[31m,y\n1,2\n", "train t.csv --target z");
    assert!(!snapshot.contains('\u{1b}'), "{snapshot}");
    assert_snapshot!(snapshot);
}

// Exit 4: the model file.

#[test]
fn no_such_model() {
    assert_snapshot!(on_table("predict m.rg t.csv"));
}

#[test]
fn a_table_where_a_model_should_be() {
    assert_snapshot!(on_table("predict t.csv t.csv"));
}

#[test]
fn a_model_cut_off() {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --epochs 1 -o m.rg");
    let bytes = sandbox.read("m.rg");
    sandbox.write("m.rg", &bytes[..bytes.len() - 7]);
    let ran = sandbox.run("inspect m.rg");
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.starts_with("error: m.rg is a damaged model file"), "{}", ran.stderr);
    assert!(ran.stderr.contains("\n  hint: "), "{}", ran.stderr);
}

#[test]
fn a_model_in_no_folder() {
    assert_snapshot!(on_table("train t.csv --target answer -o nowhere/m.rg"));
}

#[test]
fn a_model_that_is_a_folder() {
    let sandbox = Sandbox::with_table();
    std::fs::create_dir(sandbox.path("models")).expect("a folder");
    assert_snapshot!(sandbox.run("train t.csv --target answer -o models").snapshot());
}

// Exit 5: divergence.

#[test]
fn a_divergence_saves_the_last_finite_weights() {
    let sandbox = Sandbox::new();
    let mut csv = String::from("income,y\n");
    for i in 0..200 {
        let income = if i == 150 { "9e30".to_owned() } else { i.to_string() };
        let _ = writeln!(csv, "{income},{}", f64::from(i) * 0.5 + 0.25);
    }
    sandbox.write("t.csv", csv);
    let words = "train t.csv --target y --hidden none --no-standardize --optimizer gd --learning-rate 10 \
                 --validation none --seed 1 -o m.rg";
    let ran = sandbox.run(words);
    assert_snapshot!(ran.layout());
    assert_eq!(ran.code, 5);
    sandbox.done("inspect m.rg");
    let document = sandbox.json(&words.replace(" -o m.rg", " --json"), "retrograde.train/1");
    assert_eq!((&document["stop"], &document["model"]), (&"diverged".into(), &serde_json::Value::Null));
    assert_eq!(document["divergence"]["row"]["row"], 150, "{document}");
}

#[test]
fn a_quantity_with_one_cell_that_is_no_number() {
    let sandbox = Sandbox::new();
    let mut csv = String::from("x,price\n");
    for i in 0..200 {
        let _ = writeln!(
            csv,
            "{i},{}",
            if i == 120 { "12.3abc".to_owned() } else { format!("{}.5", i * 7 % 199) }
        );
    }
    sandbox.write("t.csv", csv);
    assert_snapshot!(sandbox.run("train t.csv --target price").snapshot());
    sandbox.done("train t.csv --target price --task classes --epochs 1");
}

#[test]
fn a_text_for_every_row_as_the_target() {
    let sandbox = Sandbox::new();
    let rows = (0..160).fold(String::from("x,comment\n"), |csv, i| csv + &format!("{i},text no. {i}\n"));
    sandbox.write("t.csv", rows);
    assert_snapshot!(sandbox.run("train t.csv --target comment").snapshot());
}

#[test]
fn an_output_that_is_an_input() {
    let sandbox = Sandbox::with_table();
    assert_snapshot!(sandbox.run("train t.csv --target answer -o t.csv").snapshot());
    sandbox.done("train t.csv --target answer --epochs 1 -o m.rg");
    for words in ["predict m.rg t.csv -o m.rg", "predict m.rg t.csv -o ./t.csv", "export m.rg -o m.rg"] {
        assert_eq!(sandbox.run(words).code, 2, "{words}");
    }
    sandbox.done("inspect m.rg");
}

#[test]
fn nothing_to_check() {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --epochs 1 -o m.rg");
    assert_snapshot!(sandbox.run("check m.rg t.csv --weights 0").snapshot());
    assert_eq!(sandbox.run("check m.rg t.csv --rows 0").code, 2);
}

#[test]
fn a_negative_rate() {
    assert_snapshot!(Sandbox::new().run("train @iris --learning-rate -0.1").snapshot());
}

#[test]
fn no_such_encoding() {
    assert_snapshot!(on_table("data t.csv --encoding klingon"));
}

#[test]
fn a_damaged_parquet_file() {
    let sandbox = Sandbox::new();
    sandbox.write("t.parquet", b"PAR1\x15\x04\x15");
    assert_snapshot!(sandbox.run("data t.parquet").snapshot());
}

#[test]
fn a_file_that_is_not_the_arrow_file_it_is_called() {
    let sandbox = Sandbox::new();
    sandbox.write("t.arrow", b"a,b\n1,2\n");
    assert_snapshot!(sandbox.run("data t.arrow").snapshot());
}

// Exit 1: the answer is no.

#[test]
fn a_minimum_that_is_not_met() {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --epochs 1 -o m.rg");
    let ran = sandbox.run("evaluate m.rg t.csv --min-accuracy 1.01");
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("is below 1.01 ✗"), "{}", ran.stdout);
    assert_eq!(sandbox.run("evaluate m.rg t.csv --min-accuracy 0").code, 0);
}
