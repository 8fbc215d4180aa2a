//! A running Postfix: one instance a configuration, in a directory of its own, always stopped.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::client::{self, Observed};
use super::dialogue::{CLIENT, DialogueError};
use super::materials::Materials;
use super::rewrite::{self, Certificates, Listener, Places, Rewriting};
use crate::postconf::{self, PostconfError, write_cold};
use crate::program::{self, OPENSSL, POSTFIX, ProgramError};

/// A configuration to run, as its owner wrote it.
#[derive(Debug, Clone)]
pub struct LabConfiguration {
    /// For reports.
    pub name: String,
    /// The text of main.cf.
    pub main_cf: String,
    /// The text of master.cf; may be the listeners alone.
    pub master_cf: String,
    /// What to do about certificate files that do not exist.
    pub certificates: Certificates,
}

impl LabConfiguration {
    /// A configuration whose missing certificates are supplied.
    #[must_use]
    pub fn new(name: &str, main_cf: &str, master_cf: &str) -> Self {
        Self {
            name: name.to_owned(),
            main_cf: main_cf.to_owned(),
            master_cf: master_cf.to_owned(),
            certificates: Certificates::Supply,
        }
    }

    /// The same, but certificate files that do not exist stay missing.
    #[must_use]
    pub fn with_certificates_as_written(mut self) -> Self {
        self.certificates = Certificates::AsWritten;
        self
    }
}

/// Why there is no running server, or no answer about it.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// Postfix changes users and directories' owners.
    #[error("the lab starts mail servers and must run as root")]
    NotRoot,
    /// Postfix itself cannot read the configuration: no listener would ever start.
    #[error("Postfix refuses the configuration: {0}")]
    Refused(String),
    /// It was read, and did not start.
    #[error("Postfix did not start: {said}\n{log}")]
    NotStarted {
        /// What the starting program said.
        said: String,
        /// The mail log.
        log: String,
    },
    /// No listener has this name.
    #[error("{name}: no service of type inet is called {service}")]
    NoListener {
        /// The configuration.
        name: String,
        /// The name asked for.
        service: String,
    },
    /// A program failed.
    #[error("{path} ended with {code:?}: {said}")]
    Tool {
        /// The program.
        path: &'static str,
        /// Its exit code.
        code: Option<i32>,
        /// What it said.
        said: String,
    },
    /// A program is missing or hangs.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The oracle failed.
    #[error(transparent)]
    Postconf(#[from] PostconfError),
    /// The client failed, not the server.
    #[error(transparent)]
    Client(#[from] DialogueError),
    /// A file.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// No port could be found.
    #[error("no free port on 127.0.0.1 between {FIRST_PORT} and 32000")]
    NoPort,
}

impl LabError {
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }
}

/// Below the ports the kernel gives to clients, so that no client takes one between the search and the start.
const FIRST_PORT: u16 = 20000;
const PORTS: u16 = 12000;
/// Shared by all labs of the process: Postfix listens with SO_REUSEPORT, so two servers on one port both start, and
/// the kernel deals the connections out between them.
static NEXT_PORT: AtomicU16 = AtomicU16::new(0);

/// What one test run needs once: the certificate and the SASL user. Stops nothing by itself: every server does.
#[derive(Debug)]
pub struct Lab {
    materials: Materials,
    owner: (u32, u32),
    // Held for its Drop: the materials live in it.
    _directory: TempDir,
}

impl Lab {
    /// Prepares the materials. Takes about half a second.
    ///
    /// # Errors
    /// When not run as root, or a program is missing (the error names the command that installs it).
    pub fn new() -> Result<Self, LabError> {
        let own = Path::new("/proc/self");
        if fs::metadata(own).map_err(LabError::at(own))?.uid() != 0 {
            return Err(LabError::NotRoot);
        }
        POSTFIX.present()?;
        OPENSSL.present()?;
        let directory = directory("smtplint-lab-materials-")?;
        let owner = mail_owner()?;
        let materials = Materials::make(directory.path(), owner.1)?;
        // Two processes at once should not look for ports in the same order.
        let first = u16::try_from(std::process::id() * 61 % u32::from(PORTS))
            .unwrap_or(0)
            .max(1);
        // Only the first lab of the process may choose: a number that is taken stays taken.
        let _: Result<u16, u16> = NEXT_PORT.compare_exchange(0, first, Ordering::Relaxed, Ordering::Relaxed);
        Ok(Self {
            materials,
            owner,
            _directory: directory,
        })
    }

    /// The release of the Postfix that is run.
    ///
    /// # Errors
    /// When `postconf` does not tell.
    pub fn release(&self) -> Result<String, LabError> {
        let printed = postconf::Configuration::new("", Some(b""))
            .prepare()?
            .values(&["-d", "mail_version"])?;
        let silent = || LabError::Refused("postconf tells no release".to_owned());
        printed.values.get("mail_version").cloned().ok_or_else(silent)
    }

    /// Starts a server. It stops when the result is dropped.
    ///
    /// # Errors
    /// [`LabError::Refused`] when Postfix cannot read the configuration, [`LabError::NotStarted`] when it reads it and
    /// does not start; the rest is the lab's own trouble.
    pub fn start(&self, configuration: &LabConfiguration) -> Result<LabServer, LabError> {
        match self.start_once(configuration) {
            // Nothing of the configuration stood against it: a port was taken in between, or the machine was busy.
            Err(LabError::NotStarted { log, .. }) if !log.contains("fatal") => self.start_once(configuration),
            other => other,
        }
    }

    fn start_once(&self, configuration: &LabConfiguration) -> Result<LabServer, LabError> {
        let LabConfiguration {
            name,
            main_cf,
            master_cf,
            certificates,
        } = configuration;
        let asked = postconf::Configuration::new(main_cf.as_str(), Some(master_cf.as_bytes())).prepare()?;
        let read = |arguments: &str| -> Result<_, LabError> {
            let printed = asked.values(&[arguments])?;
            printed
                .fatal
                .map_or(Ok(printed.values), |fatal| Err(LabError::Refused(fatal)))
        };
        let directory = directory("smtplint-lab-")?;
        let sasl = directory.path().join("etc/sasl");
        let places = Places {
            root: directory.path(),
            chain: &self.materials.chain,
            sasl: &sasl,
            certificates: *certificates,
        };
        let mut settings = read("-nx")?;
        let mut written = read("-n")?;
        // Printed because the oracle names a directory, not because anybody set it.
        settings.remove("config_directory");
        written.remove("config_directory");
        let texts = (main_cf.as_str(), master_cf.as_str());
        let rewritten = rewrite::rewrite(texts, &settings, &written, &read("-Px")?, &places, free_port)?;
        for part in ["etc", "etc/sasl", "spool", "data", "log"] {
            let path = directory.path().join(part);
            fs::create_dir(&path).map_err(LabError::at(&path))?;
            // Passed by unprivileged daemons, whatever the mask of who runs the tests.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(LabError::at(&path))?;
        }
        self.materials.write_sasl(&sasl)?;
        let data = directory.path().join("data");
        chown(&data, Some(self.owner.0), Some(self.owner.1)).map_err(LabError::at(&data))?;
        for (file, text) in [("main.cf", &rewritten.main_cf), ("master.cf", &rewritten.master_cf)] {
            let path = directory.path().join("etc").join(file);
            write_cold(&path, text.as_bytes()).map_err(LabError::at(&path))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).map_err(LabError::at(&path))?;
        }
        let plain = |word: &&str| !word.is_empty() && !word.contains([':', '/', '!', '{', '[']);
        let own = settings.get("mydestination").map_or("", String::as_str);
        let domain = own
            .split([',', ' ', '\t'])
            .find(plain)
            .unwrap_or("[127.0.0.1]")
            .to_owned();
        let server = LabServer {
            name: name.clone(),
            domain,
            hello: match main_cf.contains("permit_naked_ip_address") || master_cf.contains("permit_naked_ip_address") {
                true => "EHLO 192.0.2.9".to_owned(),
                false => format!("EHLO {CLIENT}"),
            },
            listeners: rewritten.listeners,
            rewritings: rewritten.rewritings,
            directory,
        };
        server.command("start", Duration::from_secs(40))?;
        Ok(server)
    }
}

/// A running Postfix.
#[derive(Debug)]
pub struct LabServer {
    /// The configuration's name.
    pub name: String,
    /// Its listeners, in the order of master.cf.
    pub listeners: Vec<Listener>,
    /// What had to be changed.
    pub rewritings: Vec<Rewriting>,
    domain: String,
    hello: String,
    directory: TempDir,
}

impl LabServer {
    /// A domain whose mailboxes are here.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// How a stranger greets who wants to get through: by an address, where a list lets that pass.
    #[must_use]
    pub fn hello(&self) -> &str {
        &self.hello
    }

    /// Where a listener, named as in master.cf's first column, is in the lab.
    ///
    /// # Errors
    /// [`LabError::NoListener`].
    pub fn address(&self, service: &str) -> Result<SocketAddr, LabError> {
        let found = self.listeners.iter().find(|listener| listener.service == service);
        found
            .map(|listener| SocketAddr::from((Ipv4Addr::LOCALHOST, listener.port)))
            .ok_or_else(|| LabError::NoListener {
                name: self.name.clone(),
                service: service.to_owned(),
            })
    }

    /// What a client from `source` sees at a listener.
    ///
    /// # Errors
    /// When there is no such listener, or the client itself cannot work. A dead server is an observation, no error.
    pub fn observe(&self, service: &str, source: IpAddr) -> Result<Observed, LabError> {
        Ok(client::observe(self.address(service)?, source)?)
    }

    /// The mail log up to now.
    #[must_use]
    pub fn log(&self) -> String {
        let path = self.directory.path().join("log/mail.log");
        match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => format!("{}: {error}", path.display()),
        }
    }

    /// The log's fatal and error lines, which say why a listener is dead.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let serious = |line: &&str| ["fatal:", "panic:", "error:"].iter().any(|word| line.contains(word));
        self.log().lines().filter(serious).map(str::to_owned).collect()
    }

    /// Stops the server; dropping does the same and says nothing.
    ///
    /// # Errors
    /// When it does not stop within ten seconds, even killed.
    pub fn stop(self) -> Result<(), LabError> {
        self.end()
    }

    fn end(&self) -> Result<(), LabError> {
        let Some(master) = self.master() else {
            return Ok(());
        };
        let asked = self.command("stop", Duration::from_secs(8));
        let until = Instant::now() + Duration::from_secs(2);
        while Path::new(&format!("/proc/{master}/exe")).exists() {
            if Instant::now() > until {
                kill(&master)?;
                return asked;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// The process id of the running master.
    fn master(&self) -> Option<String> {
        let text = fs::read_to_string(self.directory.path().join("spool/pid/master.pid")).ok()?;
        let id = text.trim().to_owned();
        // The file outlives the process, and its number may be anybody's.
        let name = fs::read_to_string(format!("/proc/{id}/comm")).ok()?;
        (name.trim() == "master").then_some(id)
    }

    fn command(&self, word: &str, limit: Duration) -> Result<(), LabError> {
        let root = self.directory.path();
        let output = root.join("log").join(format!("{word}.txt"));
        // To a file: the daemon inherits it, and a pipe would never end.
        let file = fs::File::create(&output).map_err(LabError::at(&output))?;
        let errors = file.try_clone().map_err(LabError::at(&output))?;
        let mut command = POSTFIX.command()?;
        command.arg("-c").arg(root.join("etc")).arg(word);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .current_dir("/");
        // A group of its own: what the script has started ends with it.
        command.process_group(0);
        let io = |source| ProgramError::Io {
            path: POSTFIX.path,
            source,
        };
        let mut child = command.spawn().map_err(io)?;
        let ended = program::wait(&mut child, limit).map_err(io)?;
        if ended.is_some_and(|status| status.success()) {
            return Ok(());
        }
        if ended.is_none() {
            kill(&format!("-{}", child.id()))?;
            child.wait().map_err(io)?;
        }
        let said = fs::read_to_string(&output).map_err(LabError::at(&output))?;
        Err(LabError::NotStarted { said, log: self.log() })
    }
}

impl Drop for LabServer {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            // A destructor can only say it.
            #[allow(clippy::print_stderr, reason = "there is nobody to hand the error to")]
            {
                eprintln!("{}: {error}", self.name);
            }
        }
    }
}

/// A port nobody listens on, not handed out before in this process.
fn free_port() -> Result<u16, LabError> {
    for _ in 0..PORTS {
        let port = FIRST_PORT + NEXT_PORT.fetch_add(1, Ordering::Relaxed) % PORTS;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(LabError::NoPort)
}

/// A temporary directory Postfix's unprivileged daemons can pass through.
fn directory(prefix: &str) -> Result<TempDir, LabError> {
    let made = tempfile::Builder::new()
        .prefix(prefix)
        .tempdir()
        .map_err(LabError::at(&std::env::temp_dir()))?;
    fs::set_permissions(made.path(), fs::Permissions::from_mode(0o755)).map_err(LabError::at(made.path()))?;
    Ok(made)
}

/// Ends a process, or with a minus before the number a group of processes, without asking it.
fn kill(process: &str) -> Result<(), LabError> {
    let program = program::Program {
        path: "/bin/kill",
        package: "procps",
    };
    program.run(
        program.command()?.args(["-KILL", "--", process]),
        b"",
        Duration::from_secs(2),
    )?;
    Ok(())
}

/// User and group of `postfix`.
fn mail_owner() -> Result<(u32, u32), LabError> {
    let path = Path::new("/etc/passwd");
    let text = fs::read_to_string(path).map_err(LabError::at(path))?;
    let line = text.lines().find_map(|line| line.strip_prefix("postfix:"));
    let mut fields = line.unwrap_or_default().split(':').skip(1).map(str::parse);
    match (fields.next(), fields.next()) {
        (Some(Ok(user)), Some(Ok(group))) => Ok((user, group)),
        _ => Err(LabError::at(path)(io::Error::other(
            "no user postfix; install the package again",
        ))),
    }
}
