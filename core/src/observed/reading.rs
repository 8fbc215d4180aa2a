//! What was seen, in the place of a configuration that was read.

use std::net::{IpAddr, Ipv4Addr};

use super::{LIVE, Observation, lower};
use crate::certificate::NamedFile;
use crate::dialect::{Dialect, Likelihood, Lowered, Read, Reading, Terms};
use crate::late::{Late, late};
use crate::patch::{Blocked, Patch, Wish};
use crate::source::{FileId, Sources, Span};
use crate::version::{Point, Target, Version};

/// No language at all: a live port was looked at, and no text is read.
pub(super) struct Live<'a>(pub(super) &'a Observation);

impl Dialect for Live<'_> {
    fn id(&self) -> &'static str {
        LIVE
    }

    fn tells_release(&self) -> (&'static str, &'static str) {
        ("the server", "smtplint check, on the server itself")
    }

    fn recognise(&self, _: &str, _: &str) -> Likelihood {
        Likelihood::No
    }

    /// Nothing reads it: there is no text.
    fn reader(&self) -> &'static Late<Read> {
        static NOTHING: Late<Read> = late!(nothing);
        &NOTHING
    }

    fn read(&self, _: &Sources) -> Box<dyn Reading> {
        Box::new(Seen(self.0.clone()))
    }
}

/// A port of which nothing was seen. Where readers are fetched, nobody hands it over.
#[cfg_attr(not(feature = "embedded"), allow(dead_code))]
fn nothing(_: &Sources) -> Box<dyn Reading> {
    let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    Box::new(Seen(Observation::of("", nowhere, 0)))
}

/// What was seen at one port.
struct Seen(Observation);

impl Reading for Seen {
    /// One: the state of the world that was seen. The release is not told by it.
    fn points(&self, _: &Target) -> Vec<Point> {
        let version = Version::new(0, 0, 0);
        vec![Point { version }]
    }

    fn lower(&self, _: &Target, points: &[Point]) -> Vec<Lowered> {
        points.iter().map(|_| lower::lowered(&self.0)).collect()
    }

    fn named_files(&self, _: &Target) -> Vec<NamedFile> {
        Vec::new()
    }

    fn unread(&self) -> &[FileId] {
        &[]
    }

    fn faults(&self) -> Vec<(Span, String)> {
        Vec::new()
    }

    fn edit(&self, _: &Sources, _: &[Wish], _: &Terms<'_>) -> Result<Patch, Blocked> {
        Err(Blocked::CannotExpress(
            "no configuration was given to write in".to_owned(),
        ))
    }

    fn reload(&self) -> &'static str {
        ""
    }
}
