//! Small configurations to try things on: `demo`, the page and the tests show them.

use crate::texts::{Text, text_file};

/// A configuration that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// What it shows, in one sentence.
    pub about: &'static str,
    pub(crate) text: Text,
}

impl Sample {
    /// Files under their headings, ready for [`crate::intake::split`].
    #[must_use]
    pub fn text(&self) -> &'static str {
        self.text.read()
    }
}

/// All samples; the first one is the one that `demo` shows.
pub static SAMPLES: &[Sample] = &[
    Sample {
        name: "grown-over-years",
        about: "A server that has grown over the years: passwords in clear on 587, no TLS on 465, TLS required where strangers deliver.",
        text: text_file!("sample-grown-over-years", "samples/grown-over-years.txt"),
    },
    Sample {
        name: "both-ports-done-right",
        about: "465 and 587 with the same policy, 25 for other servers: all there is to say is where the two stand today.",
        text: text_file!("sample-both-ports-done-right", "samples/both-ports-done-right.txt"),
    },
    Sample {
        name: "hardened-in-the-wrong-list",
        about: "Someone raised the TLS floor, but in the list that submission does not read.",
        text: text_file!(
            "sample-hardened-in-the-wrong-list",
            "samples/hardened-in-the-wrong-list.txt"
        ),
    },
    Sample {
        name: "mailboxes-in-clear",
        about: "Dovecot: passwords in clear on 143 and 110, port 993 without TLS, and versions that nobody should speak any more.",
        text: text_file!("sample-mailboxes-in-clear", "samples/mailboxes-in-clear.txt"),
    },
    Sample {
        name: "exim-grown-by-hand",
        about: "Exim: passwords in clear on 587 and 465, no TLS from the first byte there, and too wide a network that may send to anywhere.",
        text: text_file!("sample-exim-grown-by-hand", "samples/exim-grown-by-hand.txt"),
    },
];
