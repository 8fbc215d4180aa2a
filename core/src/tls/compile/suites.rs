//! The table of cipher suites.

use std::collections::BTreeSet;

use super::columns::{self, Wrong};
use crate::tls::openssl::release::Counted;
use crate::tls::traits::{AUTHENTICATION, CIPHER, EXTRA, KEY_EXCHANGE, LOWEST, MAC, STRENGTH};

/// The file, for whoever must mend it.
const FILE: &str = "core/src/tls/suites.tsv";

/// How many suites a place of one byte can tell apart.
const ROOM: usize = 256;

/// A row.
pub(super) struct Suite<'a> {
    id: u16,
    pub(super) name: &'a str,
    pub(super) openssl: Option<&'a str>,
    gnutls: Option<&'a str>,
    pub(super) counted: Counted,
    pub(super) traits: u64,
    pub(super) releases: u8,
}

/// Every suite, by number.
pub(super) fn read(table: &str) -> Result<Vec<Suite<'_>>, Wrong> {
    let mut last = None;
    let mut names = BTreeSet::new();
    let mut count = 0;
    columns::read(FILE, table, |row| {
        count += 1;
        if count > ROOM {
            return Err(row.wrong(format!("there is room for {ROOM} suites")));
        }
        let id = row.id()?;
        if last.replace(id) >= Some(id) {
            return Err(row.wrong(format!("{id:04X} does not come after the number before it")));
        }
        let (name, openssl, gnutls) = (row.text()?, row.name()?, row.name()?);
        // OpenSSL calls the suites of TLS 1.3 as the registry does.
        for name in std::iter::once(name).chain(openssl.filter(|own| *own != name)) {
            if !names.insert(name) {
                return Err(row.wrong(format!("`{name}` is another suite's name")));
            }
        }
        let mut traits = 0;
        for group in [&KEY_EXCHANGE, &AUTHENTICATION, &CIPHER, &MAC] {
            traits |= row.bit(group)?;
        }
        let bits = row.number()?;
        traits |= row.bit(&LOWEST)? | row.bit(&STRENGTH)?;
        let strength = row.number()?;
        traits |= row.bits(&[&STRENGTH, &EXTRA])?;
        Ok(Suite {
            id,
            name,
            openssl,
            gnutls,
            counted: Counted { bits, strength },
            traits,
            releases: row.releases()?,
        })
    })
}

impl Suite<'_> {
    /// True for a suite of TLS 1.3.
    pub(super) fn is_newest(&self) -> bool {
        self.traits & LOWEST.of(&["TLSv1.3"]) != 0
    }

    /// The expression that makes the core's `Suite` of it.
    pub(super) fn expression(&self) -> String {
        let Suite {
            id,
            name,
            openssl,
            gnutls,
            counted: Counted { bits, strength },
            traits,
            releases,
        } = self;
        format!(
            "Suite {{ id: {id:#06x}, name: {name:?}, openssl: {openssl:?}, gnutls: {gnutls:?}, bits: {bits}, \
             strength: {strength}, traits: {traits:#x}, releases: {releases} }}"
        )
    }
}
