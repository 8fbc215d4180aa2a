//! What `journalctl -o export` and `-o json` print (systemd.journal-fields(7), "Journal Export Formats").

use serde_json::Value;

use super::Stamp;
use super::line::{Found, Line, digits};

/// No field is kept beyond this many bytes: whoever writes more has no place in the statistics of mail.
const LONGEST_FIELD: usize = 2048;

/// The fields that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Time,
    Host,
    Program,
    SyslogProcess,
    Process,
    Message,
}

const FIELDS: [(&str, Field); 6] = [
    ("__REALTIME_TIMESTAMP", Field::Time),
    ("_HOSTNAME", Field::Host),
    ("SYSLOG_IDENTIFIER", Field::Program),
    ("SYSLOG_PID", Field::SyslogProcess),
    ("_PID", Field::Process),
    ("MESSAGE", Field::Message),
];

fn field(name: &[u8]) -> Option<Field> {
    FIELDS
        .iter()
        .find(|(own, _)| own.as_bytes() == name)
        .map(|(_, field)| *field)
}

/// An entry, field by field.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// In the order of [`Field`].
    fields: [Vec<u8>; 6],
    begun: bool,
}

impl Entry {
    /// Takes a line `NAME=value`.
    pub(super) fn line(&mut self, line: &[u8]) {
        self.begun = true;
        if let Some(at) = memchr::memchr(b'=', line)
            && let (name, [_, value @ ..]) = line.split_at(at)
        {
            self.put(name, value);
        }
    }

    /// Takes a field whose value has been told by its length; a part of it, when it is long.
    pub(super) fn put(&mut self, name: &[u8], value: &[u8]) {
        self.begun = true;
        if let Some(field) = field(name) {
            let kept = &mut self.fields[field as usize];
            let room = LONGEST_FIELD.saturating_sub(kept.len());
            kept.extend_from_slice(value.get(..room).unwrap_or(value));
        }
    }

    /// What the entry says; `None` when nothing has come yet.
    pub(super) fn read(&self) -> Option<Found<'_>> {
        if !self.begun {
            return None;
        }
        let get = |field: Field| self.fields[field as usize].as_slice();
        let Some(stamp) = time(get(Field::Time)) else {
            return Some(Found::Nothing);
        };
        // A process that writes for another says whose words they are.
        let process = whole_number(get(Field::SyslogProcess)).or_else(|| whole_number(get(Field::Process)));
        Some(match process {
            Some(process) if !get(Field::Program).is_empty() => Found::Line(Line {
                stamp,
                host: get(Field::Host),
                program: get(Field::Program),
                process,
                message: get(Field::Message),
            }),
            _ => Found::Other(stamp),
        })
    }

    /// Makes room for the next entry.
    pub(super) fn clear(&mut self) {
        self.fields.iter_mut().for_each(Vec::clear);
        self.begun = false;
    }

    /// Takes an entry as one object of JSON; what is none leaves it empty.
    pub(super) fn json(&mut self, line: &[u8]) {
        self.begun = true;
        let Ok(Value::Object(object)) = serde_json::from_slice(line) else {
            return;
        };
        for (name, _) in FIELDS {
            match object.get(name) {
                Some(Value::String(text)) => self.put(name.as_bytes(), text.as_bytes()),
                // Bytes that are no UTF-8 come as numbers.
                Some(Value::Array(bytes)) => {
                    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
                    let bytes: Vec<u8> = bytes.iter().filter_map(byte).collect();
                    self.put(name.as_bytes(), &bytes);
                }
                _ => {}
            }
        }
    }
}

/// True when an export of a journal begins so.
pub(super) fn is_export(line: &[u8]) -> bool {
    line.starts_with(b"__CURSOR=") || line.starts_with(b"__REALTIME_TIMESTAMP=")
}

/// The stamp that a line of an export, or an entry as JSON, has.
pub(super) fn stamp(line: &[u8]) -> Option<Stamp> {
    if let Some(text) = line.strip_prefix(b"__REALTIME_TIMESTAMP=") {
        return time(text);
    }
    let mut entry = Entry::default();
    if line.starts_with(b"{") {
        entry.json(line);
    }
    time(&entry.fields[Field::Time as usize])
}

fn time(text: &[u8]) -> Option<Stamp> {
    let text = std::str::from_utf8(text).ok()?;
    Stamp::of_microseconds(text.parse().ok()?)
}

fn whole_number(text: &[u8]) -> Option<u32> {
    digits(text)
        .filter(|(_, rest)| rest.is_empty())
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(entry: &Entry) -> Option<(String, u32, String)> {
        match entry.read() {
            Some(Found::Line(line)) => Some((
                String::from_utf8_lossy(line.program).into_owned(),
                line.process,
                String::from_utf8_lossy(line.message).into_owned(),
            )),
            _ => None,
        }
    }

    #[test]
    fn an_entry_comes_field_by_field() {
        let mut entry = Entry::default();
        assert_eq!(entry.read(), None);
        for line in [
            "__CURSOR=s=1;i=2",
            "__REALTIME_TIMESTAMP=1795741323000123",
            "_PID=99",
            "SYSLOG_PID=123",
            "SYSLOG_IDENTIFIER=postfix/smtpd",
            "MESSAGE=a=b",
        ] {
            entry.line(line.as_bytes());
        }
        let wanted = ("postfix/smtpd".to_owned(), 123, "a=b".to_owned());
        assert_eq!(said(&entry), Some(wanted));
        entry.clear();
        entry.line(b"MESSAGE=without a time");
        assert_eq!(entry.read(), Some(Found::Nothing));
    }

    #[test]
    fn an_entry_may_be_json() {
        let mut entry = Entry::default();
        entry.json(
            br#"{"__REALTIME_TIMESTAMP":"1795741323000123","_PID":"7","SYSLOG_IDENTIFIER":"postfix/smtpd","MESSAGE":[99,255]}"#,
        );
        assert_eq!(
            said(&entry),
            Some(("postfix/smtpd".to_owned(), 7, "c\u{fffd}".to_owned()))
        );
        entry.clear();
        entry.json(b"{ broken");
        assert_eq!(entry.read(), Some(Found::Nothing));
    }

    #[test]
    fn long_fields_are_cut() {
        let mut entry = Entry::default();
        for _ in 0..3 {
            entry.put(b"MESSAGE", &[b'x'; 1500]);
        }
        assert_eq!(entry.fields[Field::Message as usize].len(), LONGEST_FIELD);
    }
}
