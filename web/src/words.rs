//! The sentences of the page that do not come from the core. Words that stand for one value stand beside it.

use smtplint_core::facts::{Circumstance, Role};
use smtplint_core::finding::Severity;
use smtplint_core::migrate::To;
use smtplint_core::policy::Prefer;
use yew::AttrValue;

pub(crate) const TAGLINE: &str = "What a stranger could do with your mail server, read from its own configuration.";
pub(crate) const PRIVACY: &str = "Nothing you paste leaves this browser. The page may load parts of itself; every other connection is forbidden to it, and your browser enforces it.";

pub(crate) const TEXT_HEADING: &str = "Your configuration";
pub(crate) const TEXT_LABEL: &str = "Text of main.cf and master.cf";
pub(crate) const TEXT_HINT: &str = "Paste main.cf and master.cf, or drop the files anywhere on this page. The server's certificate may stand beside them.";
pub(crate) const ADVICE_HEADING: &str = "Advice";

pub(crate) const SAMPLES_LABEL: &str = "Sample";
pub(crate) const SAMPLES_NONE: &str = "choose…";
pub(crate) const AND: &str = " and ";
pub(crate) const AS_RECOGNISED: &str = "as recognised";
pub(crate) const AS_TEXT_SAYS: &str = "as the text says";
pub(crate) const SERVER_LABEL: &str = "Read as";
pub(crate) const POLICY_LABEL: &str = "Judged by";
pub(crate) const PREFER_LABEL: &str = "Users are wanted on";
pub(crate) const KEEP_LABEL: &str = "Keep the text in this tab when the page is loaded again";
pub(crate) const FILES_LABEL: &str = "Files in the text";
pub(crate) const RELEASE_LABEL: &str = "Release";
pub(crate) const RELEASE_UNKNOWN: &str = "not known";
pub(crate) const OPEN: &str = "Open files…";
pub(crate) const CLEAR: &str = "Clear";

pub(crate) const COPY: &str = "Copy";
pub(crate) const COPIED: &str = "Copied";
pub(crate) const NOT_COPIED: &str = "Select and copy by hand";

pub(crate) const NOT_FETCHED: &str =
    "A part of this page has not arrived, and was needed for that. Your text is untouched.";
pub(crate) const AGAIN: &str = "Try again";

pub(crate) const WAITING: &str = "Waiting for a configuration.";
pub(crate) const NOT_RECOGNISED: &str = "This text is not recognised.";
pub(crate) const UNDERSTOOD: &str =
    "Understood are Postfix's main.cf and master.cf, whole or in part, and what postconf prints.";
pub(crate) const HOW: &str =
    "On the server, these two commands print what Postfix is told. Paste what they print, the one after the other.";
pub(crate) const COMMANDS: &str = "postconf -n\npostconf -Mf";
pub(crate) const SECRETS: &str = "Passwords that stand in the text are masked before anything is shown of it.";
pub(crate) const TRY: &str = "Or look at a sample first";

pub(crate) const LISTENERS_HEADING: &str = "What each port does";
pub(crate) const ANSWERS_HEADING: &str = "In short";
pub(crate) const WAYS: &str = "The way of a client through each port";
pub(crate) const NO_LISTENERS: &str = "The text starts no service that takes mail from the network.";
pub(crate) const FINDINGS_HEADING: &str = "Findings";
pub(crate) const NARROW: &str = "Show only some";
pub(crate) const EVERY: &str = "all";
pub(crate) const FILTER_SEVERITY: &str = "Severity";
pub(crate) const FILTER_GROUP: &str = "About";
pub(crate) const FILTER_LISTENER: &str = "Port";
pub(crate) const NONE_SHOWN: &str = "No finding is like that.";
pub(crate) const QUESTIONS_HEADING: &str = "Open questions";
pub(crate) const QUESTIONS_WHY: &str =
    "What the text does not tell, and the command that does. Each answer settles more of the advice.";
pub(crate) const ASSUMED: &str = "Taken for granted";
/// Above what is said of comments that ignore something.
pub(crate) const BESIDES: &str = "Besides";
pub(crate) const REST_HEADING: &str = "More";
pub(crate) const SOURCES: &str = "Sources";
pub(crate) const PASSED_WHY: &str = "Looked for, and not found:";
pub(crate) const NO_SUBJECT: &str = "Nothing for these rules to look at";
pub(crate) const JSON_HEADING: &str = "The report as JSON, for programs";
pub(crate) const COPY_REPORT: &str = "Copy as Markdown";
pub(crate) const COPY_LINK: &str = "Copy a link to this";
pub(crate) const TAKE_HTML: &str = "Download as HTML";
pub(crate) const TAKE_JSON: &str = "Download as JSON";
pub(crate) const TAKE_SARIF: &str = "Download as SARIF";
pub(crate) const REPORT_COPIED: &str = "The report is copied.";
pub(crate) const REPORT_TAKEN: &str = "The report is handed to the browser as a download.";
pub(crate) const LINK_COPIED: &str =
    "The link is copied. The text is in it, without passwords and keys: whoever has the link can read the rest.";
pub(crate) const LINK_NOT_COPIED: &str = "This browser lets nothing be copied here.";
pub(crate) const LINK_TOO_LONG: &str = "This text is too long for a link.";
pub(crate) const REPORT_NOT_TAKEN: &str = "This browser lets nothing be downloaded here.";
pub(crate) const LINK_FOREIGN: &str = "This link was made by another release of smtplint, and was not followed.";
pub(crate) const LINK_BROKEN: &str = "The text in this link is damaged, or too large. It was not taken.";
pub(crate) const LINK_TO_RULE: &str = "Link to this rule";
pub(crate) const PANELS: &str = "Look up and plan";
pub(crate) const ASK_RULES: &str = "Rules and errors";
pub(crate) const ASK_CIPHERS: &str = "Cipher strings";
pub(crate) const ASK_PLAN: &str = "Move between 465 and 587";
pub(crate) const INDEX_HEADING: &str = "Rules and error messages";
pub(crate) const INDEX_WHY: &str =
    "Look for a word among all rules, or paste a line of a log or of a mail program that failed.";
pub(crate) const INDEX_LABEL: &str = "Word, or line of an error";
pub(crate) const INDEX_HINT: &str = "Relay access denied";
pub(crate) const ERROR_KNOWN: &str = "This message is known.";
pub(crate) const IN_YOUR_TEXT: &str = "What explains it in your text";
pub(crate) const RULES_ABOUT_IT: &str = "Rules about it";
pub(crate) const PICTURE: &str = "What it changes at the ports";
pub(crate) const BEFORE: &str = "Before";
pub(crate) const AFTER: &str = "After";
pub(crate) const NOT_SERVED: &str = "nobody is served";
pub(crate) const CLOSE: &str = "Close";
pub(crate) const GOOD_EXAMPLE: &str = "Good";
pub(crate) const BAD_EXAMPLE: &str = "Bad";
pub(crate) const UNKNOWN: &str = "?";

pub(crate) const CIPHERS_HEADING: &str = "What a cipher string means";
pub(crate) const CIPHERS_WHY: &str = "A library passes over what it does not know, and says nothing. Here each word says what it does, and what is left.";
pub(crate) const CIPHERS_LABEL: &str = "Cipher string";
pub(crate) const CIPHERS_HINT: &str = "HIGH:!aNULL";
pub(crate) const LIBRARY_LABEL: &str = "Read by";
pub(crate) const LEVEL_LABEL: &str = "Security level before it";
pub(crate) const NO_STRING: &str = "Waiting for a string.";
pub(crate) const EFFECTS: &str = "Word by word";
pub(crate) const OFFERED: &str = "Offered, in order";
pub(crate) const GROUPS: &str = "Groups";
pub(crate) const SIGNATURES: &str = "Signatures";

/// Before the question or the cause, where the number of suites would stand.
pub(crate) const SUITES: &str = "Cipher suites";
pub(crate) const NO_SUITE: &str = "No cipher suite";
pub(crate) const NOT_EVERYWHERE: &str = "not in every release";
pub(crate) const STRING: &str = "What Postfix hands to OpenSSL";
pub(crate) const EXPLAIN_STRING: &str = "word by word";

pub(crate) const SHOW_CHANGE: &str = "Show the change";
pub(crate) const HIDE_CHANGE: &str = "Hide the change";
pub(crate) const CHANGE: &str = "The change";
pub(crate) const APPLY: &str = "Apply to the text";
pub(crate) const COSTS: &str = "Costs";
pub(crate) const COSTS_NOBODY: &str = "It costs nobody anything.";
pub(crate) const REVEALS: &str = "Brings to light";
pub(crate) const THEN: &str = "Afterwards, to make it effective:";
pub(crate) const NOT_MENDED: &str = "There is no change to show, because";
pub(crate) const NO_LINE_CURES: &str = "no line of the configuration cures it by itself";
pub(crate) const NOT_UNDONE: &str = "Not undone: lines of the last change, or beside it, were changed since. Your text stays as it is; change them back by hand.";
pub(crate) const CHANGED: &str = "What was changed, and files to take home";
pub(crate) const NO_FILE_CHANGED: &str = "No file differs from what it was.";
pub(crate) const TAKE_PATCH: &str = "Download the patch";
pub(crate) const PATCH_NAME: &str = "smtplint.patch";

pub(crate) const PLAN_HEADING: &str = "Move users between 465 and 587";
pub(crate) const PLAN_WAITING: &str = "Waiting for a configuration: paste it first, then plan the move.";
pub(crate) const TARGET_LABEL: &str = "Users are to be on";
pub(crate) const DOMAIN_LABEL: &str = "Domain of the users";
pub(crate) const DOMAIN_HINT: &str = "example.org";
pub(crate) const HOST_LABEL: &str = "Name of the server";
pub(crate) const IMAP_LABEL: &str = "IMAP server, for the files";
pub(crate) const IMAP_HINT: &str = "HOST or HOST:PORT";
pub(crate) const NO_DOMAIN: &str = "the domain of the users is needed for the files: say it above";
pub(crate) const SAY_IMAP: &str = "Say the IMAP server above.";
pub(crate) const EVIDENCE_WHY: &str = "Who has to move? On the server, `smtplint usage --format json > usage.json` counts the log. Drop that file here, and the plan has names.";
pub(crate) const CHOOSE_EVIDENCE: &str = "Choose usage.json…";
pub(crate) const FORGET_EVIDENCE: &str = "Without evidence";
pub(crate) const COPY_PLAN: &str = "Copy the plan as Markdown";
pub(crate) const PRINT: &str = "Print the plan";
pub(crate) const TICKS_NOT_KEPT: &str = "This browser keeps nothing for this page: the ticks last until it is closed.";
pub(crate) const GATES: &str = "What has to be so";
pub(crate) const GATE_MET: &str = "Met";
pub(crate) const GATE_UNMET: &str = "Not met";
pub(crate) const GATE_OPEN: &str = "To check";
pub(crate) const OPTIONAL: &str = "optional";
pub(crate) const DO: &str = "Do";
pub(crate) const ZONE: &str = "In the zone";
pub(crate) const TYPED: &str = "A person types";
pub(crate) const PUBLISH: &str = "Files to publish";
pub(crate) const CHECK: &str = "Check";
pub(crate) const SHOWS: &str = "shows";
pub(crate) const COPY_COMMAND: &str = "Copy the command";
pub(crate) const COPY_COMMANDS: &str = "Copy the commands";
pub(crate) const DONE_WHEN: &str = "Done when";
pub(crate) const ROLL_BACK: &str = "Roll back";
pub(crate) const STAGE_MADE: &str = "The text has this change.";
pub(crate) const STAGE_LATER: &str =
    "The text is not as this change needs it: apply the stages before it, and take a trial back.";

/// A release, as `--target` takes it.
pub(crate) fn release(release: &str) -> String {
    let Some((name, number)) = release.split_once('=') else {
        return RELEASE_UNKNOWN.to_owned();
    };
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("{name} {number}")
}

/// The head over what is said beside the text.
pub(crate) fn judged_as(servers: &str, policy: &str, prefer: Prefer) -> String {
    let prefer = if prefer == Prefer::Both {
        String::new()
    } else {
        format!(", {PREFER_LABEL} {}", prefer.word()).to_ascii_lowercase()
    };
    format!("Read as {servers}, judged by {policy}{prefer}")
}

/// Which of the two ports is wanted.
pub(crate) fn prefer(prefer: Prefer) -> &'static str {
    target(match prefer {
        Prefer::Both => To::Both,
        Prefer::Implicit => To::Implicit,
        Prefer::Starttls => To::Starttls,
    })
}

/// The list that gives a port a role.
pub(crate) fn role_of(port: &str) -> AttrValue {
    format!("{port} is for").into()
}

/// As bad as this, or worse.
pub(crate) fn or_worse(severity: Severity) -> String {
    match severity {
        Severity::Critical => severity.word().to_owned(),
        _ => format!("{} or worse", severity.word()),
    }
}

/// How many findings are shown.
pub(crate) fn shown(shown: usize, all: usize) -> String {
    format!("{shown} of {all} shown")
}

/// How many rules have what is looked for.
pub(crate) fn rules_found(found: usize, all: usize) -> String {
    match found {
        0 => "No rule has that, and the message is not known.".to_owned(),
        found if found == all => format!("{all} rules"),
        found => format!("{found} of {all} rules"),
    }
}

/// What was left in a folder.
pub(crate) fn left_out(left_out: usize, all: usize) -> String {
    let read = all - left_out;
    format!("Of {all} files in folders {read} were read; the others are no mail server's configuration.")
}

/// Where users are to be.
pub(crate) fn target(to: To) -> &'static str {
    match to {
        To::Both => "465 and 587",
        To::Implicit => "465, implicit TLS",
        To::Starttls => "587, STARTTLS",
    }
}

/// A stage by its number.
pub(crate) fn stage(number: usize) -> String {
    format!("Stage {number}")
}

/// The box that ticks a stage off.
pub(crate) fn stage_done(number: usize) -> String {
    format!("Stage {number} is done")
}

/// How far somebody is.
pub(crate) fn stages_done(done: usize, all: usize) -> String {
    format!("{done} of {all} stages done. The ticks are kept in this browser, for this configuration.")
}

/// A log that was counted.
pub(crate) fn evidence(name: &str, users: usize) -> String {
    match users {
        1 => format!("{name}: 1 user with a name."),
        users => format!("{name}: {users} users with names."),
    }
}

/// Why a file is no evidence.
pub(crate) fn no_evidence(name: &str, why: &str) -> String {
    format!("{name} is not what `smtplint usage --format json` prints ({why}).")
}

/// Why a file was not taken.
pub(crate) fn evidence_too_large(name: &str) -> String {
    format!("{name} is larger than 50 MB. It was not read.")
}

/// The button that makes every change which costs nobody anything.
pub(crate) fn apply_all(count: usize) -> String {
    match count {
        1 => "Apply the 1 change that costs nobody anything".to_owned(),
        count => format!("Apply all {count} changes that cost nobody anything"),
    }
}

/// What that change is called.
pub(crate) fn mended(count: usize) -> String {
    match count {
        1 => "1 change that costs nobody anything".to_owned(),
        count => format!("{count} changes that cost nobody anything"),
    }
}

/// The button that takes the last change back.
pub(crate) fn undo(count: usize) -> String {
    format!("Undo ({count})")
}

/// The last change that was made.
pub(crate) fn done(title: &str) -> String {
    format!("Applied: {title}")
}

/// The button that downloads a file.
pub(crate) fn take(path: &str) -> String {
    format!("Download {path}")
}

/// How the patch is used.
pub(crate) fn how_to_patch(command: &str) -> String {
    format!("On the server: `{command} < {PATCH_NAME}`")
}

/// Where a change is.
pub(crate) fn line(line: usize) -> String {
    format!("line {line}")
}

/// How many suites a listener offers, from the fewest to the most.
pub(crate) fn suites((fewest, most): (usize, usize)) -> String {
    match (fewest, most) {
        (0, 0) => "No cipher suite".to_owned(),
        (1, 1) => "1 cipher suite".to_owned(),
        _ if fewest == most => format!("{most} cipher suites"),
        _ => format!("{fewest} to {most} cipher suites"),
    }
}

/// A security level of OpenSSL, with whoever sets it.
pub(crate) fn level(level: u8) -> String {
    let whose = match level {
        0 => ", as in Postfix",
        2 => ", as in Debian",
        _ => "",
    };
    format!("{level}{whose}")
}

/// When clients get something else than they usually do.
pub(crate) fn circumstance(when: Circumstance) -> &'static str {
    match when {
        Circumstance::FirstContact => "at first contact",
        Circumstance::Ipv6 => "by IPv6",
    }
}

/// The sentence for a program that has stopped.
pub(crate) fn broken(place: &str) -> String {
    format!(
        "smtplint has stopped because of a mistake of its own ({place}). Your text is still in the field: copy it, \
         then reload the page. Nothing has left the browser."
    )
}

/// For whom a listener is.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Mx => "other mail servers",
        Role::Submission | Role::Mailbox => "your users",
        Role::Internal => "this machine",
        Role::Unknown => "not clear",
    }
}

/// What a severity means.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "passwords or the server are open to anyone",
        Severity::High => "somebody can be harmed",
        Severity::Medium => "somebody can be harmed under circumstances",
        Severity::Low => "better otherwise",
        Severity::Info => "good to know",
    }
}

/// What a mark in the margin says to those who do not see it.
pub(crate) fn mark(line: usize, severity: Severity, findings: usize, title: &str) -> String {
    let more = match findings {
        0 | 1 => String::new(),
        2 => ", and one more finding".to_owned(),
        more => format!(", and {} more findings", more - 1),
    };
    format!("line {line}, {}: {title}{more}", severity.word())
}

/// How many rules are content.
pub(crate) fn passed(count: usize) -> String {
    match count {
        1 => "1 rule found nothing".to_owned(),
        count => format!("{count} rules found nothing"),
    }
}

/// How many questions are left out above.
pub(crate) fn more_questions(count: usize) -> String {
    match count {
        1 => "1 more question".to_owned(),
        count => format!("{count} more questions"),
    }
}

/// Why a dropped file was not taken.
pub(crate) fn too_large(name: &str) -> String {
    format!("{name} is larger than 1 MB: a configuration is not. It was not read.")
}

/// Why a dropped file was not taken.
pub(crate) fn not_text(name: &str) -> String {
    format!("{name} is not text. It was not read.")
}

/// Why a dropped file was not taken.
pub(crate) fn unreadable(name: &str) -> String {
    format!("{name} could not be read.")
}
