//! `retrograde completions`: a script for a shell.

use crate::args::{Cli, CompletionsArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::output::Console;
use clap::CommandFactory;

pub(crate) fn run(args: &CompletionsArgs, console: Console) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "retrograde", &mut script);
    console.answer_bytes(&script)?;
    Ok(Exit::Done)
}
