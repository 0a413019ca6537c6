//! Every fixture, cut off everywhere and with bits flipped: a table or an error, never a panic and never much memory.

mod common;

use common::Random;
use common::watch::{LARGEST, Watch};
use retrograde_data::{DataError, ReadOptions, read_bytes};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

#[global_allocator]
static ALLOCATOR: Watch = Watch;

/// Decompressed data may have as much here.
const LIMIT: u64 = 1 << 20;

fn options() -> ReadOptions {
    ReadOptions { max_bytes: LIMIT, ..Default::default() }
}

/// All fixtures of the formats.
fn fixtures() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files = Vec::new();
    for format in ["npy", "svmlight", "arff", "mat", "containers"] {
        let entries = std::fs::read_dir(root.join(format)).expect("a folder");
        files.extend(entries.map(|entry| entry.expect("a file").path()));
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension != "py"));
    files.sort();
    files
}

/// Reads; a table that comes out has cells for every row.
fn check(path: &Path, bytes: &[u8]) {
    let name = path.file_name().expect("a name").to_string_lossy();
    match read_bytes(&name, bytes, &options()) {
        Ok(table) => {
            for column in &table.columns {
                assert_eq!(column.values.len(), table.rows(), "{name}");
            }
            let _ = table.place_of(table.rows().saturating_sub(1));
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let _ = (error.hint(), error.details());
        }
    }
}

/// One test: the allocator's count is of the whole process.
#[test]
fn damaged_fixtures_never_panic_and_never_take_much_memory() {
    let files = fixtures();
    assert!(files.len() > 60, "{} fixtures", files.len());
    let mut random = Random(11);
    for path in &files {
        let whole = std::fs::read(path).expect("a file");
        // Every length where there are few, else a thousand.
        let step = (whole.len() / 500).max(1);
        for length in (0..whole.len()).step_by(step) {
            check(path, &whole[..length]);
        }
        for _ in 0..500 {
            let mut bytes = whole.clone();
            for _ in 0..=random.below(6) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
            check(path, &bytes);
        }
    }
    let largest = LARGEST.load(Ordering::Relaxed);
    assert!(largest < 8 << 20, "an allocation of {largest} bytes");
}

#[test]
fn bombs_are_refused() {
    let bomb = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/containers/bomb.zip");
    let bytes = std::fs::read(bomb).expect("a file");
    let error = read_bytes("bomb.zip", &bytes, &options()).expect_err("8 MiB");
    assert!(matches!(error, DataError::TooLarge { limit: LIMIT, .. }), "{error}");
    // The declared size is a lie: what comes out is counted all the same.
    let size = 8_u32 << 20;
    let mut lying = bytes.clone();
    for at in (0..lying.len() - 4).filter(|&i| bytes[i..i + 4] == size.to_le_bytes()) {
        lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert_ne!(lying, bytes);
    assert!(read_bytes("bomb.zip", &lying, &options()).is_err());
    let zeros = zstd::encode_all(&vec![b'1'; 2 << 20][..], 3).expect("memory");
    let error = read_bytes("bomb.csv.zst", &zeros, &options()).expect_err("2 MiB");
    assert!(matches!(error, DataError::TooLarge { limit: LIMIT, .. }), "{error}");
}

/// Files in an archive that are compressed themselves share one limit.
#[test]
fn bombs_in_bombs_are_refused() {
    let packed = |count: usize| {
        let text = common::gzip(&b"1,2\n".repeat(100_000));
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for i in 0..count {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(format!("{i}.csv.gz"), options).expect("memory");
            std::io::Write::write_all(&mut zip, &text).expect("memory");
        }
        zip.finish().expect("memory").into_inner()
    };
    assert_eq!(read_bytes("t.zip", &packed(2), &options()).expect("800 kB").rows(), 200_000);
    let error = read_bytes("t.zip", &packed(3), &options()).expect_err("1.2 MB");
    assert!(matches!(&error, DataError::TooLarge { limit: LIMIT, name } if name == "t.zip"), "{error}");
}
