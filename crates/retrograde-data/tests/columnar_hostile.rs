//! Random damage to Parquet and Arrow files gives a table or an error, never a panic and never much memory.

mod common;

use common::Random;
use common::watch::{LARGEST, Watch};
use retrograde_data::{DataError, ReadOptions, Source, read_bytes, scan_columnar_bytes};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

#[global_allocator]
static ALLOCATOR: Watch = Watch;

/// Panics inside the decoders, which must come out as errors.
static CAUGHT: AtomicUsize = AtomicUsize::new(0);

/// How many times each file is damaged; `HOSTILE_ROUNDS` sets another number.
fn rounds() -> usize {
    std::env::var("HOSTILE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1000)
}

/// Cuts bytes off, flips up to eight bits, or writes one byte over another, half of the time where metadata is.
fn damaged(random: &mut Random, whole: &[u8], round: usize) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    if round.is_multiple_of(8) {
        bytes.truncate(random.below(whole.len()));
        return bytes;
    }
    for _ in 0..=random.below(8) {
        let near_the_end = round.is_multiple_of(2);
        let from = if near_the_end { bytes.len().saturating_sub(1500) } else { 0 };
        let at = from + random.below(bytes.len() - from);
        match round % 3 {
            0 => bytes[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][random.below(6)],
            _ => bytes[at] ^= 1 << random.below(8),
        }
    }
    bytes
}

fn check(name: &str, bytes: &[u8]) {
    match read_bytes(name, bytes, &ReadOptions::default()) {
        Ok(table) => {
            for column in &table.columns {
                assert_eq!(column.values.len(), table.rows());
            }
            if let Ok(source) = scan_columnar_bytes(name, bytes.to_vec(), &ReadOptions::default()) {
                assert_eq!(source.rows(), table.rows());
                check_pieces(&source);
            }
        }
        Err(error) => check_error(&error),
    }
}

fn check_pieces(source: &Source) {
    match source.collect(None) {
        Ok(table) => assert_eq!(table.rows(), source.rows()),
        Err(error) => check_error(&error),
    }
}

fn check_error(error: &DataError) {
    assert!(!error.to_string().is_empty());
    let _ = (error.hint(), error.details());
}

/// One test: the allocator's count is of the whole process.
#[test]
fn damaged_files_never_panic_and_never_take_much_memory() {
    std::panic::set_hook(Box::new(|info| {
        CAUGHT.fetch_add(1, Ordering::Relaxed);
        if std::env::var_os("HOSTILE_SHOW").is_some() {
            println!("{info}");
        }
    }));
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/columnar");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension != "py"));
    files.sort();
    assert!(files.len() > 15);
    for (seed, path) in files.iter().enumerate() {
        let whole = std::fs::read(path).expect("a fixture");
        let name = path.file_name().expect("a name").to_string_lossy();
        let mut random = Random(seed as u64 + 100);
        for round in 0..rounds() {
            let bytes = damaged(&mut random, &whole, round);
            let result = std::panic::catch_unwind(|| check(&name, &bytes));
            assert!(result.is_ok(), "{name}, round {round} of seed {seed}");
        }
    }
    let largest = LARGEST.load(Ordering::Relaxed);
    println!("largest allocation {largest} bytes, {} panics caught", CAUGHT.load(Ordering::Relaxed));
    assert!(largest < 64 << 20, "an allocation of {largest} bytes");
}
