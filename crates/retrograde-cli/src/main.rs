//! The command `retrograde`: arguments in, one call into the library, text or JSON out.
//!
//! ```text
//! args → settings → retrograde_model → output (stdout: the answer, stderr: the conversation) → exit code
//! ```
//!
//! No mathematics happens here. The exit codes are those of [`exit::Exit`].

mod args;
mod bar;
mod error;
mod exit;
mod interrupt;
mod npy;
mod output;
mod overview;
mod plan;
mod progress;
mod tables;
mod usage;
mod verbs;

use crate::args::{Cli, Verb};
use crate::exit::Exit;
use crate::output::Console;
use clap::{CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    usage::choose_colour(&words);
    run(&words).into()
}

/// Parses the words of the command line and runs what they ask for.
fn run(words: &[OsString]) -> Exit {
    // `-0.1` after an option is its value, to be refused as such, and no option of its own.
    let command = Cli::command().mut_subcommands(|verb| verb.allow_negative_numbers(true));
    let matches = match command.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(problem) => return usage::answer(&problem),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(problem) => return usage::answer(&problem),
    };
    let console = Console::new(cli.quiet);
    interrupt::listen(console);
    let outcome = match &cli.verb {
        None => overview::print(console),
        Some(verb) => dispatch(verb, console),
    };
    outcome.unwrap_or_else(|failure| {
        console.error(&failure);
        failure.exit()
    })
}

fn dispatch(verb: &Verb, console: Console) -> error::Result<Exit> {
    match verb {
        Verb::Train(args) => verbs::train::run(args, console),
        Verb::FindLearningRate(args) => verbs::find_learning_rate::run(args, console),
        Verb::Evaluate(args) => verbs::evaluate::run(args, console),
        Verb::Predict(args) => verbs::predict::run(args, console),
        Verb::Check(args) => verbs::check::run(args, console),
        Verb::Gradient(args) => verbs::gradient::run(args, console),
        Verb::Inspect(args) => verbs::inspect::run(args, console),
        Verb::Export(args) => verbs::export::run(args, console),
        Verb::Data(args) => verbs::data::run(args, console),
        Verb::Completions(args) => verbs::completions::run(args, console),
    }
}
