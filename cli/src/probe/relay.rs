//! Whether a stranger's mail is taken: MAIL and RCPT are said, DATA never is.

use smtplint_core::facts::{Channel, Entry, Outcome, Recipient, Stage};

use super::Recipients;
use super::connection::Failure;
use super::session::Library;
use super::smtp::{Dialogue, Reply};
use super::target::Target;

/// What was answered over one channel.
struct Tried {
    mail: Reply,
    local: Option<Reply>,
    foreign: Option<Reply>,
}

/// What became of a stranger's mail.
#[derive(Default)]
pub(super) struct Relayed {
    pub(super) recipients: Vec<(Channel, Recipient, Outcome)>,
    /// Whether mail is refused without TLS, where that was to be seen.
    pub(super) required: Option<bool>,
    /// What was answered, or why nothing was, one sentence each.
    pub(super) notes: Vec<String>,
}

/// Tries it in clear, unless TLS begins at once, and inside TLS.
pub(super) fn test(target: &Target, entry: Entry, tls: bool, library: &Library, recipients: &Recipients) -> Relayed {
    let mut relayed = Relayed::default();
    let clear = (entry != Entry::Implicit).then(|| in_clear(target, recipients));
    let inside = (entry != Entry::None && tls).then(|| inside(target, entry, library, recipients));
    let clear = clear.and_then(|tried| relayed.take(Channel::Clear, tried, recipients));
    let inside = inside.and_then(|tried| relayed.take(Channel::Tls, tried, recipients));
    if let Some(clear) = clear {
        relayed.required = required(&clear, inside.as_ref());
    }
    relayed
}

fn in_clear(target: &Target, recipients: &Recipients) -> Result<Tried, Failure> {
    let mut connection = target.connect()?;
    let mut dialogue = Dialogue::on(&mut connection, target.patience);
    dialogue.welcome()?;
    mail(&mut dialogue, recipients)
}

fn inside(target: &Target, entry: Entry, library: &Library, recipients: &Recipients) -> Result<Tried, Failure> {
    let mut session = library.session(target, entry)?;
    let mut dialogue = session.dialogue();
    if entry == Entry::Implicit {
        dialogue.welcome()?;
    }
    mail(&mut dialogue, recipients)
}

/// Nobody's mail, to somebody elsewhere and to a mailbox of the server. The postmaster is no measure: Postfix takes mail for that
/// name alone whatever its restrictions say.
fn mail(dialogue: &mut Dialogue<'_>, recipients: &Recipients) -> Result<Tried, Failure> {
    dialogue.hello()?;
    let mail = dialogue.command("MAIL FROM:<>")?;
    let (mut local, mut foreign) = (None, None);
    if mail.is_positive() {
        foreign = Some(dialogue.command(&format!("RCPT TO:<{}>", recipients.foreign))?);
        if let Some(mailbox) = &recipients.mailbox {
            // Some hang up at the first refusal.
            local = dialogue.command(&format!("RCPT TO:<{mailbox}>")).ok();
        }
    }
    dialogue.quit();
    Ok(Tried { mail, local, foreign })
}

impl Relayed {
    fn take(&mut self, channel: Channel, tried: Result<Tried, Failure>, recipients: &Recipients) -> Option<Tried> {
        let where_ = match channel {
            Channel::Clear => "in clear",
            Channel::Tls => "inside TLS",
        };
        let tried = match tried {
            Ok(tried) => tried,
            Err(failure) => {
                self.notes
                    .push(format!("the test of relaying {where_} came to no end: {failure}"));
                return None;
            }
        };
        if !tried.mail.is_positive() {
            let outcome = outcome(&tried.mail, Stage::Mail);
            self.recipients.push((channel, Recipient::Local, outcome.clone()));
            self.recipients.push((channel, Recipient::Foreign, outcome));
            self.notes
                .push(format!("{where_}, MAIL was answered with `{}`", tried.mail));
            return Some(tried);
        }
        let mailbox = recipients.mailbox.as_deref().unwrap_or_default();
        let answers = [
            (Recipient::Foreign, recipients.foreign.as_str(), &tried.foreign),
            (Recipient::Local, mailbox, &tried.local),
        ];
        for (kind, name, reply) in answers {
            let Some(reply) = reply else { continue };
            self.recipients.push((channel, kind, outcome(reply, Stage::Rcpt)));
            self.notes
                .push(format!("{where_}, RCPT for {name} was answered with `{reply}`"));
        }
        Some(tried)
    }
}

fn outcome(reply: &Reply, stage: Stage) -> Outcome {
    match reply.code {
        200..300 => Outcome::Accepted,
        400..500 => Outcome::Deferred {
            stage,
            code: reply.code,
        },
        code => Outcome::Refused { stage, code },
    }
}

/// Whether TLS makes the difference.
fn required(clear: &Tried, inside: Option<&Tried>) -> Option<bool> {
    let accepted = |reply: &Option<Reply>| reply.as_ref().is_some_and(Reply::is_positive);
    if accepted(&clear.local) || accepted(&clear.foreign) {
        return Some(false);
    }
    // RFC 3207 §4: the code alone is that of a missing login as well (RFC 4954 §6).
    if clear.mail.code == 530 && clear.mail.lines.iter().any(|line| line.contains("STARTTLS")) {
        return Some(true);
    }
    let inside = inside?;
    if !clear.mail.is_positive() && inside.mail.is_positive() {
        return Some(true);
    }
    // The same words for the same reasons: TLS is none of them.
    // What is refused for being elsewhere tells nothing of what else is asked.
    let same = clear.mail.is_positive() && clear.local == inside.local;
    (same && clear.local.is_some()).then_some(false)
}
