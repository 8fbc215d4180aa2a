//! A private key that is not private.

use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "key-file-permissions", "key_file_permissions.md", Medium,
    gain: Impersonation,
    sources: [manual("postconf(5)", "smtpd_tls_key_file")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut looked = false;
    for listener in context.alive() {
        let Some(keys) = &listener.tls.identity.open_keys else { continue };
        looked = true;
        for key in keys {
            let path = key.known().map_or("", String::as_str);
            let message = format!("every account of the machine can read `{path}`, the private key of {{listener}}");
            sink.report(Draft::on(listener, message).because(key));
        }
    }
    if !looked {
        sink.not_applicable("no key file was looked at");
    }
}
