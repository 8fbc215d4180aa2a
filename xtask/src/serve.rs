//! `cargo xtask serve`: shows `dist/` on this machine alone.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::{Error, page};

/// The port when none is asked for: 465 with something in front.
pub const DEFAULT_PORT: u16 = 8465;

/// The longest request head that is read, in bytes.
const HEAD: u64 = 16 * 1024;

/// How long a client may dawdle.
const PATIENCE: Duration = Duration::from_secs(10);

/// Builds the page and serves it until the program is stopped.
///
/// # Errors
///
/// Those of the build; [`Error::Serve`] when the port cannot be had.
pub fn command(port: u16) -> Result<(), Error> {
    page::build()?;
    let server = Server::bind(page::directory(), port)?;
    println!("\nhttp://{}/   (Ctrl-C ends it)", server.address());
    server.run()
}

/// A server of the plain files of one directory, on 127.0.0.1.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    directory: PathBuf,
}

impl Server {
    /// Takes the port; 0 takes any free one.
    ///
    /// # Errors
    ///
    /// [`Error::Serve`] when the port cannot be had.
    pub fn bind(directory: PathBuf, port: u16) -> Result<Self, Error> {
        let wrong = |source| Error::Serve {
            address: format!("127.0.0.1:{port}"),
            source,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(wrong)?;
        let address = listener.local_addr().map_err(wrong)?;
        Ok(Self {
            listener,
            address,
            directory,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the process ends, each connection in its own thread.
    ///
    /// # Errors
    ///
    /// [`Error::Serve`] when no further connection can be accepted.
    pub fn run(self) -> Result<(), Error> {
        loop {
            let (stream, _) = self.listener.accept().map_err(|source| Error::Serve {
                address: self.address.to_string(),
                source,
            })?;
            let directory = self.directory.clone();
            thread::spawn(move || {
                if let Err(error) = answer(&stream, &directory) {
                    // A browser that closes early is its own affair, but not a secret.
                    println!("connection broken off: {error}");
                }
            });
        }
    }
}

fn answer(mut stream: &TcpStream, directory: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.take(HEAD)).lines();
    let Some(request) = lines.next().transpose()? else {
        return Ok(()); // connected and said nothing, as browsers do in advance
    };
    // The rest of the head is read, not used: closing on unread input would reset the connection.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let response = Response::to(&request, directory);
    stream.write_all(response.head().as_bytes())?;
    if response.with_body {
        stream.write_all(&response.body)?;
    }
    stream.flush()
}

struct Response {
    status: &'static str,
    content_type: &'static str,
    body: Vec<u8>,
    with_body: bool,
}

impl Response {
    fn to(request: &str, directory: &Path) -> Self {
        let mut words = request.split(' ');
        let (method, target) = (words.next(), words.next());
        let with_body = match method {
            Some("GET") => true,
            Some("HEAD") => false,
            _ => return Self::plain("405 Method Not Allowed", "only GET and HEAD\n"),
        };
        let Some((path, content_type)) = target.and_then(|target| locate(target, directory)) else {
            return Self::plain("404 Not Found", "no such file\n");
        };
        match fs::read(path) {
            Ok(body) => Self {
                status: "200 OK",
                content_type,
                body,
                with_body,
            },
            Err(_) => Self::plain("404 Not Found", "no such file\n"),
        }
    }

    fn plain(status: &'static str, text: &str) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            body: text.as_bytes().to_vec(),
            with_body: true,
        }
    }

    fn head(&self) -> String {
        format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
            self.status,
            self.content_type,
            self.body.len()
        )
    }
}

/// The file a request means, and its type. Only plain names of plain characters mean one:
/// no dots in front, no percent signs, no directories, so no way out of the directory.
fn locate(target: &str, directory: &Path) -> Option<(PathBuf, &'static str)> {
    let name = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let name = if name.is_empty() { "index.html" } else { name };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.starts_with('.') || !name.bytes().all(plain) {
        return None;
    }
    let content_type = match Path::new(name).extension()?.to_str()? {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        _ => return None,
    };
    Some((directory.join(name), content_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(request: &str) -> String {
        let directory = crate::run::root();
        let server = Server::bind(directory, 0).expect("a free port");
        let address = server.address();
        thread::spawn(move || server.run());
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("the server answers and closes");
        answer
    }

    #[test]
    fn the_top_is_the_page_with_its_type() {
        let answer = exchange("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("Content-Type: text/html; charset=utf-8\r\n"));
        assert!(answer.contains("<main id=\"app\">"));
    }

    #[test]
    fn head_has_the_length_and_no_body() {
        let answer = exchange("HEAD /index.html HTTP/1.1\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
        assert!(!answer.contains("Content-Length: 0\r\n"));
    }

    #[test]
    fn nothing_outside_the_directory_and_nothing_of_another_type_is_found() {
        for path in [
            "/../Cargo.toml",
            "/..",
            "/web/../index.html",
            "/web/style.css",
            "/%2e%2e/index.html",
            "//etc/passwd",
            "/.gitignore",
            "/Cargo.toml",
            "/index.html%00",
            "index.html",
            "/nothing.html",
        ] {
            let answer = exchange(&format!("GET {path} HTTP/1.1\r\n\r\n"));
            assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{path}: {answer}");
        }
    }

    #[test]
    fn other_methods_are_refused() {
        let answer = exchange("POST / HTTP/1.1\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{answer}");
    }
}
