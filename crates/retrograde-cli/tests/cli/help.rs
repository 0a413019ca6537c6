//! What the command says about itself.

use crate::sandbox::Sandbox;

const VERBS: [&str; 11] = [
    "train",
    "evaluate",
    "predict",
    "check",
    "explain",
    "gradient",
    "inspect",
    "report",
    "export",
    "data",
    "completions",
];

#[test]
fn alone_it_prints_the_overview() {
    let ran = Sandbox::new().run("");
    insta::assert_snapshot!(ran.snapshot());
    assert_eq!(ran.stdout, Sandbox::new().run("--help").stdout);
    assert_eq!(ran.stdout, Sandbox::new().run("help").stdout);
}

#[test]
fn the_overview_lists_every_verb() {
    let overview = Sandbox::new().run("").stdout;
    for verb in VERBS {
        assert!(overview.contains(&format!(" {verb}  ")), "{verb}");
    }
}

#[test]
fn every_help_fits_80_columns_and_has_examples() {
    for verb in VERBS {
        for form in [format!("{verb} --help"), format!("help {verb}"), format!("{verb} -h")] {
            let ran = Sandbox::new().done(&form);
            assert_eq!(ran.stderr, "");
            assert!(ran.stdout.contains("Example"), "{form}");
            for line in ran.stdout.lines() {
                assert!(line.chars().count() <= 80, "{form}: {line}");
            }
            for line in ran.stdout.lines().skip_while(|line| !line.starts_with("Examples")).skip(1) {
                // An example that was broken over two lines cannot be pasted.
                assert!(
                    line.is_empty() || !line.starts_with("  ") || line.contains("retrograde "),
                    "{form}: {line}"
                );
            }
        }
    }
}

#[test]
fn the_help_of_train_says_every_default() {
    insta::assert_snapshot!(Sandbox::new().done("train --help").stdout);
}

#[test]
fn completions_are_scripts() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = Sandbox::new().done(&format!("completions {shell}"));
        assert!(ran.stdout.contains("hidden") && ran.stderr.is_empty(), "{shell}");
    }
}

#[test]
fn the_version_is_printed() {
    let ran = Sandbox::new().done("--version");
    assert_eq!(ran.stdout.trim(), concat!("retrograde ", env!("CARGO_PKG_VERSION")));
}
