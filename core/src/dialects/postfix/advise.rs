//! How wishes are written in main.cf and master.cf, or as `postconf` commands where the text is a print-out.

use super::edit::{command, plain};
use super::lines::is_space;
use super::parameters;
use super::protocols::RANGES_SINCE;
use super::suite_advice;
use super::syntax::{Service, Syntax};
use crate::change::{Advice, Change};
use crate::facts::{Because, Actor, Auth, CertificateSource, Channel, Entry, Fact, Listener, Outcome, Recipient, Step, TlsVersion};
use crate::report::merge::enumerated;
use crate::version::{Point, Version};

/// Begins a path that only the person can name.
pub(super) const YOURS: &str = "/path/to/";

/// One assignment to make, or to take out.
pub(super) struct Assign<'a> {
    pub(super) name: &'a str,
    pub(super) value: String,
    pub(super) goes: bool,
}

impl<'a> Assign<'a> {
    pub(super) fn new(name: &'a str, value: String) -> Assign<'a> {
        Assign { name, value, goes: false }
    }

    pub(super) fn out(name: &'a str) -> Assign<'a> {
        Assign { name, value: String::new(), goes: true }
    }
}

/// Writes a wish so that every release in question reads it.
pub(super) fn advise(change: &Change, listener: Option<&Listener>, points: &[Point], printed: bool) -> Advice {
    let (title, assigns, on_listener) = plan(change, listener, points);
    let service = match change {
        Change::SendOverTls { service, own, .. } => own.then_some(service.as_str()),
        _ => listener.filter(|_| on_listener).map(|listener| listener.service.as_str()),
    };
    let (file, text) = match (service, printed) {
        (Some(name), false) => ("master.cf", options(name, &assigns)),
        (None, false) => ("main.cf", lines(&assigns)),
        (service, true) => ("shell", commands(service, &assigns)),
    };
    let in_place = listener.filter(|_| on_listener && !printed).is_some_and(|one| replaces_an_option(one, &assigns));
    let title = if in_place { format!("{title}, in place of the option that stands there") } else { title };
    Advice { title, file: file.to_owned(), text }
}

/// What the wish is called, the assignments that make it true, and whether they belong to the listener alone.
pub(super) fn plan<'a>(change: &'a Change, listener: Option<&Listener>, points: &[Point]) -> (String, Vec<Assign<'a>>, bool) {
    let set = |name: &'a str, value: &str| Assign::new(name, value.to_owned());
    match change {
        Change::RequireTls => {
            ("Require STARTTLS here".to_owned(), vec![set("smtpd_tls_security_level", "encrypt")], true)
        }
        Change::OfferTls => {
            let mut assigns = vec![set("smtpd_tls_security_level", "may")];
            let has_none = listener.is_some_and(|listener| listener.tls.entry.known() == Some(&Entry::None));
            if has_none && listener.is_some_and(|one| one.tls.certificate.known() == Some(&CertificateSource::None)) {
                assigns.extend(certificate(listener));
            }
            // Where nobody offers TLS yet, the line belongs in main.cf, unless an option of the service would overrule it.
            let overridden = listener.is_some_and(|listener| listener.tls.entry.because.iter().any(is_override));
            ("Offer TLS, and take mail without it as well".to_owned(), assigns, overridden || !has_none)
        }
        Change::AnnounceStarttls { others } => {
            let because = listener.map(|listener| listener.tls.hidden.because.as_slice()).unwrap_or_default();
            let assigns = vec![set("smtpd_discard_ehlo_keywords", &others.join(", "))];
            ("Announce STARTTLS again".to_owned(), assigns, because.iter().any(is_override))
        }
        Change::AskNoCertificate => {
            let asked = listener.map(|listener| listener.tls.client_certificate.asked.because.as_slice()).unwrap_or_default();
            let assigns = vec![set("smtpd_tls_ask_ccert", "no")];
            ("Ask clients for no certificate".to_owned(), assigns, asked.iter().any(is_override))
        }
        Change::SendOverTls { implicit, .. } => {
            let wrapper = implicit.map(|implicit| set("smtp_tls_wrappermode", if implicit { "yes" } else { "no" }));
            let assigns = std::iter::once(set("smtp_tls_security_level", "encrypt")).chain(wrapper).collect();
            ("Hand no mail over without TLS".to_owned(), assigns, false)
        }
        // A whole service: see `open_for_users`.
        Change::OpenForUsers { port } => (format!("Open port {port} for users"), Vec::new(), false),
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
        Change::UsersOnly => (
            "Let users log in here, and nobody else send".to_owned(),
            vec![set("smtpd_sasl_auth_enable", "yes"), set("smtpd_client_restrictions", "permit_sasl_authenticated,reject")],
            true,
        ),
        Change::GuardRelay => guard(listener),
        Change::RequireAuth => {
            ("Take mail only from users who log in".to_owned(), vec![set(RELAY, "permit_sasl_authenticated,reject")], true)
        }
        Change::RefuseAtRecipient => {
            let title = "Refuse at RCPT, when the client can have logged in";
            (title.to_owned(), vec![set("smtpd_delay_reject", "yes")], is_set_here(listener, "smtpd_delay_reject"))
        }
        Change::Define(values) => {
            let names: Vec<String> = values.iter().map(|(name, _)| format!("`{name}`")).collect();
            (format!("Define {}", enumerated(&names)), values.iter().map(|(name, value)| set(name, value)).collect(), false)
        }
        Change::OfferAuth => ("Offer AUTH here".to_owned(), vec![set("smtpd_sasl_auth_enable", "yes")], true),
        Change::PlaintextInTls => {
            let overridden = listener.is_some_and(|listener| sets_options(&listener.auth.mechanisms.plaintext_after_tls, TLS_OPTIONS));
            ("Offer PLAIN and LOGIN inside TLS".to_owned(), vec![set(TLS_OPTIONS, "noanonymous")], overridden)
        }
        Change::RefuseAnonymous => {
            let options = listener.map(|listener| &listener.auth.mechanisms.anonymous);
            let name = options.and_then(|options| options.because.first()).and_then(Step::setting);
            let name = if name == Some(TLS_OPTIONS) { TLS_OPTIONS } else { OPTIONS };
            // In clear, what hides passwords stays.
            let hides_passwords = |auth: &Auth| auth.before_tls.surely() && auth.mechanisms.plaintext_before_tls.surely_not();
            let kept = match listener {
                Some(listener) if name == OPTIONS && hides_passwords(&listener.auth) => "noanonymous, noplaintext",
                _ => "noanonymous",
            };
            ("Take no login without a name".to_owned(), vec![set(name, kept)], options.is_some_and(|options| sets_options(options, name)))
        }
        Change::BelieveNoClient => {
            let overridden = listener.is_some_and(|listener| listener.access.may_name_client.because.iter().any(is_override));
            ("Believe nobody who names another client".to_owned(), vec![set("smtpd_authorized_xclient_hosts", "")], overridden)
        }
        Change::RelayToNoDomain => ("Relay to no domain but your own".to_owned(), vec![set("relay_domains", "")], false),
        Change::EndAuth => ("Offer no AUTH here".to_owned(), vec![set("smtpd_sasl_auth_enable", "no")], true),
        Change::OldestTls(oldest) => {
            let (name, on_listener) = protocol_setting(listener);
            let value = floor(*oldest, points);
            let mut assigns = vec![Assign::new(name, value.clone())];
            // Once submission requires TLS, as it should, the other list is read.
            if is_submission(listener) && name == "smtpd_tls_protocols" {
                assigns.push(Assign::new("smtpd_tls_mandatory_protocols", value));
            }
            (format!("Offer nothing older than {oldest}"), assigns, on_listener)
        }
        Change::OldestTlsHere(oldest) => {
            let (name, _) = protocol_setting(listener);
            (format!("Offer nothing older than {oldest} here"), vec![Assign::new(name, floor(*oldest, points))], true)
        }
        Change::HideRelease => {
            let name = decides(listener, |listener| &listener.session.tells_release.because).unwrap_or("smtpd_banner");
            let here = is_here(listener, |listener| &listener.session.tells_release.because);
            ("Leave the release out of the greeting".to_owned(), vec![set(name, "$myhostname ESMTP $mail_name")], here)
        }
        Change::EndVrfy => {
            let here = is_here(listener, |listener| &listener.session.answers_vrfy.because);
            ("Answer no VRFY".to_owned(), vec![set("disable_vrfy_command", "yes")], here)
        }
        Change::StandardMessageEnd => standard_message_end(listener, points),
        Change::StopEarlyTalk => {
            let here = is_here(listener, |listener| &listener.dialogue().stops_early_talk.because);
            ("Refuse clients that do not wait".to_owned(), vec![stop_early_talk(points)], here)
        }
        Change::LogTls => {
            let here = is_here(listener, |listener| &listener.session.tls_log.because);
            ("Log a line for each session under TLS".to_owned(), vec![set("smtpd_tls_loglevel", "1")], here)
        }
        Change::NameInLog => {
            let name = match listener.and_then(Listener::known_port) {
                Some(465) => "submissions".to_owned(),
                Some(587) | None => "submission".to_owned(),
                Some(port) => port.to_string(),
            };
            ("Give its lines in the log a name".to_owned(), vec![Assign::new("syslog_name", format!("postfix/{name}"))], true)
        }
        Change::LetUsersPass { list } => {
            let value = match list.as_str() {
                "smtpd_helo_restrictions" | "smtpd_sender_restrictions" => "permit_sasl_authenticated",
                _ => "permit_sasl_authenticated,reject",
            };
            ("Let users pass".to_owned(), vec![set(list, value)], true)
        }
        Change::TrustOnly(networks) => {
            let here = listener.is_some_and(|listener| listener.trusted.because.iter().any(is_override));
            ("Trust only the machine itself".to_owned(), vec![set("mynetworks", &networks.join(", "))], here)
        }
        Change::TrustedCertificate => {
            ("Use a certificate that clients can check, with its chain".to_owned(), certificate(listener), false)
        }
        Change::RefuseSuites(kinds) => suite_advice::refuse(listener, kinds),
        Change::UsualSuites => suite_advice::usual(listener),
        Change::Remove { setting } => (format!("Take `{setting}` out"), vec![Assign::out(setting)], false),
        Change::Replace { settings, with, value } => (
            format!("Write `{with}` in place of {}", settings.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")),
            {
                let others = settings.iter().filter(|name| *name != with);
                std::iter::once(set(with, value)).chain(others.map(|name| Assign::out(name))).collect()
            },
            false,
        ),
        Change::BrownOut { text } => {
            let checks = brown_out(text, points);
            ("Put users off for a while".to_owned(), vec![Assign::new("smtpd_recipient_restrictions", checks)], true)
        }
        // The lines themselves: see `edit::port`.
        Change::CloseListener => ("Close the port".to_owned(), Vec::new(), false),
        // What stands in the text itself decides how these are written: see `spelling`.
        Change::RemoveLine { .. }
        | Change::Rename { .. }
        | Change::RemoveService { .. }
        | Change::Put { .. }
        | Change::Spell { .. } => (String::new(), Vec::new(), false),
    }
}

/// A list that puts everybody off who comes as far as RCPT, behind the login. Postfix before 3.0 reads no text in a list, nor
/// blanks in an option of a service: there the reply is its own.
fn brown_out(text: &str, points: &[Point]) -> String {
    let reads_texts = !points.is_empty() && points.iter().all(|point| point.version >= Version::new(3, 0, 0));
    match reads_texts {
        true => format!("check_client_access static:{{451 4.7.1 {text}}}, reject"),
        false => "defer".to_owned(),
    }
}

/// The list that keeps strangers from sending to anywhere; or, where every domain counts as the server's own, an end to that.
fn guard<'a>(listener: Option<&Listener>) -> (String, Vec<Assign<'a>>, bool) {
    let open = listener.and_then(stranger_abroad).map(|outcome| outcome.because.as_slice()).unwrap_or_default();
    let domains = ["relay_domains", "mydestination", "virtual_mailbox_domains", "virtual_alias_domains"];
    if let Some(name) = domains.into_iter().find(|name| open.iter().any(|step| step.setting() == Some(name))) {
        let value = if name == "mydestination" { "$myhostname, localhost.$mydomain, localhost" } else { "" };
        return ("Name the domains".to_owned(), vec![Assign::new(name, value.to_owned())], false);
    }
    let overridden = is_set_here(listener, RELAY);
    let value = if overridden && is_submission(listener) {
        "permit_sasl_authenticated,reject"
    } else {
        "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination"
    };
    ("Refuse to relay for strangers".to_owned(), vec![Assign::new(RELAY, value.to_owned())], overridden)
}

fn stranger_abroad(listener: &Listener) -> Option<&Fact<Outcome>> {
    let channels = [Channel::Clear, Channel::Tls].into_iter();
    let mut outcomes = channels.filter_map(|channel| listener.outcomes.at(Actor::Stranger, channel, Recipient::Foreign));
    outcomes.find(|outcome| outcome.known() == Some(&Outcome::Accepted))
}

/// True when an option of the service decides about its end or about what its clients get.
fn is_set_here(listener: Option<&Listener>, name: &str) -> bool {
    let Some(listener) = listener else { return false };
    let dead = listener.dead.iter().flat_map(|dead| &dead.because);
    let cells = listener.outcomes.cells().iter().flat_map(|cell| &cell.outcome.because);
    dead.chain(cells).any(|step| is_override(step) && step.setting() == Some(name))
}

/// A service as Postfix's own master.cf has it among its comments, with the same rules for users as the other port.
pub(super) struct NewService<'a> {
    /// `submissions` is a name that 3.6 knows by itself, and older releases know `smtps`; `465` where the release is not known.
    pub(super) name: &'static str,
    /// Names and values.
    pub(super) options: Vec<(String, String)>,
    /// The other port for users.
    pub(super) like: Option<&'a Service>,
    /// Whether it is shut into the queue's folder, as it is for the others.
    pub(super) chroot: &'a str,
}

impl NewService<'_> {
    /// Its eight columns; whether it is shut into the queue's folder is as it is for the others.
    pub(super) fn head(&self) -> String {
        format!("{} inet n - {} - - smtpd", self.name, self.chroot)
    }

    /// The commands that make it.
    pub(super) fn commands(&self) -> impl Iterator<Item = String> {
        let scope = format!("{}/inet", self.name);
        let first = command::service(&scope, &self.head());
        let options = self.options.iter().map(move |(name, value)| command::setting(Some(&scope), name, Some(value)));
        std::iter::once(first).chain(options)
    }
}

pub(super) fn new_service<'a>(port: u16, points: &[Point], syntax: &'a Syntax) -> NewService<'a> {
    let others: &[&str] = if port == 465 { &["submission", "587"] } else { &["submissions", "smtps", "465"] };
    let like = syntax.services.iter().find(|one| one.kind == "inet" && others.contains(&one.name.as_str()));
    let knows_name = |point: &Point| point.version >= Version::new(3, 6, 0);
    let knows = (points.iter().all(knows_name), points.iter().any(knows_name));
    let (name, tls) = match (port, knows) {
        (465, (true, true)) => ("submissions", ("smtpd_tls_wrappermode", "yes")),
        (465, (false, false)) => ("smtps", ("smtpd_tls_wrappermode", "yes")),
        // The number is right whatever the release.
        (465, _) => ("465", ("smtpd_tls_wrappermode", "yes")),
        _ => ("submission", ("smtpd_tls_security_level", "encrypt")),
    };
    let log_name = format!("postfix/{}", if name == "465" { "submissions" } else { name });
    let own = [("syslog_name", log_name.as_str()), tls];
    let usual = [("smtpd_sasl_auth_enable", "yes"), ("smtpd_client_restrictions", "permit_sasl_authenticated,reject")];
    let copied = || like.iter().flat_map(|like| &like.overrides).filter(|one| !OF_THE_PORT.contains(&one.name.as_str()));
    let usual = usual.into_iter().filter(|(name, _)| !copied().any(|one| one.name == *name));
    let copied = copied().map(|one| (one.name.as_str(), one.value.as_str()));
    let options = own.into_iter().chain(usual).chain(copied);
    let answering = || syntax.services.iter().filter(|one| one.program == "smtpd");
    let chroot = like.or_else(|| answering().next()).map_or("n", |one| one.chroot.as_str());
    NewService { name, options: options.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), like, chroot }
}

pub(super) fn open_for_users(port: u16, points: &[Point], syntax: &Syntax) -> Advice {
    let service = new_service(port, points, syntax);
    let (file, lines): (_, Vec<String>) = if syntax.is_printed {
        ("shell", service.commands().collect())
    } else {
        let options = service.options.iter().map(|(option, value)| match value.contains(is_space) {
            true => format!("  -o {{ {option} = {value} }}"),
            false => format!("  -o {option}={value}"),
        });
        ("master.cf", std::iter::once(service.head()).chain(options).collect())
    };
    Advice { title: format!("Open port {port} for users"), file: file.to_owned(), text: lines.join("\n") }
}

/// Options that tell one port for users from the other.
const OF_THE_PORT: &[&str] =
    &["syslog_name", "smtpd_tls_wrappermode", "smtpd_tls_security_level", "smtpd_enforce_tls", "smtpd_use_tls"];

/// The setting that decides a fact about sessions.
fn decides<'a>(listener: Option<&'a Listener>, of: impl Fn(&'a Listener) -> &'a Because) -> Option<&'static str> {
    let name = of(listener?).first()?.setting()?;
    ["smtpd_banner", "postscreen_greet_banner"].into_iter().find(|known| *known == name)
}

/// True when an option of the service decides it: a line in main.cf would not be read there.
fn is_here<'a>(listener: Option<&'a Listener>, of: impl Fn(&'a Listener) -> &'a Because) -> bool {
    listener.is_some_and(|listener| of(listener).first().is_some_and(is_override))
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
    Assign::new(name, value.to_owned())
}

/// `yes` is read by all that have the parameter, `normalize` is not. For others there is the makers' work-around.
fn standard_message_end<'a>(listener: Option<&Listener>, points: &[Point]) -> (String, Vec<Assign<'a>>, bool) {
    let set = |name: &'a str, value: &str| Assign::new(name, value.to_owned());
    let because = listener.map(|listener| listener.dialogue().message_end.because.as_slice()).unwrap_or_default();
    let here = because.first().is_some_and(is_override);
    let exclusions = "smtpd_forbid_bare_newline_exclusions";
    if because.iter().any(|step| step.setting() == Some(exclusions)) {
        return ("Exclude trusted clients alone".to_owned(), vec![set(exclusions, "$mynetworks")], here);
    }
    let mut assigns = vec![set("smtpd_forbid_bare_newline", "yes")];
    if !all_know("smtpd_forbid_bare_newline", points) {
        if !listener.is_some_and(|listener| listener.dialogue().stops_early_talk.surely()) {
            assigns.push(set("smtpd_data_restrictions", "reject_unauth_pipelining"));
        }
        let mut words: Vec<&str> = listener.iter().flat_map(|one| &one.session.unannounced).map(String::as_str).collect();
        words.extend(["chunking", "silent-discard"].iter().filter(|word| !words.contains(word)).collect::<Vec<_>>());
        assigns.push(Assign::new("smtpd_discard_ehlo_keywords", words.join(", ")));
    }
    ("End a message at the standard line ends alone".to_owned(), assigns, here)
}

pub(super) fn is_override(step: &Step) -> bool {
    matches!(step, Step::Override { .. })
}

const OPTIONS: &str = "smtpd_sasl_security_options";
const TLS_OPTIONS: &str = "smtpd_sasl_tls_security_options";

/// True when an option of the service sets the name, and so decides.
fn sets_options(fact: &Fact<bool>, name: &str) -> bool {
    fact.because.iter().any(|step| is_override(step) && step.setting() == Some(name))
}

/// True when an option of the service sets the same already: the new line takes its place.
fn replaces_an_option(listener: &Listener, assigns: &[Assign<'_>]) -> bool {
    let tls = &listener.tls;
    let facts = [&tls.entry.because, &tls.required.because, &tls.versions.because, &listener.auth.after_tls.because];
    let suites = tls.suites.iter().flat_map(|suites| &suites.because);
    facts.into_iter().flatten().chain(suites).filter(|step| is_override(step)).any(|step| {
        assigns.iter().any(|assign| !assign.goes && step.setting() == Some(assign.name))
    })
}

/// The list of restrictions made for relaying.
const RELAY: &str = "smtpd_relay_restrictions";

/// The certificate in the form that the files use already: a chain, when there is one, makes the other settings void.
fn certificate<'a>(listener: Option<&Listener>) -> Vec<Assign<'a>> {
    let set = |name: &'a str, value: &str| Assign::new(name, value.to_owned());
    let steps = listener.map(|listener| listener.tls.certificate.because.as_slice()).unwrap_or_default();
    if steps.iter().any(|step| step.setting() == Some("smtpd_tls_chain_files")) {
        return vec![set("smtpd_tls_chain_files", "/path/to/privkey.pem, /path/to/fullchain.pem")];
    }
    vec![set("smtpd_tls_cert_file", "/path/to/fullchain.pem"), set("smtpd_tls_key_file", "/path/to/privkey.pem")]
}

pub(super) fn is_submission(listener: Option<&Listener>) -> bool {
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
        let option = if assign.goes {
            format!("\n  # -o {}=…    (take this option out)", assign.name)
        } else {
            match plain(assign.name, &assign.value) {
                Some(value) => format!("\n  -o {}={value}", assign.name),
                None => format!("\n  -o {{ {} = {} }}", assign.name, assign.value),
            }
        };
        text.push_str(&option);
    }
    text
}

fn lines(assigns: &[Assign<'_>]) -> String {
    let line = |assign: &Assign<'_>| match assign.goes {
        true => format!("# {} = …    (take this line out)", assign.name),
        false => format!("{} = {}", assign.name, assign.value).trim_end().to_owned(),
    };
    assigns.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn commands(service: Option<&str>, assigns: &[Assign<'_>]) -> String {
    let command = |assign: &Assign<'_>| {
        command::setting(service, assign.name, (!assign.goes).then_some(assign.value.as_str()))
    };
    assigns.iter().map(command).collect::<Vec<_>>().join("\n")
}
