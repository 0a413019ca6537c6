//! A training as it runs: a line at epochs 1, 2, 5, 10, 20, 50, …, and a bar below them on a terminal.

use crate::bar::Bar;
use crate::interrupt;
use crate::output::style::{GOOD, LABEL};
use crate::output::{Console, text};
use retrograde::{EpochRecord, Flow};
use std::fmt::Write as _;
use std::io::IsTerminal;

/// Which columns the table has besides epoch, train, |∇J| and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) validation: bool,
    /// What the accuracy is called.
    pub(crate) accuracy: Option<&'static str>,
}

/// The table of epochs.
#[derive(Debug)]
pub(crate) struct EpochTable {
    console: Console,
    columns: Columns,
    best: Option<(EpochRecord, f64)>,
    last_printed: usize,
    last: Option<(EpochRecord, f64)>,
    bar: Option<Bar>,
}

impl EpochTable {
    /// A table for at most `epochs` epochs.
    pub(crate) fn new(console: Console, columns: Columns, epochs: usize) -> Self {
        let shows = !console.is_quiet() && std::io::stderr().is_terminal();
        console.say(heading(columns));
        let bar = shows.then(|| Bar::new(epochs));
        Self { console, columns, best: None, last_printed: 0, last: None, bar }
    }

    /// After a batch.
    pub(crate) fn batch(&mut self, epoch: usize, batch: usize, batches: usize) -> Flow {
        if let Some(bar) = &mut self.bar {
            bar.renew(epoch, batch, batches);
        }
        if interrupt::asked() { Flow::Stop } else { Flow::Continue }
    }

    /// After an epoch.
    pub(crate) fn epoch(&mut self, record: &EpochRecord, best: bool, seconds: f64) -> Flow {
        if best {
            self.best = Some((record.clone(), seconds));
        }
        self.last = Some((record.clone(), seconds));
        if let Some(bar) = &mut self.bar {
            bar.cost(record.validation.map_or(record.train_cost, |v| v.cost));
        }
        if is_milestone(record.epoch) {
            self.print(&line(record, seconds, self.columns));
            self.last_printed = record.epoch;
        }
        if interrupt::asked() { Flow::Stop } else { Flow::Continue }
    }

    /// Takes the bar away and shows the best epoch, and the last one where the two differ.
    ///
    /// `kept` is the epoch whose weights were kept: the whole training may know better than its epochs did.
    pub(crate) fn finish(&mut self, kept: Option<usize>) {
        self.clear();
        self.bar = None;
        let Some((last, last_time)) = self.last.clone() else { return };
        let mut candidates = [self.best.clone(), self.last.clone()].into_iter().flatten();
        let best = candidates.find(|(record, _)| kept == Some(record.epoch));
        let Some((best, best_time)) = best else {
            if last.epoch != self.last_printed {
                self.print(&line(&last, last_time, self.columns));
            }
            return;
        };
        if best.epoch == self.last_printed {
            self.print(&format!("{:>7}  {GOOD}best{GOOD:#}", "↑"));
        } else {
            self.print(&format!("{}   {GOOD}← best{GOOD:#}", line(&best, best_time, self.columns)));
        }
        if last.epoch > best.epoch && last.epoch != self.last_printed {
            self.print(&line(&last, last_time, self.columns));
        }
    }

    /// Says something between the epochs.
    pub(crate) fn note(&mut self, text: &str) {
        self.print(text);
    }

    fn print(&mut self, line: &str) {
        self.clear();
        self.console.say(line);
    }

    fn clear(&mut self) {
        if let Some(bar) = &mut self.bar {
            bar.clear();
        }
    }
}

/// 1, 2, 5, 10, 20, 50, ….
fn is_milestone(epoch: usize) -> bool {
    let mut unit = epoch.max(1);
    while unit.is_multiple_of(10) {
        unit /= 10;
    }
    matches!(unit, 1 | 2 | 5)
}

fn heading(columns: Columns) -> String {
    let mut text = format!("{:>7}  {:>8}", "epoch", "train");
    if columns.validation {
        let _ = write!(text, "  {:>8}", "valid");
    }
    if let Some(name) = columns.accuracy {
        let _ = write!(text, "  {name:>8}");
    }
    format!("{LABEL}{text}   {:<6}  {:>8}{LABEL:#}", "|∇J|", "time")
}

fn line(record: &EpochRecord, seconds: f64, columns: Columns) -> String {
    let mut out = format!("{:>7}  {:>8}", record.epoch, text::cost(record.train_cost));
    if columns.validation {
        let _ = write!(out, "  {:>8}", record.validation.map(|v| text::cost(v.cost)).unwrap_or_default());
    }
    if columns.accuracy.is_some() {
        let accuracy = record.validation.and_then(|v| v.accuracy).map(|a| format!("{a:.4}"));
        let _ = write!(out, "  {:>8}", accuracy.unwrap_or_default());
    }
    let _ = write!(out, "   {:<6}  {:>8}", format!("{:.1e}", record.grad_norm), text::seconds(seconds));
    out
}

#[cfg(test)]
mod tests {
    use super::is_milestone;

    #[test]
    fn milestones() {
        let found: Vec<usize> = (1..=1000).filter(|&e| is_milestone(e)).collect();
        assert_eq!(found, [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
    }
}
