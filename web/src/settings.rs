//! What a person says beside the text: what it is written for, and what it is judged by.

use smtplint_core::dialect::{self, Dialect};
use smtplint_core::facts::Role;
use smtplint_core::policy::{self, POLICIES, Prefer};
use smtplint_core::recognise;
use smtplint_core::report::Options;
use smtplint_core::source::Sources;
use yew::{AttrValue, Callback, Html, html};

use crate::app::Message;
use crate::check::Checked;
use crate::controls::opened;
use crate::toolbar::said;
use crate::{parts, words};

/// What can be said of the release, as `--target` takes it. The empty word stands for not knowing.
pub(crate) const RELEASES: [&str; 20] = [
    "",
    "debian=11",
    "debian=12",
    "debian=13",
    "ubuntu=22.04",
    "ubuntu=24.04",
    "postfix=3.5",
    "postfix=3.6",
    "postfix=3.7",
    "postfix=3.8",
    "postfix=3.9",
    "postfix=3.10",
    "postfix=3.11",
    "dovecot=2.3",
    "dovecot=2.4",
    "exim=4.94",
    "exim=4.95",
    "exim=4.96",
    "exim=4.97",
    "exim=4.98",
];

/// Roles that can be given to a port.
const ROLES: [Role; 4] = [Role::Submission, Role::Mx, Role::Mailbox, Role::Internal];

/// Everything is as the text says, as long as nothing else is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// One of [`RELEASES`].
    pub(crate) release: &'static str,
    /// A dialect's id; empty for the one that is recognised.
    pub(crate) dialect: &'static str,
    /// A policy's id; empty for the one that counts when none is named.
    pub(crate) policy: &'static str,
    /// Which of the two ports is wanted.
    pub(crate) prefer: Prefer,
    /// Roles set by hand, by the port or the name of a listener.
    pub(crate) roles: Vec<(String, Role)>,
}

/// The most ports of which it is said what they are for, and the longest name of one; a link may have thousands.
const MOST_ROLES: usize = 100;
const LONGEST_PORT: usize = 100;

impl Settings {
    /// What the core is told.
    pub(crate) fn options(&self) -> Options {
        let mut options = Options {
            policy: policy::by_id(self.policy).unwrap_or_default(),
            prefer: self.prefer,
            ..Options::default()
        };
        options.target.roles.clone_from(&self.roles);
        if !self.release.is_empty() {
            // Every one of RELEASES is understood: a test holds them to it.
            options.target.add(self.release).ok();
        }
        options
    }

    /// The dialect in which a text is read; `None` when nobody knows it.
    pub(crate) fn dialect_of(&self, sources: &Sources) -> Option<&'static dyn Dialect> {
        dialect::by_id(self.dialect).or_else(|| recognise(sources))
    }

    /// Says one of them by its name. What a stranger's link says of it and nobody knows is left unsaid, and a release stays as it is.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match name {
            "release" => self.release = RELEASES.into_iter().find(|one| *one == value).unwrap_or(self.release),
            "server" => self.dialect = dialect::by_id(value).map_or("", Dialect::id),
            "policy" => self.policy = policy::by_id(value).map_or("", |one| one.id),
            "prefer" => self.prefer = Prefer::from_word(value).unwrap_or_default(),
            other => {
                let Some(port) = other.strip_prefix(ROLE).filter(|port| port.len() <= LONGEST_PORT) else {
                    return;
                };
                self.roles.retain(|(known, _)| known != port);
                if self.roles.len() >= MOST_ROLES {
                    return;
                }
                self.roles
                    .extend(Role::from_word(value).map(|role| (port.to_owned(), role)));
            }
        }
    }

    /// Everything that is said, as names and values that [`Settings::set`] takes.
    pub(crate) fn said(&self) -> Vec<(String, &'static str)> {
        let prefer = (self.prefer != Prefer::default()).then(|| self.prefer.word());
        let words = [
            ("release", self.release),
            ("server", self.dialect),
            ("policy", self.policy),
            ("prefer", prefer.unwrap_or_default()),
        ];
        let words = words.into_iter().filter(|(_, value)| !value.is_empty());
        let words = words.map(|(name, value)| (name.to_owned(), value));
        let roles = self
            .roles
            .iter()
            .map(|(port, role)| (format!("{ROLE}{port}"), role.word()));
        words.chain(roles).collect()
    }
}

/// Before the port or the name of a listener whose role is set.
const ROLE: &str = "role-";

/// How the text is read and judged, folded: its head says it, and in it everything can be said otherwise.
pub(crate) fn settings(settings: &Settings, checked: &Checked, tell: &Callback<Message>) -> Html {
    let Some(judged) = &checked.judged else {
        return Html::default();
    };
    let report = &judged.report;
    let servers: Vec<&str> = report.servers().map(|server| name(server.dialect)).collect();
    let policy = judged.options.policy;
    let head = words::judged_as(
        &servers.join(&format!(" {} ", words::and())),
        policy.title,
        settings.prefer,
    );
    let ontoggle = opened(tell);
    html! {
        <details class="settings" {ontoggle}>
            <summary>{ head }</summary>
            if let Some(controlling) = parts::controls() { { (controlling.settings)(settings, checked, tell) } }
        </details>
    }
}

/// Everything that can be said otherwise, as lists: see [`crate::controls`].
pub(crate) fn lists(settings: &Settings, checked: &Checked, tell: &Callback<Message>) -> Html {
    let Some(judged) = &checked.judged else {
        return Html::default();
    };
    let (report, policy) = (&judged.report, judged.options.policy);
    let dialects = smtplint_core::dialects::DIALECTS.iter().map(|dialect| dialect.id());
    let dialects = std::iter::once(("", words::as_recognised())).chain(dialects.map(|id| (id, name(id))));
    let policies = POLICIES.into_iter().map(|one| (one.id, one.title));
    let ports = [Prefer::Both, Prefer::Implicit, Prefer::Starttls];
    let ports = ports.into_iter().map(|one| (one.word(), words::prefer(one)));
    let list = |name: AttrValue, label: AttrValue, now: &str, choices: Vec<(&'static str, &'static str)>| {
        let choices = choices.into_iter().map(|(value, shown)| (value.into(), shown.into()));
        said(name, label, now, choices.collect(), Message::Say, tell)
    };
    let mut listeners: Vec<String> = Vec::new();
    for listener in report.listeners() {
        let port = listener
            .known_port()
            .map_or_else(|| listener.name.clone(), |port| port.to_string());
        if !listeners.contains(&port) {
            listeners.push(port);
        }
    }
    let role = |port: &String| {
        let now = settings.roles.iter().find(|(known, _)| known == port);
        let now = now.map_or("", |(_, role)| role.word());
        let roles = ROLES.into_iter().map(|one| (one.word(), words::role(one)));
        let roles = std::iter::once(("", words::as_text_says())).chain(roles);
        list(
            format!("{ROLE}{port}").into(),
            words::role_of(port).into(),
            now,
            roles.collect(),
        )
    };
    html! {
        <div class="toolbar">
            { list("server".into(), words::server_label().into(), settings.dialect, dialects.collect()) }
            { list("policy".into(), words::policy_label().into(), policy.id, policies.collect()) }
            { list("prefer".into(), words::prefer_label().into(), settings.prefer.word(), ports.collect()) }
            { for listeners.iter().map(role) }
        </div>
    }
}

/// The server's own name.
fn name(dialect: &str) -> &'static str {
    dialect::by_id(dialect).map_or("", |dialect| dialect.tells_release().0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use smtplint_core::version::Target;

    #[test]
    fn every_release_is_understood() {
        for release in RELEASES.into_iter().skip(1) {
            let mut target = Target::default();
            target.add(release).expect(release);
            let settings = Settings {
                release,
                ..Settings::default()
            };
            assert_eq!(settings.options().target, target);
            let server = release.split('=').next().unwrap_or_default();
            assert!(
                dialect::by_id(server).is_some() || ["debian", "ubuntu"].contains(&server),
                "{release}"
            );
        }
    }

    #[test]
    fn what_is_said_comes_back_and_nothing_else_is_taken() {
        let mut said = Settings::default();
        assert!(said.said().is_empty());
        let all = [
            ("release", "exim=4.96"),
            ("server", "exim"),
            ("policy", POLICIES[1].id),
            ("prefer", "465"),
            ("role-2525", "internal"),
        ];
        for (name, value) in all {
            said.set(name, value);
        }
        let words = said.said();
        assert_eq!(
            words
                .iter()
                .map(|(name, value)| (name.as_str(), *value))
                .collect::<Vec<_>>(),
            all
        );
        let mut back = Settings::default();
        for (name, value) in &words {
            back.set(name, value);
        }
        assert_eq!(back, said);
        for (name, value) in [("release", "exim=5"), ("x", "y"), ("role", "mx")] {
            back.set(name, value);
        }
        assert_eq!(back, said);
        back.set("role-2525", "");
        assert!(back.roles.is_empty());
        let options = said.options();
        assert_eq!((options.policy.id, options.prefer), (POLICIES[1].id, Prefer::Implicit));
    }

    #[test]
    fn a_text_is_read_as_it_was_said() {
        let sources = smtplint_core::intake::split("paste", "myhostname = a.example\n");
        let of = |dialect| {
            let settings = Settings {
                dialect,
                ..Settings::default()
            };
            settings.dialect_of(&sources).map(Dialect::id)
        };
        assert_eq!((of(""), of("exim")), (Some("postfix"), Some("exim")));
    }
}
