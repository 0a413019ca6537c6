//! The first byte chooses between a stream and a file, which gets the letters and lengths around it: see `sealed::framed`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retrograde_fuzz::{columnar, sealed};

fuzz_target!(|bytes: &[u8]| {
    let [how, rest @ ..] = bytes else { return };
    if how & 1 == 0 {
        columnar::read("t.arrows", [&[0xff; 4], rest].concat());
    } else {
        columnar::read("t.arrow", sealed::framed(rest, b"ARROW1\0\0", b"ARROW1"));
    }
});
