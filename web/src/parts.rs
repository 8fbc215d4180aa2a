//! The parts of the program that few visits need at once: each is fetched when something first asks for it, and stays.
//!
//! A part is a table of functions. Whoever calls them through it does not name them, so that the build can take them, and all that
//! only they need, out of what is loaded at first. `cargo xtask page` puts the parts beside the program, or inside the single file;
//! `start.js` brings them. Where there is no browser everything is there from the beginning.

use std::sync::OnceLock;

use smtplint_core::dialect::Read;
use smtplint_core::source::Sources;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::ciphers::{self, Answering};
use crate::controls::{self, Controlling};
use crate::explain::{self, Explaining};
use crate::machine::{self, Writing};
use crate::mending::{self, Changing};
use crate::migration::{self, Planning};
use crate::words::{self, Said};

/// What is fetched by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The reader of the server with this name.
    Reader(&'static str),
    /// Changes of the text: what they are, what they cost, and the way back.
    Changes,
    /// The plan of the move between the ports.
    Plan,
    /// What a cipher string means.
    Ciphers,
    /// Lists that are folded at first, files that are opened, and links.
    Controls,
    /// The report for programs.
    Report,
    /// What a rule means, with the texts of all rules.
    Explanations,
    /// The words of every language but the page's own.
    Languages,
}

/// A part could not be fetched: the connection to the page's own server is gone, or a file there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotFetched;

impl From<SplitLoaderError> for NotFetched {
    fn from(_: SplitLoaderError) -> NotFetched {
        NotFetched
    }
}

static CHANGES: OnceLock<&Changing> = OnceLock::new();
static PLAN: OnceLock<&Planning> = OnceLock::new();
static CIPHERS: OnceLock<&Answering> = OnceLock::new();
static CONTROLS: OnceLock<&Controlling> = OnceLock::new();
static REPORT: OnceLock<&Writing> = OnceLock::new();
static EXPLANATIONS: OnceLock<&Explaining> = OnceLock::new();
static LANGUAGES: OnceLock<fn(&str) -> Option<Said>> = OnceLock::new();

/// What changes the text, once it is there.
pub(crate) fn changes() -> Option<&'static Changing> {
    CHANGES.get().copied()
}

/// What plans the move, once it is there.
pub(crate) fn plan() -> Option<&'static Planning> {
    PLAN.get().copied()
}

/// What explains cipher strings, once it is there.
pub(crate) fn ciphers() -> Option<&'static Answering> {
    CIPHERS.get().copied()
}

/// What few visits need of the controls, once it is there.
pub(crate) fn controls() -> Option<&'static Controlling> {
    CONTROLS.get().copied()
}

/// What writes the report for programs, once it is there.
pub(crate) fn report() -> Option<&'static Writing> {
    REPORT.get().copied()
}

/// What explains rules, once it is there.
pub(crate) fn explanations() -> Option<&'static Explaining> {
    EXPLANATIONS.get().copied()
}

/// The words of a language by its code, once they are there; none for the page's own language.
pub(crate) fn words_of(code: &str) -> Option<Said> {
    LANGUAGES.get().and_then(|of_language| of_language(code))
}

impl Part {
    /// The first reader that a text asks for and that is not there; `dialect` is what the text was said to be, or empty.
    pub(crate) fn missing_reader(sources: &Sources, dialect: &str) -> Option<Part> {
        let said = smtplint_core::dialect::by_id(dialect);
        let mut dialects = smtplint_core::dialects_in(sources).into_iter().chain(said);
        let missing = dialects.find(|dialect| !dialect.reader().is_there());
        missing.map(|dialect| Part::Reader(dialect.id()))
    }

    /// Whether it is there.
    pub(crate) fn is_there(self) -> bool {
        match self {
            Part::Reader(id) => smtplint_core::dialect::by_id(id).is_some_and(|dialect| dialect.reader().is_there()),
            Part::Changes => changes().is_some(),
            Part::Plan => plan().is_some(),
            Part::Ciphers => ciphers().is_some(),
            Part::Controls => controls().is_some(),
            Part::Report => report().is_some(),
            Part::Explanations => explanations().is_some(),
            Part::Languages => LANGUAGES.get().is_some(),
        }
    }

    /// Fetches it; at once where it is there already.
    ///
    /// # Errors
    ///
    /// [`NotFetched`] when it did not come. Another attempt may succeed.
    pub(crate) async fn fetch(self) -> Result<(), NotFetched> {
        match self {
            Part::Reader(id) => match id {
                "dovecot" => hand_over(id, fetch_dovecot().await?),
                "exim" => hand_over(id, fetch_exim().await?),
                "postfix" => hand_over(id, fetch_postfix().await?),
                _ => return Err(NotFetched),
            },
            Part::Changes => drop(CHANGES.set(fetch_changes().await?)),
            Part::Plan => drop(PLAN.set(fetch_plan().await?)),
            Part::Ciphers => drop(CIPHERS.set(fetch_ciphers().await?)),
            Part::Controls => drop(CONTROLS.set(fetch_controls().await?)),
            Part::Report => drop(REPORT.set(fetch_report().await?)),
            Part::Explanations => drop(EXPLANATIONS.set(fetch_explanations().await?)),
            Part::Languages => drop(LANGUAGES.set(fetch_languages().await?)),
        }
        Ok(())
    }
}

fn hand_over(id: &str, read: Read) {
    if let Some(dialect) = smtplint_core::dialect::by_id(id) {
        dialect.reader().hand_over(read);
    }
}

#[wasm_split(dovecot, fallible)]
fn fetch_dovecot() -> Result<Read, NotFetched> {
    Ok(smtplint_core::dialects::dovecot::read)
}

#[wasm_split(exim, fallible)]
fn fetch_exim() -> Result<Read, NotFetched> {
    Ok(smtplint_core::dialects::exim::read)
}

#[wasm_split(postfix, fallible)]
fn fetch_postfix() -> Result<Read, NotFetched> {
    Ok(smtplint_core::dialects::postfix::read)
}

#[wasm_split(changes, fallible)]
fn fetch_changes() -> Result<&'static Changing, NotFetched> {
    smtplint_core::dialects::hand_over_edits();
    Ok(&mending::CHANGING)
}

#[wasm_split(plan, fallible)]
fn fetch_plan() -> Result<&'static Planning, NotFetched> {
    smtplint_core::dialects::hand_over_edits();
    Ok(&migration::PLANNING)
}

#[wasm_split(ciphers, fallible)]
fn fetch_ciphers() -> Result<&'static Answering, NotFetched> {
    Ok(&ciphers::ANSWERING)
}

#[wasm_split(controls, fallible)]
fn fetch_controls() -> Result<&'static Controlling, NotFetched> {
    Ok(&controls::CONTROLLING)
}

#[wasm_split(report, fallible)]
fn fetch_report() -> Result<&'static Writing, NotFetched> {
    // One form of it tells what the rules mean.
    #[cfg(target_family = "wasm")]
    smtplint_core::texts::hand_over_rule_texts();
    Ok(&machine::WRITING)
}

#[wasm_split(explanations, fallible)]
fn fetch_explanations() -> Result<&'static Explaining, NotFetched> {
    #[cfg(target_family = "wasm")]
    smtplint_core::texts::hand_over_rule_texts();
    Ok(&explain::EXPLAINING)
}

#[wasm_split(languages, fallible)]
fn fetch_languages() -> Result<fn(&str) -> Option<Said>, NotFetched> {
    Ok(words::of_language)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn every_server_has_a_part_that_reads_it() {
        for dialect in smtplint_core::dialects::DIALECTS {
            // Where everything is inside, nothing has to be waited for.
            let fetched = pin!(Part::Reader(dialect.id()).fetch()).poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(fetched, Poll::Ready(Ok(())), "{}", dialect.id());
        }
    }
}
