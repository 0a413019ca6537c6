//! Colours, always beside a sign or a word.

use anstyle::{AnsiColor, Style};
use retrograde::Verdict;

/// Errors, and answers that are no.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Answers that are yes.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Answers that nobody knows.
pub(crate) const UNKNOWN: Style = AnsiColor::Yellow.on_default().bold();
/// Hints.
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
/// Labels and headings.
pub(crate) const LABEL: Style = Style::new().bold();

/// `✓`, `✗` or `?`.
pub(crate) fn sign(verdict: Verdict) -> String {
    match verdict {
        Verdict::Agrees => format!("{GOOD}✓{GOOD:#}"),
        Verdict::Differs => format!("{BAD}✗{BAD:#}"),
        Verdict::CannotTell => format!("{UNKNOWN}?{UNKNOWN:#}"),
    }
}

/// `✓` or `✗`.
pub(crate) fn yes_or_no(yes: bool) -> String {
    sign(if yes { Verdict::Agrees } else { Verdict::Differs })
}
