//! The program that smtpd asks whether a password is right, where that program's files were given as well (SASL_README,
//! "Configuring Dovecot SASL"; what a client meets was measured on 3.7.11 with Dovecot 2.3.19).

use super::config::View;
use super::listeners::is_loopback;
use crate::facts::{Fact, Members, Step};
use crate::link::{Backend, CLOSED_SOCKET, NO_SOCKET, Place, Socket, normal};
use crate::question::{QuestionId, quoted};

/// What smtpd finds where it looks.
pub(super) enum Link<'a> {
    /// Nothing is known of it.
    Unknown,
    /// The socket of a program.
    Found(&'a Backend, &'a Socket),
    /// No socket of the program that was given.
    Missing(String),
}

/// Looks up `smtpd_sasl_path` among the sockets of other programs.
pub(super) fn of<'a>(view: &View<'a>) -> Link<'a> {
    let backends = &view.configuration.target.backends;
    let Some(place) = place(view).filter(|_| !backends.is_empty()) else { return Link::Unknown };
    for backend in backends {
        if let Some(socket) = backend.sockets.iter().find(|socket| socket.place == place) {
            return Link::Found(backend, socket);
        }
    }
    match place {
        Place::Path(path) if backends.iter().all(|backend| backend.is_whole) => Link::Missing(path),
        _ => Link::Unknown,
    }
}

/// Where smtpd looks; `None` where that is not known, or is on another machine.
fn place(view: &View<'_>) -> Option<Place> {
    if view.known("smtpd_sasl_type")?.text != "dovecot" {
        return None;
    }
    let path = &view.known("smtpd_sasl_path")?.text;
    if let Some(place) = path.strip_prefix("inet:") {
        let (host, port) = place.rsplit_once(':')?;
        return is_loopback(host).then(|| port.parse().ok().map(Place::Port))?;
    }
    let path = path.strip_prefix("unix:").unwrap_or(path);
    let queue = view.known("queue_directory")?;
    if !path.starts_with('/') {
        return Some(Place::Path(normal(&format!("{}/{path}", queue.text))));
    }
    // In a jail the root is the queue's folder; it is the same for all services, or not decided here.
    let mut smtpd = view.configuration.syntax.services.iter().filter(|service| service.program == "smtpd").map(|service| service.chroot.as_str());
    let first = smtpd.next()?;
    match first {
        _ if smtpd.any(|other| other != first) => None,
        "n" => Some(Place::Path(normal(path))),
        "y" => Some(Place::Path(normal(&format!("{}{path}", queue.text)))),
        _ => None,
    }
}

impl Link<'_> {
    /// The mechanisms that the program offers, with what tells them.
    fn offered(&self) -> Option<(&[String], Vec<Step>)> {
        let Link::Found(backend, socket) = self else { return None };
        let names = backend.mechanisms.known().filter(|_| !socket.root_alone)?;
        let linked = Step::Linked { server: backend.server.clone() };
        Some((names, std::iter::once(linked).chain(backend.mechanisms.because.iter().cloned()).collect()))
    }

    /// Passwords are shown only where a mechanism does so.
    pub(super) fn plaintext(&self, fact: Fact<bool>) -> Fact<bool> {
        match self.offered() {
            Some((names, because)) if !fact.surely_not() && !names.iter().any(|name| name == "PLAIN" || name == "LOGIN") => Fact::is(false, because),
            _ => fact,
        }
    }

    /// Nobody logs in without a name where there is no mechanism for it.
    pub(super) fn anonymous(&self, fact: Fact<bool>) -> Fact<bool> {
        match self.offered() {
            Some((names, because)) if !fact.surely_not() && !names.iter().any(|name| name == "ANONYMOUS") => Fact::is(false, because),
            _ => fact,
        }
    }

    /// The names that clients are told, but for those that options take out.
    pub(super) fn names(&self, view: &View<'_>) -> Option<Fact<Members<String>>> {
        let (names, because) = self.offered()?;
        // What is hidden in clear may be told under TLS: only what both lists of options hide is offered to nobody.
        let hides = |word: &str| {
            let lists = ["smtpd_sasl_security_options", "smtpd_sasl_tls_security_options"];
            lists.iter().all(|list| view.members(list).surely.iter().any(|own| own.eq_ignore_ascii_case(word)))
        };
        let (no_plaintext, no_anonymous) = (hides("noplaintext"), hides("noanonymous"));
        let told = names.iter().filter(|name| match name.as_str() {
            "PLAIN" | "LOGIN" => !no_plaintext,
            "ANONYMOUS" => !no_anonymous,
            _ => true,
        });
        Some(Fact::is(Members { surely: told.cloned().collect(), rest: None }, because))
    }

    /// What to ask where smtpd finds nothing that it can use.
    pub(super) fn question(&self, view: &View<'_>) -> Option<QuestionId> {
        match self {
            Link::Missing(path) => {
                let ask = format!("What opens the socket `{path}`? Dovecot's files open none there.");
                Some(view.ask(NO_SOCKET, ask, format!("ls -l {}", quoted(path))))
            }
            Link::Found(_, socket) if socket.root_alone => {
                let ask = "Who may use the socket that Postfix asks for users? Dovecot's files open it for root alone.";
                Some(view.ask(CLOSED_SOCKET, ask, "doveconf service/auth"))
            }
            _ => None,
        }
    }
}
