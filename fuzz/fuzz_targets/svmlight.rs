#![no_main]

use libfuzzer_sys::fuzz_target;
use retrograde_fuzz::{options, read};

fuzz_target!(|bytes: &[u8]| {
    let _ = read("t.svmlight", bytes, &options());
});
