//! How wishes are written in main.cf and master.cf, or as `postconf` commands where the text is a print-out.

use super::parameters;
use super::protocols::RANGES_SINCE;
use crate::change::{Advice, Change};
use crate::facts::{CertificateSource, Listener, Session, Step, TlsVersion};
use crate::version::Point;

/// One assignment to make.
struct Assign<'a> {
    name: &'a str,
    value: String,
}

/// Writes a wish so that every release in question reads it.
pub(super) fn advise(change: &Change, listener: Option<&Listener>, points: &[Point], printed: bool) -> Advice {
    let (title, assigns, on_listener) = plan(change, listener, points);
    let service = listener.filter(|_| on_listener).map(|listener| listener.service.as_str());
    let (file, text) = match (service, printed) {
        (Some(name), false) => ("master.cf", options(name, &assigns)),
        (None, false) => ("main.cf", lines(&assigns)),
        (service, true) => ("shell", commands(service, &assigns)),
    };
    let in_place = listener.filter(|_| on_listener && !printed).is_some_and(|one| replaces_an_option(one, &assigns));
    let title = if in_place { format!("{title}, in place of the option that stands there") } else { title };
    let (file, text) = match change {
        Change::Remove { setting } if printed => ("shell", format!("postconf -X {setting}")),
        Change::Remove { setting } => ("main.cf", format!("# {setting} = …    (take this line out)")),
        _ => (file, text),
    };
    Advice { title, file: file.to_owned(), text }
}

/// What the wish is called, the assignments that make it true, and whether they belong to the listener alone.
fn plan<'a>(change: &'a Change, listener: Option<&Listener>, points: &[Point]) -> (String, Vec<Assign<'a>>, bool) {
    let set = |name: &'a str, value: &str| Assign { name, value: value.to_owned() };
    match change {
        Change::RequireTls => {
            ("Require STARTTLS here".to_owned(), vec![set("smtpd_tls_security_level", "encrypt")], true)
        }
        Change::OfferTls => (
            "Offer TLS, and take mail without it as well".to_owned(),
            vec![set("smtpd_tls_security_level", "may")],
            true,
        ),
        Change::ImplicitTls => ("Begin with TLS at once".to_owned(), vec![set("smtpd_tls_wrappermode", "yes")], true),
        Change::EndImplicitTls => (
            "Begin in clear and offer STARTTLS".to_owned(),
            vec![
                set("smtpd_tls_wrappermode", "no"),
                set("smtpd_tls_security_level", if is_submission(listener) { "encrypt" } else { "may" }),
            ],
            true,
        ),
        Change::HideAuthInClear => {
            ("Offer AUTH only inside TLS".to_owned(), vec![set("smtpd_tls_auth_only", "yes")], false)
        }
        Change::EncryptAuth => {
            let mut assigns = vec![set("smtpd_tls_security_level", "may"), set("smtpd_tls_auth_only", "yes")];
            if listener.is_none_or(|listener| listener.tls.certificate.known() == Some(&CertificateSource::None)) {
                assigns.extend(certificate(listener));
            }
            // Where an option of the service turns TLS off, a line in main.cf would not be read.
            let overridden = listener.is_some_and(|listener| listener.tls.entry.because.iter().any(is_override));
            ("Offer TLS, and AUTH only inside it".to_owned(), assigns, overridden)
        }
        Change::GuardRelay => {
            let overridden = listener.and_then(|listener| listener.dead.as_ref()).is_some_and(|dead| {
                dead.because.iter().any(|step| matches!(step, Step::Override { .. }) && step.setting() == Some(RELAY))
            });
            let value = if overridden { "permit_sasl_authenticated,reject" } else { "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination" };
            ("Refuse to relay for strangers".to_owned(), vec![set(RELAY, value)], overridden)
        }
        Change::Define { setting, value } => (format!("Define `{setting}`"), vec![set(setting, value)], false),
        Change::EndAuth => ("Offer no AUTH here".to_owned(), vec![set("smtpd_sasl_auth_enable", "no")], true),
        Change::OldestTls(oldest) => {
            let (name, on_listener) = protocol_setting(listener);
            let value = floor(*oldest, points);
            let mut assigns = vec![Assign { name, value: value.clone() }];
            // Once submission requires TLS, as it should, the other list is read.
            if is_submission(listener) && name == "smtpd_tls_protocols" {
                assigns.push(Assign { name: "smtpd_tls_mandatory_protocols", value });
            }
            (format!("Offer nothing older than {oldest}"), assigns, on_listener)
        }
        Change::HideRelease => {
            let name = decides(listener, |session| &session.tells_release.because).unwrap_or("smtpd_banner");
            let here = is_here(listener, |session| &session.tells_release.because);
            ("Leave the release out of the greeting".to_owned(), vec![set(name, "$myhostname ESMTP $mail_name")], here)
        }
        Change::EndVrfy => {
            let here = is_here(listener, |session| &session.answers_vrfy.because);
            ("Answer no VRFY".to_owned(), vec![set("disable_vrfy_command", "yes")], here)
        }
        Change::StandardMessageEnd => standard_message_end(listener, points),
        Change::StopEarlyTalk => {
            let here = is_here(listener, |session| &session.stops_early_talk.because);
            ("Refuse clients that do not wait".to_owned(), vec![stop_early_talk(points)], here)
        }
        Change::LogTls => {
            let here = is_here(listener, |session| &session.tls_log.because);
            ("Log a line for each session under TLS".to_owned(), vec![set("smtpd_tls_loglevel", "1")], here)
        }
        Change::NameInLog => {
            let name = match listener.and_then(Listener::known_port) {
                Some(465) => "submissions".to_owned(),
                Some(587) | None => "submission".to_owned(),
                Some(port) => port.to_string(),
            };
            ("Give its lines in the log a name".to_owned(), vec![Assign { name: "syslog_name", value: format!("postfix/{name}") }], true)
        }
        Change::LetUsersPass { list } => {
            let value = match list.as_str() {
                "smtpd_helo_restrictions" | "smtpd_sender_restrictions" => "permit_sasl_authenticated",
                _ => "permit_sasl_authenticated,reject",
            };
            ("Let users pass".to_owned(), vec![set(list, value)], true)
        }
        Change::TrustOnly(networks) => {
            ("Trust only the machine itself".to_owned(), vec![set("mynetworks", &networks.join(", "))], false)
        }
        Change::TrustedCertificate => {
            ("Use a certificate that clients can check, with its chain".to_owned(), certificate(listener), false)
        }
        Change::Remove { setting } => (format!("Take `{setting}` out"), Vec::new(), false),
        Change::Replace { settings, with, value } => (
            format!("Write `{with}` in place of {}", settings.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")),
            vec![set(with, value)],
            false,
        ),
    }
}

/// The setting that decides a fact about sessions.
fn decides<'a>(listener: Option<&'a Listener>, of: impl Fn(&'a Session) -> &'a Vec<Step>) -> Option<&'static str> {
    let name = of(&listener?.session).first()?.setting()?;
    ["smtpd_banner", "postscreen_greet_banner"].into_iter().find(|known| *known == name)
}

/// True when an option of the service decides it: a line in main.cf would not be read there.
fn is_here<'a>(listener: Option<&'a Listener>, of: impl Fn(&'a Session) -> &'a Vec<Step>) -> bool {
    listener.is_some_and(|listener| of(&listener.session).first().is_some_and(is_override))
}

/// True when every release in question has the parameter.
fn all_know(name: &str, points: &[Point]) -> bool {
    points.iter().all(|point| parameters::at(name, point.version).is_some())
}

/// The switch where every release has it, and else the check that all of them know.
fn stop_early_talk<'a>(points: &[Point]) -> Assign<'a> {
    let switch = "smtpd_forbid_unauth_pipelining";
    let (name, value) =
        if all_know(switch, points) { (switch, "yes") } else { ("smtpd_data_restrictions", "reject_unauth_pipelining") };
    Assign { name, value: value.to_owned() }
}

/// `yes` is read by all that have the parameter, `normalize` is not. For others there is the makers' work-around.
fn standard_message_end<'a>(listener: Option<&Listener>, points: &[Point]) -> (String, Vec<Assign<'a>>, bool) {
    let set = |name: &'a str, value: &str| Assign { name, value: value.to_owned() };
    let because = listener.map(|listener| listener.session.message_end.because.as_slice()).unwrap_or_default();
    let here = because.first().is_some_and(is_override);
    let exclusions = "smtpd_forbid_bare_newline_exclusions";
    if because.iter().any(|step| step.setting() == Some(exclusions)) {
        return ("Exclude trusted clients alone".to_owned(), vec![set(exclusions, "$mynetworks")], here);
    }
    let mut assigns = vec![set("smtpd_forbid_bare_newline", "yes")];
    if !all_know("smtpd_forbid_bare_newline", points) {
        assigns.push(set("smtpd_data_restrictions", "reject_unauth_pipelining"));
        assigns.push(set("smtpd_discard_ehlo_keywords", "chunking, silent-discard"));
    }
    ("End a message at the standard line ends alone".to_owned(), assigns, here)
}

fn is_override(step: &Step) -> bool {
    matches!(step, Step::Override { .. })
}

/// True when an option of the service sets the same already: the new line takes its place.
fn replaces_an_option(listener: &Listener, assigns: &[Assign<'_>]) -> bool {
    let tls = &listener.tls;
    let facts = [&tls.entry.because, &tls.required.because, &tls.versions.because, &listener.auth.after_tls.because];
    facts.into_iter().flatten().filter(|step| is_override(step)).any(|step| {
        assigns.iter().any(|assign| step.setting() == Some(assign.name))
    })
}

/// The list of restrictions made for relaying.
const RELAY: &str = "smtpd_relay_restrictions";

/// The certificate in the form that the files use already: a chain, when there is one, makes the other settings void.
fn certificate<'a>(listener: Option<&Listener>) -> Vec<Assign<'a>> {
    let set = |name: &'a str, value: &str| Assign { name, value: value.to_owned() };
    let steps = listener.map(|listener| listener.tls.certificate.because.as_slice()).unwrap_or_default();
    if steps.iter().any(|step| step.setting() == Some("smtpd_tls_chain_files")) {
        return vec![set("smtpd_tls_chain_files", "/path/to/privkey.pem, /path/to/fullchain.pem")];
    }
    vec![set("smtpd_tls_cert_file", "/path/to/fullchain.pem"), set("smtpd_tls_key_file", "/path/to/privkey.pem")]
}

fn is_submission(listener: Option<&Listener>) -> bool {
    listener.is_some_and(|listener| listener.known_role() == crate::facts::Role::Submission)
}

/// The list that is in force at the listener, and whether an option of its own sets it.
fn protocol_setting(listener: Option<&Listener>) -> (&'static str, bool) {
    let Some(listener) = listener else { return ("smtpd_tls_mandatory_protocols", false) };
    let name = if listener.tls.required.surely() { "smtpd_tls_mandatory_protocols" } else { "smtpd_tls_protocols" };
    let overridden = matches!(listener.tls.versions.because.first(), Some(Step::Override { .. }));
    (name, overridden)
}

/// A floor that every release in question understands: `>=` came with 3.6, exclusions are read by all.
fn floor(oldest: TlsVersion, points: &[Point]) -> String {
    if !points.is_empty() && points.iter().all(|point| point.version >= RANGES_SINCE) {
        return format!(">={}", oldest.name());
    }
    let excluded: Vec<String> = TlsVersion::ALL.iter().filter(|one| **one < oldest).map(|one| format!("!{}", one.name())).collect();
    excluded.join(", ")
}

/// `-o` options under the service they belong to. A value with blanks needs the form in braces.
fn options(service: &str, assigns: &[Assign<'_>]) -> String {
    let mut text = format!("{} …", service.replace('/', " "));
    for assign in assigns {
        let option = if assign.value.contains(' ') {
            // Commas alone separate as well, and are read by every release.
            format!("\n  -o {}={}", assign.name, assign.value.replace(", ", ",").replace(' ', ","))
        } else {
            format!("\n  -o {}={}", assign.name, assign.value)
        };
        text.push_str(&option);
    }
    text
}

fn lines(assigns: &[Assign<'_>]) -> String {
    assigns.iter().map(|assign| format!("{} = {}", assign.name, assign.value).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn commands(service: Option<&str>, assigns: &[Assign<'_>]) -> String {
    let command = |assign: &Assign<'_>| match service {
        Some(service) => format!("postconf -P '{service}/{}={}'", assign.name, assign.value),
        None => format!("postconf -e '{} = {}'", assign.name, assign.value),
    };
    assigns.iter().map(command).collect::<Vec<_>>().join("\n")
}
