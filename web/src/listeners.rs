//! The listeners as a table: what each port does, for whom, and what is not known about it.

use smtplint_core::facts::{Entry, Fact, Listener, Role, TlsVersion, Value};
use smtplint_core::question::{Question, QuestionId};
use yew::{Html, html};

use crate::app::{Message, click};
use crate::check::Judged;
use crate::results::ResultsProps;
use crate::{markdown, suites, words};

fn columns() -> [&'static str; 5] {
    [
        words::column_port(),
        words::column_for_whom(),
        words::column_tls(),
        words::column_versions(),
        words::column_sign_in(),
    ]
}

/// The table, and under it the questions behind every `?` in it.
pub(crate) fn listeners(props: &ResultsProps) -> Html {
    let Some(judged) = &props.checked.judged else {
        return Html::default();
    };
    let listeners: Vec<&Listener> = judged.report.listeners().collect();
    if listeners.is_empty() {
        return html! { <p>{ words::no_listeners() }</p> };
    }
    let mut asked = Asked {
        judged,
        ids: Vec::new(),
    };
    let rows: Vec<Html> = listeners
        .iter()
        .map(|listener| row(listener, props, &mut asked))
        .collect();
    let questions = asked.ids.iter().filter_map(|id| asked.question(id));
    html! {
        <>
            <table class="listeners" role="table">
                <thead role="rowgroup">
                    <tr role="row">{ for columns().iter().map(|name| html! { <th role="columnheader" scope="col">{ *name }</th> }) }</tr>
                </thead>
                { for rows }
            </table>
            if !asked.ids.is_empty() {
                <ul class="unknowns quiet">
                    { for questions.map(|question| html! {
                        <li>
                            <span class="unknown" aria-hidden="true">{ words::UNKNOWN }</span>
                            { " " }{ markdown::inline(&question.ask) }{ " " }<code>{ question.command.clone() }</code>{ " " }{ words::tells() }
                        </li>
                    }) }
                </ul>
            }
        </>
    }
}

/// The questions met on the way, each once.
struct Asked<'a> {
    judged: &'a Judged,
    ids: Vec<QuestionId>,
}

impl Asked<'_> {
    fn question(&self, id: &QuestionId) -> Option<&Question> {
        self.judged.report.questions.iter().find(|question| question.id == *id)
    }

    /// A `?` that says what it waits for.
    fn unknown(&mut self, id: &QuestionId) -> Html {
        if !self.ids.contains(id) {
            self.ids.push(id.clone());
        }
        let title = self
            .question(id)
            .map(|question| format!("{} ({})", question.ask, question.command));
        html! { <abbr class="unknown" {title}>{ words::UNKNOWN }</abbr> }
    }

    fn fact<T>(&mut self, fact: &Fact<T>, show: impl FnOnce(&T) -> Html) -> Html {
        match &fact.value {
            Value::Is(value) => show(value),
            Value::Unknown(id) => self.unknown(id),
        }
    }
}

fn row(listener: &Listener, props: &ResultsProps, asked: &mut Asked<'_>) -> Html {
    let cell =
        |label: &'static str, content: Html| html! { <td role="cell" data-label={label}><div>{ content }</div></td> };
    let mut cells = vec![cell(words::column_for_whom(), role(listener, asked))];
    match &listener.dead {
        Some(dead) => {
            let cause = asked.fact(dead, |cause| markdown::inline(&cause.0));
            cells.push(html! {
                <td role="cell" colspan="3" data-label={words::column_state()}><div><strong class="dead">{ words::dead() }</strong>{ ": " }{ cause }</div></td>
            });
        }
        None => {
            cells.push(cell(words::column_tls(), tls(listener, asked)));
            cells.push(cell(words::column_versions(), versions(listener, asked)));
            cells.push(cell(words::column_sign_in(), auth(listener, asked)));
        }
    }
    let name = name(listener, props, asked);
    let suites = suites::of_listener(listener, props, |id| asked.unknown(id));
    html! {
        <tbody role="rowgroup">
            <tr role="row">
                <th role="rowheader" scope="row" data-label={words::column_port()}><div>{ name }</div></th>
                { for cells }
            </tr>
            if let Some(suites) = suites {
                <tr role="row"><td role="cell" class="below" colspan="5">{ suites }</td></tr>
            }
        </tbody>
    }
}

/// Port, name, and the address when it is not every address; a button when a line defines it.
fn name(listener: &Listener, props: &ResultsProps, asked: &mut Asked<'_>) -> Html {
    let port = asked.fact(&listener.port, |port| html! { { *port } });
    let is_port = listener
        .known_port()
        .is_some_and(|port| listener.name == port.to_string());
    let content = html! {
        <>
            <span class="port">{ port }</span>
            if !is_port { { " " }<span class="service">{ listener.name.clone() }</span> }
        </>
    };
    match listener.defined {
        Some(span) => {
            let range = props.checked.parts.range(span);
            let place = props.checked.sources.place(span);
            let onclick = click(&props.tell, Message::Place(range));
            let title = words::file_line(place.file, place.line);
            html! { <button type="button" class="plain" {onclick} {title}>{ content }</button> }
        }
        None => content,
    }
}

fn role(listener: &Listener, asked: &mut Asked<'_>) -> Html {
    let address = listener
        .address
        .known()
        .filter(|address| !["*", "all", ""].contains(&address.as_str()) && !listener.name.contains(address.as_str()));
    let role = asked.fact(&listener.role, |role| {
        html! { <>{ words::role(*role) }<span class="term">{ role.word() }</span></> }
    });
    html! {
        <>
            { role }
            if let Some(address) = address { <span class="term">{ words::at_address(address) }</span> }
        </>
    }
}

fn tls(listener: &Listener, asked: &mut Asked<'_>) -> Html {
    let required = &listener.tls.required;
    let entry = match &listener.tls.entry.value {
        Value::Unknown(id) => asked.unknown(id),
        Value::Is(Entry::None) => html! { <span class={doubt(listener)}>{ words::no_tls() }</span> },
        Value::Is(Entry::Implicit) => {
            html! { <>{ words::implicit() }<span class="term">{ words::implicit_term() }</span></> }
        }
        Value::Is(Entry::Starttls) => {
            let required = asked.fact(required, |required| {
                if *required {
                    html! { <span class="term">{ words::required() }</span> }
                } else {
                    html! { <span class={yew::classes!("term", doubt(listener))}>{ words::optional_tls() }</span> }
                }
            });
            html! { <>{ "STARTTLS" }{ " " }{ required }</> }
        }
    };
    html! {
        <>
            { entry }
            if listener.tls.works.surely_not() && listener.tls.entry.known() != Some(&Entry::None) { <span class="term worry">{ words::fails() }</span> }
        </>
    }
}

/// Where users sign in, doing without TLS is worth a second look; between servers it is the custom.
fn doubt(listener: &Listener) -> Option<&'static str> {
    (listener.known_role() == Role::Submission).then_some("worry")
}

fn versions(listener: &Listener, asked: &mut Asked<'_>) -> Html {
    if listener.tls.entry.known() == Some(&Entry::None) {
        return html! { { "–" } };
    }
    asked_versions(listener, asked)
}

fn asked_versions(listener: &Listener, asked: &mut Asked<'_>) -> Html {
    let members = match &listener.tls.versions.value {
        Value::Unknown(id) => return asked.unknown(id),
        Value::Is(members) => members,
    };
    let mut shown: Vec<Html> = TlsVersion::ALL
        .into_iter()
        .filter(|version| members.has(version))
        .map(|version| {
            let old = version < TlsVersion::Tls12;
            let name = version.to_string().replace(' ', "\u{a0}");
            html! { <span class={yew::classes!("version", old.then_some("worry"))}>{ name }</span> }
        })
        .collect();
    let open = listener
        .tls
        .open
        .iter()
        .find(|(version, _)| *version > TlsVersion::Ssl3);
    if let Some(id) = members.rest.as_ref().or(open.map(|(_, id)| id)) {
        shown.push(asked.unknown(id));
    }
    if shown.is_empty() {
        return html! { { words::no_tls() } };
    }
    html! { <span class="versions">{ for shown }</span> }
}

fn auth(listener: &Listener, asked: &mut Asked<'_>) -> Html {
    let in_clear_only = listener.tls.entry.known() == Some(&Entry::None);
    let implicit = listener.tls.entry.known() == Some(&Entry::Implicit);
    match (&listener.auth.before_tls.value, &listener.auth.after_tls.value) {
        (Value::Is(true), _) if !implicit => {
            let said = if in_clear_only {
                words::auth_only_in_clear()
            } else {
                words::auth_even_in_clear()
            };
            html! { <span class="worry">{ said }</span> }
        }
        (Value::Is(_), Value::Is(true)) => {
            html! { { if implicit { words::auth_implicit() } else { words::auth_inside() } } }
        }
        (Value::Is(_), Value::Is(false)) => html! { { words::auth_never() } },
        (Value::Is(_), Value::Unknown(id)) => {
            let mark = asked.unknown(id);
            html! { <>{ words::auth_perhaps() }{ " " }{ mark }</> }
        }
        (Value::Unknown(id), Value::Is(true)) => {
            let mark = asked.unknown(id);
            html! { <>{ words::auth_perhaps_before() }{ " " }{ mark }</> }
        }
        (Value::Unknown(id), _) => asked.unknown(id),
    }
}
