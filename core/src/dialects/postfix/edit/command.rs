//! The commands by which Postfix's own tool writes what stands in a print-out (postconf(1)).

use crate::question::in_quotes;

/// Gives a parameter its value, or takes it out; of a service when `scope` names one, such as `submission/inet`.
pub(in crate::dialects::postfix) fn setting(scope: Option<&str>, name: &str, value: Option<&str>) -> String {
    match (scope, value) {
        (Some(scope), Some(value)) => format!("postconf -P {}", in_quotes(&format!("{scope}/{name}={value}"))),
        (Some(scope), None) => format!("postconf -PX {}", in_quotes(&format!("{scope}/{name}"))),
        (None, Some(value)) => format!("postconf -e {}", in_quotes(&format!("{name} = {value}"))),
        (None, None) => format!("postconf -X {name}"),
    }
}

/// Makes a service of its eight columns.
pub(in crate::dialects::postfix) fn service(scope: &str, columns: &str) -> String {
    format!("postconf -M {}", in_quotes(&format!("{scope}={columns}")))
}

/// Gives a service another name.
pub(super) fn name(scope: &str, name: &str) -> String {
    format!("postconf -F {}", in_quotes(&format!("{scope}/service={name}")))
}

/// Puts a `#` in front of a service.
pub(super) fn comment_out(scope: &str) -> String {
    format!("postconf -M# {}", in_quotes(scope))
}

#[cfg(test)]
mod tests {
    use super::{service, setting};

    #[test]
    fn a_shell_reads_each_as_one_word() {
        assert_eq!(setting(None, "a", Some("it's b")), r"postconf -e 'a = it'\''s b'");
        assert_eq!(setting(Some("smtp/inet"), "a", Some("b c")), "postconf -P 'smtp/inet/a=b c'");
        assert_eq!(setting(Some("smtp/inet"), "a", None), "postconf -PX 'smtp/inet/a'");
        assert_eq!(setting(None, "a", None), "postconf -X a");
        assert_eq!(service("465/inet", "465 inet n - n - - smtpd"), "postconf -M '465/inet=465 inet n - n - - smtpd'");
    }
}
