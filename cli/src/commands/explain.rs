//! `smtplint explain`.

use std::process::ExitCode;

use smtplint_core::document;

use crate::args::ExplainOptions;
use crate::error::Error;
use crate::{output, text};

/// Prints the text of a rule.
pub(crate) fn run(options: &ExplainOptions) -> Result<ExitCode, Error> {
    let id = options.rule.as_str();
    let explanation = document::explanation(id).ok_or_else(|| Error::Rule {
        id: id.to_owned(),
        nearest: smtplint_core::nearest_rule(id).map(str::to_owned),
    })?;
    output::print(&text::explanation::render(id, &explanation))?;
    Ok(ExitCode::SUCCESS)
}
