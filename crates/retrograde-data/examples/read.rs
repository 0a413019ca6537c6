//! Reads files and prints the seconds that it took and the most memory that was in use.
//!
//! ```text
//! cargo run --release -p retrograde-data --example read -- FILE [pieces]
//! ```
//!
//! With `pieces` the file is scanned and then read piece by piece, without ever being in memory as a whole.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the result")]

use retrograde_data::{DataError, ReadOptions, Table, read, scan_csv};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (file, pieces) = match words.as_slice() {
        [file] => (file, false),
        [file, word] if word == "pieces" => (file, true),
        _ => {
            eprintln!("usage: read FILE [pieces]");
            return ExitCode::from(2);
        }
    };
    match if pieces { in_pieces(file.as_ref()) } else { at_once(file.as_ref()) } {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn at_once(file: &Path) -> Result<(), DataError> {
    let start = Instant::now();
    let table = read(file, &ReadOptions::default())?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{seconds:.3} s, {} rows, {} columns, {:.0} MB of cells, {} MB at most · {}",
        table.rows(),
        table.columns.len(),
        cells(&table),
        peak(),
        table.origin.format
    );
    for note in &table.origin.notes {
        println!("  {note}");
    }
    Ok(())
}

fn in_pieces(file: &Path) -> Result<(), DataError> {
    let start = Instant::now();
    let source = scan_csv(file, &ReadOptions::default())?;
    let scanned = start.elapsed().as_secs_f64();
    let mut rows = 0;
    for piece in source.pieces(None)? {
        rows += piece?.rows();
    }
    let seconds = start.elapsed().as_secs_f64() - scanned;
    println!("{scanned:.3} s to scan, {seconds:.3} s to read {rows} rows, {} MB at most", peak());
    Ok(())
}

/// The megabytes that a table's cells and lines take.
fn cells(table: &Table) -> f64 {
    use retrograde_data::Values;
    let bytes = |values: &Values| match values {
        Values::Number(cells) => 8 * cells.len(),
        Values::Date(cells) => 8 * cells.len(),
        Values::Category { levels, codes } => {
            4 * codes.len() + levels.iter().map(|level| level.len() + 24).sum::<usize>()
        }
    };
    let lines = 8 * table.rows();
    (table.columns.iter().map(|c| bytes(&c.values)).sum::<usize>() + lines) as f64 / 1e6
}

/// The megabytes that were resident at most, where the system tells it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kib.map_or("?".into(), |kib| format!("{:.0}", kib * 1024.0 / 1e6))
}
