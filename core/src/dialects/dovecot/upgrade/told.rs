//! The way to 2.4 for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::{NoUpgrade, Upgrade};
use crate::TOOL;
use crate::file_change::{FileChange, patch, patch_command, withheld};
use crate::json::Input;
use crate::markdown::{block, capital, code, sentence};
use crate::source::{Place, Sources};

/// A step of the way, or of the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "UpgradeStep"))]
pub struct Step {
    /// What to do.
    pub what: String,
    /// The command that does it; `null` where it is no command.
    pub command: Option<String>,
}

/// What `smtplint migrate --to dovecot-2.4 --format json` prints.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Upgrade"))]
pub struct UpgradeJson {
    /// `smtplint/upgrade/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "smtplint/upgrade/1")))]
    pub schema: &'static str,
    /// Name and version of the program.
    pub tool: &'static str,
    /// The files.
    pub inputs: Vec<Input>,
    /// What it comes to, in a sentence or two.
    pub answer: String,
    /// True when nothing is left for a person to write.
    pub whole: bool,
    /// What is written anew.
    pub carried: Vec<CarriedJson>,
    /// What a person has to write.
    pub left: Vec<LeftJson>,
    /// What 2.4 does otherwise and no line decides.
    pub remarks: Vec<String>,
    /// As `patch -p1` takes it; empty where a line that changes holds a password, and for a print-out.
    pub patch: String,
    /// For a print-out, all of it in the language of 2.4; `null` for files.
    pub text: Option<String>,
    /// What to do, in this order.
    pub steps: Vec<Step>,
    /// How to go back to 2.3.
    pub back: Vec<Step>,
}

/// A line that is written anew.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "UpgradeCarried"))]
pub struct CarriedJson {
    /// Where it stands; for what is put in, where that is.
    pub at: Place,
    /// What stands there in 2.3; empty for what is put in.
    pub before: String,
    /// What stands there in 2.4.
    pub after: Vec<String>,
    /// Why.
    pub why: String,
}

/// A line that stays as it is.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "UpgradeLeft"))]
pub struct LeftJson {
    /// Where it stands.
    pub at: Place,
    /// What stands there.
    pub line: String,
    /// Why it is not carried.
    pub why: String,
    /// What to do.
    pub instead: String,
}

impl NoUpgrade {
    /// Why there is nothing to carry, in a sentence.
    #[must_use]
    pub fn spoken(&self, sources: &Sources) -> String {
        match self {
            NoUpgrade::NoDovecot => "none of these files is Dovecot's".to_owned(),
            NoUpgrade::IsNew => "these files are written in the language of 2.4 already".to_owned(),
            NoUpgrade::IsOld => "this is of Dovecot 1.x: 2.3 has to come first".to_owned(),
            NoUpgrade::Template(span) => {
                format!("{}: a template decides which lines there are; give the file that it makes", sources.spoken(*span))
            }
            NoUpgrade::Fault(span, why) => format!("{}: 2.3 stops here as well: {why}", sources.spoken(*span)),
            NoUpgrade::Collision => "two changes want the same place, which is a mistake of this program".to_owned(),
        }
    }
}

impl Upgrade {
    /// True when nothing is left for a person to write.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.left.is_empty()
    }

    /// What it comes to.
    #[must_use]
    pub fn answer(&self) -> String {
        let places = |count: usize| if count == 1 { "1 place".to_owned() } else { format!("{count} places") };
        let (carried, one) = (places(self.carried.len()), self.carried.len() == 1);
        match self.left.len() {
            0 => format!(
                "Dovecot 2.4 does not read a configuration of 2.3. This one can be carried whole: {carried} {}.",
                if one { "changes" } else { "change" }
            ),
            left => format!(
                "Dovecot 2.4 does not read a configuration of 2.3. Of this one, {carried} {} written anew here; {} {} yours to write, and 2.4 does not start before.",
                if one { "is" } else { "are" },
                places(left),
                if left == 1 { "is" } else { "are" }
            ),
        }
    }

    /// What to do, in this order.
    #[must_use]
    pub fn steps(&self, sources: &Sources, changes: &[FileChange]) -> Vec<Step> {
        let folder = folder(sources);
        let mut steps = vec![step("Keep the configuration as it is.", Some(format!("cp -a {folder} {folder}-2.3")))];
        if !changes.is_empty() {
            let how = format!("{} < upgrade.patch", patch_command(changes));
            steps.push(step("Change the files by the patch, saved as `upgrade.patch`; where a package asks, keep yours.", Some(how)));
        }
        if !self.is_whole() {
            steps.push(step("Write what is yours to write.", None));
        }
        steps.push(step("Install 2.4, and ask it whether it reads them.", Some("doveconf -n >/dev/null && echo it does".to_owned())));
        steps.push(step("Restart it, and log in as a user.", Some("systemctl restart dovecot && doveadm auth login USER".to_owned())));
        steps
    }

    /// How to go back to 2.3.
    #[must_use]
    pub fn way_back(&self, sources: &Sources) -> Vec<Step> {
        let folder = folder(sources);
        vec![
            step("Install 2.3 again.", None),
            step("Put its configuration back.", Some(format!("rm -r {folder} && mv {folder}-2.3 {folder} && systemctl restart dovecot"))),
        ]
    }

    /// As Markdown, with boxes to tick.
    #[must_use]
    pub fn to_markdown(&self, sources: &Sources, changes: &[FileChange]) -> String {
        let mut text = format!("# From Dovecot 2.3 to 2.4\n\n{}\n", sentence(&self.answer()));
        // Formatting into a string cannot fail.
        if !self.left.is_empty() {
            text.push_str("\n## Yours to write\n\n");
        }
        for left in &self.left {
            let line = sources.slice(left.span).lines().next().unwrap_or("");
            let _ = writeln!(text, "- [ ] {}: {}\n  {}.\n  In its place: {}", sources.spoken(left.span), code(line), sentence(&capital(left.why.clone())), sentence(&left.instead));
        }
        let (patch, remark) = self.shown(sources, changes);
        if let Some(remark) = remark {
            let _ = write!(text, "\n{}\n", sentence(&remark));
        }
        if !patch.is_empty() {
            let _ = write!(text, "\n## The change\n\n{}", block(&patch).replacen("```\n", "```diff\n", 1));
        }
        text.push_str("\n## Also to know\n\n");
        for remark in &self.remarks {
            let _ = writeln!(text, "- {}", sentence(remark));
        }
        for (title, steps) in [("The way", self.steps(sources, changes)), ("The way back", self.way_back(sources))] {
            let _ = write!(text, "\n## {title}\n\n");
            for step in steps {
                let command = step.command.map(|command| format!(" {}", code(&command))).unwrap_or_default();
                let _ = writeln!(text, "- [ ] {}{command}", sentence(&step.what));
            }
        }
        text
    }

    /// The patch, or for a print-out all of it; and what there is to say of it.
    #[must_use]
    pub fn shown(&self, sources: &Sources, changes: &[FileChange]) -> (String, Option<String>) {
        if let Some(text) = self.print_out(sources) {
            return (text, Some("This was printed, and is no file: here is all of it in the language of 2.4. What is hidden in a print-out is missing in it.".to_owned()));
        }
        let (text, hidden) = patch(changes);
        let remark = (!hidden.is_empty()).then(|| capital(format!("{}; --write FOLDER writes it.", withheld(&hidden))));
        (text, remark)
    }

    /// All of a print-out in the language of 2.4.
    fn print_out(&self, sources: &Sources) -> Option<String> {
        let mut both = sources.iter().zip(self.after.iter());
        both.find(|((_, source), (_, now))| source.is_print_out() && source.text() != now.text()).map(|(_, (_, now))| now.text().to_owned())
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self, sources: &Sources, inputs: Vec<Input>, changes: &[FileChange]) -> UpgradeJson {
        let carried = |one: &super::Carried| CarriedJson {
            at: sources.place(one.span),
            before: sources.slice(one.span).to_owned(),
            after: one.becomes.clone(),
            why: one.why.clone(),
        };
        let left = |one: &super::Left| LeftJson {
            at: sources.place(one.span),
            line: sources.slice(one.span).to_owned(),
            why: one.why.clone(),
            instead: one.instead.clone(),
        };
        UpgradeJson {
            schema: "smtplint/upgrade/1",
            tool: TOOL,
            inputs,
            answer: self.answer(),
            whole: self.is_whole(),
            carried: self.carried.iter().map(carried).collect(),
            left: self.left.iter().map(left).collect(),
            remarks: self.remarks.clone(),
            patch: patch(changes).0,
            text: self.print_out(sources),
            steps: self.steps(sources, changes),
            back: self.way_back(sources),
        }
    }
}

fn step(what: &str, command: Option<String>) -> Step {
    Step { what: what.to_owned(), command }
}

/// The folder in which the files stand.
fn folder(sources: &Sources) -> String {
    let main = sources.iter().map(|(_, source)| source.path.as_str()).find_map(|path| path.strip_suffix("/dovecot.conf"));
    let folder = main.filter(|folder| folder.starts_with('/')).unwrap_or("/etc/dovecot");
    crate::question::quoted(folder)
}
