//! What Thunderbird and its kin fetch of a domain: the servers for outgoing mail in it.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Serialize;

/// How TLS begins, by the words of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Socket {
    /// At once.
    Implicit,
    /// With STARTTLS.
    Starttls,
    /// Never.
    Plain,
}

/// A server for outgoing mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outgoing {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How TLS begins.
    pub socket: Socket,
}

/// The most servers that are taken from a file.
const MOST: usize = 16;

/// The servers for outgoing mail that a file names, those first that programs take first.
///
/// # Errors
/// What is wrong with it, in words.
pub fn outgoing(text: &str, domain: &str) -> Result<Vec<Outgoing>, String> {
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let (mut found, mut is_smtp, mut is_config) = (Vec::new(), false, false);
    let (mut host, mut port, mut socket) = (String::new(), String::new(), String::new());
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                let name = start.name().as_ref().to_owned();
                is_config |= path.is_empty() && name == "clientConfig";
                if name == "outgoingServer" {
                    is_smtp = start
                        .attributes()
                        .flatten()
                        .any(|one| one.key.as_ref() == "type" && one.value.eq_ignore_ascii_case("smtp"));
                    (host, port, socket) = Default::default();
                }
                path.push(name);
            }
            Ok(Event::End(_)) => {
                if path.pop().as_deref() == Some("outgoingServer") && is_smtp && found.len() < MOST {
                    found.push(server(&host, &port, &socket, domain)?);
                }
            }
            Ok(Event::Text(words)) => {
                let is_within = matches!(path.as_slice(), [.., server, _] if server == "outgoingServer");
                let words: &str = &words;
                match path.last().map(String::as_str) {
                    Some("hostname") if is_within => host.push_str(words.trim()),
                    Some("port") if is_within => port.push_str(words.trim()),
                    Some("socketType") if is_within => socket.push_str(words.trim()),
                    _ => {}
                }
            }
            Ok(Event::Eof) if path.is_empty() => break,
            Ok(Event::Eof) => return Err("it ends too early".to_owned()),
            Ok(_) => {}
            Err(error) => return Err(format!("it is no XML: {error}")),
        }
    }
    if !is_config {
        return Err("it is no `clientConfig`".to_owned());
    }
    Ok(found)
}

fn server(host: &str, port: &str, socket: &str, domain: &str) -> Result<Outgoing, String> {
    let socket = match socket {
        "SSL" => Socket::Implicit,
        "STARTTLS" => Socket::Starttls,
        "plain" => Socket::Plain,
        other => return Err(format!("the socketType `{other}` is none of SSL, STARTTLS, plain")),
    };
    let port = port.parse().map_err(|_| format!("`{port}` is no port"))?;
    let host = host
        .replace("%EMAILDOMAIN%", domain)
        .trim_end_matches('.')
        .to_ascii_lowercase();
    if host.is_empty() {
        return Err("a server has no hostname".to_owned());
    }
    Ok(Outgoing { host, port, socket })
}
