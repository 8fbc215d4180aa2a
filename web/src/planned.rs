//! A plan of one text: its changes as texts, and what programs are told on the way.

use sha2::{Digest, Sha256};
use smtplint_core::clients::{self, ClientSettings, HostName, Incoming, Wanted};
use smtplint_core::file_change::Patched;
use smtplint_core::migrate::{self, Plan, Stage, StageKind, To};
use smtplint_core::source::{Source, Sources};
use smtplint_core::usage::Usage;
use yew::AttrValue;

use crate::check::Checked;
use crate::proposal::{self, Judge};
use crate::settings::Settings;
use crate::ways::{self, Changed};

/// What a person says of the move.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Course {
    /// Where to.
    pub(crate) to: To,
    /// The domain of the users; empty as long as it is what the configuration says.
    pub(crate) domain: AttrValue,
    /// The name by which clients find the server; empty as long as it is what the configuration says.
    pub(crate) host: AttrValue,
    /// Where mail is read, as `HOST` or `HOST:PORT`; may be empty.
    pub(crate) imap: AttrValue,
}

/// How far the text is with a stage's change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It can be made now.
    Next,
    /// It is made.
    Made,
    /// Changes of stages before it come first.
    Later,
}

/// What a plan says of one stage: where it is the same, the stage is the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) stage: StageKind,
    /// Where to, and of which server.
    of: (To, String),
    /// In order.
    words: Vec<String>,
}

/// A change of the whole text.
#[derive(Debug)]
struct Turn {
    before: AttrValue,
    after: AttrValue,
}

/// The plan, and what comes of it.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    /// Of each stage.
    pub(crate) patches: Vec<Patched>,
    /// Of each stage that changes something.
    turns: Vec<Option<Turn>>,
    /// What programs are told, by the number of the stage; or why there is nothing to tell.
    pub(crate) settings: Result<Vec<(usize, ClientSettings)>, String>,
    /// The domain, as it was said or as the configuration has it.
    pub(crate) domain: AttrValue,
    /// What is wrong with what was said, one sentence each.
    pub(crate) wrong: Vec<String>,
    /// Under these names ticks are kept: for the text, and for what the plan itself makes of it.
    pub(crate) keys: Vec<String>,
    /// What the plan is for.
    said: Settings,
    /// Of each stage, the ports that are otherwise after its change.
    pub(crate) ways: Vec<Changed>,
}

impl Planned {
    /// Plans the move; `None` when no dialect knows the text.
    pub(crate) fn new(checked: &Checked, course: &Course, evidence: Option<&Usage>) -> Option<Planned> {
        let judge = Judge::of(checked)?;
        let mut wrong = Vec::new();
        let mut options = judge.options.clone();
        let sources = as_files(&checked.sources);
        let host = said::<HostName>(&course.host, &mut wrong);
        options.target.published_name = host.as_ref().map(ToString::to_string);
        let mut plan = migrate::plan_with(&sources, judge.dialect, &options, course.to, evidence);
        let inspection = smtplint_core::inspect(&sources, judge.dialect, &options.target);
        let domain = if course.domain.trim().is_empty() {
            clients::own_domain(&inspection, &options.target)
        } else {
            said(&course.domain, &mut wrong)
        };
        let imap = course.imap.trim();
        let incoming = (!imap.is_empty()).then(|| Incoming::parse(imap));
        let incoming = incoming.and_then(|read| read.map_err(|error| wrong.push(error.to_string())).ok());
        let settings = match &domain {
            None => Err(crate::words::no_domain().to_owned()),
            Some(domain) => {
                let wanted = Wanted {
                    host,
                    own_name: clients::own_name(&inspection, &options.target),
                    incoming,
                    beside: inspection.servers_beside(),
                    questions: inspection.questions,
                    ..Wanted::for_domain(domain.clone())
                };
                plan.client_settings(&wanted).map_err(|error| error.to_string())
            }
        };
        if let Some(domain) = &domain {
            plan.name_domain(domain);
        }
        let patches = plan.patches(proposal::files(&checked.text, &sources, &checked.parts), None);
        let ways = ways_of(&judge, &sources, &plan.stages);
        Some(Planned {
            turns: turns(checked, &sources, &plan.stages, &patches),
            patches,
            keys: keys(course.to, &sources, &plan.stages),
            domain: match domain {
                Some(domain) => domain.to_string().into(),
                None => course.domain.clone(),
            },
            settings,
            wrong,
            plan,
            said: checked.settings.clone(),
            ways,
        })
    }

    /// True when the text is the one that was planned for, or what the plan itself made of it.
    pub(crate) fn is_of(&self, checked: &Checked) -> bool {
        let mut turns = self.turns.iter().flatten();
        self.said == checked.settings && turns.any(|turn| turn.before == checked.text || turn.after == checked.text)
    }

    /// How far a text is with the change of a stage; `None` for a stage without one.
    pub(crate) fn progress(&self, stage: usize, text: &str) -> Option<Progress> {
        let turn = self.turns.get(stage)?.as_ref()?;
        if turn.before == text {
            return Some(Progress::Next);
        }
        let later = self.turns.iter().skip(stage + 1).flatten();
        let is_made = turn.after == text
            || (!self.is_temporary(stage) && later.into_iter().any(|one| one.before == text || one.after == text));
        Some(if is_made { Progress::Made } else { Progress::Later })
    }

    /// What is said of each stage.
    pub(crate) fn said(&self) -> Vec<Said> {
        let said = |(stage, patched): (&Stage, &Patched)| {
            let checks = stage.checks.iter().flat_map(|check| [&check.command, &check.shows]);
            let words = [&stage.title, &stage.done_when, &stage.roll_back].into_iter();
            let words = words
                .chain(&stage.actions)
                .chain(&stage.dns)
                .chain(&stage.clients)
                .chain(checks);
            // Where in a file a line stands does not matter.
            let lines = patched.text.lines().filter(|line| line.starts_with(['+', '-']));
            Said {
                stage: stage.kind,
                of: (self.plan.to, self.plan.host.clone()),
                words: words.cloned().chain(lines.map(str::to_owned)).collect(),
            }
        };
        self.plan.stages.iter().zip(&self.patches).map(said).collect()
    }

    fn is_temporary(&self, stage: usize) -> bool {
        let step = self.plan.stages.get(stage).and_then(|stage| stage.step.as_ref());
        step.is_some_and(|step| step.is_temporary)
    }

    /// The whole text before and after the change of a stage.
    pub(crate) fn turn(&self, stage: usize) -> Option<(AttrValue, AttrValue)> {
        let turn = self.turns.get(stage)?.as_ref()?;
        Some((turn.before.clone(), turn.after.clone()))
    }
}

/// A name that was said; what is wrong with it goes to the rest.
fn said<T: std::str::FromStr<Err = clients::NameError>>(text: &str, wrong: &mut Vec<String>) -> Option<T> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    text.parse()
        .map_err(|error: clients::NameError| wrong.push(error.to_string()))
        .ok()
}

/// The parts of a text as files end: empty lines before the next heading are none of theirs, and stay where they are.
fn as_files(sources: &Sources) -> Sources {
    let mut files = Sources::new();
    for (_, source) in sources.iter() {
        let text = source.text();
        let end = text.trim_end_matches('\n').len();
        let text = text.get(..end + 1).unwrap_or(text);
        let mut file = Source::new(&source.path, text, source.kind.clone());
        file.lines_before = source.lines_before;
        files.add(file);
    }
    files
}

/// The text before and after each stage, as the stages before it left it.
fn turns(checked: &Checked, sources: &Sources, stages: &[Stage], patches: &[Patched]) -> Vec<Option<Turn>> {
    let mut before = checked.text.clone();
    let turn = |(stage, patched): (&Stage, &Patched)| {
        let step = stage.step.as_ref()?;
        let after = AttrValue::from(proposal::whole(&checked.text, sources, &checked.parts, &patched.after));
        let turn = Turn {
            before: before.clone(),
            after: after.clone(),
        };
        if !step.is_temporary {
            before = after;
        }
        Some(turn)
    };
    stages.iter().zip(patches).map(turn).collect()
}

/// What each change makes of the ports, as the lasting changes before it left them.
fn ways_of(judge: &Judge<'_>, sources: &Sources, stages: &[Stage]) -> Vec<Changed> {
    let mut before = judge.check(sources);
    let of_stage = |stage: &Stage| {
        let Some(step) = &stage.step else { return Vec::new() };
        let after = judge.check(&step.after);
        let changed = ways::changed(&before, &after);
        if !step.is_temporary {
            before = after;
        }
        changed
    };
    stages.iter().map(of_stage).collect()
}

/// Digests of the configuration, without its passwords, as it is and as each lasting change leaves it.
fn keys(to: To, sources: &Sources, stages: &[Stage]) -> Vec<String> {
    let steps = stages.iter().filter_map(|stage| stage.step.as_ref());
    let after = steps.filter(|step| !step.is_temporary).map(|step| &step.after);
    std::iter::once(sources)
        .chain(after)
        .map(|text| key(to, text))
        .collect()
}

fn key(to: To, sources: &Sources) -> String {
    let mut digest = Sha256::new_with_prefix(to.word());
    for (_, source) in sources.iter() {
        digest.update([0]);
        digest.update(source.text());
    }
    let digest = digest.finalize();
    let digits = digest.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const TEXT: &str = "==> /etc/postfix/main.cf <==\ncompatibility_level = 3.6\nmyhostname = mail.example.org\n\
        smtpd_tls_chain_files = /etc/ssl/mail.pem\nsmtpd_tls_security_level = may\nsmtpd_sasl_type = dovecot\n\
        smtpd_sasl_path = private/auth\n\n==> /etc/postfix/master.cf <==\nsmtp inet n - y - - smtpd\n\
        465 inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n  -o smtpd_sasl_auth_enable=yes\n\
        \x20 -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n";

    fn checked(text: &str) -> Checked {
        let mut settings = Settings::default();
        settings.set("release", "postfix=3.7");
        Checked::new(1, text.to_owned().into(), settings, None)
    }

    fn course(to: To) -> Course {
        Course {
            to,
            ..Course::default()
        }
    }

    #[test]
    fn changes_follow_each_other_and_the_ticks_go_along() {
        let planned = Planned::new(&checked(TEXT), &course(To::Starttls), None).expect("it is Postfix");
        assert!(planned.plan.is_whole(), "{:?}", planned.plan.gates);
        let changing: Vec<usize> = (0..planned.plan.stages.len())
            .filter(|at| planned.turn(*at).is_some())
            .collect();
        assert!(changing.len() > 2, "{changing:?}");
        let mut text: AttrValue = TEXT.into();
        for stage in changing {
            assert_eq!(planned.progress(stage, &text), Some(Progress::Next), "{stage}");
            let (before, after) = planned.turn(stage).expect("it changes something");
            assert_eq!(before, text);
            assert_eq!(planned.progress(stage, &after), Some(Progress::Made));
            assert!(planned.is_of(&checked(&after)));
            if !planned.is_temporary(stage) {
                text = after;
            }
        }
        assert!(!planned.is_of(&checked(&format!("{TEXT}\n# more\n"))));
        // A plan of what the first change made begins where this one goes on.
        let (_, after) = planned.turn(1).expect("587 is opened");
        let next = Planned::new(&checked(&after), &course(To::Starttls), None).expect("it is Postfix");
        assert!(planned.keys.contains(&next.keys[0]) && planned.keys[0] != next.keys[0]);
        let other = Planned::new(&checked(TEXT), &course(To::Both), None).expect("it is Postfix");
        assert!(!planned.keys.contains(&other.keys[0]));
    }

    #[test]
    fn a_stage_of_which_the_same_is_said_is_the_same() {
        let said = |text: &str, to| {
            Planned::new(&checked(text), &course(to), None)
                .expect("it is Postfix")
                .said()
        };
        let before = said(TEXT, To::Starttls);
        let elsewhere = TEXT.replace("compatibility_level", "# a remark\ncompatibility_level");
        assert_eq!(said(&elsewhere, To::Starttls), before);
        // A line of the change itself.
        let beside = TEXT.replace(
            "smtpd_relay_restrictions=permit_sasl_authenticated,reject",
            "smtpd_tls_loglevel=1",
        );
        let after = said(&beside, To::Starttls);
        assert!(
            before != after && before.iter().any(|one| after.contains(one)),
            "{after:?}"
        );
        let other = said(&TEXT.replace("mail.example.org", "mail.example.net"), To::Starttls);
        assert!(
            !before
                .iter()
                .any(|one| other.contains(one) || said(TEXT, To::Both).contains(one))
        );
    }

    #[test]
    fn names_come_from_the_configuration_or_from_the_person() {
        let planned = Planned::new(&checked(TEXT), &Course::default(), None).expect("it is Postfix");
        assert_eq!(
            (planned.domain.as_str(), planned.plan.host.as_str()),
            ("example.org", "mail.example.org")
        );
        assert!(
            planned.settings.as_ref().is_ok_and(|all| !all.is_empty()),
            "{:?}",
            planned.settings
        );
        let course = Course {
            domain: "example.net".into(),
            host: "-".into(),
            ..Course::default()
        };
        let planned = Planned::new(&checked(TEXT), &course, None).expect("it is Postfix");
        assert_eq!((planned.domain.as_str(), planned.wrong.len()), ("example.net", 1));
        assert!(Planned::new(&checked("Dear Sir,\n"), &Course::default(), None).is_none());
    }
}
