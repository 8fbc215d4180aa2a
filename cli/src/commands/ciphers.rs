//! `smtplint ciphers`.

use std::process::ExitCode;

use smtplint_core::tls::{Library, Refused, gnutls, openssl};

use crate::args::{CiphersOptions, Format};
use crate::error::Error;
use crate::{output, text};

/// Says what a cipher string means.
pub(crate) fn run(options: &CiphersOptions) -> Result<ExitCode, Error> {
    let meaning = library(&options.library)?
        .read(&options.string, options.level)
        .map_err(|refusal| refused(&options.string, refusal))?;
    match options.format {
        Format::Json => output::print_json(&meaning.to_json())?,
        Format::Text => output::print(&text::ciphers::render(&meaning))?,
    }
    Ok(ExitCode::SUCCESS)
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
fn refused(string: &str, refusal: Refused) -> Error {
    let before = string.get(..refusal.place.start).unwrap_or("").chars().count();
    let wrong = string.get(refusal.place).unwrap_or("").chars().count();
    Error::CipherString {
        verdict: refusal.verdict,
        string: text::harmless(string),
        mark: format!("{}{}", " ".repeat(before), "^".repeat(wrong.max(1))),
        nearest: refusal.nearest,
    }
}
