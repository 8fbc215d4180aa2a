//! Severities as shapes, so that nothing depends on telling colours apart.

use smtplint_core::finding::Severity;
use yew::{Html, classes, html};

/// An octagon, a triangle, a diamond, a disc, a ring: the worst first.
pub(crate) fn shape(severity: Severity) -> Html {
    let path = match severity {
        Severity::Critical => "M5 1h6l4 4v6l-4 4H5l-4-4V5z",
        Severity::High => "M8 1.5 15.5 14.5H.5z",
        Severity::Medium => "M8 .5 15.5 8 8 15.5.5 8z",
        Severity::Low => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z",
        Severity::Info => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 2.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z",
    };
    html! {
        <svg class={classes!("shape", severity.word())} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d={path} fill-rule="evenodd" />
        </svg>
    }
}
