//! What smtplint says a configuration means, in the words of real `postconf`, so that the two can be compared.

use std::collections::{BTreeMap, BTreeSet};

use smtplint_core::Inspection;
use smtplint_core::facts::Value;
use smtplint_core::intake;
use smtplint_core::setting::{Scope, Setting, Status};
use smtplint_core::source::{Source, Sources};
use smtplint_core::version::{Interface, Target};

use crate::postconf::{HostFacts, Printed, Warning};

/// What the oracle and we are both told.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Name and interfaces.
    pub host: HostFacts,
    /// `postfix=3.7.11` or the like.
    pub release: String,
    /// Built-in values that differ among builds, from `postconf -d`.
    pub built_in: BTreeMap<String, String>,
}

/// What smtplint makes of a configuration.
pub struct Predicted {
    /// Name → value, `None` when it is said to be unknown.
    pub settings: BTreeMap<String, Option<String>>,
    /// `service/type/name` → value.
    pub services: BTreeMap<String, Option<String>>,
    /// Names nothing defines, as file and name.
    pub undefined: BTreeSet<(String, String)>,
    /// Settings nothing reads, as file and name.
    pub unused: BTreeSet<(String, String)>,
    /// Values of settings that nothing reads. What they refer to matters to nobody, so we say nothing of it.
    pub unused_values: Vec<String>,
    /// Names overruled by a later line of main.cf, once for each line.
    pub overridden: Vec<String>,
    /// True when something is said to be unreadable.
    pub malformed: bool,
}

/// Reads main.cf and master.cf on a machine.
#[must_use]
pub fn predict(main_cf: &str, master_cf: Option<&str>, machine: &Machine) -> Predicted {
    let mut sources = Sources::new();
    sources.add(Source::new("main.cf", main_cf, intake::kind(main_cf)));
    if let Some(text) = master_cf {
        sources.add(Source::new("master.cf", text, intake::kind(text)));
    }
    let mut target = Target {
        host_name: Some(machine.host.host_name.clone()),
        interfaces: (machine.host.interfaces.iter())
            .map(|one| Interface {
                address: one.address,
                prefix: one.prefix_len,
            })
            .collect(),
        machine: machine.built_in.clone(),
        ..Target::default()
    };
    target.postfix = machine
        .release
        .parse()
        .ok()
        .map(smtplint_core::version::Versions::exactly);
    let inspection = smtplint_core::inspect(&sources, &smtplint_core::dialects::postfix::Postfix, &target);
    Predicted::of(&inspection, &sources)
}

impl Predicted {
    fn of(inspection: &Inspection, sources: &Sources) -> Predicted {
        let mut predicted = Predicted {
            settings: BTreeMap::new(),
            services: BTreeMap::new(),
            undefined: BTreeSet::new(),
            unused: BTreeSet::new(),
            unused_values: Vec::new(),
            overridden: Vec::new(),
            malformed: !inspection.faults.is_empty(),
        };
        for setting in &inspection.settings {
            predicted.take(setting, sources);
        }
        predicted
    }

    fn take(&mut self, setting: &Setting, sources: &Sources) {
        let file = match setting.scope {
            Scope::Server => "main.cf",
            Scope::Service(_) => "master.cf",
        };
        let value = match &setting.effective {
            Value::Is(value) => Some(value.clone()),
            Value::Unknown(_) => None,
        };
        match &setting.status {
            Status::Malformed { .. } => self.malformed = true,
            Status::Shadowed { .. } => {
                if setting.scope == Scope::Server {
                    self.overridden.push(setting.name.clone());
                }
                return;
            }
            Status::Unused | Status::TooNew { .. } => {
                self.unused.insert((file.to_owned(), setting.name.clone()));
                self.unused_values.push(sources.slice(setting.value_span).to_owned());
            }
            Status::Undefined { names, tested } => {
                let all = names.iter().chain(tested);
                self.undefined.extend(all.map(|name| (file.to_owned(), name.clone())));
            }
            Status::Effective | Status::Deprecated { .. } => {}
        }
        match &setting.scope {
            Scope::Server if matches!(setting.status, Status::Unused | Status::TooNew { .. }) => {}
            Scope::Server => {
                self.settings.insert(setting.name.clone(), value);
            }
            // `postconf -P` prints unused options as well.
            Scope::Service(service) => {
                self.services.insert(format!("{service}/{}", setting.name), value);
            }
        }
    }
}

/// How a comparison went.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Values compared and equal.
    pub equal: usize,
    /// Values said to be unknown.
    pub unknown: usize,
    /// Warnings compared and equal.
    pub warnings: usize,
    /// What differs, one sentence each.
    pub differences: Vec<String>,
}

impl Comparison {
    /// Adds another one.
    pub fn add(&mut self, other: Comparison) {
        self.equal += other.equal;
        self.unknown += other.unknown;
        self.warnings += other.warnings;
        self.differences.extend(other.differences);
    }

    /// Compares values; `unknown_allowed` says whether a name may be unknown.
    pub fn values(
        &mut self,
        what: &str,
        real: &BTreeMap<String, String>,
        ours: &BTreeMap<String, Option<String>>,
        unknown_allowed: &dyn Fn(&str) -> bool,
    ) {
        for (name, value) in real {
            // smtpd uses this one as it stands; `postconf -Px` expands it all the same.
            if name.ends_with("/smtpd_reject_footer") {
                continue;
            }
            match ours.get(name) {
                None => self
                    .differences
                    .push(format!("{what}: `{name}` is missing; postconf has `{value}`")),
                Some(None) if unknown_allowed(name) => self.unknown += 1,
                Some(None) => self
                    .differences
                    .push(format!("{what}: `{name}` is unknown; postconf has `{value}`")),
                Some(Some(own)) if blanks(own) == blanks(value) => self.equal += 1,
                Some(Some(own)) => {
                    self.differences
                        .push(format!("{what}: `{name}` is `{own}`; postconf has `{value}`"));
                }
            }
        }
        for name in ours.keys().filter(|name| !real.contains_key(*name)) {
            self.differences.push(format!("{what}: `{name}` is ours alone"));
        }
    }

    /// Compares the warnings about undefined, unused and overridden parameters.
    pub fn warnings(&mut self, real: &Printed, ours: &Predicted) {
        let mut undefined = BTreeSet::new();
        let mut unused = BTreeSet::new();
        let mut overridden = Vec::new();
        for warning in &real.warnings {
            match warning {
                Warning::UndefinedParameter { file, name }
                    if ours.unused_values.iter().any(|value| value.contains(name.as_str()))
                        && !ours.undefined.contains(&(file.clone(), name.clone())) => {}
                Warning::UndefinedParameter { file, name } => {
                    undefined.insert((file.clone(), name.clone()));
                }
                Warning::UnusedParameter { file, assignment } => {
                    let name = assignment.split('=').next().unwrap_or(assignment).to_owned();
                    unused.insert((file.clone(), name));
                }
                Warning::OverridingEarlierEntry { name, .. } => overridden.push(name.clone()),
                _ => {}
            }
        }
        let mut own_overridden = ours.overridden.clone();
        own_overridden.sort();
        overridden.sort();
        self.sets("undefined", &undefined, &ours.undefined);
        self.sets("unused", &unused, &ours.unused);
        if overridden == own_overridden {
            self.warnings += overridden.len();
        } else {
            self.differences
                .push(format!("overridden: postconf {overridden:?}, ours {own_overridden:?}"));
        }
    }

    fn sets(&mut self, what: &str, real: &BTreeSet<(String, String)>, ours: &BTreeSet<(String, String)>) {
        let ours = &ours
            .iter()
            .map(|(file, name)| (file.clone(), printable(name)))
            .collect();
        self.warnings += real.intersection(ours).count();
        for (file, name) in real.difference(ours) {
            self.differences
                .push(format!("{what} in {file}: postconf alone says `{name}`"));
        }
        for (file, name) in ours.difference(real) {
            self.differences
                .push(format!("{what} in {file}: we alone say `{name}`"));
        }
    }
}

/// `postconf` prints every run of blanks as one.
fn blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// In warnings, Postfix prints a question mark for each byte beyond ASCII.
fn printable(name: &str) -> String {
    name.bytes()
        .map(|byte| if byte.is_ascii() { char::from(byte) } else { '?' })
        .collect()
}
