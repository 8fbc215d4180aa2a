//! What is printed for programs, with placeholders where they are asked for.

use serde::Serialize;
use serde_json::Value;
pub(crate) use smtplint_core::redact::placeholders::Redactor;

use crate::error::Error;
use crate::input::Given;
use crate::output;

/// What replaces the identities of an input.
pub(crate) fn redactor(given: &Given) -> Redactor {
    redactor_of(given, &[])
}

/// The same, with names that stand in flags of a command's own.
pub(crate) fn redactor_of(given: &Given, further: &[String]) -> Redactor {
    let mut names: Vec<String> = given.target.host_name.iter().cloned().collect();
    names.extend(given.target.machine.values().cloned());
    names.extend(given.config.path.iter().map(|path| path.display().to_string()));
    names.extend_from_slice(further);
    Redactor::new(&given.sources, &names)
}

/// Prints a value as JSON, with placeholders where they are asked for; in names of fields as well, because services are
/// called by their addresses.
pub(crate) fn print_json<T: Serialize>(value: &T, redactor: Option<&Redactor>) -> Result<(), Error> {
    match redactor {
        Some(redactor) => output::print_json(&replaced(serde_json::to_value(value)?, redactor)),
        None => output::print_json(value),
    }
}

fn replaced(value: Value, redactor: &Redactor) -> Value {
    match value {
        Value::String(text) => Value::String(redactor.text(&text)),
        Value::Array(items) => items.into_iter().map(|item| replaced(item, redactor)).collect(),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (redactor.text(&name), replaced(value, redactor)))
                .collect(),
        ),
        other => other,
    }
}

/// What is said on standard error.
pub(crate) fn remarks(remarks: Vec<String>, redactor: Option<&Redactor>) -> Vec<String> {
    match redactor {
        Some(redactor) => remarks.iter().map(|remark| redactor.text(remark)).collect(),
        None => remarks,
    }
}
