//! Whether anything in the files makes use of the certificates that clients show.

use super::config::View;
use crate::facts::Fact;

/// The lists that smtpd walks through in a session, whatever the stage.
const LISTS: &[&str] = &[
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions",
    "smtpd_data_restrictions",
    "smtpd_end_of_data_restrictions",
    "smtpd_etrn_restrictions",
];

/// What looks at the certificate of a client; a policy service is told of it.
const READERS: &[&str] =
    &["permit_tls_clientcerts", "permit_tls_all_clientcerts", "check_ccert_access", "check_policy_service"];

/// Whether a list, a class of restrictions or a filter is told of clients' certificates.
pub(super) fn used(view: &View<'_>) -> Fact<bool> {
    let milters = view.list("smtpd_milters");
    if milters.known().is_none_or(|members| !members.surely.is_empty() || members.rest.is_some()) {
        return Fact::is(true, milters.because);
    }
    let classes = view.members("smtpd_restriction_classes");
    let mut rest = classes.rest.clone();
    for name in LISTS.iter().copied().chain(classes.surely.iter().map(String::as_str)) {
        let members = view.members(name);
        let reads = |word: &String| READERS.iter().any(|reader| word.eq_ignore_ascii_case(reader));
        if members.surely.iter().any(reads) {
            return Fact::is(true, view.because(name));
        }
        rest = rest.or_else(|| members.rest.clone());
    }
    match rest {
        Some(question) => Fact::unknown(question, Vec::new()),
        None => Fact::is(false, Vec::new()),
    }
}
