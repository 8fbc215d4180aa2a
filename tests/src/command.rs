//! The command, as it is built and run.

#![allow(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// The command as cargo builds it; cargo tells where it is. Without it no test of the command can begin.
pub static SMTPLINT: LazyLock<PathBuf> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--package", "smtplint", "--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the cargo that built this still runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo writes text");
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages
        .filter(|message| message["target"]["name"] == "smtplint")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the command it built")
});
