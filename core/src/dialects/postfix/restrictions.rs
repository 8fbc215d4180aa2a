//! Restriction lists: what becomes of a client on its way to RCPT, as smtpd decides it (SMTPD_ACCESS_README, `smtpd_check.c`).
//!
//! Each kind of client is an ordinary one. A stranger comes from an address that only a pattern for everybody can mean, a trusted
//! client from one that `mynetworks` surely has. It gives a whole name in EHLO, sends under an address that exists, and has no
//! certificate; a user who logs in sends under an address of his own. What depends on more than that, such as DNS, lists of clients,
//! other services and tables that were not given, may refuse.

mod networks;
mod start;
mod tables;
mod walk;

use std::cell::OnceCell;

use super::config::View;
use super::names;
use super::syntax::Assignment;

use crate::facts::{Actor, Channel, Fact, Outcome, Recipient, Stage, Step, Stumble};
use crate::gather::{self, Index};
use crate::question::QuestionId;
use crate::version::Version;
pub(super) use start::fault;
use networks::{Origin, Placed};
use tables::{Known, Subject};
use walk::{Access, Lists, Unseen, Walk};

/// What the lists say to one kind of client.
#[derive(Debug, Clone)]
pub(super) struct Journey {
    /// A refusal before STARTTLS, AUTH and MAIL; only where `smtpd_delay_reject` lets one come so early.
    pub(super) early: Option<Fact<Outcome>>,
    /// True when something unseen may refuse as early as that.
    pub(super) perhaps_early: bool,
    /// What it comes to in the end.
    pub(super) end: Fact<Outcome>,
}

/// What the lists say to every kind of client.
#[derive(Debug)]
pub(super) struct Journeys {
    /// Those of one kind of client stand together, in the order of [`Channel`] and [`Recipient`].
    all: Vec<Journey>,
    /// The same for clients that come by IPv6, where lists may tell them apart from the others.
    by_ipv6: Option<Vec<Journey>>,
    /// Whether strangers are taken at their word that this server stands in for another.
    pub(super) backs_up: Fact<bool>,
    /// Whether users are turned away before they can log in, who would be let in later.
    pub(super) locks_out: Fact<bool>,
    /// What smtpd cannot follow.
    pub(super) stumbles: Fact<Option<Stumble>>,
}

/// What shows on the way through the lists, beside what a client gets.
#[derive(Default)]
struct Met {
    backs_up: Option<&'static str>,
    stumbles: Option<(&'static str, Stumble)>,
}

impl Journeys {
    /// True where clients that come by IPv6 may get something else.
    pub(super) fn tells_ipv6_apart(&self) -> bool {
        self.by_ipv6.is_some()
    }

    /// One of them.
    pub(super) fn of(&self, by_ipv6: bool, actor: Actor, channel: Channel, recipient: Recipient) -> Option<&Journey> {
        let all = self.by_ipv6.as_ref().filter(|_| by_ipv6).unwrap_or(&self.all);
        all.get((actor as usize * 2 + channel as usize) * 2 + recipient as usize)
    }
}

/// Follows every kind of client through all lists.
pub(super) fn journeys(view: &View<'_>) -> Journeys {
    let classes = view.members("smtpd_restriction_classes");
    let lists = Lists {
        view,
        classes: Index::of(&classes.surely),
        domain: OnceCell::new(),
        everywhere: everywhere(view),
        has_sasl: view.is_yes("smtpd_sasl_auth_enable"),
        delays: view.boolean("smtpd_delay_reject"),
        // Before 3.6, and at older compatibility levels, the list for recipients came first.
        relay_first: view.since(Version::new(3, 6, 0)) && view.is_yes("smtpd_relay_before_recipient_restrictions"),
    };
    let trusted = networks::trusted(view);
    let from = |origin| networks::stranger(view, "mynetworks", origin);
    let (stranger, by_ipv6) = (from(Origin::Ipv4), from(Origin::Ipv6));
    let mut met = Met::default();
    let all = follow_all(&lists, stranger, trusted, &mut met);
    let differs = by_ipv6.trust != stranger.trust || names_networks(&lists);
    let by_ipv6 = differs.then(|| follow_all(&lists, by_ipv6, trusted, &mut met));
    // Where the servers it stands in for are named, nobody else can use it.
    let open = met.backs_up.filter(|_| view.members("permit_mx_backup_networks").surely.is_empty());
    let backs_up = Fact::is(open.is_some(), met.backs_up.map(|list| view.because(list)).unwrap_or_default());
    let locks_out = locks_out(&lists, &all, stranger);
    let stumbles = match met.stumbles {
        Some((list, word)) => Fact::is(Some(word), view.because(list)),
        None => Fact::is(None, Vec::new()),
    };
    Journeys { all, by_ipv6, backs_up, locks_out, stumbles }
}

fn follow_all(
    lists: &Lists<'_, '_>,
    stranger: Placed,
    trusted: Placed,
    met: &mut Met,
) -> Vec<Journey> {
    let mut all: Vec<Journey> = Vec::with_capacity(12);
    for (actor, client) in [(Actor::Stranger, stranger), (Actor::Trusted, trusted), (Actor::Authenticated, stranger)] {
        let mut pair: Vec<Journey> = Vec::with_capacity(4);
        let mut asked_channel = false;
        for channel in [Channel::Clear, Channel::Tls] {
            for recipient in [Recipient::Local, Recipient::Foreign] {
                // Where no list asks for the channel, both are alike.
                if channel == Channel::Tls && !asked_channel {
                    pair.push(pair[recipient as usize].clone());
                    continue;
                }
                let mut walk = Walk::new(lists, actor, recipient, client);
                let (journey, asked) = follow(&mut walk, channel);
                asked_channel |= asked;
                pair.push(journey);
                if actor == Actor::Stranger {
                    met.backs_up = met.backs_up.or(walk.backs_up);
                }
                met.stumbles = met.stumbles.take().or(walk.stumbles);
            }
        }
        all.append(&mut pair);
    }
    all
}

/// True where a list names a table of networks, which may tell the families of addresses apart.
fn names_networks(lists: &Lists<'_, '_>) -> bool {
    let at_the_end = ["smtpd_relay_restrictions", "smtpd_recipient_restrictions", "smtpd_data_restrictions"];
    let names = BEFORE_RCPT.map(|(name, _)| name).into_iter().chain(at_the_end);
    let mut names = names.chain(lists.classes.names());
    names.any(|name| lists.view.members(name).surely.iter().any(|word| word.contains("cidr:")))
}

/// Whether an access list of postscreen permits or refuses a client (`server_acl.c`); `None` for one that it does not name. What
/// stands in an unseen table is not meant for an ordinary one.
pub(super) fn listed(view: &View<'_>, list: &str, trusted: bool) -> Option<bool> {
    let client =
        if trusted { networks::trusted(view) } else { networks::stranger(view, "mynetworks", Origin::Ipv4) };
    let verdict = |word: &str| match word.to_ascii_lowercase().as_str() {
        "permit" => Some(true),
        "permit_mynetworks" if client.trust == networks::Trust::Yes => Some(true),
        "reject" => Some(false),
        _ => None,
    };
    view.members(list).surely.iter().find_map(|word| {
        if !word.contains(':') {
            return verdict(word);
        }
        match tables::look_up(view, word, &Subject::Client(client.origin)) {
            tables::Answer::Hits { hits, .. } => hits.first().filter(|hit| hit.sure).and_then(|hit| verdict(&hit.value)),
            tables::Answer::Unseen => None,
        }
    })
}

/// The words that tables surely have for everybody who comes by IPv4; `None` where they have none.
pub(super) fn words_for_everybody(view: &View<'_>, setting: &str) -> Option<Vec<String>> {
    view.members(setting).surely.iter().find_map(|table| {
        match tables::look_up(view, table, &Subject::Client(Origin::Ipv4)) {
            tables::Answer::Hits { hits, .. } => {
                hits.first().filter(|hit| hit.sure).map(|hit| super::config::split_list(&hit.value))
            }
            tables::Answer::Unseen => None,
        }
    })
}

/// True where a list of networks surely names everybody who comes by IPv4.
pub(super) fn names_everybody(view: &View<'_>, list: &str) -> bool {
    networks::stranger(view, list, Origin::Ipv4).trust == networks::Trust::Yes
}

/// True where somebody from anywhere may be a trusted client.
pub(super) fn trusts_strangers(view: &View<'_>) -> bool {
    let may = |origin| {
        let stranger = networks::stranger(view, "mynetworks", origin);
        matches!(stranger.trust, networks::Trust::Yes | networks::Trust::Perhaps)
    };
    may(Origin::Ipv4) || may(Origin::Ipv6)
}

/// Asked at RCPT, the same lists would let those pass who have logged in.
fn locks_out(lists: &Lists<'_, '_>, all: &[Journey], client: Placed) -> Fact<bool> {
    let early = all.iter().skip(8).find_map(|journey| journey.early.as_ref());
    let later = |_: &&Fact<Outcome>| {
        let mut walk = Walk::new(lists, Actor::Authenticated, Recipient::Foreign, client);
        delayed(&mut walk, Channel::Tls).end.known() == Some(&Outcome::Accepted)
    };
    match early.filter(later) {
        Some(early) => Fact::is(true, early.because.clone()),
        None => Fact::is(false, Vec::new()),
    }
}

/// The domain of a mailbox here: the first that is named as it is.
fn domain(view: &View<'_>) -> Option<String> {
    let plain = |word: &&String| !word.contains([':', '/', '!', '{', '[']);
    view.members("mydestination").surely.iter().find(plain).map(|domain| domain.to_ascii_lowercase())
}

/// The setting that makes every domain one of this server's, and whether all of its mailboxes are accepted.
fn everywhere(view: &View<'_>) -> Option<(&'static str, bool)> {
    let settings = [
        ("mydestination", "local_recipient_maps"),
        ("virtual_mailbox_domains", "virtual_mailbox_maps"),
        ("relay_domains", "relay_recipient_maps"),
        ("virtual_alias_domains", ""),
    ];
    // trivial-rewrite tells the classes of domains apart, and sees no option of smtpd's.
    let server = view.configuration.server();
    // Only a table knows every domain; without one nobody need be asked for the machine's name.
    let has_table = |name: &str| server.written(name).is_some_and(|one| one.value.contains(':'));
    let may_have = |name: &str| {
        let refers = |one: &Assignment| names::any_reference(&one.value, &has_table);
        server.written(name).is_some_and(|one| one.value.contains(':') || refers(one))
    };
    settings.into_iter().filter(|(domains, _)| may_have(domains)).find_map(|(domains, mailboxes)| {
        let members = server.members(domains);
        let tables = members.surely.iter().filter(|word| word.contains(':'));
        let mut held = tables.map(|table| tables::holds(&server, table, &Subject::Elsewhere));
        let any = held.any(|held| held == Known::Yes);
        any.then(|| (domains, !mailboxes.is_empty() && view.known(mailboxes).is_some_and(|value| value.text.is_empty())))
    })
}

/// Follows one client; with whether it mattered that the session is encrypted.
fn follow(walk: &mut Walk<'_, '_, '_>, channel: Channel) -> (Journey, bool) {
    let delays = &walk.lists.delays;
    let Some(delays) = delays.known().copied() else {
        let end = delays.clone().map(|_| Outcome::Accepted);
        return (Journey { early: None, perhaps_early: false, end }, false);
    };
    let journey = if delays { delayed(walk, channel) } else { at_once(walk, channel) };
    (journey, walk.asked_channel || !delays)
}

/// The lists that are asked with the client's name, its greeting and its sender.
const BEFORE_RCPT: [(&str, Access); 3] = [
    ("smtpd_client_restrictions", Access::Client),
    ("smtpd_helo_restrictions", Access::Helo),
    ("smtpd_sender_restrictions", Access::Sender),
];

/// All lists at RCPT: the usual way.
fn delayed(walk: &mut Walk<'_, '_, '_>, channel: Channel) -> Journey {
    walk.encrypted = channel == Channel::Tls;
    walk.proved = walk.actor == Actor::Authenticated;
    (walk.has_helo, walk.has_sender, walk.has_recipient) = (true, true, true);
    walk.stage = Stage::Rcpt;
    for (name, access) in BEFORE_RCPT {
        walk.begin();
        if let Some(code) = walk.list(name, Some(access)) {
            return Journey { early: None, perhaps_early: false, end: refused(walk, name, code) };
        }
    }
    Journey { early: None, perhaps_early: false, end: at_rcpt(walk) }
}

/// Each list as soon as what it asks for is there.
fn at_once(walk: &mut Walk<'_, '_, '_>, channel: Channel) -> Journey {
    let [client, helo, sender] = BEFORE_RCPT;
    let wrapped = walk.lists.view.is_yes("smtpd_tls_wrappermode");
    walk.encrypted = wrapped && channel == Channel::Tls;
    let mut early = None;
    for (stage, (name, access)) in [(Stage::Connect, client), (Stage::Ehlo, helo)] {
        walk.stage = stage;
        walk.has_helo = stage == Stage::Ehlo;
        walk.begin();
        if let Some(code) = walk.list(name, Some(access)) {
            walk.also.push("smtpd_delay_reject");
            early = Some(refused(walk, name, code));
            break;
        }
    }
    let perhaps_early = walk.doubt.is_some();
    if let Some(end) = &early {
        return Journey { end: end.clone(), early, perhaps_early };
    }
    let mut steps = Vec::new();
    if channel == Channel::Tls && !wrapped {
        // The client says EHLO once more inside TLS.
        steps.push((Stage::Ehlo, helo));
    }
    steps.push((Stage::Mail, sender));
    for (stage, (name, access)) in steps {
        walk.stage = stage;
        walk.encrypted = channel == Channel::Tls;
        walk.has_sender = stage == Stage::Mail;
        walk.proved = walk.has_sender && walk.actor == Actor::Authenticated;
        walk.begin();
        if let Some(code) = walk.list(name, Some(access)) {
            return Journey { early, perhaps_early, end: refused(walk, name, code) };
        }
    }
    (walk.stage, walk.has_recipient) = (Stage::Rcpt, true);
    Journey { early, perhaps_early, end: at_rcpt(walk) }
}

/// The two lists for recipients, what was put off until here, and what comes after.
fn at_rcpt(walk: &mut Walk<'_, '_, '_>) -> Fact<Outcome> {
    let view = walk.lists.view;
    let (relay, recipient) = ("smtpd_relay_restrictions", "smtpd_recipient_restrictions");
    walk.begin();
    for name in if walk.lists.relay_first { [relay, recipient] } else { [recipient, relay] } {
        if let Some(code) = walk.list(name, Some(Access::Recipient)) {
            return refused(walk, name, code);
        }
    }
    if let Some(code) = walk.defer_if_permit {
        let code = walk.reply(code);
        return refused(walk, recipient, code);
    }
    if walk.recipient == Recipient::Foreign
        && let Some((setting, false)) = walk.lists.everywhere
        && walk.doubt.is_none()
    {
        // The domain is taken for one of this server's, so the mailbox is looked up.
        return Fact::unknown(ask(view, &Unseen::World), view.because(setting));
    }
    if let Some(doubt) = &walk.doubt {
        return Fact::unknown(ask(view, &doubt.unseen), view.because(doubt.list));
    }
    walk.stage = Stage::Data;
    for name in ["smtpd_data_restrictions", "smtpd_end_of_data_restrictions"] {
        walk.begin();
        walk.defer_if_permit = None;
        walk.doubt = None;
        // Whether something unseen refuses the text of a mail does not change that its recipient was accepted.
        let code = walk.list(name, None).or(walk.defer_if_permit);
        if let Some(code) = code
            && walk.doubt.is_none()
        {
            let code = walk.reply(code);
            return refused(walk, name, code);
        }
    }
    // A list that somebody wrote tells more than a default.
    let mut steps = because(walk, relay);
    steps.extend(view.because(recipient).into_iter().filter(|step| step.span().is_some()));
    Fact::is(Outcome::Accepted, gather::ordered(steps, |step| u64::from(step.span().is_none())))
}

/// A refusal by a list. What may have refused before takes its code from it, unless it would be the same.
fn refused(walk: &Walk<'_, '_, '_>, list: &'static str, code: u16) -> Fact<Outcome> {
    let known = walk.doubt.as_ref().is_none_or(|doubt| doubt.end == Some((walk.stage, code)));
    Fact::is(refusal(walk.stage, if known { code } else { 0 }), because(walk, list))
}

/// Refused or put off, by the code.
pub(super) fn refusal(stage: Stage, code: u16) -> Outcome {
    if (400..500).contains(&code) { Outcome::Deferred { stage, code } } else { Outcome::Refused { stage, code } }
}

/// A refusal beside the lists, with what becomes of its code.
pub(super) fn refusal_of(view: &View<'_>, stage: Stage, code: u16) -> Outcome {
    refusal(stage, walk::soft(view, code))
}

/// The steps of a list, those of settings that decided in it first.
fn because(walk: &Walk<'_, '_, '_>, list: &str) -> Vec<Step> {
    let view = walk.lists.view;
    let mut steps: Vec<Step> = Vec::new();
    for name in walk.also.iter().copied().chain([list]) {
        steps.extend(view.because(name).into_iter().filter(|step| !steps.contains(step)).collect::<Vec<_>>());
    }
    steps
}

/// Kinds of tables whose name is a file that says how to reach a database.
const IN_DATABASES: [&str; 6] = ["ldap", "memcache", "mongodb", "mysql", "pgsql", "sqlite"];

/// What is looked up, in words and as an example of a key.
fn looked_up(access: Access) -> (&'static str, &'static str) {
    match access {
        Access::Client => ("each client", "192.0.2.5"),
        Access::Reverse => ("each client's name in DNS", "client.example.com"),
        Access::Helo => ("the names by which clients call themselves", "client.example.com"),
        Access::Sender => ("each sender's address", "alice@example.com"),
        Access::Recipient => ("each recipient's address", "bob@example.com"),
        Access::User => ("each user", "alice@example.com"),
    }
}

/// The question that would settle what cannot be seen.
fn ask(view: &View<'_>, unseen: &Unseen) -> QuestionId {
    // A table's name may be long where its content stands in it.
    let shown = |table: &str| table.chars().take(80).collect::<String>();
    match unseen {
        Unseen::Hidden(question) => question.clone(),
        Unseen::Table(table, access) => {
            let table = shown(table);
            let (whom, example) = looked_up(*access);
            // Tables of a database have no text to read; the file they are named by holds the password to it.
            let parts: Vec<&str> = table.rsplit(':').collect();
            let command = match parts.as_slice() {
                [path, kind, ..] if path.starts_with('/') && !IN_DATABASES.contains(kind) => format!("cat {path}"),
                _ => format!("postmap -q {example} {table}"),
            };
            view.ask(&format!("table-{table}"), format!("What does the table `{table}` say of {whom}?"), command)
        }
        Unseen::Chosen(table) => {
            let table = shown(table);
            let ask = format!("May a stranger call itself by a name that `{table}` accepts?");
            view.ask(&format!("chosen-{table}"), ask, format!("postmap -s {table}"))
        }
        Unseen::World => view.ask(
            "restriction-lists",
            "Which recipients does each client get accepted? Tables or services decide that the files do not show.",
            "swaks --quit-after RCPT --server localhost:25 --to someone@example.com",
        ),
    }
}
