//! The way of a client through each port, as a picture: who comes, how TLS begins, when AUTH appears, who may send where.
//! It is made of text in boxes, so that it can be read without seeing it.

use smtplint_core::facts::{Actor, Channel, Entry, Exception, Fact, Listener, Outcome, Outcomes, Recipient, Role};
use smtplint_core::report::Report;
use yew::{Html, classes, html};

use crate::results::ResultsProps;
use crate::words;

/// Who comes.
const ACTORS: [Actor; 3] = [Actor::Stranger, Actor::Trusted, Actor::Authenticated];

fn name(actor: Actor) -> &'static str {
    match actor {
        Actor::Stranger => words::strangers(),
        Actor::Trusted => words::trusted_networks(),
        Actor::Authenticated => words::after_auth(),
    }
}

/// One row a listener that serves somebody.
pub(crate) fn ways(props: &ResultsProps) -> Html {
    let Some(judged) = &props.checked.judged else {
        return Html::default();
    };
    let alive = judged.report.listeners().filter(|one| is_shown(one));
    html! { <ul class="ways" aria-label={words::ways()}>{ for alive.map(way) }</ul> }
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
        let nothing = || html! { <li><p class="quiet">{ words::not_served() }</p></li> };
        html! { <div><h5>{ label }</h5><ul class="ways">{ way.clone().unwrap_or_else(nothing) }</ul></div> }
    };
    html! {
        <div class="picture" role="group" aria-label={words::picture()}>
            { for changed.iter().map(|(before, after)| html! { <>{ one(words::before(), before) }{ one(words::after(), after) }</> }) }
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
                { step(words::way_client(), html! { <>{ words::role(listener.known_role()) }<strong class="port">{ port }</strong></> }) }
                { step(words::way_session(), html! { <>{ lock(shackle) }{ tls }</> }) }
                { step(words::way_sign_in(), html! { { auth(listener) } }) }
                { step(words::way_may_send(), html! {
                    <>
                        <ul>{ for ACTORS.into_iter().map(|actor| row(listener, &listener.outcomes, actor)) }</ul>
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
        (Some(Entry::None), _) => (Shackle::Open, words::way_no_tls()),
        (Some(_), _) if !works => (Shackle::Open, words::way_tls_fails()),
        (Some(Entry::Implicit), _) => (Shackle::Closed, words::way_implicit()),
        (Some(Entry::Starttls), Some(true)) => (Shackle::Closed, words::way_required()),
        (Some(Entry::Starttls), Some(false)) => (Shackle::Open, words::way_optional()),
        _ => (Shackle::Unknown, words::not_known()),
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
        (Some(true), Some(false)) => words::way_auth_in_clear(),
        (Some(true), _) => words::way_auth_even_in_clear(),
        (Some(false), Some(true)) => words::way_auth_inside(),
        (Some(false), Some(false)) => words::way_no_auth(),
        _ => words::not_known(),
    }
}

/// What a kind of client gets by a table of the listener.
fn row(listener: &Listener, outcomes: &Outcomes, actor: Actor) -> Html {
    let (class, said) = spoken(listener, outcomes, actor);
    html! { <li {class}><span>{ name(actor) }</span><b>{ said }</b></li> }
}

/// Those who get something else in a circumstance, and what.
fn otherwise(listener: &Listener, exception: &Exception) -> Html {
    let said = |outcomes, actor| spoken(listener, outcomes, actor).1;
    let differs = |actor: &Actor| said(&listener.outcomes, *actor) != said(&exception.outcomes, *actor);
    let rows = ACTORS.into_iter().filter(differs);
    let rows: Vec<Html> = rows.map(|actor| row(listener, &exception.outcomes, actor)).collect();
    if rows.is_empty() {
        return Html::default();
    }
    html! { <div class="exception"><p>{ words::circumstance(exception.when) }</p><ul>{ for rows }</ul></div> }
}

/// Where mail of an actor gets to, in words and as a class.
fn spoken(listener: &Listener, outcomes: &Outcomes, actor: Actor) -> (yew::Classes, String) {
    let clear = over(outcomes, actor, Channel::Clear);
    let tls = over(outcomes, actor, Channel::Tls);
    let is_told_before = listener.tls.required.surely();
    let said = match (clear, tls) {
        (clear, tls) if clear == tls => clear.word().to_owned(),
        // Where TLS is a must, the box before says so.
        (Reach::Nothing, tls) if is_told_before => tls.word().to_owned(),
        (Reach::Nothing, tls) => words::only_inside_tls(tls.word()),
        (clear, Reach::Nothing) => words::only_in_clear(clear.word()),
        (clear, tls) => words::both_ways(tls.word(), clear.word()),
    };
    let far = [clear, tls].contains(&Reach::Anywhere) && actor == Actor::Stranger;
    let is_none = |reach| matches!(reach, Reach::Nothing | Reach::Later);
    let none = is_none(tls) && (clear == tls || (clear == Reach::Nothing && is_told_before));
    (classes!(none.then_some("none"), far.then_some("worry")), said)
}

/// Where mail gets to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Nothing,
    /// Who comes again is answered again.
    Later,
    Anywhere,
    Users,
    UsersAndPerhaps,
    PerhapsUsers,
    Others,
    Unknown,
}

impl Reach {
    fn word(self) -> &'static str {
        match self {
            Reach::Nothing => words::reach_nothing(),
            Reach::Later => words::reach_later(),
            Reach::Anywhere => words::reach_anywhere(),
            Reach::Users => words::reach_users(),
            Reach::UsersAndPerhaps => words::reach_users_and_perhaps(),
            Reach::PerhapsUsers => words::reach_perhaps_users(),
            Reach::Others => words::reach_others(),
            Reach::Unknown => words::not_known(),
        }
    }
}

fn over(outcomes: &Outcomes, actor: Actor, channel: Channel) -> Reach {
    let outcome = |recipient| outcomes.at(actor, channel, recipient).map(Fact::outcome);
    let is_later = |recipient| matches!(outcome(recipient), Some(Outcome::Deferred { .. }));
    if is_later(Recipient::Local) && is_later(Recipient::Foreign) {
        return Reach::Later;
    }
    let accepted = |recipient| match outcome(recipient) {
        Some(Outcome::Accepted) => Some(true),
        Some(Outcome::Unknown(_)) | None => None,
        Some(_) => Some(false),
    };
    match (accepted(Recipient::Local), accepted(Recipient::Foreign)) {
        (Some(true), Some(true)) => Reach::Anywhere,
        (Some(true), Some(false)) => Reach::Users,
        (Some(false), Some(false)) => Reach::Nothing,
        (Some(true), None) => Reach::UsersAndPerhaps,
        (None, Some(false)) => Reach::PerhapsUsers,
        (Some(false), Some(true)) => Reach::Others,
        (None, _) | (Some(false), None) => Reach::Unknown,
    }
}
