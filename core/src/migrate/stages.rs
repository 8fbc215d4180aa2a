//! The stages, in the words of the plan.

use super::commands::security;
use super::ports::{PORTS, at, in_use, other};
use super::step::Step;
use super::{Check, Course, Plan, Stage, StageKind, To, afterwards, elsewhere, gates};
use crate::change::Change;
use crate::facts::{Listener, Server};
use crate::impact::{Loss, Who};
use crate::patch::Wish;
use crate::report::Report;
use crate::report::merge::enumerated;
use crate::source::Sources;

/// What is to be said of the wish itself.
pub(super) fn answer(to: To) -> &'static str {
    match to {
        To::Starttls => {
            "Port 465 with implicit TLS is what RFC 8314 recommends: since 2018 it is registered again, as `submissions`, and \
             whoever leaves it gains no security. Keep both ports where you can (`--to both`), and go through with this only \
             for a reason that you can name, such as a provider, a device, a firewall or a contract that knows 587 alone."
        }
        To::Implicit => {
            "This is the way that RFC 8314 recommends: TLS from the first byte leaves no answer in clear that somebody on the \
             way could change. Keep 587 with required STARTTLS beside it for clients that know nothing else, as RFC 5068 \
             asks; so the stage that closes it is yours to leave out."
        }
        To::Both => {
            "Both ports with the same rules are what RFC 8314 §3.3 asks for: nobody has to change ports, and none is closed. \
             New clients are told of 465 first, because TLS from the first byte is the form to prefer (RFC 8314 §4.5.2)."
        }
    }
}

pub(super) fn said(sentences: &[&str]) -> Vec<String> {
    sentences.iter().map(|&sentence| sentence.to_owned()).collect()
}

pub(super) fn stage(kind: StageKind, title: impl Into<String>) -> Stage {
    Stage {
        number: 0,
        kind,
        title: title.into(),
        is_optional: false,
        actions: Vec::new(),
        step: None,
        dns: Vec::new(),
        clients: Vec::new(),
        checks: Vec::new(),
        done_when: String::new(),
        roll_back: String::new(),
    }
}

/// How a change is taken back.
pub(super) fn back(course: &Course<'_>, step: &Step) -> String {
    match step.commands().next() {
        None => format!(
            "Take the patch back, then `{}`: the files are byte for byte as they were.",
            course.reload
        ),
        Some(_) => format!("Put the copy of stage 0 back, then `{}`.", course.reload),
    }
}

/// Stage 0.
pub(super) fn inventory(course: &Course<'_>, before: &Report) -> Stage {
    let ports: Vec<String> = [587, 465]
        .into_iter()
        .flat_map(|port| in_use(&before.server, port))
        .map(Listener::spoken)
        .collect();
    let mut actions = vec![format!("Users send through {} today.", enumerated(&ports))];
    actions.extend(said(&[
        "Write down why you move, and list what sends mail here: accounts, phones, printers, programs on servers, the help pages.",
        "In all commands put your own words in the place of those in capitals.",
        "Keep a copy of the configuration, best in a version control system.",
        "Lower the TTL of the SRV records to 300 seconds, if you have any, and wait until the old TTL has passed.",
    ]));
    let look = Check {
        command: "smtplint check".to_owned(),
        shows: "what else is to be mended; keep its output with the copy".to_owned(),
    };
    let mut checks = vec![look];
    checks.extend(course.look_up("the records that programs find today, with their TTL in the second column"));
    Stage {
        actions,
        checks,
        done_when: "The copy and the list are kept, and the TTLs are short.".to_owned(),
        roll_back: "Nothing was changed that matters to anybody.".to_owned(),
        ..stage(StageKind::Inventory, "See what there is")
    }
}

/// Stage 1.
pub(super) fn ready(course: &Course<'_>, step: Option<Step>, server: &Server, unmet: usize) -> Stage {
    let wanted = course.to.wanted();
    let named: Vec<String> = wanted.iter().map(|port| format!("port {port}")).collect();
    let named = enumerated(&named);
    let mut actions = match &step {
        Some(_) => vec![
            "Apply the patch: it opens what is missing, with the same rules for users as at the port they use today, and makes \
             TLS a must."
                .to_owned(),
            format!("Make it effective: `{}`.", course.reload),
            format!("Open {named} in the firewall, for IPv4 and IPv6 alike."),
        ],
        None if unmet > 0 => vec![format!(
            "Change what keeps {named} from being ready, as said above under what is not met. No patch for it can be written here: what \
             `smtplint check` says of these ports, and `smtplint fix`, go further."
        )],
        None => vec![format!(
            "Nothing is to be changed: {named} {} as strict as it has to be.",
            if wanted.len() == 1 { "is" } else { "are" }
        )],
    };
    if step.as_ref().is_some_and(|step| !step.impact.is_none()) {
        let first = "The patch also shuts somebody out, as said below. First see in the log who that is (stage 2 has the command, and what \
             the log must tell), and help them to change their settings.";
        actions.insert(0, first.to_owned());
    }
    // A port without a number in the files may be that one.
    if server
        .listeners
        .iter()
        .any(|one| one.known_port().is_none_or(|port| port == 25))
    {
        actions.push("Leave port 25 as it is: other servers deliver there, also those without TLS.".to_owned());
    }
    Stage {
        actions,
        checks: wanted.iter().flat_map(|port| course.try_port(*port, server)).collect(),
        done_when: format!("Every command shows what it has to, from outside as well, on {named}."),
        roll_back: match &step {
            Some(step) if step.impact.is_none() => {
                format!("{} Whoever sends today is not concerned.", back(course, step))
            }
            Some(step) => back(course, step),
            None => "Nothing was changed.".to_owned(),
        },
        step,
        ..stage(StageKind::Ready, format!("Make {named} ready"))
    }
}

/// Everything behind stage 1.
pub(super) fn onwards(course: &Course<'_>, plan: &mut Plan, text: Sources, now: Report) {
    let (evidence, text, now) = evidence(course, text, now);
    plan.stages.push(evidence);
    plan.stages.push(advertise(course, &now.server));
    let mut end = (text, now);
    let (text, now) = &end;
    let mut closed = None;
    if let (Some(left), [wanted]) = (course.to.left(), course.to.wanted()) {
        plan.stages.push(move_clients(course, &now.server, left, *wanted));
        plan.stages.push(brown_out(course, text, now, left, *wanted));
        let (stage, after) = close(course, text, now, left, *wanted);
        plan.stages.push(stage);
        closed = after;
    }
    plan.ready = Some(now.server.clone());
    if let Some(after) = closed {
        plan.closed = Some(after.1.server.clone());
        end = after;
    }
    plan.stages
        .push(afterwards::stage(course, &plan.before, &end.0, &end.1));
}

/// The names of the users' services in the log, each with its port.
fn log_names(server: &Server) -> Vec<(&str, u16)> {
    let mut names = Vec::new();
    for port in PORTS {
        names.extend(at(server, port).filter_map(|one| Some((one.log.name.known()?.as_str(), port))));
    }
    names.dedup();
    names
}

fn evidence(course: &Course<'_>, text: Sources, now: Report) -> (Stage, Sources, Report) {
    let mut wishes: Vec<Wish> = Vec::new();
    for listener in PORTS.into_iter().flat_map(|port| at(&now.server, port)) {
        let name = listener.log.name.known();
        let others = now.server.listeners.iter().filter(|other| other.id != listener.id);
        let mut others = others.map(|other| other.log.name.known());
        if others.any(|other| other == name) {
            wishes.push((Change::NameInLog, Some(listener.clone())));
        }
        if listener.session.tls_log.known() == Some(&0) {
            wishes.push((Change::LogTls, Some(listener.clone())));
        }
    }
    let made = match wishes.as_slice() {
        [] => None,
        _ => Some(course.step(&text, &now, &wishes, &|_| false)),
    };
    let mut actions = Vec::new();
    let mut roll_back = "Nothing was changed.".to_owned();
    let mut shows = "each user with the ports they used and the version of TLS";
    let (step, text, now) = match made {
        None => {
            actions
                .push("The log tells the ports apart already, and keeps a line for each session under TLS.".to_owned());
            (None, text, now)
        }
        Some(Ok((step, now))) => {
            actions.push(
                "Apply the patch: each port gets a name of its own in the log, and each session under TLS a line."
                    .to_owned(),
            );
            actions.push(format!("Make it effective: `{}`.", course.reload));
            roll_back = back(course, &step);
            let text = step.after.clone();
            (Some(step), text, now)
        }
        Some(Err(why)) => {
            shows = "each user, with the ports and the versions of TLS as far as the log tells them";
            actions.push(format!(
                "The log cannot be made to tell the ports apart by a patch: {why}."
            ));
            (None, text, now)
        }
    };
    actions.push(
        "Wait for thirty days with the end of a month in it: printers, backups and yearly jobs send seldom.".to_owned(),
    );
    let names = log_names(&now.server);
    let checks = vec![Course::count(&names, shows)];
    let stage = Stage {
        actions,
        step,
        checks,
        done_when: "You have a list of who uses which port, by user.".to_owned(),
        roll_back,
        ..stage(StageKind::Evidence, "See who uses what")
    };
    (stage, text, now)
}

/// What a person chooses for a port.
fn settings(course: &Course<'_>, port: u16) -> Vec<String> {
    let security = match port {
        465 => "SSL/TLS (not STARTTLS)".to_owned(),
        _ => "STARTTLS, required (never \"if available\", \"auto\" or \"none\")".to_owned(),
    };
    vec![
        format!("Outgoing server (SMTP): {}", course.host),
        format!("Port: {port}"),
        format!("Connection security: {security}"),
        "Authentication: normal password".to_owned(),
        "User name and password: as for reading mail, or as they were".to_owned(),
    ]
}

fn advertise(course: &Course<'_>, server: &Server) -> Stage {
    let first = course.to.wanted().first().copied().unwrap_or(465);
    let second = other(first);
    let mut actions = vec![format!(
        "Publish port {first} ({}) first and port {second} ({}) second: SRV records, Thunderbird's autoconfig, Outlook's \
         autodiscover, Apple's profiles, the help pages.",
        security(first),
        security(second)
    )];
    actions.push(
        "`smtplint migrate --write FOLDER --domain DOMAIN` makes all of these files; some need `--imap HOST` as well."
            .to_owned(),
    );
    if first == 587 {
        actions.push(
            "RFC 8314 §4.5.2 wants 465 in front: this order departs from it on purpose, for the time of the move."
                .to_owned(),
        );
    }
    // Where nobody leaves a port there is no stage for it.
    if course.to.left().is_none() {
        actions.extend(elsewhere::told(course, server));
    }
    Stage {
        actions,
        dns: course.records(first, second),
        clients: settings(course, first),
        checks: course.look_up("the new order: the smaller priority is tried first"),
        done_when: format!("Accounts that are set up anew come by port {first}, as the log of stage 2 shows."),
        roll_back: "Publish the old order again.".to_owned(),
        ..stage(StageKind::Advertise, format!("Tell new clients of port {first} first"))
    }
}

fn move_clients(course: &Course<'_>, server: &Server, left: u16, wanted: u16) -> Stage {
    let mut actions: Vec<String> = course
        .evidence
        .map(|usage| elsewhere::who(usage, left))
        .into_iter()
        .collect();
    let stay = gates::cannot_move(course, server, left, wanted);
    if !stay.is_empty() {
        actions.push(format!(
            "Not everybody can move as they are: {}. Help them to something newer first, or leave port {left} open for them.",
            stay.join("; ")
        ));
    }
    actions.extend(said(&[
        "Go through the list of stage 2, user by user, and send each the settings below; set devices anew by hand.",
        "See that each program checks the certificate: a warning that is clicked away is the end of it.",
    ]));
    actions.extend(elsewhere::told(course, server));
    if wanted == 587 {
        actions.push(
            "Say \"STARTTLS, required\": with \"if available\" a program can be made to send in clear.".to_owned(),
        );
    }
    actions.push(format!(
        "Never lead port {left} to port {wanted} by NAT: one side would wait for TLS and the other for a greeting."
    ));
    let names = log_names(server);
    Stage {
        actions,
        clients: settings(course, wanted),
        checks: vec![Course::count(&names, format!("fewer users of port {left} each week"))],
        done_when: format!("Nobody uses port {left} any more, or only those on a list of exceptions."),
        roll_back: format!(
            "Whoever has trouble goes back to port {left} with {}: it works as before.",
            security(left)
        ),
        ..stage(
            StageKind::Move,
            format!("Move the clients from port {left} to port {wanted}"),
        )
    }
}

/// Only those may lose something who come by the port that is left.
fn loses_at(server: &Server, port: u16, loss: &Loss) -> bool {
    at(server, port).any(|one| one.id == loss.listener)
}

fn brown_out(course: &Course<'_>, text: &Sources, now: &Report, left: u16, wanted: u16) -> Stage {
    let told = format!(
        "Port {left} is about to close: set your mail program to port {wanted} with {}",
        security(wanted)
    );
    let wishes: Vec<Wish> = at(&now.server, left)
        .filter(|one| one.is_alive())
        .map(|one| (Change::BrownOut { text: told.clone() }, Some(one.clone())))
        .collect();
    let for_a_while = |loss: &Loss| loses_at(&now.server, left, loss) && loss.who != Who::Everybody;
    let made = course.step(text, now, &wishes, &for_a_while);
    let mut actions = vec![format!("Tell the users of port {left} the day and the hour.")];
    let (step, check, roll_back) = match made {
        Ok((mut step, refusing)) => {
            step.is_temporary = true;
            actions.extend([
                format!("Apply the patch, and make it effective: `{}`.", course.reload),
                format!("For an hour port {left} then answers `4xx` after the login. Mail programs keep the mail in their outbox and say so."),
                "Scanners, scripts and web forms often have no outbox: what they send in that hour may be lost. Look after those first."
                    .to_owned(),
                "Take the patch back after the hour. Another day do it for four hours, and then for a day.".to_owned(),
                "Whoever speaks up goes on the list of stage 4.".to_owned(),
            ]);
            let roll_back = back(course, &step);
            (Some(step), course.try_brown_out(left, &refusing.server), roll_back)
        }
        Err(why) => {
            actions.push(format!(
                "No patch is made for it: {why}. Close the port for an hour instead, as stage 6 does."
            ));
            (None, course.try_closed(left), "Open the port again.".to_owned())
        }
    };
    Stage {
        is_optional: true,
        actions,
        step,
        checks: vec![check],
        done_when: "A whole day passes and nobody is surprised.".to_owned(),
        roll_back,
        ..stage(StageKind::BrownOut, format!("Let port {left} refuse for an hour"))
    }
}

/// Entries that another one has overruled come to life when that one goes, and have to go as well.
fn closed(course: &Course<'_>, text: &Sources, now: &Report, left: u16) -> Result<(Step, Report), String> {
    let close = |text: &Sources, now: &Report| {
        let wishes: Vec<Wish> = at(&now.server, left)
            .map(|one| (Change::CloseListener, Some(one.clone())))
            .collect();
        course.step(text, now, &wishes, &|loss| loses_at(&now.server, left, loss))
    };
    let (mut step, mut after) = close(text, now)?;
    for _ in 0..now.server.overruled.len() {
        if at(&after.server, left).next().is_none() {
            break;
        }
        let (more, then) = close(&step.after, &after)?;
        step.append(more);
        after = then;
    }
    step.impact = course.impact(&now.server, &after.server);
    if let Some(one) = at(&after.server, left).next() {
        return Err(format!("{} would still be there", one.spoken()));
    }
    Ok((step, after))
}

/// The stage, and the text and what is to be said of it afterwards where a patch closes the port.
fn close(
    course: &Course<'_>,
    text: &Sources,
    now: &Report,
    left: u16,
    wanted: u16,
) -> (Stage, Option<(Sources, Report)>) {
    let made = closed(course, text, now, left);
    let mut actions = Vec::new();
    if left == 587 {
        actions.push(
            "RFC 5068 §3.1 asks for 587 where people send from other networks: leave this stage out unless you know that \
             nobody needs it."
                .to_owned(),
        );
    } else {
        actions.push("Nothing is gained in security by it: leave this stage out if you can.".to_owned());
    }
    actions.extend([
        format!("Take port {left} out of autoconfig, autodiscover and profiles, and publish the records below."),
        format!("Then wait for the old TTL: programs keep what they once looked up about port {left}."),
    ]);
    let (step, after, roll_back) = match made {
        Ok((step, report)) => {
            actions.extend([
                format!(
                    "Apply the patch of this stage without that of stage 5, and make it effective: `{}`.",
                    course.reload
                ),
                match step.comments_out() {
                    true => "The lines stay as comments: keep them for ninety days.",
                    false => "Keep the patch for ninety days: taken back, it opens the port again.",
                }
                .to_owned(),
            ]);
            let roll_back = format!("{} Publish the port again.", back(course, &step));
            let after = step.after.clone();
            (Some(step), Some((after, report)), roll_back)
        }
        Err(why) => {
            actions.push(format!("No patch is made for it: {why}."));
            (None, None, "Open the port again.".to_owned())
        }
    };
    actions.push(format!(
        "In the firewall let port {left} be rejected (REJECT, not DROP), so that programs are told at once."
    ));
    let stage = Stage {
        is_optional: true,
        actions,
        step,
        dns: course.records_without(wanted, left),
        checks: vec![course.try_closed(left)],
        done_when: format!(
            "The commands of stage 1 still show what they have to on port {wanted}, and fourteen days pass in which nobody asks."
        ),
        roll_back,
        ..stage(StageKind::Close, format!("Close port {left}"))
    };
    (stage, after)
}
