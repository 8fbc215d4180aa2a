//! Any bytes as a certificate, in the letters that carry it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smtplint_core::certificate;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fuzz_target!(|bytes: &[u8]| {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | usize::from(three.get(at).copied().unwrap_or(0))
        });
        for at in 0..=three.len() {
            text.push(char::from(LETTERS[bits >> (18 - 6 * at) & 63]));
        }
    }
    text.push_str("\n-----END CERTIFICATE-----\n");
    assert_eq!(certificate::read(&text).len(), 1);
});
