//! The page in a real browser: Chromium, driven through chromedriver on loopback.
//!
//! What the browser says about the page is collected from the first byte on: messages on the console, refusals
//! of the Content-Security-Policy, errors nobody caught, and every request, answered or not.

mod driver;
mod forms;
mod wire;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

use driver::Driver;
pub use forms::Forms;
use wire::{DevTools, Log};

/// How long the page may take to show what it must show.
const PATIENCE: Duration = Duration::from_secs(20);

/// Collects inside the page what the browser would only tell its own console.
const RECORDER: &str = r#"
    window.recorded = [];
    addEventListener("securitypolicyviolation", (event) =>
      recorded.push(`policy: ${event.effectiveDirective} refused ${event.blockedURI}`), true);
    addEventListener("error", (event) => recorded.push(`error: ${event.message}`), true);
    addEventListener("unhandledrejection", (event) => recorded.push(`rejection: ${event.reason}`), true);
"#;

/// Pastes a text and waits for the report on it, which the page makes when its panel is open.
const PASTE: &str = r#"
    const [text, done] = arguments;
    const area = document.getElementById("configuration"), advice = document.getElementById("advice");
    const before = area.value === text ? null : advice.dataset.revision;
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    const look = () => {
      const machine = document.getElementById("machine"), json = document.getElementById("json");
      if (machine) machine.open = true;
      const { revision } = advice.dataset;
      const judged = advice.getAttribute("aria-busy") === "false" && revision !== before;
      // The parts are drawn one after the other: each says which judgement it belongs to.
      const part = machine ? json : document.querySelector(".welcome");
      const shown = part?.dataset.revision === revision;
      if (!judged || !shown) return setTimeout(look);
      done(json ? json.textContent : null);
    };
    setTimeout(look);
"#;

/// Why the browser could not be used.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The driver did not come up.
    #[error("chromedriver: {0}")]
    Driver(String),
    /// The driver came up, the browser did not.
    #[error("the browser did not start; {log} may say why")]
    Session {
        /// The driver's log.
        log: String,
        /// What the driver answered.
        source: Box<fantoccini::error::NewSessionError>,
    },
    /// A command was refused.
    #[error(transparent)]
    Command(Box<fantoccini::error::CmdError>),
    /// A file could not be written.
    #[error("{path}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The page could not be served.
    #[error("serving the page: {0}")]
    Serve(String),
    /// The page has not been built.
    #[error("{0} is not there: run `cargo xtask page` first")]
    NotBuilt(String),
}

impl From<fantoccini::error::CmdError> for Trouble {
    fn from(error: fantoccini::error::CmdError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// How the page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Width in CSS pixels.
    pub width: u32,
    /// Whether the person prefers dark.
    pub dark: bool,
}

impl Look {
    /// A wide window and a telephone, each in light and in dark.
    pub const ALL: [Self; 4] = [
        Self {
            width: 1280,
            dark: false,
        },
        Self {
            width: 1280,
            dark: true,
        },
        Self {
            width: 390,
            dark: false,
        },
        Self { width: 390, dark: true },
    ];

    fn name(self) -> String {
        let scheme = if self.dark { "dark" } else { "light" };
        format!("{}-{scheme}", self.width)
    }
}

/// How much of the page a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What fits into the window.
    Window,
    /// All of it, however long.
    Whole,
}

/// A browser with an empty profile of its own. Ends with the value, whatever happens in between.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    // Dropped after the client, and with it driver, browser and profile.
    _driver: Driver,
}

/// Keeps what the page hands over, as downloads and by the clipboard.
const KEEP: &str = "
    window.taken = {};
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { window.blob = blob; return make(blob); };
    HTMLAnchorElement.prototype.click = function () {
      const name = this.download;
      window.blob.text().then((text) => { window.taken[name] = text; });
    };
    navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };";

impl Browser {
    /// Starts driver and browser.
    ///
    /// # Errors
    ///
    /// [`Trouble::Driver`] or [`Trouble::Session`] when they do not come up.
    pub async fn start() -> Result<Self, Trouble> {
        let driver = Driver::start().await?;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&driver.profile()))
            .connect(&driver.address())
            .await
            .map_err(|source| Trouble::Session {
                log: driver.log().display().to_string(),
                source: Box::new(source),
            })?;
        let browser = Self {
            client,
            _driver: driver,
        };
        // What the browser does for its own first page is not the page's doing: leave that page and forget it.
        browser.client.goto("about:blank").await?;
        browser.log("performance").await?;
        browser
            .tools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": RECORDER }))
            .await?;
        Ok(browser)
    }

    /// The client, for what has no name here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens an address and waits until the page shows its heading.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`], also when the page does not come up in time.
    pub async fn open(&self, address: &str) -> Result<(), Trouble> {
        self.client.goto(address).await?;
        self.see("h1").await
    }

    /// Waits for an element.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when it does not appear in time.
    pub async fn see(&self, selector: &str) -> Result<(), Trouble> {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(selector))
            .await?;
        Ok(())
    }

    /// Waits until an element's text is what `wanted` accepts, and gives the text it ended with, accepted or not.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when there is no such element.
    pub async fn text(&self, selector: &str, wanted: impl Fn(&str) -> bool) -> Result<String, Trouble> {
        self.see(selector).await?;
        let start = tokio::time::Instant::now();
        loop {
            let text = self.client.find(Locator::Css(selector)).await?.text().await?;
            if wanted(&text) || start.elapsed() > PATIENCE {
                return Ok(text);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Types into an element, key by key.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when there is no such element or it takes no keys.
    pub async fn type_into(&self, selector: &str, keys: &str) -> Result<(), Trouble> {
        self.client.find(Locator::Css(selector)).await?.send_keys(keys).await?;
        Ok(())
    }

    /// Puts a text into the field as pasting does, all at once, and waits until it has been judged.
    /// Gives the report as the page shows it to programs; `None` when the text is not recognised.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the page does not answer in time.
    pub async fn paste(&self, text: &str) -> Result<Option<String>, Trouble> {
        let shown = self.client.execute_async(PASTE, vec![json!(text)]).await?;
        Ok(shown.as_str().map(str::to_owned))
    }

    /// Waits until the text that is in the field has been judged.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the page does not answer in time.
    pub async fn is_judged(&self) -> Result<(), Trouble> {
        self.see("#advice[aria-busy=false]").await
    }

    /// Runs a script in the page and gives what it returns.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the script fails.
    pub async fn run(&self, script: &str) -> Result<Value, Trouble> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Presses keys where the focus is.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when nothing there takes keys.
    pub async fn press(&self, keys: &str) -> Result<(), Trouble> {
        self.client.active_element().await?.send_keys(keys).await?;
        Ok(())
    }

    /// Presses a button as people do who have no mouse.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when it does not appear in time.
    pub async fn press_button(&self, selector: &str) -> Result<(), Trouble> {
        self.see(selector).await?;
        self.run(&format!("document.querySelector('{selector}').focus()"))
            .await?;
        self.press(&String::from(char::from(Key::Enter))).await
    }

    /// Chooses in a list as a person does; what it may be folded away in is unfolded.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the list has no such value, or does not appear in time.
    pub async fn choose(&self, list: &str, value: &str) -> Result<(), Trouble> {
        self.run("for (const one of document.querySelectorAll('.settings, .filter')) one.open = true")
            .await?;
        self.see(&format!("#{list}")).await?;
        let option = format!("#{list} option[value='{value}']");
        self.client.find(Locator::Css(&option)).await?.click().await?;
        Ok(())
    }

    /// Keeps what the page hands over from now on: downloads by their names in `taken`, and what it copies in `copied`.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the browser does not answer.
    pub async fn keep_what_is_handed_over(&self) -> Result<(), Trouble> {
        self.run(KEEP).await.map(drop)
    }

    /// Everything the browser has complained of since the page was opened or this was last asked.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the browser does not answer.
    pub async fn complaints(&self) -> Result<Vec<String>, Trouble> {
        let recorded = self
            .client
            .execute("return window.recorded.splice(0);", Vec::new())
            .await?;
        let console = self.log("browser").await?;
        let strings = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(recorded
            .as_array()
            .into_iter()
            .flatten()
            .map(strings)
            .chain(
                // The browser's own first page complains, of a slow machine for one.
                console
                    .iter()
                    .filter(|entry| !strings(&entry["message"]).starts_with("chrome://"))
                    .map(|entry| format!("console: {} {}", strings(&entry["level"]), strings(&entry["message"]))),
            )
            .collect())
    }

    /// The address of every request since the browser started or this was last asked: as the network layer
    /// was asked for it, whether it was let through or not.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the browser does not answer.
    pub async fn requests(&self) -> Result<Vec<String>, Trouble> {
        let mut addresses = Vec::new();
        for entry in self.log("performance").await? {
            let text = entry["message"].as_str().unwrap_or_default();
            let event: Value = serde_json::from_str(text)
                .map_err(|error| Trouble::Driver(format!("an entry that is not JSON: {error}: {text}")))?;
            let event = &event["message"];
            let address = match event["method"].as_str() {
                Some("Network.requestWillBeSent") => &event["params"]["request"]["url"],
                Some("Network.webSocketCreated") => &event["params"]["url"],
                _ => continue,
            };
            addresses.push(address.as_str().unwrap_or_default().to_owned());
        }
        Ok(addresses)
    }

    /// Shows the page as a person with that window and that preference sees it.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the browser refuses.
    pub async fn look(&self, look: Look) -> Result<(), Trouble> {
        self.window(look.width, 900).await?;
        let scheme = if look.dark { "dark" } else { "light" };
        self.tools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
        )
        .await?;
        Ok(())
    }

    /// Shows the page enlarged, as to a person who reads large letters in a window of 1280 pixels.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the browser refuses.
    pub async fn enlarge(&self, factor: u32) -> Result<(), Trouble> {
        let (width, height) = (1280 / factor, 900 / factor);
        // Without touch: bars to scroll with take room.
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": factor, "mobile": false });
        self.tools("Emulation.setDeviceMetricsOverride", metrics).await?;
        Ok(())
    }

    /// Has the browser tell the page what a person prefers, by features of media.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the browser refuses.
    pub async fn prefer(&self, features: &[(&str, &str)]) -> Result<(), Trouble> {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        self.tools("Emulation.setEmulatedMedia", json!({ "features": features }))
            .await?;
        Ok(())
    }

    /// Shows the page as it is printed, for somebody who prefers dark on screens.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the browser refuses.
    pub async fn on_paper(&self) -> Result<(), Trouble> {
        let features = json!([{ "name": "prefers-color-scheme", "value": "dark" }]);
        self.tools(
            "Emulation.setEmulatedMedia",
            json!({ "media": "print", "features": features }),
        )
        .await?;
        Ok(())
    }

    /// Takes pictures of the page in every [`Look`]: `directory/NAME-WIDTH-SCHEME.png`.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the browser refuses, [`Trouble::File`] when a file cannot be written.
    pub async fn pictures(&self, directory: &Path, name: &str, extent: Extent) -> Result<Vec<PathBuf>, Trouble> {
        let wrong = |path: &Path, source| Trouble::File {
            path: path.display().to_string(),
            source,
        };
        fs::create_dir_all(directory).map_err(|source| wrong(directory, source))?;
        self.tools("Emulation.setScrollbarsHidden", json!({ "hidden": true }))
            .await?;
        let mut paths = Vec::new();
        for look in Look::ALL {
            self.look(look).await?;
            if extent == Extent::Whole {
                let height = self.run("return document.documentElement.scrollHeight;").await?;
                self.window(look.width, height.as_u64().unwrap_or(900)).await?;
            }
            let path = directory.join(format!("{name}-{}.png", look.name()));
            let picture = self.client.screenshot().await?;
            fs::write(&path, picture).map_err(|source| wrong(&path, source))?;
            paths.push(path);
        }
        self.tools("Emulation.setScrollbarsHidden", json!({ "hidden": false }))
            .await?;
        Ok(paths)
    }

    async fn window(&self, width: u32, height: u64) -> Result<(), Trouble> {
        self.tools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 }),
        )
        .await?;
        Ok(())
    }

    async fn tools(&self, method: &'static str, parameters: Value) -> Result<Value, Trouble> {
        Ok(self.client.issue_cmd(DevTools { method, parameters }).await?)
    }

    async fn log(&self, kind: &'static str) -> Result<Vec<Value>, Trouble> {
        match self.client.issue_cmd(Log { kind }).await? {
            Value::Array(entries) => Ok(entries),
            other => Err(Trouble::Driver(format!("a log that is no list: {other}"))),
        }
    }

    /// Ends the session; without it, dropping the value does.
    ///
    /// # Errors
    ///
    /// [`Trouble::Command`] when the browser does not answer.
    pub async fn close(self) -> Result<(), Trouble> {
        self.client.clone().close().await?;
        Ok(())
    }
}

/// Waits until a script gives what is wanted.
///
/// # Errors
///
/// [`Trouble::Command`] when the script fails.
///
/// # Panics
///
/// When it gives something else all the time.
#[allow(clippy::panic, reason = "a test that cannot go on says so")]
pub async fn settles(browser: &Browser, script: &str, wanted: &Value) -> Result<(), Trouble> {
    let mut now = Value::Null;
    for _ in 0..250 {
        now = browser.run(script).await?;
        if now == *wanted {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{script}\n  gives {now}\n  not   {wanted}");
}

/// The built page's directory.
///
/// # Errors
///
/// [`Trouble::NotBuilt`] when there is none.
pub fn built_page() -> Result<PathBuf, Trouble> {
    let directory = xtask::page::directory();
    let single = directory.join(xtask::page::SINGLE);
    if single.is_file() {
        return Ok(directory);
    }
    Err(Trouble::NotBuilt(single.display().to_string()))
}

fn capabilities(profile: &Path) -> Map<String, Value> {
    let profile = format!("--user-data-dir={}", profile.display());
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        &profile,
    ];
    [
        ("goog:chromeOptions".to_owned(), json!({ "args": flags })),
        (
            "goog:loggingPrefs".to_owned(),
            json!({ "browser": "ALL", "performance": "ALL" }),
        ),
    ]
    .into_iter()
    .collect()
}
