//! The list of suites for TLS 1.3, which is apart from the cipher string.

use super::Release;
use crate::tls::suite::{self, Suite};
use crate::tls::{Invalid, Why};

/// What the library takes when nobody says otherwise.
const DEFAULT: [u16; 3] = [0x1302, 0x1303, 0x1301];

/// The suites for TLS 1.3 when no list of them is set.
#[must_use]
pub fn default_ciphersuites() -> Vec<&'static Suite> {
    DEFAULT.into_iter().filter_map(suite::by_id).collect()
}

/// What a release makes of a list of suites for TLS 1.3, as `openssl ciphers -ciphersuites` takes it. An empty list is none at
/// all. Names of older suites are accepted, although nothing can be done with them.
///
/// Source: SSL_CTX_set_ciphersuites(3), and `set_ciphersuites` in OpenSSL's `ssl/ssl_ciph.c`.
///
/// # Errors
///
/// [`Invalid`] with the place when the release refuses the list.
pub fn ciphersuites(text: &str, release: Release) -> Result<Vec<&'static Suite>, Invalid> {
    let mut suites = Vec::new();
    if text.is_empty() {
        return Ok(suites);
    }
    let mut start = 0;
    for element in text.split(':') {
        let name = element.trim_matches(|one: char| one.is_ascii_whitespace() || one == '\u{b}');
        let known = suite::all()
            .iter()
            .find(|suite| suite.name == name && suite.is_in(release));
        if known.is_none() && release == Release::V1_1_1 {
            return Err(Invalid {
                place: start..start + element.len(),
                why: Why::Ciphersuite,
            });
        }
        suites.extend(known);
        start += element.len() + 1;
    }
    if suites.is_empty() {
        return Err(Invalid {
            place: 0..text.len(),
            why: Why::NothingLeft,
        });
    }
    Ok(suites)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_for_tls_1_3() {
        let text = "TLS_AES_128_GCM_SHA256:TLS_NOTHING: TLS_AES_256_GCM_SHA384 ";
        let suites = ciphersuites(text, Release::V3_0).unwrap();
        assert_eq!(
            suites.iter().map(|suite| suite.id).collect::<Vec<_>>(),
            [0x1301, 0x1302]
        );
        assert_eq!(
            ciphersuites(text, Release::V1_1_1).unwrap_err(),
            Invalid {
                place: 23..34,
                why: Why::Ciphersuite
            }
        );
        assert_eq!(ciphersuites("", Release::V1_1_1), Ok(Vec::new()));
        assert_eq!(
            ciphersuites("HIGH", Release::V3_5).unwrap_err(),
            Invalid {
                place: 0..4,
                why: Why::NothingLeft
            }
        );
        assert_eq!(default_ciphersuites().first().unwrap().name, "TLS_AES_256_GCM_SHA384");
    }
}
