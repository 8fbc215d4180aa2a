//! What a server shows for itself: the certificates behind the names of files.

use super::{Cause, Fact, Members, Step, Value};
use crate::certificate::Certificate;
use crate::gather::ordered;
use crate::question::QuestionId;
use crate::tls::Key;

/// One chain of certificates, for one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The file that the server's own certificate stands in; `None` for one that was given by itself, or seen.
    pub file: Option<String>,
    /// True for what a live port was seen to show.
    pub is_seen: bool,
    /// The certificates in the order in which clients get them: the server's own first.
    pub certificates: Vec<Certificate>,
    /// Whether clients get what they need to go from the server's own certificate to an authority that they know: its issuer's
    /// certificate, unless they have that one.
    pub is_complete: Value<bool>,
}

impl Chain {
    /// The server's own certificate.
    #[must_use]
    pub fn own(&self) -> Option<&Certificate> {
        self.certificates.first()
    }

    /// How people speak of it.
    #[must_use]
    pub fn spoken(&self) -> String {
        if let Some(own) = self.own().filter(|_| self.is_seen) {
            return format!("the certificate of {}", own.subject);
        }
        self.file.as_ref().map_or_else(
            || "the given certificate".to_owned(),
            |file| format!("the certificate in `{file}`"),
        )
    }
}

/// Certificates and keys at a listener.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// What clients are shown, one chain a key; `None` when nobody looked.
    pub chains: Option<Fact<Members<Chain>>>,
    /// Set when clients that ask for a name may be shown something else: with the question that tells.
    pub by_name: Option<QuestionId>,
    /// Why the server cannot use its files, when that was seen.
    pub fault: Option<Fact<Cause>>,
    /// Why the server offers TLS and shows no certificate, when that was seen: it goes on without the file that it misses.
    pub without: Option<Fact<Cause>>,
    /// Files with private keys that every account of the machine can read; `None` when nobody looked.
    pub open_keys: Option<Vec<Fact<String>>>,
    /// A file whose name says that it holds the server's own certificate and no other, while nobody looked; with the question
    /// that tells.
    pub bare: Option<(Fact<String>, QuestionId)>,
    /// Settings that name certificates and are passed over, because another setting stands above them.
    pub passed_over: Vec<Step>,
    /// Settings that name certificates of a kind that is in use no more.
    pub obsolete: Vec<Step>,
}

impl Identity {
    /// The kinds of key that clients are shown, where every chain was seen.
    #[must_use]
    pub fn keys(&self) -> Option<Vec<Key>> {
        let chains = self.chains.as_ref()?.known()?;
        if chains.rest.is_some() || chains.surely.is_empty() {
            return None;
        }
        let kinds = chains.surely.iter().filter_map(|chain| Key::of(chain.own()?.key));
        let mut keys = ordered(kinds.collect(), |key: &Key| *key as u64);
        keys.dedup();
        Some(keys)
    }
}

impl Identity {
    /// Keeps what holds at another point as well.
    pub(super) fn agree(&mut self, other: &Identity, question: &QuestionId) {
        if let (Some(mine), Some(theirs)) = (&mut self.chains, &other.chains) {
            mine.agree_members(theirs, question);
        }
    }
}
