//! Identifiers that are the same whenever they are made: from a name, never by chance.

use sha2::{Digest, Sha256};

/// The namespace of names in the DNS (RFC 9562 §6.6).
const DNS: [u8; 16] = [
    0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
];

/// The UUID of a name: version 8 over SHA-256, as in the example of RFC 9562, appendix B.2.
pub(super) fn of_name(name: &str) -> String {
    let digest = Sha256::new().chain_update(DNS).chain_update(name).finalize();
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(digest) {
        *byte = from;
    }
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_as_in_the_example_of_the_standard() {
        assert_eq!(
            super::of_name("www.example.com"),
            "5c146b14-3c52-8afd-938a-375d0df1fbf6"
        );
    }
}
