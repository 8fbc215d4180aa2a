//! What tests of the rules share.

pub(crate) mod certificates;
pub(crate) mod examples;

/// A file of the core's sources; `None` when it is not there.
#[expect(
    clippy::disallowed_methods,
    reason = "the core reads no files, its tests compare rules with the files they stand in"
)]
pub(crate) fn source_file(path: &str) -> Option<String> {
    std::fs::read_to_string(format!("{}/src/{path}", env!("CARGO_MANIFEST_DIR"))).ok()
}
