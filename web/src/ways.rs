//! The way of a client through each port, as a picture: who comes, how TLS begins, when AUTH appears, who may send where.
//! It is made of text in boxes, so that it can be read without seeing it.

use smtplint_core::facts::{Actor, Channel, Entry, Exception, Fact, Listener, Outcome, Outcomes, Recipient, Role};
use smtplint_core::report::Report;
use yew::{Html, classes, html};

use crate::results::ResultsProps;
use crate::words;

const ACTORS: [(Actor, &str); 3] = [
    (Actor::Stranger, "strangers"),
    (Actor::Trusted, "trusted networks"),
    (Actor::Authenticated, "after AUTH"),
];

/// One row a listener that serves somebody.
pub(crate) fn ways(props: &ResultsProps) -> Html {
    let Some(judged) = &props.checked.judged else {
        return Html::default();
    };
    let alive = judged.report.listeners().filter(|one| is_shown(one));
    html! { <ul class="ways" aria-label={words::WAYS}>{ for alive.map(way) }</ul> }
}

/// The listeners that are otherwise afterwards: as they were, and as they will be; `None` where there is none.
pub(crate) type Changed = Vec<(Option<Html>, Option<Html>)>;

/// What a change makes of the ways.
pub(crate) fn changed(before: &Report, after: &Report) -> Changed {
    let shown = |report: &Report| -> Vec<(String, Html)> {
        let alive = report.listeners().filter(|one| is_shown(one));
        alive.map(|one| (one.id.clone(), way(one))).collect()
    };
    let (before, mut after) = (shown(before), shown(after));
    let mut changed: Changed = Vec::new();
    for (id, then) in before {
        let at = after.iter().position(|(other, _)| *other == id);
        let now = at.map(|at| after.remove(at).1);
        if now.as_ref() != Some(&then) {
            changed.push((Some(then), now));
        }
    }
    changed.extend(after.into_iter().map(|(_, now)| (None, Some(now))));
    changed
}

/// The picture of what changes, each port before and after.
pub(crate) fn picture(changed: &Changed) -> Html {
    if changed.is_empty() {
        return Html::default();
    }
    let one = |label: &'static str, way: &Option<Html>| {
        let nothing = || html! { <li><p class="quiet">{ words::NOT_SERVED }</p></li> };
        html! { <div><h5>{ label }</h5><ul class="ways">{ way.clone().unwrap_or_else(nothing) }</ul></div> }
    };
    html! {
        <div class="picture" role="group" aria-label={words::PICTURE}>
            { for changed.iter().map(|(before, after)| html! { <>{ one(words::BEFORE, before) }{ one(words::AFTER, after) }</> }) }
        </div>
    }
}

fn is_shown(listener: &Listener) -> bool {
    listener.is_alive() && listener.known_role() != Role::Mailbox
}

fn way(listener: &Listener) -> Html {
    let port = listener
        .known_port()
        .map_or_else(|| listener.name.clone(), |port| port.to_string());
    let (shackle, tls) = tls(listener);
    html! {
        <li>
            <dl class="way">
                { step("Client", html! { <>{ words::role(listener.known_role()) }<strong class="port">{ port }</strong></> }) }
                { step("Session", html! { <>{ lock(shackle) }{ tls }</> }) }
                { step("Sign-in", html! { { auth(listener) } }) }
                { step("May send", html! {
                    <>
                        <ul>{ for ACTORS.iter().map(|actor| row(listener, &listener.outcomes, actor)) }</ul>
                        { for listener.exceptions.iter().map(|exception| otherwise(listener, exception)) }
                    </>
                }) }
            </dl>
        </li>
    }
}

fn step(name: &'static str, content: Html) -> Html {
    html! { <div><dt>{ name }</dt><dd>{ content }</dd></div> }
}

/// How much of a session is locked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shackle {
    Closed,
    Open,
    Unknown,
}

fn tls(listener: &Listener) -> (Shackle, &'static str) {
    let works = !listener.tls.works.surely_not();
    match (listener.tls.entry.known(), listener.tls.required.known()) {
        (Some(Entry::None), _) => (Shackle::Open, "in clear, no TLS"),
        (Some(_), _) if !works => (Shackle::Open, "in clear, TLS fails"),
        (Some(Entry::Implicit), _) => (Shackle::Closed, "TLS from the first byte"),
        (Some(Entry::Starttls), Some(true)) => (Shackle::Closed, "STARTTLS, a must"),
        (Some(Entry::Starttls), Some(false)) => (Shackle::Open, "STARTTLS, if the client wants it"),
        _ => (Shackle::Unknown, "not known"),
    }
}

/// A padlock, open or closed; the words beside it say the same.
fn lock(shackle: Shackle) -> Html {
    let path = match shackle {
        Shackle::Closed => "M4 7V5a4 4 0 0 1 8 0v2h1v7H3V7zm2 0h4V5a2 2 0 0 0-4 0z",
        Shackle::Open => "M4 7V4a4 4 0 0 1 7.7-1.4l-1.8.8A2 2 0 0 0 6 4v3h7v7H3V7z",
        Shackle::Unknown => return Html::default(),
    };
    html! { <svg class="lock" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d={path} fill-rule="evenodd" /></svg> }
}

fn auth(listener: &Listener) -> &'static str {
    match (listener.auth.before_tls.known(), listener.auth.after_tls.known()) {
        (Some(true), Some(false)) => "AUTH in clear",
        (Some(true), _) => "AUTH, even in clear",
        (Some(false), Some(true)) => "AUTH inside TLS",
        (Some(false), Some(false)) => "no AUTH",
        _ => "not known",
    }
}

/// What a kind of client gets by a table of the listener.
fn row(listener: &Listener, outcomes: &Outcomes, (actor, name): &(Actor, &'static str)) -> Html {
    let (reach, words) = reach(listener, outcomes, *actor);
    html! { <li class={reach}><span>{ *name }</span><b>{ words }</b></li> }
}

/// Those who get something else in a circumstance, and what.
fn otherwise(listener: &Listener, exception: &Exception) -> Html {
    let reach = |outcomes, actor| reach(listener, outcomes, actor).1;
    let differs = |actor| reach(&listener.outcomes, actor) != reach(&exception.outcomes, actor);
    let rows = ACTORS.iter().filter(|(actor, _)| differs(*actor));
    let rows: Vec<Html> = rows.map(|actor| row(listener, &exception.outcomes, actor)).collect();
    if rows.is_empty() {
        return Html::default();
    }
    html! { <div class="exception"><p>{ words::circumstance(exception.when) }</p><ul>{ for rows }</ul></div> }
}

/// Where mail of an actor gets to, in words and as a class.
fn reach(listener: &Listener, outcomes: &Outcomes, actor: Actor) -> (yew::Classes, String) {
    let clear = over(outcomes, actor, Channel::Clear);
    let tls = over(outcomes, actor, Channel::Tls);
    let words = match (clear, tls) {
        (clear, tls) if clear == tls => clear.to_owned(),
        // Where TLS is a must, the box before says so.
        (NOTHING, tls) if listener.tls.required.surely() => tls.to_owned(),
        (NOTHING, tls) => format!("{tls}, inside TLS"),
        (clear, NOTHING) => format!("{clear}, in clear"),
        (clear, tls) => format!("{tls}; in clear {clear}"),
    };
    let far = [clear, tls].contains(&ANYWHERE) && actor == Actor::Stranger;
    let none = [NOTHING, LATER].contains(&words.as_str());
    (classes!(none.then_some("none"), far.then_some("worry")), words)
}

const NOTHING: &str = "nothing";
/// Who comes again is answered again.
const LATER: &str = "nothing for now";
const ANYWHERE: &str = "to anywhere";
const LOCAL: &str = "to your users";
const UNKNOWN: &str = "not known";

fn over(outcomes: &Outcomes, actor: Actor, channel: Channel) -> &'static str {
    let outcome = |recipient| outcomes.at(actor, channel, recipient).map(Fact::outcome);
    let is_later = |recipient| matches!(outcome(recipient), Some(Outcome::Deferred { .. }));
    if is_later(Recipient::Local) && is_later(Recipient::Foreign) {
        return LATER;
    }
    let accepted = |recipient| match outcome(recipient) {
        Some(Outcome::Accepted) => Some(true),
        Some(Outcome::Unknown(_)) | None => None,
        Some(_) => Some(false),
    };
    match (accepted(Recipient::Local), accepted(Recipient::Foreign)) {
        (Some(true), Some(true)) => ANYWHERE,
        (Some(true), Some(false)) => LOCAL,
        (Some(false), Some(false)) => NOTHING,
        (Some(true), None) => "to your users, perhaps others",
        (None, Some(false)) => "perhaps to your users",
        (Some(false), Some(true)) => "to others only",
        (None, _) | (Some(false), None) => UNKNOWN,
    }
}
