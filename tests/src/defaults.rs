//! The table of defaults against what `postconf -d` prints.

use std::collections::BTreeMap;

use smtplint_core::dialects::postfix;
use smtplint_core::version::Version;

/// Differences between the table and a print-out, one sentence each, and how many values were equal.
#[must_use]
pub fn compare(version: Version, printed: &str) -> (usize, Vec<String>) {
    let real: BTreeMap<&str, &str> = printed
        .lines()
        .filter_map(|line| line.split_once(" ="))
        .map(|(name, value)| (name, value.trim()))
        .collect();
    let mut equal = 0;
    let mut wrong = Vec::new();
    for (name, default) in postfix::defaults(version) {
        match real.get(name) {
            // Recordings leave out what is the machine's own.
            _ if default == "<host>" => {}
            None => wrong.push(format!("{version}: postconf knows no `{name}`")),
            Some(_) if default == "<build>" => {}
            Some(value) if *value == default.trim() => equal += 1,
            Some(value) => wrong.push(format!("{version}: `{name}` is `{default}` here, `{value}` in Postfix")),
        }
    }
    let own: BTreeMap<&str, &str> = postfix::defaults(version).collect();
    // The rest of a print-out is made from the services of master.cf: `relay_destination_concurrency_limit`.
    let of_services = [
        "_limit",
        "_delay",
        "_slots",
        "_loan",
        "_discount",
        "_cost",
        "_feedback",
        "_concurrency",
    ];
    for name in real.keys().filter(|name| !own.contains_key(*name)) {
        if !of_services.iter().any(|end| name.ends_with(end)) {
            wrong.push(format!("{version}: `{name}` is missing here"));
        }
    }
    (equal, wrong)
}
