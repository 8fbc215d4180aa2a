//! A peer on loopback that follows a script.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// No script needs longer.
const END: Duration = Duration::from_secs(5);

/// A peer that listens until it is dropped.
pub(super) struct Peer {
    pub(super) port: u16,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<Vec<JoinHandle<()>>>>,
}

#[derive(Default)]
struct Shared {
    ends: AtomicBool,
    /// Connections so far.
    count: AtomicUsize,
}

impl Peer {
    /// Follows the script on every connection, each in a thread of its own.
    pub(super) fn new(script: impl Fn(&mut Talk) + Send + Sync + 'static) -> Peer {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let shared = Arc::new(Shared::default());
        let (script, state) = (Arc::new(script), Arc::clone(&shared));
        let listening = thread::spawn(move || {
            let mut talks = Vec::new();
            for stream in listener.incoming() {
                if state.ends.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                state.count.fetch_add(1, Ordering::SeqCst);
                let script = Arc::clone(&script);
                talks.push(thread::spawn(move || script(&mut Talk::on(stream))));
            }
            talks
        });
        Peer {
            port,
            shared,
            listening: Some(listening),
        }
    }

    /// Stops, and tells how many connections there were.
    pub(super) fn stop(self) -> usize {
        self.shared.count.load(Ordering::SeqCst)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        // It waits for a connection to see that it is over.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        let Some(listening) = self.listening.take() else { return };
        let talks = listening.join().expect("the listener never panics");
        // Each ends, if only because its time does.
        let failed = talks.into_iter().filter_map(|talk| talk.join().err()).count();
        if !thread::panicking() {
            assert_eq!(failed, 0, "the client did what it must not");
        }
    }
}

/// One connection of a peer.
pub(super) struct Talk {
    stream: TcpStream,
    come: Vec<u8>,
}

impl Talk {
    fn on(stream: TcpStream) -> Talk {
        stream.set_read_timeout(Some(END)).expect("a limit");
        stream.set_write_timeout(Some(END)).expect("a limit");
        stream.set_nodelay(true).expect("no delay");
        Talk {
            stream,
            come: Vec::new(),
        }
    }

    /// False when nobody listens any more.
    pub(super) fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    pub(super) fn send_no_more(&self) {
        // The client may have hung up already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    pub(super) fn pause(&self, milliseconds: u64) {
        thread::sleep(Duration::from_millis(milliseconds));
    }

    /// Waits until the client hangs up.
    pub(super) fn wait(&mut self) {
        while !self.some().is_empty() {}
    }

    /// What has come so far, without waiting.
    pub(super) fn come(&mut self) -> Vec<u8> {
        self.stream.set_nonblocking(true).expect("a mode");
        let mut buffer = [0; 4096];
        let count = self.stream.read(&mut buffer).unwrap_or(0);
        self.stream.set_nonblocking(false).expect("a mode");
        self.come.extend(&buffer[..count]);
        std::mem::take(&mut self.come)
    }

    /// What comes next; nothing when the client hangs up.
    pub(super) fn some(&mut self) -> Vec<u8> {
        if self.come.is_empty() {
            let mut buffer = [0; 4096];
            let count = self.stream.read(&mut buffer).unwrap_or(0);
            self.come.extend(&buffer[..count]);
        }
        std::mem::take(&mut self.come)
    }

    /// The next line, without its end; empty when the client hangs up.
    pub(super) fn line(&mut self) -> String {
        let mut line = Vec::new();
        loop {
            let some = self.some();
            if some.is_empty() {
                return String::new();
            }
            line.extend(some);
            if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
                self.come = line.split_off(end + 1);
                return String::from_utf8_lossy(&line).trim_end().to_owned();
            }
        }
    }

    /// Greets, announces STARTTLS and answers it; false when the client hangs up before.
    pub(super) fn answers_starttls(&mut self, answer: &[u8]) -> bool {
        self.send(b"220 mail.example.org ESMTP\r\n");
        loop {
            match self.line().as_str() {
                "" | "QUIT" => return false,
                "STARTTLS" => return self.send(answer),
                line if line.starts_with("EHLO ") => {
                    self.send(b"250-mail.example.org\r\n250-SIZE 1000\r\n250 STARTTLS\r\n");
                }
                line => panic!("it says {line}"),
            };
        }
    }
}

/// A server that answers a hello with its choice, and goes no further.
#[derive(Clone, Copy)]
pub(super) struct Stack {
    /// Numbers of versions before TLS 1.3.
    pub(super) versions: &'static [u16],
    /// Numbers of suites, its favourite first.
    pub(super) suites: &'static [u16],
    pub(super) own_order: bool,
}

impl Stack {
    pub(super) fn answer(&self, talk: &mut Talk) {
        let mut hello = talk.some();
        while hello.len() > 4 && hello.len() < 5 + usize::from(u16::from_be_bytes([hello[3], hello[4]])) {
            let more = talk.some();
            if more.is_empty() {
                return;
            }
            hello.extend(more);
        }
        let chosen = (hello.first() == Some(&22)).then(|| self.choose(&hello)).flatten();
        let Some((version, suite)) = chosen else {
            talk.send(b"\x15\x03\x00\x00\x02\x02\x46");
            return;
        };
        let mut body = version.to_be_bytes().to_vec();
        body.extend([7; 32]);
        body.push(0);
        body.extend(suite.to_be_bytes());
        body.push(0);
        let mut record = vec![22];
        record.extend(version.to_be_bytes());
        record.extend((body.len() as u16 + 4).to_be_bytes());
        record.extend([2, 0, 0, body.len() as u8]);
        record.extend(body);
        // In two pieces, as a network may bring it.
        let (first, rest) = record.split_at(9);
        talk.send(first);
        talk.pause(2);
        talk.send(rest);
    }

    /// Version and suite, where both sides have one. Source: RFC 5246 §7.4.1.2.
    fn choose(&self, hello: &[u8]) -> Option<(u16, u16)> {
        let number = |at: usize| Some(u16::from_be_bytes([*hello.get(at)?, *hello.get(at + 1)?]));
        let version = number(9)?;
        // A client of TLS 1.3 says so elsewhere: it has a session's name in its hello here.
        let session = usize::from(*hello.get(43)?);
        if session > 0 || !self.versions.contains(&version) {
            return None;
        }
        let count = usize::from(number(44)?) / 2;
        let offered: Vec<u16> = (0..count).filter_map(|index| number(46 + 2 * index)).collect();
        let (first, second) = if self.own_order {
            (self.suites, offered.as_slice())
        } else {
            (offered.as_slice(), self.suites)
        };
        let suite = first.iter().find(|suite| second.contains(suite))?;
        Some((version, *suite))
    }
}

/// What is right, what is nearly right, and what is not.
const PIECES: &[&[u8]] = &[
    b"220 mail.example.org ESMTP\r\n",
    b"220-mail.example.org\r\n",
    b"250-mail.example.org\r\n",
    b"250-STARTTLS\r\n",
    b"250-AUTH PLAIN LOGIN\r\n",
    b"250 AUTH=PLAIN\r\n",
    b"250 SIZE\r\n",
    b"250\r\n",
    b"25",
    b"999 what\r\n",
    b"421 go away\r\n",
    b"530 5.7.0 Must issue a STARTTLS command first\r\n",
    b"220 go ahead\r\n",
    b"\r\n",
    b"\n\n\n\n",
    b"\0\0\0\0",
    b"\xff\xfe\xff\xfe\r\n",
    b"\x1b[2J220 x\r\n",
    b"\x16\x03\x01",
    b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03",
    b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00",
    b"\x16\x03\x03\x00\x08\x0b\x00\x00\x04\x00\x00\x01\x00",
    b"\x15\x03\x01\x00\x02\x02\x28",
    b"\x15\x03\x01\x00\x02\x01\x00",
    b"\x17\x03\x03\x00\x10",
    b"\x80\x20\x04\x00\x01\x00\x02",
];

/// Numbers that are the same for the same seed (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Does this and that.
pub(super) fn random(talk: &mut Talk, seed: u64) {
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    // Half of them come as far as TLS.
    if numbers.below(2) == 0 && !talk_up_to_tls(talk) {
        return;
    }
    for _ in 0..numbers.below(40) {
        let goes_on = match numbers.below(12) {
            0 => {
                talk.pause(numbers.below(40));
                true
            }
            1 => !talk.some().is_empty(),
            2 => {
                talk.send_no_more();
                return talk.wait();
            }
            3 => return,
            4 => {
                let bytes: Vec<u8> = (0..numbers.below(3000)).map(|_| numbers.below(256) as u8).collect();
                talk.send(&bytes)
            }
            _ => {
                let piece = PIECES[numbers.below(PIECES.len() as u64) as usize];
                talk.send(piece)
            }
        };
        if !goes_on {
            return;
        }
    }
    talk.wait();
}

/// As [`Talk::answers_starttls`], for a client that may say anything.
fn talk_up_to_tls(talk: &mut Talk) -> bool {
    talk.send(b"220 mail.example.org ESMTP\r\n");
    loop {
        let line = talk.line();
        match line.split(' ').next().unwrap_or_default() {
            "" | "QUIT" => return false,
            "STARTTLS" => return talk.send(b"220 go ahead\r\n"),
            _ => {
                talk.send(b"250-mail.example.org\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n");
            }
        }
    }
}
