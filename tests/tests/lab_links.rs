//! What stands in the address, and what the browser keeps: links, rules by their address, a reload.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use serde_json::{Value, json};
use smtplint_tests::browser::{Browser, Forms, Trouble, settles};

const TEXT: &str = "==> /etc/postfix/main.cf <==
compatibility_level = 3.6
mynetworks = 0.0.0.0/0
bind_pw = hunter2

==> /etc/postfix/master.cf <==
smtp inet n - y - - smtpd
465 inet n - y - - smtpd
  -o smtpd_tls_wrappermode=yes
";

const FIELD: &str = "return document.getElementById('configuration').value";

/// The link that the page copies.
async fn link(browser: &Browser) -> Result<String, Trouble> {
    browser.keep_what_is_handed_over().await?;
    browser.press_button(".copy-link").await?;
    let said = browser.text("#taken", |text| !text.is_empty()).await?;
    assert!(said.contains("without passwords and keys"), "{said}");
    let copied = browser.run("return window.copied").await?;
    Ok(copied.as_str().expect("a link").to_owned())
}

#[tokio::test]
async fn a_link_brings_back_what_was_seen_but_no_secret() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    for address in forms.both() {
        let browser = Browser::start().await?;
        browser.open(address).await?;
        browser.paste(TEXT).await?;
        browser.choose("release", "postfix=3.7").await?;
        browser.choose("prefer", "465").await?;
        browser.choose("role-25", "internal").await?;
        browser
            .text("#json", |text| {
                text.contains("postfix 3.7") && text.contains("\"internal\"")
            })
            .await?;
        let report = browser
            .run("return document.getElementById('json').textContent")
            .await?;
        let link = link(&browser).await?;
        assert!(link.starts_with(&format!("{address}#v=1&")), "{link}");
        let before = browser.requests().await?.len();
        assert!(before > 0);

        // In another browser, which has kept nothing.
        let other = Browser::start().await?;
        other.open(&link).await?;
        other.see("#findings").await?;
        let restored = TEXT.replace("hunter2", "*******");
        settles(&other, FIELD, &json!(restored)).await?;
        other.run("document.querySelector('.settings').open = true").await?;
        other.see("#prefer").await?;
        let said = "return ['release', 'prefer', 'role-25'].map((id) => document.getElementById(id).value)";
        settles(&other, said, &json!(["postfix=3.7", "465", "internal"])).await?;
        other.run("document.getElementById('machine').open = true").await?;
        other.see("#json").await?;
        settles(&other, "return document.getElementById('json').textContent", &report).await?;
        // What stands behind `#` is sent to nobody.
        for request in other.requests().await? {
            assert!(!request.contains("text="), "{request}");
        }
        let complaints = other.complaints().await?;
        assert!(complaints.is_empty(), "{complaints:#?}");
        other.close().await?;
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn links_of_strangers_are_texts_and_nothing_else() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    let hostile = "compatibility_level = 3.6\nmynetworks = 0.0.0.0/0, <img src=x onerror=alert(1)>\n";
    browser.paste(hostile).await?;
    let whole = link(&browser).await?;
    let packed = whole.split("text=").nth(1).expect("a text").to_owned();
    let open = async |fragment: &str| -> Result<(), Trouble> {
        // Another text would come back where the link brings none.
        browser.run("sessionStorage.clear()").await?;
        browser.client().goto("about:blank").await?;
        browser.open(&format!("{}#{fragment}", forms.single)).await
    };
    open(&format!("v=1&text={packed}")).await?;
    let shown = browser.text("#findings", |text| text.contains("<img")).await?;
    assert!(shown.contains("<img src=x onerror=alert(1)>"), "{shown}");
    assert_eq!(browser.run("return document.images.length").await?, 0);

    // Another form, a text that is none, one that unpacks into far too much, words that nobody knows.
    open(&format!("v=2&text={packed}")).await?;
    let said = browser.text("#refused", |text| !text.is_empty()).await?;
    assert_eq!(
        said,
        "This link was made by another release of smtplint, and was not followed."
    );
    let bomb = browser
        .client()
        .execute_async(
            "const done = arguments[0]; smtplintPack('#'.repeat(5e6)).then(done)",
            Vec::new(),
        )
        .await?;
    let bomb = bomb.as_str().expect("packed").to_owned();
    assert!(bomb.len() < 10_000, "{}", bomb.len());
    for text in ["abc", "%3Cscript%3E", &bomb] {
        open(&format!("v=1&text={text}")).await?;
        let said = browser.text("#refused", |text| !text.is_empty()).await?;
        assert_eq!(
            said,
            "The text in this link is damaged, or too large. It was not taken."
        );
    }
    open("rule=<script>&release=postfix%3D9&server=x&role-25=root&move=x").await?;
    browser.see(".welcome").await?;
    let open_panels = "return document.querySelectorAll('dialog[open]').length";
    assert_eq!(browser.run(open_panels).await?, 0);
    let complaints = browser.complaints().await?;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.close().await
}

#[tokio::test]
async fn a_rule_has_an_address() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    for address in forms.both() {
        browser.client().goto("about:blank").await?;
        browser.open(&format!("{address}#rule=open-relay")).await?;
        browser.see("#explain[open] h2").await?;
        let id = browser.text("#explain .identity code", |text| !text.is_empty()).await?;
        assert_eq!(id, "open-relay");
        let href = browser
            .run("return document.querySelector('#explain .footer a').hash")
            .await?;
        assert_eq!(href, "#v=1&rule=open-relay");
        // Another address on the same page.
        browser
            .run("location.hash = '#v=1&rule=implicit-port-without-wrapper'")
            .await?;
        let id = browser
            .text("#explain .identity code", |text| text.starts_with("implicit"))
            .await?;
        assert_eq!(id, "implicit-port-without-wrapper");
    }
    browser.close().await
}

#[tokio::test]
async fn a_reload_keeps_the_text_unless_it_must_not() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    for address in forms.both() {
        let browser = Browser::start().await?;
        browser.open(address).await?;
        browser.paste(TEXT).await?;
        browser.choose("release", "postfix=3.7").await?;
        browser.text("#json", |text| text.contains("postfix 3.7")).await?;
        browser.client().refresh().await?;
        browser.see("#findings").await?;
        settles(&browser, FIELD, &json!(TEXT)).await?;
        let release = "return document.getElementById('release').value";
        settles(&browser, release, &json!("postfix=3.7")).await?;

        // A text that may not be kept is gone, also from where it was kept; and the choice is remembered.
        browser.run("document.getElementById('keep').click()").await?;
        let kept = "return sessionStorage.getItem('smtplint-text')";
        settles(&browser, kept, &Value::Null).await?;
        browser.client().refresh().await?;
        browser.see(".welcome").await?;
        settles(&browser, FIELD, &json!("")).await?;
        let may = "return document.getElementById('keep').checked";
        assert_eq!(browser.run(may).await?, json!(false));
        browser.paste(TEXT).await?;
        assert_eq!(browser.run(kept).await?, Value::Null);
        browser.run("document.getElementById('keep').click()").await?;
        browser.client().refresh().await?;
        browser.see("#findings").await?;
        settles(&browser, FIELD, &json!(TEXT)).await?;
        // A text that was cleared does not come back.
        browser.press_button("#clear").await?;
        browser.see(".welcome").await?;
        settles(&browser, kept, &Value::Null).await?;
        browser.close().await?;
    }
    Ok(())
}
