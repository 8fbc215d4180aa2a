//! `cargo xtask pictures`: the pictures of the README, made from the program as it is.

use std::fs;
use std::process::Command;

use crate::Error;
use crate::run::{ask, cargo, root, run, step, target_directory};

/// Lines of the terminal that fit a README; the rest is for those who run it.
const LINES: usize = 60;

/// States of the page that the README shows; `docs/pictures.md` says what is to be seen in each.
pub const STATES: [&str; 4] = ["page", "change", "plan", "exim"];

/// Draws the terminal as SVG from what `demo` prints, and takes the page from the pictures that a browser test makes of it.
///
/// # Errors
///
/// [`Error::Failed`] when a program says no, [`Error::File`] when a picture cannot be read or written.
pub fn command() -> Result<(), Error> {
    let docs = root().join("docs");
    fs::create_dir_all(&docs).map_err(|source| Error::File {
        action: "create",
        path: docs.clone(),
        source,
    })?;
    step("terminal", || {
        run("build", &mut cargo(&["build", "--release", "--package", "smtplint"]))?;
        let program = target_directory()?.join("release/smtplint");
        let printed = ask(Command::new(&program).args(["demo", "--color", "always"]))?;
        let text = String::from_utf8_lossy(&printed.stdout);
        let mut shown: Vec<&str> = text.lines().take(LINES).collect();
        // The picture ends where a finding ends.
        shown.truncate(shown.iter().rposition(|line| line.is_empty()).unwrap_or(shown.len()));
        let svg = anstyle_svg::Term::new().render_svg(&format!("$ smtplint demo\n\n{}\n", shown.join("\n")));
        let path = docs.join("terminal.svg");
        fs::write(&path, svg).map_err(|source| Error::File {
            action: "write",
            path,
            source,
        })
    })?;
    step("page", || {
        crate::page::build()?;
        let test = [
            "test",
            "--package",
            "smtplint-tests",
            "--features",
            "lab",
            "--test",
            "lab_pictures",
        ];
        run("browser", &mut cargo(&test))?;
        for state in STATES {
            let from = target_directory()?.join(format!("screenshots/{state}-1280-light.png"));
            fs::copy(&from, docs.join(format!("{state}.png"))).map_err(Error::file("copy", &from))?;
        }
        Ok(())
    })
}
