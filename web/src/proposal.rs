//! A change of the text that can be looked at before it is made: what goes and comes, what it costs, and what is to be done then.

use smtplint_core::dialect::Dialect;
use smtplint_core::diff::{Fate, Hunk};
use smtplint_core::file_change::{self, File, FileChange, Files};
use smtplint_core::finding::Finding;
use smtplint_core::fix::{self, Choice, Reason};
use smtplint_core::impact::Impact;
use smtplint_core::patch::Patch;
use smtplint_core::report::Options;
use smtplint_core::source::{Source, Sources};
use smtplint_core::{Report, check};
use yew::{AttrValue, Callback, Html, html};

use crate::app::Message;
use crate::button::button;
use crate::check::{Checked, PASTE};
use crate::copy::{unbroken, under};
use crate::history::Made;
use crate::position::Parts;
use crate::ways::{self, Changed};
use crate::{findings, markdown, words};

/// What a change is of and what it makes.
#[derive(Debug)]
pub(crate) struct Proposal {
    /// What it does, in a few words.
    pub(crate) title: AttrValue,
    /// The whole text that it is a change of.
    pub(crate) before: AttrValue,
    /// The whole text afterwards.
    pub(crate) after: AttrValue,
    /// The files that change.
    files: Vec<FileChange>,
    /// Commands that do the same, where the text is a print-out.
    commands: Vec<String>,
    impact: Impact,
    /// The command that makes it effective.
    reload: String,
    /// The ports that are otherwise afterwards.
    pub(crate) ways: Changed,
}

/// The change that was asked for, of one judgement.
#[derive(Debug)]
pub(crate) struct Preview {
    /// The finding's card.
    pub(crate) card: usize,
    /// The change, or why there is none.
    pub(crate) proposal: Result<Proposal, String>,
}

/// Each is made anew: whoever holds the same one shows the same.
impl PartialEq for Preview {
    fn eq(&self, other: &Preview) -> bool {
        std::ptr::eq(self, other)
    }
}

/// What a text was judged with: whatever is judged again is judged by the same.
pub(crate) struct Judge<'a> {
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) options: &'a Options,
}

impl Judge<'_> {
    /// `None` when no dialect knows the text.
    pub(crate) fn of(checked: &Checked) -> Option<Judge<'_>> {
        let judged = checked.judged.as_ref()?;
        Some(Judge {
            dialect: judged.dialect,
            options: &judged.options,
        })
    }

    /// Judges once more.
    pub(crate) fn check(&self, sources: &Sources) -> Report {
        check(sources, self.dialect, self.options)
    }
}

/// The change that mends one finding, whatever it costs.
pub(crate) fn of_finding(checked: &Checked, finding: &Finding) -> Result<Proposal, String> {
    let Some(judge) = Judge::of(checked) else {
        return Err(words::no_line_cures().to_owned());
    };
    let choice = Choice {
        check: &|sources| judge.check(sources),
        wants: &|one| one.fingerprint == finding.fingerprint,
        weigh: &|impact| impact,
        bears: &|_| true,
    };
    let fixes = fix::fix(&checked.sources, judge.dialect, judge.options, &choice);
    match (fixes.done.into_iter().next(), fixes.left.first()) {
        (Some(fix), _) => {
            let advice = fix.finding.advice.as_ref();
            let title = advice.map_or(&fix.finding.message, |advice| &advice.title);
            let title = title.as_str().to_owned().into();
            let mut proposal = Proposal::new(checked, title, &[&fix.patch], fix.impact, fixes.reload);
            if let Some(judged) = &checked.judged {
                proposal.ways = ways::changed(&judged.report, &judge.check(&fixes.after));
            }
            Ok(proposal)
        }
        (None, Some(left)) if left.reason != Reason::NothingToWrite => Err(left.reason_spoken()),
        (None, _) => Err(words::no_line_cures().to_owned()),
    }
}

impl Proposal {
    /// The change, once it is made.
    pub(crate) fn made(&self) -> Made {
        Made {
            title: self.title.clone(),
            before: self.before.clone(),
            after: self.after.clone(),
        }
    }

    /// Patches of the text that was judged, each of what the one before it left.
    pub(crate) fn new(
        checked: &Checked,
        title: AttrValue,
        patches: &[&Patch],
        impact: Impact,
        reload: String,
    ) -> Proposal {
        let (files, after) = changed(&checked.text, &checked.sources, &checked.parts, patches);
        Proposal {
            title,
            before: checked.text.clone(),
            after: after.into(),
            files,
            commands: patches.iter().flat_map(|patch| patch.commands.clone()).collect(),
            impact,
            reload,
            ways: Vec::new(),
        }
    }

    /// The change as something to look at, with the buttons that make it or put it away.
    pub(crate) fn view(&self, tell: &Callback<Message>) -> Html {
        let costs = self.impact.spoken();
        let pasted = self.files.iter().any(|file| !file.is_whole);
        let notes = |kind: &'static str, all: &[String]| -> Html {
            all.iter().map(|text| findings::kind_of_note(kind, text)).collect()
        };
        html! {
            <>
                { for self.files.iter().map(file) }
                { commands(&self.commands) }
                { ways::picture(&self.ways) }
                if pasted { <p class="note">{ markdown::sentence(file_change::PASTED) }{ "." }</p> }
                { notes(words::costs(), &costs) }
                { notes(words::reveals(), &self.impact.reveals) }
                if costs.is_empty() { <p class="note calm">{ words::costs_nobody() }</p> }
                <p class="note">{ words::then() }{ " " }<code>{ self.reload.clone() }</code></p>
                <p class="actions">
                    { button("main apply", words::apply(), tell, Message::Apply) }
                    { button("", words::close(), tell, Message::Preview(None)) }
                </p>
            </>
        }
    }
}

/// What to run on the server, where the text is what it printed.
pub(crate) fn commands(commands: &[String]) -> Html {
    let heading = html! { <p>{ markdown::sentence(file_change::PRINT_OUT) }</p> };
    under("", heading, commands, words::copy_commands())
}

/// One file: lines that go and come, told apart by their sign, their colour and their element.
pub(crate) fn file(change: &FileChange) -> Html {
    let Some(hunks) = change.hunks() else {
        let withheld = file_change::withheld(&[&change.path]);
        return html! { <p class="note worry">{ markdown::sentence(&withheld) }{ "." }</p> };
    };
    html! {
        <figure class="diff">
            <figcaption>{ change.path.clone() }</figcaption>
            <pre tabindex="0">{ for hunks.iter().map(hunk) }</pre>
        </figure>
    }
}

fn hunk(hunk: &Hunk<'_>) -> Html {
    let line = |(fate, line): &(Fate, &str)| {
        let text = format!("{} {}\n", fate.sign(), line.trim_end_matches('\n'));
        match fate {
            Fate::Stays => html! { <span>{ unbroken(&text) }</span> },
            Fate::Goes => html! { <del>{ unbroken(&text) }</del> },
            Fate::Comes => html! { <ins>{ unbroken(&text) }</ins> },
        }
    };
    let [(first, _), _] = hunk.place;
    html! { <><span class="place">{ words::line(first) }{ "\n" }</span>{ for hunk.lines.iter().map(line) }</> }
}

/// The files of a text as they stand in it, with their passwords.
pub(crate) fn files(text: &str, sources: &Sources, parts: &Parts) -> Files {
    let file = |(id, source): (_, &Source)| File {
        text: text.get(parts.range_of(id, source)).unwrap_or("").to_owned(),
        is_whole: source.path != PASTE,
        label: file_change::label(&source.path),
    };
    Files::new(sources.iter().map(file).collect())
}

/// The files that change, and the whole text afterwards. Everything that is no part of a file, such as a heading or a
/// certificate, stays where it is.
pub(crate) fn changed(text: &str, sources: &Sources, parts: &Parts, patches: &[&Patch]) -> (Vec<FileChange>, String) {
    let (after, files) = files(text, sources, parts).change(sources, patches);
    (files, whole(text, sources, parts, &after))
}

/// The whole text with other files in the place of its own.
pub(crate) fn whole(text: &str, sources: &Sources, parts: &Parts, files: &Files) -> String {
    let ranges = sources.iter().map(|(id, source)| parts.range_of(id, source));
    let mut whole = String::with_capacity(text.len());
    let mut from = 0;
    for (range, part) in ranges.zip(files.texts()) {
        whole.push_str(text.get(from..range.start).unwrap_or(""));
        whole.push_str(part);
        from = range.end;
    }
    whole.push_str(text.get(from..).unwrap_or(""));
    whole
}

/// The files that differ between two whole texts, each as it stands on a disk: with one end of line at its end.
pub(crate) fn between(before: &str, after: &str) -> Vec<FileChange> {
    let files = |text: &str| {
        let sources = smtplint_core::intake::split(PASTE, text);
        let parts = Parts::of(text, &sources);
        let file = |(id, source): (_, &Source)| {
            let part = text.get(parts.range_of(id, source)).unwrap_or("");
            let text = format!("{}\n", part.trim_end_matches('\n'));
            let shown = Source::new(&source.path, &text, source.kind.clone());
            (shown, text)
        };
        sources.iter().map(file).collect::<Vec<_>>()
    };
    let before = files(before);
    let mut changes = Vec::new();
    for (now, text) in files(after).into_iter().filter(|(now, _)| !now.is_print_out()) {
        let Some((then, old)) = before.iter().find(|(then, _)| then.path == now.path) else {
            continue;
        };
        if *old != text {
            let file = File {
                text: old.clone(),
                is_whole: now.path != PASTE,
                label: file_change::label(&now.path),
            };
            changes.push(FileChange::new(&now.path, &file, text, [then.text(), now.text()]));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    const TEXT: &str = "==> /etc/postfix/main.cf <==\nmynetworks = 0.0.0.0/0\nrelayhost = [a]:25\n\n==> ca.pem <==\n\
                        -----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\n==> /etc/postfix/master.cf <==\n\
                        smtp inet n - y - - smtpd\n465 inet n - y - - smtpd\n";

    fn proposed(text: &str, rule: &str) -> Result<Proposal, String> {
        let checked = Checked::new(1, text.to_owned().into(), Settings::default(), None);
        let judged = checked.judged.as_ref().expect("it is Postfix");
        let finding = judged.report.findings.iter().find(|finding| finding.rule == rule);
        of_finding(&checked, finding.expect(rule))
    }

    #[test]
    fn only_the_lines_of_the_change_change() {
        let proposal = proposed(TEXT, "implicit-port-without-wrapper").expect("it can be mended");
        let expected = TEXT.replace(
            "465 inet n - y - - smtpd\n",
            "465 inet n - y - - smtpd\n  -o smtpd_tls_wrappermode=yes\n",
        );
        assert_eq!(proposal.after.as_str(), expected);
        assert_eq!((proposal.before.as_str(), proposal.files.len()), (TEXT, 1));
        let hunks = proposal.files[0].hunks().expect("nothing is masked");
        let comes: Vec<_> = hunks[0].lines.iter().filter(|(fate, _)| *fate != Fate::Stays).collect();
        assert_eq!(comes, [&(Fate::Comes, "  -o smtpd_tls_wrappermode=yes\n")]);
    }

    #[test]
    fn files_between_two_texts_end_as_files_do() {
        let after = TEXT.replace("relayhost = [a]:25", "relayhost = [a]:587");
        let changes = between(TEXT, &after);
        let (patch, hidden) = file_change::patch(&changes);
        assert!(hidden.is_empty());
        assert_eq!(
            patch,
            "--- a/etc/postfix/main.cf\n+++ b/etc/postfix/main.cf\n@@ -1,2 +1,2 @@\n mynetworks = 0.0.0.0/0\n\
             -relayhost = [a]:25\n+relayhost = [a]:587\n"
        );
        assert_eq!(changes[0].after, "mynetworks = 0.0.0.0/0\nrelayhost = [a]:587\n");
        assert!(between(TEXT, TEXT).is_empty());
    }
}
