//! Domains in a list: a line each, read while those before it are asked about.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::thread;

use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{Receiver, channel};

use super::canonical;

/// A line has no more bytes; what `mx` itself has printed of a domain is to be read again.
const LONGEST: u64 = 1024 * 1024;
/// So many lines are read ahead.
const AHEAD: usize = 256;

/// A domain, or what stands in its place and why it is none.
pub(crate) type Entry = Result<String, (String, String)>;

/// A record, as far as it says of whom it is, and whether anything was learnt of it.
#[derive(Deserialize)]
struct Named {
    domain: String,
    #[serde(default)]
    error: Option<IgnoredAny>,
    /// Set where somebody was asked.
    #[serde(default)]
    mx: Option<IgnoredAny>,
}

impl Named {
    /// Nobody answered: that may be otherwise the next time. What is no domain stays none.
    fn failed(&self) -> bool {
        self.error.is_some() && self.mx.is_some()
    }
}

/// What a line names; nothing where it is empty, or a comment.
pub(crate) fn entry(line: &str) -> Option<Entry> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let given = match line.as_bytes().first() {
        Some(b'{') => match serde_json::from_str::<Named>(line) {
            Ok(named) => named.domain,
            Err(error) => {
                return Some(Err((
                    line.to_owned(),
                    format!("the line is no JSON with a `domain`: {error}"),
                )));
            }
        },
        Some(b'"') => match serde_json::from_str(line) {
            Ok(given) => given,
            Err(error) => return Some(Err((line.to_owned(), format!("the line is no text of JSON: {error}")))),
        },
        _ => line.to_owned(),
    };
    Some(canonical(&given).map_err(|why| (given, why)))
}

/// The name that the record of an entry has.
fn key(entry: &Entry) -> &str {
    match entry {
        Ok(domain) => domain,
        Err((given, _)) => given,
    }
}

/// Reads one line, and of one that is too long its beginning.
fn line(input: &mut impl BufRead, into: &mut Vec<u8>) -> io::Result<bool> {
    into.clear();
    if input.by_ref().take(LONGEST).read_until(b'\n', into)? == 0 {
        return Ok(false);
    }
    if into.last() != Some(&b'\n') {
        // The rest of it is nobody's domain.
        let mut rest = Vec::new();
        while input.by_ref().take(LONGEST).read_until(b'\n', &mut rest)? > 0 && rest.last() != Some(&b'\n') {
            rest.clear();
        }
    }
    Ok(true)
}

/// What is done already, by the digests of the names: a list may be long.
#[derive(Default)]
pub(crate) struct Done(HashSet<[u8; 16]>);

fn digest(name: &str) -> [u8; 16] {
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(Sha256::digest(name)) {
        *to = from;
    }
    short
}

impl Done {
    /// Reads the records of a run before. A last line that was not written to its end does not count; where this run writes to the
    /// same file it is taken out, or it would spoil the first record of this run. Nor does one of which nobody answered.
    pub(crate) fn read(path: &Path) -> io::Result<Done> {
        let file = File::open(path)?;
        let is_output = is_output(&file);
        let mut input = BufReader::new(file);
        let mut done = Done::default();
        let (mut bytes, mut whole) = (Vec::new(), 0);
        loop {
            bytes.clear();
            let length = input.read_until(b'\n', &mut bytes)?;
            if length == 0 {
                return Ok(done);
            }
            if bytes.last() != Some(&b'\n') {
                break;
            }
            whole += u64::try_from(length).map_err(io::Error::other)?;
            if let Ok(named) = serde_json::from_slice::<Named>(&bytes)
                && !named.failed()
            {
                done.0.insert(digest(&named.domain));
            }
        }
        if is_output {
            OpenOptions::new().write(true).open(path)?.set_len(whole)?;
        }
        Ok(done)
    }

    fn has(&self, entry: &Entry) -> bool {
        !self.0.is_empty() && self.0.contains(&digest(key(entry)))
    }
}

/// True for the file that standard output is written to.
#[cfg(unix)]
fn is_output(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata("/dev/stdout")) {
        (Ok(one), Ok(other)) => one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// Elsewhere nobody can tell.
#[cfg(not(unix))]
fn is_output(_: &File) -> bool {
    false
}

/// Reads a list in the background, without what is done; an error is the last that comes.
pub(crate) fn entries(input: impl Read + Send + 'static, done: Done) -> Receiver<io::Result<Entry>> {
    let (send, receive) = channel(AHEAD);
    thread::spawn(move || {
        let mut input = BufReader::new(input);
        let mut bytes = Vec::new();
        loop {
            match line(&mut input, &mut bytes) {
                Ok(false) => return,
                Ok(true) => {
                    let Some(entry) = entry(&String::from_utf8_lossy(&bytes)) else {
                        continue;
                    };
                    // Nobody waits for more when the results cannot be written.
                    if !done.has(&entry) && send.blocking_send(Ok(entry)).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    // As above.
                    let _ = send.blocking_send(Err(error));
                    return;
                }
            }
        }
    });
    receive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (text, expected) in [
            ("", None),
            ("  \r", None),
            ("# a comment", None),
            ("Example.org\r", Some(Ok("example.org"))),
            ("{\"domain\":\"example.org\",\"mx\":[]}", Some(Ok("example.org"))),
            ("\"example.org\"", Some(Ok("example.org"))),
            ("{\"name\":1}", Some(Err("{\"name\":1}"))),
            ("\"a", Some(Err("\"a"))),
            ("user@example.org", Some(Err("user@example.org"))),
        ] {
            let told = entry(text);
            let told = told.as_ref().map(|entry| match entry {
                Ok(domain) => Ok(domain.as_str()),
                Err((given, _)) => Err(given.as_str()),
            });
            assert_eq!(told, expected, "{text:?}");
        }
    }

    fn all(text: &[u8], done: Done) -> Vec<String> {
        let mut entries = entries(io::Cursor::new(text.to_vec()), done);
        let mut names = Vec::new();
        while let Some(entry) = entries.blocking_recv() {
            names.push(key(&entry.expect("memory can be read")).to_owned());
        }
        names
    }

    #[test]
    fn endless_lines_end() {
        let mut text = vec![b'a'; 3_000_000];
        text.extend_from_slice(b"\nexample.org\nlast.example");
        let names = all(&text, Done::default());
        assert_eq!(
            (names.len(), names[1].as_str(), names[2].as_str()),
            (3, "example.org", "last.example")
        );
        assert_eq!(names[0].len(), 1_048_576);
    }

    #[test]
    fn what_is_done_is_left_out_and_what_was_half_written_is_not_done() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("out");
        let text = "{\"domain\":\"a.example\",\"error\":null,\"mx\":{}}\n{\"domain\":\"d.example\",\"error\":\"x\",\"mx\":{}}\n\
            {\"domain\":\"@\",\"error\":\"x\",\"mx\":null}\nnonsense\n{\"domain\":\"b.example\"}\n{\"domain\":\"c.example\"}";
        std::fs::write(&path, text).expect("the file is written");
        let done = Done::read(&path).expect("it is there");
        assert_eq!(
            all(b"a.example\nb.example\nc.example\nA.example.\nd.example\n@\n", done),
            ["c.example", "d.example"]
        );
        assert_eq!(
            std::fs::read_to_string(&path).expect("it is there"),
            text,
            "it is not ours to change"
        );
    }
}
