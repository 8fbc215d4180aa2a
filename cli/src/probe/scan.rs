//! Which versions, suites and groups a server takes: it is asked for many at once, what it chooses is struck out, and it is asked
//! again, until it takes none of the rest. That needs one handshake for each that it takes and one more.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use smtplint_core::certificate::{self, KeyKind};
use smtplint_core::facts::{Entry, TlsVersion};
use smtplint_core::observed::Spoken;
use smtplint_core::tls::group::{self, Kind};
use smtplint_core::tls::suite;
use smtplint_core::tls::{Key, Suite};

use super::answer::{self, Answer, Flight, Until};
use super::connection::Failure;
use super::hello::{self, Offer};
use super::session::{Inside, Library};
use super::target::Target;

/// How long to wait before a second try.
const PAUSE: Duration = Duration::from_millis(250);
/// Whoever was silent so often is not waited for again.
const MOST_SILENCES: usize = 6;

/// The versions that suites are asked for with, those with most suites first.
const VERSIONS: [TlsVersion; 5] = [
    TlsVersion::Tls12,
    TlsVersion::Tls11,
    TlsVersion::Tls10,
    TlsVersion::Tls13,
    TlsVersion::Ssl3,
];

/// The versions in which certificates come in clear.
const OLDER: [TlsVersion; 4] = [
    TlsVersion::Tls12,
    TlsVersion::Tls11,
    TlsVersion::Tls10,
    TlsVersion::Ssl3,
];

/// Something to find out, apart from everything else.
enum Task {
    /// Which of the suites are taken with a version.
    Suites(TlsVersion, Vec<&'static Suite>),
    /// Whether SSL 2.0 is spoken.
    Ssl2,
    /// Which groups are taken with the newest of these versions that takes any.
    Groups(&'static [TlsVersion]),
    /// What is shown to clients that want a kind of suites: certificates, a prime.
    Flight(fn(&Suite) -> bool),
    /// What is announced inside.
    Inside,
}

/// What was found out.
pub(super) enum Found {
    /// What is spoken with one version; the suites in the order in which they were chosen.
    Spoken(Spoken),
    /// Groups, where there was an answer each time.
    Groups(Option<Vec<&'static str>>),
    /// What is shown.
    Flight(Option<Flight>),
    /// What is announced inside.
    Inside(Box<Result<Inside, Failure>>),
}

/// Looks at a port.
pub(super) struct Scan<'a> {
    pub(super) target: &'a Target,
    pub(super) entry: Entry,
    pub(super) library: &'a Library,
    /// Why there was no answer, once each.
    pub(super) failures: Mutex<Vec<String>>,
    /// How often nothing came until the time was over.
    pub(super) silences: AtomicUsize,
}

impl Scan<'_> {
    /// Everything, over so many connections at a time and no more.
    pub(super) fn all(&self, connections: usize) -> Vec<Found> {
        let tasks: VecDeque<(usize, Task)> = tasks().into_iter().enumerate().collect();
        let tasks = Mutex::new(tasks);
        let found = Mutex::new(Vec::new());
        let work = || {
            loop {
                // What another worker's panic left behind is whole all the same.
                let next = lock(&tasks).pop_front();
                let Some((place, task)) = next else { break };
                let one = self.find(task);
                lock(&found).push((place, one));
            }
        };
        thread::scope(|scope| {
            for _ in 1..connections.max(1) {
                scope.spawn(work);
            }
            work();
        });
        // Who is done first is chance.
        let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, one)| one).collect()
    }

    /// The certificates alone, over one connection after the other: those of a session, and those for clients that want another kind
    /// of key.
    pub(super) fn certificates(&self) -> Vec<Found> {
        let inside = self.find(Task::Inside);
        let shown = match &inside {
            Found::Inside(inside) => inside.as_ref().as_ref().ok(),
            _ => None,
        };
        let shown = shown.and_then(|inside| inside.certificates.first());
        let kind = shown.and_then(|der| certificate::of_der(der)).map(|one| one.key);
        let versions: &[TlsVersion] = if kind.is_some() { &[TlsVersion::Tls12] } else { &OLDER };
        let mut found = vec![inside];
        for (other, key) in [(KeyKind::Rsa, Key::Rsa), (KeyKind::Ec, Key::Ecdsa)] {
            if kind != Some(other) {
                found.push(Found::Flight(self.flight(versions, |suite| suite.needs() == Some(key))));
            }
        }
        found
    }

    fn find(&self, task: Task) -> Found {
        match task {
            Task::Suites(version, candidates) => Found::Spoken(self.suites(version, candidates)),
            Task::Ssl2 => {
                let offered = self.noted(self.ssl2());
                Found::Spoken(Spoken {
                    version: TlsVersion::Ssl2,
                    offered,
                    suites: Vec::new(),
                    is_whole: offered.is_some(),
                    own_order: None,
                })
            }
            Task::Groups(versions) => Found::Groups(self.groups_of_newest(versions)),
            Task::Flight(wanted) => Found::Flight(self.flight(&OLDER, wanted)),
            Task::Inside => {
                let inside = self.library.session(self.target, self.entry);
                Found::Inside(Box::new(inside.map(|session| session.look(self.entry))))
            }
        }
    }

    /// Strikes out one suite after the other.
    fn suites(&self, version: TlsVersion, mut candidates: Vec<&'static Suite>) -> Spoken {
        let mut chosen: Vec<&'static Suite> = Vec::new();
        let mut answered = true;
        while !candidates.is_empty() {
            let numbers: Vec<u16> = candidates.iter().map(|suite| suite.id).collect();
            let Some(answer) = self.noted(self.ask(version, &numbers, &all_groups(version), Until::Chosen)) else {
                answered = false;
                break;
            };
            let Answer::Chosen(flight) = answer else { break };
            if !flight.is_of(version) {
                break;
            }
            let Some(at) = numbers.iter().position(|number| *number == flight.suite) else {
                self.note(format!("with {version} it chooses a suite that was not asked for"));
                answered = false;
                break;
            };
            chosen.push(candidates.remove(at));
        }
        let own_order = self.own_order(version, &chosen);
        Spoken {
            version,
            offered: if chosen.is_empty() {
                answered.then_some(false)
            } else {
                Some(true)
            },
            is_whole: answered,
            own_order,
            suites: chosen,
        }
    }

    /// Asks once more, what was chosen last first: who keeps to the own choice has an order.
    fn own_order(&self, version: TlsVersion, chosen: &[&'static Suite]) -> Option<bool> {
        let (first, last) = (chosen.first()?.id, chosen.last()?.id);
        if first == last {
            return None;
        }
        let reversed: Vec<u16> = chosen.iter().rev().map(|suite| suite.id).collect();
        let Answer::Chosen(flight) = self.noted(self.ask(version, &reversed, &all_groups(version), Until::Chosen))?
        else {
            return None;
        };
        match flight.suite {
            suite if suite == first => Some(true),
            suite if suite == last => Some(false),
            _ => None,
        }
    }

    fn groups_of_newest(&self, versions: &[TlsVersion]) -> Option<Vec<&'static str>> {
        for version in versions {
            let groups = self.groups(*version)?;
            if !groups.is_empty() {
                return Some(groups);
            }
        }
        Some(Vec::new())
    }

    fn groups(&self, version: TlsVersion) -> Option<Vec<&'static str>> {
        let suites: Vec<u16> = suite::all()
            .iter()
            .filter(|suite| suite.works_with(version))
            .filter(|suite| version == TlsVersion::Tls13 || suite.key_exchange() == "ECDHE")
            .map(|suite| suite.id)
            .collect();
        let mut left = all_groups(version);
        let mut chosen = Vec::new();
        while !left.is_empty() {
            let answer = self.noted(self.ask(version, &suites, &left, Until::Done))?;
            let Answer::Chosen(flight) = answer else { break };
            if !flight.is_of(version) {
                break;
            }
            // A server that takes no other group goes on without one.
            let Some(at) = left.iter().position(|one| Some(*one) == flight.group) else {
                break;
            };
            let number = left.remove(at);
            chosen.extend(
                group::all()
                    .iter()
                    .find(|group| group.id == number)
                    .map(|group| group.name),
            );
        }
        Some(chosen)
    }

    /// With the newest of the versions.
    fn flight(&self, versions: &[TlsVersion], wanted: impl Fn(&Suite) -> bool) -> Option<Flight> {
        for version in versions.iter().copied() {
            let suites: Vec<u16> = suite::all()
                .iter()
                .filter(|suite| suite.works_with(version) && wanted(suite))
                .map(|suite| suite.id)
                .collect();
            if let Answer::Chosen(flight) = self.noted(self.ask(version, &suites, &all_groups(version), Until::Done))?
                && flight.is_of(version)
            {
                return Some(flight);
            }
        }
        None
    }

    fn ssl2(&self) -> Result<bool, Failure> {
        self.twice(|| {
            let mut connection = self.target.to_tls(self.entry)?;
            let hello = hello::client_hello_of_ssl2(&self.library.random()?);
            self.send(&mut connection, &hello)?;
            match answer::speaks_ssl2(&mut connection) {
                // Whoever waits for the rest of a record of another version speaks this one not; it had its time to speak.
                Err(Failure::Silent(_)) if Instant::now() < self.target.end => Ok(false),
                other => other,
            }
        })
    }

    /// One handshake, as far as it goes.
    fn ask(&self, version: TlsVersion, suites: &[u16], groups: &[u16], until: Until) -> Result<Answer, Failure> {
        let once = || {
            let mut connection = self.target.to_tls(self.entry)?;
            let offer = Offer {
                version,
                suites,
                groups,
                host: self.target.name(),
                compression: until == Until::Done && version < TlsVersion::Tls13,
            };
            let hello = hello::client_hello(&offer, &self.library.random()?);
            self.send(&mut connection, &hello)?;
            answer::read(&mut connection, until)
        };
        match self.twice(once)? {
            // Without an alert nobody knows whether it had enough of the version or of the connections.
            Answer::Refused(None) => self.twice(once),
            answer => Ok(answer),
        }
    }

    fn send(&self, connection: &mut super::connection::Connection, bytes: &[u8]) -> Result<(), Failure> {
        use std::io::Write;
        let written = connection.write_all(bytes);
        match written.map_err(|error| Failure::of(error, self.target.patience)) {
            // Who hangs up at once may have left an alert.
            Err(Failure::Closed) | Ok(()) => Ok(()),
            other => other,
        }
    }

    /// Tries again, after a pause, where the first try brought no answer.
    fn twice<T>(&self, once: impl Fn() -> Result<T, Failure>) -> Result<T, Failure> {
        if self.silences.load(Ordering::Relaxed) >= MOST_SILENCES {
            return Err(Failure::Silent(self.target.patience));
        }
        match once() {
            Err(silent @ Failure::Silent(_)) => {
                self.silences.fetch_add(1, Ordering::Relaxed);
                Err(silent)
            }
            Err(failure) if !failure.is_answer() => {
                thread::sleep(PAUSE);
                once()
            }
            other => other,
        }
    }

    /// What there is; where there is nothing, the reason is kept.
    fn noted<T>(&self, result: Result<T, Failure>) -> Option<T> {
        result.map_err(|failure| self.note(failure.to_string())).ok()
    }

    fn note(&self, why: String) {
        let mut failures = lock(&self.failures);
        if !failures.contains(&why) && failures.len() < 4 {
            failures.push(why);
        }
    }
}

/// What one worker's panic leaves behind is whole: a push is done or not.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The long ones first, so that none is left alone at the end.
fn tasks() -> Vec<Task> {
    let mut tasks = Vec::new();
    for version in VERSIONS {
        let mut parts: Vec<(u8, Vec<&'static Suite>)> = Vec::new();
        for suite in suite::all().iter().filter(|suite| may_take(version, suite)) {
            let part = if version == TlsVersion::Tls13 { 0 } else { part(suite) };
            match parts.iter_mut().find(|(known, _)| *known == part) {
                Some((_, suites)) => suites.push(suite),
                None => parts.push((part, vec![suite])),
            }
        }
        parts.sort_by_key(|(part, _)| *part);
        tasks.extend(parts.into_iter().map(|(_, suites)| Task::Suites(version, suites)));
        if version == TlsVersion::Tls12 {
            tasks.push(Task::Groups(&[TlsVersion::Tls13]));
            tasks.push(Task::Groups(&[TlsVersion::Tls12, TlsVersion::Tls11, TlsVersion::Tls10]));
            tasks.push(Task::Inside);
        }
    }
    tasks.push(Task::Flight(|suite| {
        suite.needs() == Some(Key::Rsa) && !suite.is_finite_field()
    }));
    tasks.push(Task::Flight(|suite| suite.needs() == Some(Key::Ecdsa)));
    tasks.push(Task::Flight(Suite::is_finite_field));
    tasks.push(Task::Ssl2);
    tasks
}

/// Whether a server may take a suite. Those of TLS 1.0 some take in SSL 3.0 as well, although it has no extension to agree on a curve:
/// OpenSSL 1.0.2 does, and it ends with 1.1.0.
fn may_take(version: TlsVersion, suite: &Suite) -> bool {
    suite.works_with(version) || (version == TlsVersion::Ssl3 && suite.works_with(TlsVersion::Tls10))
}

/// Suites are asked for in parts, several of which can be asked for at once.
fn part(suite: &Suite) -> u8 {
    match (suite.is_anonymous(), suite.key_exchange()) {
        (true, _) => 3,
        (_, "ECDHE") => 0,
        (_, "DHE") => 1,
        _ => 2,
    }
}

/// The groups that a version knows: curves alone before TLS 1.3.
fn all_groups(version: TlsVersion) -> Vec<u16> {
    let known = |group: &&group::Group| version == TlsVersion::Tls13 || group.kind == Kind::Curve;
    let mut groups: Vec<u16> = group::all().iter().filter(known).map(|group| group.id).collect();
    // What costs the server least comes first.
    groups.sort_by_key(|id| !matches!(id, 0x001D));
    groups
}
