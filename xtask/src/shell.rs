//! The two forms of the page: linked files for a server, and everything in one file.
//!
//! Both come from `index.html` and differ only in how script, style and pieces are had. Neither may connect
//! to anything, their own server included, so the program itself travels inside scripts.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::Error;

/// A compressed piece of fewer bytes travels with what is loaded at first: to ask for it would take longer than to bring it.
pub const SMALL: usize = 2_000;

/// What the shell is filled with. Program, pieces and texts are compressed.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// `index.html` as written.
    pub shell: &'a str,
    /// The style sheet.
    pub style: &'a str,
    /// What is loaded at first.
    pub program: &'a [u8],
    /// The pieces of the parts, by name.
    pub pieces: &'a BTreeMap<String, Vec<u8>>,
    /// The names of the pieces that each part consists of.
    pub parts: &'a BTreeMap<String, Vec<String>>,
    /// The texts beside the program.
    pub texts: &'a [u8],
    /// What fetches parts, wasm-bindgen's script, and what starts the page.
    pub script: &'a str,
}

/// The form for a server.
#[derive(Debug)]
pub struct Hosted {
    /// `index.html`, filled in.
    pub page: String,
    /// The files beside it, by name. The name changes with the content, so that no cache can serve an old one.
    pub files: BTreeMap<String, String>,
}

/// The page that links to its script and its style sheet; each piece that is not [`SMALL`] is a script of its own.
///
/// # Errors
///
/// [`Error::Shell`] when `index.html` has not every placeholder exactly once.
pub fn hosted(content: Content<'_>) -> Result<Hosted, Error> {
    let mut files = BTreeMap::new();
    let mut add = |name: &str, kind: &str, text: String| {
        let name = format!("smtplint-{name}{}.{kind}", short_digest(&text));
        let digest = digest(&text);
        files.insert(name.clone(), text);
        (name, digest)
    };
    let mut place = |(name, piece): (&String, &Vec<u8>)| {
        let encoded = STANDARD.encode(piece);
        let place = if piece.len() < SMALL {
            Value::from(encoded)
        } else {
            let script = format!("smtplintArrived[\"{name}\"] = \"{encoded}\";\n");
            let (file, digest) = add(&format!("{name}-"), "js", script);
            vec![file, digest].into()
        };
        (name.clone(), place)
    };
    let places = content.pieces.iter().map(&mut place).collect();
    let (style, style_digest) = add("", "css", content.style.to_owned());
    let (script, script_digest) = add("", "js", script(content, places));
    let style = format!("<link rel=\"stylesheet\" href=\"{style}\" integrity=\"{style_digest}\">");
    let script = format!("<script src=\"{script}\" integrity=\"{script_digest}\"></script>");
    let page = fill(content.shell, &policy("'self'", "'self'"), &style, &script)?;
    Ok(Hosted { page, files })
}

/// The page that is one file and works from a disk as from a server.
///
/// # Errors
///
/// [`Error::Shell`] when `index.html` has not every placeholder exactly once, or when script or style
/// contain what would end them early.
pub fn single(content: Content<'_>) -> Result<String, Error> {
    let pieces = content.pieces.iter();
    let pieces = pieces.map(|(name, piece)| (name.clone(), STANDARD.encode(piece).into()));
    let script = script(content, pieces.collect());
    embeddable("the script", &script, &["</script", "<script", "<!--"])?;
    embeddable("the style sheet", content.style, &["</style", "<!--"])?;
    let policy = policy(
        &format!("'{}'", digest(&script)),
        &format!("'{}'", digest(content.style)),
    );
    let style = format!("<style>{}</style>", content.style);
    fill(content.shell, &policy, &style, &format!("<script>{script}</script>"))
}

/// The script behind what it works with. `pieces` are the pieces themselves, or where they are.
fn script(content: Content<'_>, pieces: Map<String, Value>) -> String {
    let constants = [
        ("Parts", json!(content.parts)),
        ("Pieces", pieces.into()),
        ("Program", STANDARD.encode(content.program).into()),
        ("PackedTexts", STANDARD.encode(content.texts).into()),
    ];
    let constants = constants.map(|(name, value)| format!("const smtplint{name} = {value};\n"));
    constants.concat() + content.script
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

    /// Looks at a page made of little, with a piece of so many bytes.
    fn of_bytes<T>(bytes: usize, change: impl FnOnce(&mut Content<'_>), look: impl FnOnce(Content<'_>) -> T) -> T {
        let pieces = BTreeMap::from([("split_plan".to_owned(), vec![0; bytes])]);
        let parts = BTreeMap::from([("plan".to_owned(), vec!["split_plan".to_owned()])]);
        let mut content = Content {
            shell: SHELL,
            style: "p { color: red }",
            program: b"program",
            pieces: &pieces,
            parts: &parts,
            texts: b"texts",
            script: "start()",
        };
        change(&mut content);
        look(content)
    }

    fn with<T>(change: impl FnOnce(&mut Content<'_>), look: impl FnOnce(Content<'_>) -> T) -> T {
        of_bytes(SMALL, change, look)
    }

    #[test]
    fn digests_are_those_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(digest("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(short_digest("abc"), "ba7816bf");
    }

    #[test]
    fn the_single_file_allows_exactly_its_own_script_and_style() {
        let page = of_bytes(3, |_| {}, single).expect("the shell is complete");
        let (_, script) = page.split_once("<script>").expect("a script");
        let script = script.strip_suffix("</script>").expect("its end");
        assert!(page.contains(&format!("script-src '{}' 'wasm-unsafe-eval';", digest(script))));
        assert!(page.contains(&format!("style-src '{}';", digest("p { color: red }"))));
        assert!(page.contains("default-src 'none'; connect-src 'none';"));
        let lines = [
            "const smtplintParts = {\"plan\":[\"split_plan\"]};",
            "const smtplintPieces = {\"split_plan\":\"AAAA\"};",
            "const smtplintProgram = \"cHJvZ3JhbQ==\";",
            "const smtplintPackedTexts = \"dGV4dHM=\";",
            "start()",
        ];
        assert_eq!(script, lines.join("\n"));
        let policy = page.split("</main>").next().unwrap_or_default();
        for lax in ["unsafe-inline", "'unsafe-eval'", "'self'", "http", "*"] {
            assert!(!policy.contains(lax), "{lax} in {page}");
        }
    }

    #[test]
    fn the_hosted_form_connects_to_nothing_and_names_its_files_after_their_content() {
        let first = with(|_| {}, hosted).expect("the shell is complete");
        let other = with(|content| content.script = "other()", hosted).expect("the shell is complete");
        assert!(
            first
                .page
                .contains("connect-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';")
        );
        let names = |hosted: &Hosted| hosted.files.keys().cloned().collect::<Vec<_>>();
        let (before, after) = (names(&first), names(&other));
        assert_eq!((before.len(), after.len()), (3, 3), "{before:?}");
        let stay: Vec<_> = before.iter().filter(|name| after.contains(name)).collect();
        assert!(
            matches!(stay[..], [piece, style] if piece.starts_with("smtplint-split_plan-") && style.ends_with(".css")
                || style.starts_with("smtplint-split_plan-") && piece.ends_with(".css")),
            "{stay:?}"
        );
        for (name, text) in &first.files {
            let digest = digest(text);
            let linked = |inside: &str| inside.contains(&format!("\"{name}\"")) && inside.contains(&digest);
            let is_linked = linked(&first.page) || first.files.values().any(|script| linked(script));
            assert!(is_linked, "{name} with {digest}");
        }
        let small = of_bytes(SMALL - 1, |_| {}, hosted).expect("the shell is complete");
        assert_eq!(small.files.len(), 2, "{:?}", names(&small));
    }

    #[test]
    fn a_script_that_would_end_early_is_refused() {
        for script in ["'</script>'", "'</SCRIPT '", "'<!--'"] {
            let error = with(|content| content.script = script, single).expect_err(script);
            assert!(error.to_string().contains("end it early"), "{error}");
        }
    }

    #[test]
    fn a_missing_or_doubled_placeholder_is_named() {
        for shell in [SHELL.replace("{{style}}", ""), format!("{SHELL}{{{{style}}}}")] {
            let error = with(|content| content.shell = Box::leak(shell.into_boxed_str()), single)
                .expect_err("the shell is wrong");
            assert!(error.to_string().contains("{{style}}"), "{error}");
        }
    }
}
