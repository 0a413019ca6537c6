//! Trainings that are killed, and what is left of them.

use crate::sandbox::{Ran, Sandbox};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Every method, on mini-batches where it takes them and on all rows; the words of a training that takes a while.
const TRAININGS: [&str; 14] = [
    "@digits --hidden 32,16 --epochs 12 --optimizer sgd",
    "@digits --hidden 32,16 --epochs 12 --optimizer nesterov --schedule cosine --validation none",
    "@digits --hidden 32,16 --epochs 12 --optimizer adam --dropout 0.1,0.3,0.2 --warm-up 2 --l1 0.1",
    "@digits --hidden 32,16 --epochs 12 --optimizer adamw --dtype f64 --schedule adaptive --patience 2",
    "@digits --hidden 32,16 --epochs 12 --optimizer rmsprop --max-norm 2 --clip-norm 1 --validation none --label-smoothing 0.1",
    "@digits --hidden 32,16 --epochs 60 --optimizer gd --learning-rate 0.1",
    "@digits --hidden 32,16 --epochs 60 --optimizer sgd --batch full",
    "@digits --hidden 32,16 --epochs 60 --optimizer adam --batch full --dropout 0.2",
    "@digits --hidden 32,16 --epochs 60 --optimizer rprop --validation none",
    "@digits --hidden 32,16 --epochs 40 --optimizer cg --dtype f64",
    "@digits --hidden 32,16 --epochs 30 --optimizer scg",
    "@digits --hidden 32,16 --epochs 60 --optimizer lbfgs --validation none",
    "@digits --epochs 5 --optimizer lm --hidden 3",
    "@digits --hidden 32,16 --epochs 60 --optimizer auto",
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
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run")
}

/// Waits until the time is over, then kills; what it came to when it ended by itself.
fn killed_after(mut child: Child, time: Duration) -> Option<Ran> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if child.try_wait().expect("a status").is_some() {
            return Some(Ran::of(child.wait_with_output().expect("an end")));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("a kill");
    child.wait().expect("an end");
    None
}

/// The option that goes on with what there is, as a user would find it.
fn option(sandbox: &Sandbox) -> &'static str {
    let there = |name: &str| sandbox.path(name).exists();
    if there("run.ck") || there("run.ck.previous") { "--resume" } else { "--checkpoint" }
}

/// Kills the training `kills` times, each time at a random moment, and resumes it until it is done; the model's bytes must
/// be those of a training that nobody touched. How many kills came in the middle, after more than one checkpoint.
fn survives(training: &str, kills: usize, dice: &mut Dice) -> usize {
    let sandbox = Sandbox::new();
    let train = format!("train {training} --no-check -q");
    let clock = Instant::now();
    sandbox.done(&format!("{train} -o whole.rg --threads 1"));
    let time = clock.elapsed();
    let whole = sandbox.read("whole.rg");
    let (mut killed, mut runs, mut midway) = (0, 0, 0);
    while killed < kills {
        // At every batch, or at every epoch: in the middle of epochs, and at their ends.
        let every = ["0.0001s", "1", "0.01s"][runs % 3];
        let threads = 1 + runs % 3;
        let words = |option| format!("{train} {option} run.ck --every {every} -o m.rg --threads {threads}");
        runs += 1;
        let moment = time.mul_f64(1.2 * dice.share());
        let mut ended = killed_after(start(&sandbox, &words(option(&sandbox))), moment);
        if ended.as_ref().is_some_and(|ran| ran.stderr.contains("has not ended")) {
            // Killed before the first checkpoint had its name: it lies beside, and the error says how to go on.
            ended = killed_after(start(&sandbox, &words("--resume")), moment);
        }
        match ended {
            None => {
                killed += 1;
                midway += usize::from(sandbox.path("run.ck.previous").exists());
            }
            Some(ran) => {
                assert!(ran.code == 0, "{training}: {} after {killed} kills: {}", ran.code, ran.stderr);
                finish(&sandbox, &whole, training);
            }
        }
    }
    let last = sandbox.run(&format!("{train} {} run.ck -o m.rg", option(&sandbox)));
    if last.stderr.contains("has not ended") {
        sandbox.done(&format!("{train} --resume run.ck -o m.rg"));
    }
    finish(&sandbox, &whole, training);
    midway
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
    let midway: usize = TRAININGS.iter().map(|training| survives(training, 3, &mut dice)).sum();
    assert!(midway >= TRAININGS.len() / 2, "{midway} kills in the middle");
}

#[test]
#[ignore = "takes a quarter of an hour"]
fn a_hundred_kills_each() {
    let mut dice = Dice(2);
    for training in TRAININGS {
        let clock = Instant::now();
        let midway = survives(training, 100, &mut dice);
        assert!(midway >= 30, "{training}: {midway} kills in the middle");
        let seconds = clock.elapsed().as_secs_f64();
        println!("100 of 100, {midway} of them in the middle, in {seconds:.0} s: {training}");
    }
}

// With a schedule that does not depend on how many epochs there are going to be.
const TRAIN: &str = "train t.csv --target answer --no-check --epochs 6 --hidden 4 --schedule constant";

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
        ("does not begin", Some(b"")),
        ("altered", Some(&altered)),
        ("does not begin", Some(b"RGCKPT")),
        ("no such file", None),
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
        assert!(ran.stderr.contains(reason), "{reason}: {}", ran.stderr);
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
    let rest = "--no-check --epochs 6 --schedule constant --resume run.ck";
    let resume = |train: &str| sandbox.run(&format!("{train} {rest}")).layout();
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
    let more = TRAIN.replace("--epochs 6", "--epochs 9");
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

/// A checkpoint is renamed into place: what is there, and what lies beside it, must be its own.
#[test]
fn nothing_else_is_written_over() {
    let sandbox = Sandbox::with_table();
    let table = sandbox.read("t.csv");
    // A file that is something else.
    sandbox.write("thesis.txt", "years of work");
    insta::assert_snapshot!(sandbox.run(&format!("{TRAIN} --checkpoint thesis.txt")).snapshot());
    assert_eq!(sandbox.read("thesis.txt"), b"years of work");
    // The files that come and go beside it.
    for name in ["run.new", "run.previous"] {
        sandbox.write(name, &table);
        let ran = sandbox.run(&format!("train {name} --target answer --checkpoint run --every 1 --epochs 3"));
        assert_eq!(ran.code, 2, "{name}: {}", ran.stderr);
        assert_eq!(sandbox.read(name), table);
        assert_eq!(
            sandbox.run(&format!("{TRAIN} --checkpoint run -o {name}")).code,
            2,
            "{name} as the model"
        );
    }
    // Two names of one file.
    std::fs::create_dir(sandbox.path("sub")).expect("a folder");
    for model in ["./q.ck", "sub/../q.ck"] {
        assert_eq!(sandbox.run(&format!("{TRAIN} --checkpoint q.ck -o {model}")).code, 2, "{model}");
    }
    assert!(!sandbox.path("q.ck").exists());
}

/// A device or a pipe would be replaced by a file.
#[test]
fn a_pipe_is_no_checkpoint() {
    let sandbox = Sandbox::with_table();
    let made = std::process::Command::new("mkfifo").arg(sandbox.path("pipe")).status().expect("mkfifo");
    assert!(made.success());
    for option in ["--checkpoint", "--resume"] {
        let ran = sandbox.run(&format!("{TRAIN} {option} pipe"));
        assert_eq!(ran.code, 4, "{option}: {}", ran.stderr);
        assert!(ran.stderr.contains("no regular file"), "{}", ran.stderr);
    }
    assert_eq!(sandbox.files(), ["pipe", "t.csv"]);
}

/// After a power cut the command of the evening before must not begin anew over what it had come to.
#[test]
fn a_training_that_has_not_ended_is_not_begun_anew() {
    let sandbox = Sandbox::new();
    let long = "train @digits --epochs 100000 --patience 100000 --no-check";
    let mut child = start(&sandbox, &format!("{long} --checkpoint run.ck --every 1"));
    let end = Instant::now() + Duration::from_secs(60);
    while !sandbox.path("run.ck").exists() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("a kill");
    child.wait().expect("an end");
    let kept = sandbox.read("run.ck");
    insta::assert_snapshot!(sandbox.run(&format!("{long} --checkpoint run.ck")).snapshot());
    assert!(sandbox.read("run.ck") == kept);
    // One that has ended may be written over.
    let sandbox = begun();
    sandbox.done(&format!("{TRAIN} --seed 2 --checkpoint run.ck -o m.rg"));
}

/// A default that is written out is no other setting.
#[test]
fn the_same_in_other_words_is_the_same() {
    let sandbox = begun();
    let words =
        "--learning-rate 0.003 --tolerance 1e-4 --weight-decay 0.3 --l1 0 --optimizer adamw --threads 2";
    sandbox.done(&format!("{TRAIN} {words} --resume run.ck -o again.rg"));
    let fewer = TRAIN.replace("--epochs 6", "--epochs 3");
    insta::assert_snapshot!(sandbox.run(&format!("{fewer} --resume run.ck")).snapshot());
    let falling = TRAIN.replace("constant", "cosine");
    insta::assert_snapshot!(sandbox.run(&format!("{falling} --resume run.ck")).snapshot());
    insta::assert_snapshot!(sandbox.run(&format!("{TRAIN} --drop kind --resume run.ck")).snapshot());
}

/// What has been begun goes on where no checkpoint can be written any more, and the one before stays whole.
#[test]
fn a_disk_that_takes_no_more_ends_nothing() {
    let sandbox = Sandbox::with_table();
    let train = "train t.csv --target answer --no-check --hidden 4 --epochs 3000 --patience 5000";
    let mut child = start(&sandbox, &format!("{train} --checkpoint run.ck --every 1 -o m.rg"));
    let end = Instant::now() + Duration::from_secs(60);
    // A folder in the way of the file that is written beside it is as good as no room, once it is not there.
    let in_the_way =
        || sandbox.path("run.ck").exists() && std::fs::create_dir(sandbox.path("run.ck.new")).is_ok();
    while !in_the_way() {
        assert!(Instant::now() < end && child.try_wait().expect("a status").is_none(), "too late");
    }
    let output = child.wait_with_output().expect("an end");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{said}");
    // Once when it begins and once at the end, not at every try.
    assert_eq!(said.matches("cannot write the checkpoint run.ck").count(), 2, "{said}");
    std::fs::remove_dir(sandbox.path("run.ck.new")).expect("a folder");
    sandbox.done(&format!("{train} --resume run.ck -o again.rg"));
    assert!(sandbox.read("m.rg") == sandbox.read("again.rg"));
}

/// Writes fail in the middle of a file, as they do on a full disk: files may not grow beyond a limit.
#[test]
fn half_a_checkpoint_never_takes_the_place_of_a_whole_one() {
    let sandbox = Sandbox::with_table();
    let limited = |blocks: usize, words: &str| {
        let command = sandbox.command(words);
        let program = command.get_program().to_string_lossy().into_owned();
        // Blocks are of 512 bytes; without the signal, a write beyond the limit is an error like any other.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} {words}");
        let mut shell = std::process::Command::new("sh");
        let folder = sandbox.path("");
        Ran::of(
            shell.args(["-c", &script]).current_dir(folder).env("NO_COLOR", "1").output().expect("a shell"),
        )
    };
    // Not even the first one can be written.
    let ran = limited(1, &format!("{TRAIN} --checkpoint run.ck"));
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot write run.ck"), "{}", ran.stderr);
    assert_eq!(sandbox.files(), ["t.csv"]);
    // The history grows until one does not fit any more.
    let train = "train t.csv --target answer --no-check --hidden 4 --epochs 400 --patience 5000";
    let ran = limited(48, &format!("{train} --checkpoint run.ck --every 1"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot write the checkpoint run.ck"), "{}", ran.stderr);
    assert_eq!(sandbox.files(), ["run.ck", "run.ck.previous", "t.csv"]);
    assert!(sandbox.read("run.ck").len() <= 48 * 512);
    sandbox.done(&format!("{train} --resume run.ck -o again.rg"));
    sandbox.done(&format!("{train} -o whole.rg"));
    assert!(sandbox.read("again.rg") == sandbox.read("whole.rg"));
}
