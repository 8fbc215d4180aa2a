//! Text with marked blocks in it (RFC 7468).

use std::ops::Range;

/// One block with its markers.
pub(super) struct Block<'a> {
    /// What the markers say: `CERTIFICATE`.
    pub(super) label: &'a str,
    /// What stands between them.
    pub(super) body: &'a str,
    /// The lines of the block, markers included.
    pub(super) range: Range<usize>,
}

/// The label of a line that begins or ends a block.
fn label<'a>(line: &'a str, marker: &str) -> Option<&'a str> {
    line.trim().strip_prefix(marker)?.strip_suffix("-----")
}

/// The blocks of a text. One that does not end, or ends under another label, is none.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut offset = 0;
    let mut open: Option<(&str, usize, usize)> = None;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = offset;
        offset += line.len();
        if let Some(name) = label(line, "-----BEGIN ") {
            open = Some((name, start, offset));
            return None;
        }
        let name = label(line, "-----END ")?;
        let (label, begin, from) = open.take().filter(|(label, ..)| *label == name)?;
        Some(Block {
            label,
            body: text.get(from..start)?,
            range: begin..offset,
        })
    })
}

/// The bytes of a body in base64; `None` when it holds anything else.
pub(super) fn decode(body: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    let mut letters = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).peekable();
    while let Some(letter) = letters.next_if(|letter| *letter != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count).to_le_bytes()[0]);
        }
    }
    letters.all(|letter| letter == b'=').then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("TWFu", b"Man"),
            ("TW\r\nE=", b"Ma"),
            ("TQ==\n", b"M"),
            ("+/+/", b"\xfb\xff\xbf"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
        for text in ["TW-u", "TQ=Q", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn blocks_have_two_ends() {
        let text = "a\n-----BEGIN A-----\nx\n-----END A-----\n-----BEGIN B-----\n-----BEGIN C-----\r\ny\r\n-----END C-----\r\n-----BEGIN D-----\nz\n-----END E-----";
        let found: Vec<(&str, &str, &str)> = blocks(text)
            .map(|block| (block.label, block.body, &text[block.range]))
            .collect();
        assert_eq!(
            found,
            [
                ("A", "x\n", "-----BEGIN A-----\nx\n-----END A-----\n"),
                ("C", "y\r\n", "-----BEGIN C-----\r\ny\r\n-----END C-----\r\n"),
            ]
        );
    }
}
