//! Two bytes of options, then a text. It must be the same table read at once and in pieces, or the same error.
//! `--cfg fuzzing` makes blocks of a few bytes, so that even short texts are in several.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retrograde_data::{ColumnType, DataError, Encoding, Header, ReadOptions, Table, scan_csv};
use retrograde_fuzz::{options, read};
use std::path::PathBuf;
use std::sync::LazyLock;

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("retrograde-fuzz-{}.csv", std::process::id())));

/// What the bits ask for.
fn chosen(how: u8, what: u8) -> ReadOptions {
    let header = [Header::Sniff, Header::Present, Header::Absent, Header::Sniff][usize::from(how & 3)];
    let delimiter = [None, None, Some(b','), Some(b';'), Some(b'\t'), Some(b' '), Some(b'|'), Some(b'#')];
    let encodings =
        [None, None, None, None, Some("utf-16le"), Some("windows-1252"), Some("shift_jis"), Some("utf-8")];
    let encoding = encodings[usize::from(how >> 5)].map(|label| Encoding::named(label).expect("a label"));
    let types = [None, Some(ColumnType::Number), Some(ColumnType::Category), Some(ColumnType::Date)];
    let of = |name: &str, bits: u8| types[usize::from(bits & 3)].map(|wanted| (name.to_owned(), wanted));
    ReadOptions {
        header,
        delimiter: delimiter[usize::from(how >> 2 & 7)],
        encoding,
        types: [of("c0", what), of("c1", what >> 2), of("x", what >> 4)].into_iter().flatten().collect(),
        threads: 1 + usize::from(what >> 6 == 3),
        ..options()
    }
}

/// The table as a text, with which NaN equals NaN, or the error.
fn told(result: Result<Table, DataError>) -> String {
    match result {
        Ok(mut table) => {
            // That of a file is of its bytes, which was tested elsewhere.
            table.origin.fingerprint = None;
            table.origin.format = table.origin.format.split(" · named").next().unwrap_or_default().to_owned();
            format!("{table:?}")
        }
        Err(error) => error.to_string(),
    }
}

/// Whether a text was read as one of cells between delimiters.
fn is_delimited(bytes: &[u8], options: &ReadOptions, result: &Result<Table, DataError>) -> bool {
    match result {
        Ok(table) => table.origin.format.starts_with("csv"),
        Err(DataError::Unsupported { .. } | DataError::Damaged { .. } | DataError::Compressed { .. }) => {
            false
        }
        Err(DataError::TooLarge { .. }) => false,
        Err(_) => {
            (options.delimiter.is_some() || options.header != Header::Sniff) && !bytes.starts_with(b"PK")
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let [how, what, text @ ..] = bytes else { return };
    let options = chosen(*how, *what);
    let name = FILE.display().to_string();
    let whole = read(&name, text, &options);
    if is_delimited(text, &options, &whole) {
        std::fs::write(&*FILE, text).expect("a file");
        let pieces = scan_csv(&FILE, &options).and_then(|source| {
            let all = source.collect(None)?;
            assert_eq!(source.rows(), all.rows());
            assert_eq!(source.columns().len(), all.columns.len());
            Ok(all)
        });
        assert_eq!(told(pieces), told(whole));
    }
});
