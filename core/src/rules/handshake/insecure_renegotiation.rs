//! Sessions that begin anew without their safeguard.

use super::offered;
use crate::change::Change;
use crate::rule::{Context, Draft, Sink, cve, manual, rfc, rule};

rule! {
    "insecure-renegotiation", "insecure_renegotiation.md", Medium,
    gain: Mail,
    sources: [rfc(9325, "3.5"), rfc(5746, "4"), cve("CVE-2009-3555"), manual("postconf(5)", "tls_ssl_options")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    offered::each(context, sink, |listener, handshake, sink| {
        sink.wait_for_fact(&handshake.unsafe_renegotiation);
        if handshake.unsafe_renegotiation.surely() {
            sink.report(
                Draft::on(listener, "{listener} lets sessions begin anew without the safeguard of RFC 5746")
                    .because(&handshake.unsafe_renegotiation)
                    .change_server(Change::Define(vec![("tls_ssl_options".to_owned(), "NO_RENEGOTIATION".to_owned())])),
            );
        }
    });
}
