//! Putting questions to the name servers, and telling an answer that is forged from one that is only not to be had.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use hickory_resolver::config::{ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::DnsHandle;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, DnsResponse, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig, TokioResolver};
use smtplint_core::mx::{Dnssec, Status};
use tokio::net::UdpSocket;

use super::answer::{Answer, proven, word};
use super::names::plain;
use super::servers::{anchors, servers};
use super::{Unable, Wanted};

/// How often a question is put, when there is no answer.
const TRIES: usize = 2;
/// To prove an answer others are needed: all of them may take so many times as long as one.
const CHAIN: u32 = 4;
/// So many answers are kept.
const KEPT: u64 = 4096;
/// So many questions are open at a time on one connection.
const OPEN: usize = 1024;

/// How long whoever refuses may take to say so.
const REFUSAL: Duration = Duration::from_millis(500);

/// The name servers.
pub(super) struct Asking {
    /// Checks signatures; nobody does where that is not wanted, or not to be had.
    checking: Option<TokioResolver>,
    /// Takes what it is told.
    trusting: TokioResolver,
    /// The same servers, for questions that a resolver does not put.
    pool: NameServerPool<TokioRuntimeProvider>,
    patience: Duration,
    /// Where the servers are, and whether somebody was seen to listen there. That nobody does may be over soon.
    places: Vec<SocketAddr>,
    listens: AtomicBool,
    /// Below these names there are keys to begin with.
    anchors: Vec<Name>,
    /// The server checks signatures itself: what it hands out holds, as it sees it.
    server_checks: bool,
    /// Why signatures are not checked although they should be.
    pub(super) unchecked: Option<String>,
}

impl Asking {
    pub(super) async fn new(wanted: &Wanted) -> Result<Asking, Unable> {
        let (config, mut options) = servers(wanted)?;
        options.timeout = wanted.patience;
        options.attempts = TRIES - 1;
        options.cache_size = KEPT;
        options.use_hosts_file = ResolveHosts::Never;
        options.num_concurrent_reqs = 1;
        options.max_active_requests = OPEN;
        let unable = |error: NetError| Unable::Resolver(error.to_string());
        let builder = || {
            let mut builder = TokioResolver::builder_with_config(config.clone(), TokioRuntimeProvider::default());
            *builder.options_mut() = options.clone();
            builder
        };
        let (keys, anchors) = anchors(wanted)?;
        let checking = match wanted.dnssec {
            true => Some(builder().with_trust_anchor(keys).build().map_err(unable)?),
            false => None,
        };
        let context = PoolContext::new(options.clone(), TlsConfig::new().map_err(unable)?);
        let servers = config.name_servers().to_vec();
        let mut asking = Asking {
            checking,
            trusting: builder().build().map_err(unable)?,
            pool: NameServerPool::from_config(servers, Arc::new(context), TokioRuntimeProvider::default()),
            patience: wanted.patience,
            places: places(&config),
            listens: AtomicBool::new(false),
            anchors,
            server_checks: false,
            unchecked: None,
        };
        if asking.checking.is_some() {
            asking.unchecked = asking.without_signatures().await;
        }
        if asking.unchecked.is_some() {
            asking.checking = None;
        }
        Ok(asking)
    }

    /// Why no signature can be checked. The keys that everything begins with have to hold, or everything would look forged.
    async fn without_signatures(&mut self) -> Option<String> {
        let zone = self.anchors.first()?.clone();
        let named = if zone.is_root() {
            "the root".to_owned()
        } else {
            plain(&zone)
        };
        let found = match self.once(&zone, RecordType::DNSKEY, false).await {
            Ok(response) => {
                self.server_checks = response.authentic_data;
                self.checked(&zone, RecordType::DNSKEY).await
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => Answer::none(none.response_code, Dnssec::Unknown),
            Err(error) => Answer::failed(self.sentence(&error).await),
        };
        match (found.dnssec, found.why) {
            (Dnssec::Secure, _) => None,
            (_, Some(why)) => Some(format!(
                "whether answers are signed is not known: of the keys of {named}, {why}"
            )),
            (_, None) => Some(format!(
                "whether answers are signed is not known: the name server does not hand on what proves the keys of {named}; \
                 --server asks another"
            )),
        }
    }

    /// The answer to a question.
    pub(super) async fn answer(&self, name: &Name, kind: RecordType) -> Answer {
        if self.checking.is_none() || !self.anchors.iter().any(|anchor| anchor.zone_of(name)) {
            return self.trusted(name, kind).await;
        }
        let mut answer = self.checked(name, kind).await;
        if answer.dnssec == Dnssec::Bogus {
            // What was lost on the way to a proof looks the same.
            if let Some(checking) = &self.checking {
                checking.clear_lookup_cache(name.clone(), kind);
            }
            answer = self.checked(name, kind).await;
        }
        let is_bogus = answer.dnssec == Dnssec::Bogus;
        if is_bogus && !self.server_checks {
            return answer;
        }
        // A server that checks for itself does not hand out what it sees as forged; and what is needed for a proof may be harder to
        // have than the answer.
        if is_bogus || answer.status == Status::Failed {
            let mut taken = self.trusted(name, kind).await;
            if is_bogus && taken.dnssec == Dnssec::Unknown && taken.status != Status::Failed {
                let why = "a signature did not hold here, and the name server, which checks them itself, hands the answer out";
                taken.why = Some(why.to_owned());
            }
            return taken;
        }
        answer
    }

    /// With signatures, or with the reason.
    async fn checked(&self, name: &Name, kind: RecordType) -> Answer {
        match &self.checking {
            Some(resolver) => match self.look(resolver, name, kind).await {
                Ok(answer) => answer,
                Err(error) => Answer::failed(self.sentence(&error).await),
            },
            None => Answer::failed("signatures are not checked".to_owned()),
        }
    }

    /// Without signatures. A server that checks them itself does not hand out what does not hold, unless it is told not to check
    /// (RFC 4035 §3.2.2).
    async fn trusted(&self, name: &Name, kind: RecordType) -> Answer {
        let error = match self.look(&self.trusting, name, kind).await {
            Ok(answer) => {
                return Answer {
                    dnssec: Dnssec::Unknown,
                    ..answer
                };
            }
            Err(error) => error,
        };
        if !matches!(error, NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail))) {
            return Answer::failed(self.sentence(&error).await);
        }
        let unchecked = self.once(name, kind, true).await;
        if unchecked.is_ok() || matches!(unchecked, Err(NetError::Dns(DnsError::NoRecordsFound(_)))) {
            let why = "the name server answers SERVFAIL, and hands the answer out to those who do not check signatures";
            return Answer {
                dnssec: Dnssec::Bogus,
                ..Answer::failed(why.to_owned())
            };
        }
        Answer::failed(
            "the name server does not find out (SERVFAIL), be it that those of the domain are down; --server asks another".to_owned(),
        )
    }

    async fn look(&self, resolver: &TokioResolver, name: &Name, kind: RecordType) -> Result<Answer, NetError> {
        // A question takes room while it is open: many domains at a time would not fit the processor's caches otherwise.
        let looking = Box::pin(resolver.lookup(name.clone(), kind));
        let looked = tokio::time::timeout(self.patience * CHAIN, looking).await;
        match looked.unwrap_or(Err(NetError::Timeout)) {
            Ok(lookup) => Ok(Answer::of(lookup.answers().to_vec())),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => {
                let proofs = none.authorities.iter().flat_map(|all| all.iter());
                Ok(Answer::none(none.response_code, proven(proofs)))
            }
            Err(NetError::Dns(DnsError::Nsec { response, proof, .. })) => {
                Ok(Answer::none(response.response_code, word(proof)))
            }
            Err(NetError::Dns(DnsError::DnssecBogus)) => Ok(Answer {
                dnssec: Dnssec::Bogus,
                ..Answer::failed("the signatures do not hold".to_owned())
            }),
            Err(error) => Err(error),
        }
    }

    /// Puts a question as it is.
    async fn once(&self, name: &Name, kind: RecordType, unchecked: bool) -> Result<DnsResponse, NetError> {
        let mut options = DnsRequestOptions::default();
        options.use_edns = true;
        options.edns_set_dnssec_ok = true;
        options.recursion_desired = true;
        let mut request = DnsRequest::from_query(Query::query(name.clone(), kind), options);
        request.metadata.checking_disabled = unchecked;
        // Whoever asks so is told what the server found (RFC 6840 §5.7).
        request.metadata.authentic_data = true;
        let mut answers = self.pool.send(request);
        match tokio::time::timeout(self.patience * 2, answers.next()).await {
            Ok(Some(response)) => response,
            Ok(None) | Err(_) => Err(NetError::Timeout),
        }
    }

    /// The library takes a port at which nobody listens for a server that is silent: it is looked at once.
    async fn refuses(&self) -> bool {
        if self.listens.load(Ordering::Relaxed) {
            return false;
        }
        for place in &self.places {
            if !is_refused(*place).await {
                self.listens.store(true, Ordering::Relaxed);
                return false;
            }
        }
        !self.places.is_empty()
    }

    async fn sentence(&self, error: &NetError) -> String {
        match error {
            NetError::Timeout | NetError::NoConnections if self.refuses().await => {
                let places: Vec<String> = self.places.iter().map(ToString::to_string).collect();
                format!("no name server listens at {}; --server asks another", places.join(", "))
            }
            NetError::Timeout | NetError::NoConnections | NetError::Busy => format!(
                "no name server answered within {} seconds; --timeout gives it more, --server asks another",
                self.patience.as_secs_f32()
            ),
            NetError::Io(error) => {
                format!(
                    "the name server cannot be reached ({}); --server asks another",
                    error.kind()
                )
            }
            NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => {
                "the name server refuses to answer (REFUSED); --server asks another".to_owned()
            }
            NetError::Dns(DnsError::ResponseCode(code)) => {
                format!("the name server answers `{code}`; --server asks another")
            }
            other => format!("the answer cannot be used ({other}); --server asks another"),
        }
    }
}

/// Where servers are, each once.
fn places(config: &ResolverConfig) -> Vec<SocketAddr> {
    let mut places = Vec::new();
    for server in config.name_servers() {
        for connection in &server.connections {
            let place = SocketAddr::new(server.ip, connection.port);
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

/// True when the machine there says that nobody listens.
async fn is_refused(place: SocketAddr) -> bool {
    let own: SocketAddr = if place.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let refusal = async {
        let socket = UdpSocket::bind(own).await?;
        socket.connect(place).await?;
        // The head of a message without a question: what is answered to it does not matter.
        socket.send(&[0; 12]).await?;
        socket.recv(&mut [0; 512]).await
    };
    let told = tokio::time::timeout(REFUSAL, refusal).await;
    matches!(told, Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused)
}
