//! Any bytes as a paste, with whatever headings part it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smtplint_core::intake;

fuzz_target!(|bytes: &[u8]| {
    smtplint_fuzz::say(&intake::split("paste", &String::from_utf8_lossy(bytes)));
});
