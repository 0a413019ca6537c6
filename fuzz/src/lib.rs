//! What the targets share: how bytes are read, and what must be true of whatever comes out.

pub mod columnar;
#[cfg(feature = "models")]
pub mod models;
pub mod sealed;

use retrograde_data::{
    DataError, Encoder, EncoderSettings, MISSING, ReadOptions, Table, Values, plan, read_bytes,
};
use std::collections::HashSet;

/// Few bytes, so that the limit is met.
pub const MAX_BYTES: u64 = 1 << 20;

/// Small limits, and one thread.
pub fn options() -> ReadOptions {
    ReadOptions { max_bytes: MAX_BYTES, threads: 1, ..ReadOptions::default() }
}

/// Reads bytes under a name, and looks at what comes of it.
pub fn read(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Table, DataError> {
    let result = read_bytes(name, bytes, options);
    check(name, &result);
    result
}

/// A table holds together, and an error says where it comes from.
pub fn check(name: &str, result: &Result<Table, DataError>) {
    match result {
        Ok(table) => check_table(table),
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(name), "the file is not named: {text}");
            assert_ne!(error.hint().as_deref(), Some(""));
            let _ = error.details();
        }
    }
}

fn check_table(table: &Table) {
    let mut names = HashSet::new();
    let rows = table.rows();
    for column in &table.columns {
        assert!(names.insert(&column.name), "two columns are called {}", column.name);
        assert_eq!(column.values.len(), rows, "cells of {}", column.name);
        if let Values::Category { levels, codes } = &column.values {
            assert_eq!(levels.iter().collect::<HashSet<_>>().len(), levels.len(), "a level twice");
            assert!(codes.iter().all(|&code| code == MISSING || (code as usize) < levels.len()));
        }
        for row in [0, rows / 2, rows.saturating_sub(1)] {
            let _ = column.values.text(row);
        }
    }
    let lines: Vec<u64> = (0..rows).filter_map(|row| table.line_of(row)).collect();
    assert!(lines.is_empty() || lines.len() == rows);
    assert!(!table.origin.format.is_empty());
    let _ = table.at(rows / 2).to_string();
    if table.columns.len() <= 16 && rows <= 1000 {
        let _ = plan(table, None);
        check_encoded(table);
    }
}

/// What an encoder makes of a table is finite, and the encoder can be kept.
fn check_encoded(table: &Table) {
    let Some(target) = table.columns.last() else { return };
    let rows: Vec<usize> = (0..table.rows()).filter(|&row| !target.values.is_missing(row)).collect();
    let settings = EncoderSettings { targets: vec![target.name.clone()], ..EncoderSettings::default() };
    let Ok(encoder) = Encoder::fit(table, &rows, &settings) else { return };
    let x = encoder.transform(table, &rows).expect("the rows that were learnt from");
    assert!(x.iter().all(|x| x.is_finite()), "an encoded value is not finite");
    let _ = encoder.targets(table, &rows).expect("their targets");
    let kept = serde_json::to_string(&encoder).expect("JSON");
    let again: Encoder = serde_json::from_str(&kept).expect("what was written");
    assert_eq!(serde_json::to_string(&again).expect("JSON"), kept);
    again.validate().expect("an encoder that was learnt");
    let _ = plan(table, Some(&encoder));
}
