//! How large the page may be, and how that is measured.

use std::io::Write;

use flate2::{Compression, GzBuilder};

use crate::Error;

/// The most that is loaded before the first findings appear, in bytes of WebAssembly compressed as by `gzip -9`: what begins, and the
/// largest reader of a server's configuration. The other limits follow the same rule: lower each to what there is, whenever that
/// becomes less.
pub const FIRST: usize = 401_000;

/// The most of WebAssembly in all, compressed the same way: what begins, and every piece.
pub const WHOLE: usize = 794_500;

/// The most of what is no WebAssembly, compressed the same way: the texts, which come with what begins, the scripts, the style sheet
/// and the shell.
pub const BESIDE: usize = 60_000;

/// The most the single file may have, in bytes as it is.
pub const SINGLE: usize = 1_171_000;

/// Compresses as `gzip -9` does, without name and time, so that equal input gives equal output.
// Writing into memory cannot fail.
#[allow(clippy::expect_used)]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

/// Holds a size against its limit.
///
/// # Errors
///
/// [`Error::Budget`] when it is larger.
pub fn hold(what: &'static str, measured: usize, allowed: usize) -> Result<(), Error> {
    if measured > allowed {
        return Err(Error::Budget {
            what,
            measured,
            allowed,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_allowed_and_one_more_is_not() {
        assert!(hold("it", FIRST, FIRST).is_ok());
        assert!(matches!(
            hold("it", FIRST + 1, FIRST),
            Err(Error::Budget { measured, .. }) if measured == FIRST + 1
        ));
    }

    #[test]
    fn compression_is_reversible_and_the_same_twice() {
        let text = b"smtpd_tls_security_level = may\n".repeat(100);
        let packed = gzip(&text);
        assert!(packed.len() < text.len() / 10);
        assert_eq!(packed, gzip(&text));
        let mut back = Vec::new();
        std::io::copy(&mut flate2::read::GzDecoder::new(packed.as_slice()), &mut back)
            .expect("own output decompresses");
        assert_eq!(back, text);
    }
}
