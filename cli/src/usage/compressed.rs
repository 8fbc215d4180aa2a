//! Logs as they are rotated: plain, or compressed. Which of them is told by how the bytes begin, not by a name.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder, StreamingDecoder};

/// What cannot be read here, and the program that can.
const OTHERS: [(&[u8], &str, &str); 3] = [
    (b"\xfd7zXZ\0", "xz", "xzcat"),
    (b"BZh", "bzip2", "bzcat"),
    (b"\x04\x22\x4d\x18", "lz4", "lz4cat"),
];

/// Why bytes are not read.
#[derive(Debug)]
pub(super) enum Refused {
    /// They cannot be read at all.
    Unreadable(io::Error),
    /// Another program has to read them first: what they are, and its name.
    Compressed(&'static str, &'static str),
}

/// The log in the bytes of a file.
pub(super) fn plain<'r>(mut bytes: impl BufRead + 'r) -> Result<Box<dyn Read + 'r>, Refused> {
    let begin = bytes.fill_buf().map_err(Refused::Unreadable)?;
    if let Some((_, form, program)) = OTHERS.iter().find(|(magic, ..)| begin.starts_with(magic)) {
        return Err(Refused::Compressed(form, program));
    }
    Ok(match begin {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(bytes)),
        // A frame, or one that is to be skipped (RFC 8878 §3.1).
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Box::new(Zstd::Between(bytes)),
        _ => Box::new(bytes),
    })
}

/// Frames of zstd, one after the other.
#[expect(clippy::large_enum_variant, reason = "there is one a file")]
enum Zstd<B: BufRead> {
    Between(B),
    Within(B, FrameDecoder),
    /// An error has been told.
    Broken,
}

impl<B: BufRead> Read for Zstd<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(self, Zstd::Broken) {
                Zstd::Between(mut bytes) => {
                    if bytes.fill_buf()?.is_empty() {
                        *self = Zstd::Between(bytes);
                        return Ok(0);
                    }
                    *self = next_frame(bytes)?;
                }
                Zstd::Within(mut bytes, mut decoder) => {
                    // Not more than is asked for, so that a frame takes no more memory than its window.
                    if decoder.can_collect() < buffer.len() && !decoder.is_finished() {
                        let wanted = BlockDecodingStrategy::UptoBytes(buffer.len());
                        decoder.decode_blocks(&mut bytes, wanted).map_err(io::Error::other)?;
                    }
                    let length = decoder.read(buffer)?;
                    let is_over = decoder.is_finished() && decoder.can_collect() == 0;
                    *self = if is_over {
                        Zstd::Between(bytes)
                    } else {
                        Zstd::Within(bytes, decoder)
                    };
                    if length > 0 || buffer.is_empty() {
                        return Ok(length);
                    }
                }
                Zstd::Broken => return Err(io::Error::other("it is damaged")),
            }
        }
    }
}

/// The next frame, or what follows one that is to be skipped.
fn next_frame<B: BufRead>(mut bytes: B) -> io::Result<Zstd<B>> {
    match StreamingDecoder::new(&mut bytes).map(StreamingDecoder::into_frame_decoder) {
        Ok(decoder) => Ok(Zstd::Within(bytes, decoder)),
        Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
            let skipped = io::copy(&mut bytes.by_ref().take(u64::from(length)), &mut io::sink())?;
            if skipped < u64::from(length) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Ok(Zstd::Between(bytes))
        }
        Err(error) => Err(io::Error::other(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("memory takes every byte");
        encoder.finish().expect("memory takes every byte")
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        let Ok(mut log) = plain(bytes) else {
            panic!("a form that is read");
        };
        log.read_to_end(&mut text).map(|_| text)
    }

    #[test]
    fn every_form_is_told_by_its_bytes() {
        let one = b"Nov 27 01:02:03 mail postfix/smtpd[1]: connect from a[192.0.2.1]\n".repeat(5000);
        let both = [one.as_slice(), b"the end"].concat();
        assert_eq!(read(&both).expect("plain"), both);
        for pack in [gzip, zstd] {
            // Rotated logs are appended to each other.
            let packed = [pack(&one), pack(b"the end")].concat();
            assert_eq!(read(&packed).expect("it is read"), both);
            let cut = packed.get(..packed.len() / 2).expect("half of it");
            assert!(read(cut).is_err(), "half of it");
        }
        let skipped = [
            b"\x50\x2a\x4d\x18\x03\0\0\0abc".as_slice(),
            &zstd(b"x"),
            b"\x5f\x2a\x4d\x18\0\0\0\0",
        ]
        .concat();
        assert_eq!(read(&skipped).expect("it is read"), b"x");
        assert_eq!(read(b"").expect("nothing"), b"");
    }

    #[test]
    fn other_forms_name_the_program_that_reads_them() {
        for (magic, form, program) in OTHERS {
            let refused = plain(magic).err();
            assert!(matches!(refused, Some(Refused::Compressed(f, p)) if (f, p) == (form, program)));
        }
    }
}
