//! What a policy says of cipher suites.

use super::Policy;
use crate::rule::{Citation, rfc};
use crate::tls::Suite;

/// How good a suite is by a policy, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Nothing is said against it.
    Good,
    /// It may be offered beside better ones.
    Sufficient,
    /// It should go.
    PhaseOut,
    /// It must not be offered.
    Insufficient,
}

impl Grade {
    /// All of them, the best first.
    pub const ALL: [Grade; 4] = [Grade::Good, Grade::Sufficient, Grade::PhaseOut, Grade::Insufficient];

    /// The words for it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Grade::Good => "good",
            Grade::Sufficient => "sufficient",
            Grade::PhaseOut => "to be phased out",
            Grade::Insufficient => "insufficient",
        }
    }
}

/// Suites that a policy speaks of. An empty list of names leaves them open.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Key exchanges, as [`Suite::key_exchange`] names them.
    exchanges: &'static [&'static str],
    /// Beginnings of the names of ciphers, as [`Suite::cipher`] names them.
    ciphers: &'static [&'static str],
    /// Protections, as [`Suite::mac`] names them.
    macs: &'static [&'static str],
    /// What it says of them.
    grade: Grade,
}

impl Row {
    const fn new(
        exchanges: &'static [&'static str],
        ciphers: &'static [&'static str],
        macs: &'static [&'static str],
        grade: Grade,
    ) -> Row {
        Row {
            exchanges,
            ciphers,
            macs,
            grade,
        }
    }

    fn speaks_of(&self, suite: &Suite) -> bool {
        let is_open = |list: &[&str]| list.is_empty();
        (is_open(self.exchanges) || self.exchanges.contains(&suite.key_exchange()))
            && (is_open(self.ciphers) || self.ciphers.iter().any(|cipher| suite.cipher().starts_with(cipher)))
            && (is_open(self.macs) || self.macs.contains(&suite.mac()))
    }
}

/// What a policy says of all suites: the first row that speaks of one counts, and where none does, the last word.
#[derive(Debug, PartialEq, Eq)]
pub struct SuitePolicy {
    /// Where it stands.
    pub source: Citation,
    rows: &'static [Row],
    otherwise: Grade,
}

const ANY: &[&str] = &[];
const WITH_CURVES: &[&str] = &["ECDHE"];
const IN_TLS_1_3: &[&str] = &["any"];
const NOT_CBC: &[&str] = &["AEAD"];

/// RFC 9325 §4.1 forbids NULL, RC4 and fewer than 112 bits, and advises against fewer than 128, static RSA, and key exchange
/// over finite fields; §4.2 advises against CBC.
pub(super) static BCP195: SuitePolicy = SuitePolicy {
    source: rfc(9325, "4.1"),
    rows: &[
        Row::new(ANY, &["NULL", "RC4", "RC2", "DES"], ANY, Grade::Insufficient),
        Row::new(ANY, &["3DES", "IDEA"], ANY, Grade::PhaseOut),
        Row::new(&["RSA", "RSAPSK", "PSK", "DHE", "DHEPSK"], ANY, ANY, Grade::PhaseOut),
        Row::new(ANY, ANY, NOT_CBC, Grade::Good),
    ],
    otherwise: Grade::PhaseOut,
};

/// The document names nine suites: three of TLS 1.3 and six of TLS 1.2.
pub(super) static MOZILLA: SuitePolicy = SuitePolicy {
    source: Citation::Document {
        title: "Mozilla Server Side TLS 6.0, intermediate",
        url: "https://wiki.mozilla.org/Security/Server_Side_TLS",
    },
    rows: &[
        Row::new(IN_TLS_1_3, &["AES128CCM", "NULL"], ANY, Grade::Insufficient),
        Row::new(IN_TLS_1_3, ANY, ANY, Grade::Good),
        Row::new(WITH_CURVES, &["AES128GCM", "AES256GCM", "CHACHA20"], ANY, Grade::Good),
    ],
    otherwise: Grade::Insufficient,
};

/// The lists of the guidelines of May 2025.
pub(super) static NCSC_NL: SuitePolicy = SuitePolicy {
    source: Citation::Document {
        title: "NCSC-NL, Security Guidelines for TLS 2025-05",
        url: "https://english.ncsc.nl/publications/publications/2025/06/26/security-guidelines-for-transport-layer-security-2025-05",
    },
    rows: &[
        Row::new(
            ANY,
            &[
                "AES128CCM8",
                "AES256CCM8",
                "NULL",
                "RC4",
                "RC2",
                "DES",
                "3DES",
                "IDEA",
                "SEED",
            ],
            ANY,
            Grade::Insufficient,
        ),
        Row::new(IN_TLS_1_3, &["AES256GCM", "CHACHA20"], ANY, Grade::Good),
        Row::new(IN_TLS_1_3, ANY, ANY, Grade::Sufficient),
        Row::new(
            WITH_CURVES,
            &["CAMELLIA", "ARIA"],
            &["AEAD", "SHA256", "SHA384"],
            Grade::PhaseOut,
        ),
        Row::new(WITH_CURVES, ANY, NOT_CBC, Grade::Sufficient),
        Row::new(WITH_CURVES, ANY, &["SHA256", "SHA384"], Grade::PhaseOut),
        Row::new(&["DHE"], ANY, ANY, Grade::PhaseOut),
    ],
    otherwise: Grade::Insufficient,
};

impl Policy {
    /// What it says of a suite. Documents that list suites by name list none without a certificate; RFC 9325 is silent on them,
    /// since a server that delivers would go on in clear without (RFC 7672 §8.2).
    #[must_use]
    pub fn grade(&self, suite: &Suite) -> Grade {
        let rows = self.suites.rows.iter();
        let said = rows.filter(|row| row.speaks_of(suite)).map(|row| row.grade).next();
        let grade = said.unwrap_or(self.suites.otherwise);
        if suite.is_anonymous() && !self.is_usual() {
            Grade::Insufficient
        } else {
            grade
        }
    }

    /// How many suites it grades how, in a few words; nothing when all are good.
    #[must_use]
    pub fn tally(&self, suites: &[&'static Suite]) -> Option<String> {
        let count = |grade: Grade| suites.iter().filter(|suite| self.grade(suite) == grade).count();
        let counts = Grade::ALL.map(|grade| (grade, count(grade)));
        if counts.iter().all(|(grade, count)| *grade == Grade::Good || *count == 0) {
            return None;
        }
        let named: Vec<String> = counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(grade, count)| format!("{count} {}", grade.words()))
            .collect();
        Some(named.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{POLICIES, by_id};
    use crate::tls::suite;

    fn grades(id: &str, names: &[&str]) -> Vec<Grade> {
        let policy = by_id(id).unwrap();
        let named = |name: &&str| suite::all().iter().find(|suite| suite.openssl == Some(name)).unwrap();
        names.iter().map(|name| policy.grade(named(name))).collect()
    }

    #[test]
    fn what_the_documents_say() {
        use Grade::{Good, Insufficient, PhaseOut, Sufficient};
        let names = [
            "TLS_AES_256_GCM_SHA384",
            "TLS_AES_128_GCM_SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES256-SHA384",
            "ECDHE-RSA-AES256-SHA",
            "DHE-RSA-AES256-GCM-SHA384",
            "AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES128-CCM8",
            "DES-CBC3-SHA",
            "RC4-SHA",
        ];
        assert_eq!(
            grades("bcp195", &names),
            [
                Good,
                Good,
                Good,
                PhaseOut,
                PhaseOut,
                PhaseOut,
                PhaseOut,
                Good,
                PhaseOut,
                Insufficient
            ]
        );
        assert_eq!(
            grades("mozilla-intermediate-6.0", &names),
            [
                Good,
                Good,
                Good,
                Insufficient,
                Insufficient,
                Insufficient,
                Insufficient,
                Insufficient,
                Insufficient,
                Insufficient
            ]
        );
        assert_eq!(
            grades("ncsc-nl-2025", &names),
            [
                Good,
                Sufficient,
                Sufficient,
                PhaseOut,
                Insufficient,
                PhaseOut,
                Insufficient,
                Insufficient,
                Insufficient,
                Insufficient
            ]
        );
    }

    #[test]
    fn every_word_of_a_row_is_one_of_the_tables() {
        for policy in POLICIES {
            for row in policy.suites.rows {
                assert!(suite::all().iter().any(|suite| row.speaks_of(suite)), "{row:?}");
                for exchange in row.exchanges {
                    assert!(
                        suite::all().iter().any(|suite| suite.key_exchange() == *exchange),
                        "{exchange}"
                    );
                }
                for cipher in row.ciphers {
                    assert!(
                        suite::all().iter().any(|suite| suite.cipher().starts_with(cipher)),
                        "{cipher}"
                    );
                }
            }
        }
    }

    #[test]
    fn nine_suites_are_mozillas() {
        let policy = by_id("mozilla-intermediate-6.0").unwrap();
        let good = suite::all()
            .iter()
            .filter(|suite| policy.grade(suite) == Grade::Good && suite.openssl.is_some());
        let names: Vec<&str> = good.filter_map(|suite| suite.openssl).collect();
        assert_eq!(names.len(), 9, "{names:?}");
    }

    #[test]
    fn a_tally_counts_what_is_not_good() {
        let policy = by_id("ncsc-nl-2025").unwrap();
        let of = |ids: &[u16]| ids.iter().map(|id| suite::by_id(*id).unwrap()).collect::<Vec<_>>();
        assert_eq!(policy.tally(&of(&[0x1302])), None);
        assert_eq!(
            policy.tally(&of(&[0x1302, 0xC02F, 0x002F])).as_deref(),
            Some("1 good, 1 sufficient, 1 insufficient")
        );
    }
}
