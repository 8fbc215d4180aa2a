//! The pictures of the README: the main states of the page, in every window, light and dark. `docs/pictures.md` says what each shows.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use std::path::Path;

use smtplint_core::samples::{SAMPLES, Sample};
use smtplint_tests::browser::{Browser, Extent, Forms, Trouble};

fn sample(name: &str) -> &'static Sample {
    SAMPLES.iter().find(|sample| sample.name == name).expect("a sample")
}

/// The name of a state, its text, what leads to it, and what is there then.
const STATES: [(&str, &str, &str, &str); 4] = [
    ("page", "grown-over-years", "", "#findings"),
    (
        "change",
        "grown-over-years",
        "document.querySelector('.show-change').click()",
        ".preview .picture",
    ),
    (
        "plan",
        "both-ports-done-right",
        "document.getElementById('ask-plan').click()",
        "#plan[open] .stage",
    ),
    ("exim", "exim-grown-by-hand", "", "#findings"),
];

#[tokio::test]
async fn every_state_has_its_pictures() -> Result<(), Trouble> {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = tmp.parent().expect("the target directory").join("screenshots");
    let forms = Forms::built()?;
    assert_eq!(STATES.map(|(name, ..)| name), xtask::pictures::STATES);
    for (name, text, then, there) in STATES {
        let browser = Browser::start().await?;
        browser.open(&forms.single).await?;
        browser.paste(sample(text).text()).await?;
        browser.run("document.getElementById('machine').open = false").await?;
        browser.run(then).await?;
        browser.see(there).await?;
        let scrolled = format!("document.querySelector('{there}').scrollIntoView({{ block: 'center' }})");
        let shown = if name == "change" {
            scrolled.as_str()
        } else {
            "scrollTo(0, 0)"
        };
        browser.run(shown).await?;
        for path in browser.pictures(&folder, name, Extent::Window).await? {
            let size = std::fs::metadata(&path).expect("the picture is written").len();
            assert!(size > 20_000, "{} has only {size} bytes", path.display());
        }
        browser.close().await?;
    }
    Ok(())
}
