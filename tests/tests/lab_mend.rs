//! Mending in the page: changes are shown before they are made, made in the text, taken back, and taken home.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use std::path::Path;

use fantoccini::Locator;
use serde_json::{Value, json};
use smtplint_core::finding::Finding;
use smtplint_core::fix::{self, Choice, Fixes};
use smtplint_core::impact::Impact;
use smtplint_core::report::Options;
use smtplint_core::samples::SAMPLES;
use smtplint_core::source::Sources;
use smtplint_core::{check, intake, recognise};
use smtplint_tests::browser::{Browser, Extent, Forms, Look, Trouble, settles};

const TEXT: &str = "==> /etc/postfix/main.cf <==
compatibility_level = 3.6
myhostname = mail.example.org
smtpd_tls_chain_files = /etc/ssl/mail.pem
smtpd_tls_security_level = may
mynetworks = 0.0.0.0/0
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth

==> /etc/postfix/master.cf <==
smtp inet n - y - - smtpd
465 inet n - y - - smtpd
  -o smtpd_sasl_auth_enable=yes
587 inet n - y - - smtpd
  -o smtpd_sasl_auth_enable=yes
";

/// What the core mends of a text.
fn mended(text: &str, wants: &dyn Fn(&Finding) -> bool, bears: &dyn Fn(&Impact) -> bool) -> Fixes {
    let sources = intake::split("paste", text);
    let dialect = recognise(&sources).expect("it is Postfix");
    let options = Options::default();
    let judge = |sources: &Sources| check(sources, dialect, &options);
    let choice = Choice {
        check: &judge,
        wants,
        weigh: &|impact| impact,
        bears,
    };
    fix::fix(&sources, dialect, &options, &choice)
}

/// The text with every file as it is after the fixes.
fn written(text: &str, fixes: &Fixes) -> String {
    let mut text = text.to_owned();
    let before = intake::split("paste", &text);
    for ((_, before), (_, after)) in before.iter().zip(fixes.after.iter()) {
        assert!(text.contains(before.text()));
        text = text.replacen(before.text(), after.text(), 1);
    }
    text
}

async fn field(browser: &Browser) -> Result<String, Trouble> {
    let value = browser
        .run("return document.getElementById('configuration').value")
        .await?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// Waits until the field holds a text, and gives what it ended with.
async fn field_becomes(browser: &Browser, text: &str) -> Result<String, Trouble> {
    for _ in 0..200 {
        if field(browser).await? == text {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    field(browser).await
}

/// The card that is about a rule, by its number.
async fn card(browser: &Browser, rule: &str) -> Result<String, Trouble> {
    let script = format!(
        "return [...document.querySelectorAll('.finding')].find((one) => \
           one.querySelector('.rule').textContent === '{rule}')?.id"
    );
    let id = browser.run(&script).await?;
    Ok(id.as_str().unwrap_or_else(|| panic!("no card about {rule}")).to_owned())
}

#[tokio::test]
async fn a_change_is_shown_made_and_taken_back_by_keyboard() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(TEXT).await?;
    let rule = "implicit-port-without-wrapper";
    let id = card(&browser, rule).await?;
    browser.press_button(&format!("#{id} .show-change")).await?;
    browser.see(&format!("#{id} .preview")).await?;
    let lines = browser
        .run("return [...document.querySelectorAll('.preview .diff :is(ins, del)')].map((one) => one.textContent)")
        .await?;
    assert_eq!(lines, json!(["+   -o smtpd_tls_wrappermode=yes\n"]));
    let said = browser.text(".preview", |_| true).await?;
    assert!(
        said.contains("Afterwards, to make it effective: postfix check && postfix reload"),
        "{said}"
    );

    browser.press_button(".preview .apply").await?;
    let fixes = mended(TEXT, &|finding| finding.rule == rule, &|_| true);
    assert_eq!(fixes.done.len(), 1);
    let after = written(TEXT, &fixes);
    assert_eq!(field_becomes(&browser, &after).await?, after);
    let done = browser
        .text("#changes [role=status]", |text| text.starts_with("Applied"))
        .await?;
    assert!(done.starts_with("Applied: "), "{done}");
    // The focus goes on to what takes the card's place.
    let focused = "return document.activeElement.className.split(' ')[0]";
    settles(&browser, focused, &json!("finding")).await?;

    browser.press_button(".undo").await?;
    assert_eq!(field_becomes(&browser, TEXT).await?, TEXT);
    let complaints = browser.complaints().await?;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.close().await
}

#[tokio::test]
async fn what_costs_nobody_is_made_at_once_and_what_was_typed_since_stays() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(TEXT).await?;
    let low = |finding: &Finding| finding.severity >= smtplint_core::finding::Severity::Low;
    let fixes = mended(TEXT, &low, &Impact::is_none);
    let count = fixes.done.len();
    assert!(count > 1, "{count}");
    browser.see(".apply-all").await?;
    let button = browser.text(".apply-all", |_| true).await?;
    assert_eq!(button, format!("Apply all {count} changes that cost nobody anything"));
    browser.press_button(".apply-all").await?;
    let after = written(TEXT, &fixes);
    assert_eq!(field_becomes(&browser, &after).await?, after);

    // A line far from every change stays when they are taken back.
    let type_in = |script: &str| {
        format!(
            "const area = document.getElementById('configuration'); {script}; \
             area.dispatchEvent(new Event('input', {{ bubbles: true }}));"
        )
    };
    browser.run(&type_in("area.value += '# typed later\\n'")).await?;
    browser.press_button(".undo").await?;
    let expected = format!("{TEXT}# typed later\n");
    assert_eq!(field_becomes(&browser, &expected).await?, expected);

    // A line of the change itself does not.
    browser.see(".apply-all").await?;
    browser.press_button(".apply-all").await?;
    browser.see(".undo").await?;
    let line = "smtpd_forbid_bare_newline = yes";
    let before = field(&browser).await?;
    assert!(before.contains(line), "{before}");
    browser
        .run(&type_in(&format!(
            "area.value = area.value.replace('{line}', '# gone')"
        )))
        .await?;
    browser.press_button(".undo").await?;
    let said = browser
        .text("#changes [role=status]", |text| text.contains("Not undone"))
        .await?;
    assert!(said.contains("Not undone"), "{said}");
    assert_eq!(field(&browser).await?, before.replace(line, "# gone"));
    browser.close().await
}

/// Keeps what the page hands over as downloads: name and text.
const KEEP_DOWNLOADS: &str = "
    window.taken = [];
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { window.blob = blob; return make(blob); };
    HTMLAnchorElement.prototype.click = function () {
      const name = this.download;
      window.blob.text().then((text) => window.taken.push([name, text]));
    };";

#[tokio::test]
async fn changed_files_and_the_patch_are_taken_home() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    let text = TEXT.replace("mynetworks = 0.0.0.0/0\n", "bind_pw = hunter2\n");
    browser.paste(&text).await?;
    browser.run(KEEP_DOWNLOADS).await?;
    let id = card(&browser, "implicit-port-without-wrapper").await?;
    browser.press_button(&format!("#{id} .show-change")).await?;
    browser.press_button(".preview .apply").await?;
    browser.see("#changes summary").await?;
    browser
        .run("document.querySelector('#changes summary').click()")
        .await?;
    let buttons = browser
        .run("return [...document.querySelectorAll('#changes details button')].map((one) => one.textContent)")
        .await?;
    assert_eq!(
        buttons,
        json!(["Download the patch", "Download /etc/postfix/master.cf"])
    );
    browser
        .run("for (const one of document.querySelectorAll('#changes details button')) one.click()")
        .await?;
    let mut taken = Value::Null;
    for _ in 0..100 {
        taken = browser.run("return window.taken").await?;
        if taken.as_array().is_some_and(|all| all.len() == 2) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let patch = taken[0][1].as_str().expect("the patch");
    assert_eq!(taken[0][0], "smtplint.patch");
    assert!(
        patch.starts_with("--- a/etc/postfix/master.cf\n+++ b/etc/postfix/master.cf\n@@ "),
        "{patch}"
    );
    assert_eq!(taken[1][0], "master.cf");
    let file = taken[1][1].as_str().expect("the file");
    assert!(
        file.ends_with("  -o smtpd_sasl_auth_enable=yes\n") && file.contains("wrappermode=yes"),
        "{file}"
    );

    // A line that changes and holds a password is in no patch and on no screen, and in the file.
    let secret = text.replace("hunter2", "hunter3");
    browser.paste(&secret).await?;
    let shown = browser
        .text("#changes details", |text| text.contains("holds a password"))
        .await?;
    assert!(
        shown.contains("holds a password") && !shown.contains("hunter"),
        "{shown}"
    );
    browser.close().await
}

#[tokio::test]
async fn a_print_out_gets_commands_and_a_generated_file_a_reason() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    let printed = "alias_maps = hash:/etc/aliases\ncompatibility_level = 3.6\ninet_interfaces = all\n\
                   mydestination = example.org\nmyhostname = mail.example.org\nmynetworks_style = class\n\
                   smtpd_tls_chain_files = /etc/ssl/mail.pem\nsmtpd_tls_mandatory_protocols = >=TLSv1\n\
                   smtpd_tls_protocols = >=TLSv1\nsmtpd_tls_security_level = may\n";
    browser.paste(printed).await?;
    let low = |finding: &Finding| finding.severity >= smtplint_core::finding::Severity::Low;
    let fixes = mended(printed, &low, &|_| true);
    let fix = fixes
        .done
        .iter()
        .find(|fix| !fix.patch.commands.is_empty())
        .expect("a command");
    let id = card(&browser, fix.finding.rule).await?;
    browser.press_button(&format!("#{id} .show-change")).await?;
    let commands = browser.text(".preview .write pre", |_| true).await?;
    assert_eq!(commands, fix.patch.commands.join("\n"));
    assert!(commands.starts_with("postconf -"), "{commands}");

    let generated = TEXT.replace("master.cf <==\n", "master.cf <==\n# This file is managed by Ansible.\n");
    browser.paste(&generated).await?;
    let id = card(&browser, "implicit-port-without-wrapper").await?;
    browser.press_button(&format!("#{id} .show-change")).await?;
    let reason = browser.text(".preview", |_| true).await?;
    assert!(
        reason.starts_with("There is no change to show, because /etc/postfix/master.cf is written by Ansible"),
        "{reason}"
    );
    browser.close().await
}

#[tokio::test]
async fn releases_are_those_of_the_server_in_the_text() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    let exim = SAMPLES
        .iter()
        .find(|sample| sample.name.starts_with("exim"))
        .expect("a sample");
    browser.paste(exim.text()).await?;
    browser.see(".finding .footer").await?;
    let seen = browser
        .run(
            "return [[...document.querySelectorAll('#release option')].some((one) => one.value.startsWith('postfix')), \
               [...document.querySelectorAll('#release option')].some((one) => one.value.startsWith('exim'))]",
        )
        .await?;
    assert_eq!(seen, json!([false, true]));
    browser.close().await
}

#[tokio::test]
async fn changes_fit_every_window() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(TEXT).await?;
    browser.see(".apply-all").await?;
    browser.press_button(".apply-all").await?;
    browser.see("#changes summary").await?;
    browser
        .run("document.querySelector('#changes summary').click()")
        .await?;
    browser.see(".show-change").await?;
    browser.press_button(".show-change").await?;
    browser.see(".preview").await?;
    for look in Look::ALL {
        browser.look(look).await?;
        let wide = browser
            .run("return document.documentElement.scrollWidth - innerWidth")
            .await?;
        assert!(wide.as_i64() <= Some(0), "{look:?} scrolls sideways by {wide}");
        // What goes and comes is coloured to the end of the widest line, however far that has to be scrolled.
        let ends = browser
            .run(
                "return [...document.querySelectorAll('.diff pre')].flatMap((pre) => [...pre.querySelectorAll('ins, del')].map((line) => \
                   pre.scrollWidth - line.offsetWidth)).filter((short) => short > 0)",
            )
            .await?;
        assert_eq!(ends, json!([]), "{look:?}");
        let small = browser
            .client()
            .find_all(Locator::Css("#changes button, .preview button"))
            .await?;
        assert!(!small.is_empty());
    }
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = tmp.parent().expect("the target directory").join("screenshots");
    browser.pictures(&folder, "mend", Extent::Whole).await?;
    browser.close().await
}

/// What the browser would undo belongs to a text that is gone.
#[tokio::test]
async fn the_browsers_own_undo_mixes_nothing_and_a_text_comes_back() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    let insert = format!(
        "document.getElementById('configuration').focus(); document.execCommand('insertText', false, {});",
        json!(TEXT)
    );
    browser.run(&insert).await?;
    assert_eq!(field_becomes(&browser, TEXT).await?, TEXT);
    browser.is_judged().await?;
    browser.see(".apply-all").await?;
    browser.press_button(".apply-all").await?;
    browser.see(".undo").await?;
    let changed = field(&browser).await?;
    assert_ne!(changed, TEXT);
    let undo = "document.getElementById('configuration').focus(); document.execCommand('undo');";
    browser.run(undo).await?;
    assert_eq!(field(&browser).await?, changed);

    browser.press_button("#clear").await?;
    assert_eq!(field_becomes(&browser, "").await?, "");
    let focused = "return document.activeElement.id";
    settles(&browser, focused, &json!("configuration")).await?;
    browser.run(undo).await?;
    assert_eq!(field(&browser).await?, "");
    browser.press_button("#bring-back").await?;
    assert_eq!(field_becomes(&browser, &changed).await?, changed);
    let sample = SAMPLES[0].name;
    browser.choose("samples", sample).await?;
    browser.press_button("#bring-back").await?;
    assert_eq!(field_becomes(&browser, &changed).await?, changed);
    // What was changed in it before is no way back from here.
    let undo_is_there = "return document.querySelector('.undo') !== null";
    settles(&browser, undo_is_there, &json!(false)).await?;
    let complaints = browser.complaints().await?;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.close().await
}
