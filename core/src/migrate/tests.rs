//! Single plans: what a patch looks like on old releases and in print-outs, and where a plan stops.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]

use super::{Plan, StageKind, To, plan};
use crate::change::Change;
use crate::dialect::{Dialect, Terms};
use crate::dialects::dovecot::Dovecot;
use crate::dialects::postfix::Postfix;
use crate::intake;
use crate::patch::Patch;
use crate::report::Options;
use crate::source::{Source, SourceKind, Sources};
use crate::version::Target;

const MAIN: &str = "myhostname = mail.example.org\nsmtpd_tls_security_level = may\n\
    smtpd_tls_cert_file = /etc/ssl/mail.pem\nsmtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\n\
    smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination\n";
const ON_465: &str = "smtp inet n - n - - smtpd\nsmtps inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n\
    # the users\n  -o smtpd_sasl_auth_enable=yes\n\n  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n\
    pickup unix n - n 60 1 pickup\n";

fn files(main: &str, master: &str) -> Sources {
    let mut sources = Sources::new();
    for (name, text) in [("main.cf", main), ("master.cf", master)] {
        sources.add(Source::new(name, text, intake::kind(text)));
    }
    sources
}

fn options(release: &str) -> Options {
    let mut target = Target::default();
    assert_eq!(target.add(&format!("postfix={release}")), Ok(()));
    Options {
        target,
        ..Options::default()
    }
}

fn made(main: &str, master: &str, release: &str, to: To) -> Plan {
    plan(&files(main, master), &Postfix, &options(release), to)
}

/// What a stage puts in.
fn inserted(plan: &Plan, kind: StageKind) -> String {
    let stage = plan.stages.iter().find(|stage| stage.kind == kind);
    let step = stage.and_then(|stage| stage.step.as_ref());
    let patches = step.map(|step| step.patches.as_slice()).unwrap_or_default();
    patches
        .iter()
        .flat_map(|patch| &patch.edits)
        .map(|edit| edit.text.as_str())
        .collect()
}

/// What is to be done, in all stages.
fn told(plan: &Plan) -> String {
    let actions = plan.stages.iter().flat_map(|stage| &stage.actions);
    actions.map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn why(plan: &Plan) -> String {
    plan.unmet()
        .map(|gate| gate.why.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_brown_out_names_the_way_where_the_release_reads_texts() {
    let new = made(MAIN, ON_465, "3.7", To::Starttls);
    assert!(new.is_whole(), "{}", why(&new));
    let text = inserted(&new, StageKind::BrownOut);
    assert!(
        text.contains(
            "-o { smtpd_recipient_restrictions = check_client_access static:{451 4.7.1 Port 465 is about to close"
        ) && text.contains("port 587 with STARTTLS}, reject }"),
        "{text}"
    );
    let old = made(MAIN, ON_465, "2.11", To::Starttls);
    assert!(old.is_whole(), "{}", why(&old));
    assert_eq!(
        inserted(&old, StageKind::BrownOut),
        "  -o smtpd_recipient_restrictions=defer\n"
    );
}

#[test]
fn a_closed_port_stays_as_comments_and_opens_again_byte_for_byte() {
    let sources = files(MAIN, ON_465);
    let options = options("3.4");
    let server = crate::check(&sources, &Postfix, &options).server;
    let listener = server.listeners.iter().find(|one| one.name == "smtps").cloned();
    let edited = |sources: &Sources, wish| -> Patch {
        let reading = Postfix.read(sources);
        let terms = Terms {
            target: &options.target,
            points: &reading.points(&options.target),
        };
        reading
            .edit(sources, &[wish], &terms)
            .unwrap_or_else(|blocked| panic!("{blocked}"))
    };
    let closed = edited(&sources, (Change::CloseListener, listener)).apply(&sources);
    let texts = |sources: &Sources| {
        sources
            .iter()
            .map(|(_, source)| source.text().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        texts(&closed)[1],
        ON_465.replace("smtps inet", "#smtps inet").replace("  -o", "#  -o")
    );
    assert_eq!(crate::check(&closed, &Postfix, &options).server.listeners.len(), 1);
    let master = "smtp inet n - n - - smtpd\nsmtps inet n - n - - smtpd\n  -o syslog_name=postfix/smtps\n  \
        -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n  \
        -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n";
    let usual = files(MAIN, master);
    let server = crate::check(&usual, &Postfix, &options).server;
    let listener = server.listeners.iter().find(|one| one.name == "smtps").cloned();
    let closed = edited(&usual, (Change::CloseListener, listener)).apply(&usual);
    let again = edited(&closed, (Change::OpenForUsers { port: 465 }, None)).apply(&closed);
    assert_eq!(texts(&again), texts(&usual));
}

#[test]
fn a_print_out_gets_commands() {
    let printed = |by: &str| SourceKind::Printed { by: by.to_owned() };
    let mut sources = Sources::new();
    sources.add(Source::new("postconf-n.txt", MAIN, printed("postconf -n")));
    let master = ON_465.replace("    # the users\n", "").replace("\n\n", "\n");
    sources.add(Source::new("postconf-M.txt", &master, printed("postconf -M")));
    let plan = plan(&sources, &Postfix, &options("3.7"), To::Starttls);
    assert!(plan.is_whole(), "{}", why(&plan));
    let commands = |kind| {
        let stage = plan.stages.iter().find(|stage| stage.kind == kind);
        let step = stage.and_then(|stage| stage.step.as_ref());
        step.map(|step| step.commands().collect::<Vec<_>>())
            .unwrap_or_default()
            .join("\n")
    };
    assert!(commands(StageKind::Ready).starts_with("postconf -M 'submission/inet=submission inet n - n - - smtpd'"));
    assert!(
        commands(StageKind::BrownOut)
            .starts_with("postconf -P 'smtps/inet/smtpd_recipient_restrictions=check_client_access")
    );
    assert_eq!(commands(StageKind::Close), "postconf -M# 'smtps/inet'");
}

#[test]
fn the_wanted_port_is_made_as_strict_as_the_other() {
    let loose = ON_465.replace(
        "pickup unix",
        "submission inet n - n - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  \
         -o smtpd_client_restrictions=permit_sasl_authenticated,reject\npickup unix",
    );
    let plan = made(MAIN, &loose, "3.7", To::Starttls);
    assert!(plan.is_whole(), "{}", why(&plan));
    assert!(inserted(&plan, StageKind::Ready).contains("smtpd_tls_security_level=encrypt"));
    let costs: Vec<_> = plan.stages[1]
        .step
        .iter()
        .flat_map(|step| step.impact.spoken())
        .collect();
    assert!(
        costs
            .iter()
            .all(|cost| cost.contains("port 587") && (cost.contains("without TLS") || cost.contains("TLS 1.1")))
            && !costs.is_empty(),
        "{costs:?}"
    );
}

#[test]
fn a_plan_stops_where_a_gate_is_not_met() {
    let none = made(MAIN, "smtp inet n - n - - smtpd\n", "3.7", To::Both);
    assert!(
        none.stages.is_empty() && why(&none).contains("neither port 587 nor port 465"),
        "{}",
        why(&none)
    );
    let there = made(MAIN, ON_465, "3.7", To::Implicit);
    assert!(
        there.stages.is_empty() && why(&there).contains("already"),
        "{}",
        why(&there)
    );
    let proxied = ON_465.replace(
        "wrappermode=yes\n",
        "wrappermode=yes\n  -o smtpd_upstream_proxy_protocol=haproxy\n",
    );
    let proxied = made(MAIN, &proxied, "3.7", To::Starttls);
    assert!(
        proxied.stages.len() <= 1 && why(&proxied).contains("proxy"),
        "{}",
        why(&proxied)
    );
    let template = ON_465
        .replace("smtps inet", "{% if users %}\nsmtps inet")
        .replace("pickup unix", "{% endif %}\npickup unix");
    let template = made(MAIN, &template, "3.7", To::Starttls);
    assert!(!template.is_whole() && template.stages.len() <= 1, "{}", why(&template));
    let differs = ON_465.replace(
        "pickup unix",
        "submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\npickup unix",
    );
    let main = format!("{MAIN}mynetworks = 192.0.2.0/24\n");
    let differs = made(&main, &differs, "3.7", To::Starttls);
    assert!(!differs.is_whole() && differs.stages.len() == 2, "{:?}", differs.gates);
}

#[test]
fn both_ports_close_nothing() {
    let plan = made(MAIN, ON_465, "3.7", To::Both);
    assert!(plan.is_whole(), "{}", why(&plan));
    let kinds: Vec<StageKind> = plan.stages.iter().map(|stage| stage.kind).collect();
    assert_eq!(
        kinds,
        [
            StageKind::Inventory,
            StageKind::Ready,
            StageKind::Evidence,
            StageKind::Advertise,
            StageKind::Afterwards
        ]
    );
    assert!(
        plan.stages[3].dns[0].ends_with("IN SRV 0 1 465 mail.example.org."),
        "{:?}",
        plan.stages[3].dns
    );
}

#[test]
fn whoever_speaks_old_versions_alone_is_told_of_before_users_move() {
    let sentence = "clients that speak only TLS 1.0 and TLS 1.1 cannot connect with TLS";
    let said = |main: &str| {
        let plan = made(main, ON_465, "3.5", To::Starttls);
        assert!(plan.is_whole(), "{}", why(&plan));
        let to_check = plan.gates.iter().filter(|gate| gate.met.is_none());
        let gates = to_check.filter(|gate| gate.why.contains(sentence)).count();
        let stage = plan.stages.iter().find(|stage| stage.kind == StageKind::Move);
        let actions = stage.map(|stage| stage.actions.join("\n")).unwrap_or_default();
        (gates, actions.contains(sentence))
    };
    assert_eq!(said(&MAIN.replace(", !TLSv1, !TLSv1.1", "")), (1, true));
    assert_eq!(said(MAIN), (0, false));
}

#[test]
fn a_plan_for_dovecot_is_about_its_own_doors() {
    let text = "protocols = imap submission\nhostname = mail.example.org\nssl = required\nssl_cert = </c.pem\nssl_key = </k.pem\n\
        ssl_min_protocol = TLSv1.2\nsubmission_relay_host = 192.0.2.25\nservice submission-login {\n  inet_listener submission {\n    \
        port = 587\n  }\n}\n";
    let mut options = Options::default();
    assert_eq!(options.target.add("dovecot=2.3.19"), Ok(()));
    let mut sources = Sources::new();
    sources.add(Source::new("dovecot.conf", text, SourceKind::Authored));
    let plan = plan(&sources, &Dovecot, &options, To::Implicit);
    assert_eq!(why(&plan), "");
    let door = inserted(&plan, StageKind::Ready);
    assert!(door.contains("port = 465") && door.contains("ssl = yes"), "{door}");
    let log = inserted(&plan, StageKind::Evidence);
    assert!(log.contains("session=<%{session}> %k lport=%a"), "{log}");
    assert_eq!(inserted(&plan, StageKind::Close).trim(), "0");
    let said = told(&plan);
    // Whoever reads mail does not hand it in there, nothing listens at 25, and nothing becomes a comment.
    for foreign in ["port 143", "port 25", "as comments"] {
        assert!(!said.contains(foreign), "{said}");
    }
    let postfix = made(MAIN, ON_465, "3.7", To::Starttls);
    let said = told(&postfix);
    assert!(said.contains("The lines stay as comments"), "{said}");
}
