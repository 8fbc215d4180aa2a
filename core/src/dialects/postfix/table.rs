//! The table of parameters as text, and where each of its lines begins: a run reads only the lines it asks for.

#[cfg(feature = "embedded")]
pub(crate) use embedded::text;
#[cfg(feature = "embedded")]
pub(super) use embedded::starts;
#[cfg(not(feature = "embedded"))]
pub(super) use handed_over::{starts, text};

/// True for the first byte of a line that is not of the head.
const fn begins(table: &[u8], at: usize) -> bool {
    (at == 0 || table[at - 1] == b'\n') && table[at] != b'#'
}

/// Inside the program, where the compiler has looked for the lines.
#[cfg(feature = "embedded")]
mod embedded {
    const TABLE: &str = include_str!("parameters.tsv");

    const LINES: usize = {
        let table = TABLE.as_bytes();
        let (mut lines, mut at) = (0, 0);
        while at < table.len() {
            lines += super::begins(table, at) as usize;
            at += 1;
        }
        lines
    };

    static STARTS: [u32; LINES] = {
        let table = TABLE.as_bytes();
        let mut starts = [0; LINES];
        let (mut line, mut at) = (0, 0);
        while at < table.len() {
            if super::begins(table, at) {
                starts[line] = at as u32;
                line += 1;
            }
            at += 1;
        }
        starts
    };

    /// The table, its head included.
    pub(crate) fn text() -> &'static str {
        TABLE
    }

    /// Where its lines begin, sorted by name, the oldest release of each first.
    pub(crate) fn starts() -> &'static [u32] {
        &STARTS
    }
}

/// Beside the program.
#[cfg(not(feature = "embedded"))]
mod handed_over {
    use std::sync::OnceLock;

    /// The table, its head included.
    pub(crate) fn text() -> &'static str {
        crate::texts::text(crate::texts::PARAMETERS)
    }

    /// Where its lines begin, sorted by name, the oldest release of each first.
    pub(crate) fn starts() -> &'static [u32] {
        static STARTS: OnceLock<Vec<u32>> = OnceLock::new();
        STARTS.get_or_init(|| {
            let table = text().as_bytes();
            (0_u32..).zip(0..table.len()).filter(|(_, at)| super::begins(table, *at)).map(|(start, _)| start).collect()
        })
    }
}
