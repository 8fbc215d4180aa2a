//! Print-outs of two programs, pasted one behind the other without a heading between them.

use crate::dialects::{dovecot, postfix};

/// Where in a text the print-out of another program begins: byte offsets of beginnings of lines.
pub(super) fn boundaries(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    // Only what `doveconf` prints tells by itself where it begins.
    if !(text.contains("# 2.") || text.contains("# 1.")) {
        return found;
    }
    let (mut of_dovecot, mut depth, mut offset) = (false, 0_usize, 0);
    let mut before: Option<(usize, &str)> = None;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let (start, said) = (offset, line.trim());
        offset += line.len();
        if said.is_empty() {
            continue;
        }
        if !of_dovecot && dovecot::is_head(said) {
            // The command that prints it stands above.
            let first = before.filter(|(_, above)| is_command(above, "doveconf"));
            found.push(first.map_or(start, |(start, _)| start));
            (of_dovecot, depth) = (true, 0);
        } else if of_dovecot && depth == 0 {
            let next = lines.peek().copied().unwrap_or("");
            let is_print_out = is_postfix(line) && (next.trim().is_empty() || is_postfix(next));
            if is_command(said, "postconf") || is_service(line) || is_print_out {
                found.push(start);
                of_dovecot = false;
            }
        }
        if of_dovecot {
            let opens = usize::from(said.ends_with('{'));
            depth = (depth + opens).saturating_sub(usize::from(said == "}"));
        }
        before = Some((start, said));
    }
    // What nothing stands before begins there anyway.
    found.retain(|start| !text.get(..*start).unwrap_or("").trim().is_empty());
    found
}

/// A command as it stands behind a prompt.
fn is_command(line: &str, program: &str) -> bool {
    let mut words = line.split(['/', ' ', '$', '#', '%', '>']);
    words.any(|word| word == program) && !line.contains('=')
}

/// A line of main.cf.
fn is_postfix(line: &str) -> bool {
    let name = line.split_once('=').map(|(name, _)| name.trim_end());
    name.is_some_and(postfix::is_parameter)
}

/// A line of master.cf.
fn is_service(line: &str) -> bool {
    let kind = line.split_whitespace().nth(1);
    !line.starts_with([' ', '\t']) && matches!(kind, Some("inet" | "unix" | "pass" | "fifo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTFIX: &str = "root@mail:~# postconf -n\nsmtpd_tls_security_level = may\nsmtpd_use_tls = yes\n";
    const DOVECOT: &str = "root@mail:~# doveconf -n\n# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf\n\
                           # OS: Linux\nlisten = *\npassdb {\n  driver = pam\n}\nrecipient_delimiter = +\nssl = required\n";

    #[test]
    fn print_outs_are_parted_where_they_begin() {
        let parts = |text: &str| {
            let mut starts = boundaries(text);
            starts.insert(0, 0);
            starts
                .iter()
                .map(|start| text[*start..].lines().next().unwrap_or("").to_owned())
                .collect::<Vec<_>>()
        };
        let (postfix, dovecot) = ("root@mail:~# postconf -n", "root@mail:~# doveconf -n");
        assert_eq!(parts(&format!("{POSTFIX}\n{DOVECOT}")), [postfix, dovecot]);
        assert_eq!(parts(&format!("{DOVECOT}{POSTFIX}")), [dovecot, postfix]);
        assert_eq!(
            parts(&format!("{DOVECOT}{POSTFIX}{DOVECOT}")),
            [dovecot, postfix, dovecot]
        );
        let (_, bare) = POSTFIX.split_once('\n').unwrap();
        assert_eq!(
            parts(&format!("{DOVECOT}\n{bare}"))[1..],
            ["smtpd_tls_security_level = may"]
        );
        assert_eq!(
            parts(&format!("{DOVECOT}submission inet n - y - - smtpd\n"))[1..],
            ["submission inet n - y - - smtpd"]
        );
        assert_eq!(parts(DOVECOT), [dovecot]);
        assert_eq!(parts(POSTFIX), [postfix]);
    }
}
