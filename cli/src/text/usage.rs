//! Who uses what, for people.

use std::fmt::Write;

use smtplint_core::facts::{Entry, TlsVersion};
use smtplint_core::usage::{Breaks, Change, Harmed, PortSource, Service, Usage, Use, User};

use super::{width, wrapped};

/// The counts, at most `top` entries of each list.
pub(crate) fn render(usage: &Usage, top: usize) -> String {
    let mut text = String::new();
    let lines = usage.lines;
    let range = match (usage.from, usage.until) {
        (Some(from), Some(until)) => format!("From {from} to {until}: "),
        _ => String::new(),
    };
    let told = format!("{range}{}, {} of use here", count(lines.read, "line"), lines.used);
    let _ = writeln!(text, "{told}");
    if usage.services.is_empty() {
        text.push_str("\nNobody connected to a mail server here.\n");
        return text;
    }
    for service in &usage.services {
        text.push_str(&service_text(service));
    }
    text.push_str(&users_text(usage, top));
    text.push_str(&networks_text(usage, top));
    for (title, change) in changes(usage) {
        text.push_str(&breaks_text(&title, change, &usage.breaks(change), top));
    }
    text.push_str(&lacks_text(usage));
    text
}

fn service_text(service: &Service) -> String {
    let head = match (service.port, service.port_from) {
        (Some(port), Some(PortSource::Guess)) => format!("Port {port}, at a guess ({})", service.name),
        (Some(port), _) => format!("Port {port} ({})", service.name),
        (None, _) => format!("{}, port not known", service.name),
    };
    let mut text = format!("\n{head}: {}", count(service.sessions, "session"));
    if service.logins > 0 {
        let _ = write!(text, ", {}", count(service.logins, "login"));
    }
    if service.users > 0 {
        let _ = write!(text, " by {}", count(service.users, "user"));
    }
    if service.messages > 0 {
        let _ = write!(text, ", {}", count(service.messages, "message"));
    }
    text.push('\n');
    let mut rows = Vec::new();
    for one in &service.encryption {
        let logins = if one.logins > 0 {
            count(one.logins, "login")
        } else {
            String::new()
        };
        rows.push([
            encryption(one.entry, one.version),
            count(one.sessions, "session"),
            logins,
        ]);
    }
    text.push_str(&table(&rows));
    if !service.mechanisms.is_empty() {
        let named = service.mechanisms.iter().map(|one| {
            let name = one.mechanism.as_deref().unwrap_or("not told");
            format!("{name} {}", one.logins)
        });
        let what = if service.authenticators {
            "Authenticators"
        } else {
            "Mechanisms"
        };
        let line = format!("{what}: {}", named.collect::<Vec<_>>().join(", "));
        text.push_str(&wrapped(&line, "  ", width()));
    }
    let besides = [
        (service.failed_logins, "failed login"),
        (service.failed_handshakes, "failed TLS handshake"),
        (service.refused, "refused command"),
        (service.partial_sessions, "session of which a part is missing"),
    ];
    let besides: Vec<String> = besides
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| match *what {
            "session of which a part is missing" if *number != 1 => {
                format!("{number} sessions of which a part is missing")
            }
            what => count(*number, what),
        })
        .collect();
    if !besides.is_empty() {
        text.push_str(&wrapped(&format!("Besides: {}", besides.join(", ")), "  ", width()));
    }
    text
}

fn users_text(usage: &Usage, top: usize) -> String {
    let mut text = String::new();
    if usage.users.is_empty() {
        return text;
    }
    text.push_str("\nUsers, those with most logins first\n");
    for user in usage.users.iter().take(top) {
        let _ = writeln!(
            text,
            "  {}: {}, last {}",
            user.user,
            count(user.logins, "login"),
            user.last
        );
        let rows: Vec<_> = user
            .uses
            .iter()
            .map(|one| [used(one), count(one.logins, "login"), format!("last {}", one.last)])
            .collect();
        text.push_str(&indented(&table(&rows)));
    }
    more(&mut text, usage.users.len(), top, "user");
    if usage.users_beyond_at_least > 0 {
        let line = format!(
            "and at least {} who are not kept by name, none of them with more than {}; {} in all have no name here",
            count(usage.users_beyond_at_least, "more user"),
            count(usage.logins_of_one_beyond_at_most, "login"),
            count(usage.logins_beyond_users, "login")
        );
        text.push_str(&wrapped(&line, "  ", width()));
    }
    text
}

fn networks_text(usage: &Usage, top: usize) -> String {
    let mut text = String::new();
    if usage.networks.is_empty() {
        return text;
    }
    text.push_str("\nNetworks from which they log in\n");
    let rows: Vec<_> = usage
        .networks
        .iter()
        .take(top)
        .map(|one| {
            [
                one.network.clone(),
                count(one.logins, "login"),
                format!("last {}", one.last),
            ]
        })
        .collect();
    text.push_str(&table(&rows));
    more(&mut text, usage.networks.len(), top, "network");
    if usage.logins_beyond_networks > 0 {
        let logins = count(usage.logins_beyond_networks, "login");
        let _ = writeln!(text, "  and {logins} from networks that are not kept, or not told");
    }
    text
}

/// The changes that are asked about: each port at which somebody logs in, old versions, and clear text.
fn changes(usage: &Usage) -> Vec<(String, Change)> {
    let has_logins = |port: u16| {
        usage
            .services
            .iter()
            .any(|one| one.port == Some(port) && one.logins > 0)
    };
    let ports = usage.ports().into_iter().filter(|port| has_logins(*port));
    let mut changes: Vec<_> = ports
        .map(|port| (format!("If port {port} closes today"), Change::Port(port)))
        .collect();
    changes.push(("If TLS 1.0 and 1.1 go".to_owned(), Change::OldTls));
    changes.push(("If logins in clear text end".to_owned(), Change::ClearLogin));
    changes
}

fn breaks_text(title: &str, change: Change, breaks: &Breaks<'_>, top: usize) -> String {
    let mut text = format!("\n{title}\n");
    let users = breaks.users.len();
    if breaks.logins == 0 {
        text.push_str("  nobody is known to be shut out\n");
    } else if users > 0 {
        let elsewhere = breaks.users.iter().filter(|one| one.otherwise > 0).count();
        let also = match (elsewhere, users) {
            (0, 1) => "logs in by nothing else".to_owned(),
            (0, _) => "none of them logs in by anything else".to_owned(),
            (1, 1) => "logs in otherwise as well".to_owned(),
            (1, _) => "1 of them logs in otherwise as well".to_owned(),
            (all, _) => format!("{all} of them log in otherwise as well"),
        };
        let logins = count(breaks.logins - breaks.nameless, "login");
        let _ = writeln!(text, "  {}, {logins}; {also}", count(users as u64, "user"));
        for harmed in breaks.users.iter().take(top) {
            text.push_str(&wrapped(&harmed_text(harmed, change), "  - ", width()).replace("\n  - ", "\n    "));
        }
        more(&mut text, users, top, "user");
    }
    for (number, one, several) in [
        (
            breaks.nameless,
            "login of which the log tells no name",
            "logins of which the log tells no name",
        ),
        // Who does not log in is shut out of a port by nobody's wish, and goes on in clear.
        (
            if change == Change::OldTls { breaks.others } else { 0 },
            "session without a login",
            "sessions without a login",
        ),
    ] {
        if number > 0 {
            let _ = writeln!(text, "  besides: {number} {}", if number == 1 { one } else { several });
        }
    }
    if breaks.untold > 0 {
        let what = match change {
            Change::Port(_) => "at which port",
            Change::OldTls => "by which version of TLS",
            Change::ClearLogin => "whether inside TLS",
        };
        let may = if breaks.untold == 1 { "it may be" } else { "each may be" };
        let line = format!(
            "perhaps: {}; {what}, the log does not tell, so {may} one that is shut out",
            count(breaks.untold, "more login")
        );
        text.push_str(&wrapped(&line, "  ", width()));
    }
    text
}

fn harmed_text(harmed: &Harmed<'_>, change: Change) -> String {
    let User { user, uses, .. } = harmed.user;
    let mut text = format!("{user}: {}, last {}", count(harmed.logins, "login"), harmed.last);
    let stays = |one: &&Use| change.ends(one.port, one.entry, one.version) != Some(true);
    match uses.iter().find(stays) {
        Some(other) => {
            let _ = write!(
                text,
                "; otherwise {}, the last by {}, {}",
                count(harmed.otherwise, "login"),
                used(other),
                other.last
            );
        }
        None => text.push_str("; nothing else"),
    }
    text
}

/// What would have to be set for the log to tell more.
fn lacks_text(usage: &Usage) -> String {
    let lacks: Vec<&String> = usage.services.iter().flat_map(|service| &service.lacks).collect();
    if lacks.is_empty() {
        return String::new();
    }
    let mut text = "\nWhat the log does not tell\n".to_owned();
    for lack in lacks {
        text.push_str(&wrapped(lack, "  - ", width()).replace("\n  - ", "\n    "));
    }
    text
}

fn used(one: &Use) -> String {
    let place = one
        .port
        .map_or_else(|| one.service.to_string(), |port| format!("port {port}"));
    let mechanism = one.mechanism.as_deref().unwrap_or("mechanism not told");
    format!("{place}, {}, {mechanism}", encryption(one.entry, one.version))
}

fn encryption(entry: Option<Entry>, version: Option<TlsVersion>) -> String {
    let how = match entry {
        Some(Entry::None) => return "in clear".to_owned(),
        Some(Entry::Starttls) => "STARTTLS",
        Some(Entry::Implicit) => "implicit TLS",
        None if version.is_none() => return "not told whether encrypted".to_owned(),
        None => "not told how it began",
    };
    version.map_or_else(
        || format!("{how}, version not told"),
        |version| format!("{how}, {version}"),
    )
}

/// `1 login`, `2 logins`.
fn count(number: u64, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {what}{end}")
}

/// How many more there are than are shown.
fn more(text: &mut String, all: usize, top: usize, what: &str) {
    if all > top {
        let _ = writeln!(text, "  and {} more", count((all - top) as u64, what));
    }
}

/// Columns that begin below each other.
fn table(rows: &[[String; 3]]) -> String {
    let wide = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (wide(0), wide(1));
    let mut text = String::new();
    for [one, two, three] in rows {
        let line = format!("  {one:first$}  {two:second$}  {three}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "  {line}");
        all
    })
}
