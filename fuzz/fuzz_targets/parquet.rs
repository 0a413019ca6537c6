//! Metadata and columns, which get the letters and lengths of a Parquet file around them: see `sealed::framed`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retrograde_fuzz::{columnar, sealed};

fuzz_target!(|bytes: &[u8]| {
    columnar::read("t.parquet", sealed::framed(bytes, b"PAR1", b"PAR1"));
});
