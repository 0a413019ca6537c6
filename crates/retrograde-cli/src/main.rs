//! The command `retrograde` as Cargo installs it.

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    retrograde_cli::run(&words).into()
}
