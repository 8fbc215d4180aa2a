//! What cipher suites are made of: one bit for each word of the tables.

/// Words of one kind, and where their bits begin.
#[derive(Debug)]
pub(super) struct Group {
    first: usize,
    words: &'static [&'static str],
}

/// How the two sides agree on a key.
pub(super) const KEY_EXCHANGE: Group = Group {
    first: 0,
    words: &[
        "RSA", "DHE", "ECDHE", "PSK", "RSAPSK", "DHEPSK", "ECDHEPSK", "SRP", "GOST", "any",
    ],
};
/// How the server proves who it is.
pub(super) const AUTHENTICATION: Group =
    KEY_EXCHANGE.then(&["RSA", "DSS", "none", "ECDSA", "PSK", "SRP", "GOST", "any"]);
/// What hides the data.
pub(super) const CIPHER: Group = AUTHENTICATION.then(&[
    "NULL",
    "DES",
    "3DES",
    "RC4",
    "RC2",
    "IDEA",
    "SEED",
    "AES128",
    "AES256",
    "AES128GCM",
    "AES256GCM",
    "AES128CCM",
    "AES256CCM",
    "AES128CCM8",
    "AES256CCM8",
    "CAMELLIA128",
    "CAMELLIA256",
    "CAMELLIA128GCM",
    "CAMELLIA256GCM",
    "ARIA128GCM",
    "ARIA256GCM",
    "CHACHA20",
    "GOST",
]);
/// What protects the data from being changed.
pub(super) const MAC: Group = CIPHER.then(&["MD5", "SHA1", "SHA256", "SHA384", "AEAD", "GOST"]);
/// The oldest version of the protocol.
pub(super) const LOWEST: Group = MAC.then(&["SSLv3", "TLSv1", "TLSv1.2", "TLSv1.3"]);
/// OpenSSL's classes of strength; `fips` is one of them there.
pub(super) const STRENGTH: Group = LOWEST.then(&["EXPORT", "NONE", "LOW", "MEDIUM", "HIGH", "fips"]);
/// What OpenSSL keeps out of its default list.
pub(super) const EXTRA: Group = STRENGTH.then(&["extra"]);

/// All groups. A selection holds for a suite when they share a bit in each group of which the selection has any.
pub(super) const GROUPS: [Group; 7] = [KEY_EXCHANGE, AUTHENTICATION, CIPHER, MAC, LOWEST, STRENGTH, EXTRA];

impl Group {
    /// The group whose bits come next.
    const fn then(&self, words: &'static [&'static str]) -> Group {
        Group {
            first: self.first + self.words.len(),
            words,
        }
    }

    /// All bits of the group.
    pub(super) const fn mask(&self) -> u64 {
        ((1 << self.words.len()) - 1) << self.first
    }

    /// The bit of a word; nothing when the group has no such word.
    pub(super) const fn bit(&self, word: &str) -> u64 {
        let mut at = 0;
        while at < self.words.len() {
            if same(self.words[at], word) {
                return 1 << (self.first + at);
            }
            at += 1;
        }
        0
    }

    /// The bits of words of the group, for constants: with another word there is no program.
    pub(super) const fn of(&self, words: &[&str]) -> u64 {
        let mut bits = 0;
        let mut at = 0;
        while at < words.len() {
            assert!(self.bit(words[at]) != 0, "the group has no such word");
            bits |= self.bit(words[at]);
            at += 1;
        }
        bits
    }

    /// The bits of words that commas part; `None` when one is not a word of the group.
    pub(super) fn bits(&self, words: &str) -> Option<u64> {
        words.split(',').try_fold(0, |bits, word| match self.bit(word) {
            0 => None,
            bit => Some(bits | bit),
        })
    }

    /// The word of the lowest bit that a suite has in this group.
    pub(super) fn word(&self, traits: u64) -> &'static str {
        let at = (traits & self.mask()).trailing_zeros() as usize;
        at.checked_sub(self.first)
            .and_then(|at| self.words.get(at))
            .copied()
            .unwrap_or("")
    }
}

/// Comparing, where the compiler can do it.
const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_share_no_bit() {
        let masks = GROUPS.map(|group| group.mask());
        let all = masks.iter().fold(0, |all, mask| all | mask);
        assert_eq!(
            masks.iter().map(|mask| mask.count_ones()).sum::<u32>(),
            all.count_ones()
        );
        assert_eq!(all.trailing_ones(), all.count_ones());
    }

    #[test]
    fn words_and_bits() {
        assert_eq!(KEY_EXCHANGE.of(&["RSA", "DHE"]), 3);
        assert_eq!(KEY_EXCHANGE.bits("RSA,DHE,RSA"), Some(3));
        assert_eq!(KEY_EXCHANGE.bits("RSA,-"), None);
        assert_eq!(MAC.word(CIPHER.bit("GOST") | MAC.bit("AEAD")), "AEAD");
        assert_eq!(MAC.word(0), "");
    }
}
