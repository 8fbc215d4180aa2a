//! A release that nobody mends any more.

use crate::facts::Care;
use crate::rule::{Citation, Context, Draft, Sink, manual, rule};

rule! {
    "end-of-life-version", "end_of_life_version.md", Medium,
    gain: Knowledge,
    sources: [
        manual("announcements", "end of support"),
        Citation::Document { title: "Debian Long Term Support", url: "https://wiki.debian.org/LTS" },
        Citation::Document { title: "The Ubuntu lifecycle and release cadence", url: "https://ubuntu.com/about/release-cycle" },
        Citation::Document {
            title: "Red Hat Enterprise Linux Life Cycle",
            url: "https://access.redhat.com/support/policy/updates/errata",
        },
    ],
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
