//! Users on a port that is registered for something else, or for nothing.

use crate::facts::{Listener, Role};
use crate::rule::{Context, Draft, Sink, rfc, rule};

rule! {
    "alternate-submission-port", "alternate_submission_port.md", Info,
    gain: Password,
    sources: [rfc(5068, "3.2"), rfc(6409, "3.1"), rfc(8314, "7.3")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let is_other = |listener: &&Listener| listener.known_port().is_some_and(|port| !matches!(port, 25 | 465 | 587));
    // Behind a proxy the number is an inner one: users see the proxy's.
    let others = context.with_role(Role::Submission).filter(is_other).filter(|listener| listener.front.is_none());
    let mut others = others.peekable();
    if others.peek().is_none() {
        return sink.not_applicable("users have no port beside 25, 465 and 587");
    }
    for listener in others {
        let mut draft = Draft::on(listener, "{listener} takes mail from users: it has to be as strict as 587");
        draft.at.extend(listener.defined);
        sink.report(draft);
    }
}
