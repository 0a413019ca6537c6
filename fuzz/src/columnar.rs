//! Files of columns, read at once and in pieces.

use crate::{check, options};
use retrograde_data::{DataError, Table, read_bytes, scan_columnar_bytes};
use std::sync::Once;

static QUIET: Once = Once::new();

/// Reads a file both ways; a table must be the same.
pub fn read(name: &str, bytes: Vec<u8>) {
    // The reader makes errors of the panics of the crates that it calls. libFuzzer's hook would end the process at once; without
    // it a panic that nobody catches still does.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let options = options();
    let whole = read_bytes(name, &bytes, &options);
    check(name, &whole);
    let pieces = scan_columnar_bytes(name, bytes, &options).and_then(|source| {
        // A few bytes can say "a billion times the same", which pieces may be of and a table may not.
        if source.rows() > 1 << 20 {
            return Err(DataError::TooLarge { name: name.to_owned(), limit: options.max_bytes });
        }
        let all = source.collect(None)?;
        assert_eq!(source.rows(), all.rows());
        Ok(all)
    });
    check(name, &pieces);
    if let Ok(whole) = whole {
        let pieces = pieces.expect("the same in pieces");
        assert_eq!(cells(&whole), cells(&pieces));
    }
}

/// All cells as they are written, with which NaN equals NaN.
fn cells(table: &Table) -> String {
    format!("{:?}", table.columns)
}
