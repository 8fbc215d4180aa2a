//! The page says what the program says.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::time::{SystemTime, UNIX_EPOCH};

use smtplint_core::report::Options;
use smtplint_core::samples::SAMPLES;
use smtplint_core::{certificate, check, intake, json, recognise};
use smtplint_tests::browser::{Browser, Forms, Trouble};
use smtplint_tests::corpus::{self, Case, Outside};

/// The report on a text, as the program makes it: a certificate in it is held against the same clock.
fn as_json(text: &str) -> Option<String> {
    let sources = intake::split("paste", text);
    let mut options = Options::default();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("1970 is past");
    options.target.seen.now = Some(since.as_secs().cast_signed());
    options.target.seen.given = certificate::given(text);
    let report = check(&sources, recognise(&sources)?, &options);
    let inputs = json::inputs(&sources, &[]);
    Some(serde_json::to_string_pretty(&json::report(&report, &sources, inputs)).expect("a report is JSON"))
}

/// A case as one text, with the line ends that a text field keeps.
fn as_paste(case: &Case) -> String {
    let mut text = String::new();
    for (path, bytes) in &case.files {
        if path != "paste.txt" {
            text.push_str(&format!("==> {path} <==\n"));
        }
        text.push_str(&String::from_utf8_lossy(bytes));
        text.push('\n');
    }
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The report in the page is the program's report, byte for byte.
#[tokio::test]
async fn the_page_and_the_program_say_the_same() -> Result<(), Trouble> {
    let mut texts: Vec<(String, String)> = SAMPLES
        .iter()
        .map(|sample| (sample.name.to_owned(), sample.text().to_owned()))
        .collect();
    let own = corpus::own().expect("the cases are readable");
    assert!(own.len() >= 40, "only {} cases", own.len());
    let outside = match corpus::outside().expect("the outside corpus is readable") {
        Outside::Found(_, cases) => cases,
        Outside::Absent(why) => {
            println!("{why}");
            Vec::new()
        }
    };
    texts.extend(
        own.iter()
            .chain(&outside)
            .map(|case| (case.name.clone(), as_paste(case))),
    );

    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.hosted).await?;
    let start = std::time::Instant::now();
    let (mut bytes, mut unknown) = (0, 0);
    for (name, text) in &texts {
        let seen = browser.paste(text).await?;
        let expected = as_json(text);
        assert_eq!(seen, expected, "{name}");
        bytes += expected.as_ref().map_or(0, String::len);
        unknown += usize::from(expected.is_none());
    }
    println!(
        "{} texts, {} bytes of JSON the same, {unknown} not recognised, {} ms a text",
        texts.len(),
        bytes,
        start.elapsed().as_millis() / texts.len() as u128
    );
    assert!(bytes > 100_000, "only {bytes} bytes were compared");
    let complaints = browser.complaints().await?;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.close().await
}
