//! `smtplint ciphers`.

use std::process::ExitCode;

use smtplint_core::tls::{Invalid, Meaning, Why, gnutls, nearest, openssl};

use crate::args::{CiphersOptions, Format};
use crate::error::Error;
use crate::{output, text};

/// Says what a cipher string means.
pub(crate) fn run(options: &CiphersOptions) -> Result<ExitCode, Error> {
    let meaning = match library(&options.library)? {
        Library::OpenSsl(release) => {
            Meaning::of_openssl(&options.string, release, options.level).map_err(|invalid| {
                let known: Vec<&str> = openssl::words(release).collect();
                refused(&format!("OpenSSL {release}"), &options.string, &invalid, &known)
            })?
        }
        Library::GnuTls(release) => Meaning::of_gnutls(&options.string, release).map_err(|invalid| {
            let known = gnutls::words(release);
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            refused(&format!("GnuTLS {release}"), &options.string, &invalid, &known)
        })?,
    };
    match options.format {
        Format::Json => output::print_json(&meaning.to_json())?,
        Format::Text => output::print(&text::ciphers::render(&meaning))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The library whose language the string is in.
enum Library {
    OpenSsl(openssl::Release),
    GnuTls(gnutls::Release),
}

/// Reads `openssl`, `openssl=3.0` and the like; without a release the newest that is known is meant.
fn library(text: &str) -> Result<Library, Error> {
    let unknown = || Error::Library { text: text.to_owned() };
    let (name, release) = text
        .split_once('=')
        .map_or((text, None), |(name, release)| (name, Some(release)));
    let version = release.map(str::parse).transpose().map_err(|_| unknown())?;
    match name {
        "openssl" => {
            let release = version.map_or(Some(openssl::Release::V3_5), openssl::Release::of);
            release.map(Library::OpenSsl).ok_or_else(unknown)
        }
        "gnutls" => {
            let release = version.map_or(Some(gnutls::Release::V3_8), gnutls::Release::of);
            release.map(Library::GnuTls).ok_or_else(unknown)
        }
        _ => Err(unknown()),
    }
}

/// The refusal, with the string and a mark below the place.
fn refused(library: &str, string: &str, invalid: &Invalid, known: &[&str]) -> Error {
    let before = string.get(..invalid.place.start).unwrap_or("").chars().count();
    let wrong = string.get(invalid.place.clone()).unwrap_or("");
    let near = match invalid.why {
        Why::Word | Why::Command => nearest(wrong.trim_start_matches(['+', '-', '!']), known.iter().copied()),
        _ => None,
    };
    let verdict = match invalid.why {
        Why::System => format!("only the machine itself can say what this means: {}", invalid.why),
        why => format!("{library} refuses the whole string: {why}"),
    };
    Error::CipherString {
        verdict,
        string: text::harmless(string),
        mark: format!("{}{}", " ".repeat(before), "^".repeat(wrong.chars().count().max(1))),
        nearest: near.map(str::to_owned),
    }
}
