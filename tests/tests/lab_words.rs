//! The words of the page: another language of it, and findings under what a stranger could do.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use serde_json::{Value, json};
use smtplint_tests::browser::{Browser, Forms, Trouble, settles};

const TEXT: &str = "==> /etc/postfix/main.cf <==
compatibility_level = 3.6
mynetworks = 0.0.0.0/0
smtpd_use_tls = yes

==> /etc/postfix/master.cf <==
smtp inet n - y - - smtpd
465 inet n - y - - smtpd
  -o smtpd_sasl_auth_enable=yes
";

const ENGLISH: &str = include_str!("../../web/words/en.txt");
const GERMAN: &str = include_str!("../../web/words/de.txt");

/// English texts that are otherwise in German, and into which nothing is put.
fn foreign() -> Vec<&'static str> {
    let words = |text: &'static str| {
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(" = "))
    };
    let german: std::collections::BTreeMap<_, _> = words(GERMAN).collect();
    // A language's own name is told in it.
    let foreign = words(ENGLISH)
        .filter(|(name, _)| *name != "language")
        .filter(|(name, text)| german.get(name).is_some_and(|other| other != text));
    foreign
        .map(|(_, text)| text)
        .filter(|text| !text.contains('{'))
        .collect()
}

/// Texts and labels of the page that are in the page's own language and stand word for word among `wanted`.
async fn seen(browser: &Browser, wanted: &[&str]) -> Result<Value, Trouble> {
    let script = "const wanted = new Set(arguments[0]), seen = [];
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
          const element = node.nodeType === 3 ? node.parentElement : node;
          if (element.closest('body [lang=en]') || element.closest('script, style, code, pre, noscript')) continue;
          const said = node.nodeType === 3 ? [node.data] : ['title', 'aria-label', 'placeholder', 'data-label'].map((name) => node.getAttribute(name) ?? '');
          seen.push(...said.map((one) => one.trim()).filter((one) => wanted.has(one)));
        }
        return [...new Set(seen)];";
    Ok(browser.client().execute(script, vec![json!(wanted)]).await?)
}

#[tokio::test]
async fn another_language_is_spoken_everywhere_and_kept() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let foreign = foreign();
    assert!(foreign.len() > 150, "{}", foreign.len());
    for address in forms.both() {
        let browser = Browser::start().await?;
        browser.open(address).await?;
        let before = seen(&browser, &foreign).await?;
        assert!(before.as_array().is_some_and(|all| all.len() > 10), "{before}");
        browser.choose("language", "de").await?;
        browser.see("html[lang=de]").await?;
        assert_eq!(
            browser
                .text("h2#text-heading", |text| text == "Ihre Konfiguration")
                .await?,
            "Ihre Konfiguration"
        );
        assert_eq!(seen(&browser, &foreign).await?, json!([]), "empty");
        browser.paste(TEXT).await?;
        browser.see("#findings").await?;
        // The lists behind it are fetched when they are looked at.
        browser
            .run("for (const one of document.querySelectorAll('details')) one.open = true")
            .await?;
        browser.see("#prefer").await?;
        assert_eq!(seen(&browser, &foreign).await?, json!([]), "findings");
        browser.press_button(".show-change").await?;
        browser.see(".preview").await?;
        assert_eq!(seen(&browser, &foreign).await?, json!([]), "a change");
        for (opened, there) in [
            (".finding .rule", "#explain[open] h2"),
            ("#ask-ciphers", "#ciphers[open] h2"),
            ("#ask-plan", "#plan[open] h2"),
        ] {
            browser.press_button(opened).await?;
            browser.see(there).await?;
            assert_eq!(seen(&browser, &foreign).await?, json!([]), "{there}");
            browser.run("document.querySelector('dialog[open]').close()").await?;
        }
        browser.client().refresh().await?;
        browser.see("html[lang=de]").await?;
        browser.see("#findings").await?;
        settles(
            &browser,
            "return document.querySelector('#findings h2').textContent",
            &json!("Befunde"),
        )
        .await?;
        browser.choose("language", "en").await?;
        browser.see("html[lang=en]").await?;
        settles(
            &browser,
            "return document.querySelector('#findings h2').textContent",
            &json!("Findings"),
        )
        .await?;
        let complaints = browser.complaints().await?;
        assert!(complaints.is_empty(), "{complaints:#?}");
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn findings_stand_under_what_a_stranger_could_do() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    let report = browser.paste(TEXT).await?.expect("it is judged");
    let report: Value = serde_json::from_str(&report).expect("the report is JSON");
    let findings = report["findings"].as_array().expect("findings");
    browser.see("#findings .group").await?;
    let shown = browser
        .run("return [...document.querySelectorAll('#findings .group')].map((group) => [group.querySelector('h3').textContent, [...group.querySelectorAll('.finding .rule')].map((rule) => rule.textContent)])")
        .await?;
    let shown: Vec<(String, Vec<String>)> = serde_json::from_value(shown).expect("groups");
    let total: usize = shown.iter().map(|(_, rules)| rules.len()).sum();
    assert_eq!(total, findings.len());
    let under = |rule: &str| {
        shown
            .iter()
            .find(|(_, rules)| rules.iter().any(|one| one == rule))
            .map(|(name, _)| name.as_str())
    };
    assert_eq!(
        under("trusted-networks-too-wide"),
        Some("Send mail through your server"),
        "{shown:?}"
    );
    assert_eq!(
        under("implicit-port-without-wrapper"),
        Some("Learn or guess a user's password"),
        "{shown:?}"
    );
    // Each group begins with its worst, and the first of all findings stands first.
    assert_eq!(findings[0]["rule"], json!(shown[0].1[0]));
    for (name, rules) in &shown {
        let places = rules
            .iter()
            .map(|rule| findings.iter().position(|one| one["rule"] == json!(rule)));
        let places: Vec<_> = places.collect();
        assert!(places.is_sorted(), "{name}: {rules:?}");
    }
    browser.close().await
}
