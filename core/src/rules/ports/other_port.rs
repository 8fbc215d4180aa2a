//! What the rules about a missing second port for users share.

use crate::change::Change;
use crate::facts::{Entry, Listener, Role};
use crate::policy::Prefer;
use crate::rule::{Context, Draft, Sink};

/// Reports when users find `there`, which speaks in its way, and not `missing`.
pub(super) fn report(context: &Context<'_>, sink: &mut Sink, there: (u16, Entry), missing: u16, message: &str) {
    let (port, entry) = there;
    let is_there =
        |listener: &&Listener| listener.known_port() == Some(port) && listener.tls.entry.known() == Some(&entry);
    let found: Vec<&Listener> = context.with_role(Role::Submission).filter(is_there).collect();
    if found.is_empty() {
        return sink.not_applicable(match entry {
            Entry::Implicit => "nothing speaks implicit TLS on port 465",
            _ => "nothing offers STARTTLS on port 587",
        });
    }
    // One that does not work yet is there all the same, and other rules speak of it.
    let all = &context.server.listeners;
    if all.iter().any(|listener| listener.known_port() == Some(missing)) {
        return;
    }
    let unknown_port = all.iter().find_map(|listener| listener.port.value.question());
    let front = found.iter().find_map(|listener| listener.front.as_ref()).map(|front| &front.question);
    if let Some(question) = context.server.more_listeners.as_ref().or(unknown_port).or(front) {
        return sink.wait_for(question);
    }
    let draft = Draft::on_all(&found, message).change_server(Change::OpenForUsers { port: missing });
    // Standards want both; whoever wants one alone says so.
    sink.report(if context.prefer() == Prefer::Both { draft } else { draft.own_preference(context.prefer()) });
}
