//! chromedriver: started on a free loopback port, its output in a file, ended together with the browser.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Trouble;

/// What it prints when it listens, before the port.
const READY: &str = "started successfully on port ";

const PATIENCE: Duration = Duration::from_secs(20);

/// What it prints before it ends by itself because its port is taken. It lets the system choose one for IPv6 and then wants the same
/// for IPv4, where another program may have it.
const TAKEN: &str = "port not available";

/// How often it may find its port taken.
const ATTEMPTS: usize = 5;

/// A running chromedriver and the directory of everything it and the browser write.
#[derive(Debug)]
pub(super) struct Driver {
    process: Child,
    port: u16,
    directory: TempDir,
}

impl Driver {
    /// Starts it and waits until it listens; once more where another program had its port.
    pub(super) async fn start() -> Result<Self, Trouble> {
        for _ in 1..ATTEMPTS {
            match Driver::attempt().await {
                Err(Trouble::Driver(said)) if said.contains(TAKEN) => {}
                done => return done,
            }
        }
        Driver::attempt().await
    }

    async fn attempt() -> Result<Self, Trouble> {
        let wrong = |error: std::io::Error| Trouble::Driver(error.to_string());
        let directory = tempfile::Builder::new()
            .prefix("smtplint-browser-")
            .tempdir()
            .map_err(wrong)?;
        let log = File::create(log(directory.path())).map_err(wrong)?;
        let process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(wrong)?)
            .stderr(log)
            // A group of its own, so that the browser can be ended with it.
            .process_group(0)
            .spawn()
            .map_err(wrong)?;
        let mut driver = Self {
            process,
            port: 0,
            directory,
        };
        driver.port = driver.ready().await?;
        Ok(driver)
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where the browser keeps what it keeps: empty at the start.
    pub(super) fn profile(&self) -> PathBuf {
        self.directory.path().join("profile")
    }

    pub(super) fn log(&self) -> PathBuf {
        log(self.directory.path())
    }

    async fn ready(&mut self) -> Result<u16, Trouble> {
        let start = Instant::now();
        loop {
            let text = fs::read_to_string(self.log()).map_err(|error| Trouble::Driver(error.to_string()))?;
            let port = text
                .split_once(READY)
                .and_then(|(_, rest)| rest.split_once('.'))
                .and_then(|(port, _)| port.parse().ok());
            if let Some(port) = port {
                return Ok(port);
            }
            let ended = self
                .process
                .try_wait()
                .map_err(|error| Trouble::Driver(error.to_string()))?;
            if ended.is_some() || start.elapsed() > PATIENCE {
                return Err(Trouble::Driver(format!("does not listen, and says: {text}")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Driver {
    /// Ends the whole group: a browser whose test failed half-way would run on for ever.
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        let ended = Command::new("kill")
            .args(["-KILL", "--", &group])
            .status()
            .and_then(|_| self.process.wait());
        assert!(
            ended.is_ok() || std::thread::panicking(),
            "chromedriver could not be ended: {ended:?}"
        );
    }
}

fn log(directory: &Path) -> PathBuf {
    directory.join("chromedriver.log")
}
