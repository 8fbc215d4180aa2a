//! The settings for people, in the words of their programs.

use std::fmt::Write;

use super::{ClientSettings, FormError, HostName, Outgoing, Security};

/// What a person needs to set up an account by hand.
pub(super) fn text(settings: &ClientSettings) -> Result<String, FormError> {
    let first = settings.first().ok_or(FormError::NoPort)?;
    let user = settings.address.as_ref().map_or(
        "your full mail address, unless you were given another name",
        |address| address.as_str(),
    );
    let mut text = format!("Mail of {}: what to enter in a mail program\n", settings.domain);
    if let Some(incoming) = &settings.incoming {
        let port = Outgoing {
            port: incoming.port,
            security: incoming.security,
        };
        server(&mut text, "Incoming mail (IMAP)", &incoming.host, port, user);
    } else {
        text.push_str("\nIncoming mail (IMAP)\n  ask whoever runs the server: the settings for sending do not tell\n");
    }
    server(&mut text, "Outgoing mail (SMTP)", &settings.host, first, user);
    for (index, other) in settings.outgoing.iter().enumerate().skip(1) {
        let when = if index == 1 { "If that does not connect" } else { "Or" };
        // Formatting into a string cannot fail.
        let _ = writeln!(text, "  {when}: port {} with {}", other.port, other.security.label());
    }
    programs(&mut text, settings, first);
    warnings(&mut text, settings);
    Ok(text)
}

fn server(text: &mut String, title: &str, host: &HostName, port: Outgoing, user: &str) {
    let _ = write!(
        text,
        "\n{title}\n  server                {host}\n  port                  {}\n  connection security   {}\n  \
         authentication        normal password\n  user name             {user}\n",
        port.port,
        port.security.label()
    );
}

/// What each program calls the settings for sending.
fn programs(text: &mut String, settings: &ClientSettings, first: Outgoing) {
    let Outgoing { port, security } = first;
    let label = security.label();
    let rows = [
        (
            "Thunderbird",
            format!("Connection security: {label}; Authentication method: Normal password"),
        ),
        (
            "Thunderbird for Android, K-9 Mail",
            format!("Security: {label}; Authentication: Normal password"),
        ),
        (
            "Outlook",
            format!(
                "Server: {}; Port: {port}; Encryption method: {label}; \
                 Secure Password Authentication (SPA): off; outgoing server requires authentication: on",
                settings.host
            ),
        ),
        (
            "Apple Mail on a Mac",
            format!(
                "Automatically manage connection settings: off; Port: {port}; Use TLS/SSL: on; Authentication: Password"
            ),
        ),
        (
            "Mail on an iPhone or iPad",
            format!("Use SSL: on; Authentication: Password; Server Port: {port}"),
        ),
    ];
    text.push_str("\nWhat the programs call it, for outgoing mail\n");
    for (program, words) in rows {
        let _ = writeln!(text, "  {program}");
        for words in words.split("; ") {
            let _ = writeln!(text, "      {words}");
        }
    }
}

fn warnings(text: &mut String, settings: &ClientSettings) {
    let incoming = settings.incoming.iter().map(|incoming| incoming.security);
    let mut all = settings.outgoing.iter().map(|one| one.security).chain(incoming);
    text.push_str("\nNever choose \"None\" or \"Auto\" for the connection's security");
    if all.any(|security| security == Security::Starttls) {
        text.push_str(
            ", nor \"STARTTLS, if available\":\nsomebody on the way could then take the encryption away unseen.\n",
        );
    } else {
        text.push_str(".\n");
    }
    text.push_str("If the program warns of a certificate, do not go on: tell whoever runs the server what it says.\n");
}
