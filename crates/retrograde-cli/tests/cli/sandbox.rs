//! Runs the command as a user would: in a folder of its own, with files of its own.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with its files, removed at the end.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// With a table of two classes that a line separates: `a,b,kind,answer`.
    pub(crate) fn with_table() -> Self {
        let sandbox = Self::new();
        let mut csv = String::from("a,b,kind,answer\n");
        for i in 0..80 {
            let (a, b) = (f64::from(i % 10), f64::from(i / 10));
            let kind = ["x", "y", "z"][i as usize % 3];
            let _ = writeln!(csv, "{a},{b},{kind},{}", if a + b > 8.0 { "yes" } else { "no" });
        }
        sandbox.write("t.csv", csv);
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// The names of all files, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("the folder");
        let mut names: Vec<String> =
            entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The command with words separated by blanks, not yet run.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_retrograde"));
        command.args(words.split_whitespace()).current_dir(self.folder.path());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color").stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, words: &str) -> Ran {
        Ran::of(self.command(words).output().expect("the command runs"))
    }

    pub(crate) fn run_with_stdin(&self, words: &str, stdin: &[u8]) -> Ran {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        let stdin = stdin.to_vec();
        let writer = std::thread::spawn(move || pipe.write_all(&stdin));
        let ran = Ran::of(child.wait_with_output().expect("an end"));
        // A command that fails early does not read its input.
        let _ = writer.join().expect("a writer");
        ran
    }

    /// Runs and expects success.
    pub(crate) fn done(&self, words: &str) -> Ran {
        let ran = self.run(words);
        assert_eq!(ran.code, 0, "{words}\n{}", ran.stderr);
        ran
    }

    /// Runs with `--json` and expects one document of this schema.
    pub(crate) fn json(&self, words: &str, schema: &str) -> serde_json::Value {
        let ran = self.run(words);
        let document: serde_json::Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{words}: {e}\n{ran:?}"));
        assert_eq!(document["schema"], schema, "{words}");
        document
    }
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code().expect("an exit code"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Exit code, stdout and stderr as one text.
    pub(crate) fn snapshot(&self) -> String {
        format!("exit {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }

    /// The same with every decimal number as `#` and blanks in a row as one: times, and what training computes, whose
    /// last digits depend on the processor.
    pub(crate) fn layout(&self) -> String {
        without_decimals(&self.snapshot())
    }
}

fn without_decimals(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        out.push_str(&" ".repeat(indent.min(2)));
        let words: Vec<String> = line.split_whitespace().map(without_decimal).collect();
        out.push_str(&words.join(" "));
        out.push('\n');
    }
    out
}

/// `#` in place of a decimal number, with what stands around it.
fn without_decimal(word: &str) -> String {
    let is_outside = |c: char| !c.is_ascii_digit() && c != '-';
    let start = word.find(|c| !is_outside(c)).unwrap_or(word.len());
    let end = word.rfind(|c: char| c.is_ascii_digit()).map_or(word.len(), |at| at + 1);
    match word.get(start..end) {
        Some(inside) if inside.contains(['.', 'e']) && inside.parse::<f64>().is_ok() => {
            format!("{}#{}", &word[..start], &word[end..])
        }
        _ => word.to_owned(),
    }
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
