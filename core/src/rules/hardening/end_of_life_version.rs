//! A release that nobody mends any more.

use crate::facts::Care;
use crate::rule::{Context, Draft, Sink, manual, rule};

rule! {
    "end-of-life-version", "end_of_life_version.md", Medium,
    sources: [manual("announcements", "end of support")],
    supersedes: [],
    check
}

fn check(context: &Context<'_>, sink: &mut Sink) {
    let Some(care) = &context.server.care else { return sink.not_applicable("no release is named") };
    sink.wait_for_fact(care);
    if care.known() == Some(&Care::Nobody)
        && let Some(versions) = context.server.version.known()
    {
        sink.report(Draft::whole(format!("release {versions} is past the end of its support")).because(care));
    }
}
