//! The system's own settings for OpenSSL are passed over.

use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "openssl-conf-weakened", "openssl_conf_weakened.md", Low,
    sources: [manual("postconf(5)", "tls_config_file")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut encrypted = context.exposed().filter(|listener| listener.tls.handshake.is_some()).peekable();
    if encrypted.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    for listener in encrypted {
        let Some(handshake) = &listener.tls.handshake else { continue };
        sink.wait_for_fact(&handshake.system_settings);
        if handshake.system_settings.surely_not() {
            sink.report(
                Draft::on(listener, "{listener} passes over what the system has set for OpenSSL")
                    .because(&handshake.system_settings)
                    .change_server(Change::Remove { setting: "tls_config_file".to_owned() }),
            );
        }
    }
}
