//! What the rules about weak suites share: one listener has one finding, about the worst that it surely offers, and that
//! finding names the rest.

use crate::change::Change;
use crate::dialect;
use crate::facts::{Entry, Holds, Listener, Role, SuiteKind, Suites, Value};
use crate::finding::Severity;
use crate::policy::Policy;
use crate::report::merge::enumerated;
use crate::rule::{Context, Draft, Sink};

use SuiteKind::{Anonymous, Cbc, Export, FiniteField, NoAead, NoForwardSecrecy, Null, Rc4, ShortBlocks, StaticRsa};

/// Reports every listener with a weakness of this kind, unless a worse one is surely there, which names it then.
pub(super) fn report(context: &Context<'_>, sink: &mut Sink, kind: SuiteKind) {
    let mut encrypted =
        context.exposed().filter(|listener| listener.tls.entry.known() != Some(&Entry::None)).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    // Where TLS begins in the wrong way, its suites are judged once that is mended: another list may count then.
    for listener in encrypted.filter(|one| !one.is_implicit_port_in_clear() && !one.tls.works.surely_not()) {
        let Some(fact) = &listener.tls.suites else { continue };
        let suites = match &fact.value {
            Value::Is(suites) => suites,
            Value::Unknown(question) => {
                sink.wait_for(question);
                continue;
            }
        };
        if !suites.may_be(kind) {
            continue;
        }
        let mut kinds = suites.kinds();
        kinds.retain(|(kind, _)| counts(*kind, listener.known_role(), context.policy()));
        let Some((_, holds)) = kinds.iter().find(|(one, _)| *one == kind) else { continue };
        let certainty = |holds: &Holds<'_>| match holds {
            Holds::Surely => 0,
            Holds::With { .. } => 1,
            Holds::Asked { .. } => 2,
        };
        let best = kinds.iter().map(|(_, holds)| certainty(holds)).min();
        let Some((leader, how)) = kinds.iter().find(|(_, holds)| Some(certainty(holds)) == best) else { continue };
        let severity = |kind: SuiteKind, holds: &Holds<'_>| severity(listener, suites, kind, holds);
        let question = match holds {
            Holds::Surely => None,
            Holds::With { question, .. } | Holds::Asked { question, .. } if *leader == kind => Some(*question),
            // Said within the finding about what is certain; the answer counts where it makes that worse.
            Holds::With { question, .. } if severity(kind, holds) > severity(*leader, how) => {
                sink.wait_for(question);
                continue;
            }
            Holds::With { .. } | Holds::Asked { .. } => {
                sink.told_elsewhere();
                continue;
            }
        };
        // Of a server that was only looked at, nothing is known to be what it comes with.
        let owner = dialect::by_id(context.server.dialect).filter(|_| suites.is_stock).map(|dialect| dialect.tells_release().0);
        let mut message = message(kind, &kinds, owner);
        if let Some(tally) = tally(context.policy(), suites) {
            message.push_str(&tally);
        }
        let draft = Draft::on(listener, message).because(fact);
        let draft = draft.change(Change::RefuseSuites(kinds.iter().map(|(kind, _)| *kind).collect()));
        let draft = draft.severity(severity(kind, holds));
        sink.report(match question {
            Some(question) => draft.depends_on(question),
            None => draft,
        });
    }
}

/// What a policy other than the usual one makes of all the suites: that is what it asks for beside what is there.
fn tally(policy: &Policy, suites: &Suites) -> Option<String> {
    if policy.is_usual() {
        return None;
    }
    let tally = policy.tally(&suites.which(|_| true))?;
    Some(format!("; of the suites {} calls {tally}", policy.title))
}

/// Whether a weakness is worth a word. Where other servers deliver, a weak suite is a lesser evil than none (RFC 9325 §5.2).
fn counts(kind: SuiteKind, role: Role, policy: &Policy) -> bool {
    role != Role::Mx || policy.is_strict() || !matches!(kind, StaticRsa | Anonymous | FiniteField | Cbc)
}

/// How bad a weakness is at a listener.
fn severity(listener: &Listener, suites: &Suites, kind: SuiteKind, holds: &Holds<'_>) -> Severity {
    let is_asked = matches!(holds, Holds::Asked { .. });
    match listener.known_role() {
        Role::Mx if is_asked => Severity::Info,
        Role::Mx => Severity::Low,
        Role::Unknown if is_asked || suites.is_stock => Severity::Info,
        // One step less than at a port for users.
        Role::Unknown => match own_severity(kind) {
            Severity::Critical => Severity::High,
            Severity::High => Severity::Medium,
            Severity::Medium => Severity::Low,
            Severity::Low | Severity::Info => Severity::Info,
        },
        Role::Submission | Role::Mailbox | Role::Internal if is_asked || suites.is_stock => Severity::Low,
        Role::Submission | Role::Mailbox | Role::Internal => own_severity(kind),
    }
}

/// How bad a weakness is at a port for users, in a list that somebody wrote.
fn own_severity(kind: SuiteKind) -> Severity {
    match kind {
        Null => Severity::Critical,
        Export | Rc4 | NoForwardSecrecy => Severity::High,
        ShortBlocks | NoAead | StaticRsa => Severity::Medium,
        Anonymous | FiniteField | Cbc => Severity::Low,
    }
}

/// What a listener has, in words that follow "offers".
fn noun(kind: SuiteKind) -> &'static str {
    match kind {
        Null => "suites that hide nothing",
        Export => "export suites",
        Rc4 => "RC4",
        NoForwardSecrecy => "no suite with forward secrecy",
        ShortBlocks => "3DES or older ciphers",
        NoAead => "no suite with AEAD",
        StaticRsa => "RSA key exchange",
        Anonymous => "anonymous suites",
        FiniteField => "finite-field Diffie-Hellman",
        Cbc => "CBC suites",
    }
}

/// The weakness and those behind it; `owner` is the server whose own list it is.
fn message(kind: SuiteKind, kinds: &[(SuiteKind, Holds<'_>)], owner: Option<&str>) -> String {
    let nouns = |holds: &dyn Fn(SuiteKind, &Holds<'_>) -> bool| -> Vec<String> {
        let kinds = kinds.iter().filter(|(one, how)| *one >= kind && holds(*one, how));
        kinds.map(|(one, _)| noun(*one).to_owned()).collect()
    };
    let Some((_, holds)) = kinds.iter().find(|(one, _)| *one == kind) else { return String::new() };
    let lacks_secrecy = kinds.iter().any(|(one, holds)| *one == NoForwardSecrecy && *holds == Holds::Surely);
    let is_implied = |one: SuiteKind| one == StaticRsa && lacks_secrecy;
    match holds {
        Holds::Asked { .. } => {
            let asked = words(kinds);
            format!("{{listener}} asks for {asked}; whether that comes to anything depends on how its OpenSSL was built")
        }
        Holds::With { what, .. } => {
            let same = nouns(&|one, how| matches!(how, Holds::With { what: other, .. } if other == what) && !is_implied(one));
            format!("with {what} {{listener}} offers {}{}", enumerated(&same), more(kinds, Some(what)))
        }
        Holds::Surely => {
            let sure = nouns(&|one, how| *how == Holds::Surely && !one.is_absence() && !is_implied(one));
            let lacking = nouns(&|one, how| *how == Holds::Surely && one.is_absence());
            let text = match (kind.is_absence(), lacking.len()) {
                (true, 1) => format!("offers {}", noun(kind)),
                (true, _) => "offers no suite with forward secrecy and none with AEAD".to_owned(),
                (false, _) if let Some(owner) = owner => format!("keeps {owner}'s own cipher list, which has {}", enumerated(&sure)),
                (false, 0) => format!("offers {}", enumerated(&sure)),
                (false, _) => format!("offers {}, and {}", enumerated(&sure), enumerated(&lacking)),
            };
            let among = match (kind.is_absence(), sure.len()) {
                (false, _) | (true, 0) => String::new(),
                (true, _) => format!("; it does have {}", enumerated(&sure)),
            };
            format!("{{listener}} {text}{among}{}", more(kinds, None))
        }
    }
}

/// What holds with some keys or releases only, other than those said already, and what is asked for by name.
fn more(kinds: &[(SuiteKind, Holds<'_>)], said: Option<&str>) -> String {
    let mut text = String::new();
    for wanted in ["an RSA key", "a key that is not RSA", "some keys", "some releases of OpenSSL"] {
        let with = kinds.iter().filter(|(_, holds)| matches!(holds, Holds::With { what, .. } if *what == wanted));
        let nouns: Vec<String> = with.map(|(kind, _)| noun(*kind).to_owned()).collect();
        if !nouns.is_empty() && said != Some(wanted) {
            text.push_str(&format!("; with {wanted} also {}", enumerated(&nouns)));
        }
    }
    if kinds.iter().any(|(_, holds)| matches!(holds, Holds::Asked { .. })) {
        text.push_str(&format!("; it asks for {} as well", words(kinds)));
    }
    text
}

/// The words that ask for suites by name.
fn words(kinds: &[(SuiteKind, Holds<'_>)]) -> String {
    let word = |(_, holds): &(SuiteKind, Holds<'_>)| match holds {
        Holds::Asked { word, .. } => Some(format!("`{word}`")),
        _ => None,
    };
    enumerated(&kinds.iter().filter_map(word).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::super::super::RULES;
    use super::*;

    #[test]
    fn the_rules_are_as_bad_as_what_they_say_of_a_port_for_users() {
        let ids = [
            "null-cipher",
            "export-cipher",
            "rc4-enabled",
            "no-forward-secrecy",
            "des-3des-enabled",
            "no-aead",
            "static-rsa-key-exchange",
            "anonymous-cipher-on-submission",
            "finite-field-dhe",
            "cbc-ciphers-enabled",
        ];
        let rule = |id: &str| RULES.iter().map(|(_, rule)| *rule).find(|rule| rule.id == id).unwrap();
        for (at, (kind, id)) in SuiteKind::ALL.into_iter().zip(ids).enumerate() {
            assert_eq!(rule(id).severity, own_severity(kind), "{id}");
            // The worst explains all behind it.
            assert_eq!(rule(id).supersedes, &ids[at + 1..], "{id}");
        }
    }
}
