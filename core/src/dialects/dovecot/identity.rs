//! What clients are shown: the files of certificates and keys, read as Dovecot reads them (doc.dovecot.org, "Dovecot SSL
//! configuration"; what it does without them was measured on 2.3.19).

use super::tree::Item;
use super::view::View;
use crate::certificate::{Content, NamedFile, Object, SeenFile};
use crate::facts::{Because, Cause, CertificateSource, Chain, Fact, Identity, Members, Value};
use crate::question::{QuestionId, quoted};

/// The most chains, and certificates in a chain, that are looked at: clients give up at fewer.
const LONGEST: usize = 12;

/// Certificate and key of each kind of key, by their names in the old language and in the new one.
const PAIRS: [[(&str, &str); 2]; 2] = [
    [("ssl_cert", "ssl_server_cert_file"), ("ssl_key", "ssl_server_key_file")],
    [("ssl_alt_cert", "ssl_server_alt_cert_file"), ("ssl_alt_key", "ssl_server_alt_key_file")],
];

/// The names of the pairs in the language of a release.
fn pairs(view: &View<'_>) -> [[&'static str; 2]; 2] {
    PAIRS.map(|pair| pair.map(|(old, new)| view.named(old, new)))
}

/// The certificates and keys of a door.
pub(super) fn of(view: &View<'_>, certificate: &Fact<CertificateSource>) -> Identity {
    let mut identity = Identity::default();
    if certificate.known() == Some(&CertificateSource::None) {
        return identity;
    }
    let [[_, key], _] = pairs(view);
    // What a print-out hides is written there all the same.
    if !view.is_written(key) && view.text(key).known().is_some() {
        let why = format!("no private key is named: `{key}` is not set");
        identity.fault = Some(Fact::is(Cause(why), certificate.because.clone()));
    }
    let seen = &view.target.seen;
    if (!seen.given.is_empty() || !seen.files.is_empty()) && has_others_by_name(view) {
        identity.by_name = Some(view.ask(
            "dovecot-certificate-by-name",
            "Which certificate do clients get that ask for the server by name, or by another address? Filters name others.",
            "openssl s_client -connect localhost:993 -servername NAME",
        ));
    }
    let because = certificate.because.clone();
    if seen.given.contains(&Object::Damaged) {
        let ask = "What does the certificate say that was given? It is not understood.";
        let question = view.ask("certificate-given", ask, "openssl x509 -in FILE -noout -subject -issuer -dates -ext subjectAltName");
        identity.chains = Some(Fact::unknown(question, because));
    } else if !seen.given.is_empty() {
        identity.chains = Some(Fact::is(Members { surely: chains(view, None, &seen.given), rest: None }, because));
    } else if let Value::Unknown(question) = &certificate.value {
        identity.chains = (!seen.files.is_empty()).then(|| Fact::unknown(question.clone(), because));
    } else if seen.files.is_empty() {
        identity.bare = bare(view, certificate);
    } else {
        look(view, because, &mut identity);
    }
    identity
}

/// What the files say that were looked at.
fn look(view: &View<'_>, because: Because, identity: &mut Identity) {
    let mut shown = Members { surely: Vec::new(), rest: None };
    let mut open_keys = Vec::new();
    for [name, key_name] in pairs(view) {
        let (file, key) = (view.text(name), view.text(key_name));
        let Some(path) = file.known().filter(|path| !path.is_empty()) else {
            shown.rest = shown.rest.or_else(|| file.value.question().cloned());
            continue;
        };
        let seen = seen(view, path);
        match seen.map(|seen| &seen.content) {
            Some(Content::Holds(objects)) if !objects.contains(&Object::Damaged) => {
                let found = chains(view, Some(path), objects);
                if found.is_empty() {
                    identity.fault.get_or_insert(Fact::is(Cause(format!("`{path}` holds no certificate")), file.because.clone()));
                } else if key.known() == Some(path) && !objects.contains(&Object::Key) {
                    let why = format!("`{path}` holds no private key, and no other file is named for it");
                    identity.fault.get_or_insert(Fact::is(Cause(why), key.because.clone()));
                }
                shown.surely.extend(found);
            }
            // A file that is not there keeps the whole server from starting: the reading says so.
            Some(Content::Missing) => {}
            Some(Content::Holds(_)) => shown.rest = Some(question(view, path, "holds something that is not understood")),
            Some(Content::Unseen(why)) => shown.rest = Some(question(view, path, why)),
            None => shown.rest = Some(question(view, path, "was not looked at")),
        }
        if let Some(path) = key.known() {
            let seen = self::seen(view, path);
            if seen.is_some_and(|seen| seen.everyone_reads == Some(true)) {
                open_keys.push(Fact::is(path.clone(), key.because.clone()));
            }
        }
    }
    identity.open_keys = Some(open_keys);
    identity.chains = Some(match (&identity.fault, shown.surely.is_empty(), &shown.rest) {
        (None, true, Some(question)) => Fact::unknown(question.clone(), because),
        (None, ..) => Fact::is(shown, because),
        // No handshake succeeds: nobody is shown anything.
        (Some(fault), ..) => Fact::is(Members { surely: Vec::new(), rest: None }, fault.because.clone()),
    });
}

/// What was seen of a file.
fn seen<'a>(view: &View<'a>, path: &str) -> Option<&'a SeenFile> {
    view.target.seen.files.get(path)
}

/// A file that is named and is not there, with the steps that name it: whatever stands behind `<` is read before anything starts,
/// even where TLS is off.
pub(super) fn missing(view: &View<'_>) -> Option<Fact<Cause>> {
    pairs(view).into_iter().flatten().find_map(|name| {
        let file = view.text(name);
        let path = file.known().filter(|path| !path.is_empty())?;
        let is_missing = seen(view, path).is_some_and(|seen| seen.content == Content::Missing);
        is_missing.then(|| Fact::is(Cause(format!("Dovecot does not start, because the file `{path}` is not there")), file.because.clone()))
    })
}

/// The chains in a file, which is one; or in what was given, where each server's own certificate begins one.
fn chains(view: &View<'_>, path: Option<&str>, objects: &[Object]) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    let certificates = objects.iter().filter_map(|object| match object {
        Object::Certificate(one) => Some(one),
        _ => None,
    });
    for one in certificates {
        let is_full = chains.len() >= LONGEST;
        match chains.last_mut() {
            Some(chain) if path.is_some() || one.is_authority => {
                if chain.certificates.len() < LONGEST {
                    chain.certificates.push(one.clone());
                }
            }
            _ if is_full => {}
            _ => chains.push(Chain { file: path.map(str::to_owned), is_seen: false, certificates: vec![one.clone()], is_complete: Value::Is(false) }),
        }
    }
    for chain in &mut chains {
        chain.is_complete = is_complete(view, chain);
    }
    chains
}

/// Whether clients get the certificate of the issuer.
fn is_complete(view: &View<'_>, chain: &Chain) -> Value<bool> {
    let Some((own, rest)) = chain.certificates.split_first() else { return Value::Is(true) };
    if own.is_self_issued() || rest.iter().any(|one| one.subject == own.issuer) {
        return Value::Is(true);
    }
    // Authorities that serve the public never issue by the certificate that clients have; an authority of one's own may.
    if own.is_public {
        return Value::Is(false);
    }
    Value::Unknown(view.ask(
        "certificate-issuer",
        format!("Do all clients have the certificate of `{}`, the issuer? The server does not send it.", own.issuer),
        "openssl s_client -connect localhost:993 -verify_return_error",
    ))
}

/// What certbot calls the server's own certificate: its `fullchain.pem` has the others as well.
fn bare(view: &View<'_>, certificate: &Fact<CertificateSource>) -> Option<(Fact<String>, QuestionId)> {
    let Some(CertificateSource::Files(files)) = certificate.known() else { return None };
    let is_bare = |path: &&String| path.contains("/letsencrypt/live/") && path.ends_with("/cert.pem");
    let file = files.iter().find(is_bare)?;
    let ask = format!("How many certificates does `{file}` hold? It was not looked at.");
    let question = view.ask("certificate-bare", ask, format!("grep -c BEGIN {}", quoted(file)));
    Some((Fact::is(file.clone(), certificate.because.clone()), question))
}

/// True where filters name other certificates for some clients.
fn has_others_by_name(view: &View<'_>) -> bool {
    let [[old, new], _] = PAIRS.map(|[(old, new), _]| [old, new]);
    view.tree.items.iter().any(|item| match item {
        Item::Entry(entry) => {
            let is_filter = entry.sections.iter().any(|section| matches!(section.kind.as_str(), "local" | "local_name"));
            is_filter && (entry.name == old || entry.name == new || (entry.name == "cert_file" && view.is_new()))
        }
        _ => false,
    })
}

fn question(view: &View<'_>, path: &str, why: &str) -> QuestionId {
    view.ask(
        &format!("certificate-{path}"),
        format!("What does the certificate in `{path}` say? The file {why}."),
        format!("openssl x509 -in {} -noout -subject -issuer -dates -ext subjectAltName", quoted(path)),
    )
}

/// The files that certificates and keys come from. Those that hold a key alone need not be opened.
pub(super) fn files(view: &View<'_>) -> Vec<NamedFile> {
    let named = pairs(view).into_iter().flat_map(|[certificate, key]| [(certificate, false), (key, true)]);
    let file = |(name, is_key)| match view.text(name).value {
        Value::Is(path) if !path.is_empty() => Some(NamedFile { path, is_key }),
        _ => None,
    };
    named.filter_map(file).collect()
}
