//! `cargo xtask first`: which functions `check` runs, so that the linker lays them side by side at the beginning of the command.
//!
//! The command is large, for what `mx`, `probe` and the other servers take, and a check of one configuration runs a sixth of
//! it, which lies scattered: the system then brings nearly all of it, a window of pages at a time, and that takes longer than
//! the check. What is listed and no longer there is passed over, and what is there and not listed comes behind the rest, so
//! that a list that is not new is a slower command and never a wrong one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{root, run, step, target_directory};
use crate::{Error, binary, lab};

/// The list, as a script of the linker.
pub(crate) const SCRIPT: &str = "xtask/first.ld";

/// Builds the command, checks every case of the project's own with it, and writes down what was called, what most cases
/// called first.
///
/// # Errors
///
/// [`Error::Missing`] without valgrind, or the failing step's error.
pub fn command() -> Result<(), Error> {
    lab::require_package("valgrind")?;
    let program = step("the command", binary::build)?;
    let trace = target_directory()?.join("first.callgrind");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    step("what is called", || {
        for case in cases()? {
            for pattern in called(&program, &case, &trace)? {
                *counts.entry(pattern).or_default() += 1;
            }
        }
        Ok(())
    })?;
    let place = root().join(SCRIPT);
    fs::write(&place, script(counts)).map_err(Error::file("write", &place))?;
    // cargo does not know that the linker reads it.
    binary::forget()?;
    binary::command()
}

/// The folders of the project's own cases, sorted.
fn cases() -> Result<Vec<PathBuf>, Error> {
    let folder = root().join("tests/cases");
    let entries = fs::read_dir(&folder).map_err(Error::file("read", &folder))?;
    let mut cases: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    Ok(cases)
}

/// The names of what one check calls, as the linker is to look for them.
fn called(program: &Path, case: &Path, trace: &Path) -> Result<BTreeSet<String>, Error> {
    let mut command = Command::new("sh");
    // Findings are no failure here, and neither is a case that cannot be judged.
    command.args(["-c", "\"$@\" > /dev/null 2>&1; test $? -le 3", "sh", "valgrind"]);
    command.args(["--tool=callgrind", "--demangle=no", "--compress-strings=no"]);
    command.arg(format!("--callgrind-out-file={}", trace.display()));
    command.arg(program).args(["check", "--no-exec"]).arg(case);
    run("valgrind", &mut command)?;
    let text = fs::read_to_string(trace).map_err(Error::file("read", trace))?;
    Ok(text
        .lines()
        .filter_map(|line| line.strip_prefix("fn=").or_else(|| line.strip_prefix("cfn=")))
        .filter_map(pattern)
        .collect())
}

/// A mangled name without what another compiler mangles otherwise; `None` for what is not Rust.
fn pattern(name: &str) -> Option<String> {
    let whole = if let Some(rest) = name.strip_prefix("_ZN") {
        // The last part is a hash, which is always as long.
        let (path, _) = rest.rsplit_once("17h")?;
        format!("_ZN{path}17h*")
    } else {
        // Each crate has its hash.
        let mut parts = name.strip_prefix("_R")?.split("Cs");
        let mut whole = format!("_R{}", parts.next()?);
        for part in parts {
            let (_, path) = part.split_once('_')?;
            whole.push_str("Cs*_");
            whole.push_str(path);
        }
        // Behind it comes which call of the same name it is.
        whole.split('\'').next()?.to_owned()
    };
    // The linker's own signs.
    Some(whole.replace(
        |letter: char| !letter.is_ascii_alphanumeric() && !"_.*".contains(letter),
        "?",
    ))
}

/// The script: what most cases call stands first.
fn script(counts: BTreeMap<String, usize>) -> String {
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|(one, often), (other, oftener)| oftener.cmp(often).then_with(|| one.cmp(other)));
    let mut script =
        "/* Made by `cargo xtask first`: the functions that `smtplint check` runs, those of most cases first. */\n\
                      SECTIONS {\n  .text.first : {\n"
            .to_owned();
    for (pattern, _) in counts {
        script.push_str("    *(.text.");
        script.push_str(&pattern);
        script.push_str(")\n");
    }
    script.push_str("  }\n} INSERT BEFORE .text;\n");
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_differs_between_compilers() {
        let of = |name| pattern(name).unwrap_or_default();
        assert_eq!(
            of("_ZN13smtplint_core6report5check17h0123456789abcdefE"),
            "_ZN13smtplint_core6report5check17h*"
        );
        assert_eq!(
            of("_ZN51_$LT$$RF$T$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE'2"),
            "_ZN51_?LT??RF?T?u20?as?u20?core..fmt..Display?GT?3fmt17h*"
        );
        assert_eq!(
            of("_RNvNtNtCsaz6eC2DG7lh_3std2io5stdioECs7Bl_4core"),
            "_RNvNtNtCs*_3std2io5stdioECs*_4core"
        );
        assert_eq!(pattern("0x0000000000c5510f"), None);
        assert_eq!(pattern("memcmp"), None);
    }

    #[test]
    fn what_most_cases_call_stands_first() {
        let counts = [("_ZNa17h*", 1), ("_ZNb17h*", 3), ("_ZNc17h*", 1)];
        let script = script(counts.map(|(name, count)| (name.to_owned(), count)).into());
        let at = |name: &str| script.find(name).expect("it is there");
        assert!(at("_ZNb") < at("_ZNa") && at("_ZNa") < at("_ZNc"), "{script}");
        assert!(script.ends_with("  }\n} INSERT BEFORE .text;\n"));
    }

    /// The linker passes over what it does not find: this file is not empty by mistake.
    #[test]
    fn the_script_names_the_check_itself() {
        let script = fs::read_to_string(root().join(SCRIPT)).expect("it is committed");
        assert!(script.contains(".text._ZN13smtplint_core6report5check17h*"));
    }
}
