//! Print-outs of Postfix's own tool, known by their shape: settings in the order of names, services drawn in its columns.

/// The commands that printed a text, as a shell runs them one behind the other: `postconf -n; postconf -M`. `None` for what
/// anybody may have written.
pub(super) fn by(text: &str) -> Option<String> {
    let mut shape = Shape::default();
    for line in text.lines() {
        shape.take(line)?;
    }
    shape.commands()
}

/// What printed the line before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    Nothing,
    Settings,
    /// Options of services by name, such as `submission/inet/name = value`.
    Options,
    Services,
}

/// What was seen so far.
#[derive(Default)]
struct Shape<'a> {
    part: Part,
    last: &'a str,
    settings: usize,
    options: usize,
    services: usize,
    /// `postconf mail_version` came first.
    tells_release: bool,
}

impl<'a> Shape<'a> {
    /// `None` for a line that the tool does not print there.
    fn take(&mut self, line: &'a str) -> Option<()> {
        // A prompt or a warning around the print-out does not change what it is.
        if line.trim().is_empty() || line.contains("postconf") || is_prompt(line) {
            return Some(());
        }
        // With -f the tool goes on in lines of their own.
        if let Some(rest) = line.strip_prefix("    ") {
            let goes_on =
                self.part != Part::Nothing && !rest.starts_with(char::is_whitespace) && !rest.starts_with('#');
            return goes_on.then_some(());
        }
        if is_service(line) {
            self.services += 1;
            self.part = Part::Services;
            return Some(());
        }
        let (name, value) = line.split_once(" =")?;
        if name.contains(char::is_whitespace) || line.starts_with('#') || !(value.is_empty() || value.starts_with(' '))
        {
            return None;
        }
        let is_option = ["/inet/", "/unix/", "/pass/"].iter().any(|kind| name.contains(kind));
        let part = if is_option { Part::Options } else { Part::Settings };
        if part == Part::Settings && self.part == part && name < self.last {
            return None;
        }
        match part {
            Part::Options => self.options += 1,
            _ => self.settings += 1,
        }
        (self.part, self.last) = (part, name);
        if name == "mail_version" && self.settings == 1 {
            self.tells_release = true;
            // What is printed behind it begins anew.
            self.last = "";
        }
        Some(())
    }

    fn commands(&self) -> Option<String> {
        // A few lines in order may be anybody's, and so may one service; a print-out of everything has hundreds.
        let lines = self.settings + self.options;
        if self.services < 2 && (self.services > 0 || lines < if self.tells_release { 2 } else { 6 }) {
            return None;
        }
        let settings = match self.settings {
            0 => None,
            1 if self.tells_release => Some("postconf mail_version"),
            few if few < 500 => Some("postconf -n"),
            _ => Some("postconf -d"),
        };
        let options = (self.options > 0).then_some("postconf -P");
        let services = (self.services > 0).then_some("postconf -M");
        Some(
            [settings, services, options]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("; "),
        )
    }
}

/// `root@mail:~#`, with nothing behind it.
fn is_prompt(line: &str) -> bool {
    let line = line.trim();
    line.ends_with(['#', '$']) && line.split_whitespace().next().is_some_and(|word| word.contains('@'))
}

/// Where the tool begins each of the eight columns; behind a longer word, one blank further on (postconf(1), `-M`).
const COLUMNS: [usize; 8] = [0, 11, 17, 25, 33, 41, 49, 57];

/// True for a service that is drawn in just these columns.
fn is_service(line: &str) -> bool {
    let mut at = 0;
    let mut rest = line;
    for (number, column) in COLUMNS.into_iter().enumerate() {
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let due = if number == 0 {
            0
        } else {
            column.saturating_sub(at).max(1)
        };
        let word = rest.get(blanks..).unwrap_or("");
        let word = word.split(' ').next().unwrap_or("");
        if blanks != due || word.is_empty() || word.contains(char::is_whitespace) {
            return false;
        }
        if number == 1 && !matches!(word, "inet" | "unix" | "pass" | "fifo" | "unix-dgram") {
            return false;
        }
        at += blanks + word.len();
        rest = rest.get(blanks + word.len()..).unwrap_or("");
    }
    !line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::by;

    const SETTINGS: &str = "compatibility_level = 3.6\nmydestination =\nmyhostname = mail.example.org\n";
    const SERVICES: &str = "smtp       inet  n       -       n       -       -       smtpd\n\
        submissions inet n       -       n       -       -       smtpd -o smtpd_tls_wrappermode=yes\n\
        pickup     unix  n       -       n       60      1       pickup\n";

    #[test]
    fn what_is_printed_one_behind_the_other_is_a_print_out() {
        let mixed = format!("mail_version = 3.7.11\n{SETTINGS}{SERVICES}");
        assert_eq!(by(&mixed).as_deref(), Some("postconf -n; postconf -M"));
        assert_eq!(by(SERVICES).as_deref(), Some("postconf -M"));
        assert_eq!(
            by(&format!("{SERVICES}\n{SETTINGS}")).as_deref(),
            Some("postconf -n; postconf -M")
        );
        assert_eq!(
            by(&format!("mail_version = 3.7.11\n{SETTINGS}")).as_deref(),
            Some("postconf -n")
        );
        let options = "submission/inet/a = 1\nsmtp/inet/b = 2\n".repeat(3);
        assert_eq!(by(&options).as_deref(), Some("postconf -P"));
        assert_eq!(
            by(&format!("{SERVICES}{options}")).as_deref(),
            Some("postconf -M; postconf -P")
        );
        let session = format!(
            "root@mail:~# postconf -n\n{SETTINGS}postconf: warning: x\nroot@mail:~# postconf -Mf\n\
             smtp       inet  n       -       n       -       -       smtpd\n    -o a=1\n    -o {{ b = 1 }}\n{SERVICES}root@mail:~# "
        );
        assert_eq!(by(&session).as_deref(), Some("postconf -n; postconf -M"));
    }

    #[test]
    fn what_somebody_wrote_is_none() {
        // Columns that a person drew, as in the files that distributions ship.
        let drawn = "smtp      inet  n       -       y       -       -       smtpd\n\
            submission inet n       -       y       -       -       smtpd\n  -o smtpd_sasl_auth_enable=yes\n";
        assert_eq!(by(drawn), None);
        assert_eq!(by(&format!("# mine\n{SERVICES}")), None);
        assert_eq!(by(&SERVICES.replace("smtpd -o", "smtpd\n  -o")), None);
        assert_eq!(by(&format!("{SERVICES}b = 1\na = 2\n")), None);
        assert_eq!(by(SETTINGS), None);
        assert_eq!(
            by("submission inet  n       -       n       -       -       smtpd\n"),
            None
        );
        assert_eq!(by("    -o a=1\n"), None);
    }
}
