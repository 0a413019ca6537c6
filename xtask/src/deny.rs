//! Licences, bans, sources and advisories of everything in the build, by a pinned cargo-deny.

use crate::run::{Cmd, Failure, say, target_dir};
use std::ffi::OsString;

/// Written for this version's deny.toml and messages.
const VERSION: &str = "0.20.2";

/// What cargo-deny says when the advisory database could not be had; anything else it says is a finding.
const UNREACHABLE: &str = "failed to fetch advisory database";

pub(crate) fn run() -> Result<(), Failure> {
    let program = installed()?;
    Cmd::new(program.clone()).args(["check", "licenses", "bans", "sources"]).run()?;
    advisories(&Cmd::new(program).args(["check", "advisories"]))
}

/// A cargo-deny of this version: the one on the PATH, the one in target/tools, or a new one there.
fn installed() -> Result<OsString, Failure> {
    let tools = target_dir().join("tools");
    let own = tools.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    for program in [OsString::from("cargo-deny"), own.clone().into()] {
        if Cmd::new(program.clone()).arg("--version").output().is_ok_and(|o| is_pinned(&o.stdout)) {
            return Ok(program);
        }
    }
    say(&format!("xtask: building cargo-deny {VERSION} into {} (once, some minutes)", tools.display()));
    // Its own build folder is temporary: it must not fill the workspace's. It runs for seconds, which no optimiser is worth.
    Cmd::cargo(&format!(
        "install cargo-deny --version {VERSION} --locked --no-default-features --debug --quiet --root"
    ))
    .arg(tools)
    .without_env("CARGO_TARGET_DIR")
    .run()?;
    Ok(own.into())
}

fn is_pinned(version: &[u8]) -> bool {
    String::from_utf8_lossy(version).trim() == format!("cargo-deny {VERSION}")
}

fn advisories(check: &Cmd) -> Result<(), Failure> {
    let output = check.output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    match verdict(output.status.success(), &text) {
        Verdict::Clean => say("advisories ok"),
        Verdict::Skipped => {
            say(
                "xtask: ADVISORIES SKIPPED: the advisory database could not be reached. This run says nothing",
            );
            say("xtask: about known vulnerabilities. With a connection: cargo deny check advisories");
        }
        Verdict::Found => {
            say(text.trim_end());
            return Err(check.failed(&output.status.to_string()));
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Clean,
    Skipped,
    Found,
}

fn verdict(success: bool, text: &str) -> Verdict {
    match (success, text.contains(UNREACHABLE)) {
        (true, _) => Verdict::Clean,
        (false, true) => Verdict::Skipped,
        (false, false) => Verdict::Found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unreachable_database_is_excused() {
        let offline =
            "[ERROR] failed to fetch advisory database https://example.org/db with cli: failed to clone";
        assert_eq!(verdict(false, offline), Verdict::Skipped);
        let finding = "error[vulnerability]: Use after free\n ID: RUSTSEC-2021-0001\nadvisories FAILED";
        assert_eq!(verdict(false, finding), Verdict::Found);
        assert_eq!(verdict(false, "failed to load advisory database"), Verdict::Found);
        assert_eq!(verdict(false, ""), Verdict::Found);
        assert_eq!(verdict(true, "advisories ok"), Verdict::Clean);
    }

    #[test]
    fn another_version_is_not_used() {
        assert!(is_pinned(b"cargo-deny 0.20.2\n"));
        assert!(!is_pinned(b"cargo-deny 0.20.20\n") && !is_pinned(b"cargo-deny 0.19.0\n") && !is_pinned(b""));
    }
}
