//! How large the page may be, and how that is measured.

use std::io::Write;

use flate2::{Compression, GzBuilder};

use crate::Error;

/// The most the page's WebAssembly may weigh, in bytes, compressed as by `gzip -9`.
///
/// Lower it to what the page weighs, whenever that becomes less. The aim is 400,000, and the page is beyond it since it reads a
/// second server (46,000) and plans the move between ports (90,000): what few visits need, such as the plan, the panel of cipher
/// strings or the reader of a server that is not there, has to be fetched when it is asked for.
pub const WASM_GZIP: usize = 521_000;

/// Compresses as `gzip -9` does, without name and time, so that equal input gives equal output.
// Writing into memory cannot fail.
#[allow(clippy::expect_used)]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

/// Holds a compressed size against [`WASM_GZIP`].
///
/// # Errors
///
/// [`Error::Budget`] when it is larger.
pub fn hold(measured: usize) -> Result<(), Error> {
    if measured > WASM_GZIP {
        return Err(Error::Budget {
            measured,
            allowed: WASM_GZIP,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_allowed_and_one_more_is_not() {
        assert!(hold(WASM_GZIP).is_ok());
        assert!(matches!(
            hold(WASM_GZIP + 1),
            Err(Error::Budget { measured, .. }) if measured == WASM_GZIP + 1
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
