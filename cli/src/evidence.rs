//! The file of `--evidence`: what `smtplint usage --format json` has printed.

use std::path::Path;

use smtplint_core::usage::Usage;

use crate::error::Error;

/// Who uses what, by the log that was counted.
pub(crate) fn read(path: &Path) -> Result<Usage, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Unreadable {
        path: path.to_path_buf(),
        source,
    })?;
    Usage::parse(&text).map_err(|what| Error::Evidence {
        path: path.to_path_buf(),
        what,
    })
}
