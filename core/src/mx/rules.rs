//! The rules about what a domain says of its mail: their ids, how bad, and what they rest on.

use crate::finding::Severity;
use crate::rule::Citation;
use crate::rule_text::RuleText;

/// The group of them all.
pub const GROUP: &str = "dns";

/// A rule about a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MxRule {
    /// In kebab-case.
    pub id: &'static str,
    /// How bad it is, where nothing makes it milder.
    pub severity: Severity,
    /// What it rests on.
    pub sources: &'static [Citation],
    /// Its text, in the form of all rules' texts.
    pub text: &'static str,
}

impl MxRule {
    /// What it rests on, in words.
    #[must_use]
    pub fn cited(&self) -> Vec<String> {
        self.sources.iter().map(ToString::to_string).collect()
    }
}

const fn rfc(number: u16, section: &'static str) -> Citation {
    Citation::Rfc { number, section }
}

/// The RFC has no sections.
const SRV: Citation = Citation::Document {
    title: "RFC 2782, Target",
    url: "https://www.rfc-editor.org/rfc/rfc2782",
};

const AUTOCONFIG: Citation = Citation::Document {
    title: "Thunderbird, Autoconfiguration",
    url: "https://wiki.mozilla.org/Thunderbird:Autoconfiguration",
};

macro_rules! rules {
    ($($name:ident $file:literal $severity:ident [$($source:expr),+];)+) => {
        $(
            /// A rule; its text says what it is about.
            pub static $name: MxRule = MxRule {
                id: $file,
                severity: Severity::$severity,
                sources: &[$($source),+],
                text: include_str!(concat!("rules/", $file, ".md")),
            };
        )+
        /// All of them, in the order in which they look.
        pub static ALL: &[&MxRule] = &[$(&$name),+];
    };
}

rules! {
    MISSING_OR_NULL "mx-missing-or-null" Info [rfc(5321, "5.1"), rfc(7505, "3")];
    ALIAS_OR_ADDRESS "mx-is-cname-or-ip" High [rfc(5321, "5.1"), rfc(2181, "10.3")];
    UNRESOLVABLE "mx-host-unresolvable" High [rfc(5321, "5.1")];
    POINTER "mx-ptr-mismatch" Low [rfc(1912, "2.1")];
    BOGUS "dnssec-bogus" High [rfc(4035, "5.5")];
    STS_ABSENT "mta-sts-absent" Low [rfc(8461, "3.1")];
    STS_INVALID "mta-sts-invalid" High [rfc(8461, "3.1"), rfc(8461, "3.2"), rfc(8461, "3.3"), rfc(8461, "4.1")];
    REPORTS_ABSENT "tlsrpt-absent" Low [rfc(8460, "3")];
    REPORTS_INVALID "tlsrpt-invalid" Medium [rfc(8460, "3")];
    DANE_ABSENT "dane-absent" Info [rfc(7672, "2.2")];
    DANE_BAD "dane-bad" High [rfc(7672, "2.2"), rfc(7672, "3.1"), rfc(7671, "5")];
    WITHOUT_STARTTLS "mx-without-starttls" High [rfc(3207, "4"), rfc(7672, "2.2"), rfc(8461, "4.2")];
    STS_CERTIFICATE "mta-sts-mx-certificate" High [rfc(8461, "4.2")];
    SUBMISSION_ABSENT "srv-submission-absent" Info [rfc(6186, "3.1")];
    SUBMISSIONS_ABSENT "srv-submissions-absent" Info [rfc(8314, "5.1")];
    PREFERS_CLEAR "srv-prefers-cleartext" Medium [rfc(8314, "4.5.2"), rfc(8314, "5.1")];
    TARGET_UNRESOLVABLE "srv-target-unresolvable" High [SRV];
    CLOSED "srv-lists-closed-port" High [SRV, rfc(6186, "3.4")];
    TLS_OTHERWISE "srv-port-without-tls" High [rfc(6186, "3.1"), rfc(8314, "5.1"), rfc(8314, "3.3")];
    TARGET_CERTIFICATE "srv-target-cert-mismatch" High [rfc(7817, "3"), rfc(7817, "5"), rfc(6186, "6")];
    AUTOCONFIG_MISSING "autoconfig-missing" Low [AUTOCONFIG];
    AUTOCONFIG_CONTRADICTS "autoconfig-contradicts" Medium [AUTOCONFIG, rfc(8314, "4.5.2")];
    AUTOCONFIG_CLEAR "autoconfig-in-clear" High [rfc(8314, "4.1"), rfc(4954, "4")];
}

/// The rule of an id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static MxRule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// The text of a rule as `explain` shows it: headline, severity and sections.
#[must_use]
pub fn explanation(id: &str) -> Option<(RuleText<'static>, Severity, Vec<String>)> {
    by_id(id).map(|rule| (RuleText::parse(rule.text), rule.severity, rule.cited()))
}
