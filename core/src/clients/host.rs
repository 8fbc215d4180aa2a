//! By which name programs find the server: the person's word, the certificate's, or the server's own.

use super::{ClientsError, HostBy, HostName, Wanted};
use crate::facts::{Chain, Listener, Server};
use crate::inspect::Inspection;
use crate::report::merge::enumerated;
use crate::setting::{Scope, Setting};
use crate::version::Target;

/// More names than these are not told.
const SHOWN: usize = 6;

/// What a server calls itself, as it is written or as the machine says; `None` where neither is known.
#[must_use]
pub fn own_name(inspection: &Inspection, target: &Target) -> Option<String> {
    let name = match inspection.server.dialect {
        "dovecot" => "hostname",
        "exim" => "primary_hostname",
        _ => "myhostname",
    };
    match written(inspection, name) {
        Some(setting) => setting.effective.known().cloned(),
        None => target.host_name.clone(),
    }
}

/// The setting of the whole server that is in force, where a file has it.
fn written<'a>(inspection: &'a Inspection, name: &str) -> Option<&'a Setting> {
    let mut settings = inspection.settings.iter().rev();
    settings.find(|one| one.scope == Scope::Server && one.name == name)
}

/// The domain that a server writes behind its users' names, as its settings have it, else what follows the first dot of its own
/// name; `None` where neither is a full name.
#[must_use]
pub fn own_domain(inspection: &Inspection, target: &Target) -> Option<HostName> {
    if let Some(setting) = written(inspection, "mydomain") {
        return setting.effective.known().and_then(|name| full(name));
    }
    full(own_name(inspection, target)?.split_once('.')?.1)
}

/// The name, and how it is known.
pub(super) fn find(
    server: &Server,
    wanted: &Wanted,
    published: &[&Listener],
) -> Result<(HostName, HostBy), ClientsError> {
    if let Some(host) = &wanted.host {
        return Ok((host.clone(), HostBy::Said));
    }
    let own = wanted.own_name.as_ref().or(server.name.known());
    let own = own.and_then(|name| full(name));
    let chains: Vec<Vec<&Chain>> = published
        .iter()
        .map(|listener| seen(listener))
        .filter(|all| !all.is_empty())
        .collect();
    if chains.is_empty() {
        let own = own.ok_or(ClientsError::NoHost { candidates: Vec::new() })?;
        return Ok((own, HostBy::Assumed));
    }
    let fits = |host: &HostName| chains.iter().all(|one| one.iter().any(|chain| is_for(chain, host)));
    if let Some(own) = own.filter(|own| fits(own)) {
        return Ok((own, HostBy::Certificate));
    }
    let mut names: Vec<HostName> = Vec::new();
    for chain in chains.iter().flatten() {
        let own = chain.own().map(|certificate| certificate.dns_names.as_slice());
        for name in own.unwrap_or_default().iter().filter_map(|name| full(name)) {
            if fits(&name) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let within: Vec<&HostName> = names.iter().filter(|name| name.is_within(&wanted.domain)).collect();
    match (within.as_slice(), names.as_slice()) {
        ([one], _) => Ok(((*one).clone(), HostBy::Certificate)),
        ([], [one]) => Ok((one.clone(), HostBy::Certificate)),
        _ => Err(ClientsError::NoHost {
            candidates: names.iter().take(SHOWN).map(ToString::to_string).collect(),
        }),
    }
}

/// What whoever publishes the name should know of it.
pub(super) fn remarks(host: &HostName, host_by: HostBy, published: &[&Listener]) -> Vec<String> {
    let mut remarks = Vec::new();
    if host_by == HostBy::Assumed {
        remarks.push(format!(
            "{host} is assumed: the server calls itself so, and its users may know it by another name; \
             `--host-name NAME` says it"
        ));
    }
    for listener in published {
        let chains = seen(listener);
        if !chains.is_empty() && !chains.iter().any(|chain| is_for(chain, host)) {
            let names = chains
                .iter()
                .filter_map(|chain| chain.own())
                .flat_map(|own| own.dns_names.iter().cloned());
            let names: Vec<String> = names.take(SHOWN).collect();
            let names = if names.is_empty() {
                "no host".to_owned()
            } else {
                enumerated(&names)
            };
            remarks.push(format!(
                "the certificate at {} is for {names}, not for {host}: programs will warn",
                listener.spoken()
            ));
        }
    }
    remarks
}

/// The chains that a listener surely shows, where somebody looked; none where programs may be shown another by name.
fn seen(listener: &Listener) -> Vec<&Chain> {
    let identity = &listener.tls.identity;
    let known = identity.chains.as_ref().and_then(|chains| chains.known());
    match (known, &identity.by_name) {
        (Some(chains), None) => chains.surely.iter().collect(),
        _ => Vec::new(),
    }
}

fn is_for(chain: &Chain, host: &HostName) -> bool {
    chain.own().is_some_and(|own| own.is_for(host.as_str()))
}

/// A full name that others could find in the DNS: what systems call themselves for want of a name is none.
fn full(name: &str) -> Option<HostName> {
    let name: HostName = name.parse().ok()?;
    let last = name.as_str().rsplit('.').next();
    (!matches!(last, Some("localdomain" | "localhost" | "local"))).then_some(name)
}
