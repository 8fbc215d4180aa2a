//! What smtpd writes to the log (postconf(5), syslog_name and smtpd_tls_loglevel).

use super::config::View;
use crate::facts::Log;

pub(super) fn of(view: &View<'_>) -> Log {
    Log {
        name: view.text("syslog_name"),
        tls: view.text("smtpd_tls_loglevel").map(|level| level.trim().parse::<u32>().is_ok_and(|level| level > 0)),
    }
}
