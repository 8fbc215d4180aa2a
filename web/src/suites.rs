//! Cipher suites as a list, and those of a listener.

use smtplint_core::facts::{Entry, Listener, SuiteReading, Suites, TlsVersions, Value};
use smtplint_core::question::QuestionId;
use smtplint_core::tls::openssl::Negotiable;
use smtplint_core::tls::{Library, Meaning};
use yew::{AttrValue, Callback, Html, MouseEvent, html};

use crate::app::{Message, when};
use crate::ciphers::Asked;
use crate::copy::CopyButton;
use crate::results::ResultsProps;
use crate::toolbar::is_open;
use crate::{markdown, parts, words};

/// Suites in their order.
pub(crate) fn list(rows: Vec<Html>) -> Html {
    html! { <ol class="suites">{ for rows }</ol> }
}

/// A suite: its name, versions and key, what is to be said against it, and `more`.
pub(crate) fn row(name: &'static str, one: &Negotiable, more: Option<&'static str>) -> Html {
    let part = |class: &'static str, text: AttrValue| html! { <span {class}>{ text }</span> };
    let parts = [
        part("", one.range().into()),
        part("", one.suite.key().into()),
        part("worry", one.suite.remarks().into()),
        part("more", more.unwrap_or_default().into()),
    ];
    html! { <li><code>{ name }</code>{ for parts }</li> }
}

/// What is said of a listener's suites; `None` where there is nothing to say. `unknown` makes the mark of a question.
pub(crate) fn of_listener(
    listener: &Listener,
    props: &ResultsProps,
    unknown: impl FnMut(&QuestionId) -> Html,
) -> Option<Html> {
    if !listener.is_alive() || listener.tls.entry.known() == Some(&Entry::None) {
        return None;
    }
    let mut unknown = unknown;
    let suites = match &listener.tls.suites.as_ref()?.value {
        Value::Unknown(id) => return Some(html! { <div>{ words::suites_heading() }{ ": " }{ unknown(id) }</div> }),
        Value::Is(suites) => suites,
    };
    let summary = match suites.fault() {
        Some(fault) => html! { <span class="worry">{ words::no_suite() }{ ": " }{ markdown::inline(&fault) }</span> },
        None => html! {
            <>
                { words::suites(counts(suites)) }
                { for questions(suites).map(|id| html! { <>{ " " }{ unknown(id) }</> }) }
            </>
        },
    };
    let id = listener.id.clone();
    let ontoggle = when(&props.tell, move |event| {
        Some(Message::Suites(id.clone(), is_open(&event)?))
    });
    // Many rows for each listener: they are made when somebody looks at them.
    let open = props.unfolded.contains(&listener.id);
    Some(html! {
        <details key={listener.id.clone()} {ontoggle}>
            <summary>{ summary }</summary>
            if open { if let Some(answering) = parts::ciphers() { { (answering.suites)(suites, &props.tell) } } }
        </details>
    })
}

/// The fewest and the most that may be offered.
fn counts(suites: &Suites) -> (usize, usize) {
    let counts = || suites.alternatives().map(|one| one.len());
    (counts().min().unwrap_or(0), counts().max().unwrap_or(0))
}

/// What tells which of them are offered.
fn questions(suites: &Suites) -> impl Iterator<Item = &QuestionId> {
    let by_key = suites.keys.len() > 1;
    let by_release = !suites.surely().1;
    let key = by_key.then_some(&suites.key);
    let release = by_release.then_some(&suites.release);
    key.into_iter().chain(release.filter(move |id| key != Some(*id)))
}

/// Each of them, and the string: see [`crate::ciphers::Answering`].
pub(crate) fn unfolded(suites: &Suites, tell: &Callback<Message>) -> Html {
    let (surely, _) = suites.surely();
    let rows = suites.which(|_| true).into_iter().filter_map(|suite| {
        let mut readings = suites.readings.iter().rev();
        let one = readings.find_map(|reading| reading.offered.iter().flatten().find(|one| one.suite == suite))?;
        let more = (!surely.contains(&suite)).then_some(words::not_everywhere());
        Some(row(suite.openssl.unwrap_or(suite.name), one, more))
    });
    let rows: Vec<Html> = rows.collect();
    let string = suites.string.to_string();
    let (of, tell) = (suites.clone(), tell.clone());
    let onclick = move |_: MouseEvent| tell.emit(Message::AskAbout(asked(&of)));
    html! {
        <>
            if !rows.is_empty() { { list(rows) } }
            <div class="write">
                <div class="head">
                    <p>{ words::string() }</p>
                    <button type="button" class="link" {onclick} aria-haspopup="dialog">{ words::explain_string() }</button>
                    <CopyButton text={string.clone()} what={words::copy_string()} />
                </div>
                <pre tabindex="0"><code>{ string }</code></pre>
            </div>
        </>
    }
}

/// The string as the newest release in question reads it, at the level that the listener has.
fn asked(suites: &Suites) -> Asked {
    let mut asked = Asked {
        string: suites.string.to_string().into(),
        ..Asked::default()
    };
    if let Some(reading) = suites.readings.last() {
        asked.library = Library::OpenSsl(reading.release);
        asked.level = level(suites, reading);
    }
    asked
}

/// Postfix begins at level 0, and at 1 where clients must show a certificate: the one that leaves what is offered.
fn level(suites: &Suites, reading: &SuiteReading) -> u8 {
    let permitted: TlsVersions = suites.permitted.iter().copied().collect();
    let leaves = |level| {
        let meaning = Meaning::of_openssl(&suites.string, reading.release, level).ok()?;
        let offered = meaning.offered.into_iter().filter_map(|one| {
            let versions = one.versions.and(permitted);
            (!versions.is_empty()).then_some((one.suite.id, versions))
        });
        Some(offered.collect::<Vec<_>>())
    };
    let offered = reading.offered.iter().flatten();
    let offered: Vec<_> = offered.map(|one| (one.suite.id, one.versions)).collect();
    let fits = |level: &u8| leaves(*level).is_some_and(|left| left == offered);
    [0, 1].into_iter().find(fits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Checked;
    use crate::settings::Settings;
    use smtplint_core::facts::Fact;

    const MASTER: &str = "submission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n";

    fn suites(main: &str) -> Suites {
        let text = format!("compatibility_level = 3.6\nsmtpd_tls_cert_file = /etc/ssl/mail.pem\n{main}\n{MASTER}");
        let mut settings = Settings::default();
        settings.set("release", "postfix=3.10");
        let checked = Checked::new(1, text.into(), settings, None);
        let server = checked.judged.expect("it is Postfix").report.server;
        let tls = &server.listeners.first().expect("a listener").tls;
        tls.suites.as_ref().and_then(Fact::known).expect("suites").clone()
    }

    #[test]
    fn the_string_is_asked_for_at_the_listeners_level() {
        let plain = suites("");
        let of_plain = asked(&plain);
        assert_eq!((&*of_plain.string, of_plain.level), (&*plain.string, 0));
        // Where clients must show a certificate, TLS 1.0 goes with OpenSSL 3.
        let strict =
            suites("smtpd_tls_req_ccert = yes\nsmtpd_tls_protocols = >=TLSv1\nsmtpd_tls_mandatory_protocols = >=TLSv1");
        assert_eq!(asked(&strict).level, 1);
    }

    #[test]
    fn counts_and_questions_belong_together() {
        let open = suites("");
        let (fewest, most) = counts(&open);
        assert!(fewest < most && questions(&open).count() > 0, "{fewest} to {most}");
        let one = suites(
            "tls_high_cipherlist = ECDHE-RSA-AES128-GCM-SHA256\nsmtpd_tls_mandatory_ciphers = high\nsmtpd_tls_mandatory_protocols = TLSv1.2\nsmtpd_tls_eccert_file = none",
        );
        let (fewest, most) = counts(&one);
        assert!(fewest <= most && most == 1, "{fewest} to {most}");
    }
}
