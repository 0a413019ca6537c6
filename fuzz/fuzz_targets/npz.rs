//! An archive with right checksums of files from the input: a byte for the name, two for the length, and the content.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retrograde_fuzz::{options, read, sealed};

fuzz_target!(|bytes: &[u8]| {
    let _ = read("t.npz", &sealed::archive(bytes), &options());
});
