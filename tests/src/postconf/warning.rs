//! The warnings of postconf, read from standard error.

use std::path::Path;

/// One warning. Files are named without the temporary directory: `main.cf`, `master.cf`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Warning {
    /// A value names a parameter that is neither built in nor set: it expands to nothing.
    UndefinedParameter {
        /// Where the value stands.
        file: String,
        /// The undefined name.
        name: String,
    },
    /// A name is set that nothing reads.
    UnusedParameter {
        /// Where it is set.
        file: String,
        /// `name=value`.
        assignment: String,
    },
    /// A second line for a name: the first no longer counts.
    OverridingEarlierEntry {
        /// The file.
        file: String,
        /// 1-based; the last physical line of the later entry.
        line: u32,
        /// The name.
        name: String,
        /// The earlier value.
        old: String,
    },
    /// A name only Postfix itself may set.
    ReadOnlyAssignment {
        /// Where it is set.
        file: String,
        /// `name=value`.
        assignment: String,
    },
    /// The first line of a file is indented: it is dropped.
    LogicalLineStartsWithWhitespace {
        /// The file.
        file: String,
        /// Its first thirty bytes.
        start: String,
    },
    /// Anything else, such as a table's file that cannot be opened.
    Other(
        /// The text after `warning: `.
        String,
    ),
}

/// Reads standard error: the warnings and the fatal error.
pub(super) fn read(stderr: &str, directory: &Path) -> (Vec<Warning>, Option<String>) {
    let within = format!("{}/", directory.display());
    let mut warnings = Vec::new();
    let mut fatal = None;
    for line in stderr.lines() {
        // The program's own name comes first, as it was called.
        let text = line
            .split_once("postconf: ")
            .map_or(line, |(_, text)| text)
            .replace(&within, "");
        if let Some(text) = text.strip_prefix("warning: ") {
            warnings.push(one(text));
        } else if let Some(text) = text.strip_prefix("fatal: ") {
            fatal = Some(text.to_owned());
        } else if !text.is_empty() {
            warnings.push(Warning::Other(text));
        }
    }
    (warnings, fatal)
}

fn one(text: &str) -> Warning {
    known(text).unwrap_or_else(|| Warning::Other(text.to_owned()))
}

fn known(text: &str) -> Option<Warning> {
    let (place, rest) = text.split_once(": ")?;
    let file = place.to_owned();
    if let Some(name) = rest.strip_prefix("undefined parameter: ") {
        return Some(Warning::UndefinedParameter {
            file,
            name: name.to_owned(),
        });
    }
    if let Some(assignment) = rest.strip_prefix("unused parameter: ") {
        return Some(Warning::UnusedParameter {
            file,
            assignment: assignment.to_owned(),
        });
    }
    if let Some(assignment) = rest.strip_prefix("read-only parameter assignment: ") {
        return Some(Warning::ReadOnlyAssignment {
            file,
            assignment: assignment.to_owned(),
        });
    }
    if let Some(start) = rest.strip_prefix("logical line must not start with whitespace: ") {
        let start = start.trim_end_matches("...").trim_matches('"').to_owned();
        return Some(Warning::LogicalLineStartsWithWhitespace { file, start });
    }
    let (name, old) = rest.strip_prefix("overriding earlier entry: ")?.split_once('=')?;
    let (file, line) = place.split_once(", line ")?;
    Some(Warning::OverridingEarlierEntry {
        file: file.to_owned(),
        line: line.parse().ok()?,
        name: name.to_owned(),
        old: old.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read() {
        let stderr = "/usr/sbin/postconf: warning: /d/main.cf, line 3: overriding earlier entry: relayhost=[a]:25=b\n\
            postconf: warning: /d/master.cf: logical line must not start with whitespace: \"  foo bar\"\n\
            postconf: warning: /d/master.cf: undefined parameter: nope3\n\
            postconf: warning: /d/main.cf: read-only parameter assignment: process_id=3\n\
            postconf: warning: /d/main.cf: unused parameter: unused_thing=5: 6\n\
            postconf: warning: open \"mysql\" configuration \"/x.cf\": No such file or directory\n\
            postconf: fatal: /d/main.cf, line 4: missing '=' after attribute name: \"bb\"\n";
        let (warnings, fatal) = read(stderr, Path::new("/d"));
        let text = |text: &str| text.to_owned();
        assert_eq!(
            warnings,
            [
                Warning::OverridingEarlierEntry {
                    file: text("main.cf"),
                    line: 3,
                    name: text("relayhost"),
                    old: text("[a]:25=b")
                },
                Warning::LogicalLineStartsWithWhitespace {
                    file: text("master.cf"),
                    start: text("  foo bar")
                },
                Warning::UndefinedParameter {
                    file: text("master.cf"),
                    name: text("nope3")
                },
                Warning::ReadOnlyAssignment {
                    file: text("main.cf"),
                    assignment: text("process_id=3")
                },
                Warning::UnusedParameter {
                    file: text("main.cf"),
                    assignment: text("unused_thing=5: 6")
                },
                Warning::Other(text(
                    "open \"mysql\" configuration \"/x.cf\": No such file or directory"
                )),
            ]
        );
        assert_eq!(
            fatal.as_deref(),
            Some("main.cf, line 4: missing '=' after attribute name: \"bb\"")
        );
    }
}
