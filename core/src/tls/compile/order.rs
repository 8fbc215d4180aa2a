//! The order in which a release of OpenSSL holds its suites before it reads a string.

use crate::tls::openssl::list::{List, Member, Rule};
use crate::tls::traits::{AUTHENTICATION, CIPHER, KEY_EXCHANGE, LOWEST, MAC};

/// The order, by the places of the members, which are sorted by number.
///
/// Source: `ssl_create_cipher_list` in OpenSSL's `ssl/ssl_ciph.c`.
pub(super) fn preference(members: &[Member]) -> Vec<u8> {
    // OpenSSL keeps its suites by number and reads them from the end.
    let mut places: Vec<u8> = (0_u8..=u8::MAX).zip(members).map(|(place, _)| place).collect();
    places.reverse();
    let mut list = List::new(members, places);
    let ephemeral = KEY_EXCHANGE.of(&["DHE", "ECDHE"]);
    let aes = CIPHER.of(&["AES128", "AES256", "AES128CCM", "AES256CCM", "AES128CCM8", "AES256CCM8"]);
    for (traits, rule) in [
        (KEY_EXCHANGE.of(&["ECDHE"]) | AUTHENTICATION.of(&["ECDSA"]), Rule::Add),
        (KEY_EXCHANGE.of(&["ECDHE"]), Rule::Add),
        (KEY_EXCHANGE.of(&["ECDHE"]), Rule::Remove),
        (CIPHER.of(&["AES128GCM", "AES256GCM"]), Rule::Add),
        (CIPHER.of(&["CHACHA20"]), Rule::Add),
        (aes, Rule::Add),
        (0, Rule::Add),
        (MAC.of(&["MD5"]), Rule::ToEnd),
        (AUTHENTICATION.of(&["none"]), Rule::ToEnd),
        (KEY_EXCHANGE.of(&["RSA"]), Rule::ToEnd),
        (KEY_EXCHANGE.of(&["PSK"]), Rule::ToEnd),
        (CIPHER.of(&["RC4"]), Rule::ToEnd),
    ] {
        list.apply(traits, rule);
    }
    list.sort_by_strength();
    for (traits, rule) in [
        (LOWEST.of(&["TLSv1.2"]), Rule::ToFront),
        (MAC.of(&["AEAD"]), Rule::ToFront),
        (ephemeral, Rule::ToFront),
        (ephemeral | MAC.of(&["AEAD"]), Rule::ToFront),
        (0, Rule::Remove),
    ] {
        list.apply(traits, rule);
    }
    list.order
}
