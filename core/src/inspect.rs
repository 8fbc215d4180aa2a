//! What is in force, and why: listeners with their facts, and on request every setting.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::TOOL;
use crate::certificate::{Certificate, Digest, KeyKind};
use crate::dialect::Dialect;
use crate::exposure;
use crate::facts::{
    Actor, Assurance, CertificateSource, Channel, Circumstance, Entry, Fact, Listener, Outbound, Outcome, Outcomes,
    Recipient, Role, Server, Step, Suites, TlsVersion, Traffic, Value,
};
use crate::json::{self, FactJson, Input, OutcomeJson};
use crate::link;
use crate::programs;
use crate::question::{Question, QuestionId, Questions};
use crate::report::{judge, version_id};
use crate::setting::{Scope, Setting, Status};
use crate::source::{Place, Sources, Span};
use crate::tls::{Key, Suite};
use crate::version::Target;

/// What is known of a configuration, judged by nobody.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The facts on which all points agree.
    pub server: Server,
    /// Every setting, as the newest point has it; where the points differ its value is unknown.
    pub settings: Vec<Setting>,
    /// Lines that the server skips with a warning.
    pub stray: Vec<Span>,
    /// Lines and options that stop the server or one of its services, with the reason.
    pub faults: Vec<(Span, String)>,
    /// What could not be known, of all programs.
    pub questions: Vec<Question>,
    /// The same of other programs whose files were given as well.
    pub beside: Vec<Inspection>,
}

impl Inspection {
    /// The servers of the other programs.
    #[must_use]
    pub fn servers_beside(&self) -> Vec<Server> {
        self.beside.iter().map(|one| one.server.clone()).collect()
    }
}

pub(crate) fn inspect(sources: &Sources, dialect: &dyn Dialect, target: &Target) -> Inspection {
    let programs = programs::apart(sources, dialect);
    let target = &link::target(&programs, target);
    let all = programs
        .into_iter()
        .map(|program| inspect_one(&program.sources, program.dialect, target));
    let joined = all.reduce(|mut first, mut other| {
        first.questions = Questions::joined(first.questions, std::mem::take(&mut other.questions));
        first.beside.push(other);
        first
    });
    joined.unwrap_or_else(|| inspect_one(sources, dialect, target))
}

fn inspect_one(sources: &Sources, dialect: &dyn Dialect, target: &Target) -> Inspection {
    let reading = dialect.read(sources);
    let Some(mut judged) = judge(reading.as_ref(), dialect, target) else {
        return Inspection {
            server: Server::unknown(dialect.id(), &version_id(dialect)),
            settings: Vec::new(),
            stray: Vec::new(),
            faults: Vec::new(),
            questions: Vec::new(),
            beside: Vec::new(),
        };
    };
    let newest = judged.lowered.pop().map(|newest| newest.settings);
    let mut settings: Vec<Setting> = newest
        .iter()
        .flat_map(|all| all.iter().map(|one| one.as_ref().clone()))
        .collect();
    let question = version_id(dialect);
    for older in &judged.lowered {
        for (setting, before) in settings.iter_mut().zip(older.settings.iter()) {
            if setting.effective != before.effective {
                setting.effective = Value::Unknown(question.clone());
            }
        }
    }
    Inspection {
        server: judged.agreed,
        settings,
        stray: reading.stray().to_vec(),
        faults: reading.faults(),
        questions: judged.questions.into_sorted(),
        beside: Vec::new(),
    }
}

/// `smtplint/inspect/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Inspection"))]
pub struct InspectJson {
    /// `smtplint/inspect/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/inspect/1")))]
    pub schema: &'static str,
    /// Name and version of this program.
    pub tool: &'static str,
    /// The server and the releases in question.
    pub target: Vec<String>,
    /// What was read.
    pub inputs: Vec<Input>,
    /// The servers found.
    pub servers: Vec<ServerJson>,
    /// What could not be known.
    pub questions: Vec<Question>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Server"))]
pub struct ServerJson {
    /// Unique in the output.
    pub id: String,
    /// The dialect's id.
    pub dialect: &'static str,
    /// The release, or the releases it may be.
    pub version: FactJson<String>,
    /// Where it listens.
    pub listeners: Vec<ListenerJson>,
    /// The ways on which mail leaves.
    pub outbound: Vec<OutboundJson>,
    /// With `--settings`: what is set and used, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<BTreeMap<String, FactJson<String>>>,
    /// With `--settings`: options of services, by the service's name and the option's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_settings: Option<BTreeMap<String, BTreeMap<String, FactJson<String>>>>,
    /// With `--settings`: lines that do not do what they seem to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarks: Option<Vec<RemarkJson>>,
}

/// A line that does not do what it seems to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Remark"))]
pub struct RemarkJson {
    /// The setting.
    pub setting: String,
    /// The service whose option it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// `shadowed`, `unused`, `undefined`, `deprecated`, `too-new`, `malformed` or `stray`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["shadowed", "unused", "undefined", "deprecated", "too-new", "malformed", "stray"])))]
    pub status: &'static str,
    /// Names, reasons or releases that belong to the status.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub detail: Vec<String>,
    /// Where.
    pub at: Place,
}

/// One listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Listener"))]
pub struct ListenerJson {
    /// Unique in the output.
    pub id: String,
    /// The configuration's own name.
    pub name: String,
    /// The address it binds, `*` for all.
    pub address: FactJson<String>,
    /// The TCP port.
    pub port: FactJson<u16>,
    /// `mx`, `submission`, `internal` or `unknown`.
    pub role: FactJson<Role>,
    /// Where it is defined.
    pub at: Option<Place>,
    /// Why it serves nobody, when it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead: Option<FactJson<String>>,
    /// TLS.
    pub tls: TlsJson,
    /// AUTH.
    pub auth: AuthJson,
    /// Networks trusted without AUTH.
    pub trusted_networks: FactJson<Vec<String>>,
    /// What each kind of client gets.
    pub outcomes: Vec<OutcomeRowJson>,
    /// When clients get something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionJson>,
}

/// What clients get in a circumstance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Exception"))]
pub struct ExceptionJson {
    /// `first-contact`, for a client that no list names and that a program in front meets for the first time, or `ipv6`.
    pub when: Circumstance,
    /// What each kind of client gets then.
    pub outcomes: Vec<OutcomeRowJson>,
}

/// TLS at a listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Tls"))]
pub struct TlsJson {
    /// `none`, `starttls` or `implicit`.
    pub entry: FactJson<Entry>,
    /// Whether mail is refused without it.
    pub required: FactJson<bool>,
    /// Whether a handshake can succeed.
    pub works: FactJson<bool>,
    /// Protocol versions by OpenSSL's names.
    pub versions: FactJson<Vec<TlsVersion>>,
    /// The suites offered, those of TLS 1.3 first, then in the order of the lists; absent where TLS is not offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suites: Option<FactJson<Vec<SuiteJson>>>,
    /// The known attacks for which this suffices, or may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attacks: Vec<AttackJson>,
    /// The certificate's files.
    pub certificate: FactJson<Vec<String>>,
    /// What stands in them, one chain a key, where somebody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chains: Option<FactJson<Vec<Vec<CertificateJson>>>>,
}

/// A known attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Attack"))]
pub struct AttackJson {
    /// Its name in small letters, such as `lucky13`.
    pub id: &'static str,
    /// Id of the question that tells whether it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<QuestionId>,
}

/// One cipher suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Suite"))]
pub struct SuiteJson {
    /// Its name in OpenSSL.
    pub name: &'static str,
    /// The key that the server's certificate must have: `rsa`, `ecdsa`, `dsa`, or `any` where any will do or none is needed.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["rsa", "ecdsa", "dsa", "any"])))]
    pub needs: &'static str,
}

impl SuiteJson {
    pub(crate) fn of(suite: &'static Suite) -> SuiteJson {
        SuiteJson {
            name: suite.openssl.unwrap_or(suite.name),
            needs: match suite.needs() {
                Some(Key::Rsa) => "rsa",
                Some(Key::Ecdsa) => "ecdsa",
                Some(Key::Dsa) => "dsa",
                _ => "any",
            },
        }
    }
}

/// The suites that every release offers; which of them the key fits is said with each.
fn suites(fact: &Fact<Suites>, sources: &Sources) -> FactJson<Vec<SuiteJson>> {
    let mut shown = json::fact(fact, sources, |suites| {
        suites.surely().0.into_iter().map(SuiteJson::of).collect()
    });
    if let Some(suites) = fact.known() {
        let (_, is_all) = suites.surely();
        shown.question = match (is_all, suites.keys.len()) {
            (false, _) => Some(suites.release.clone()),
            (true, 2..) => Some(suites.key.clone()),
            _ => None,
        };
    }
    shown
}

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Certificate"))]
pub struct CertificateJson {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Names of hosts it is for.
    pub dns_names: Vec<String>,
    /// When it begins to hold, in seconds since 1970.
    pub not_before: i64,
    /// When it ends.
    pub not_after: i64,
    /// `rsa`, `ec`, `dsa`, `edwards` or `other`.
    pub key: KeyKind,
    /// The key's length; 0 where the kind says it all.
    pub bits: usize,
    /// What the signature is made over: `md5`, `sha1` or `newer`.
    pub digest: Digest,
}

impl CertificateJson {
    pub(crate) fn of(one: &Certificate) -> CertificateJson {
        CertificateJson {
            subject: one.subject.clone(),
            issuer: one.issuer.clone(),
            dns_names: one.dns_names.clone(),
            not_before: one.not_before,
            not_after: one.not_after,
            key: one.key,
            bits: one.bits,
            digest: one.digest,
        }
    }
}

/// AUTH at a listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Auth"))]
pub struct AuthJson {
    /// Offered in clear.
    pub before_tls: FactJson<bool>,
    /// Offered inside TLS.
    pub after_tls: FactJson<bool>,
    /// Networks whose clients are not told of it, and may use it all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_from: Option<FactJson<Vec<String>>>,
    /// Mechanisms by name.
    pub mechanisms: FactJson<Vec<String>>,
}

/// One way on which mail leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Outbound"))]
pub struct OutboundJson {
    /// Unique in the output.
    pub id: String,
    /// The configuration's own name.
    pub name: String,
    /// Where it is defined.
    pub at: Option<Place>,
    /// `default`, `relayed` or `named`: which mail goes this way.
    pub traffic: FactJson<Traffic>,
    /// The host that all of it is handed to; an empty text where each domain's own mx gets it.
    pub next_hop: FactJson<String>,
    /// The TCP port there.
    pub port: FactJson<u16>,
    /// `none`, `optional`, `required` or `verified`; with a question as well as a value, a table may say otherwise for some
    /// hosts.
    pub tls: FactJson<Assurance>,
    /// Whether TLS begins with the first byte.
    pub implicit: FactJson<bool>,
    /// Whether a password is shown to hosts that there is one for.
    pub password: FactJson<bool>,
    /// Whether it can be read along in a session without TLS.
    pub password_in_clear: FactJson<bool>,
    /// Why no mail leaves this way, when TLS keeps all of it in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stuck: Option<FactJson<String>>,
}

/// One cell of the outcome table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "OutcomeRow"))]
pub struct OutcomeRowJson {
    /// `stranger`, `trusted` or `authenticated`.
    pub actor: Actor,
    /// `clear` or `tls`.
    pub channel: Channel,
    /// `local` or `foreign`.
    pub recipient: Recipient,
    /// What happens.
    pub outcome: FactJson<OutcomeJson>,
}

impl Inspection {
    /// As machine readers see it.
    #[must_use]
    pub fn to_json(&self, sources: &Sources, inputs: Vec<Input>, with_settings: bool) -> InspectJson {
        let all = || std::iter::once(self).chain(&self.beside);
        InspectJson {
            schema: "smtplint/inspect/1",
            tool: TOOL,
            target: all()
                .flat_map(|one| json::target(&one.server.version, one.server.dialect))
                .collect(),
            inputs,
            servers: all().map(|one| one.server_json(sources, with_settings)).collect(),
            questions: self.questions.clone(),
        }
    }

    /// What is known of one program.
    fn server_json(&self, sources: &Sources, with_settings: bool) -> ServerJson {
        ServerJson {
            id: self.server.id.clone(),
            dialect: self.server.dialect,
            version: json::fact(&self.server.version, sources, ToString::to_string),
            listeners: self
                .server
                .listeners
                .iter()
                .map(|one| listener(&self.server, one, sources))
                .collect(),
            outbound: self.server.outbound.iter().map(|one| outbound(one, sources)).collect(),
            settings: with_settings.then(|| self.server_settings(sources)),
            service_settings: with_settings.then(|| self.service_settings(sources)),
            remarks: with_settings.then(|| self.remarks(sources)),
        }
    }

    /// Where anything listens, of all programs.
    pub fn listeners(&self) -> impl Iterator<Item = &Listener> {
        let all = std::iter::once(self).chain(&self.beside);
        all.flat_map(|one| &one.server.listeners)
    }

    /// Settings in force for the whole server: set, used, not overruled.
    fn server_settings(&self, sources: &Sources) -> BTreeMap<String, FactJson<String>> {
        let in_force = self
            .settings
            .iter()
            .filter(|one| one.scope == Scope::Server && is_used(one));
        in_force
            .map(|one| (one.name.clone(), setting_fact(one, sources)))
            .collect()
    }

    /// Options of services. The server's own tool shows unused ones as well, so they are here too.
    fn service_settings(&self, sources: &Sources) -> BTreeMap<String, BTreeMap<String, FactJson<String>>> {
        let mut services: BTreeMap<String, BTreeMap<String, FactJson<String>>> = BTreeMap::new();
        for setting in &self.settings {
            if let Scope::Service(service) = &setting.scope
                && !matches!(setting.status, Status::Shadowed { .. })
            {
                services
                    .entry(service.clone())
                    .or_default()
                    .insert(setting.name.clone(), setting_fact(setting, sources));
            }
        }
        services
    }

    /// Lines that do not do what they seem to.
    fn remarks(&self, sources: &Sources) -> Vec<RemarkJson> {
        let mut remarks: Vec<RemarkJson> = self.settings.iter().filter_map(|one| remark(one, sources)).collect();
        remarks.extend(self.stray.iter().map(|span| RemarkJson {
            setting: String::new(),
            service: None,
            status: "stray",
            detail: Vec::new(),
            at: sources.place(*span),
        }));
        remarks.extend(self.faults.iter().map(|(span, why)| RemarkJson {
            setting: String::new(),
            service: None,
            status: "malformed",
            detail: vec![why.clone()],
            at: sources.place(*span),
        }));
        remarks
    }
}

/// Settings that count: an unused one does nothing, a shadowed one is overruled.
fn is_used(setting: &Setting) -> bool {
    !matches!(
        setting.status,
        Status::Shadowed { .. } | Status::Unused | Status::TooNew { .. }
    )
}

fn setting_fact(setting: &Setting, sources: &Sources) -> FactJson<String> {
    let name = setting.name.as_str().into();
    let step = match setting.scope {
        Scope::Server => Step::Set {
            setting: name,
            span: setting.written,
        },
        Scope::Service(_) => Step::Override {
            setting: name,
            span: setting.written,
        },
    };
    json::fact(
        &Fact {
            value: setting.effective.clone(),
            because: step.into(),
        },
        sources,
        Clone::clone,
    )
}

fn remark(setting: &Setting, sources: &Sources) -> Option<RemarkJson> {
    let (status, detail) = match &setting.status {
        Status::Effective => return None,
        Status::Shadowed { by } => ("shadowed", vec![format!("line {}", sources.place(*by).line)]),
        Status::Unused => ("unused", Vec::new()),
        Status::Undefined { names, tested } => ("undefined", [names.clone(), tested.clone()].concat()),
        Status::Deprecated { since, instead } => ("deprecated", vec![format!("since {since}"), instead.clone()]),
        Status::TooNew { since } => ("too-new", vec![format!("since {since}")]),
        Status::Malformed { why } => ("malformed", vec![why.clone()]),
    };
    let service = match &setting.scope {
        Scope::Server => None,
        Scope::Service(name) => Some(name.clone()),
    };
    Some(RemarkJson {
        setting: setting.name.clone(),
        service,
        status,
        detail,
        at: sources.place(setting.written),
    })
}

fn listener(server: &Server, listener: &Listener, sources: &Sources) -> ListenerJson {
    let yes_or_no = |fact: &Fact<bool>| json::fact(fact, sources, |value| *value);
    let trusted = &listener.trusted;
    let mut trusted_networks = json::fact(trusted, sources, |networks| networks.patterns.surely.clone());
    if let Some(networks) = trusted.known() {
        trusted_networks.question = networks.patterns.rest.clone();
    }
    ListenerJson {
        id: listener.id.clone(),
        name: listener.name.clone(),
        address: json::fact(&listener.address, sources, Clone::clone),
        port: json::fact(&listener.port, sources, |port| *port),
        role: json::fact(&listener.role, sources, |role| *role),
        at: listener.defined.map(|span| sources.place(span)),
        dead: listener
            .dead
            .as_ref()
            .map(|dead| json::fact(dead, sources, |cause| cause.0.clone())),
        tls: TlsJson {
            entry: json::fact(&listener.tls.entry, sources, |entry| *entry),
            required: yes_or_no(&listener.tls.required),
            works: yes_or_no(&listener.tls.works),
            versions: json::members(&listener.tls.versions, sources),
            suites: listener.tls.suites.as_ref().map(|fact| suites(fact, sources)),
            attacks: exposure::of(server, listener)
                .iter()
                .map(|one| AttackJson {
                    id: one.attack.id,
                    question: one.question.clone(),
                })
                .collect(),
            certificate: json::fact(&listener.tls.certificate, sources, |source| match source {
                CertificateSource::None | CertificateSource::OwnMaking => Vec::new(),
                CertificateSource::Files(files) => files.clone(),
            }),
            chains: listener.tls.identity.chains.as_ref().map(|chains| {
                let all = json::members(chains, sources);
                FactJson {
                    value: all.value.map(|chains| {
                        let chains = chains
                            .iter()
                            .map(|chain| chain.certificates.iter().map(CertificateJson::of).collect());
                        chains.collect()
                    }),
                    question: all.question,
                    because: all.because,
                }
            }),
        },
        auth: AuthJson {
            before_tls: yes_or_no(&listener.auth.before_tls),
            after_tls: yes_or_no(&listener.auth.after_tls),
            hidden_from: listener
                .auth
                .is_hidden_from_some()
                .then(|| json::members(&listener.auth.hidden_from, sources)),
            mechanisms: json::members(&listener.auth.mechanisms.names, sources),
        },
        trusted_networks,
        outcomes: rows(&listener.outcomes, sources),
        exceptions: listener
            .exceptions
            .iter()
            .map(|one| ExceptionJson {
                when: one.when,
                outcomes: rows(&one.outcomes, sources),
            })
            .collect(),
    }
}

fn rows(outcomes: &Outcomes, sources: &Sources) -> Vec<OutcomeRowJson> {
    let cells = outcomes.cells().iter();
    cells
        .map(|cell| OutcomeRowJson {
            actor: cell.actor,
            channel: cell.channel,
            recipient: cell.recipient,
            outcome: outcome(&cell.outcome, sources),
        })
        .collect()
}

fn outbound(way: &Outbound, sources: &Sources) -> OutboundJson {
    let yes_or_no = |fact: &Fact<bool>| json::fact(fact, sources, |value| *value);
    let mut tls = json::fact(&way.tls, sources, |tls| *tls);
    if tls.question.is_none() {
        tls.question = way.exceptions.clone().or_else(|| way.unless_in_dns.clone());
    }
    OutboundJson {
        id: way.id.clone(),
        name: way.name.clone(),
        at: way.defined.map(|span| sources.place(span)),
        traffic: json::fact(&way.traffic, sources, |traffic| *traffic),
        next_hop: json::fact(&way.next_hop, sources, |host| host.clone().unwrap_or_default()),
        port: json::fact(&way.port, sources, |port| *port),
        tls,
        implicit: yes_or_no(&way.implicit),
        password: yes_or_no(&way.password),
        password_in_clear: yes_or_no(&way.password_in_clear),
        stuck: way
            .stuck
            .as_ref()
            .map(|stuck| json::fact(stuck, sources, |cause| cause.0.clone())),
    }
}

fn outcome(outcome: &Fact<Outcome>, sources: &Sources) -> FactJson<OutcomeJson> {
    let mut shown = json::fact(outcome, sources, json::outcome);
    if let Some(Outcome::Unknown(question)) = outcome.known() {
        shown.value = None;
        shown.question = Some(question.clone());
    }
    shown
}
