//! Reading a row column by column; what is not as the head of the table says is refused.

use std::fmt;
use std::str::{FromStr, Split};

use crate::tls::openssl::Release;
use crate::tls::rows::rows;
use crate::tls::traits::Group;

/// Why a table is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    file: &'static str,
    line: usize,
    what: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// A row that is being read.
pub(super) struct Row<'a> {
    file: &'static str,
    line: usize,
    columns: Split<'a, char>,
}

/// Reads every row of a table.
pub(super) fn read<'a, T>(
    file: &'static str,
    table: &'a str,
    mut one: impl FnMut(&mut Row<'a>) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let read = |(line, text): (usize, &'a str)| {
        let mut row = Row {
            file,
            line,
            columns: text.split('\t'),
        };
        let read = one(&mut row)?;
        match row.columns.next() {
            None => Ok(read),
            Some(more) => Err(row.wrong(format!("`{more}` is one column too many"))),
        }
    };
    rows(table).map(read).collect()
}

impl<'a> Row<'a> {
    /// That this row is refused.
    pub(super) fn wrong(&self, what: String) -> Wrong {
        Wrong {
            file: self.file,
            line: self.line,
            what,
        }
    }

    /// The next column.
    pub(super) fn text(&mut self) -> Result<&'a str, Wrong> {
        match self.columns.next() {
            Some("") => Err(self.wrong("a column is empty".to_owned())),
            Some(text) => Ok(text),
            None => Err(self.wrong("a column is missing".to_owned())),
        }
    }

    /// The next column, where `-` is none.
    pub(super) fn name(&mut self) -> Result<Option<&'a str>, Wrong> {
        Ok(Some(self.text()?).filter(|name| *name != "-"))
    }

    /// A number.
    pub(super) fn number<T: FromStr>(&mut self) -> Result<T, Wrong> {
        let text = self.text()?;
        text.parse().map_err(|_| self.wrong(format!("`{text}` is no number")))
    }

    /// A number of the protocol, hexadecimal.
    pub(super) fn id(&mut self) -> Result<u16, Wrong> {
        let text = self.text()?;
        u16::from_str_radix(text, 16).map_err(|_| self.wrong(format!("`{text}` is no hexadecimal number")))
    }

    /// One word of a group.
    pub(super) fn bit(&mut self, group: &Group) -> Result<u64, Wrong> {
        let word = self.text()?;
        self.known(word, &[group])
    }

    /// Words of some groups, commas between, `~` for all others, `-` for none.
    pub(super) fn bits(&mut self, groups: &[&Group]) -> Result<u64, Wrong> {
        let Some(words) = self.name()? else { return Ok(0) };
        let (others, list) = match words.strip_prefix('~') {
            Some(list) => (true, list),
            None => (false, words),
        };
        let mut named = 0;
        for word in list.split(',') {
            named |= self.known(word, groups)?;
        }
        let all = groups.iter().fold(0, |all, group| all | group.mask());
        Ok(if others { all & !named } else { named })
    }

    /// Releases of OpenSSL, commas between, `-` for none; a bit for each.
    pub(super) fn releases(&mut self) -> Result<u8, Wrong> {
        let mut bits = 0;
        for name in self.name()?.into_iter().flat_map(|names| names.split(',')) {
            let known = Release::ALL.into_iter().find(|release| release.name() == name);
            bits |= known
                .ok_or_else(|| self.wrong(format!("`{name}` is no release of OpenSSL")))?
                .bit();
        }
        Ok(bits)
    }

    fn known(&self, word: &str, groups: &[&Group]) -> Result<u64, Wrong> {
        match groups.iter().fold(0, |bits, group| bits | group.bit(word)) {
            0 => Err(self.wrong(format!("`{word}` is not a word of this column"))),
            bits => Ok(bits),
        }
    }
}
