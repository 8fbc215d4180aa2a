//! Reading what the program wrote down to travel beside it.

/// The parts of a line that the program wrote itself.
pub(crate) struct Parts(std::str::Split<'static, char>);

impl Parts {
    /// Those between tabs.
    pub(crate) fn of(line: &'static str) -> Parts {
        Parts(line.split('\t'))
    }

    /// The next part; empty behind the last one.
    pub(crate) fn text(&mut self) -> &'static str {
        self.0.next().unwrap_or("")
    }

    /// The next part as a number that fits; 0 for anything else.
    pub(crate) fn number<T: TryFrom<u64> + Default>(&mut self) -> T {
        let number = self
            .text()
            .parse()
            .ok()
            .and_then(|number: u64| T::try_from(number).ok());
        number.unwrap_or_default()
    }
}
