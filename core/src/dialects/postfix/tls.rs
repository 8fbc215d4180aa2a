//! TLS at a listener, decided as smtpd decides it (TLS_README; postconf(5), smtpd_tls_security_level and its kin).

use std::rc::Rc;

use super::config::View;
use super::expand::HOLE;
use super::handshake;
use super::identity;
use super::protocols::{self, UnknownWord};
use super::client_certificates;
use super::restrictions;
use super::suites;
use crate::certificate::Certificate;
use crate::facts::{
    CertificateSource, Chain, ClientCertificate, Entry, Fact, Identity, Members, Because, Suites, Tls, TlsVersion, Value, VersionList,
};
use crate::tls::Key;
use crate::version::Version;
use crate::question::QuestionId;

/// What the level, the wrapper mode and the old switches come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mode {
    entry: Entry,
    enforced: bool,
}

/// The parameters that a program reads its TLS mode from.
pub(super) struct Switches {
    pub(super) level: &'static str,
    pub(super) use_tls: &'static str,
    pub(super) enforce_tls: &'static str,
    /// smtpd alone has a wrapper mode.
    pub(super) wrapper: Option<&'static str>,
}

/// Those of smtpd.
pub(super) const SMTPD: Switches = Switches {
    level: "smtpd_tls_security_level",
    use_tls: "smtpd_use_tls",
    enforce_tls: "smtpd_enforce_tls",
    wrapper: Some("smtpd_tls_wrappermode"),
};

/// Those of postscreen, which leaves TLS to tlsproxy.
pub(super) const POSTSCREEN: Switches = Switches {
    level: "postscreen_tls_security_level",
    use_tls: "postscreen_use_tls",
    enforce_tls: "postscreen_enforce_tls",
    wrapper: None,
};

/// TLS at a program that leaves it to another.
pub(super) struct Proxied {
    /// Whether STARTTLS is taken.
    pub(super) offered: Fact<bool>,
    pub(super) required: Fact<bool>,
    /// Whether a handshake succeeds.
    pub(super) works: Fact<bool>,
}

/// TLS as postscreen offers it and tlsproxy runs it.
pub(super) fn of_postscreen(view: &View<'_>) -> Proxied {
    let mode = mode(view, &POSTSCREEN);
    let server = view.configuration.server();
    let certificate = certificate(&server);
    let mut works = works(&server, &mode, &certificate, &identity::of(&server, &certificate), None);
    let services = &view.configuration.syntax.services;
    if !services.iter().any(|service| service.name == "tlsproxy") {
        works = Fact::is(false, mode.because.clone());
    }
    let discarded = view.list("postscreen_discard_ehlo_keywords");
    let is_starttls = |word: &String| word.eq_ignore_ascii_case("starttls");
    let offered = if discarded.known().is_some_and(|words| words.surely.iter().any(is_starttls)) {
        Fact::is(false, discarded.because)
    } else {
        mode.clone().map(|mode| mode.entry == Entry::Starttls)
    };
    Proxied { offered, required: mode.map(|mode| mode.enforced), works }
}

/// What TLS rests on, whatever the lists of versions and suites say: most releases agree about it.
pub(super) struct Ground {
    mode: Fact<Mode>,
    hidden: Fact<bool>,
    client_certificate: ClientCertificate,
    certificate: Fact<CertificateSource>,
    identity: Identity,
    keys: Rc<Vec<Vec<Key>>>,
}

/// What TLS rests on in this view.
pub(super) fn ground(view: &View<'_>) -> Ground {
    let mode = mode(view, &SMTPD);
    let hidden = hidden(view, &mode);
    let client_certificate = client_certificate(view, &mode);
    let mode = suppressed(&hidden, mode);
    let certificate = certificate(view);
    let identity = identity::of(view, &certificate);
    let keys = Rc::new(keys(view, &certificate, &identity));
    Ground { mode, hidden, client_certificate, certificate, identity, keys }
}

/// TLS as smtpd runs it in this view.
pub(super) fn of(view: &View<'_>, ground: &Ground) -> Tls {
    let Ground { mode, hidden, client_certificate, certificate, identity, keys } = ground;
    let Lists { suites, versions, open } = lists(view, mode, client_certificate, keys, &strengths(identity));
    let works = works(view, mode, certificate, identity, suites.as_ref());
    let versions = match (works.known(), versions) {
        (Some(false), versions) => {
            Fact::is(Members { surely: Vec::new(), rest: None }, [works.because.clone(), versions.because].concat())
        }
        (_, versions) => versions,
    };
    let other_versions = mode.known().filter(|mode| mode.entry != Entry::None).map(|mode| permitted(view, !mode.enforced));
    Tls {
        entry: mode.clone().map(|mode| mode.entry),
        hidden: hidden.clone(),
        required: mode.clone().map(|mode| mode.enforced),
        works,
        versions,
        suites: suites.map(|suites| suites::claimed(view, suites)),
        list: list(view, mode),
        open,
        handshake: mode.known().filter(|mode| mode.entry != Entry::None).map(|_| handshake::of(view)),
        other_versions,
        certificate: certificate.clone(),
        identity: identity.clone(),
        client_certificate: client_certificate.clone(),
    }
}

/// What the list in force comes to.
fn list(view: &View<'_>, mode: &Fact<Mode>) -> Option<Fact<VersionList>> {
    let mode = mode.known().filter(|mode| mode.entry != Entry::None)?;
    Some(view.text(protocol_list(*mode)).map(|text| match protocols::permitted(&text, &since(view)) {
        Ok(left) if left.is_empty() => VersionList::Nothing,
        Ok(_) => VersionList::Leaves { by_name: protocols::is_by_name(&text) },
        Err(UnknownWord { word, since }) => VersionList::Unreadable { word, since },
    }))
}

/// Whether the release is one or a newer one.
fn since(view: &View<'_>) -> impl Fn(Version) -> bool {
    |version| view.since(version)
}

/// Entry and enforcement by the switches of a program.
fn mode(view: &View<'_>, switches: &Switches) -> Fact<Mode> {
    let mut because = Because::default();
    if let Some(wrapper) = switches.wrapper {
        let wrapper = view.boolean(wrapper);
        match wrapper.value {
            Value::Is(true) => return Fact::is(Mode { entry: Entry::Implicit, enforced: true }, wrapper.because),
            Value::Unknown(question) => return Fact::unknown(question, wrapper.because),
            // A default does not explain anything; a line that says no does.
            Value::Is(false) if wrapper.because.iter().any(|step| step.span().is_some()) => because = wrapper.because,
            Value::Is(false) => {}
        }
    }
    let level = view.text(switches.level);
    let level_steps = level.because;
    let fact = |mode: Mode| {
        // What stands in a file decides before what is left at its default.
        Fact::is(mode, [level_steps.clone(), because.clone()].concat())
    };
    match level.value {
        Value::Unknown(question) => Fact::unknown(question, level_steps),
        Value::Is(level) if level.is_empty() => {
            let enforce = view.boolean(switches.enforce_tls);
            let use_tls = view.boolean(switches.use_tls);
            match (&enforce.value, &use_tls.value) {
                (Value::Is(true), _) => Fact::is(Mode { entry: Entry::Starttls, enforced: true }, enforce.because),
                (Value::Unknown(question), _) | (Value::Is(false), Value::Unknown(question)) => {
                    Fact::unknown(question.clone(), [enforce.because, use_tls.because].concat())
                }
                (Value::Is(false), Value::Is(true)) => {
                    Fact::is(Mode { entry: Entry::Starttls, enforced: false }, use_tls.because)
                }
                (Value::Is(false), Value::Is(false)) => {
                    let is_written = use_tls.because.iter().any(|step| step.span().is_some());
                    let mut steps = if is_written { use_tls.because } else { Because::default() };
                    steps.extend(level_steps);
                    steps.extend(because);
                    Fact::is(Mode { entry: Entry::None, enforced: false }, steps)
                }
            }
        }
        Value::Is(level) => match level.to_ascii_lowercase().as_str() {
            "may" => fact(Mode { entry: Entry::Starttls, enforced: false }),
            "encrypt" | "verify" | "secure" | "fingerprint" => fact(Mode { entry: Entry::Starttls, enforced: true }),
            // `none`, and what stops smtpd altogether (see `health`).
            _ => fact(Mode { entry: Entry::None, enforced: false }),
        },
    }
}

/// `smtpd_discard_ehlo_keywords = starttls` hides STARTTLS and refuses it, and so does a table for the clients it names.
fn hidden(view: &View<'_>, mode: &Fact<Mode>) -> Fact<bool> {
    if mode.known().is_none_or(|mode| mode.entry != Entry::Starttls) {
        return Fact::is(false, Vec::new());
    }
    let is_starttls = |word: &String| word.eq_ignore_ascii_case("starttls");
    // What a table has for a client takes the place of the list.
    let tables = "smtpd_discard_ehlo_keyword_address_maps";
    if let Some(words) = restrictions::words_for_everybody(view, tables) {
        return Fact::is(words.iter().any(is_starttls), view.because(tables));
    }
    let discarded = view.list("smtpd_discard_ehlo_keywords");
    if discarded.known().is_some_and(|words| words.surely.iter().any(is_starttls)) {
        return Fact::is(true, discarded.because);
    }
    let table = view.list("smtpd_discard_ehlo_keyword_address_maps");
    match table.known() {
        Some(members) if members.surely.is_empty() && members.rest.is_none() => Fact::is(false, discarded.because),
        _ => {
            let ask = "Which clients does `smtpd_discard_ehlo_keyword_address_maps` hide STARTTLS from?";
            let question = view.ask("ehlo-tables", ask, "postconf -h smtpd_discard_ehlo_keyword_address_maps, then postmap -s for each table");
            Fact::unknown(question, table.because)
        }
    }
}

/// Hidden, it is as good as none.
fn suppressed(hidden: &Fact<bool>, mode: Fact<Mode>) -> Fact<Mode> {
    if !hidden.surely() {
        return mode;
    }
    let because = [hidden.because.clone(), mode.because.clone()].concat();
    mode.map(|mode| Mode { entry: Entry::None, ..mode }).with(because.into())
}

/// Whether clients are asked for a certificate, and whether anything looks at it.
fn client_certificate(view: &View<'_>, mode: &Fact<Mode>) -> ClientCertificate {
    let no = || Fact::is(false, Vec::new());
    let mode = match &mode.value {
        Value::Is(mode) if mode.entry == Entry::None => return ClientCertificate { asked: no(), used: no() },
        Value::Is(mode) => *mode,
        Value::Unknown(question) => {
            let unknown = Fact::unknown(question.clone(), mode.because.clone());
            return ClientCertificate { asked: unknown.clone(), used: unknown };
        }
    };
    // Where TLS is no must, `smtpd_tls_req_ccert` is not looked at.
    let required = if mode.enforced { view.boolean("smtpd_tls_req_ccert") } else { no() };
    if !required.surely_not() {
        return ClientCertificate { asked: required.clone(), used: required };
    }
    let asked = view.boolean("smtpd_tls_ask_ccert");
    let used = if asked.surely_not() { no() } else { client_certificates::used(view) };
    ClientCertificate { asked, used }
}

/// The certificate files in force.
fn certificate(view: &View<'_>) -> Fact<CertificateSource> {
    let chain = view.list("smtpd_tls_chain_files");
    let legacy = ["smtpd_tls_cert_file", "smtpd_tls_eccert_file", "smtpd_tls_dcert_file"];
    let mut because = Because::default();
    let mut files = Vec::new();
    let mut hidden: Option<QuestionId> = None;
    if let Some(members) = chain.known() {
        files.extend(members.surely.iter().cloned());
        hidden = members.rest.clone();
    }
    if !files.is_empty() || hidden.is_some() {
        because = chain.because;
    } else {
        for name in legacy {
            let file = partly_known(view, name);
            match file.value {
                Value::Unknown(question) => {
                    hidden.get_or_insert(question);
                    because.extend(file.because);
                }
                Value::Is(path) if path.is_empty() => {}
                // No certificate on purpose: anonymous suites only, so nothing newer than TLS 1.2.
                Value::Is(path) if name == "smtpd_tls_cert_file" && path.eq_ignore_ascii_case("none") => {
                    because.extend(file.because);
                }
                Value::Is(path) => {
                    files.push(path);
                    because.extend(file.because);
                }
            }
        }
    }
    if files.is_empty() {
        return match hidden {
            Some(question) => Fact::unknown(question, because),
            None if because.is_empty() => Fact::is(CertificateSource::None, view.because("smtpd_tls_cert_file")),
            None => Fact::is(CertificateSource::None, because),
        };
    }
    Fact::is(CertificateSource::Files(files), because)
}

/// A path of which a template or the machine writes a part is a path all the same.
fn partly_known(view: &View<'_>, name: &str) -> Fact<String> {
    let mut path = view.text(name);
    if path.known().is_none()
        && let Some(expansion) = view.lookup(name)
        && expansion.text.chars().any(|c| c != HOLE && !c.is_whitespace())
    {
        path.value = Value::Is(expansion.text.replace(HOLE, "…"));
    }
    path
}

/// True for `smtpd_tls_cert_file = none`, which runs TLS without a certificate.
fn certificate_waived(view: &View<'_>) -> bool {
    view.known("smtpd_tls_cert_file").is_some_and(|path| path.text.eq_ignore_ascii_case("none"))
}

/// Whether a handshake can succeed: there is a certificate, and smtpd understands its lists.
fn works(
    view: &View<'_>,
    mode: &Fact<Mode>,
    certificate: &Fact<CertificateSource>,
    identity: &Identity,
    suites: Option<&Fact<Suites>>,
) -> Fact<bool> {
    let Some(mode) = mode.known() else {
        return Fact { value: mode.value.clone().map(|_| true), because: mode.because.clone() };
    };
    if mode.entry == Entry::None {
        return Fact::is(false, Vec::new());
    }
    match &certificate.value {
        Value::Unknown(question) => return Fact::unknown(question.clone(), certificate.because.clone()),
        Value::Is(CertificateSource::None) if !certificate_waived(view) => {
            return Fact::is(false, certificate.because.clone());
        }
        Value::Is(_) => {}
    }
    if let Some(fault) = &identity.fault {
        return Fact::is(false, fault.because.clone());
    }
    let list = view.text(protocol_list(*mode));
    match &list.value {
        Value::Unknown(question) => return Fact::unknown(question.clone(), list.because),
        Value::Is(text) => {
            // With nothing left STARTTLS is answered, and the handshake fails.
            if protocols::permitted(text, &since(view)).map_or(true, |left| left.is_empty()) {
                return Fact::is(false, list.because);
            }
        }
    }
    let grade = view.text(suites::grade_setting(mode.enforced));
    let readable = match grade.value {
        Value::Unknown(question) => return Fact::unknown(question, grade.because),
        Value::Is(name) => suites::list_of(view, &name).is_some(),
    };
    if let Some(suites) = suites.filter(|_| readable)
        && let Some(all) = suites.known()
    {
        return match all.is_there_any() {
            Value::Is(true) => Fact::is(true, grade.because),
            left => Fact { value: left, because: suites.because.clone() },
        };
    }
    Fact::is(readable, grade.because)
}

/// Enforced TLS reads the mandatory list, optional TLS the other one.
fn protocol_list(mode: Mode) -> &'static str {
    if mode.enforced { "smtpd_tls_mandatory_protocols" } else { "smtpd_tls_protocols" }
}

/// What the lists of versions and of suites come to together.
struct Lists {
    /// `None` where TLS is not offered, or the grade of the suites is no word.
    suites: Option<Fact<Suites>>,
    versions: Fact<Members<TlsVersion>>,
    /// Versions of which something unseen decides.
    open: Open,
}

/// The suites and versions offered with these kinds of keys.
fn lists(view: &View<'_>, mode: &Fact<Mode>, client: &ClientCertificate, keys: &Rc<Vec<Vec<Key>>>, strengths: &[(Key, u16)]) -> Lists {
    let none = |versions| Lists { suites: None, versions, open: Vec::new() };
    let no_version = || Members { surely: Vec::new(), rest: None };
    let mode = match &mode.value {
        Value::Unknown(question) => return none(Fact::unknown(question.clone(), mode.because.clone())),
        Value::Is(mode) if mode.entry == Entry::None => return none(Fact::is(no_version(), Vec::new())),
        Value::Is(mode) => *mode,
    };
    let list = view.text(protocol_list(mode));
    let mut steps = list.because;
    let text = match list.value {
        Value::Unknown(question) => return none(Fact::unknown(question, steps)),
        Value::Is(text) => text,
    };
    let Ok(permitted) = protocols::permitted(&text, &since(view)) else {
        return none(Fact::is(no_version(), steps));
    };
    // Where TLS is no must, nobody is turned away for want of a certificate.
    let requires = mode.enforced && view.is_yes("smtpd_tls_req_ccert");
    let session = suites::Session { enforced: mode.enforced, asks: client.asked.clone(), requires, strengths };
    let suites = suites::of(view, &session, &permitted, keys);
    let read = suites.as_ref().and_then(Fact::known);
    let (offered, open) = protocols::offered(&permitted, view, |version| match (read, version) {
        (_, TlsVersion::Ssl2) => Value::Is(true),
        // The releases known here do not speak it, so nothing is left where it is permitted alone.
        (Some(_), TlsVersion::Ssl3) if permitted.iter().all(|one| *one <= TlsVersion::Ssl3) => Value::Is(true),
        (Some(suites), TlsVersion::Ssl3) => suites.any(|one| one.suite.works_with(TlsVersion::Ssl3)),
        (Some(suites), version) => suites.speaks(version),
        (None, TlsVersion::Tls10 | TlsVersion::Tls11) => Value::Unknown(protocols::suites_question(view)),
        (None, _) => Value::Is(true),
    });
    // The lists of suites explain something where they take away a version that the list of versions permits.
    let is_left = |version: &TlsVersion| read.is_some_and(|read| read.any(|one| one.versions.contains(*version)) == Value::Is(true));
    let is_missing = |version: &TlsVersion| *version >= TlsVersion::Tls10 && !offered.has(version) && !is_left(version);
    if let Some(suites) = suites.as_ref().filter(|_| permitted.iter().any(is_missing)) {
        steps.extend(suites.because.iter().filter(|step| step.span().is_some()).cloned());
    }
    Lists { suites, versions: Fact::is(offered, steps), open }
}

/// The versions that a list permits and the library speaks, whatever the suites.
fn permitted(view: &View<'_>, enforced: bool) -> Fact<Members<TlsVersion>> {
    view.text(protocol_list(Mode { entry: Entry::Starttls, enforced })).map(|text| {
        let permitted = protocols::permitted(&text, &since(view)).unwrap_or_default();
        protocols::offered(&permitted, view, |_| Value::Is(true)).0
    })
}

/// Bits of security of each key that was seen: of it and of what is sent with it.
fn strengths(identity: &Identity) -> Vec<(Key, u16)> {
    let chains = identity.chains.as_ref().and_then(Fact::known);
    let chains = chains.map(|chains| chains.surely.as_slice()).unwrap_or_default();
    let strength = |chain: &Chain| {
        let weakest = chain.certificates.iter().map(Certificate::security_bits).min()?;
        Some((Key::of(chain.own()?.key)?, weakest))
    };
    chains.iter().filter_map(strength).collect()
}

/// The kinds of keys behind the certificate, or each set that there may be.
fn keys(view: &View<'_>, certificate: &Fact<CertificateSource>, identity: &Identity) -> Vec<Vec<Key>> {
    let none = || vec![Vec::new()];
    if identity.without.is_some() {
        return none();
    }
    let files = match &certificate.value {
        Value::Is(CertificateSource::None | CertificateSource::OwnMaking) => return none(),
        Value::Is(CertificateSource::Files(files)) => files.len(),
        Value::Unknown(_) => usize::MAX,
    };
    if let Some(keys) = identity.keys() {
        return vec![keys];
    }
    // One file of the older settings holds one certificate; a file of chains, or several files, may hold one for each kind.
    let is_one = files == 1 && view.lookup("smtpd_tls_chain_files").is_none_or(|list| list.text.is_empty());
    let mut keys = vec![vec![Key::Rsa], vec![Key::Ecdsa]];
    if !is_one {
        keys.push(vec![Key::Rsa, Key::Ecdsa]);
    }
    keys
}

/// Versions with the questions that decide about them.
type Open = Vec<(TlsVersion, QuestionId)>;

impl<T> Fact<T> {
    /// The same value for other reasons.
    fn with(self, because: Because) -> Fact<T> {
        Fact { because, ..self }
    }
}
