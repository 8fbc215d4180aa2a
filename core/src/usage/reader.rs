//! From blocks of bytes to lines, and from lines to counts.

use memchr::memchr;

use super::event::{Door, Heard};
use super::journal::{self, Entry};
use super::line::{self, Found};
use super::names::Names;
use super::servers::SERVERS;
use super::tally::{Process, Seen, Tally};
use super::{Limits, Lines, Options, Stamp, Usage, report};

/// Longer lines are cut. Postfix writes no more than 2000 bytes (`MSG_LOGGER_RECLEN`).
const LONGEST_LINE: usize = 8192;

/// An entry of a journal as JSON has all its fields in a line.
const LONGEST_JSON: usize = 65_536;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// To be seen at the first line.
    NotYet,
    Syslog,
    JournalExport,
    JournalJson,
}

/// A field of a journal's export whose value is told by its length.
#[derive(Debug)]
struct Binary {
    name: Vec<u8>,
    /// The bytes of the length that have come.
    length: Vec<u8>,
    /// Once the length is known: how many bytes are still to come, and the line's end behind them.
    left: Option<u64>,
}

/// A service of a server.
#[derive(Debug)]
pub(super) struct KnownDoor {
    /// The server's place in [`SERVERS`].
    pub(super) server: usize,
    pub(super) name: Box<[u8]>,
    /// The port, where the log tells it.
    pub(super) port: Option<u16>,
}

/// Reads logs, and counts. Keeps no line.
#[derive(Debug)]
pub struct Reader {
    options: Options,
    form: Form,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    cut: bool,
    entry: Entry,
    binary: Option<Binary>,
    hosts: Names,
    last_host: (Vec<u8>, u16),
    services: Vec<KnownDoor>,
    last_service: usize,
    lines: Lines,
    first: Option<Stamp>,
    last: Option<Stamp>,
    tally: Tally,
}

impl Reader {
    /// A reader with nothing read.
    #[must_use]
    pub fn new(options: Options) -> Reader {
        Reader::with_limits(options, Limits::default())
    }

    pub(super) fn with_limits(options: Options, limits: Limits) -> Reader {
        Reader {
            options,
            form: Form::NotYet,
            begun: Vec::new(),
            cut: false,
            entry: Entry::default(),
            binary: None,
            hosts: Names::default(),
            last_host: (Vec::new(), 0),
            services: Vec::new(),
            last_service: 0,
            lines: Lines::default(),
            first: None,
            last: None,
            tally: Tally::new(limits),
        }
    }

    /// Reads the next bytes of a file, however they are divided.
    pub fn read(&mut self, mut block: &[u8]) {
        while !block.is_empty() {
            if let Some(binary) = self.binary.take() {
                block = self.value(binary, block);
                continue;
            }
            let Some(end) = memchr(b'\n', block) else {
                self.begin(block);
                return;
            };
            let (line, rest) = block.split_at(end);
            block = rest.get(1..).unwrap_or_default();
            if self.begun.is_empty() && line.len() <= self.longest() {
                self.line(line);
            } else {
                self.begin(line);
                let whole = std::mem::take(&mut self.begun);
                self.line(&whole);
                self.begun = whole;
                self.begun.clear();
                self.cut = false;
            }
        }
    }

    /// The file has come to its end; the next bytes are of another, later one.
    pub fn end_of_file(&mut self) {
        if !self.begun.is_empty() {
            let line = std::mem::take(&mut self.begun);
            self.line(&line);
        }
        self.binary = None;
        self.entry();
        self.cut = false;
        self.form = Form::NotYet;
    }

    /// What has been counted.
    #[must_use]
    pub fn finish(mut self) -> Usage {
        self.end_of_file();
        self.tally.give_up_open();
        report::make(report::Counted {
            options: self.options,
            services: self.services,
            lines: self.lines,
            range: self.first.zip(self.last),
            tally: self.tally,
        })
    }

    /// How much has been read and understood up to now.
    #[must_use]
    pub fn lines(&self) -> Lines {
        self.lines
    }

    /// Keeps a part of a line.
    fn begin(&mut self, part: &[u8]) {
        let room = self.longest().saturating_sub(self.begun.len());
        if part.len() > room && !self.cut {
            self.cut = true;
            self.lines.cut += 1;
        }
        self.begun.extend_from_slice(part.get(..room).unwrap_or(part));
    }

    fn longest(&self) -> usize {
        match self.form {
            Form::Syslog => LONGEST_LINE,
            Form::NotYet | Form::JournalExport | Form::JournalJson => LONGEST_JSON,
        }
    }

    fn line(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.form == Form::NotYet {
            self.form = match line {
                [] => return,
                [b'{', ..] => Form::JournalJson,
                line if journal::is_export(line) => Form::JournalExport,
                _ => Form::Syslog,
            };
        }
        match self.form {
            Form::NotYet | Form::Syslog if line.is_empty() => {}
            Form::NotYet | Form::Syslog => self.found(&line::read(line)),
            Form::JournalJson => {
                if !line.is_empty() {
                    self.entry.json(line);
                    self.entry();
                }
            }
            Form::JournalExport => {
                if line.is_empty() {
                    self.entry();
                } else if memchr(b'=', line).is_some() {
                    self.entry.line(line);
                } else {
                    self.binary = Some(Binary {
                        name: line.to_vec(),
                        length: Vec::with_capacity(8),
                        left: None,
                    });
                }
            }
        }
    }

    /// An entry of a journal is complete.
    fn entry(&mut self) {
        let mut entry = std::mem::take(&mut self.entry);
        if let Some(found) = entry.read() {
            self.found(&found);
        }
        entry.clear();
        self.entry = entry;
    }

    /// Takes what belongs to a binary field, and hands back the rest.
    fn value<'b>(&mut self, mut binary: Binary, block: &'b [u8]) -> &'b [u8] {
        let Some(left) = binary.left else {
            let missing = 8 - binary.length.len();
            let (part, rest) = block.split_at(missing.min(block.len()));
            binary.length.extend_from_slice(part);
            if let Ok(bytes) = binary.length.as_slice().try_into() {
                binary.left = Some(u64::from_le_bytes(bytes));
            }
            self.binary = Some(binary);
            return rest;
        };
        if left == 0 {
            // The line's end; a value that is not followed by one has a wrong length, and the next line tells.
            return block.strip_prefix(b"\n").unwrap_or(block);
        }
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        let (part, rest) = block.split_at(here);
        self.entry.put(&binary.name, part);
        binary.left = Some(left - here as u64);
        self.binary = Some(binary);
        rest
    }

    /// Counts a line.
    fn found(&mut self, found: &Found<'_>) {
        self.lines.read += 1;
        let stamp = match found {
            Found::Line(line) => line.stamp,
            Found::Other(stamp) => *stamp,
            Found::Nothing => {
                self.lines.unreadable += 1;
                return;
            }
        };
        self.first.get_or_insert(stamp);
        self.last = Some(stamp);
        let Found::Line(line) = found else {
            return;
        };
        for (index, server) in SERVERS.iter().enumerate() {
            let (door, event) = match server.hear(line.program, line.message) {
                Heard::NotMine => continue,
                Heard::Nothing => return,
                Heard::Opened(name, ports) => {
                    for (port, entry) in ports {
                        let port = Some(port);
                        if let Some(service) = self.service(index, Door { name, port }) {
                            self.tally.opened(service, entry);
                        }
                    }
                    return;
                }
                Heard::Event(door, event) => (door, event),
            };
            let (Some(host), Some(service)) = (self.host(line.host), self.service(index, door)) else {
                self.lines.beyond += 1;
                return;
            };
            self.lines.used += 1;
            let process = Process {
                host,
                service,
                number: line.process,
            };
            let seen = Seen {
                line: self.lines.read,
                stamp,
            };
            self.tally.take(process, seen, event);
            return;
        }
    }

    fn host(&mut self, name: &[u8]) -> Option<u16> {
        if self.last_host.0 != name || name.is_empty() {
            let (number, _) = self.hosts.number(name, usize::from(u16::MAX))?;
            self.last_host = (name.to_vec(), u16::try_from(number).ok()?);
        }
        Some(self.last_host.1)
    }

    fn service(&mut self, server: usize, door: Door<'_>) -> Option<u16> {
        let Door { name, port } = door;
        let is_it = |known: &KnownDoor| known.server == server && known.port == port && *known.name == *name;
        if !self.services.get(self.last_service).is_some_and(is_it) {
            self.last_service = match self.services.iter().position(is_it) {
                Some(at) => at,
                None if self.services.len() >= Limits::SERVICES => return None,
                None => {
                    self.services.push(KnownDoor {
                        server,
                        name: name.into(),
                        port,
                    });
                    self.services.len() - 1
                }
            };
        }
        u16::try_from(self.last_service).ok()
    }
}
