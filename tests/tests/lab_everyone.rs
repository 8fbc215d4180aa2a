//! The page for everyone: what a checker of accessibility says in every state, by keyboard, enlarged, in forced colours, without motion.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use std::fs;

use serde_json::{Value, json};
use smtplint_core::samples::SAMPLES;
use smtplint_tests::browser::{Browser, Forms, Look, Trouble};

/// A configuration that has findings of every kind, can be mended, and can be moved.
const TEXT: &str = "==> /etc/postfix/main.cf <==
compatibility_level = 3.6
myhostname = mail.example.org
smtpd_tls_chain_files = /etc/ssl/mail.pem
smtpd_tls_security_level = may
mynetworks = 0.0.0.0/0
smtpd_use_tls = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth

==> /etc/postfix/master.cf <==
smtp inet n - y - - smtpd
465 inet n - y - - smtpd
  -o smtpd_sasl_auth_enable=yes
587 inet n - y - - smtpd
  -o smtpd_sasl_auth_enable=yes
";

/// A state of the page: what leads to it from the one before, and what is there then.
struct State {
    name: &'static str,
    /// Pasted first, unless it is empty.
    text: &'static str,
    /// A script.
    then: &'static str,
    /// Is waited for.
    there: &'static str,
}

const STATES: [State; 14] = [
    State {
        name: "empty",
        text: "",
        then: "",
        there: ".welcome",
    },
    State {
        name: "not recognised",
        text: "Dear Sir or Madam,\n",
        then: "",
        there: ".welcome",
    },
    State {
        name: "findings",
        text: TEXT,
        then: "",
        there: "#findings",
    },
    State {
        name: "unfolded",
        text: "",
        then: "for (const one of document.querySelectorAll('details')) one.open = true",
        there: "#json",
    },
    State {
        name: "narrowed",
        text: "",
        then: "const list = document.getElementById('filter-severity'); list.value = 'critical'; list.dispatchEvent(new Event('change', { bubbles: true }))",
        there: "#filtered:not(:empty)",
    },
    State {
        name: "change",
        text: "",
        then: "document.querySelector('.show-change').click()",
        there: ".preview .picture",
    },
    State {
        name: "changed",
        text: "",
        then: "document.querySelector('.preview .apply').click()",
        there: "#changes summary",
    },
    State {
        name: "rule",
        text: "",
        then: "document.querySelector('.finding .rule').click()",
        there: "#explain[open] h2",
    },
    State {
        name: "rules",
        text: "",
        then: "document.querySelector('#explain .footer button').click()",
        there: "#explain[open] .rules",
    },
    State {
        name: "error",
        text: "",
        then: "const field = document.getElementById('explain-search'); field.value = 'Relay access denied'; field.dispatchEvent(new InputEvent('input', { bubbles: true }))",
        there: "#problem",
    },
    State {
        name: "ciphers",
        text: "",
        then: "document.getElementById('explain').close(); document.getElementById('ask-ciphers').click(); setTimeout(() => { const field = document.getElementById('ciphers-string'); field.value = 'HIGH:RC4:DES-CDC3-SHA'; field.dispatchEvent(new InputEvent('input', { bubbles: true })); }, 300)",
        there: "#ciphers[open] .suites",
    },
    State {
        name: "plan",
        text: "",
        then: "document.getElementById('ciphers').close(); document.getElementById('ask-plan').click()",
        there: "#plan[open] .stage",
    },
    State {
        name: "refused",
        text: "",
        then: "document.getElementById('plan').close(); location.hash = '#v=9'",
        there: "#refused p",
    },
    State {
        name: "in German",
        text: "",
        then: "const list = document.getElementById('language'); list.value = 'de'; list.dispatchEvent(new Event('change', { bubbles: true }))",
        there: "html[lang=de]",
    },
];

/// Leads to a state.
async fn enter(browser: &Browser, state: &State) -> Result<(), Trouble> {
    if !state.text.is_empty() {
        browser.paste(state.text).await?;
    }
    browser.run(state.then).await?;
    browser.see(state.there).await
}

/// What axe-core finds wrong: rule and place.
async fn violations(browser: &Browser) -> Result<Vec<String>, Trouble> {
    let found = browser
        .client()
        .execute_async(
            "const done = arguments[0]; \
             axe.run(document, { preload: false, resultTypes: ['violations'] }).then( \
               (result) => done(result.violations.flatMap((one) => one.nodes.map((node) => \
                 `${one.id}: ${node.target.join(' ')}: ${node.any.concat(node.all, node.none).map((check) => check.message).join('; ')}`))), \
               (error) => done([String(error)]));",
            Vec::new(),
        )
        .await?;
    let found = found.as_array().expect("a list").iter();
    Ok(found.map(|one| one.as_str().unwrap_or_default().to_owned()).collect())
}

/// Looks at every state of a form, in every window, in light and dark; and nothing leaves all the while.
async fn looked_through(address: &str, hosted: &str) -> Result<(), Trouble> {
    let folder = xtask::npm::installed("tests/npm").map_err(|error| Trouble::Driver(error.to_string()))?;
    let axe = fs::read_to_string(folder.join("node_modules/axe-core/axe.min.js")).expect("it is installed");
    let browser = Browser::start().await?;
    browser.open(address).await?;
    browser.run(&axe).await?;
    let mut wrong = Vec::new();
    for state in &STATES {
        browser.look(Look::ALL[0]).await?;
        enter(&browser, state).await?;
        for look in Look::ALL {
            browser.look(look).await?;
            let found = violations(&browser).await?;
            wrong.extend(found.into_iter().map(|one| format!("{} {look:?}: {one}", state.name)));
            let wide = browser
                .run("return document.documentElement.scrollWidth - innerWidth")
                .await?;
            if wide.as_i64() > Some(0) {
                wrong.push(format!("{} {look:?}: scrolls sideways by {wide}", state.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{address}: {wrong:#?}");
    let complaints = browser.complaints().await?;
    assert!(complaints.is_empty(), "{address}: {complaints:#?}");
    for request in browser.requests().await? {
        let own = address == hosted && request.starts_with(&format!("{address}smtplint-"));
        let page = request.split('#').next() == Some(address);
        assert!(
            page || own || request.starts_with("data:") || request.starts_with("blob:"),
            "{address} asked for {request}"
        );
    }
    browser.close().await
}

#[tokio::test]
async fn no_state_of_the_hosted_page_has_a_barrier() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    looked_through(&forms.hosted, &forms.hosted).await
}

#[tokio::test]
async fn no_state_of_the_single_file_has_a_barrier() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    looked_through(&forms.single, &forms.hosted).await
}

/// Enlarged to twice the size, and to four times as the guidelines want it, nothing has to be scrolled sideways.
#[tokio::test]
async fn enlarged_it_need_not_be_scrolled_sideways() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    for state in &STATES {
        browser.enlarge(1).await?;
        enter(&browser, state).await?;
        for factor in [2, 4] {
            browser.enlarge(factor).await?;
            let wide = browser
                .run(
                    "const wide = (one) => one.scrollWidth - one.clientWidth; \
                     return Math.max(wide(document.documentElement), ...[...document.querySelectorAll('dialog[open]')].map(wide))",
                )
                .await?;
            assert!(wide.as_i64() <= Some(0), "{} at {factor}: {wide}", state.name);
            // A panel loses nothing to the bar of the page under it.
            let panel = browser
                .run(
                    "const panel = document.querySelector('dialog[open]'), box = panel?.getBoundingClientRect(); \
                     return panel ? [Math.round(box.left), Math.round(innerWidth - box.right)] : [0, 0]",
                )
                .await?;
            if factor == 4 {
                assert_eq!(panel, json!([0, 0]), "{}", state.name);
            }
        }
    }
    browser.close().await
}

/// Whatever can be reached by keyboard shows that it has been reached.
#[tokio::test]
async fn the_focus_is_seen_wherever_it_is() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(SAMPLES[0].text()).await?;
    browser
        .run("for (const one of document.querySelectorAll('details')) one.open = true")
        .await?;
    browser.see("#json").await?;
    // From now on the browser takes the keyboard for what is used.
    browser.press("\u{e004}").await?;
    let seen = browser
        .run(
            "const all = [...document.querySelectorAll('button, select, a[href], summary, textarea, input, pre[tabindex]')] \
               .filter((one) => one.getClientRects().length && !one.disabled); \
             const unseen = []; \
             for (const one of all) { \
               one.focus({ preventScroll: true, focusVisible: true }); \
               const field = one.closest('.editor') && one.matches('textarea'); \
               const style = getComputedStyle(field ? one.closest('.editor') : one); \
               if (document.activeElement !== one || (field ? style.boxShadow : style.outlineStyle) === 'none') unseen.push(one.outerHTML.slice(0, 80)); \
             } \
             return [all.length > 40, unseen];",
        )
        .await?;
    assert_eq!(seen, json!([true, []]));
    browser.close().await
}

/// In forced colours the field's own words are the only ones, marks are lines below them, and shapes have the colour of the text.
#[tokio::test]
async fn forced_colours_and_less_motion_are_respected() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser
        .prefer(&[("forced-colors", "active"), ("prefers-reduced-motion", "reduce")])
        .await?;
    browser.paste(SAMPLES[0].text()).await?;
    browser.see(".backdrop mark").await?;
    let seen = browser
        .run(
            "const style = (selector) => getComputedStyle(document.querySelector(selector)); \
             const clear = 'rgba(0, 0, 0, 0)'; \
             return { forced: matchMedia('(forced-colors: active)').matches, \
               words: style('.backdrop mark').color === clear, \
               line: style('.backdrop mark').textDecorationLine, \
               ground: style('.backdrop mark').backgroundColor === clear, \
               shape: style('.mark .shape').fill === style('.mark').color, \
               moving: document.getAnimations().length, \
               smooth: [...document.querySelectorAll('*')].filter((one) => { \
                 const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one); \
                 return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior !== 'auto'; }).length }",
        )
        .await?;
    assert_eq!(
        seen,
        json!({ "forced": true, "words": true, "line": "underline", "ground": true, "shape": true, "moving": 0, "smooth": 0 })
    );
    assert_ne!(browser.run("return document.querySelectorAll('.mark .shape path, .mark .shape rect, .mark .shape circle, .mark .shape polygon').length").await?, Value::from(0));
    browser.close().await
}
