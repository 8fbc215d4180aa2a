//! Records of text that begin with a version, of which a name may have one.

/// The only one that begins with the version; `None` where there is none.
///
/// # Errors
/// What is wrong with the records, in words: several, or none but one that is nearly so, as its beginning in small letters tells.
pub(super) fn only<'a>(texts: &'a [String], version: &str, nearly: &str) -> Result<Option<&'a String>, String> {
    let mut records = texts.iter().filter(|text| text.starts_with(version));
    let begins_nearly = |text: &&String| text.trim_start().to_ascii_lowercase().starts_with(nearly);
    match (records.next(), records.count()) {
        (None, _) => match texts.iter().find(begins_nearly) {
            Some(near) => Err(format!(
                "`{near}` does not begin with `{version}`, so that nobody reads it"
            )),
            None => Ok(None),
        },
        (Some(record), 0) => Ok(Some(record)),
        (Some(_), more) => Err(format!(
            "there are {} records, and with more than one there counts none",
            more + 1
        )),
    }
}
