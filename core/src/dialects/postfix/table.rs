//! The table of parameters, taken apart: by the compiler where it is inside the program, at the first look where it travels
//! beside it.

#[cfg(feature = "embedded")]
pub(crate) use embedded::text;
#[cfg(feature = "embedded")]
pub(super) use embedded::{all, first_of};
#[cfg(not(feature = "embedded"))]
pub(super) use handed_over::{all, first_of};

/// Inside the program.
#[cfg(feature = "embedded")]
mod embedded {
    use super::super::parameters::{Parameter, is_of_head, parse, split_at_byte};
    use crate::gather::{hash, is_same};

    const TABLE: &str = include_str!("parameters.tsv");

    const LINES: usize = {
        let (mut lines, mut rest) = (0, TABLE);
        while !rest.is_empty() {
            let (line, behind) = split_at_byte(rest, b'\n');
            lines += !is_of_head(line) as usize;
            rest = behind;
        }
        lines
    };

    static PARAMETERS: [Parameter; LINES] = {
        let mut parameters = [parse(""); LINES];
        let (mut next, mut rest) = (0, TABLE);
        while !rest.is_empty() {
            let (line, behind) = split_at_byte(rest, b'\n');
            if !is_of_head(line) {
                parameters[next] = parse(line);
                next += 1;
            }
            rest = behind;
        }
        parameters
    };

    /// Where the first line of each name stands, one behind its place: at the name's hash, or at the first free slot behind it.
    static SLOTS: [u16; SLOT_COUNT] = {
        let mut slots = [0; SLOT_COUNT];
        let mut at = 0;
        while at < LINES {
            if at == 0 || !is_same(PARAMETERS[at - 1].name, PARAMETERS[at].name) {
                let mut slot = slot(PARAMETERS[at].name);
                while slots[slot] != 0 {
                    slot = (slot + 1) % SLOT_COUNT;
                }
                slots[slot] = at as u16 + 1;
            }
            at += 1;
        }
        slots
    };

    /// Twice as many as lines, and a power of two.
    const SLOT_COUNT: usize = (2 * LINES).next_power_of_two();

    const fn slot(name: &str) -> usize {
        hash(name) as usize % SLOT_COUNT
    }

    /// Where the lines of a name begin; `None` for a name that no release has.
    pub(crate) fn first_of(name: &str) -> Option<usize> {
        let mut slot = slot(name);
        loop {
            let at = usize::from(SLOTS[slot]).checked_sub(1)?;
            if is_same(PARAMETERS[at].name, name) {
                return Some(at);
            }
            slot = (slot + 1) % SLOT_COUNT;
        }
    }

    /// The table as it is written, its head included.
    pub(crate) fn text() -> &'static str {
        TABLE
    }

    /// Its lines, sorted by name, the oldest release of each first.
    pub(crate) fn all() -> &'static [Parameter] {
        &PARAMETERS
    }
}

/// Beside the program.
#[cfg(not(feature = "embedded"))]
mod handed_over {
    use std::sync::OnceLock;

    use super::super::parameters::{Parameter, is_of_head, parse};

    /// Its lines, sorted by name, the oldest release of each first.
    pub(crate) fn all() -> &'static [Parameter] {
        static PARAMETERS: OnceLock<Vec<Parameter>> = OnceLock::new();
        PARAMETERS.get_or_init(|| {
            let table = crate::texts::text(crate::texts::PARAMETERS);
            table.lines().filter(|line| !is_of_head(line)).map(parse).collect()
        })
    }

    /// Where the lines of a name begin; `None` for a name that no release has.
    pub(crate) fn first_of(name: &str) -> Option<usize> {
        let first = all().partition_point(|line| line.name < name);
        all().get(first).is_some_and(|line| line.name == name).then_some(first)
    }
}
