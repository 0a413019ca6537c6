//! Problems with the command line, in the words of every other error.

use crate::error::Failure;
use crate::exit::Exit;
use crate::output::Console;
use anstream::ColorChoice;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use retrograde_data::nearest;
use std::error::Error as _;
use std::ffi::OsString;

/// Applies `--color` before anything is printed, a usage error included.
pub(crate) fn choose_colour(words: &[OsString]) {
    let given = words.iter().enumerate().rev().find_map(|(i, word)| match word.to_str()? {
        "--color" => words.get(i + 1)?.to_str(),
        word => word.strip_prefix("--color="),
    });
    match given {
        Some("always") => ColorChoice::Always.write_global(),
        Some("never") => ColorChoice::Never.write_global(),
        _ => {}
    }
}

/// Prints help that was asked for, or says what is wrong.
pub(crate) fn answer(problem: &clap::Error) -> Exit {
    let console = Console::new(false);
    match problem.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = problem.render().ansi().to_string();
            console.answer(text.trim_end()).map_or_else(|failure| failure.exit(), |()| Exit::Done)
        }
        _ => {
            console.error(&explain(problem));
            Exit::Usage
        }
    }
}

/// A clap error as ours.
fn explain(problem: &clap::Error) -> Failure {
    let text = |kind| match problem.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        _ => None,
    };
    let argument = text(ContextKind::InvalidArg);
    let failure = Failure::usage(message(problem, argument.as_deref(), &text));
    let suggestion = text(ContextKind::SuggestedArg).or_else(|| text(ContextKind::SuggestedSubcommand));
    let near = suggestion.or_else(|| near_word(problem, argument.as_deref()));
    let hint = near.map_or_else(help_command, |word| format!("did you mean  {word} ?"));
    failure.hint(hint)
}

fn message(
    problem: &clap::Error,
    argument: Option<&str>,
    text: &impl Fn(ContextKind) -> Option<String>,
) -> String {
    let argument = argument.unwrap_or("an argument");
    match problem.kind() {
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => invalid_value(problem, argument, text),
        ErrorKind::MissingRequiredArgument => format!("missing: {argument}"),
        ErrorKind::UnknownArgument => format!("no option `{argument}`"),
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg).unwrap_or_default();
            format!("{argument} and {other} exclude each other")
        }
        ErrorKind::InvalidSubcommand => {
            format!("no verb `{}`", text(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        // The first line of clap's own text, without its `error: `.
        _ => {
            let all = problem.to_string();
            let first = all.lines().next().unwrap_or_default();
            first.strip_prefix("error: ").unwrap_or(first).to_owned()
        }
    }
}

fn invalid_value(
    problem: &clap::Error,
    argument: &str,
    text: &impl Fn(ContextKind) -> Option<String>,
) -> String {
    let found = text(ContextKind::InvalidValue).unwrap_or_default();
    let option = argument.split(' ').next().unwrap_or(argument);
    if let Some(reason) = problem.source() {
        let reason = reason_of(reason);
        return if reason.starts_with('`') {
            format!("{option}: {reason}")
        } else {
            format!("{option}: found `{found}`; {reason}")
        };
    }
    match text(ContextKind::ValidValue) {
        _ if found.is_empty() => format!("{option}: no value; expected {argument}"),
        Some(expected) => format!("{option}: `{found}`; choose one of {expected}"),
        None => format!("{option}: `{found}`"),
    }
}

/// What was expected, where Rust's own text speaks of literals.
fn reason_of(reason: &(dyn std::error::Error + 'static)) -> String {
    if reason.is::<std::num::ParseFloatError>() {
        "expected a number".into()
    } else if reason.is::<std::num::ParseIntError>() {
        "expected a whole number".into()
    } else {
        reason.to_string()
    }
}

/// `--activation relu` for `--activation rleu`.
fn near_word(problem: &clap::Error, argument: Option<&str>) -> Option<String> {
    let option = argument?.split(' ').next()?.to_owned();
    let (found, known) = match problem.source().and_then(|s| s.downcast_ref::<retrograde::Error>()) {
        Some(retrograde::Error::Unknown { found, expected, .. }) => (found.clone(), expected.clone()),
        _ => match (problem.get(ContextKind::InvalidValue), problem.get(ContextKind::ValidValue)) {
            (Some(ContextValue::String(found)), Some(ContextValue::Strings(known))) => {
                (found.clone(), known.join(", "))
            }
            _ => return None,
        },
    };
    let near = nearest(&found, known.split(", ").filter(|word| !word.is_empty()))?;
    Some(if option.starts_with('-') { format!("{option} {near}") } else { near.to_owned() })
}

/// `retrograde train --help`, for the verb that was written.
fn help_command() -> String {
    use clap::CommandFactory;
    let command = crate::args::Cli::command();
    let verb =
        crate::words::given().into_iter().next().filter(|word| command.find_subcommand(word).is_some());
    verb.map_or_else(|| "retrograde --help".to_owned(), |verb| format!("retrograde {verb} --help"))
}
