//! Ctrl-C and SIGTERM: once saves, twice stops.

use crate::sandbox::{Ran, Sandbox};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
fn an_interrupted_training_says_what_is_left_of_it() {
    let sandbox = Sandbox::new();
    let (mut child, mut stderr, said) = running(&sandbox, LONG);
    signal(&child, "-TERM");
    let ran = end(&mut child, &mut stderr, said);
    // How far it came depends on the machine, so what comes before is left out.
    let at = ran.stderr.find("interrupted").expect("a reason");
    insta::assert_snapshot!(Ran { stderr: ran.stderr[at..].to_owned(), ..ran }.layout());
}

/// The first iteration of this takes minutes: it is two passes of 200,000 rows through 7 million weights, each with
/// 8·10¹² operations in f64 on a single thread.
const ONE_HUGE_BATCH: &str = "train t.csv --target y --hidden 1000,1000,1000,1000,1000,1000,1000,1000 --dtype f64 \
                              --optimizer gd --batch full --validation none --threads 1 --no-check -o m.rg";

#[test]
fn twice_stops_at_once() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", format!("x,y\n{}", "1,no\n2,yes\n".repeat(100_000)));
    let mut command = sandbox.command(ONE_HUGE_BATCH);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("a run");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut said = String::new();
    while !said.contains("|∇J|") {
        assert!(stderr.read_line(&mut said).expect("a line") > 0, "{said}");
    }
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_secs(2));
    let after_one = child.try_wait().expect("a child");
    assert_eq!(after_one, None, "the first signal must wait for the end of the batch");
    // Another signal than the first, which could not be told from it while that waits to be delivered.
    signal(&child, "-TERM");
    let asked = Instant::now();
    let after_two = loop {
        match child.try_wait().expect("a child") {
            None if asked.elapsed() < Duration::from_secs(60) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            ended => break ended,
        }
    };
    // Whatever happened, nothing computes on.
    let _ = child.kill();
    let _ = child.wait();
    stderr.read_to_string(&mut said).expect("text");
    assert_eq!(after_two.expect("the second signal does not wait").code(), Some(130), "{said}");
    // It neither finished the batch nor saved anything.
    assert!(!said.contains("interrupted"), "{said}");
    assert_eq!(sandbox.files(), ["t.csv"]);
}

#[test]
fn outside_a_training_once_is_enough() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("data -");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    let mut stderr = child.stderr.take().expect("a pipe");
    // The handler is set before anything is read, but not before the process exists.
    std::thread::sleep(Duration::from_millis(500));
    signal(&child, "-INT");
    assert_eq!(end(&mut child, &mut stderr, String::new()).code, 130);
}
