//! Rules of manualroute routers, and lists of hosts (`routers/manualroute.c`; `string_dequote`; `host.c`).

use super::super::list;

/// A rule: which domains it is for, and where their mail goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// An item of a domain list; empty in `route_data`, which has none.
    pub(super) domain: String,
    /// Hosts in their order, with the ports behind them. `None` for what hangs on the message, or on DNS.
    pub(super) hosts: Option<Vec<(String, Option<u16>)>>,
    /// They are looked up as the machine looks up names, without DNSSEC.
    pub(super) by_name: bool,
    /// The transport, where the rule names one.
    pub(super) transport: Option<String>,
}

/// Words behind the hosts that are options; any other one is the name of a transport.
const OPTIONS: [&str; 6] = ["byname", "bydns", "ipv4_only", "ipv4_prefer", "no_randomize", "randomize"];

/// What `route_list` says. Other than in most lists semicolons part its items.
pub(super) fn rules(text: &str) -> Vec<Rule> {
    let text = text.trim();
    let text = if text.starts_with('<') { text.to_owned() } else { format!("<; {text}") };
    let items = list::items(&text).into_iter().filter(|item| !item.is_empty());
    let rule = |item: String| {
        let (domain, rest) = first_word(&item);
        Rule { domain: domain.to_owned(), ..data(rest) }
    };
    items.map(rule).collect()
}

/// What `route_data` says.
pub(super) fn data(text: &str) -> Rule {
    let (written, options) = first_word(text.trim());
    let words = || options.split_whitespace();
    Rule {
        domain: String::new(),
        // Whatever stands in braces has blanks of its own.
        hosts: if text.contains('$') { None } else { hosts(written) },
        by_name: words().any(|word| word == "byname"),
        transport: words().find(|word| !OPTIONS.contains(word) && !text.contains('$')).map(str::to_owned),
    }
}

/// The first word, which may stand in quotes, and what follows it.
fn first_word(text: &str) -> (&str, &str) {
    match text.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim_start())),
    }
}

/// A list of hosts: `a : b::587`, `[2001:db8::1]:587`, with `+` between those that take turns. `None` where it hangs on the message,
/// on the mx of a name, or where it holds what is no host.
pub(super) fn hosts(text: &str) -> Option<Vec<(String, Option<u16>)>> {
    let items = list::items(text).into_iter().filter(|item| !item.is_empty() && item != "+");
    let hosts: Option<Vec<_>> = items.map(|item| host(&item)).collect();
    hosts.filter(|hosts| !hosts.is_empty())
}

fn host(item: &str) -> Option<(String, Option<u16>)> {
    if item.contains('$') || item.contains(char::is_whitespace) {
        return None;
    }
    let (host, port) = match item.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, behind)) => (address, behind.strip_prefix(':')),
        None => match item.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => (host, Some(port)),
            _ => (item, None),
        },
    };
    if host.to_ascii_lowercase().ends_with("/mx") {
        return None;
    }
    match port {
        // Exim reads digits alone: a word would be a part of the name.
        Some(port) => Some((host.to_owned(), Some(port.parse().ok()?))),
        None => Some((host.to_owned(), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::{data, hosts, rules};

    #[test]
    fn hosts_in_every_form() {
        for (text, expected) in [
            ("smtp.example.net", Some(vec![("smtp.example.net", None)])),
            ("smtp.example.net::587", Some(vec![("smtp.example.net", Some(587))])),
            ("a.example:b.example", Some(vec![("a.example", None), ("b.example", None)])),
            ("a.example:+:b.example", Some(vec![("a.example", None), ("b.example", None)])),
            ("<; [2001:db8::1]:587 ; b.example", Some(vec![("2001:db8::1", Some(587)), ("b.example", None)])),
            ("192.0.2.1", Some(vec![("192.0.2.1", None)])),
            ("smtp.example.net::submission", None),
            ("$domain", None),
            ("example.net/mx", None),
            ("example.net/MX::1225", None),
            ("", None),
        ] {
            let found = hosts(text);
            let found = found.as_ref().map(|all| all.iter().map(|(host, port)| (host.as_str(), *port)).collect::<Vec<_>>());
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn rules_have_options_and_transports() {
        let rules = rules("a.example x.example::587 byname ; * \"y.example : z.example\" randomize byname other");
        let shown: Vec<_> = rules.iter().map(|one| (one.domain.as_str(), one.by_name, one.transport.as_deref())).collect();
        assert_eq!(shown, [("a.example", true, None), ("*", true, Some("other"))]);
        assert_eq!(rules[1].hosts.as_ref().map(Vec::len), Some(2));
        // Blanks end the hosts: what stands behind them is taken for the name of a transport.
        assert_eq!(data("a.example : b.example").transport.as_deref(), Some(":"));
        assert_eq!(data("${lookup{$domain}lsearch{/f}{$value byname}}").hosts, None);
    }
}
