//! The first byte chooses between gzip, Zstandard, several frames, and such a file in an archive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retrograde_data::ReadOptions;
use retrograde_fuzz::{options, read};

fuzz_target!(|bytes: &[u8]| {
    let [how, rest @ ..] = bytes else { return };
    let limit = if how & 4 == 0 { 1 << 10 } else { 1 << 16 };
    let options = ReadOptions { max_bytes: limit, ..options() };
    let table = match how & 3 {
        0 => read("t.csv.gz", &[&[0x1f, 0x8b, 8], rest].concat(), &options),
        1 => read("t.csv.zst", &[&[0x28, 0xb5, 0x2f, 0xfd], rest].concat(), &options),
        _ => read("t", rest, &options),
    };
    if let Ok(table) = table {
        let texts = table.columns.iter().map(|column| column.values.len() as u64).max();
        assert!(table.origin.format.contains(" · ") || texts <= Some(rest.len() as u64));
        assert!(texts <= Some(limit), "more rows than bytes");
    }
});
