//! The developer's one entry: `cargo xtask test` checks everything that must hold before a change lands,
//! `cargo xtask bench` measures.

mod bench;
mod browser;
mod debian;
mod deny;
mod labels;
mod package;
mod peers;
mod python;
mod run;
mod tables;
mod test;

use run::Failure;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask test [--quick]   everything that must hold before a change lands; stops at the first failure
                             --quick: no cargo-deny, tests in debug only
cargo xtask bench            list the measurements
cargo xtask bench NAME       run one; what follows after -- goes to it
cargo xtask help             this text
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        ["test"] => test::run(test::Extent::Full),
        ["test", "--quick"] => test::run(test::Extent::Quick),
        ["bench"] => {
            run::answer(&bench::list());
            Ok(())
        }
        ["bench", name] => bench::run(name, &[]),
        ["bench", name, "--", ref rest @ ..] => bench::run(name, rest),
        ["help" | "--help" | "-h"] => {
            run::answer(HELP);
            Ok(())
        }
        [] => Err(Failure::usage(HELP)),
        _ => Err(Failure::usage(&format!("unknown: {}\n\n{HELP}", args.join(" ")))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            run::say(&format!("\n{failure}"));
            ExitCode::from(failure.code)
        }
    }
}
