//! Parts of the page that do not come when they are asked for.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use std::fs;
use std::path::Path;
use std::thread;

use serde_json::json;
use smtplint_tests::browser::{Browser, Trouble, built_page, settles};
use xtask::serve::Server;

const TEXT: &str = "compatibility_level = 3.6\nmynetworks = 0.0.0.0/0\n";

/// What the field holds.
const FIELD: &str = "return document.getElementById('configuration').value";

/// Moves the scripts of a part's pieces from one folder to another; how many there were.
fn take(part: &str, from: &Path, to: &Path) -> usize {
    let start = format!("smtplint-split_{part}-");
    let files = fs::read_dir(from).expect("a folder").flatten();
    let files = files.filter(|file| file.file_name().to_string_lossy().starts_with(&start));
    files
        .map(|file| fs::rename(file.path(), to.join(file.file_name())).expect("both are ours"))
        .count()
}

/// What is said of a part that did not come.
async fn missed(browser: &Browser) -> Result<String, Trouble> {
    browser.see("#advice [role=alert]").await?;
    browser
        .text("#advice [role=alert]", |text| text.contains("untouched"))
        .await
}

#[tokio::test]
async fn a_part_that_does_not_come_is_missed_calmly_and_fetched_again() -> Result<(), Trouble> {
    let (there, away) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    for file in fs::read_dir(built_page()?).expect("it is built").flatten() {
        fs::copy(file.path(), there.path().join(file.file_name())).expect("it is ours");
    }
    for part in ["postfix", "explanations"] {
        assert_eq!(take(part, there.path(), away.path()), 1, "{part}");
    }
    let server = Server::bind(there.path().to_owned(), 0).map_err(|error| Trouble::Serve(error.to_string()))?;
    let address = format!("http://{}/", server.address());
    thread::spawn(move || server.run());
    let browser = Browser::start().await?;
    browser.open(&address).await?;

    // Without its reader a text is not judged, and stays.
    browser.type_into("#configuration", TEXT).await?;
    let said = missed(&browser).await?;
    assert!(
        said.starts_with("A part of this page has not arrived") && said.contains("Your text is untouched."),
        "{said}"
    );
    assert_eq!(browser.run(FIELD).await?, json!(TEXT));
    let busy = "return document.getElementById('advice').getAttribute('aria-busy')";
    settles(&browser, busy, &json!("true")).await?;
    assert_eq!(take("postfix", away.path(), there.path()), 1);
    browser.press_button("#advice [role=alert] button").await?;
    browser.see("#findings").await?;
    browser
        .text("#findings", |text| text.contains("trusted-networks-too-wide"))
        .await?;
    let alert = "return document.querySelector('[role=alert]:not([hidden])')";
    settles(&browser, alert, &json!(null)).await?;

    // A panel that cannot be filled does not open.
    browser.press_button(".footer .rule").await?;
    missed(&browser).await?;
    let open = "return document.getElementById('explain').open";
    assert_eq!(browser.run(open).await?, json!(false));
    assert_eq!(take("explanations", away.path(), there.path()), 1);
    browser.press_button("#advice [role=alert] button").await?;
    browser.see("#explain[open]").await?;
    let told = browser
        .text("#explain[open]", |text| text.contains("What it means"))
        .await?;
    assert!(told.contains("What to do"), "{told}");
    assert_eq!(browser.run(FIELD).await?, json!(TEXT));
    browser.close().await
}
