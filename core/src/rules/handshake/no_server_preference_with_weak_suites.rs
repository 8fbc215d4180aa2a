//! A list with weak suites at its end, whose order does not count.

use crate::change::Change;
use crate::facts::{Fact, Role, Value};
use crate::finding::Severity;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "no-server-preference-with-weak-suites", "no_server_preference_with_weak_suites.md", Low,
    gain: Mail,
    sources: [manual("postconf(5)", "tls_preempt_cipherlist")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let mut submission = context.with_role(Role::Submission).peekable();
    if submission.peek().is_none() {
        return sink.not_applicable("nothing listens for submission");
    }
    for listener in submission {
        let (Some(handshake), Some(suites)) = (&listener.tls.handshake, &listener.tls.suites) else { continue };
        let order = &handshake.own_order;
        // Only somebody who wrote a list cares for its order.
        let is_list = |step: &crate::facts::Step| {
            step.span().is_some() && step.setting().is_some_and(|name| name.ends_with("_cipherlist"))
        };
        let Some(list) = suites.because.iter().find(|step| is_list(step)) else { continue };
        sink.wait_for_fact(order);
        let Some(read) = Fact::known(suites) else { continue };
        let is_good = |suite: &crate::tls::Suite| suite.is_aead() && suite.has_forward_secrecy();
        let mixed = [read.has(is_good), read.has(|suite| !is_good(suite))];
        if order.surely_not() && mixed == [Value::Is(true), Value::Is(true)] {
            let message = "{listener} reads a list of your own with weak suites in it, and the order of the client counts";
            // The weak suites themselves are the matter; who said `no` to the server's order may want to hear more of it.
            let is_written = order.because.iter().any(|step| step.span().is_some());
            let severity = if is_written { Severity::Low } else { Severity::Info };
            sink.report(
                Draft::on(listener, message)
                    .severity(severity)
                    .because_of(std::slice::from_ref(list))
                    .because(order)
                    .change_server(Change::Define(vec![("tls_preempt_cipherlist".to_owned(), "yes".to_owned())])),
            );
        }
    }
}
