//! What comes in by folders and goes out as reports, and what a change makes of the ports, before and after.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use smtplint_tests::browser::{Browser, Forms, Trouble, settles};
use smtplint_tests::command::SMTPLINT;

const MAIN: &str = "compatibility_level = 3.6\nmynetworks = 0.0.0.0/0\nbind_pw = hunter2\n";
const MASTER: &str = "smtp inet n - y - - smtpd\n465 inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n";

/// What the command prints of the same files.
fn command(format: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("main.cf"), MAIN).expect("it is ours");
    fs::write(folder.path().join("master.cf"), MASTER).expect("it is ours");
    let arguments = ["check", "main.cf", "master.cf", "--format", format];
    let output = Command::new(SMTPLINT.as_path())
        .args(arguments)
        .current_dir(folder.path())
        .output();
    String::from_utf8(output.expect("it runs").stdout).expect("text")
}

/// Digests are of files, and a paste is none.
fn without_digests(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).expect("JSON");
    fn strip(value: &mut Value) {
        if let Some(object) = value.as_object_mut() {
            object.remove("sha256");
            object.remove("hashes");
            object.values_mut().for_each(strip);
        }
        value.as_array_mut().into_iter().flatten().for_each(strip);
    }
    strip(&mut value);
    value
}

#[tokio::test]
async fn every_form_of_the_report_is_the_commands() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    for address in forms.both() {
        let browser = Browser::start().await?;
        browser.open(address).await?;
        browser
            .paste(&format!("==> main.cf <==\n{MAIN}\n==> master.cf <==\n{MASTER}"))
            .await?;
        browser.keep_what_is_handed_over().await?;
        let ask = |number: usize| format!("document.querySelectorAll('.reports button')[{number}].click()");
        browser.run(&ask(0)).await?;
        settles(&browser, "return window.copied", &json!(command("markdown"))).await?;
        let said = browser.text("#taken", |text| !text.is_empty()).await?;
        assert_eq!(said, "The report is copied.");
        for (number, name, format) in [
            (2, "smtplint-report.html", "html"),
            (3, "smtplint.json", "json"),
            (4, "smtplint.sarif", "sarif"),
        ] {
            browser.run(&ask(number)).await?;
            let there = format!("return '{name}' in window.taken");
            settles(&browser, &there, &json!(true)).await?;
            let taken = browser.run(&format!("return window.taken['{name}']")).await?;
            let taken = taken.as_str().expect("a text");
            let expected = command(format);
            if format == "html" {
                assert_eq!(taken, expected);
            } else {
                assert_eq!(without_digests(taken), without_digests(&expected), "{format}");
            }
            assert!(!taken.contains("hunter2"));
        }
        let complaints = browser.complaints().await?;
        assert!(complaints.is_empty(), "{complaints:#?}");
        browser.close().await?;
    }
    Ok(())
}

/// A folder, as a browser describes one: it hands its entries over in two parts, and then none.
const FOLDER: &str = r#"
    const leaf = (path, text) => ({
      isFile: true, fullPath: path,
      file: (done) => done(new File([text], path.split("/").pop())),
    });
    const folder = (path, entries) => ({
      isFile: false, fullPath: path,
      createReader: () => {
        const parts = [entries.slice(0, 2), entries.slice(2), []];
        return { readEntries: (done) => done(parts.shift() ?? []) };
      },
    });
    const entry = folder("/postfix", [
      leaf("/postfix/master.cf", MASTER), leaf("/postfix/LICENSE", "Permission is hereby granted\n"),
      leaf("/postfix/main.cf", MAIN), leaf("/postfix/virtual.db", "\0\0\0"),
      folder("/postfix/sasl", [leaf("/postfix/sasl/smtpd.conf", "pwcheck_method: saslauthd\n")]),
    ]);
    DataTransferItem.prototype.webkitGetAsEntry = () => entry;
    const data = new DataTransfer();
    data.items.add(new File([], "postfix"));
    document.querySelector("h1").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
"#;

#[tokio::test]
async fn a_folder_brings_its_configuration_and_nothing_else() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    for address in forms.both() {
        let browser = Browser::start().await?;
        browser.open(address).await?;
        let script = FOLDER
            .replace("MASTER", &json!(MASTER).to_string())
            .replace("MAIN", &json!(MAIN).to_string());
        browser.run(&script).await?;
        browser.see("#findings").await?;
        let expected = format!("==> postfix/main.cf <==\n{MAIN}\n==> postfix/master.cf <==\n{MASTER}");
        settles(
            &browser,
            "return document.getElementById('configuration').value",
            &json!(expected),
        )
        .await?;
        let said = browser.text("#refused", |text| !text.is_empty()).await?;
        assert_eq!(
            said,
            "Of 5 files in folders 2 were read; the others are no mail server's configuration."
        );
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_change_shows_the_ports_before_and_after() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser
        .paste(&format!(
            "==> main.cf <==\n{MAIN}smtpd_tls_chain_files = /etc/ssl/mail.pem\n\n==> master.cf <==\n{MASTER}"
        ))
        .await?;
    let id = browser
        .run("return [...document.querySelectorAll('.finding')].find((one) => one.querySelector('.footer .rule').textContent === 'implicit-port-without-wrapper').id")
        .await?;
    let id = id.as_str().expect("a card").to_owned();
    browser.press_button(&format!("#{id} .show-change")).await?;
    browser.see(".preview .picture").await?;
    let sessions = "return [...document.querySelectorAll('.preview .picture > div')].map((one) => \
        [one.querySelector('h5').textContent, one.querySelector('.port').textContent, one.querySelectorAll('.way dd')[1].textContent])";
    let seen = browser.run(sessions).await?;
    assert_eq!(seen[0][0], "Before");
    assert_eq!(seen[1], json!(["After", "465", "TLS from the first byte"]));
    assert_ne!(seen[0][2], seen[1][2]);
    browser.close().await
}

/// A certificate may be pasted beside the files, wherever it stands: it is held against the clock, and never shown.
#[tokio::test]
async fn a_certificate_beside_the_files_is_the_servers() -> Result<(), Trouble> {
    let certificate = include_str!("../../core/tests/certificates/expired.pem");
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    let main = "==> main.cf <==\ncompatibility_level = 3.6\nsmtpd_tls_cert_file = /etc/ssl/mail.pem\n";
    let master = "==> master.cf <==\nsubmission inet n - y - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n";
    let rules = "return [...document.querySelectorAll('.finding .footer .rule')].map((one) => one.textContent).includes('expired-or-expiring')";
    for (text, is_told) in [
        (format!("{main}\n{certificate}\n{master}"), true),
        (format!("{main}\n{master}"), false),
    ] {
        browser.paste(&text).await?;
        settles(&browser, rules, &json!(is_told)).await?;
    }
    browser.close().await
}
