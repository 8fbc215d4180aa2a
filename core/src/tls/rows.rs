//! The lines of a table.

/// The lines of a table with their numbers in the file, its head left out.
pub(crate) fn rows(table: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = (1..).zip(table.lines());
    numbered.filter(|(_, line)| !line.starts_with('#') && !line.is_empty())
}
