//! The table of parameters, taken apart: by the compiler where it is inside the program, at the first look where it travels
//! beside it.

#[cfg(feature = "embedded")]
pub(super) use embedded::all;
#[cfg(feature = "embedded")]
pub(crate) use embedded::text;
#[cfg(not(feature = "embedded"))]
pub(super) use handed_over::all;

/// Inside the program.
#[cfg(feature = "embedded")]
mod embedded {
    use super::super::parameters::{Parameter, is_of_head, parse, split_at_byte};

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
}
