//! How far the reading of logs is, or of a list, for whoever waits at a terminal.

use std::io::{self, IsTerminal, Read};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error, or nothing where nobody looks.
#[derive(Debug, Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Of so many bytes; of an unknown number, when there is something else than files.
    pub(crate) fn new(bytes: Option<u64>, quiet: bool) -> Progress {
        Progress::with(
            bytes,
            quiet,
            if bytes.is_some() {
                "{wide_bar} {bytes} of {total_bytes}, {eta} left"
            } else {
                "{spinner} {bytes}"
            },
        )
    }

    /// Of domains, nobody knows how many; not where the results themselves come to the same terminal.
    pub(crate) fn counting_domains(quiet: bool) -> Progress {
        Progress::with(
            None,
            quiet || io::stdout().is_terminal(),
            "{spinner} {human_pos} domains, {per_sec}",
        )
    }

    fn with(length: Option<u64>, quiet: bool, template: &str) -> Progress {
        let is_seen = !quiet && io::stderr().is_terminal();
        let target = if is_seen {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(length, target);
        // A template that cannot be read leaves the library's own, which says the same with more words.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Progress(bar)
    }

    /// Counts what is read from here on.
    pub(super) fn counting<'r>(&self, bytes: impl Read + 'r) -> impl Read + 'r {
        self.0.wrap_read(bytes)
    }

    /// Counts one thing more.
    pub(crate) fn one_more(&self) {
        self.0.inc(1);
    }

    /// Takes it away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
