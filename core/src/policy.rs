//! Policies: what a published document asks for, as data; and how bad a thing is by policy and by what a port is for.
//!
//! Only what the documents themselves say stands here. Where one is silent the field is empty, and rules rest on the
//! standards that they name.

mod suites;

pub use suites::{Grade, SuitePolicy};

use serde::Serialize;

use crate::facts::{Role, TlsVersion};
use crate::finding::Severity;
use crate::rule::{Citation, rfc};

/// A published document to judge by.
#[derive(Debug, PartialEq, Eq)]
pub struct Policy {
    /// The word that `--policy` takes.
    pub id: &'static str,
    /// The document, as people cite it.
    pub title: &'static str,
    /// Where it speaks of protocol versions.
    pub source: Citation,
    /// Versions it forbids.
    pub forbidden: &'static [TlsVersion],
    /// Versions that a server must offer.
    pub required: &'static [TlsVersion],
    /// Versions that a server should offer.
    pub wanted: &'static [TlsVersion],
    /// Where it allows for ports that would fall back to no TLS at all, as port 25 between servers does. `Some(None)` is a
    /// document that judges such ports as hard as all others; `None` one that does not speak of mail between servers.
    pub opportunistic: Option<Option<Citation>>,
    /// Where it wants implicit TLS preferred to STARTTLS, when it speaks of them.
    pub implicit_first: Option<Citation>,
    /// What it says of cipher suites.
    pub suites: &'static SuitePolicy,
    /// Bits of an RSA key: fewer than the first number are too few, fewer than the second are to be phased out.
    pub rsa_bits: (u16, u16),
    /// The longest time in days that a certificate should be valid, when it names one.
    pub certificate_days: Option<u16>,
}

use TlsVersion::{Ssl2, Ssl3, Tls10, Tls11, Tls12, Tls13};

/// RFC 9325 §3.1.1, §3.2, §4.5, §5.2.
static BCP195: Policy = Policy {
    id: "bcp195",
    title: "BCP 195 (RFC 9325)",
    source: rfc(9325, "3.1.1"),
    forbidden: &[Ssl2, Ssl3, Tls10, Tls11],
    required: &[Tls12],
    wanted: &[Tls13],
    opportunistic: Some(Some(rfc(9325, "5.2"))),
    implicit_first: Some(rfc(9325, "3.2")),
    suites: &suites::BCP195,
    rsa_bits: (2048, 2048),
    certificate_days: None,
};

/// guidelines/6.0.json, configuration `intermediate`; written for web servers.
static MOZILLA: Policy = Policy {
    id: "mozilla-intermediate-6.0",
    title: "Mozilla Server Side TLS 6.0, intermediate",
    source: Citation::Document {
        title: "Mozilla Server Side TLS 6.0, intermediate",
        url: "https://wiki.mozilla.org/Security/Server_Side_TLS",
    },
    forbidden: &[Ssl2, Ssl3, Tls10, Tls11],
    required: &[],
    wanted: &[Tls12, Tls13],
    opportunistic: None,
    implicit_first: None,
    suites: &suites::MOZILLA,
    rsa_bits: (2048, 2048),
    certificate_days: Some(366),
};

/// 1.3 is good, 1.2 sufficient, everything older insufficient, for incoming mail servers as well; RSA keys of fewer than
/// 3072 bits are to be phased out.
static NCSC_NL: Policy = Policy {
    id: "ncsc-nl-2025",
    title: "NCSC-NL, Security Guidelines for TLS 2025-05",
    source: Citation::Document {
        title: "NCSC-NL, Security Guidelines for TLS 2025-05",
        url: "https://english.ncsc.nl/publications/publications/2025/06/26/security-guidelines-for-transport-layer-security-2025-05",
    },
    forbidden: &[Ssl2, Ssl3, Tls10, Tls11],
    required: &[],
    wanted: &[Tls13],
    opportunistic: Some(None),
    implicit_first: None,
    suites: &suites::NCSC_NL,
    rsa_bits: (2048, 3072),
    certificate_days: None,
};

/// All policies, the usual one first.
pub static POLICIES: [&Policy; 3] = [&BCP195, &MOZILLA, &NCSC_NL];

/// The policy that counts when none is named.
impl Default for &Policy {
    fn default() -> Self {
        &BCP195
    }
}

/// The policy of an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Policy> {
    POLICIES.into_iter().find(|policy| policy.id == id)
}

/// What is wrong, where it matters more at one kind of port than at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// A version of TLS that is forbidden.
    OldVersion(TlsVersion),
    /// A certificate that no client can check.
    UncheckedCertificate,
}

impl Policy {
    /// True when no policy is named, or the usual one.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.id == BCP195.id
    }

    /// True when ports where other servers deliver are judged as hard as all others.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.opportunistic == Some(None)
    }

    /// What is said of a version that is offered; where a policy is stricter than the usual one it is named.
    #[must_use]
    pub fn forbids(&self, version: TlsVersion, role: Role) -> String {
        let offers = format!("{{listener}} offers {version}, which is forbidden");
        if role == Role::Mx && self.is_strict() {
            format!("{offers}; {} spares no port", self.title)
        } else {
            offers
        }
    }

    /// How bad a weakness is at a port of this role. `None` stands for the rule's own severity.
    ///
    /// Where other servers deliver, weak TLS is a lesser evil than none (RFC 9325 §5.2), unless the policy judges these ports
    /// as hard as all others.
    #[must_use]
    pub fn severity(&self, weakness: Weakness, role: Role) -> Option<Severity> {
        match (weakness, role) {
            (Weakness::OldVersion(Ssl2 | Ssl3), Role::Mx) => Some(Severity::Medium),
            (Weakness::OldVersion(_), Role::Mx) if self.is_strict() => Some(Severity::Medium),
            (Weakness::OldVersion(_), Role::Mx) => Some(Severity::Low),
            (Weakness::UncheckedCertificate, Role::Mx) => Some(Severity::Info),
            (_, Role::Unknown) => Some(Severity::Medium),
            (_, Role::Submission | Role::Mailbox | Role::Internal) => None,
        }
    }
}

/// Which of the two ports for users somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Prefer {
    /// Both, as RFC 8314 §3.3 has it.
    #[default]
    #[serde(rename = "both")]
    Both,
    /// 587 with STARTTLS alone.
    #[serde(rename = "587")]
    Starttls,
    /// 465 with implicit TLS alone.
    #[serde(rename = "465")]
    Implicit,
}

impl Prefer {
    /// The word that `--prefer` takes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Prefer::Both => "both",
            Prefer::Starttls => "587",
            Prefer::Implicit => "465",
        }
    }

    /// The preference of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Prefer> {
        [Prefer::Both, Prefer::Starttls, Prefer::Implicit]
            .into_iter()
            .find(|prefer| prefer.word() == word)
    }

    /// True when port 465 with implicit TLS is wanted.
    #[must_use]
    pub fn wants_implicit(self) -> bool {
        self != Prefer::Starttls
    }

    /// True when port 587 with STARTTLS is wanted.
    #[must_use]
    pub fn wants_starttls(self) -> bool {
        self != Prefer::Implicit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_have_names_of_their_own_and_contradict_nothing() {
        for policy in POLICIES {
            assert_eq!(by_id(policy.id), Some(policy));
            for version in policy.required.iter().chain(policy.wanted) {
                assert!(!policy.forbidden.contains(version), "{}: {version}", policy.id);
            }
            assert!(policy.rsa_bits.0 <= policy.rsa_bits.1);
        }
        assert!(by_id("bcp195").is_some_and(Policy::is_usual));
        assert!(by_id("ncsc-nl-2025").is_some_and(|policy| !policy.is_usual()));
        assert_eq!(by_id("bcp"), None);
    }

    #[test]
    fn an_old_version_where_servers_deliver_is_judged_by_the_policy() {
        let severity = |id: &str, role| by_id(id).and_then(|policy| policy.severity(Weakness::OldVersion(Tls10), role));
        assert_eq!(severity("bcp195", Role::Mx), Some(Severity::Low));
        assert_eq!(severity("mozilla-intermediate-6.0", Role::Mx), Some(Severity::Low));
        assert_eq!(severity("ncsc-nl-2025", Role::Mx), Some(Severity::Medium));
        for policy in POLICIES {
            assert_eq!(severity(policy.id, Role::Submission), None, "{}", policy.id);
        }
    }

    #[test]
    fn preferences_are_told_by_their_words() {
        for prefer in [Prefer::Both, Prefer::Starttls, Prefer::Implicit] {
            assert_eq!(Prefer::from_word(prefer.word()), Some(prefer));
        }
        assert_eq!(Prefer::from_word("25"), None);
        assert!(Prefer::Implicit.wants_implicit() && !Prefer::Implicit.wants_starttls());
        assert!(Prefer::Starttls.wants_starttls() && !Prefer::Starttls.wants_implicit());
    }
}
