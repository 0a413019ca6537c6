//! Tables that are not to be in memory: `--stream`.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

/// What the command says in a folder with `t.csv`.
fn on_table(words: &str) -> String {
    Sandbox::with_table().run(words).snapshot()
}

#[test]
fn a_transcript_says_the_window() {
    let sandbox = Sandbox::with_table();
    let words = "train t.csv --target answer --hidden 4 --epochs 3 --stream --window 20 --batch 10 -o m.rg";
    assert_snapshot!(sandbox.done(words).layout());
    // The file of encoded rows has no name, and leaves nothing behind.
    let mut left: Vec<String> = std::fs::read_dir(sandbox.path("."))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    left.sort();
    assert_eq!(left, ["m.rg", "t.csv"]);
}

#[test]
fn a_window_of_all_rows_gives_the_model_of_a_training_in_memory() {
    let sandbox = Sandbox::with_table();
    let train = "train t.csv --target answer --hidden 4 --epochs 3";
    sandbox.done(&format!("{train} -o plain.rg"));
    sandbox.done(&format!("{train} --stream -o streamed.rg"));
    assert!(sandbox.read("plain.rg") == sandbox.read("streamed.rg"));
}

#[test]
fn a_window_of_no_rows() {
    assert_snapshot!(on_table("train t.csv --target answer --stream --window 0"));
}

#[test]
fn a_window_of_a_training_in_memory() {
    assert_snapshot!(on_table("train t.csv --target answer --window 10"));
}

#[test]
fn a_stream_for_a_method_that_takes_all_rows() {
    assert_snapshot!(on_table("train t.csv --target answer --stream --window 20 --optimizer lbfgs"));
}

#[test]
fn a_batch_larger_than_the_window() {
    assert_snapshot!(on_table("train t.csv --target answer --stream --window 20 --batch 30"));
}

#[test]
fn what_was_read_in_pieces_is_not_to_be_held_by_a_check() {
    let sandbox = Sandbox::new();
    // Long texts that nobody uses make the file a large one.
    let padding = "x".repeat(900_000);
    let rows = (0..80).map(|i| format!("{},{},{padding}\n", i % 7, if i % 7 > 3 { "yes" } else { "no" }));
    sandbox.write("t.csv", format!("a,answer,padding\n{}", rows.collect::<String>()));
    let said =
        sandbox.done("train t.csv --target answer --drop padding --hidden 2 --epochs 1 -o m.rg").stderr;
    assert!(said.ends_with("  next   retrograde inspect m.rg\n"), "{said}");
}
