//! Seconds of an epoch, a gradient, a prediction: the cases that the comparison with peers measures, and what one tries
//! when the engine changes.
//!
//! `cargo run --release -p retrograde --example epoch -- --help`
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example times itself and prints what it measured"
)]

mod cases;
mod threads;
mod work;

use cases::{CASES, Case, Kind};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead, Write as _};
use std::process::ExitCode;
use work::{Measure, Sample};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// J that scikit-learn 1.9's L-BFGS reaches in case F after 100 iterations.
const COST: f64 = 0.420_222_82;

/// Evaluations are short: so many for each epoch that is asked for.
const EVALUATIONS: usize = 20;

struct Options {
    case: &'static Case,
    threads: usize,
    epochs: usize,
    cost: f64,
    answer: Answer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Text,
    Json,
    /// A line for every line read.
    Loop,
    Help,
}

fn help() -> String {
    let mut text = String::from(
        "epoch [--case C] [--threads 0] [--epochs 5] [--cost J] [--json | --loop]

  --case X     what to measure, below
  --threads N  threads at most; 0: all
  --epochs K   measurements after one that warms up; the median is told (case E: 20 K)
  --cost J     the cost at which case F stops
  --json       one JSON object
  --loop       a JSON object that describes the case, then for every line of standard input, which holds a number
               of measurements, a line with the median of their seconds

",
    );
    for case in CASES {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "  {}  {}", case.letter, case.describe());
    }
    text
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Options, Failure> {
    let case = cases::find("C").ok_or("there is a case C")?;
    let mut options = Options { case, threads: 0, epochs: 5, cost: COST, answer: Answer::Text };
    while let Some(name) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--case" => {
                let letter = value()?;
                options.case = cases::find(&letter).ok_or_else(|| format!("there is no case {letter}"))?;
            }
            "--threads" => options.threads = value()?.parse()?,
            "--epochs" => options.epochs = value()?.parse::<usize>()?.max(1),
            "--cost" => options.cost = value()?.parse()?,
            "--json" => options.answer = Answer::Json,
            "--loop" => options.answer = Answer::Loop,
            "--help" | "-h" => options.answer = Answer::Help,
            _ => return Err(format!("unknown: {name}\n\n{}", help()).into()),
        }
    }
    if options.threads == 0 {
        options.threads = std::thread::available_parallelism()?.get();
    }
    Ok(options)
}

/// The median of some measurements, with what the last one noted.
fn median(measure: &mut Measure, count: usize) -> Result<Sample, Failure> {
    let mut samples = (0..count.max(1)).map(|_| measure()).collect::<Result<Vec<_>, _>>()?;
    let notes = samples.last().map(|last| last.notes.clone()).unwrap_or_default();
    samples.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let (below, above) = (samples[(samples.len() - 1) / 2].seconds, samples[samples.len() / 2].seconds);
    Ok(Sample { seconds: f64::midpoint(below, above), notes })
}

/// Floating-point operations of one measurement on so many threads.
fn flops(options: &Options) -> Option<f64> {
    let products = if options.case.kind == Kind::Product { options.threads } else { 1 };
    options.case.flops().map(|flops| flops * products as f64)
}

fn description(options: &Options) -> Value {
    json!({
        "case": options.case.letter.to_string(),
        "description": options.case.describe(),
        "threads": options.threads,
        "unit": options.case.kind.unit(),
        "flops": flops(options),
        "data_bytes": work::data_bytes(options.case),
    })
}

fn measure_once(options: &Options, mut measure: Measure) -> Result<(), Failure> {
    let count = options.epochs * if options.case.kind == Kind::Evaluation { EVALUATIONS } else { 1 };
    let watch = threads::Watch::start();
    let Sample { seconds, notes } = median(&mut measure, count)?;
    let threads_used = watch.threads_used().unwrap_or(options.threads);
    let key = format!("seconds_per_{}", options.case.kind.unit());
    let gflops = flops(options).map(|flops| flops / seconds / 1e9);
    if options.answer == Answer::Json {
        let mut object = description(options);
        object[key] = json!(seconds);
        object["gflops"] = json!(gflops);
        object["threads_used"] = json!(threads_used);
        for (name, value) in notes {
            object[name] = json!(value);
        }
        println!("{object}");
        return Ok(());
    }
    println!("case {}: {}", options.case.letter, options.case.describe());
    println!("{key:24} {seconds:.3e}");
    if let Some(gflops) = gflops {
        println!("{:24} {gflops:.1}", "gflops");
    }
    println!("{:24} {threads_used} of {}", "threads_used", options.threads);
    for (name, value) in notes {
        println!("{name:24} {value}");
    }
    Ok(())
}

/// Answers until the input ends.
fn answer_lines(options: &Options, mut measure: Measure) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    writeln!(out, "{}", description(options))?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let count = if line.trim().is_empty() { 1 } else { line.trim().parse()? };
        let Sample { seconds, notes } = median(&mut measure, count)?;
        write!(out, "{seconds:e}")?;
        for (name, value) in notes {
            write!(out, " {name}={value}")?;
        }
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

fn run() -> Result<(), Failure> {
    let options = parse(std::env::args().skip(1))?;
    if options.answer == Answer::Help {
        print!("{}", help());
        return Ok(());
    }
    let mut measure = work::prepare(options.case, options.threads, options.cost)?;
    measure()?;
    if options.answer == Answer::Loop {
        answer_lines(&options, measure)
    } else {
        measure_once(&options, measure)
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
