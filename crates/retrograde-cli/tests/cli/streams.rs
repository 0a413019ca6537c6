//! stdout and stderr, colour, pipes and files.

use crate::sandbox::{Ran, Sandbox};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

const ESCAPE: char = '\u{1b}';

#[test]
fn the_transcript_is_conversation_and_json_is_the_answer() {
    let sandbox = Sandbox::with_table();
    let words = "train t.csv --target answer --epochs 2";
    assert_eq!(sandbox.done(words).stdout, "");
    let ran = sandbox.done(&format!("{words} --json"));
    assert!(ran.stderr.contains("  split") && ran.stdout.starts_with('{'));
    assert_eq!(sandbox.done(&format!("{words} --json --quiet")).stderr, "");
    assert_eq!(sandbox.run("train t.csv -q").code, 2);
    assert!(sandbox.run("train t.csv -q").stderr.starts_with("error: "));
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let sandbox = Sandbox::with_table();
    let plain = |ran: Ran| !ran.stdout.contains(ESCAPE) && !ran.stderr.contains(ESCAPE);
    assert!(plain(sandbox.run("data t.csv")) && plain(sandbox.run("train t.csv")));
    assert!(sandbox.run("data t.csv --color always").stdout.contains(ESCAPE));
    assert!(sandbox.run("train t.csv --color=always").stderr.contains(ESCAPE));
    assert!(sandbox.run("train --color always --nonsense").stderr.contains(ESCAPE));
    assert!(plain(sandbox.run("train --help --color never")));
    let mut command = sandbox.command("data t.csv");
    let ran = Ran::of(command.env("NO_COLOR", "1").env("CLICOLOR", "1").output().expect("a run"));
    assert!(plain(ran));
}

#[test]
fn a_table_comes_through_stdin() {
    let sandbox = Sandbox::with_table();
    let table = sandbox.read("t.csv");
    let ran = sandbox.run_with_stdin("train - --target answer --epochs 3 -o a.rg", &table);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    sandbox.done("train t.csv --target answer --epochs 3 -o b.rg");
    let piped = sandbox.run_with_stdin("predict a.rg -", &table);
    assert_eq!(piped.stdout, sandbox.done("predict b.rg t.csv").stdout);
}

#[test]
fn a_model_goes_to_stdout() {
    let sandbox = Sandbox::with_table();
    let mut command = sandbox.command("train t.csv --target answer --epochs 2 -o -");
    let output = command.output().expect("a run");
    assert!(output.status.success());
    sandbox.write("m.rg", output.stdout);
    sandbox.done("inspect m.rg");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let sandbox = Sandbox::new();
    sandbox.done("train @digits --hidden none --epochs 1 --no-check -o m.rg");
    let mut command = sandbox.command("predict m.rg @digits --proba");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    let mut first = String::new();
    BufReader::with_capacity(1, child.stdout.take().expect("a pipe")).read_line(&mut first).expect("a line");
    assert!(first.starts_with("digit,p(0)"), "{first}");
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert_eq!(said, "");
}

#[test]
fn no_file_is_written_that_was_not_named() {
    let sandbox = Sandbox::with_table();
    for words in [
        "train t.csv --target answer --epochs 2",
        "train t.csv --target answer --epochs 2 --json",
        "data t.csv",
        "train t.csv --target nothing -o m.rg",
        "train t.csv --target answer --lambda -1 -o m.rg",
    ] {
        sandbox.run(words);
        assert_eq!(sandbox.files(), ["t.csv"], "{words}");
    }
    sandbox.done("train t.csv --target answer --epochs 2 -o m.rg");
    sandbox.done("predict m.rg t.csv -o out.csv");
    assert_eq!(sandbox.files(), ["m.rg", "out.csv", "t.csv"]);
}

#[test]
fn a_failed_run_leaves_the_old_file_as_it_was() {
    let sandbox = Sandbox::with_table();
    sandbox.write("m.rg", "precious");
    sandbox.write("out.csv", "precious");
    assert_eq!(sandbox.run("train t.csv --target nothing -o m.rg").code, 2);
    assert_eq!(sandbox.run("predict m.rg t.csv -o out.csv").code, 4);
    assert_eq!((sandbox.read("m.rg"), sandbox.read("out.csv")), (b"precious".to_vec(), b"precious".to_vec()));
}

#[cfg(unix)]
#[test]
fn a_new_file_gets_the_usual_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::with_table();
    sandbox.write("usual", "");
    sandbox.done("train t.csv --target answer --epochs 2 -o m.rg");
    sandbox.done("predict m.rg t.csv -o out.csv");
    let mode = |name: &str| std::fs::metadata(sandbox.path(name)).expect(name).permissions().mode();
    assert_eq!([mode("m.rg"), mode("out.csv")], [mode("usual"); 2]);
}

#[test]
fn a_closed_pipe_does_not_turn_a_no_into_a_yes() {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --epochs 1 -o m.rg");
    let cases = [
        ("check m.rg t.csv --inject wrong-sign", 1),
        ("check m.rg t.csv --inject wrong-sign --json", 1),
        ("evaluate m.rg t.csv --min-accuracy 1.01", 1),
        ("evaluate m.rg t.csv --cv 2 --min-accuracy 1.01 --json", 1),
        ("train t.csv --target answer --optimizer gd --learning-rate 1e38 --no-standardize -o -", 5),
        ("check m.rg t.csv", 0),
    ];
    for (words, code) in cases {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let status = sandbox.command(words).stdout(writer).stderr(Stdio::null()).status().expect("a run");
        assert_eq!(status.code(), Some(code), "{words}");
    }
}

#[test]
fn a_model_comes_through_stdin() {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --epochs 2 -o m.rg");
    let model = sandbox.read("m.rg");
    assert_eq!(
        sandbox.run_with_stdin("predict - t.csv", &model).stdout,
        sandbox.done("predict m.rg t.csv").stdout
    );
    assert_eq!(sandbox.run_with_stdin("inspect -", &model).stdout, sandbox.done("inspect m.rg").stdout);
    assert_eq!(sandbox.run_with_stdin("inspect -", b"no model at all").code, 4);
    assert_eq!(sandbox.run_with_stdin("evaluate - -", &model).code, 2);
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_permissions_and_a_link_its_end() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --epochs 1 -o m.rg");
    sandbox.write("p.csv", "old");
    std::fs::set_permissions(sandbox.path("p.csv"), PermissionsExt::from_mode(0o600)).expect("permissions");
    symlink("later.csv", sandbox.path("link.csv")).expect("a link");
    sandbox.done("predict m.rg t.csv -o p.csv");
    sandbox.done("predict m.rg t.csv -o link.csv");
    let found = std::fs::metadata(sandbox.path("p.csv")).expect("a file").permissions();
    assert_eq!(found.mode() & 0o777, 0o600);
    assert!(std::fs::symlink_metadata(sandbox.path("link.csv")).expect("a link").is_symlink());
    assert_eq!(sandbox.read("later.csv"), sandbox.read("p.csv"));
}
