//! Commands as a person would paste them: run, shown, and shown again when they fail.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Why xtask stops, in words for the terminal.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    pub(crate) fn usage(message: &str) -> Self {
        Self { message: message.trim_end().to_owned(), code: 2 }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A line of conversation, on stderr like cargo's own.
#[allow(clippy::print_stderr, reason = "xtask is a program that talks to a terminal")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// The answer to a question (help, a list), on stdout.
#[allow(clippy::print_stdout, reason = "xtask is a program that talks to a terminal")]
pub(crate) fn answer(text: &str) {
    print!("{text}");
}

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    // At run time cargo says where this package is now; the compiled-in path serves a binary started by hand.
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&xtask).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where cargo builds, and where the tools and the Python environment live beside it.
pub(crate) fn target_dir() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// One command with what it adds to the environment.
#[derive(Debug, Clone)]
pub(crate) struct Cmd {
    program: OsString,
    args: Vec<OsString>,
    envs: Vec<(&'static str, OsString)>,
    removed: Vec<&'static str>,
}

impl Cmd {
    pub(crate) fn new(program: impl Into<OsString>) -> Self {
        Self { program: program.into(), args: Vec::new(), envs: Vec::new(), removed: Vec::new() }
    }

    /// `cargo` with arguments separated by blanks.
    pub(crate) fn cargo(args: &str) -> Self {
        Self::new("cargo").args(args.split_whitespace())
    }

    pub(crate) fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    pub(crate) fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.envs.push((name, value.into()));
        self
    }

    pub(crate) fn without_env(mut self, name: &'static str) -> Self {
        self.removed.push(name);
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(root()).stdin(Stdio::null());
        // `cargo run` tells xtask about itself in these; a child must not take them for its own.
        for (name, _) in std::env::vars_os() {
            let about_xtask =
                ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
            if name.to_str().is_some_and(|n| about_xtask.iter().any(|prefix| n.starts_with(prefix))) {
                command.env_remove(name);
            }
        }
        for name in &self.removed {
            command.env_remove(name);
        }
        command.envs(self.envs.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs with the terminal's own output.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let status = self.command().status().map_err(|e| self.not_started(&e))?;
        if status.success() { Ok(()) } else { Err(self.failed(&status.to_string())) }
    }

    /// Runs and keeps both outputs, however it ends.
    pub(crate) fn output(&self) -> Result<Output, Failure> {
        self.command().output().map_err(|e| self.not_started(&e))
    }

    /// Runs without a word: did it succeed?
    pub(crate) fn succeeds(&self) -> bool {
        self.output().is_ok_and(|o| o.status.success())
    }

    pub(crate) fn failed(&self, how: &str) -> Failure {
        Failure::new(format!("xtask: failed ({how}). To run this step alone:\n\n    {self}\n"))
    }

    fn not_started(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("xtask: {} could not be started: {error}", self.program.display()))
    }
}

/// The command as it can be pasted into a shell at the workspace's root.
impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.envs {
            write!(f, "{name}={} ", quoted(&value.to_string_lossy()))?;
        }
        f.write_str(&quoted(&self.program.to_string_lossy()))?;
        for arg in &self.args {
            write!(f, " {}", quoted(&arg.to_string_lossy()))?;
        }
        Ok(())
    }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_prints_as_it_is_pasted() {
        let cmd = Cmd::cargo("doc --workspace --no-deps").env("RUSTDOCFLAGS", "-Dwarnings");
        assert_eq!(cmd.to_string(), "RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps");
        let cmd = Cmd::new("my python").args(["-c", "print('a')", ""]);
        assert_eq!(cmd.to_string(), r"'my python' -c 'print('\''a'\'')' ''");
    }

    #[test]
    fn a_failure_says_how_and_what_to_paste() {
        let failure = Cmd::cargo("clippy --workspace").failed("exit status: 101").to_string();
        assert!(
            failure.contains("exit status: 101") && failure.contains("    cargo clippy --workspace\n"),
            "{failure}"
        );
        let failure = Cmd::new("xtask-has-no-such-program").run().unwrap_err().to_string();
        assert!(failure.contains("xtask-has-no-such-program could not be started"), "{failure}");
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("xtask/Cargo.toml").is_file());
    }

    #[test]
    fn children_do_not_see_xtasks_own_package() {
        let seen = Cmd::new("cargo").command();
        let removed = |name: &str| seen.get_envs().any(|(n, v)| n == name && v.is_none());
        assert!(removed("CARGO_MANIFEST_DIR") && removed("CARGO_PKG_NAME"));
    }
}
