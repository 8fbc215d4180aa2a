//! SARIF: what is printed is as the standard (OASIS SARIF 2.1.0) says.
//!
//! The published schema is not ours to hand on, so what counts here is written down again, in closed form: a field that is not
//! in it is a mistake as well. With the published one at hand, `SMTPLINT_SARIF_SCHEMA` names it, and it is asked too.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use std::path::Path;

use common::{MAIN, MASTER, argument, folder, with, write};
use jsonschema::Validator;
use serde_json::{Value, json};

/// Set to the path of `sarif-schema-2.1.0.json`.
const PUBLISHED: &str = "SMTPLINT_SARIF_SCHEMA";

/// §3.13 to §3.58, as far as it is used.
fn schema() -> Value {
    let object = |required: &[&str], properties: Value| json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false });
    let text = json!({ "type": "string", "minLength": 1 });
    let message = object(&["text"], json!({ "text": text }));
    let level = json!({ "enum": ["none", "note", "warning", "error"] });
    let count = json!({ "type": "integer", "minimum": 1 });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let region = object(
        &["startLine", "startColumn", "endLine", "endColumn"],
        json!({ "startLine": count, "startColumn": count, "endLine": count, "endColumn": count }),
    );
    let address = object(
        &["uri"],
        json!({ "uri": { "type": "string", "pattern": "^[A-Za-z0-9/._~:%-]+$" } }),
    );
    let physical = object(
        &["artifactLocation"],
        json!({ "artifactLocation": address, "region": region }),
    );
    let location = object(
        &["physicalLocation"],
        json!({ "physicalLocation": physical, "id": count }),
    );
    let rule = object(
        &["id", "shortDescription", "fullDescription", "help", "helpUri"],
        json!({
            "id": text, "shortDescription": message, "fullDescription": message, "helpUri": { "type": "string", "pattern": "^https://" },
            "help": object(&["text", "markdown"], json!({ "text": text, "markdown": text })),
            "defaultConfiguration": object(&["level"], json!({ "level": level })),
            "properties": { "type": "object" },
        }),
    );
    let suppression = object(
        &["kind", "justification"],
        json!({ "kind": { "enum": ["inSource", "external"] }, "status": { "const": "accepted" }, "justification": text, "location": location }),
    );
    let result = object(
        &[
            "ruleId",
            "ruleIndex",
            "level",
            "message",
            "locations",
            "partialFingerprints",
        ],
        json!({
            "ruleId": text, "ruleIndex": { "type": "integer", "minimum": 0 }, "level": level, "message": message,
            "locations": { "type": "array", "items": location, "minItems": 1, "maxItems": 1 },
            "relatedLocations": list(location.clone()), "suppressions": list(suppression),
            "partialFingerprints": object(&["smtplint/v1"], json!({ "smtplint/v1": text })), "properties": { "type": "object" },
        }),
    );
    let notification = object(
        &["message", "descriptor", "level"],
        json!({ "message": message, "level": level, "descriptor": object(&["id"], json!({ "id": text })), "locations": list(location) }),
    );
    let driver = object(
        &["name", "version", "rules"],
        json!({ "name": text, "version": text, "rules": list(rule) }),
    );
    let artifact = object(
        &["location"],
        json!({ "location": address, "hashes": object(&["sha-256"], json!({ "sha-256": { "type": "string", "pattern": "^[0-9a-f]{64}$" } })) }),
    );
    let run = object(
        &["tool", "results", "columnKind"],
        json!({
            "tool": object(&["driver"], json!({ "driver": driver })), "results": list(result), "artifacts": list(artifact),
            "columnKind": { "const": "unicodeCodePoints" },
            "invocations": list(object(&["executionSuccessful"], json!({
                "executionSuccessful": { "const": true }, "toolExecutionNotifications": list(notification),
            }))),
        }),
    );
    object(
        &["$schema", "version", "runs"],
        json!({ "$schema": text, "version": { "const": "2.1.0" }, "runs": { "type": "array", "items": run, "minItems": 1, "maxItems": 1 } }),
    )
}

fn validators() -> Vec<Validator> {
    let mut all = vec![jsonschema::validator_for(&schema()).expect("the schema is one")];
    if let Some(path) = std::env::var_os(PUBLISHED) {
        let text = std::fs::read_to_string(path).expect("the published schema can be read");
        let published: Value = serde_json::from_str(&text).expect("it is JSON");
        all.push(jsonschema::validator_for(&published).expect("it is a schema"));
    }
    all
}

/// The log of a run, valid by every schema there is.
fn log(arguments: &[&str], validators: &[Validator]) -> Value {
    let ran = with(&[&["check", "--no-exec", "--format", "sarif"], arguments].concat());
    assert!(matches!(ran.code, Some(0 | 1)), "{arguments:?}: {}", ran.err);
    let log: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    for validator in validators {
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{} {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{arguments:?}:\n{}", errors.join("\n"));
    }
    let rules = &log["runs"][0]["tool"]["driver"]["rules"];
    for result in log["runs"][0]["results"].as_array().expect("results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a place")).expect("a small one");
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    log
}

#[test]
fn every_case_of_the_project_is_valid() {
    let validators = validators();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let mut results = 0;
    let mut names: Vec<_> = std::fs::read_dir(cases)
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    names.sort();
    for case in names
        .iter()
        .filter(|path| path.join("main.cf").is_file() && path.join("master.cf").is_file())
    {
        let log = log(&[argument(case)], &validators);
        results += log["runs"][0]["results"].as_array().expect("results").len();
    }
    assert!(results > 60, "only {results} results");
}

#[test]
fn the_words_of_the_standard_say_what_is_meant() {
    let folder = folder(&[
        ("main.cf", &MAIN.replacen("mynetworks", "# smtplint: ignore[own-rule] so\n# smtplint: ignore[trusted-networks-too-wide] all ours\nmynetworks", 1).replace("127.0.0.0/8", "0.0.0.0/0")),
        ("master.cf", &MASTER.replace("yes\n", "yes\n  -o smtpd_banner=${own?{x}}\n")),
    ]);
    let log = log(&[argument(folder.path())], &validators());
    let run = &log["runs"][0];
    let of = |rule: &str| {
        let results = run["results"].as_array().expect("results");
        results
            .iter()
            .find(|one| one["ruleId"] == rule)
            .unwrap_or_else(|| panic!("{rule} is found"))
            .clone()
    };
    let bad = of("auth-offered-in-clear");
    assert_eq!(bad["level"], "error");
    let place = &bad["locations"][0]["physicalLocation"];
    assert_eq!(
        place["region"],
        json!({ "startLine": 3, "startColumn": 6, "endLine": 3, "endColumn": 32 })
    );
    assert!(
        place["artifactLocation"]["uri"]
            .as_str()
            .is_some_and(|uri| uri.starts_with("file:///") && uri.ends_with("master.cf"))
    );
    assert_eq!(bad["suppressions"], Value::Null);
    let ignored = of("trusted-networks-too-wide");
    assert_eq!(ignored["suppressions"][0]["kind"], "inSource");
    assert_eq!(ignored["suppressions"][0]["justification"], "all ours");
    assert_eq!(
        run["invocations"][0]["toolExecutionNotifications"][0]["descriptor"]["id"],
        "unknown-rule"
    );
}

/// A schema that everything fits would be worth nothing.
#[test]
fn the_schema_refuses_what_is_no_log() {
    let folder = folder(&[("main.cf", MAIN), ("master.cf", MASTER)]);
    write(folder.path(), "smtplint.toml", b"");
    let good = log(&[argument(folder.path())], &validators());
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    for (pointer, value) in [
        ("/version", json!("2.0.0")),
        ("/runs/0/results/0/level", json!("bad")),
        (
            "/runs/0/results/0/locations/0/physicalLocation/region/startLine",
            json!(0),
        ),
        (
            "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri",
            json!("a b"),
        ),
        ("/runs/0/results/0/message", json!("text")),
        ("/runs/0/results/0/locations", json!([])),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is there")) = value;
        assert!(!validator.is_valid(&bad), "{pointer} may be anything");
    }
}
