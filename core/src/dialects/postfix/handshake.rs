//! What Postfix decides about a handshake beside versions and suites (`tls_server.c`, `tls_dh.c`, `tls_misc.c`;
//! postconf(5), tls_preempt_cipherlist, tls_ssl_options, smtpd_tls_dh1024_param_file, smtpd_tls_eecdh_grade and their kin).

use super::config::View;
use crate::certificate::{Content, Object};
use crate::facts::{Because, Fact, Handshake, Members, Prime, Value};
use crate::question::quoted;
use crate::version::Version;

/// The prime that is built in has 2048 bits from here on, and 1024 before.
const LONG_PRIME_SINCE: Version = Version::new(3, 1, 0);
/// No session begins anew from here on, whatever is written.
const NO_RENEGOTIATION_SINCE: Version = Version::new(3, 8, 0);
/// The grade of curves counts for nothing from here on.
const NO_GRADE_SINCE: Version = Version::new(3, 6, 0);
/// `none` is read as `auto` from here on.
const NO_NONE_SINCE: Version = Version::new(3, 4, 0);

/// The file with a prime number.
pub(super) const PRIME_FILE: &str = "smtpd_tls_dh1024_param_file";

/// What this program decides.
pub(super) fn of(view: &View<'_>) -> Handshake {
    Handshake {
        own_order: written(view.boolean("tls_preempt_cipherlist")),
        compression: written(compression(view)),
        unsafe_renegotiation: written(unsafe_renegotiation(view)),
        prime: written(prime(view)),
        curves: written(curves(view)),
        system_settings: written(system_settings(view)),
    }
}

/// The defaults behind these facts changed from one release to the next and explain nothing: what somebody wrote does.
fn written<T>(mut fact: Fact<T>) -> Fact<T> {
    fact.because = fact.because.into_iter().filter(|step| step.span().is_some()).collect();
    fact
}

/// OpenSSL compresses nothing from 1.1.0 on unless a program asks for it, which Postfix does not.
fn compression(view: &View<'_>) -> Fact<bool> {
    let options = view.text("tls_ssl_options");
    let openssl = view.configuration.target.openssl;
    let is_new = openssl.is_some_and(|versions| versions.first >= Version::new(1, 1, 0));
    // Postfix 3.6 and later need OpenSSL 1.1.1 (`src/tls/tls.h`).
    if is_new || (openssl.is_none() && view.since(Version::new(3, 6, 0))) {
        return Fact::is(false, options.because);
    }
    if options.known().is_some_and(|text| words(text).any(|word| word.eq_ignore_ascii_case("NO_COMPRESSION"))) {
        return Fact::is(false, options.because);
    }
    if openssl.is_none() {
        let question = view.ask("openssl-version", "Which OpenSSL does this Postfix run with?", "openssl version");
        return Fact::unknown(question, options.because);
    }
    let question = view.ask(
        "tls-compression",
        "Does the OpenSSL of this machine compress? Until 1.1.0 some builds did.",
        "openssl s_client -starttls smtp -connect localhost:25 </dev/null | grep Compression",
    );
    Fact::unknown(question, options.because)
}

/// `SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION` has no name in Postfix and can be written as a number (`ssl.h`).
fn unsafe_renegotiation(view: &View<'_>) -> Fact<bool> {
    const BIT: u64 = 1 << 18;
    let options = view.text("tls_ssl_options");
    if view.since(NO_RENEGOTIATION_SINCE) {
        return Fact::is(false, options.because);
    }
    options.map(|text| words(&text).filter_map(number).any(|bits| bits & BIT != 0))
}

/// A number as Postfix reads it among options: hexadecimal, with `0x` in front.
fn number(word: &str) -> Option<u64> {
    let digits = word.strip_prefix("0x").or(word.strip_prefix("0X"))?;
    u64::from_str_radix(digits, 16).ok()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\r', '\n', '|']).filter(|word| !word.is_empty())
}

fn prime(view: &View<'_>) -> Fact<Prime> {
    let file = view.text(PRIME_FILE);
    let path = match &file.value {
        Value::Unknown(question) => return Fact::unknown(question.clone(), file.because),
        Value::Is(path) => path,
    };
    // Before 3.7 `auto` is a file that is not there, which comes to the same.
    // Before 3.7 `auto` is a file that is not there, which comes to the same.
    if path.is_empty() || path == "auto" {
        return Fact { value: built_in(view), because: file.because };
    }
    let seen = view.configuration.target.seen.files.get(path);
    let value = match seen.map(|seen| &seen.content) {
        Some(Content::Holds(objects)) => match objects.iter().find_map(Object::prime_bits) {
            Some(bits) => Value::Is(Prime::Bits(bits)),
            // Postfix warns, and goes on with its own.
            None => built_in(view),
        },
        Some(Content::Missing) => built_in(view),
        Some(Content::Unseen(_)) | None => Value::Unknown(view.ask(
            "dh-parameters",
            format!("How many bits does the prime in `{path}` have? The file was not looked at."),
            format!("openssl dhparam -in {} -noout -text | head -n 1", quoted(path)),
        )),
    };
    Fact { value, because: file.because }
}

/// Without a file: a prime of Postfix's own, or, from 3.7 on with OpenSSL 3, one that the library chooses.
fn built_in(view: &View<'_>) -> Value<Prime> {
    Value::Is(if view.since(LONG_PRIME_SINCE) { Prime::Long } else { Prime::Bits(1024) })
}

/// The curves that somebody wrote: by grade before 3.6, in the list that `auto` refers to since. What Postfix takes by itself
/// is what OpenSSL has, or one good curve.
fn curves(view: &View<'_>) -> Fact<Members<String>> {
    let of_its_own = |because| Fact::is(Members { surely: Vec::new(), rest: None }, because);
    let auto = "tls_eecdh_auto_curves";
    if view.since(NO_GRADE_SINCE) {
        return if view.written(auto).is_some() { parted(view.list(auto)) } else { of_its_own(Because::default()) };
    }
    let grade = view.text("smtpd_tls_eecdh_grade");
    let name = match &grade.value {
        Value::Unknown(question) => return Fact::unknown(question.clone(), grade.because),
        Value::Is(word) => match word.to_ascii_lowercase().as_str() {
            "strong" => "tls_eecdh_strong_curve",
            "ultra" => "tls_eecdh_ultra_curve",
            "none" if !view.since(NO_NONE_SINCE) => {
                return Fact::is(Members { surely: vec!["none".to_owned()], rest: None }, grade.because);
            }
            _ => auto,
        },
    };
    if view.written(name).is_none() && (name == auto || view.written("smtpd_tls_eecdh_grade").is_none()) {
        return of_its_own(grade.because);
    }
    let curves = view.list(name);
    let because = [grade.because, curves.because].concat();
    parted(Fact { value: curves.value, because: because.into() })
}

/// Colons part names as well.
fn parted(curves: Fact<Members<String>>) -> Fact<Members<String>> {
    curves.map(|members| Members {
        surely: members.surely.iter().flat_map(|word| word.split(':')).filter(|word| !word.is_empty()).map(str::to_owned).collect(),
        rest: members.rest,
    })
}

/// Another file than OpenSSL's own may say anything; without any file the library's own defaults count.
fn system_settings(view: &View<'_>) -> Fact<bool> {
    // Releases without the parameter leave the system's settings in force, and the others do so by default.
    if view.written("tls_config_file").is_none() {
        return Fact::is(true, Vec::new());
    }
    let file = view.text("tls_config_file");
    let value = match file.value {
        Value::Unknown(question) => Value::Unknown(question),
        Value::Is(path) if path.is_empty() || path == "default" => Value::Is(true),
        Value::Is(path) if path == "none" => Value::Is(false),
        Value::Is(path) => Value::Unknown(view.ask(
            "openssl-file",
            format!("What does `{path}` say? Postfix takes OpenSSL's settings from there."),
            format!("cat {}", quoted(&path)),
        )),
    };
    Fact { value, because: file.because }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_among_options() {
        assert_eq!(words("0x40000, NO_TICKET").filter_map(number).collect::<Vec<_>>(), [0x40000]);
        assert_eq!(number("40000"), None);
    }
}
