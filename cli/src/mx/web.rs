//! Files over HTTPS as senders of mail fetch them: no redirects, no more than so many bytes, no longer than so long (RFC 8461 §3.3).

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use smtplint_core::TOOL;
use smtplint_core::mx::{Fetch, Fetched};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Unable, Wanted, trust};

/// The most that a policy may have (RFC 8461 §3.3).
const MOST: usize = 64 * 1024;
/// Addresses of a host that are tried.
const ADDRESSES: usize = 3;

/// Fetches files.
pub(super) struct Web {
    connector: TlsConnector,
    patience: Duration,
    port: u16,
    /// Whether there are authorities to ask.
    trusts_somebody: bool,
}

impl Web {
    pub(super) fn new(wanted: &Wanted, roots: Arc<RootCertStore>) -> Result<Web, Unable> {
        let trusts_somebody = !roots.is_empty();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Unable::Resolver(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Web {
            connector: TlsConnector::from(Arc::new(config)),
            patience: wanted.patience * 2,
            port: wanted.https_port,
            trusts_somebody,
        })
    }

    /// Fetches a file from a host that has these addresses.
    pub(super) async fn fetch(&self, host: &str, path: &str, addresses: &[IpAddr]) -> Fetched {
        let mut fetched = Fetched::nobody(format!("https://{host}{path}"));
        if !self.trusts_somebody {
            (fetched.outcome, fetched.why) = (Fetch::Failed, Some(trust::NOBODY_TRUSTED.to_owned()));
            return fetched;
        }
        let mut last = Wrong::failed("the host has no address".to_owned());
        for address in addresses.iter().take(ADDRESSES) {
            let address = SocketAddr::new(*address, self.port);
            let tried = tokio::time::timeout(self.patience, self.get(host, path, address)).await;
            last = match tried {
                Ok(Ok(got)) => {
                    fetched.outcome = Fetch::Got;
                    fetched.code = Some(200);
                    fetched.media_type = got.media_type;
                    fetched.body = Some(got.body);
                    return fetched;
                }
                Ok(Err(wrong)) => wrong,
                Err(_) => Wrong::failed(format!("no answer within {} seconds", self.patience.as_secs_f32())),
            };
            // Whoever answers has answered.
            if last.outcome != Fetch::Failed {
                break;
            }
        }
        fetched.outcome = last.outcome;
        fetched.code = last.code;
        fetched.why = Some(last.why);
        fetched
    }

    async fn get(&self, host: &str, path: &str, address: SocketAddr) -> Result<Got, Wrong> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Wrong::failed(format!("`{host}` is no name that a certificate can be for")))?;
        let stream = TcpStream::connect(address)
            .await
            .map_err(|error| Wrong::failed(format!("no connection to {address}: {}", error.kind())))?;
        let session = self.connector.connect(name, stream).await.map_err(untrusted)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(session)).await.map_err(broken)?;
        let request = Request::get(path)
            .header(HOST, host)
            .header(USER_AGENT, TOOL.replace(' ', "/"))
            .body(Empty::<Bytes>::new())
            .map_err(|error| Wrong::failed(error.to_string()))?;
        let answered = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            let code = response.status().as_u16();
            if code != 200 {
                let outcome = if (300..400).contains(&code) {
                    Fetch::Redirected
                } else {
                    Fetch::Refused
                };
                return Err(Wrong {
                    outcome,
                    code: Some(code),
                    why: format!("the web server answers {code}"),
                });
            }
            let kind = response
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|value| value.to_str().ok());
            let media_type = kind
                .and_then(|kind| kind.split(';').next())
                .map(|kind| kind.trim().to_ascii_lowercase());
            let body = Limited::new(response.into_body(), MOST).collect().await;
            let body = body.map_err(|error| match error.downcast::<LengthLimitError>() {
                Ok(_) => Wrong {
                    outcome: Fetch::TooLarge,
                    code: Some(code),
                    why: "it is larger than 64 KB".to_owned(),
                },
                Err(error) => Wrong::failed(format!("the answer broke off: {error}")),
            })?;
            let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            Ok(Got { media_type, body })
        };
        // The connection moves only while somebody asks it to.
        let mut answered = std::pin::pin!(answered);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            biased;
            got = &mut answered => got,
            ended = &mut connection => match ended {
                Ok(()) => answered.await,
                Err(error) => Err(broken(error)),
            },
        }
    }
}

/// A file.
struct Got {
    media_type: Option<String>,
    body: String,
}

/// Why there is none.
struct Wrong {
    outcome: Fetch,
    code: Option<u16>,
    why: String,
}

impl Wrong {
    fn failed(why: String) -> Wrong {
        Wrong {
            outcome: Fetch::Failed,
            code: None,
            why,
        }
    }
}

fn broken(error: hyper::Error) -> Wrong {
    Wrong::failed(format!("the connection broke: {error}"))
}

/// A certificate that is not good for the host is an answer; anything else is none.
fn untrusted(error: std::io::Error) -> Wrong {
    let kind = error.kind();
    match error.downcast::<rustls::Error>() {
        Ok(rustls::Error::InvalidCertificate(why)) => Wrong {
            outcome: Fetch::Untrusted,
            code: None,
            // Such as one that signs others, and so itself.
            why: match (trust::reason(&why), &why) {
                (Some(words), _) => words.to_owned(),
                (None, rustls::CertificateError::Other(_)) => "it is not one for a server".to_owned(),
                (None, other) => other.to_string(),
            },
        },
        Ok(other) => Wrong::failed(format!("no TLS comes about: {other}")),
        Err(_) => Wrong::failed(format!("no TLS comes about: {kind}")),
    }
}

/// The authorities to trust.
pub(super) fn roots(wanted: &Wanted) -> Result<RootCertStore, Unable> {
    match &wanted.roots {
        Some(path) => named(path),
        None => Ok(system()),
    }
}

/// The authorities that the system trusts. What cannot be read is left out, as elsewhere on the system.
fn system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn named(path: &Path) -> Result<RootCertStore, Unable> {
    let wrong = |why: String| Unable::Roots {
        path: path.to_owned(),
        why,
    };
    let mut roots = RootCertStore::empty();
    let text = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {}", error.kind())))?;
    for one in CertificateDer::pem_slice_iter(&text) {
        let one = one.map_err(|error| wrong(format!("holds something that is no certificate: {error}")))?;
        roots
            .add(one)
            .map_err(|error| wrong(format!("holds something that is no certificate: {error}")))?;
    }
    if roots.is_empty() {
        return Err(wrong("holds no certificate".to_owned()));
    }
    Ok(roots)
}
