//! Distinguished encoding of ASN.1 (X.690 §10): one element after the other, nothing copied, no recursion.

/// Bytes not read yet.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

/// One element: its tag and what it holds.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const BMP_STRING: u8 = 0x1e;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

impl<'a> Iterator for Reader<'a> {
    type Item = Element<'a>;

    /// The next element; `None` at the end, and where the bytes do not hold what they promise.
    fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        // Tags of several bytes stand nowhere in a certificate.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let (digits, behind) = rest.split_at_checked(usize::from(first & 0x7f))?;
            // More digits than these, or none: no length of a certificate.
            if !(1..=3).contains(&digits.len()) {
                return None;
            }
            length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            rest = behind;
        }
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Element { tag, value })
    }
}

impl<'a> Reader<'a> {
    /// What the next element holds, when it has this tag; with another tag it stays the next one.
    pub(super) fn get(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = *self;
        let element = self.next().filter(|element| element.tag == tag);
        if element.is_none() {
            *self = before;
        }
        element.map(|element| element.value)
    }

    /// The elements inside the next one, when it has this tag.
    pub(super) fn open(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.get(tag).map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_held_against_the_bytes() {
        let mut reader = Reader(&[0x02, 1, 7, 0x04, 0x81, 2, 8, 9, 0x05, 0]);
        assert_eq!(reader.get(INTEGER), Some(&[7][..]));
        assert_eq!(reader.get(INTEGER), None);
        assert_eq!(reader.get(OCTET_STRING), Some(&[8, 9][..]));
        assert_eq!(reader.next().map(|last| (last.tag, last.value)), Some((5, &[][..])));
        for wrong in [
            &[][..],
            &[2],
            &[2, 1],
            &[2, 0x80, 0],
            &[2, 0x84, 0, 0, 0, 0],
            &[2, 0x82, 1],
            &[0x1f, 1, 1],
        ] {
            assert!(Reader(wrong).next().is_none(), "{wrong:?}");
        }
    }
}
