//! The line below the epochs on a terminal: how far a training is.
//!
//! It is drawn with a carriage return and blanks alone, so that it leaves nothing behind on any terminal, not even when
//! the terminal writes `^C` after it.

use crate::output::text;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// How often it is renewed.
const REFRESH: Duration = Duration::from_millis(80);
/// The cells of the bar itself.
const CELLS: usize = 20;
/// What a terminal may add to the line: `^C`, twice.
const ECHO: usize = 4;

/// A line on stderr that is drawn over.
#[derive(Debug)]
pub(crate) struct Bar {
    epochs: usize,
    cost: Option<f64>,
    renewed: Instant,
    /// The columns that are drawn on.
    drawn: usize,
}

impl Bar {
    /// For at most `epochs` epochs; nothing is drawn yet.
    pub(crate) fn new(epochs: usize) -> Self {
        Self { epochs, cost: None, renewed: Instant::now(), drawn: 0 }
    }

    /// The cost to show from now on.
    pub(crate) fn cost(&mut self, cost: f64) {
        self.cost = Some(cost);
    }

    /// Draws it anew when the last time is long enough ago.
    pub(crate) fn renew(&mut self, epoch: usize, batch: usize, batches: usize) {
        if self.renewed.elapsed() < REFRESH {
            return;
        }
        self.renewed = Instant::now();
        let width = text::stderr_width().unwrap_or(80).saturating_sub(ECHO + 1);
        let line: String = self.line(epoch, batch, batches).chars().take(width).collect();
        let length = line.chars().count();
        let rest = " ".repeat(self.drawn.saturating_sub(length));
        write(&format!("\r{line}{rest}"));
        self.drawn = length.max(self.drawn);
    }

    /// Takes it away.
    pub(crate) fn clear(&mut self) {
        if self.drawn > 0 {
            write(&format!("\r{}\r", " ".repeat(self.drawn + ECHO)));
            self.drawn = 0;
        }
    }

    fn line(&self, epoch: usize, batch: usize, batches: usize) -> String {
        let done = epoch.saturating_sub(1) * CELLS / self.epochs.max(1);
        let bar = format!("{}{}", "━".repeat(done.min(CELLS)), "┄".repeat(CELLS - done.min(CELLS)));
        let batches = if batches > 1 { format!(" · batch {batch}/{batches}") } else { String::new() };
        let cost = self.cost.map(|c| format!(" · cost {}", text::cost(c))).unwrap_or_default();
        format!("  {bar}  epoch {epoch}/{}{batches}{cost}", self.epochs)
    }
}

/// Nobody needs it: a failure to draw is no failure.
fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::Bar;

    #[test]
    fn a_line_says_how_far_it_is() {
        let mut bar = Bar::new(200);
        bar.cost(0.25);
        let line = bar.line(101, 3, 88);
        assert_eq!(
            line,
            format!("  {}{}  epoch 101/200 · batch 3/88 · cost 0.2500", "━".repeat(10), "┄".repeat(10))
        );
        assert_eq!(Bar::new(1).line(500, 1, 1).chars().filter(|&c| c == '━').count(), 20);
    }
}
