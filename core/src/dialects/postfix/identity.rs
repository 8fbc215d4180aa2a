//! What clients are shown: the files that name certificates and keys, read as smtpd reads them (`tls_certkey.c`;
//! postconf(5), smtpd_tls_chain_files, smtpd_tls_cert_file and their kin).

use super::config::View;
use super::expand::HOLE;
use super::handshake::PRIME_FILE;
use super::host;
use crate::certificate::{Content, NamedFile, Object, SeenFile};
use crate::facts::{Cause, CertificateSource, Chain, Fact, Identity, Members, Because, Value};
use crate::question::{QuestionId, quoted};

const CHAIN: &str = "smtpd_tls_chain_files";

/// Certificate and key of each kind of key, in the order in which smtpd loads them.
const PAIRS: &[(&str, &str)] = &[
    ("smtpd_tls_cert_file", "smtpd_tls_key_file"),
    ("smtpd_tls_dcert_file", "smtpd_tls_dkey_file"),
    ("smtpd_tls_eccert_file", "smtpd_tls_eckey_file"),
];

/// Where smtpd looks for what is missing in a chain of one certificate.
const AUTHORITIES: &str = "smtpd_tls_CAfile";

/// The most chains, and certificates in a chain, that are looked at: clients give up at fewer.
const LONGEST: usize = 12;

/// The certificates and keys of this program.
pub(super) fn of(view: &View<'_>, certificate: &Fact<CertificateSource>) -> Identity {
    let mut identity = Identity::default();
    let in_chain = is_in_chain(view);
    for (name, _) in PAIRS {
        if path(view, name).is_some() {
            let steps = || view.because(name).into_iter().filter(|step| step.span().is_some());
            match (in_chain, *name) {
                (true, _) => identity.passed_over.extend(steps()),
                (false, "smtpd_tls_dcert_file") => identity.obsolete.extend(steps()),
                (false, _) => {}
            }
        }
    }
    let seen = &view.configuration.target.seen;
    let is_looked_at = !seen.given.is_empty() || !seen.files.is_empty();
    if certificate.known() == Some(&CertificateSource::None) {
        return identity;
    }
    if is_looked_at && view.lookup("tls_server_sni_maps").is_some_and(|maps| !maps.text.is_empty()) {
        identity.by_name = Some(view.ask(
            "certificate-by-name",
            "Which certificate do clients get that ask for the server by name? `tls_server_sni_maps` may hold others.",
            "openssl s_client -starttls smtp -connect localhost:587 -servername NAME",
        ));
    }
    if seen.given.contains(&Object::Damaged) {
        let ask = "What does the certificate say that was given? It is not understood.";
        let question = view.ask("certificate-given", ask, "openssl x509 -in FILE -noout -subject -issuer -dates -ext subjectAltName");
        identity.chains = Some(Fact::unknown(question, certificate.because.clone()));
    } else if !seen.given.is_empty() {
        let mut files = Files::new(view);
        files.holds(None, &seen.given, true);
        identity.chains = Some(files.finish(certificate.because.clone()));
    } else if seen.files.is_empty() {
        identity.bare = bare(view, certificate);
    } else if let Value::Unknown(question) = &certificate.value {
        identity.chains = Some(Fact::unknown(question.clone(), certificate.because.clone()));
    } else {
        look(view, certificate, &mut identity);
    }
    if let Some(chains) = identity.chains.as_ref().and_then(Fact::known)
        && let Some(name) = view.text("myhostname").known()
        && chains.surely.iter().filter_map(Chain::own).any(|own| !own.is_for(name))
    {
        host::ask_published_name(view);
    }
    identity
}

/// What the files say that were looked at.
fn look(view: &View<'_>, certificate: &Fact<CertificateSource>, identity: &mut Identity) {
    let mut files = Files::new(view);
    let mut open_keys = Vec::new();
    let mut note_key = |name: &str, path: &str, seen: Option<&SeenFile>| {
        if seen.is_some_and(|seen| seen.everyone_reads == Some(true)) {
            open_keys.push(Fact::is(path.to_owned(), view.because(name)));
        }
    };
    if is_in_chain(view) {
        let list = view.members(CHAIN);
        for path in &list.surely {
            let seen = view.configuration.target.seen.files.get(path);
            if seen.is_some_and(|seen| seen.content == Content::Missing) {
                // smtpd warns and goes on with the chains that a further key had closed by then (`load_chain_files`).
                files.chains.pop();
                files.key_waits = false;
                if files.chains.is_empty() {
                    identity.without = Some(Fact::is(Cause(format!("`{path}` is not there")), view.because(CHAIN)));
                }
                break;
            }
            files.file(CHAIN, path, false);
            if seen.is_some_and(holds_key) {
                note_key(CHAIN, path, seen);
            }
        }
        if files.key_waits {
            files.fail(CHAIN, "the last key of the chain files has no certificate behind it".to_owned());
        }
        files.hidden = files.hidden.or_else(|| list.rest.clone());
        if files.chains.is_empty() && files.hidden.is_none() && identity.without.is_none() {
            files.fail(CHAIN, "the chain files hold no certificate".to_owned());
        }
    } else {
        for (name, key_name) in PAIRS {
            let Some(path) = path(view, name) else {
                let hidden = view.lookup(name).and_then(|value| value.question.clone());
                files.rest = files.rest.or(hidden);
                continue;
            };
            files.is_whole = true;
            let seen = files.file(name, &path, true);
            // What one file hides is nothing that another one shows.
            files.rest = files.rest.or(files.hidden.take());
            let key = view.text(key_name);
            let key_path = key.known().map_or("", String::as_str);
            if key_path == path {
                if seen.is_some_and(holds_key) {
                    note_key(name, &path, seen);
                } else if matches!(seen.map(|seen| &seen.content), Some(Content::Holds(_))) {
                    files.fail(name, format!("`{path}` holds no private key, and no other file is named for it"));
                }
            } else if let Some(seen) = view.configuration.target.seen.files.get(key_path) {
                if seen.content == Content::Missing {
                    files.fail(key_name, format!("the private key `{key_path}` is not there"));
                }
                note_key(key_name, key_path, Some(seen));
            }
        }
    }
    identity.fault = files.fault.take();
    identity.open_keys = Some(open_keys);
    identity.chains = Some(match &identity.fault {
        // smtpd turns TLS off: nobody is shown anything.
        Some(fault) => Fact::is(Members { surely: Vec::new(), rest: None }, fault.because.clone()),
        None => files.finish(certificate.because.clone()),
    });
}

fn holds_key(seen: &SeenFile) -> bool {
    matches!(&seen.content, Content::Holds(objects) if objects.contains(&Object::Key))
}

/// Chains as they come out of one file after the other.
struct Files<'a> {
    view: View<'a>,
    chains: Vec<Chain>,
    /// True when the next certificate is the first one of a chain.
    is_whole: bool,
    /// True when a key stands before the next certificate, or may.
    key_seen: bool,
    /// True when the last thing read is a key, which is nothing without a certificate behind it.
    key_waits: bool,
    /// The question behind files that were not read, when nothing was read behind them.
    hidden: Option<QuestionId>,
    /// The question behind files that were not read and stand by themselves.
    rest: Option<QuestionId>,
    fault: Option<Fact<Cause>>,
}

impl<'a> Files<'a> {
    fn new(view: &View<'a>) -> Files<'a> {
        Files {
            view: *view,
            chains: Vec::new(),
            is_whole: true,
            key_seen: false,
            key_waits: false,
            hidden: None,
            rest: None,
            fault: None,
        }
    }

    /// The first thing that keeps smtpd from using its files is the one that it logs.
    fn fail(&mut self, name: &str, why: String) {
        self.fault.get_or_insert_with(|| Fact::is(Cause(why), self.view.because(name)));
    }

    /// Takes a file in. `by_itself` is one whose key stands elsewhere, or anywhere in it.
    fn file(&mut self, name: &str, path: &str, by_itself: bool) -> Option<&'a SeenFile> {
        let seen = self.view.configuration.target.seen.files.get(path);
        let objects = match seen.map(|seen| &seen.content) {
            Some(Content::Holds(objects)) => objects,
            Some(Content::Missing) => {
                self.fail(name, format!("`{path}` is not there"));
                return seen;
            }
            Some(Content::Unseen(why)) => return self.hide(path, why, seen),
            None => return self.hide(path, "was not looked at", seen),
        };
        if objects.contains(&Object::Damaged) {
            return self.hide(path, "holds something that is not understood", seen);
        }
        let certificate = objects.iter().position(|object| matches!(object, Object::Certificate(_)));
        let key = objects.iter().position(|object| *object == Object::Key);
        match (certificate, key) {
            (None, _) if by_itself => self.fail(name, format!("`{path}` holds no certificate")),
            (Some(certificate), key) if !by_itself && !self.key_seen && key.is_none_or(|key| certificate < key) => {
                self.fail(name, format!("`{path}` begins with a certificate, and its key must stand before it"));
            }
            _ => {}
        }
        self.holds(Some(path), objects, by_itself);
        seen
    }

    fn hide(&mut self, path: &str, why: &str, seen: Option<&'a SeenFile>) -> Option<&'a SeenFile> {
        self.hidden = Some(question(&self.view, path, why));
        self.key_seen = true;
        self.key_waits = false;
        seen
    }

    fn holds(&mut self, path: Option<&str>, objects: &[Object], by_itself: bool) {
        for object in objects {
            match object {
                Object::Key => {
                    if self.key_waits {
                        self.fail(CHAIN, "the chain files hold a key with no certificate behind it".to_owned());
                    }
                    self.is_whole |= !by_itself;
                    self.key_waits = !by_itself;
                    self.key_seen = true;
                }
                Object::Damaged | Object::Prime(_) => {}
                Object::Certificate(one) => {
                    // Behind what was not read, and in what was given, keys do not tell where a chain begins.
                    let begins = self.is_whole || ((self.hidden.is_some() || path.is_none()) && !one.is_authority);
                    self.hidden = None;
                    self.is_whole = false;
                    self.key_waits = false;
                    let is_full = self.chains.len() >= LONGEST;
                    match self.chains.last_mut() {
                        Some(chain) if !begins && chain.certificates.len() >= LONGEST => {}
                        Some(chain) if !begins => chain.certificates.push(one.clone()),
                        _ if is_full => {}
                        _ => self.chains.push(Chain {
                            file: path.map(str::to_owned),
                            certificates: vec![one.clone()],
                            is_seen: false,
                            is_complete: Value::Is(false),
                        }),
                    }
                }
            }
        }
    }

    fn finish(mut self, because: Because) -> Fact<Members<Chain>> {
        if let (true, Some(question)) = (self.chains.is_empty(), self.hidden.as_ref().or(self.rest.as_ref())) {
            return Fact::unknown(question.clone(), because);
        }
        let mut chains = std::mem::take(&mut self.chains);
        for chain in &mut chains {
            chain.is_complete = is_complete(&self.view, chain);
        }
        if let (Some(last), Some(question)) = (chains.last_mut(), &self.hidden)
            && last.is_complete == Value::Is(false)
        {
            last.is_complete = Value::Unknown(question.clone());
        }
        Fact::is(Members { surely: chains, rest: self.hidden.or(self.rest) }, because)
    }
}

/// Whether clients get the certificate of the issuer: from the chain, or, where that has one certificate only, from among
/// those that smtpd knows for checking clients (postconf(5), smtpd_tls_CAfile).
fn is_complete(view: &View<'_>, chain: &Chain) -> Value<bool> {
    let Some((own, rest)) = chain.certificates.split_first() else { return Value::Is(true) };
    if own.is_self_issued() || rest.iter().any(|one| one.subject == own.issuer) {
        return Value::Is(true);
    }
    if rest.is_empty() {
        if let Some(path) = path(view, AUTHORITIES) {
            match view.configuration.target.seen.files.get(&path).map(|seen| &seen.content) {
                Some(Content::Holds(objects)) => {
                    let is_issuer = |object: &Object| matches!(object, Object::Certificate(one) if one.subject == own.issuer);
                    if objects.iter().any(is_issuer) {
                        return Value::Is(true);
                    }
                }
                Some(Content::Missing) => {}
                Some(Content::Unseen(why)) => return Value::Unknown(question(view, &path, why)),
                None => return Value::Unknown(question(view, &path, "was not looked at")),
            }
        }
        if path(view, "smtpd_tls_CApath").is_some() {
            let ask = "Which certificates does the server send? `smtpd_tls_CApath` may hold some of them.";
            let command = "openssl s_client -starttls smtp -connect localhost:587 -showcerts";
            return Value::Unknown(view.ask("certificate-chain", ask, command));
        }
    }
    // Authorities that serve the public never issue by the certificate that clients have; an authority of one's own may.
    if own.is_public {
        return Value::Is(false);
    }
    Value::Unknown(view.ask(
        "certificate-issuer",
        format!("Do all clients have the certificate of `{}`, the issuer? The server does not send it.", own.issuer),
        "openssl s_client -starttls smtp -connect localhost:587 -verify_return_error",
    ))
}

/// What certbot calls the server's own certificate: its `fullchain.pem` has the others as well.
fn bare(view: &View<'_>, certificate: &Fact<CertificateSource>) -> Option<(Fact<String>, QuestionId)> {
    let Some(CertificateSource::Files(files)) = certificate.known() else { return None };
    let is_bare = |path: &&String| path.contains("/letsencrypt/live/") && path.ends_with("/cert.pem");
    let file = files.iter().find(is_bare)?;
    let completed = [AUTHORITIES, "smtpd_tls_CApath"].iter().any(|name| path(view, name).is_some());
    let question = (!completed).then(|| {
        view.ask(
            "certificate-bare",
            format!("How many certificates does `{file}` hold? It was not looked at."),
            format!("grep -c BEGIN {}", quoted(file)),
        )
    })?;
    Some((Fact::is(file.clone(), certificate.because.clone()), question))
}

fn question(view: &View<'_>, path: &str, why: &str) -> QuestionId {
    view.ask(
        &format!("certificate-{path}"),
        format!("What does the certificate in `{path}` say? The file {why}."),
        format!("openssl x509 -in {} -noout -subject -issuer -dates -ext subjectAltName", quoted(path)),
    )
}

fn is_in_chain(view: &View<'_>) -> bool {
    let list = view.members(CHAIN);
    !list.surely.is_empty() || list.rest.is_some()
}

/// The path that a setting names; `None` when it is empty, `none`, or hidden in part.
fn path(view: &View<'_>, name: &str) -> Option<String> {
    let value = view.lookup(name)?;
    let is_path = !value.text.is_empty() && !value.text.contains(HOLE) && !value.text.eq_ignore_ascii_case("none");
    is_path.then(|| value.text.clone())
}

/// The files that this program opens for its certificates and keys. Those that hold a key alone need not be opened.
pub(super) fn files(view: &View<'_>) -> Vec<NamedFile> {
    let named = |path: String, is_key: bool| NamedFile { path, is_key };
    let mut files: Vec<NamedFile> = Vec::new();
    if is_in_chain(view) {
        files.extend(view.members(CHAIN).surely.iter().map(|path| named(path.clone(), false)));
    } else {
        for (name, key_name) in PAIRS {
            let Some(certificate) = path(view, name) else { continue };
            files.push(named(certificate, false));
            files.extend(path(view, key_name).map(|path| named(path, true)));
        }
    }
    files.extend(path(view, PRIME_FILE).filter(|path| path != "auto").map(|path| named(path, false)));
    if !files.is_empty() {
        files.extend(path(view, AUTHORITIES).map(|path| named(path, false)));
    }
    files
}
