//! Ctrl-C and SIGTERM: once saves, twice stops.

use crate::sandbox::{Ran, Sandbox};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

/// A training that takes minutes.
const LONG: &str =
    "train @digits --hidden 256,256 --epochs 100000 --patience 100000 --optimizer sgd --no-check";

/// Runs until the first epoch is printed.
fn running(sandbox: &Sandbox, words: &str) -> (Child, BufReader<std::process::ChildStderr>, String) {
    let mut command = sandbox.command(words);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut said = String::new();
    while !said.lines().any(|line| line.trim_start().starts_with("1 ")) {
        assert!(stderr.read_line(&mut said).expect("a line") > 0, "{said}");
    }
    (child, stderr, said)
}

fn signal(child: &Child, name: &str) {
    let done = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill");
    assert!(done.success());
}

fn end(child: &mut Child, stderr: &mut impl std::io::Read, mut said: String) -> Ran {
    stderr.read_to_string(&mut said).expect("text");
    let mut stdout = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("text");
    Ran { code: child.wait().expect("an end").code().expect("a code"), stdout, stderr: said }
}

#[test]
fn once_saves_the_best_weights() {
    for name in ["-INT", "-TERM"] {
        let sandbox = Sandbox::new();
        let (mut child, mut stderr, said) = running(&sandbox, &format!("{LONG} -o m.rg"));
        signal(&child, name);
        let ran = end(&mut child, &mut stderr, said);
        assert_eq!(ran.code, 130, "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains("interrupted") && ran.stderr.contains("saved"), "{}", ran.stderr);
        assert_eq!(sandbox.files(), ["m.rg"]);
        let model = sandbox.json("inspect m.rg --json", "retrograde.inspect/1");
        assert_eq!(model["stop"], "asked");
    }
}

#[test]
fn without_a_name_nothing_is_saved() {
    let sandbox = Sandbox::new();
    let (mut child, mut stderr, said) = running(&sandbox, LONG);
    signal(&child, "-INT");
    let ran = end(&mut child, &mut stderr, said);
    assert_eq!((ran.code, sandbox.files().len()), (130, 0));
    assert!(ran.stderr.contains("nothing: no -o FILE"), "{}", ran.stderr);
}

#[test]
fn with_json_the_document_says_so() {
    let sandbox = Sandbox::new();
    let (mut child, mut stderr, said) = running(&sandbox, &format!("{LONG} --json"));
    signal(&child, "-INT");
    let ran = end(&mut child, &mut stderr, said);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).expect("a document");
    assert_eq!((ran.code, &document["stop"]), (130, &"asked".into()));
}

#[test]
fn twice_stops_at_once() {
    let sandbox = Sandbox::new();
    // Without training rows to finish a batch of, the first signal would do: so two, close together.
    let (mut child, mut stderr, said) = running(&sandbox, &format!("{LONG} --batch full -o m.rg"));
    signal(&child, "-INT");
    // The first may already have ended it.
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status();
    assert_eq!(end(&mut child, &mut stderr, said).code, 130);
    assert!(sandbox.files().iter().all(|name| name == "m.rg"), "{:?}", sandbox.files());
}

#[test]
fn outside_a_training_once_is_enough() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("data -");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    let mut stderr = child.stderr.take().expect("a pipe");
    // The handler is set before anything is read, but not before the process exists.
    std::thread::sleep(std::time::Duration::from_millis(500));
    signal(&child, "-INT");
    assert_eq!(end(&mut child, &mut stderr, String::new()).code, 130);
}
