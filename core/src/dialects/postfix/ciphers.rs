//! Whether the cipher lists leave a suite for TLS 1.0 and 1.1.
//!
//! Every suite of these versions protects its records with SHA-1 or MD5. A list that names newer suites alone, or an exclusion
//! of both hashes, therefore ends them, whatever the list of protocols says. What a list of OpenSSL's own words means is not
//! decided here.

use super::config::View;

/// What the lists leave for the old versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaves {
    /// At least one suite: the lists are Postfix's own.
    Something,
    /// No suite.
    Nothing,
    /// That depends on how OpenSSL reads the words.
    Unclear,
}

/// What is left at a listener that enforces TLS, or at one that does not, with the setting that decides.
pub(super) fn for_old_versions(view: &View<'_>, enforced: bool) -> (Leaves, Option<&'static str>) {
    let excluded = excluded(view, enforced);
    let is_out = |names: &[&str]| excluded.iter().any(|word| names.iter().any(|name| word.eq_ignore_ascii_case(name)));
    let sha1_is_out = is_out(&["SHA", "SHA1"]);
    if sha1_is_out && is_out(&["MD5"]) {
        return (Leaves::Nothing, Some("smtpd_tls_exclude_ciphers"));
    }
    let grade = view.known(if enforced { "smtpd_tls_mandatory_ciphers" } else { "smtpd_tls_ciphers" });
    let list = match grade.as_ref().map(|grade| grade.text.as_str()) {
        Some(grade) if grade.eq_ignore_ascii_case("high") => "tls_high_cipherlist",
        Some(grade) if grade.eq_ignore_ascii_case("medium") => "tls_medium_cipherlist",
        _ => return (if sha1_is_out { Leaves::Unclear } else { Leaves::Something }, None),
    };
    if view.written(list).is_none() {
        let left = if sha1_is_out { Leaves::Unclear } else { Leaves::Something };
        return (left, sha1_is_out.then_some("smtpd_tls_exclude_ciphers"));
    }
    let leaves = match view.known(list) {
        Some(words) if names_new_suites_alone(&words.text) => Leaves::Nothing,
        _ => Leaves::Unclear,
    };
    (leaves, Some(list))
}

/// The words of both lists of exclusions that are in force.
fn excluded(view: &View<'_>, enforced: bool) -> Vec<String> {
    let mut words = Vec::new();
    let mut lists = vec!["smtpd_tls_exclude_ciphers"];
    if enforced {
        lists.push("smtpd_tls_mandatory_exclude_ciphers");
    }
    for list in lists {
        if let Some(list) = view.known(list) {
            words.extend(list.text.split([',', ' ', ':', '\t']).filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }
    words
}

/// True when every suite is named, and is one that came with TLS 1.2.
fn names_new_suites_alone(list: &str) -> bool {
    let mut named = list.split([':', ',', ' ']).filter(|word| !word.is_empty() && !word.starts_with(['!', '@'])).peekable();
    named.peek().is_some()
        && named.all(|word| {
            word.contains('-')
                && (["GCM", "CHACHA20", "CCM"].iter().any(|part| word.contains(part))
                    || word.ends_with("-SHA256")
                    || word.ends_with("-SHA384"))
        })
}

#[cfg(test)]
mod tests {
    use super::names_new_suites_alone;

    #[test]
    fn suites_by_name() {
        assert!(names_new_suites_alone("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:!aNULL"));
        assert!(!names_new_suites_alone("ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA"));
        assert!(!names_new_suites_alone("HIGH:!aNULL"));
        assert!(!names_new_suites_alone(""));
    }
}
