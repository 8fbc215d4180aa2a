//! Reading what smtplint itself has printed.

use serde::de::DeserializeOwned;

/// A value whose text says which schema it follows; the error says in a few words what is wrong.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, schema: &str, of: fn(&T) -> &String) -> Result<T, String> {
    let value: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if of(&value) == schema {
        Ok(value)
    } else {
        Err(format!("its schema is `{}`, not `{schema}`", of(&value)))
    }
}
