//! The move between the ports in the page: the plan is the command's, and it is applied, ticked off, taken home and printed.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use std::fs;
use std::path::Path;
use std::process::Command;

use fantoccini::key::Key;
use serde_json::{Value, json};
use smtplint_tests::browser::{Browser, Extent, Forms, Look, Trouble, settles};
use smtplint_tests::command::SMTPLINT;

const MAIN: &str = "compatibility_level = 3.6
myhostname = mail.example.org
smtpd_tls_chain_files = /etc/ssl/mail.pem
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
";

const MASTER: &str = "smtp inet n - y - - smtpd
465 inet n - y - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
";

const LOG: &str = "\
Nov 27 01:02:03 mail postfix/submissions/smtpd[7]: connect from host[192.0.2.1]
Nov 27 01:02:03 mail postfix/submissions/smtpd[7]: A1: client=host[192.0.2.1], sasl_method=PLAIN, sasl_username=anna@example.org
Nov 27 01:02:04 mail postfix/submissions/smtpd[7]: disconnect from host[192.0.2.1] ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6
";

fn text() -> String {
    format!("==> main.cf <==\n{MAIN}\n==> master.cf <==\n{MASTER}")
}

/// What the command prints in a folder that holds the two files. A plan that stops is an answer as well.
fn command(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(SMTPLINT.as_path());
    let output = command.args(arguments).current_dir(folder).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("it prints text")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("main.cf"), MAIN).expect("it is ours");
    fs::write(folder.path().join("master.cf"), MASTER).expect("it is ours");
    folder
}

const FILES: [&str; 2] = ["main.cf", "master.cf"];

async fn change(browser: &Browser, selector: &str, value: &str) -> Result<(), Trouble> {
    let script = format!(
        "const field = document.querySelector('{selector}'); field.value = '{value}'; \
         field.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    browser.run(&script).await.map(drop)
}

/// Opens the panel by the keyboard, and asks for a target.
async fn plan(browser: &Browser, to: &str) -> Result<(), Trouble> {
    browser.press_button("#ask-plan").await?;
    browser.see("#plan-answer").await?;
    change(browser, "#plan-to", to).await?;
    let title = if to == "both" {
        "Users on both ports, 465 and 587".to_owned()
    } else {
        format!("Users to port {to}")
    };
    let script = "return document.querySelector('#plan-answer strong').textContent";
    settles(browser, script, &json!(format!("{title}. "))).await
}

/// The plan as it stands on the screen.
const SHOWN: &str = "
    const all = (from, selector) => [...from.querySelectorAll(selector)].map((one) => one.textContent);
    const lines = (from, selector) => all(from, selector).flatMap((one) => one.split('\\n'));
    const behind = (from, selector) => all(from, selector).map((one) => one.replace(/^[^:]*: /, ''))[0];
    return {
      gates: [...document.querySelectorAll('.gates li')].map((one) =>
        ({ met: { met: true, unmet: false, open: null }[one.className], what: one.querySelector('p').textContent })),
      stages: [...document.querySelectorAll('.stage')].map((one) => ({
        title: one.querySelector('h3 label span').textContent.replace(/^Stage \\d+: /, ''),
        optional: !!one.querySelector('h3 small'),
        do: all(one, '.do > li'),
        dns: lines(one, '.dns pre'),
        clients: lines(one, '.settings pre'),
        checks: [...one.querySelectorAll('.checks > li')].map((check) => ({
          command: check.querySelector('pre').textContent,
          shows: check.querySelector('.shows').textContent.replace(/^shows /, ''),
        })),
        changes: all(one, '.diff :is(ins, del)').map((line) => line[0] + line.slice(2)).join(''),
        done_when: behind(one, '.done-when'),
        roll_back: behind(one, '.roll-back'),
      })),
    }";

/// The same of what the command prints for programs; signs of code are no letters on a screen.
fn printed(plan: &Value) -> Value {
    let plain = |value: &Value| {
        let text = value.to_string().replace('`', "");
        serde_json::from_str::<Value>(&text).expect("backquotes mean nothing in JSON")
    };
    let lines = |stage: &Value| -> String {
        let patch = stage["patch"].as_str().unwrap_or_default().split_inclusive('\n');
        let changes =
            |line: &&str| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---");
        patch.filter(changes).collect()
    };
    let gates = plan["gates"].as_array().expect("gates").iter();
    let stages = plan["stages"].as_array().expect("stages").iter();
    json!({
        "gates": gates.map(|gate| json!({ "met": gate["met"], "what": plain(&gate["what"]) })).collect::<Vec<_>>(),
        "stages": stages.map(|stage| json!({
            "title": plain(&stage["title"]),
            "optional": stage["optional"],
            "do": plain(&stage["do"]),
            "dns": stage["dns"],
            "clients": stage["clients"],
            "checks": stage["checks"].as_array().expect("checks").iter().map(|check| json!({
                "command": check["command"],
                "shows": plain(&check["shows"]),
            })).collect::<Vec<_>>(),
            "changes": lines(stage),
            "done_when": plain(&stage["done_when"]),
            "roll_back": plain(&stage["roll_back"]),
        })).collect::<Vec<_>>(),
    })
}

#[tokio::test]
async fn the_plan_is_the_commands() -> Result<(), Trouble> {
    let folder = folder();
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.hosted).await?;
    browser.paste(&text()).await?;
    browser.keep_what_is_handed_over().await?;
    for to in ["both", "465", "587"] {
        plan(&browser, to).await?;
        let asked = [
            "migrate",
            "--to",
            to,
            "--domain",
            "example.org",
            FILES[0],
            FILES[1],
            "--format",
        ];
        let with = |format| command(folder.path(), &[&asked[..], &[format]].concat());
        let expected: Value = serde_json::from_str(&with("json")).expect("JSON");
        settles(&browser, SHOWN, &printed(&expected)).await?;
        browser
            .run("delete window.copied; document.querySelector('#plan .copy').click()")
            .await?;
        settles(&browser, "return window.copied", &json!(with("markdown"))).await?;
        browser.press(&String::from(char::from(Key::Escape))).await?;
        settles(&browser, "return document.querySelector('#plan').open", &json!(false)).await?;
    }
    let complaints = browser.complaints().await?;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.close().await
}

const FIELD: &str = "return document.getElementById('configuration').value";

#[tokio::test]
async fn changes_are_applied_in_order_and_taken_back() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(&text()).await?;
    plan(&browser, "587").await?;
    let offered = "return [...document.querySelectorAll('.stage .apply')].map((one) => one.closest('.stage').id)";
    let mut texts = vec![json!(text())];
    let mut stages = Vec::new();
    loop {
        let now = browser.run(offered).await?;
        let Some(first) = now[0].as_str().filter(|_| texts.len() < 10) else {
            break;
        };
        // A trial is left out where a lasting change can be made as well.
        let chosen = now
            .as_array()
            .and_then(|all| all.last())
            .and_then(Value::as_str)
            .unwrap_or(first);
        stages.push(chosen.to_owned());
        browser.press_button(&format!("#{chosen} .apply")).await?;
        let applied = format!("return document.querySelector('#{chosen} .change [role=status]').textContent");
        settles(&browser, &applied, &json!("The text has this change.")).await?;
        texts.push(browser.run(FIELD).await?);
    }
    assert!(stages.len() >= 2 && stages[0] == "stage-1", "{stages:?}");
    let end = texts.last().and_then(Value::as_str).unwrap_or_default().to_owned();
    assert!(end.contains("\n587 inet") || end.contains("\nsubmission inet"), "{end}");
    assert!(end.contains("#465 inet") || end.contains("# 465 inet"), "{end}");
    while texts.len() > 1 {
        texts.pop();
        browser.press_button("#plan .undo").await?;
        settles(&browser, FIELD, texts.last().expect("the first")).await?;
    }
    let complaints = browser.complaints().await?;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.close().await
}

#[tokio::test]
async fn ticks_stay_with_their_configuration() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    let ticked = "return [...document.querySelectorAll('.stage input:checked')].map((one) => one.closest('.stage').id)";
    browser.open(&forms.hosted).await?;
    browser.paste(&text()).await?;
    plan(&browser, "587").await?;
    browser.run("document.querySelector('#stage-0 input').focus()").await?;
    browser.press(" ").await?;
    settles(&browser, ticked, &json!(["stage-0"])).await?;
    browser.press_button("#stage-1 .apply").await?;
    browser.see("#plan .undo").await?;
    let after = browser.run(FIELD).await?.as_str().unwrap_or_default().to_owned();
    assert_ne!(after, text());
    // As it was, and as the plan itself has left it.
    for known in [text(), after.clone()] {
        browser.open(&forms.hosted).await?;
        browser.paste(&known).await?;
        plan(&browser, "587").await?;
        settles(&browser, ticked, &json!(["stage-0"])).await?;
    }
    let said = browser.text("#plan", |text| text.contains("stages done")).await?;
    assert!(said.contains("1 of 8 stages done"), "{said}");
    // Another edit takes no tick from a stage of which the plan says the same.
    browser.press(&String::from(char::from(Key::Escape))).await?;
    browser
        .paste(&after.replace("compatibility_level", "# a remark\ncompatibility_level"))
        .await?;
    plan(&browser, "587").await?;
    settles(&browser, ticked, &json!(["stage-0"])).await?;
    let other = text().replace("mail.example.org", "mail.example.net");
    browser.open(&forms.hosted).await?;
    browser.paste(&other).await?;
    plan(&browser, "587").await?;
    settles(&browser, ticked, &json!([])).await?;

    // A browser that refuses to keep anything is met quietly, and that is said.
    browser
        .run("Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })")
        .await?;
    browser.run("document.querySelector('#stage-0 input').click()").await?;
    settles(&browser, ticked, &json!(["stage-0"])).await?;
    let said = browser.text("#plan", |text| text.contains("keeps nothing")).await?;
    assert!(said.contains("This browser keeps nothing for this page"), "{said}");
    let complaints = browser.complaints().await?;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.close().await
}

/// Drops a file over the page.
fn dropped(name: &str, text: &str) -> String {
    format!(
        "const data = new DataTransfer(); data.items.add(new File([{}], {})); \
         document.querySelector('.desk').dispatchEvent(new DragEvent('drop', {{ bubbles: true, cancelable: true, dataTransfer: data }}))",
        json!(text),
        json!(name)
    )
}

#[tokio::test]
async fn evidence_brings_names() -> Result<(), Trouble> {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("mail.log"), LOG).expect("it is ours");
    let usage = command(path, &["usage", "--format", "json", "mail.log"]);
    fs::write(path.join("usage.json"), &usage).expect("it is ours");
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(&text()).await?;
    // It opens the panel by itself, and is no part of the configuration.
    browser.run(&dropped("usage.json", &usage)).await?;
    browser.see("#plan[open] #plan-evidence .calm").await?;
    change(&browser, "#plan-to", "587").await?;
    let asked = [
        "migrate",
        "--to",
        "587",
        "--domain",
        "example.org",
        "--evidence",
        "usage.json",
    ];
    let printed_json = command(path, &[&asked[..], &FILES[..], &["--format", "json"]].concat());
    let expected: Value = serde_json::from_str(&printed_json).expect("JSON");
    assert!(printed_json.contains("anna@example.org"));
    settles(&browser, SHOWN, &printed(&expected)).await?;
    let shown = browser.text("#plan", |text| text.contains("anna@example.org")).await?;
    assert!(
        shown.contains("anna@example.org") && shown.contains("usage.json: 1 user with a name"),
        "{shown}"
    );
    // Who is shut out stands with the change that does it.
    let costs = "return [...document.querySelectorAll('.stage .change .kind')].some((one) => one.parentElement.textContent.includes('anna@example.org'))";
    let named = command(path, &[&asked[..], &FILES[..], &["--format", "markdown"]].concat());
    let is_named = named
        .lines()
        .any(|line| line.starts_with("Costs: ") && line.contains("anna"));
    assert_eq!(browser.run(costs).await?, json!(is_named), "{named}");

    browser.run(&dropped("other.json", "{\"schema\": \"x\"}")).await?;
    let said = browser
        .text("#plan-evidence", |text| text.contains("other.json"))
        .await?;
    assert!(
        said.contains("other.json is not what smtplint usage --format json prints ("),
        "{said}"
    );
    assert_eq!(browser.run(FIELD).await?, json!(text()));
    browser.close().await
}

#[tokio::test]
async fn what_programs_are_told_is_the_commands() -> Result<(), Trouble> {
    let folder = folder();
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.hosted).await?;
    browser.paste(&text()).await?;
    browser.keep_what_is_handed_over().await?;
    plan(&browser, "587").await?;
    change(&browser, "#plan-imap", "imap.example.org").await?;
    browser.see("#stage-3 .forms li:nth-child(5) .take-form").await?;
    let asked = [
        "migrate",
        "--to",
        "587",
        "--domain",
        "example.org",
        "--imap",
        "imap.example.org",
        "--write",
        "out",
    ];
    command(folder.path(), &[&asked[..], &FILES[..]].concat());
    for stage in ["stage-3", "stage-6"] {
        browser
            .run(&format!(
                "window.taken = {{}}; for (const one of document.querySelectorAll('#{stage} .take-form')) one.click()"
            ))
            .await?;
        let written = fs::read_dir(folder.path().join("out").join(format!("{stage}-clients"))).expect("it was written");
        let mut expected = serde_json::Map::new();
        for file in written {
            let path = file.expect("a file").path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .expect("a name")
                .to_owned();
            expected.insert(name, json!(fs::read_to_string(&path).expect("text")));
        }
        assert_eq!(expected.len(), 5);
        settles(&browser, "return window.taken", &Value::Object(expected)).await?;
    }
    // The same texts are copied.
    browser
        .run("document.querySelector('#stage-3 .forms li:nth-child(2) .copy').click()")
        .await?;
    let autoconfig = fs::read_to_string(folder.path().join("out/stage-3-clients/config-v1.1.xml")).expect("text");
    settles(&browser, "return window.copied", &json!(autoconfig)).await?;
    browser
        .run("document.querySelector('#stage-1 .take-patch').click()")
        .await?;
    let patch = fs::read_to_string(folder.path().join("out/stage-1.patch")).expect("text");
    settles(&browser, "return window.taken['stage-1.patch']", &json!(patch)).await?;
    browser.close().await
}

#[tokio::test]
async fn it_fits_every_window_and_paper() -> Result<(), Trouble> {
    let forms = Forms::built()?;
    let browser = Browser::start().await?;
    browser.open(&forms.single).await?;
    browser.paste(&text()).await?;
    plan(&browser, "587").await?;
    for look in Look::ALL {
        browser.look(look).await?;
        let wide = browser
            .run("const plan = document.querySelector('#plan'); return plan.scrollWidth - plan.clientWidth")
            .await?;
        assert!(wide.as_i64() <= Some(0), "{look:?} scrolls sideways by {wide}");
    }
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = tmp.parent().expect("the target directory").join("screenshots");
    browser.pictures(&folder, "plan", Extent::Window).await?;

    // On paper there is the plan alone, light, with boxes to tick and patches that are not cut off.
    browser.on_paper().await?;
    let paper = browser
        .run(
            "const style = (selector, of) => getComputedStyle(document.querySelector(selector), of);
             const plan = document.querySelector('#plan');
             return {
               others: [...document.querySelector('.desk').children].filter((one) => one.getClientRects().length).map((one) => one.id),
               paper: style('#plan').backgroundColor,
               ink: style('#plan').color,
               box: style('#stage-0 input').appearance,
               boxes: style('#plan .do li', '::before').content.includes('\\u2610'),
               patch: style('#plan .diff pre').whiteSpace,
               buttons: [...plan.querySelectorAll('button')].filter((one) => one.getClientRects().length).length,
               whole: plan.getBoundingClientRect().height > plan.scrollHeight - 1,
             }",
        )
        .await?;
    assert_eq!(
        paper,
        json!({
            "others": ["plan"],
            "paper": "rgb(255, 255, 255)",
            "ink": "rgb(0, 0, 0)",
            "box": "none",
            "boxes": true,
            "patch": "pre-wrap",
            "buttons": 0,
            "whole": true,
        })
    );
    browser.close().await
}
