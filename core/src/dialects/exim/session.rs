//! What a session shows and leaves in the log (the specification, "Main configuration", log_selector and smtp_banner).

use super::config::Acl;
use super::releases;
use super::view::View;
use crate::facts::{Dialogue, Fact, MessageEnd, Session, Value};

/// A session at a port.
pub(super) fn of(view: &View<'_>, port: u16) -> Session {
    let banner = view.text("smtp_banner");
    let tells_release = banner.map(|text| ["$version_number", "${version_number}", "$exim_version"].iter().any(|name| text.contains(name)));
    let selector = view.text("log_selector");
    let is_on = |word: &str, otherwise: bool| {
        selector.clone().map(|text| {
            let words = text.split_ascii_whitespace();
            let last = words.rev().find_map(|one| match (one.get(..1), one.get(1..)) {
                (Some(sign @ ("+" | "-")), Some(name)) if name == word || name == "all" => Some(sign == "+"),
                _ => None,
            });
            last.unwrap_or(otherwise)
        })
    };
    // A list that treats everybody alike is as good as its verb.
    let vrfy = view.text("acl_smtp_vrfy").map(|text| view.config.acl(&text).and_then(treats_all).map_or(text, str::to_owned));
    let answers_vrfy = match &vrfy.value {
        // Without a list nobody gets an answer.
        Value::Is(text) if text.is_empty() || text == "deny" => Fact::is(false, vrfy.because),
        Value::Is(text) if text == "accept" => Fact::is(true, vrfy.because),
        Value::Is(_) => Fact::unknown(view.ask("exim-vrfy", "Whom does the list in `acl_smtp_vrfy` answer?", "exim -bP acl_smtp_vrfy"), vrfy.because),
        Value::Unknown(question) => Fact::unknown(question.clone(), vrfy.because),
    };
    Session {
        tells_release,
        answers_vrfy,
        unannounced: Vec::new(),
        tls_log: is_on("tls_cipher", true).map(u8::from),
        // `I=[address]:port` stands in a line where that is asked for.
        log_name: is_on("incoming_interface", false).map(|told| if told { format!("exim/{port}") } else { "exim".to_owned() }),
        checks_on_users: Vec::new(),
    }
}

/// The verb with which a list begins, where that meets everybody.
fn treats_all(list: &Acl) -> Option<&str> {
    let first = list.statements.first()?.as_ref().ok()?;
    let is_sure = list.open.is_none() && first.open.is_none() && first.conditions.is_empty();
    is_sure.then_some(first.verb.as_str()).filter(|verb| matches!(*verb, "accept" | "deny"))
}

/// How messages and commands follow each other.
pub(super) fn dialogue(view: &View<'_>) -> Dialogue {
    let message_end = if view.version >= releases::ONE_END_SINCE {
        Fact::is(MessageEnd::Standard, Vec::new())
    } else {
        let ask = "Has this package of Exim been mended against CVE-2023-51766? Releases before 4.97.1 take other line ends for the end of a message.";
        let command = "zgrep CVE-2023-51766 /usr/share/doc/exim4-base/changelog.Debian.gz, or rpm -q --changelog exim | grep CVE-2023-51766";
        Fact::unknown(view.ask("exim-line-ends", ask, command), Vec::new())
    };
    let sync = view.text("smtp_enforce_sync");
    Dialogue { message_end, stops_early_talk: sync.map(|text| is_yes(&text)) }
}

/// `yes`, `true`, or the name alone.
pub(super) fn is_yes(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes")
}
