//! How quick the page is. Times are shown and hold nothing: other programs share the machine.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]
#![allow(clippy::print_stdout, reason = "the times are the test's report")]

use serde_json::Value;
use smtplint_core::samples::SAMPLES;
use smtplint_tests::browser::{Browser, Forms, Trouble};

/// How often each is measured.
const ROUNDS: usize = 7;

fn shown(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let (best, middle) = (
        times.first().copied().unwrap_or_default(),
        times.get(times.len() / 2).copied().unwrap_or_default(),
    );
    println!("{what}: best {best:.0} ms, median {middle:.0} ms of {}", times.len());
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// A configuration of about so many bytes, as people have them: settings, tables in comments, services.
fn configuration(bytes: usize) -> String {
    let mut text = SAMPLES[0].text().to_owned();
    let mut line = 0;
    while text.len() < bytes {
        line += 1;
        text.push_str(&format!(
            "# {line}: a remark that somebody has left here, about as long as remarks are\n"
        ));
        if line % 40 == 0 {
            text.push_str(&format!(
                "{} inet n - y - - smtpd\n  -o smtpd_tls_security_level=may\n",
                2000 + line / 40 % 200
            ));
        }
    }
    text
}

/// From the beginning of the navigation to the first finding that is drawn, with a text that the tab has kept.
#[tokio::test]
async fn from_navigation_to_the_first_findings() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    for (name, address) in [("hosted", &forms.hosted), ("single file", &forms.single)] {
        let browser = Browser::start().await?;
        browser.open(address).await?;
        browser.paste(SAMPLES[0].text()).await?;
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            browser.client().refresh().await?;
            let time = browser
                .client()
                .execute_async(
                    "const done = arguments[0]; \
                     const look = () => { \
                       const entry = document.querySelector('.finding'); \
                       if (entry) requestAnimationFrame(() => done(performance.now())); else setTimeout(look, 1); }; look();",
                    Vec::new(),
                )
                .await?;
            times.push(number(&time));
        }
        shown(&format!("{name}: from navigation to the first findings"), times);
        browser.close().await?;
    }
    Ok(())
}

/// From a stroke to the judgement that is drawn, and the longest that the page was busy meanwhile.
#[tokio::test]
async fn texts_of_every_size() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    for (name, bytes) in [("10 KB", 10_000), ("100 KB", 100_000), ("1 MB", 1_000_000)] {
        let browser = Browser::start().await?;
        browser.open(&forms.single).await?;
        browser
            .run(
                "window.long = []; \
                 new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration))).observe({ type: 'longtask' });",
            )
            .await?;
        let text = configuration(bytes);
        let (mut answered, mut busy, mut busy_often) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let time = browser
                .client()
                .execute_async(
                    "const [text, done] = arguments, area = document.getElementById('configuration'), advice = document.getElementById('advice'); \
                     const before = advice.dataset.revision, start = performance.now(); \
                     area.value = text; area.dispatchEvent(new Event('input', { bubbles: true })); \
                     const look = () => (advice.dataset.revision !== before && advice.getAttribute('aria-busy') === 'false' \
                       ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))) : setTimeout(look)); \
                     look();",
                    vec![Value::from(format!("{text}# {round}\n"))],
                )
                .await?;
            answered.push(number(&time));
            let long = browser.run("return window.long.splice(0)").await?;
            let mut long: Vec<f64> = long.as_array().into_iter().flatten().map(number).collect();
            long.sort_by(f64::total_cmp);
            busy.push(long.last().copied().unwrap_or_default());
            busy_often.push(long.iter().rev().nth(1).copied().unwrap_or_default());
        }
        assert_eq!(answered.len(), ROUNDS);
        shown(&format!("{name}: from a paste to its findings"), answered);
        shown(&format!("{name}: the longest task"), busy);
        shown(&format!("{name}: the longest but one"), busy_often);
        browser.close().await?;
    }
    Ok(())
}
