//! Plans lived through: before and after each stage's change a running server reads its files anew, and clients of either port get
//! what they have to.

#![allow(clippy::print_stdout, reason = "what was tried is the test's report")]
#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fmt::{self, Debug, Formatter};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use smtplint_core::migrate::{self, Plan, StageKind, To};
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::{Options, recognise};

use super::STRANGER;
use super::dialogue::{CLIENT, Dialogue, DialogueError, LOGIN, Tls};

const LIMIT: Duration = Duration::from_secs(30);
/// How long a client waits for a greeting: where the other side waits for a handshake, none comes.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a client begins.
const WAYS: [(&str, u16, Option<Tls>); 6] = [
    ("465, implicit TLS", 465, Some(Tls::Implicit)),
    ("465, STARTTLS", 465, Some(Tls::StartTls)),
    ("465, in clear", 465, None),
    ("587, implicit TLS", 587, Some(Tls::Implicit)),
    ("587, STARTTLS", 587, Some(Tls::StartTls)),
    ("587, in clear", 587, None),
];

/// A server whose users move. It runs, and `alice` with the password `secret` is one of them.
pub struct Moved<'a> {
    /// The folder of its configuration.
    pub folder: &'a Path,
    /// The configuration's name in there.
    pub name: &'static str,
    /// Where it is.
    pub server: Ipv4Addr,
    /// What is said where a client does not get what it has to.
    pub log: PathBuf,
    /// What is known of its release.
    pub options: Options,
    /// Has it read its configuration anew.
    pub reload: &'a dyn Fn(),
}

impl Debug for Moved<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Moved")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl Moved<'_> {
    /// From 587 to 465, back again, and to both.
    ///
    /// # Panics
    /// Where a plan has a gate that is not met, or a client does not get what it has to.
    pub fn goes_everywhere(&self) {
        self.holds("before anything", &[587]);
        let changed = self.goes(To::Implicit, &[587]);
        assert_eq!(changed, [StageKind::Ready, StageKind::Evidence, StageKind::Close]);
        // The log tells ports by now.
        let changed = self.goes(To::Starttls, &[465]);
        assert_eq!(changed, [StageKind::Ready, StageKind::Close]);
        let changed = self.goes(To::Both, &[587]);
        assert_eq!(changed, [StageKind::Ready]);
    }

    /// Whether a client that begins in this way can log in.
    fn logs_in(&self, port: u16, tls: Option<Tls>) -> bool {
        let tried = || -> Result<u16, DialogueError> {
            let address = SocketAddr::new(IpAddr::V4(self.server), port);
            let greeted = |mut dialogue: Dialogue| dialogue.reply(PATIENCE).map(|_| dialogue);
            let mut dialogue = match tls {
                Some(Tls::Implicit) => greeted(Dialogue::tls(address, STRANGER, Tls::Implicit)?)?,
                Some(Tls::StartTls) => {
                    greeted(Dialogue::clear(address, STRANGER)?)?;
                    Dialogue::tls(address, STRANGER, Tls::StartTls)?
                }
                None => greeted(Dialogue::clear(address, STRANGER)?)?,
            };
            dialogue.command(&format!("EHLO {CLIENT}"))?;
            Ok(dialogue.command(LOGIN)?.code)
        };
        tried().is_ok_and(|code| code == 235)
    }

    /// Waits until exactly those who should be able to log in are, after what was read anew.
    fn holds(&self, stage: &str, open: &[u16]) {
        let due = WAYS.map(|(way, port, tls)| {
            let wanted = match port {
                465 => Some(Tls::Implicit),
                _ => Some(Tls::StartTls),
            };
            (way, open.contains(&port) && tls == wanted)
        });
        let until = Instant::now() + LIMIT;
        loop {
            let found = WAYS.map(|(way, port, tls)| (way, self.logs_in(port, tls)));
            if found == due {
                println!("{stage}: {} of {} ways lead in", open.len(), WAYS.len());
                return;
            }
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            assert!(Instant::now() < until, "{stage}: {found:?}\n{log}");
            sleep(Duration::from_millis(200));
        }
    }

    fn planned(&self, text: &str, to: To) -> Plan {
        let mut sources = Sources::new();
        sources.add(Source::new(self.name, text, SourceKind::Authored));
        let dialect = recognise(&sources).expect("it is known");
        let plan = migrate::plan(&sources, dialect, &self.options, to);
        let unmet: Vec<_> = plan.unmet().map(|gate| (&gate.what, &gate.why)).collect();
        assert!(unmet.is_empty(), "{unmet:?}");
        plan
    }

    fn text(&self) -> String {
        fs::read_to_string(self.folder.join(self.name)).expect("it is there")
    }

    /// Puts a text in place of the one that the server runs with, and has it read. The file is never half written: the server may
    /// still be reading it for the last time.
    fn takes(&self, text: &str) {
        let whole = self.folder.join("next");
        fs::write(&whole, text).expect("it can be written");
        fs::rename(&whole, self.folder.join(self.name)).expect("it takes the other's place");
        (self.reload)();
    }

    /// Goes through the stages; gives those that changed the text.
    fn goes(&self, to: To, from: &[u16]) -> Vec<StageKind> {
        let plan = self.planned(&self.text(), to);
        let mut open = from.to_vec();
        let mut changed = Vec::new();
        for stage in &plan.stages {
            let Some(step) = &stage.step else { continue };
            let (before, after) = (text_of(&step.before), text_of(&step.after));
            let name = format!("to {}, {:?}", to.word(), stage.kind);
            assert_eq!(self.text(), before, "{name}");
            assert_ne!(before, after, "{name}");
            let then = match stage.kind {
                StageKind::Ready => vec![465, 587],
                StageKind::Close => to.wanted().to_vec(),
                _ => open.clone(),
            };
            self.takes(&after);
            self.holds(&name, &then);
            self.takes(&before);
            self.holds(&format!("{name}, taken back"), &open);
            self.takes(&after);
            self.holds(&format!("{name}, once more"), &then);
            open = then;
            changed.push(stage.kind);
        }
        changed
    }
}

fn text_of(sources: &Sources) -> String {
    sources.iter().map(|(_, source)| source.text()).collect()
}
