//! Trainings that are killed, and what is left of them.

use crate::sandbox::{Ran, Sandbox};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Every method, on mini-batches where it takes them and on all rows; the words of a training that takes a while.
const TRAININGS: [&str; 14] = [
    "@digits --epochs 12 --optimizer sgd",
    "@digits --epochs 12 --optimizer nesterov --schedule cosine --validation none",
    "@digits --epochs 12 --optimizer adam --dropout 0.1,0.3,0.2 --warm-up 2 --l1 0.1",
    "@digits --epochs 12 --optimizer adamw --dtype f64 --schedule adaptive --patience 2",
    "@digits --epochs 12 --optimizer rmsprop --max-norm 2 --clip-norm 1 --validation none --label-smoothing 0.1",
    "@digits --epochs 60 --optimizer gd --learning-rate 0.1",
    "@digits --epochs 60 --optimizer sgd --batch full",
    "@digits --epochs 60 --optimizer adam --batch full --dropout 0.2",
    "@digits --epochs 60 --optimizer rprop --validation none",
    "@digits --epochs 40 --optimizer cg --dtype f64",
    "@digits --epochs 30 --optimizer scg",
    "@digits --epochs 60 --optimizer lbfgs --validation none",
    "@digits --epochs 5 --optimizer lm --hidden 3",
    "@digits --epochs 60 --optimizer auto",
];

/// Numbers that look random, from a seed.
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn start(sandbox: &Sandbox, words: &str) -> Child {
    let mut command = sandbox.command(words);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("a run")
}

/// Waits until the time is over, then kills; the status when it ended by itself.
fn killed_after(mut child: Child, time: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if let Some(status) = child.try_wait().expect("a status") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("a kill");
    child.wait().expect("an end");
    None
}

/// Kills the training `kills` times, each time at a random moment, and resumes it until it is done; the model's bytes must
/// be those of a training that nobody touched.
fn survives(training: &str, kills: usize, dice: &mut Dice) {
    let sandbox = Sandbox::new();
    let train = format!("train {training} --no-check -q");
    let clock = Instant::now();
    sandbox.done(&format!("{train} -o whole.rg --threads 1"));
    let time = clock.elapsed();
    let whole = sandbox.read("whole.rg");
    let (mut killed, mut runs) = (0, 0);
    while killed < kills {
        // At every batch, or at every epoch: in the middle of epochs, and at their ends.
        let every = ["0.0001s", "1", "0.01s"][runs % 3];
        let begun = sandbox.path("run.ck").exists() || sandbox.path("run.ck.previous").exists();
        let checkpoint = if begun { "--resume" } else { "--checkpoint" };
        let threads = 1 + runs % 3;
        let words = format!("{train} {checkpoint} run.ck --every {every} -o m.rg --threads {threads}");
        runs += 1;
        let moment = time.mul_f64(1.2 * dice.share());
        match killed_after(start(&sandbox, &words), moment) {
            None => killed += 1,
            Some(status) => {
                assert!(status.success(), "{training}: {status} after {killed} kills");
                finish(&sandbox, &whole, training);
            }
        }
    }
    let begun = sandbox.path("run.ck").exists() || sandbox.path("run.ck.previous").exists();
    let checkpoint = if begun { "--resume" } else { "--checkpoint" };
    sandbox.done(&format!("{train} {checkpoint} run.ck -o m.rg"));
    finish(&sandbox, &whole, training);
}

/// Compares, and clears the way for another training.
fn finish(sandbox: &Sandbox, whole: &[u8], training: &str) {
    assert!(sandbox.read("m.rg") == whole, "{training}: the model is another one");
    for name in sandbox.files() {
        if name != "whole.rg" {
            std::fs::remove_file(sandbox.path(&name)).expect("a file");
        }
    }
}

#[test]
fn a_killed_training_ends_as_if_nobody_had_touched_it() {
    let mut dice = Dice(1);
    for training in TRAININGS {
        survives(training, 3, &mut dice);
    }
}

#[test]
#[ignore = "takes a quarter of an hour"]
fn a_hundred_kills_each() {
    let mut dice = Dice(2);
    for training in TRAININGS {
        let clock = Instant::now();
        survives(training, 100, &mut dice);
        println!("100 of 100 in {:.0} s: {training}", clock.elapsed().as_secs_f64());
    }
}

const TRAIN: &str = "train t.csv --target answer --no-check --epochs 6 --hidden 4";

/// Trains with a checkpoint at every epoch.
fn begun() -> Sandbox {
    let sandbox = Sandbox::with_table();
    sandbox.done(&format!("{TRAIN} --checkpoint run.ck --every 1 -o m.rg"));
    sandbox
}

fn resumed(sandbox: &Sandbox) -> Ran {
    sandbox.run(&format!("{TRAIN} --resume run.ck -o again.rg"))
}

#[test]
fn the_one_before_takes_the_place_of_a_damaged_or_missing_one() {
    let sandbox = begun();
    assert_eq!(sandbox.files(), ["m.rg", "run.ck", "run.ck.previous", "t.csv"]);
    let whole = sandbox.read("run.ck");
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    let damages: [(&str, Option<&[u8]>); 5] = [
        ("cut off", Some(&whole[..whole.len() / 2])),
        ("cut off", Some(b"")),
        ("altered", Some(&altered)),
        ("begin", Some(b"0123456789 something else")),
        ("No such file", None),
    ];
    for (reason, bytes) in damages {
        let sandbox = begun();
        match bytes {
            Some(bytes) => sandbox.write("run.ck", bytes),
            None => std::fs::remove_file(sandbox.path("run.ck")).expect("a file"),
        }
        let ran = resumed(&sandbox);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("run.ck.previous"), "{}", ran.stderr);
        let said = ran.stderr.contains(reason) || ran.stderr.contains("begin");
        assert!(said, "{reason}: {}", ran.stderr);
        assert!(sandbox.read("m.rg") == sandbox.read("again.rg"));
    }
}

#[test]
fn without_a_whole_one_nothing_is_begun() {
    let sandbox = begun();
    sandbox.write("run.ck", "half");
    sandbox.write("run.ck.previous", "");
    insta::assert_snapshot!(resumed(&sandbox).layout());
    assert_eq!(sandbox.files(), ["m.rg", "run.ck", "run.ck.previous", "t.csv"]);
    insta::assert_snapshot!(Sandbox::with_table().run(&format!("{TRAIN} --resume no.ck")).layout());
}

#[test]
fn another_training_is_refused_and_named() {
    let sandbox = begun();
    let resume =
        |train: &str| sandbox.run(&format!("{train} --no-check --epochs 6 --resume run.ck")).layout();
    insta::assert_snapshot!("another network", resume("train t.csv --target answer --hidden 5"));
    insta::assert_snapshot!("another loss", resume("train t.csv --target b --hidden 4"));
    insta::assert_snapshot!("other settings", resume("train t.csv --target answer --hidden 4 --lambda 2"));
    insta::assert_snapshot!(
        "another method",
        resume("train t.csv --target answer --hidden 4 --optimizer sgd")
    );
    insta::assert_snapshot!("another seed", resume("train t.csv --target answer --hidden 4 --seed 2"));
    insta::assert_snapshot!("another type", resume("train t.csv --target answer --hidden 4 --dtype f64"));
    let table = String::from_utf8(sandbox.read("t.csv")).expect("text");
    sandbox.write("t.csv", table.replacen("0,0,x,no", "0,0,x,yes", 1));
    insta::assert_snapshot!("other rows", resume("train t.csv --target answer --hidden 4"));
    sandbox.write("t.csv", format!("{table}1,1,x,no\n"));
    insta::assert_snapshot!("more rows", resume("train t.csv --target answer --hidden 4"));
}

/// More epochs are no other training: the result is that of having asked for them at once.
#[test]
fn more_epochs_may_be_asked_for() {
    let sandbox = begun();
    let more = "train t.csv --target answer --no-check --epochs 9 --hidden 4";
    sandbox.done(&format!("{more} --resume run.ck -o more.rg"));
    sandbox.done(&format!("{more} -o whole.rg"));
    assert!(sandbox.read("more.rg") == sandbox.read("whole.rg"));
}

#[test]
fn a_checkpoint_cannot_be_just_anything() {
    let sandbox = Sandbox::with_table();
    for words in [
        "--checkpoint -",
        "--checkpoint t.csv",
        "--every 3",
        "--checkpoint no/run.ck",
        "--checkpoint m.rg -o m.rg",
    ] {
        let ran = sandbox.run(&format!("{TRAIN} {words}"));
        assert!(ran.code == 2 || ran.code == 4, "{words}: {}", ran.stderr);
    }
    assert_eq!(sandbox.files(), ["t.csv"]);
}

/// What has been begun goes on when the disk is full, and the model is saved elsewhere.
#[test]
fn a_full_disk_is_said_and_ends_nothing() {
    // The smallest disk there is: a device that takes nothing.
    if !Path::new("/dev/full").exists() {
        return;
    }
    let sandbox = begun();
    let before = sandbox.read("run.ck");
    // A folder in the way of the file that is written beside it is as good as no room.
    std::fs::create_dir(sandbox.path("run.ck.new")).expect("a folder");
    let more = "train t.csv --target answer --no-check --epochs 9 --hidden 4";
    let ran = sandbox.run(&format!("{more} --resume run.ck --every 1 -o more.rg"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot write the checkpoint run.ck"), "{}", ran.stderr);
    assert!(sandbox.read("run.ck") == before && sandbox.files().contains(&"more.rg".to_owned()));
}
