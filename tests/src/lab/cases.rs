//! Our own cases on live servers.

use super::{LabConfiguration, LabError};
use crate::corpus::{self, Case, CorpusError};
use crate::program::in_parallel;

/// The cases that say what each listener does, and have the files for it. What is only a paste has no files to run, and a
/// template is none until it is filled in.
///
/// # Errors
/// When they cannot be read.
pub fn runnable() -> Result<Vec<Case>, CorpusError> {
    let mut cases = corpus::own()?;
    cases.retain(|case| !case.expectations.facts.is_empty() && case.file("master.cf").is_some());
    Ok(cases)
}

/// The files of a case, which may have been changed, under a name of its own. The host name that the case is judged with is
/// put in where its files leave it to the machine.
#[must_use]
pub fn configuration(case: &Case, name: &str, mut main_cf: String, master_cf: &str) -> LabConfiguration {
    if let (Some(host), false) = (&case.expectations.host_name, main_cf.contains("\nmyhostname")) {
        main_cf.push_str(&format!("\nmyhostname = {host}\n"));
    }
    LabConfiguration::new(name, &main_cf, master_cf)
}

/// Holds each case against the server, several at a time. One entry for each case where they disagree, or that could not be tried.
pub fn wrong<F>(cases: &[Case], disagreements: F) -> Vec<String>
where
    F: Fn(&Case) -> Result<Vec<String>, LabError> + Sync,
{
    let results = in_parallel(cases, 6, disagreements);
    let told = |(case, result): (&Case, Result<Vec<String>, LabError>)| match result {
        Ok(found) if found.is_empty() => None,
        Ok(found) => Some(format!("{}:\n  {}", case.name, found.join("\n  "))),
        Err(error) => Some(format!("{}: {error}", case.name)),
    };
    cases.iter().zip(results).filter_map(told).collect()
}
