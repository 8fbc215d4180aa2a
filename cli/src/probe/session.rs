//! A whole session inside TLS, by a library: it speaks TLS 1.2 and 1.3.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use smtplint_core::facts::Entry;
use smtplint_core::observed::Announced;

use super::answer::MOST_CERTIFICATES;
use super::connection::{Connection, Failure};
use super::smtp::{Dialogue, Reply};
use super::target::Target;

/// What was seen inside.
pub(super) struct Inside {
    pub(super) greeting: Option<Reply>,
    /// What is announced, or why nobody said anything.
    pub(super) announced: Result<Announced, Failure>,
    /// In DER, the server's own first.
    pub(super) certificates: Vec<Vec<u8>>,
    /// Numbers of the version and the suite that came about.
    pub(super) version: Option<u16>,
    pub(super) suite: Option<u16>,
}

/// Takes every certificate: it is looked at, and nothing secret is said to whoever shows it.
#[derive(Debug)]
struct LookAtAll(Arc<CryptoProvider>);

impl ServerCertVerifier for LookAtAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// What all sessions share.
#[derive(Clone)]
pub(super) struct Library(Arc<ClientConfig>);

impl Library {
    pub(super) fn new() -> Result<Library, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(LookAtAll(provider)))
            .with_no_client_auth();
        Ok(Library(Arc::new(config)))
    }

    /// Random bytes, as far as anybody cares for them.
    pub(super) fn random(&self) -> Result<[u8; 32], Failure> {
        let mut random = [0; 32];
        let filled = self.0.crypto_provider().secure_random.fill(&mut random);
        filled.map_err(|_| Failure::Session(rustls::Error::FailedToGetRandomBytes))?;
        Ok(random)
    }

    /// The handshake on a connection on which TLS may begin.
    pub(super) fn handshake(&self, target: &Target, connection: Connection) -> Result<Session, Failure> {
        let named = target.name().map_or_else(
            || Ok(ServerName::IpAddress(target.address.ip().into())),
            |name| ServerName::try_from(name.to_owned()),
        );
        let name = named.unwrap_or_else(|_| ServerName::IpAddress(target.address.ip().into()));
        let client = ClientConnection::new(Arc::clone(&self.0), name).map_err(Failure::Session)?;
        let patience = target.patience;
        let mut session = StreamOwned::new(client, connection);
        while session.conn.is_handshaking() {
            session
                .conn
                .complete_io(&mut session.sock)
                .map_err(|error| Failure::of(error, patience))?;
        }
        Ok(Session { session, patience })
    }

    /// Connects, and goes on inside TLS.
    pub(super) fn session(&self, target: &Target, entry: Entry) -> Result<Session, Failure> {
        self.handshake(target, target.to_tls(entry)?)
    }
}

/// A session inside TLS.
pub(super) struct Session {
    session: StreamOwned<ClientConnection, Connection>,
    patience: Duration,
}

impl Session {
    pub(super) fn dialogue(&mut self) -> Dialogue<'_> {
        Dialogue::on(&mut self.session, self.patience)
    }

    /// Says hello, and goodbye.
    pub(super) fn look(mut self, entry: Entry) -> Inside {
        let certificates = self.session.conn.peer_certificates().unwrap_or_default();
        let certificates = certificates
            .iter()
            .take(MOST_CERTIFICATES)
            .map(|one| one.to_vec())
            .collect();
        let version = self.session.conn.protocol_version().map(u16::from);
        let suite = self.session.conn.negotiated_cipher_suite();
        let suite = suite.map(|suite| u16::from(suite.suite()));
        let mut dialogue = self.dialogue();
        // What was shown before counts, whatever is said.
        let mut greeting = None;
        let mut talk = || -> Result<Announced, Failure> {
            if entry == Entry::Implicit {
                greeting = Some(dialogue.welcome()?);
            }
            let announced = dialogue.hello()?.announced();
            dialogue.quit();
            Ok(announced)
        };
        Inside {
            announced: talk(),
            greeting,
            certificates,
            version,
            suite,
        }
    }
}
