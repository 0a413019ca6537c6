#![no_main]

use libfuzzer_sys::fuzz_target;
use retrograde_fuzz::{options, read};

fuzz_target!(|bytes: &[u8]| {
    // The first bytes of the format are given: no time is spent on finding them.
    let file = [&[0, 0], bytes].concat();
    let _ = read("t-images-idx3-ubyte", &file, &options());
});
