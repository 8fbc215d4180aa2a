//! Rules and error messages are looked up, findings are narrowed, and what is judged by can be said.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use fantoccini::key::Key;
use serde_json::json;
use smtplint_core::explain;
use smtplint_core::finding::{Finding, Severity};
use smtplint_core::report::{Options, Report};
use smtplint_core::rules::RULES;
use smtplint_core::samples::SAMPLES;
use smtplint_core::{check, intake, recognise};
use smtplint_tests::browser::{Browser, Forms, Trouble, settles};

fn report(text: &str, options: &Options) -> Report {
    let sources = intake::split("paste", text);
    check(&sources, recognise(&sources).expect("it is recognised"), options)
}

#[tokio::test]
async fn rules_are_found_by_words_and_by_keyboard() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    for address in forms.both() {
        let browser = Browser::start().await?;
        browser.open(address).await?;
        browser.press_button("#ask-rules").await?;
        browser.see("#explain[open] #explain-search").await?;
        settles(&browser, "return document.activeElement.id", &json!("explain-search")).await?;
        let listed = "return [...document.querySelectorAll('#explain .rules .rule')].map((one) => one.textContent)";
        let all: Vec<&str> = RULES.iter().map(|(_, rule)| rule.id).collect();
        settles(&browser, listed, &json!(all)).await?;
        browser.press("wrappermode implicit").await?;
        let has = |words: &[&str]| -> Vec<&str> {
            let text = |group: &str, id: &str, text: &str| format!("{group} {id} {text}").to_ascii_lowercase();
            let found = RULES.iter().filter(|(group, rule)| {
                let text = text(group, rule.id, rule.text());
                words.iter().all(|word| text.contains(word))
            });
            found.map(|(_, rule)| rule.id).collect()
        };
        let wanted = has(&["wrappermode", "implicit"]);
        assert!(!wanted.is_empty() && wanted.len() < all.len());
        settles(&browser, listed, &json!(wanted)).await?;
        let said = browser.text("#explain-count", |text| text.contains("of")).await?;
        assert_eq!(said, format!("{} of {} rules", wanted.len(), all.len()));
        browser.press_button("#explain .rules .rule").await?;
        let id = browser.text("#explain .identity code", |text| !text.is_empty()).await?;
        assert_eq!(id, wanted[0]);
        // And back to what was looked for.
        browser.press_button("#explain .footer button").await?;
        settles(&browser, listed, &json!(wanted)).await?;
        browser.press(&String::from(char::from(Key::Escape))).await?;
        settles(&browser, "return document.activeElement.id", &json!("ask-rules")).await?;
        let complaints = browser.complaints().await?;
        assert!(complaints.is_empty(), "{complaints:#?}");
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_line_of_a_log_is_explained_by_the_text() -> Result<(), Trouble> {
    let text = "==> main.cf <==\ncompatibility_level = 3.6\nsmtpd_tls_chain_files = /etc/ssl/mail.pem\n\n==> master.cf <==\n\
                465 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n";
    let line = "SSL routines:ssl3_get_record:wrong version number";
    let problem = explain::recognise(line).expect("it is known");
    let report = report(text, &Options::default());
    let own: Vec<&Finding> = problem.explained_by(line, &report);
    assert!(!own.is_empty(), "{}", problem.id);
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(text).await?;
    browser.press_button("#ask-rules").await?;
    browser.see("#explain[open] #explain-search").await?;
    browser.press(line).await?;
    let shown = browser
        .text("#problem", |shown| shown.contains(problem.command))
        .await?;
    let plain = |text: &str| text.replace('`', "");
    for part in [problem.headline, problem.means, problem.cause, problem.command] {
        assert!(shown.contains(&plain(part)), "{part}\n  is not in {shown}");
    }
    let rules = "return [...document.querySelectorAll('#problem .rules .rule')].map((one) => one.textContent).sort()";
    let mut wanted = problem.rules.to_vec();
    wanted.sort_unstable();
    settles(&browser, rules, &json!(wanted)).await?;
    // What explains it leads to its finding, and the panel makes way.
    let card = report
        .findings
        .iter()
        .position(|one| one.fingerprint == own[0].fingerprint);
    browser.press_button("#problem section ul .link").await?;
    let focused = format!("finding-{}", card.expect("it is among them"));
    settles(&browser, "return document.activeElement.id", &json!(focused)).await?;
    settles(
        &browser,
        "return document.getElementById('explain').open",
        &json!(false),
    )
    .await?;
    browser.close().await
}

#[tokio::test]
async fn findings_are_narrowed_by_severity_group_and_port() -> Result<(), Trouble> {
    let text = SAMPLES[0].text();
    let report = report(text, &Options::default());
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(text).await?;
    let shown = "return [...document.querySelectorAll('.finding')].map((one) => one.id).sort()";
    let wanted = |keeps: &dyn Fn(&Finding) -> bool| {
        let all = report.findings.iter().enumerate().filter(|(_, finding)| keeps(finding));
        let mut ids: Vec<String> = all.map(|(at, _)| format!("finding-{at}")).collect();
        ids.sort_unstable();
        json!(ids)
    };
    let narrowed = |ids: &serde_json::Value| {
        ids.as_array()
            .is_some_and(|ids| (1..report.findings.len()).contains(&ids.len()))
    };
    let high = wanted(&|finding| finding.severity >= Severity::High);
    let group = report.findings[0].group;
    let of_group = wanted(&|finding| finding.group == group);
    let port = report
        .findings
        .iter()
        .flat_map(|one| &one.listeners)
        .next()
        .expect("a port");
    let of_port = wanted(&|finding| finding.listeners.contains(port));
    assert!(narrowed(&high) && narrowed(&of_group) && narrowed(&of_port));
    for (list, value, ids) in [
        ("filter-severity", "high", &high),
        ("filter-group", group, &of_group),
        ("filter-listener", port.as_str(), &of_port),
    ] {
        browser.choose(list, value).await?;
        settles(&browser, shown, ids).await?;
        let count = ids.as_array().map_or(0, Vec::len);
        let said = browser.text("#filtered", |text| !text.is_empty()).await?;
        assert_eq!(said, format!("{count} of {} shown", report.findings.len()));
        browser.choose(list, "").await?;
        settles(&browser, shown, &wanted(&|_| true)).await?;
    }
    // A mark whose finding is left out brings them all back.
    browser.choose("filter-severity", "critical").await?;
    let critical = wanted(&|finding| finding.severity == Severity::Critical);
    settles(&browser, shown, &critical).await?;
    browser
        .run("document.querySelector('.gutter .mark:is(.low, .medium, .info)').click()")
        .await?;
    settles(&browser, shown, &wanted(&|_| true)).await?;
    settles(
        &browser,
        "return document.activeElement.matches('.finding')",
        &json!(true),
    )
    .await?;
    browser.close().await
}

#[tokio::test]
async fn what_it_is_read_as_and_judged_by_can_be_said() -> Result<(), Trouble> {
    let text = SAMPLES[0].text();
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.hosted).await?;
    browser.paste(text).await?;
    let head = browser.text(".settings summary", |_| true).await?;
    assert_eq!(head, "Read as Postfix, judged by BCP 195 (RFC 9325)");
    let json_of = |options: &Options| report(text, options);
    let rules = "return JSON.parse(document.getElementById('json').textContent).findings.map((one) => one.rule)";
    let wanted = |report: &Report| json!(report.findings.iter().map(|one| one.rule).collect::<Vec<_>>());
    let mut options = Options::default();
    for policy in smtplint_core::policy::POLICIES {
        options.policy = policy;
        browser.choose("policy", policy.id).await?;
        let said = browser
            .text(".settings summary", |said| said.contains(policy.title))
            .await?;
        assert!(said.contains(policy.title), "{said}");
        settles(&browser, rules, &wanted(&json_of(&options))).await?;
    }
    options.policy = smtplint_core::policy::POLICIES[0];
    browser.choose("policy", options.policy.id).await?;
    options.prefer = smtplint_core::policy::Prefer::Implicit;
    browser.choose("prefer", "465").await?;
    settles(&browser, rules, &wanted(&json_of(&options))).await?;
    browser
        .paste("primary_hostname = mail.example.org\nmyhostname = mail.example.org\n")
        .await?;
    // Another server: its reader is fetched, and the releases are its own.
    browser.choose("server", "exim").await?;
    let head = browser.text(".settings summary", |text| text.contains("Exim")).await?;
    assert!(head.starts_with("Read as Exim"), "{head}");
    let releases = "return [...document.querySelectorAll('#release option')].map((one) => one.value).filter((one) => !/^$|debian|ubuntu/.test(one)).map((one) => one.split('=')[0])";
    settles(&browser, releases, &json!(["exim"].repeat(5))).await?;
    browser.close().await
}

#[tokio::test]
async fn files_in_the_text_are_tabs() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    let main = "smtpd_banner = a\n".repeat(200);
    let text = format!(
        "==> /etc/postfix/main.cf <==\ncompatibility_level = 3.6\n{main}\n==> /etc/postfix/master.cf <==\nsmtp inet n - y - - smtpd\n"
    );
    browser.paste(&text).await?;
    let tabs = "return [...document.querySelectorAll('.files button')].map((one) => one.textContent)";
    settles(&browser, tabs, &json!(["main.cf", "master.cf"])).await?;
    browser.press_button(".files li:nth-child(2) button").await?;
    let at =
        "const area = document.activeElement; return [area.id, area.value.slice(area.selectionStart).split('\\n')[0]]";
    settles(&browser, at, &json!(["configuration", "smtp inet n - y - - smtpd"])).await?;
    let scrolled = "return document.querySelector('.editor').scrollTop > 1000";
    settles(&browser, scrolled, &json!(true)).await?;
    browser.close().await
}
