//! Small changes to the text of a master.cf: everything that is not changed keeps its bytes.

/// Services no Postfix works without, in master.cf's columns; added when the configuration leaves them out.
pub(super) const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// What stands at the start of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The first column.
    pub service: &'a str,
    /// The second column: `inet`, `unix`, `pass` …
    pub kind: &'a str,
    /// The fifth column.
    pub chroot: &'a str,
    /// The eighth column.
    pub program: &'a str,
}

/// The entry that starts on this line; `None` for comments, blank lines, continuations and lines with fewer than
/// eight columns.
#[must_use]
pub fn entry(line: &str) -> Option<Entry<'_>> {
    if line.starts_with(|first: char| first.is_whitespace() || first == '#') {
        return None;
    }
    let fields: Vec<&str> = line.split_whitespace().collect();
    Some(Entry {
        service: fields.first()?,
        kind: fields.get(1)?,
        chroot: fields.get(4)?,
        program: fields.get(7)?,
    })
}

/// The line with one column (from 0) replaced.
#[must_use]
pub fn with_column(line: &str, column: usize, text: &str) -> String {
    let mut start = 0;
    for _ in 0..column {
        let rest = &line[start..];
        let word = rest.len() - rest.trim_start().len();
        let end = rest[word..]
            .find(char::is_whitespace)
            .map_or(rest.len(), |end| word + end);
        start += end;
    }
    let rest = &line[start..];
    let word = start + rest.len() - rest.trim_start().len();
    let end = line[word..]
        .find(char::is_whitespace)
        .map_or(line.len(), |end| word + end);
    format!("{}{text}{}", &line[..word], &line[end..])
}

/// What Postfix 3.7 knows when `known_tcp_ports` is not set.
pub const KNOWN_TCP_PORTS: &str = "lmtp=24, smtp=25, smtps=submissions=465, submission=587";

/// Whether the port of a service of type `inet` can be told: a number, a known name, a name of /etc/services.
#[must_use]
pub fn resolvable(service: &str, known: &str) -> bool {
    let port = service.rsplit(':').next().unwrap_or(service);
    let words = |text: &str| text.split([',', '=', ' ', '\t']).any(|word| word == port);
    // Without /etc/services no further name is known.
    let services = std::fs::read_to_string("/etc/services").unwrap_or_default();
    let mut tcp = services
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .filter(|line| {
            line.split_whitespace()
                .nth(1)
                .is_some_and(|second| second.ends_with("/tcp"))
        });
    port.parse::<u16>().is_ok() || words(known) || tcp.any(|line| line.split_whitespace().any(|word| word == port))
}

/// An overriding option within a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The value as written.
    pub value: String,
    start: usize,
    end: usize,
    braces: bool,
}

/// The `name=value` of an `-o` option on this line: `-o name=value` or `-o { name = value }`. The dead form
/// `-o name = value` is none.
#[must_use]
pub fn find_override(line: &str, name: &str) -> Option<Override> {
    if line.trim_start().starts_with('#') {
        return None;
    }
    let mut from = 0;
    while let Some(found) = line[from..].find(name) {
        let start = from + found;
        from = start + name.len();
        let before = line[..start].trim_end();
        let braces = before.ends_with('{');
        if !(before.ends_with("-o") || braces) {
            continue;
        }
        let after = &line[from..];
        let equals = if braces { after.trim_start() } else { after };
        let Some(value) = equals.strip_prefix('=') else {
            continue;
        };
        let value = if braces { value.trim_start() } else { value };
        let start = line.len() - value.len();
        let end = if braces {
            closing(value)
        } else {
            value.find(char::is_whitespace)
        };
        let end = end.map_or(line.len(), |end| start + end);
        return Some(Override {
            value: line[start..end].trim_end().to_owned(),
            start,
            end,
            braces,
        });
    }
    None
}

/// The line with the override's value replaced.
#[must_use]
pub fn with_override(line: &str, found: &Override, value: &str) -> String {
    let (open, close) = (&line[..found.start], &line[found.end..]);
    if found.braces || !value.contains(' ') {
        return format!("{open}{value}{close}");
    }
    // A value with blanks needs braces: -o name=value becomes -o { name=value }.
    let name = open
        .rfind(|before: char| before.is_whitespace())
        .map_or(0, |blank| blank + 1);
    format!("{}{{ {}{value} }}{close}", &open[..name], &open[name..])
}

fn closing(value: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (index, character) in value.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(index),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_replaced_and_the_rest_keeps_its_bytes() {
        let line = "smtp\t  inet  n - y  - - smtpd -v";
        assert_eq!(
            with_column(line, 0, "127.0.0.1:9"),
            "127.0.0.1:9\t  inet  n - y  - - smtpd -v"
        );
        assert_eq!(with_column(line, 4, "n"), "smtp\t  inet  n - n  - - smtpd -v");
        let expected = Entry {
            service: "smtp",
            kind: "inet",
            chroot: "y",
            program: "smtpd",
        };
        assert_eq!(entry(line), Some(expected));
        assert_eq!(entry("  -o a=b c d e f g h i"), None);
        assert_eq!(entry("#smtp inet n - y - - smtpd"), None);
    }

    #[test]
    fn a_port_can_be_told_from_a_number_or_a_known_name() {
        for service in ["465", "[::1]:587", "127.0.0.1:submission", "submissions", "smtp"] {
            assert!(resolvable(service, KNOWN_TCP_PORTS), "{service}");
        }
        assert!(!resolvable("smpts", KNOWN_TCP_PORTS));
        assert!(resolvable("odd", "odd=2525"));
    }

    #[test]
    fn overrides_are_found_in_both_forms_and_not_in_the_dead_one() {
        for (line, value, changed) in [
            (" -o mynetworks=127.0.0.0/8 -v", "127.0.0.0/8", " -o mynetworks=x -v"),
            ("  -omynetworks=a", "a", "  -omynetworks=x"),
            (" -o { mynetworks = a, b } -v", "a, b", " -o { mynetworks = x} -v"),
            (" -o {mynetworks=${a?{b}}}", "${a?{b}}", " -o {mynetworks=x}"),
        ] {
            let found = find_override(line, "mynetworks").expect(line);
            assert_eq!(found.value, value);
            assert_eq!(with_override(line, &found, "x"), changed);
        }
        for line in [
            " -o mynetworks = a",
            " -o mynetworks_style=host",
            "# -o mynetworks=a",
            " -o x=mynetworks=a",
        ] {
            assert_eq!(find_override(line, "mynetworks"), None, "{line}");
        }
    }

    #[test]
    fn a_value_with_blanks_gets_braces() {
        let line = "  -o mynetworks=a -v";
        let found = find_override(line, "mynetworks").expect("found");
        assert_eq!(with_override(line, &found, "a b"), "  -o { mynetworks=a b } -v");
    }
}
