//! The built page in a real browser: served, and as one file from `file://`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use std::path::{Path, PathBuf};

use smtplint_core::samples::SAMPLES;
use smtplint_tests::browser::{Browser, Extent, Forms, Look, Trouble};

fn pictures() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().expect("the target directory").join("screenshots")
}

#[tokio::test]
async fn typing_is_answered_at_once_and_nothing_leaves() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    for address in forms.both() {
        let browser = Browser::start().await?;
        browser.open(address).await?;
        browser
            .type_into("#configuration", "compatibility_level = 3.6\nmynetworks = 0.0.0.0/0")
            .await?;
        browser.see("#findings").await?;
        let finding = browser
            .text("#findings", |text| text.contains("trusted-networks-too-wide"))
            .await?;
        assert!(finding.contains("trusted-networks-too-wide"), "{address}: {finding}");

        let complaints = browser.complaints().await?;
        assert!(complaints.is_empty(), "{address}: {complaints:#?}");
        let requests = browser.requests().await?;
        assert!(
            requests.iter().any(|request| request == address),
            "the page itself is among {requests:?}"
        );
        for request in &requests {
            // The page's own two files, when they are files.
            let own = request.starts_with(&format!("{}smtplint-", forms.hosted)) && address == forms.hosted;
            assert!(
                request == address || own || request.starts_with("data:"),
                "{address} asked for {request}"
            );
        }
        browser.close().await?;
    }
    Ok(())
}

/// Shows that the silence of the test above means something: what the policy must refuse is refused, and seen.
#[tokio::test]
async fn the_policy_refuses_every_way_out() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    for address in forms.both() {
        let browser = Browser::start().await?;
        for (directive, attempt) in [
            ("connect-src", "fetch(TARGET).catch(() => {})"),
            ("connect-src", "navigator.sendBeacon(TARGET, 'x')"),
            (
                "connect-src",
                "try { new WebSocket(TARGET.replace('http', 'ws')) } catch {}",
            ),
            ("img-src", "new Image().src = TARGET"),
            ("font-src", "new FontFace('f', `url(${TARGET})`).load().catch(() => {})"),
            (
                "script-src-elem",
                "document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))",
            ),
            (
                "script-src-attr",
                "document.body.setAttribute('onclick', 'window.ran = 1')",
            ),
            (
                "style-src-elem",
                "document.body.append(Object.assign(document.createElement('style'), { textContent: 'p {}' }))",
            ),
            (
                "form-action",
                "document.body.append(Object.assign(document.createElement('form'), { action: TARGET })); \
                 document.forms[0].submit()",
            ),
        ] {
            browser.open(address).await?;
            let script = attempt.replace("TARGET", &format!("'{}'", forms.hosted));
            browser.client().execute(&script, Vec::new()).await?;
            let refusal = format!("policy: {directive} refused");
            let mut complaints = Vec::new();
            for _ in 0..100 {
                complaints.extend(browser.complaints().await?);
                if complaints.iter().any(|complaint| complaint.starts_with(&refusal)) {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            assert!(
                complaints.iter().any(|complaint| complaint.starts_with(&refusal)),
                "{address}: {attempt} was not refused by {directive}: {complaints:#?}"
            );
        }
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn light_and_dark_differ_and_a_telephone_need_not_scroll_sideways() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(SAMPLES[0].text()).await?;
    browser.see("#findings").await?;

    let mut papers = Vec::new();
    for look in Look::ALL {
        browser.look(look).await?;
        let seen = browser
            .client()
            .execute(
                "const paper = getComputedStyle(document.body).backgroundColor; \
                 return [paper, document.documentElement.scrollWidth, innerWidth];",
                Vec::new(),
            )
            .await?;
        papers.push((look.dark, seen[0].clone()));
        assert_eq!(seen[2], look.width, "the window is as wide as asked for");
        assert!(
            seen[1].as_u64() <= Some(u64::from(look.width)),
            "{look:?} scrolls sideways: {seen}"
        );
    }
    for (dark, paper) in &papers {
        for (other_dark, other_paper) in &papers {
            assert_eq!(dark == other_dark, paper == other_paper, "{papers:?}");
        }
    }

    let mut taken = browser.pictures(&pictures(), "whole", Extent::Whole).await?;
    browser
        .run("document.querySelector('#finding-0 .rule').click()")
        .await?;
    browser.see("#explain[open]").await?;
    taken.extend(browser.pictures(&pictures(), "explain", Extent::Window).await?);
    browser.run("document.getElementById('explain').close()").await?;
    ciphers_in_every_look(&browser).await?;
    taken.extend(browser.pictures(&pictures(), "ciphers", Extent::Whole).await?);
    browser.run("document.getElementById('ciphers').close()").await?;
    browser.paste("").await?;
    taken.extend(browser.pictures(&pictures(), "empty", Extent::Window).await?);
    for path in taken {
        let size = std::fs::metadata(&path).expect("the picture is written").len();
        assert!(size > 5_000, "{} has only {size} bytes", path.display());
    }
    browser.close().await
}

/// Unfolds a listener's suites and opens what its string means: neither is wider than the window.
async fn ciphers_in_every_look(browser: &Browser) -> Result<(), Trouble> {
    browser
        .run("document.querySelector('.listeners .below summary').click()")
        .await?;
    browser.see(".listeners .suites li").await?;
    browser
        .run("document.querySelector('.listeners .below .link').click()")
        .await?;
    browser.see("#ciphers[open] .suites li").await?;
    for look in Look::ALL {
        browser.look(look).await?;
        let wide = browser
            .run(
                "const wide = (name) => [...document.querySelectorAll(name)].map((one) => one.scrollWidth - one.clientWidth); \
                 return [wide('html'), wide('#ciphers'), wide('.suites'), wide('.effects')].flat();",
            )
            .await?;
        let wide = wide.as_array().expect("numbers");
        assert!(
            wide.len() > 4 && wide.iter().all(|one| one.as_i64() <= Some(0)),
            "{look:?} scrolls sideways: {wide:?}"
        );
    }
    Ok(())
}
