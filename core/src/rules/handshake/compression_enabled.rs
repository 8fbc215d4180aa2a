//! Compression within TLS.

use super::offered;
use crate::change::Change;
use crate::facts::{Step, Value};
use crate::rule::{Context, Draft, Sink, cve, manual, rfc, rule};

rule! {
    "compression-enabled", "compression_enabled.md", Medium,
    gain: Mail,
    sources: [rfc(9325, "3.3"), cve("CVE-2012-4929"), manual("postconf(5)", "tls_ssl_options")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    offered::each(context, sink, |listener, handshake, sink| {
        let compression = &handshake.compression;
        let draft = match &compression.value {
            Value::Is(false) => return,
            Value::Is(true) => Draft::on(listener, "{listener} compresses within TLS"),
            Value::Unknown(question) if question.0 == "tls-compression" => {
                Draft::on(listener, "{listener} may compress within TLS, if its OpenSSL was built for it").depends_on(question)
            }
            Value::Unknown(question) => {
                sink.wait_for(question);
                return;
            }
        };
        let draft = draft.because(compression);
        // Whatever else stands there stays.
        let is_written = compression.because.iter().any(|step: &Step| step.span().is_some());
        sink.report(if is_written {
            draft
        } else {
            draft.change_server(Change::Define(vec![("tls_ssl_options".to_owned(), "NO_COMPRESSION".to_owned())]))
        });
    });
}
