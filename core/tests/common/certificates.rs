//! The certificates of `tests/certificates`, and the time that they are held against.

#![expect(clippy::panic, reason = "a helper stops the test that it serves")]
#![expect(clippy::disallowed_methods, reason = "the core reads no files, its tests do")]

/// When certificates are looked at: 2026-11-25.
pub(crate) const NOW: i64 = 1_795_564_800;

/// The text of one of the files of `tests/certificates`.
pub(crate) fn certificates(name: &str) -> String {
    let path = format!("{}/tests/certificates/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
