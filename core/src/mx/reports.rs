//! Reports of failed TLS (RFC 8460): the record that says where they go.

use super::record::only;

/// Where reports go.
///
/// # Errors
/// What is wrong with the records, in words. Texts that do not begin with the version do not count (RFC 8460 §3).
pub fn wanted(texts: &[String]) -> Result<Option<Vec<String>>, String> {
    let Some(record) = only(texts, "v=TLSRPTv1;", "v=tlsrpt")? else {
        return Ok(None);
    };
    let rua = record
        .split(';')
        .skip(1)
        .find_map(|field| field.trim_matches([' ', '\t']).strip_prefix("rua="))
        .ok_or_else(|| format!("`{record}` has no `rua=`"))?;
    let places: Vec<String> = rua.split(',').map(|place| place.trim().to_owned()).collect();
    let is_place = |place: &String| {
        let rest = place.strip_prefix("https://").map(|rest| !rest.is_empty());
        let address = place.strip_prefix("mailto:").map(|address| {
            address
                .split_once('@')
                .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
        });
        rest.or(address).unwrap_or(false)
    };
    match places.iter().find(|place| !is_place(place)) {
        Some(wrong) => Err(format!("`{wrong}` is neither `mailto:` with an address nor `https:`")),
        None => Ok(Some(places)),
    }
}
