//! MTA-STS (RFC 8461): the record that announces a policy, and the policy.

use serde::Serialize;

use super::record::only;

/// The longest time for which a policy may be kept, in seconds (RFC 8461 §3.2).
pub const LONGEST: u32 = 31_557_600;

/// The record's id, which changes with the policy.
///
/// # Errors
/// What is wrong with the records, in words. Texts that do not begin with the version do not count (RFC 8461 §3.1).
pub fn announced(texts: &[String]) -> Result<Option<String>, String> {
    let Some(record) = only(texts, "v=STSv1;", "v=sts")? else {
        return Ok(None);
    };
    let ids: Vec<&str> = record
        .split(';')
        .skip(1)
        .filter_map(|field| field.trim_matches([' ', '\t']).strip_prefix("id="))
        .collect();
    match ids.as_slice() {
        [] => Err(format!("`{record}` has no `id=`")),
        [id, ..] if (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Ok(Some((*id).to_owned()))
        }
        [id, ..] => Err(format!("the id `{id}` is not 1 to 32 letters and digits")),
    }
}

/// What senders are to do when TLS fails (RFC 8461 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Not deliver.
    Enforce,
    /// Deliver, and report.
    Testing,
    /// Forget the policy.
    None,
}

impl Mode {
    /// As it is written in a policy.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Testing => "testing",
            Mode::None => "none",
        }
    }
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "StsPolicy"))]
pub struct Policy {
    /// What senders are to do.
    pub mode: Mode,
    /// For how long it may be kept, in seconds.
    pub max_age: u32,
    /// Names of exchangers; a `*` stands for one label.
    pub mx: Vec<String>,
}

impl Policy {
    /// Reads a policy (RFC 8461 §3.2). Of a field that stands there twice the first counts, `mx` aside.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Policy, String> {
        let (mut version, mut mode, mut max_age, mut mx) = (None, None, None, Vec::new());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (key, value) = line
                .split_once(':')
                .ok_or_else(|| format!("`{line}` is no line of a policy: it has no colon"))?;
            let value = value.trim();
            match key.trim_end() {
                "version" if version.is_none() => version = Some(value),
                "mode" if mode.is_none() => {
                    mode = Some(match value {
                        "enforce" => Mode::Enforce,
                        "testing" => Mode::Testing,
                        "none" => Mode::None,
                        _ => return Err(format!("the mode `{value}` is none of enforce, testing, none")),
                    });
                }
                "max_age" if max_age.is_none() => {
                    let is_number = (1..=10).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
                    let seconds = value.parse().ok().filter(|seconds| is_number && *seconds <= LONGEST);
                    max_age =
                        Some(seconds.ok_or_else(|| {
                            format!("the max_age `{value}` is not a number of seconds up to {LONGEST}")
                        })?);
                }
                "mx" => mx.push(value.trim_end_matches('.').to_ascii_lowercase()),
                _ => {}
            }
        }
        match version {
            Some("STSv1") => {}
            Some(other) => return Err(format!("its version is `{other}`, and there is only STSv1")),
            None => return Err("it has no `version: STSv1`".to_owned()),
        }
        let mode = mode.ok_or("it has no `mode`")?;
        let max_age = max_age.ok_or("it has no `max_age`")?;
        if mx.is_empty() && mode != Mode::None {
            return Err("it names no `mx`".to_owned());
        }
        Ok(Policy { mode, max_age, mx })
    }

    /// True when mail may go to this host (RFC 8461 §4.1): a `*` stands for one whole label, the leftmost.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        let matches = |pattern: &String| match pattern.strip_prefix("*.") {
            Some(rest) => host
                .split_once('.')
                .is_some_and(|(label, parent)| !label.is_empty() && rest.eq_ignore_ascii_case(parent)),
            None => pattern.eq_ignore_ascii_case(host),
        };
        self.mx.iter().any(matches)
    }
}
