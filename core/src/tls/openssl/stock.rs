//! Lists that thousands of servers have because their server comes with them: what each release makes of these is known by
//! heart, since reading them is most of the work where nobody wrote a list.
//!
//! They are Postfix's (postconf(5), tls_medium_cipherlist, tls_high_cipherlist). A test reads them again, and says how to write
//! them down anew.

use super::Release;

/// A list, and the members of each release's book that it leaves, in order.
struct Stock {
    text: &'static str,
    left: [&'static [u8]; Release::ALL.len()],
}

static STOCK: &[Stock] = &include!("stock-lists.in");

/// The members that the beginning of a string leaves, when that is one of these lists and only exclusions for good follow; and
/// where these begin.
pub(super) fn known(text: &str, release: Release) -> Option<(&'static [u8], usize)> {
    STOCK.iter().find_map(|stock| {
        let rest = text.strip_prefix(stock.text)?;
        let excludes =
            rest.is_empty() || (rest.starts_with(":!") && rest.split(':').skip(1).all(|word| word.starts_with('!')));
        excludes.then_some((stock.left[release as usize], stock.text.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::openssl::string;

    /// Set to write the lists down anew.
    const BLESS: &str = "SMTPLINT_BLESS";

    const TEXTS: [&str; 6] = [
        "aNULL:-aNULL:ALL:!EXPORT:!LOW:+RC4:@STRENGTH",
        "aNULL:-aNULL:ALL:!EXPORT:!LOW:!MEDIUM:+RC4:@STRENGTH",
        "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH",
        "aNULL:-aNULL:HIGH:@STRENGTH",
        "aNULL:-aNULL:HIGH:MEDIUM:!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5:+RC4:@STRENGTH",
        "aNULL:-aNULL:HIGH:!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5:@STRENGTH",
    ];

    #[test]
    #[allow(
        clippy::disallowed_methods,
        clippy::disallowed_types,
        reason = "a test may write, when it is told to"
    )]
    fn what_is_known_by_heart_is_what_is_read() {
        let lines = TEXTS.map(|text| {
            let left = Release::ALL.map(|release| string::left(text, release));
            format!(
                "    Stock {{ text: {text:?}, left: [&{:?}, &{:?}, &{:?}] }},\n",
                left[0], left[1], left[2]
            )
        });
        let written = format!("[\n{}]\n", lines.concat());
        if std::env::var_os(BLESS).is_some() {
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tls/openssl/stock-lists.in");
            std::fs::write(file, &written).expect("the core's folder");
        }
        assert!(
            include_str!("stock-lists.in") == written,
            "run the test with {BLESS}=1 to write the lists down anew"
        );
    }

    #[test]
    fn exclusions_behind_a_known_list_do_what_they_do_behind_any() {
        for release in Release::ALL {
            for text in TEXTS {
                for rest in ["", ":!aNULL", ":!kRSA:!SHA1:!nonsense:!aNULL+kDHE", ":!AES128-SHA"] {
                    let text = format!("{text}{rest}");
                    let whole = string::read(&text, release, 0);
                    let short = string::read_known(&text, release, 0);
                    match (whole, short) {
                        (Ok(whole), Ok(short)) => assert_eq!(whole.suites, short.suites, "{text} in {release}"),
                        (whole, short) => assert_eq!(whole, short, "{text} in {release}"),
                    }
                }
            }
            for other in [
                "HIGH",
                "aNULL:-aNULL:HIGH:@STRENGTH:AES",
                "aNULL:-aNULL:HIGH:@STRENGTH:!aNULL:+AES",
                "aNULL:-aNULL:HIGH:@STRENGTHS",
            ] {
                assert_eq!(known(other, release), None, "{other}");
            }
        }
    }
}
