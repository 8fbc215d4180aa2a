//! Any text as a cipher string of OpenSSL and as a priority string of GnuTLS, read by every release.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smtplint_core::tls::{Invalid, Meaning, gnutls, nearest, openssl};

fuzz_target!(|text: &str| {
    for release in openssl::Release::ALL {
        for level in [0, 2] {
            hold(text, Meaning::of_openssl(text, release, level));
        }
        drop(openssl::ciphersuites(text, release));
    }
    for release in gnutls::Release::ALL {
        hold(text, Meaning::of_gnutls(text, release));
    }
    std::hint::black_box(nearest(text, openssl::words(openssl::Release::V3_5)));
});

/// Every place is one in the text, and what is shown can be.
fn hold(text: &str, meaning: Result<Meaning, Invalid>) {
    match meaning {
        Ok(meaning) => {
            for word in &meaning.words {
                assert_eq!(text.get(word.place.clone()), Some(word.text.as_str()));
            }
            serde_json::to_vec(&meaning.to_json()).expect("a meaning is JSON");
        }
        Err(invalid) => assert!(text.get(invalid.place).is_some()),
    }
}
