//! The two forms of the page: linked files for a server, and everything in one file.
//!
//! Both come from `index.html` and differ only in how script and style are had. Neither may connect
//! to anything, their own server included, so the program itself travels inside the script.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::Error;

/// What the shell is filled with.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// `index.html` as written.
    pub shell: &'a str,
    /// The whole script, the program inside it.
    pub script: &'a str,
    /// The style sheet.
    pub style: &'a str,
}

/// The form for a server: the page, and the two files it links to.
#[derive(Debug)]
pub struct Hosted {
    /// `index.html`, filled in.
    pub page: String,
    /// The script's file name, which changes with its content, so that no cache can serve an old one.
    pub script_name: String,
    /// The style sheet's file name, made the same way.
    pub style_name: String,
}

/// One script out of its parts, in the order they need; program and texts are compressed.
pub fn script(glue: &str, program: &[u8], texts: &[u8], start: &str) -> String {
    let (program, texts) = (STANDARD.encode(program), STANDARD.encode(texts));
    format!("{glue}\nconst smtplintProgram = \"{program}\";\nconst smtplintPackedTexts = \"{texts}\";\n{start}")
}

/// The page that links to its script and its style sheet.
///
/// # Errors
///
/// [`Error::Shell`] when `index.html` has not every placeholder exactly once.
pub fn hosted(parts: Parts<'_>) -> Result<Hosted, Error> {
    let script_name = format!("smtplint-{}.js", short_digest(parts.script));
    let style_name = format!("smtplint-{}.css", short_digest(parts.style));
    let style = format!(
        "<link rel=\"stylesheet\" href=\"{style_name}\" integrity=\"{}\">",
        digest(parts.style)
    );
    let script = format!(
        "<script src=\"{script_name}\" integrity=\"{}\"></script>",
        digest(parts.script)
    );
    let page = fill(parts.shell, &policy("'self'", "'self'"), &style, &script)?;
    Ok(Hosted {
        page,
        script_name,
        style_name,
    })
}

/// The page that is one file and works from a disk as from a server.
///
/// # Errors
///
/// [`Error::Shell`] when `index.html` has not every placeholder exactly once, or when script or style
/// contain what would end them early.
pub fn single(parts: Parts<'_>) -> Result<String, Error> {
    embeddable("the script", parts.script, &["</script", "<script", "<!--"])?;
    embeddable("the style sheet", parts.style, &["</style", "<!--"])?;
    let policy = policy(
        &format!("'{}'", digest(parts.script)),
        &format!("'{}'", digest(parts.style)),
    );
    let style = format!("<style>{}</style>", parts.style);
    let script = format!("<script>{}</script>", parts.script);
    fill(parts.shell, &policy, &style, &script)
}

/// What the page may do. `data:` images are the icon, which is part of the page.
fn policy(script: &str, style: &str) -> String {
    format!(
        "default-src 'none'; connect-src 'none'; script-src {script} 'wasm-unsafe-eval'; style-src {style}; \
         img-src data:; base-uri 'none'; form-action 'none'"
    )
}

fn fill(shell: &str, policy: &str, style: &str, script: &str) -> Result<String, Error> {
    // The script comes last: nothing looks for placeholders inside it.
    let mut page = shell.to_owned();
    for (name, value) in [
        ("{{content-security-policy}}", policy),
        ("{{style}}", style),
        ("{{script}}", script),
    ] {
        let count = shell.matches(name).count();
        if count != 1 {
            return Err(Error::Shell(format!(
                "the placeholder {name} must be there once, and is there {count} times"
            )));
        }
        page = page.replacen(name, value, 1);
    }
    Ok(page)
}

fn embeddable(what: &str, text: &str, enders: &[&str]) -> Result<(), Error> {
    let lower = text.to_ascii_lowercase();
    match enders.iter().find(|ender| lower.contains(**ender)) {
        Some(ender) => Err(Error::Shell(format!(
            "{what} contains `{ender}`, which would end it early inside a page"
        ))),
        None => Ok(()),
    }
}

/// As Content-Security-Policy and `integrity` write it.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn short_digest(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: &str = "<meta content=\"{{content-security-policy}}\">{{style}}<main id=\"app\"></main>{{script}}";

    fn parts() -> Parts<'static> {
        Parts {
            shell: SHELL,
            script: "alert(1)",
            style: "p { color: red }",
        }
    }

    #[test]
    fn digests_are_those_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(digest("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(short_digest("abc"), "ba7816bf");
    }

    #[test]
    fn the_single_file_allows_exactly_its_own_script_and_style() {
        let page = single(parts()).expect("the shell is complete");
        assert!(page.contains(&format!("script-src '{}' 'wasm-unsafe-eval';", digest("alert(1)"))));
        assert!(page.contains(&format!("style-src '{}';", digest("p { color: red }"))));
        assert!(page.contains("<script>alert(1)</script>"));
        assert!(page.contains("default-src 'none'; connect-src 'none';"));
        for lax in ["unsafe-inline", "'unsafe-eval'", "'self'", "http", "*"] {
            assert!(!page.contains(lax), "{lax} in {page}");
        }
    }

    #[test]
    fn the_hosted_form_connects_to_nothing_and_names_its_files_after_their_content() {
        let first = hosted(parts()).expect("the shell is complete");
        let other = hosted(Parts {
            script: "alert(2)",
            ..parts()
        })
        .expect("the shell is complete");
        assert!(
            first
                .page
                .contains("connect-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';")
        );
        assert!(first.page.contains(&format!(
            "src=\"{}\" integrity=\"{}\"",
            first.script_name,
            digest("alert(1)")
        )));
        assert_ne!(first.script_name, other.script_name);
        assert_eq!(first.style_name, other.style_name);
    }

    #[test]
    fn a_script_that_would_end_early_is_refused() {
        for script in ["'</script>'", "'</SCRIPT '", "'<!--'"] {
            let error = single(Parts { script, ..parts() }).expect_err(script);
            assert!(error.to_string().contains("end it early"), "{error}");
        }
    }

    #[test]
    fn a_missing_or_doubled_placeholder_is_named() {
        for shell in [SHELL.replace("{{style}}", ""), format!("{SHELL}{{{{style}}}}")] {
            let error = single(Parts {
                shell: &shell,
                ..parts()
            })
            .expect_err("the shell is wrong");
            assert!(error.to_string().contains("{{style}}"), "{error}");
        }
    }
}
