//! What an option of the server comes to at one release.

use std::cell::{Cell, RefCell};

use super::config::{Config, Entry};
use super::expand::Text;
use super::lines::Open;
use super::releases;
use crate::facts::{Fact, Step, Value};
use crate::question::{QuestionId, Questions};
use crate::tls::{gnutls, openssl};
use crate::version::{Target, Version, Versions};

/// The library that TLS comes from; Exim is built with one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Library {
    OpenSsl,
    GnuTls,
}

/// A configuration at one release.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) config: &'a Config,
    pub(super) target: &'a Target,
    pub(super) version: Version,
    /// The releases in question.
    pub(super) versions: Versions,
    pub(super) questions: &'a RefCell<Questions>,
    /// How much was looked at so far.
    pub(super) work: &'a Cell<usize>,
    /// Parts of the configuration were not given.
    pub(super) is_fragment: bool,
    /// The library that a print-out names.
    pub(super) printed_library: Option<Library>,
}

/// The most items of lists and conditions that are looked at, long ones being several: lists may name each other, so that a few
/// lines stand for millions. What lies beyond is open.
const MOST: usize = 500_000;

/// What a session is like when a string is expanded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) tls: bool,
    pub(super) port: u16,
    /// Set once the client has proved who it is.
    pub(super) authenticated: bool,
}

impl Moment {
    /// What a variable holds then.
    pub(super) fn variable(&self, name: &str) -> Text {
        let something = |is_there: bool| if is_there { Text::Something } else { Text::of("") };
        match name {
            "tls_in_cipher" | "tls_cipher" | "tls_in_cipher_std" | "tls_in_ver" => something(self.tls),
            "received_port" | "interface_port" => Text::Is(self.port.to_string()),
            "authenticated_id" | "sender_host_authenticated" => something(self.authenticated),
            _ => Text::Unknown,
        }
    }
}

/// The default of an option that facts are made of, and the releases that have it. Source: `globals.c` of the releases, the
/// specification's own list for `openssl_options` (`tls_openssl_options_parse`), and `exim -bP` of 4.96 and 4.98.2.
fn default_of(name: &str, version: Version) -> (&'static str, Versions) {
    // Defaults by the release that brought them, the first one first.
    let changing: &[(Version, &'static str)] = match name {
        "tls_advertise_hosts" => &[(releases::OLDEST, ""), (releases::TLS_OFFERED_SINCE, "*")],
        "openssl_options" => &[
            (releases::OLDEST, "+no_sslv2 +single_dh_use"),
            (Version::new(4, 90, 0), "+no_sslv2 +single_dh_use +no_ticket"),
            (releases::NO_SSL3_SINCE, "+no_sslv2 +no_sslv3 +single_dh_use +no_ticket +no_renegotiation"),
        ],
        _ => &[],
    };
    let mut all = Versions { first: releases::OLDEST, last: releases::NEWEST };
    if let Some((at, (first, value))) = changing.iter().enumerate().rev().find(|(_, (first, _))| *first <= version) {
        all.first = *first;
        if changing.get(at + 1).is_some() {
            all.last = version;
        }
        return (value, all);
    }
    let value = match name {
        "daemon_smtp_ports" => "smtp",
        "local_interfaces" => "<; ::0 ; 0.0.0.0",
        "auth_advertise_hosts" => "*",
        "smtp_banner" => "$smtp_active_hostname ESMTP Exim $version_number $tod_full",
        "smtp_active_hostname" => "$primary_hostname",
        "smtp_enforce_sync" => "true",
        "tls_eccurve" => "auto",
        "tls_dh_max_bits" => "2236",
        _ => "",
    };
    (value, all)
}

impl<'a> View<'a> {
    /// Counts one more thing that is looked at, of so many bytes; false where it was enough.
    pub(super) fn goes_on(&self, length: usize) -> bool {
        self.work.set(self.work.get() + 1 + length / 64);
        self.work.get() <= MOST
    }

    pub(super) fn ask(&self, id: &str, ask: impl Into<String>, command: impl Into<String>) -> QuestionId {
        self.questions.borrow_mut().ask(id, ask, command)
    }

    /// What would tell whether a line is read.
    pub(super) fn ask_open(&self, open: &Open) -> QuestionId {
        match open {
            Open::Condition(text) => {
                let ask = format!("Does this build of Exim define `{text}`? Lines of the file hang on it.");
                self.ask("exim-build-macros", ask, "exim -bP config")
            }
            Open::Include { path, .. } => {
                let ask = format!("What does `{path}` say? It is included and was not given.");
                self.ask(&format!("exim-include:{path}"), ask, "exim -bP config")
            }
            Open::Template(mark) => {
                let ask = format!("Something is put in place of `{mark}`: what does the finished file say?");
                self.ask("template", ask, "exim -bP config")
            }
        }
    }

    pub(super) fn ask_networks(&self) -> QuestionId {
        self.ask("exim-networks", "Which clients may send to anywhere? Not every list that tells is plain.", "exim -bP config")
    }

    pub(super) fn rest_question(&self) -> QuestionId {
        self.ask("exim-conf", "What does the rest of the configuration say? Parts of it were not given.", "exim -bP config")
    }

    /// True when nothing of the configuration is missing or open.
    pub(super) fn is_whole(&self) -> bool {
        let is_seen = self.config.unseen.is_empty() && self.config.unseen_behind.is_empty();
        let is_sure = self.config.acls.iter().all(|acl| acl.statements.iter().all(Result::is_ok));
        is_seen && is_sure && !self.is_fragment && !self.is_printed_options()
    }

    /// The line that sets an option, where that is sure.
    pub(super) fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.config.sure_option(name)
    }

    /// True when a line sets it, or may.
    pub(super) fn is_written(&self, name: &str) -> bool {
        self.config.option(name).is_some()
    }

    /// What an option is set to, as it is written; an option that is set twice stops Exim, so that one line is enough to know.
    pub(super) fn text(&self, name: &str) -> Fact<String> {
        if let Some(entry) = self.entry(name) {
            return Fact::is(entry.value.clone(), steps(entry));
        }
        if let Some(entry) = self.config.option(name) {
            let question = entry.open.as_ref().map_or_else(|| self.rest_question(), |open| self.ask_open(open));
            return Fact::unknown(question, steps(entry));
        }
        let unseen = self.config.unseen.iter().find(|(open, _)| !matches!(open, Open::Include { may_be_missing: true, .. }));
        if let Some((open, _)) = unseen {
            return Fact::unknown(self.ask_open(open), Vec::new());
        }
        if self.is_fragment {
            return Fact::unknown(self.rest_question(), Vec::new());
        }
        let (value, versions) = default_of(name, self.version);
        let versions = Versions { first: versions.first.max(self.versions.first), last: versions.last.min(self.versions.last) };
        Fact::is(value.to_owned(), vec![Step::Default { setting: name.into(), value: value.into(), versions }])
    }

    /// What an option comes to, whatever the session is like.
    pub(super) fn fixed(&self, name: &str) -> Fact<String> {
        let text = self.text(name);
        match &text.value {
            Value::Is(value) if value.contains(['$', '\\']) => match super::expand::expand(value, &|_| Text::Unknown) {
                Text::Is(value) => Fact::is(value, text.because),
                _ => Fact::unknown(self.ask_expansion(name), text.because),
            },
            _ => text,
        }
    }

    /// What a string of the file comes to is decided while Exim works.
    pub(super) fn ask_expansion(&self, name: &str) -> QuestionId {
        let ask = format!("What does the expansion in `{name}` come to?");
        self.ask(&format!("exim-expansion:{name}"), ask, format!("exim -be \"$(exim -bP {name})\""))
    }

    /// The library, and how it is known.
    pub(super) fn library(&self) -> Fact<Library> {
        let assumed = |library, flag: &str| Fact::is(library, vec![Step::Assumed { flag: flag.to_owned() }]);
        if let Some(library) = self.printed_library {
            return assumed(library, "the library that the print-out names");
        }
        match self.target.machine.get(super::LIBRARY).map(String::as_str) {
            Some("GnuTLS") => return assumed(Library::GnuTls, "what `exim -bV` says: GnuTLS"),
            Some(_) => return assumed(Library::OpenSsl, "what `exim -bV` says: OpenSSL"),
            None => {}
        }
        match (self.target.gnutls, self.target.openssl) {
            (Some(_), _) => return assumed(Library::GnuTls, "--target: Exim with GnuTLS"),
            (None, Some(_)) => return assumed(Library::OpenSsl, "--target: Exim with OpenSSL"),
            (None, None) => {}
        }
        // With GnuTLS Exim stops at it.
        if let Some(entry) = self.entry("openssl_options") {
            return Fact::is(Library::OpenSsl, steps(entry));
        }
        if let Some(entry) = self.entry("tls_require_ciphers").filter(|entry| !entry.value.is_empty() && !entry.value.contains('$')) {
            // Exim stops at a list that its library cannot read.
            let by_gnutls = gnutls::Release::ALL.iter().any(|release| gnutls::read(&entry.value, *release).is_ok());
            let is_word = |word: &str| word.trim_start_matches(['+', '!', '-']).split('+').all(openssl::is_word_anywhere);
            let by_openssl = entry.value.split([':', ',', ' ']).filter(|word| !word.is_empty()).any(is_word);
            match (by_gnutls, by_openssl) {
                (true, false) => return Fact::is(Library::GnuTls, steps(entry)),
                (false, true) => return Fact::is(Library::OpenSsl, steps(entry)),
                _ => {}
            }
        }
        let is_debian = |entry: &&Entry| ["/etc/exim4", "/var/spool/exim4", "/var/log/exim4", "Debian-exim"].iter().any(|mark| entry.value.contains(mark));
        if let Some(entry) = self.config.options.iter().find(is_debian) {
            let assumed = Step::Assumed { flag: "GnuTLS, with which Debian builds its Exim".to_owned() };
            return Fact::is(Library::GnuTls, steps(entry).into_iter().chain([assumed]).collect::<Vec<Step>>());
        }
        Fact::unknown(self.ask_library(), Vec::new())
    }

    pub(super) fn ask_library(&self) -> QuestionId {
        let ask = "Is this Exim built with OpenSSL or with GnuTLS? Its packages on Debian and Ubuntu are built with GnuTLS.";
        self.ask("exim-library", ask, "exim -bV | grep 'Support for', then --target debian=12 on Debian, and elsewhere --target gnutls=3.8 or --target openssl=3.0")
    }
}

/// A line as a step, with the macros in it.
pub(super) fn steps(entry: &Entry) -> Vec<Step> {
    let own = Step::Set { setting: entry.name.as_str().into(), span: entry.written };
    let of_macros = entry.macros.iter().map(|(name, span)| Step::Set { setting: name.as_str().into(), span: *span });
    std::iter::once(own).chain(of_macros).collect()
}

impl View<'_> {
    /// An option of a driver that is nowhere set.
    pub(super) fn unset(&self, name: &str) -> Step {
        Step::Default { setting: name.into(), value: "".into(), versions: Versions { first: releases::OLDEST, last: releases::NEWEST } }
    }

    /// True for a print-out of the server's options alone, in which no section begins.
    pub(super) fn is_printed_options(&self) -> bool {
        self.config.options.len() > 200
    }
}
