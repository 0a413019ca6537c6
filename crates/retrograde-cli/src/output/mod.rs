//! The only place that writes to stdout and stderr.
//!
//! stdout is the answer, stderr the conversation. Styles are written always and removed by `anstream` where they
//! would not show: no terminal, `NO_COLOR`, `--color never`.

pub(crate) mod file;
pub(crate) mod json;
pub(crate) mod notes;
pub(crate) mod style;
pub(crate) mod text;

use crate::error::{Failure, Result};
use crate::exit::Exit;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write};
use style::{BAD, HINT};

/// Speaks to the two streams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    quiet: bool,
}

#[allow(clippy::unused_self, reason = "the streams are global; only who has a console writes to them")]
impl Console {
    /// With `quiet` only errors are said; answers are given all the same.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Whether the conversation is off.
    pub(crate) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// A line of the answer.
    pub(crate) fn answer(self, line: impl AsRef<str>) -> Result<()> {
        stdout(writeln!(anstream::stdout().lock(), "{}", line.as_ref()))
    }

    /// Bytes of the answer, as they are.
    pub(crate) fn answer_bytes(self, bytes: &[u8]) -> Result<()> {
        let mut stream = std::io::stdout().lock();
        stdout(stream.write_all(bytes).and_then(|()| stream.flush()))
    }

    /// One JSON document.
    pub(crate) fn document(self, document: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(document)
            .map_err(|e| Failure::new(Exit::Usage, format!("the answer is no JSON: {e}")))?;
        self.answer(text)
    }

    /// A line of the conversation. That nobody reads it is no reason to stop.
    pub(crate) fn say(self, line: impl AsRef<str>) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr().lock(), "{}", line.as_ref());
        }
    }

    /// A note of the conversation, where nothing else is labelled.
    pub(crate) fn note(self, text: &str) {
        self.say(text::note(&text::clean(text), text::stderr_width()));
    }

    /// An error, its details and its hint.
    pub(crate) fn error(self, failure: &Failure) {
        if failure.message().is_empty() {
            return;
        }
        let mut text = format!("{BAD}error:{BAD:#} {}\n", failure.message());
        for line in failure.details() {
            let _ = writeln!(text, "  {line}");
        }
        if let Some(hint) = failure.remedy() {
            let _ = writeln!(text, "  {HINT}hint:{HINT:#} {hint}");
        }
        if let Some(done) = failure.done() {
            let _ = writeln!(text, "  {done}");
        }
        let _ = write!(anstream::stderr().lock(), "{text}");
    }
}

/// A closed pipe is a quiet end; anything else is an output that cannot be written.
pub(crate) fn stdout(result: std::io::Result<()>) -> Result<()> {
    result.map_err(|problem| match problem.kind() {
        ErrorKind::BrokenPipe => Failure::pipe_closed(),
        _ => Failure::output(Exit::Usage, "to stdout", &problem),
    })
}
