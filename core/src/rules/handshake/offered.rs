//! What the rules about the handshake share: who offers TLS.

use crate::facts::{Handshake, Listener};
use crate::rule::{Context, Sink};

/// Judges every listener that others can reach and that offers TLS.
pub(super) fn each(context: &Context<'_>, sink: &mut Sink, mut judge: impl FnMut(&Listener, &Handshake, &mut Sink)) {
    let offering = context.exposed().filter_map(|listener| Some((listener, listener.tls.handshake.as_ref()?)));
    let mut offering = offering.peekable();
    if offering.peek().is_none() {
        return sink.not_applicable("nothing offers TLS");
    }
    for (listener, handshake) in offering {
        judge(listener, handshake, sink);
    }
}
