//! The command `retrograde`: arguments in, one call into the library, text or JSON out.
//!
//! ```text
//! args → settings → retrograde_model → output (stdout: the answer, stderr: the conversation) → exit code
//! ```
//!
//! No mathematics happens here. The exit codes are those of `exit::Exit`. A library, so that the Python package carries the same command;
//! `main.rs` is the one of Cargo.

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
mod words;

use crate::args::{Cli, Verb};
use crate::exit::Exit;
use crate::output::Console;
use clap::{CommandFactory, FromArgMatches};
use retrograde::explain::TraceDocument;
use std::ffi::OsString;

/// Runs what the words of a command line ask for, the command's own name first, and returns the exit code: 0 done, 1 the answer is no, 2 usage,
/// 3 data, 4 model, 5 diverged, 130 interrupted.
///
/// It answers on stdout, speaks on stderr and listens for Ctrl-C from then on, as befits the only thing that a process does.
#[must_use]
pub fn run(words: &[OsString]) -> u8 {
    words::remember(words);
    usage::choose_colour(words);
    follow(words).code()
}

/// The text of an explanation, a line each, as `retrograde explain` prints it without colours.
pub fn explanation(document: &TraceDocument) -> String {
    let text = verbs::explain_text::lines(document).join("\n");
    anstream::adapter::strip_str(&text).to_string()
}

/// Parses the words of the command line and runs what they ask for.
fn follow(words: &[OsString]) -> Exit {
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
        Verb::Explain(args) => verbs::explain::run(args, console),
        Verb::Gradient(args) => verbs::gradient::run(args, console),
        Verb::Inspect(args) => verbs::inspect::run(args, console),
        Verb::Report(args) => verbs::report::run(args, console),
        Verb::Export(args) => verbs::export::run(args, console),
        Verb::Data(args) => verbs::data::run(args, console),
        Verb::Completions(args) => verbs::completions::run(args, console),
    }
}
