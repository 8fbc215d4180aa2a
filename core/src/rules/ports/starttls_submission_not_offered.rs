//! 465 without 587.

use super::other_port;
use crate::facts::Entry;
use crate::rule::{Context, Sink, rfc, rule};

rule! {
    "starttls-submission-not-offered", "starttls_submission_not_offered.md", Info,
    gain: KeptOut,
    sources: [rfc(8314, "3.3"), rfc(5068, "3.1"), rfc(6409, "3.1")],
    supersedes: ["port-587-not-ready"],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    if !context.prefer().wants_starttls() {
        return sink.not_applicable("you prefer 465 alone");
    }
    let message = "{listener} is open to users, and port 587, the only one some devices know, is not";
    other_port::report(context, sink, (465, Entry::Implicit), 587, message);
}
