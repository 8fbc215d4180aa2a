//! The system's own settings for OpenSSL are passed over.

use super::offered;
use crate::change::Change;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "openssl-conf-weakened", "openssl_conf_weakened.md", Low,
    gain: Mail,
    sources: [manual("postconf(5)", "tls_config_file")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    offered::each(context, sink, |listener, handshake, sink| {
        sink.wait_for_fact(&handshake.system_settings);
        if handshake.system_settings.surely_not() {
            sink.report(
                Draft::on(listener, "{listener} passes over what the system has set for OpenSSL")
                    .because(&handshake.system_settings)
                    .change_server(Change::Remove { setting: "tls_config_file".to_owned() }),
            );
        }
    });
}
