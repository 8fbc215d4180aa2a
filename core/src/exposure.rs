//! Which known attacks a listener is open to.

use crate::facts::{Entry, Fact, Handshake, Listener, Prime, Server, TlsVersion, Value};
use crate::question::QuestionId;
use crate::tls::attack::{self, Attack, Surface};
use crate::tls::{Suite, openssl};

/// A known attack that a listener has what is needed for.
#[derive(Debug)]
pub struct Exposure {
    /// The attack.
    pub attack: &'static Attack,
    /// Set when that depends on the answer to a question.
    pub question: Option<QuestionId>,
}

/// The known attacks that a listener is open to, or may be, in the order of the table; none where it offers no TLS.
#[must_use]
pub fn of(server: &Server, listener: &Listener) -> Vec<Exposure> {
    if listener.tls.entry.known() == Some(&Entry::None) || listener.tls.works.surely_not() {
        return Vec::new();
    }
    let worlds = Worlds::of(server, listener);
    let exposure = |attack: &'static Attack| {
        Some(Exposure {
            attack,
            question: worlds.decide(attack)?,
        })
    };
    attack::all().iter().filter_map(exposure).collect()
}

/// All that may be there, and what is sure of it.
struct Worlds<'a> {
    listener: &'a Listener,
    /// The suites, for each reading of the lists with each set of keys; one at least.
    suites: Vec<Vec<&'static Suite>>,
    /// Which of these it is.
    which: Option<QuestionId>,
    /// Versions that are surely offered.
    versions: Vec<TlsVersion>,
    compression: Value<bool>,
    prime: Value<Option<u16>>,
    strippable: Value<bool>,
    injectable: Value<bool>,
}

impl<'a> Worlds<'a> {
    fn of(server: &Server, listener: &'a Listener) -> Worlds<'a> {
        let tls = &listener.tls;
        let suites = tls.suites.as_ref().and_then(Fact::known);
        let handshake = tls.handshake.as_ref();
        let known = |of: fn(&Handshake) -> Value<bool>| handshake.map_or(Value::Is(false), of);
        let prime = handshake.map_or(Value::Is(None), |handshake| {
            handshake.prime.value.clone().map(|prime| match prime {
                Prime::Bits(bits) => Some(bits),
                Prime::Long => None,
            })
        });
        let begins_in_clear = tls.entry.known() == Some(&Entry::Starttls);
        Worlds {
            listener,
            suites: suites.map_or_else(|| vec![Vec::new()], |suites| suites.alternatives().collect()),
            which: suites.map(|suites| {
                if suites.keys.len() > 1 {
                    suites.key.clone()
                } else {
                    suites.release.clone()
                }
            }),
            versions: tls
                .versions
                .known()
                .map_or_else(Vec::new, |versions| versions.surely.clone()),
            compression: known(|handshake| handshake.compression.value.clone()),
            prime,
            strippable: if begins_in_clear {
                tls.required.value.clone().map(|required| !required)
            } else {
                Value::Is(false)
            },
            injectable: if begins_in_clear {
                server.takes_injected_commands.value.clone()
            } else {
                Value::Is(false)
            },
        }
    }

    fn applies(
        &self,
        attack: &Attack,
        suites: &[&'static Suite],
        versions: &[TlsVersion],
        open: Option<&QuestionId>,
    ) -> bool {
        let may = |value: &Value<bool>| match value {
            Value::Is(is) => *is,
            Value::Unknown(question) => open == Some(question),
        };
        let prime_bits = match &self.prime {
            Value::Is(bits) => *bits,
            // The shortest there is, when it may be any.
            Value::Unknown(question) => (open == Some(question)).then_some(512),
        };
        attack.applies_to(&Surface {
            versions,
            suites,
            compression: may(&self.compression),
            prime_bits,
            strippable: may(&self.strippable),
            injectable: may(&self.injectable),
        })
    }

    /// `Some(None)` when the attack surely applies, with a question when that decides, and `None` when it does not.
    fn decide(&self, attack: &Attack) -> Option<Option<QuestionId>> {
        let sure = |suites: &Vec<&'static Suite>| self.applies(attack, suites, &self.versions, None);
        if self.suites.iter().all(sure) {
            return Some(None);
        }
        if self.suites.iter().any(sure) {
            return Some(self.which.clone());
        }
        let most: Vec<&'static Suite> = self.suites.concat();
        for (version, question) in &self.listener.tls.open {
            let versions = [self.versions.as_slice(), &[*version]].concat();
            if self.applies(attack, &most, &versions, None) {
                return Some(Some(question.clone()));
            }
        }
        let open = [&self.compression, &self.strippable, &self.injectable].map(Value::question);
        let open = open.into_iter().chain([self.prime.question()]).flatten();
        for question in open {
            if self.applies(attack, &most, &self.versions, Some(question)) {
                return Some(Some(question.clone()));
            }
        }
        let suites = self.listener.tls.suites.as_ref().and_then(Fact::known)?;
        let asked = suites.asked.as_ref()?;
        let named: Vec<&'static Suite> = openssl::asked(&suites.string)
            .into_iter()
            .flat_map(|(_, suites)| suites)
            .collect();
        self.applies(attack, &named, &self.versions, None)
            .then(|| Some(asked.question.clone()))
    }
}
