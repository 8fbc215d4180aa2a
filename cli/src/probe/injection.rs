//! Whether a command that is sent ahead of the handshake is taken for part of the encrypted session (CVE-2011-0411).

use super::connection::Failure;
use super::session::Library;
use super::smtp::{CLIENT, Dialogue};
use super::target::Target;

/// Sends EHLO in the same piece as STARTTLS. Whoever keeps it answers it inside TLS, with many lines, before anything was said
/// there.
pub(super) fn test(target: &Target, library: &Library) -> Result<bool, Failure> {
    let mut connection = target.connect()?;
    let mut dialogue = Dialogue::on(&mut connection, target.patience);
    dialogue.welcome()?;
    dialogue.hello()?;
    let ready = dialogue.command(&format!("STARTTLS\r\nEHLO {CLIENT}"));
    match ready {
        Ok(reply) if reply.code == 220 => {}
        // Whoever refuses such haste takes nothing.
        Ok(_) | Err(Failure::Closed) => return Ok(false),
        Err(failure) => return Err(failure),
    }
    let mut session = match library.handshake(target, connection) {
        Ok(session) => session,
        // The command was taken for a part of the handshake, and never for one of the session.
        Err(Failure::Closed | Failure::Session(_)) => return Ok(false),
        Err(failure) => return Err(failure),
    };
    let mut dialogue = session.dialogue();
    let reply = dialogue.command("NOOP")?;
    dialogue.quit();
    Ok(reply.lines.len() > 1)
}
