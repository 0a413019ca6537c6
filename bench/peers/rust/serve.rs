//! What the workers of all Rust peers have in common: their arguments, and answering a line with seconds, as
//! ../worker.py describes it.

use crate::cases::{self, Case};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use std::io::BufRead;

/// One-row predictions timed together.
pub const CALLS: u32 = 2_000;

/// The case asked for. The number of threads is in the environment.
pub fn case() -> &'static Case {
    let mut args = std::env::args().skip_while(|arg| arg != "--case");
    args.nth(1).and_then(|letter| cases::find(&letter)).expect("--case and a letter")
}

/// A new order of the rows for each epoch.
pub struct Orders {
    rng: StdRng,
    order: Vec<u32>,
}

impl Orders {
    pub fn new(rows: usize) -> Self {
        Self { rng: StdRng::seed_from_u64(1), order: (0..rows as u32).collect() }
    }

    pub fn next(&mut self) -> &[u32] {
        self.order.shuffle(&mut self.rng);
        &self.order
    }
}

/// What a measurement came to: its seconds, and a named result.
pub struct Sample {
    pub seconds: f64,
    pub note: (&'static str, f64),
}

/// Answers until the input ends.
pub fn serve(peer: &str, version: &str, mut measure: impl FnMut() -> Sample) {
    measure();
    println!("{{\"peer\": \"{peer}\", \"version\": \"{version}\"}}");
    for line in std::io::stdin().lock().lines() {
        let count = line.expect("a line").trim().parse::<usize>().unwrap_or(1).max(1);
        let samples: Vec<Sample> = (0..count).map(|_| measure()).collect();
        let mut seconds: Vec<f64> = samples.iter().map(|sample| sample.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        let (name, value) = samples[count - 1].note;
        println!("{:e} {name}={value}", f64::midpoint(seconds[(count - 1) / 2], seconds[count / 2]));
    }
}
