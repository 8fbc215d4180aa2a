//! The configurations to ask about: our own under `tests/cases`, and an outside corpus where there is one.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where the outside corpus is looked for.
pub const OUTSIDE_VARIABLE: &str = "SMTPLINT_CORPUS";

/// One configuration.
#[derive(Debug, Clone)]
pub struct Case {
    /// `own/<directory>`, or the path within the outside corpus.
    pub name: String,
    /// Where the files are.
    pub directory: PathBuf,
    /// Relative path → bytes, sorted by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What the case says about itself; an outside case says nothing.
    pub expectations: Expectations,
}

/// `case.toml` of an own case.
#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    /// One sentence: what is remarkable.
    pub about: String,
    /// The traps it stands for.
    #[serde(default)]
    pub traps: Vec<String>,
    /// The version of the server it is for, as the command's `--target` takes it.
    pub target: Option<String>,
    /// The host name to assume.
    pub host_name: Option<String>,
    /// Findings that must be there: `rule-id`, or `rule-id@place`.
    #[serde(default)]
    pub expect: Vec<String>,
    /// Rules that must stay silent.
    #[serde(default)]
    pub forbid: Vec<String>,
    /// What a client sees, one line a listener: see `lab::Prediction`.
    #[serde(default)]
    pub facts: Vec<String>,
    /// What real postconf says, where it does not simply print the values: `fatal: …`.
    pub postconf: Option<String>,
}

/// The outside corpus: its cases, or the line that says why there are none.
#[derive(Debug, Clone)]
pub enum Outside {
    /// What was found, with its directory.
    Found(PathBuf, Vec<Case>),
    /// It is not there, which is no error.
    Absent(String),
}

/// Why a corpus could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A file or directory.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A `case.toml` that does not say what it must, or more.
    #[error("{}: {source}", path.display())]
    Toml {
        /// Which.
        path: PathBuf,
        /// What is wrong in it.
        source: Box<toml::de::Error>,
    },
    /// A directory without any file to read.
    #[error("{}: no configuration in it", .0.display())]
    Empty(PathBuf),
}

impl Case {
    /// The bytes of a file of the case.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }
}

/// The project's own cases: every directory of `tests/cases`, sorted by name.
///
/// # Errors
/// When the directory cannot be read, or a case has no readable `case.toml` or no file besides it.
pub fn own() -> Result<Vec<Case>, CorpusError> {
    read_own(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"))
}

/// As [`own`], from a given directory.
///
/// # Errors
/// As [`own`].
pub fn read_own(cases: &Path) -> Result<Vec<Case>, CorpusError> {
    let mut found = Vec::new();
    for directory in directories(cases)? {
        let mut case = read_case(cases, "own", directory)?;
        let path = case.directory.join("case.toml");
        let text = fs::read_to_string(&path).map_err(|source| CorpusError::Io {
            path: path.clone(),
            source,
        })?;
        case.expectations = toml::from_str(&text).map_err(|source| CorpusError::Toml {
            path,
            source: Box::new(source),
        })?;
        case.files.remove("case.toml");
        if case.files.is_empty() {
            return Err(CorpusError::Empty(case.directory));
        }
        found.push(case);
    }
    Ok(found)
}

/// The Postfix part of the outside corpus: `postfix/*` and `postconf-n/*` of the directory the variable
/// `SMTPLINT_CORPUS` names, else of `../shared/corpus` beside the project, where there is one.
///
/// # Errors
/// When it is there and cannot be read, or the variable names what is not there.
pub fn outside() -> Result<Outside, CorpusError> {
    if let Some(directory) = env::var_os(OUTSIDE_VARIABLE) {
        let directory = PathBuf::from(directory);
        return read_outside(&directory).map(|cases| Outside::Found(directory, cases));
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    match beside.canonicalize() {
        Ok(directory) => read_outside(&directory).map(|cases| Outside::Found(directory, cases)),
        Err(_) => Ok(Outside::Absent(format!(
            "no outside corpus: {OUTSIDE_VARIABLE} is not set and ../shared/corpus is not there"
        ))),
    }
}

/// As [`outside`], from a given directory.
///
/// # Errors
/// When it cannot be read.
pub fn read_outside(corpus: &Path) -> Result<Vec<Case>, CorpusError> {
    read_parts(corpus, &["postfix", "postconf-n"])
}

/// As [`read_outside`], of the parts with these names.
///
/// # Errors
/// When it cannot be read.
pub fn read_parts(corpus: &Path, parts: &[&str]) -> Result<Vec<Case>, CorpusError> {
    // A directory that is not there is an error; a part that is not there is not.
    directories(corpus)?;
    let mut found = Vec::new();
    for part in parts {
        let within = corpus.join(part);
        if !within.is_dir() {
            continue;
        }
        for directory in directories(&within)? {
            found.push(read_case(&within, part, directory)?);
        }
    }
    Ok(found)
}

fn read_case(within: &Path, prefix: &str, directory: PathBuf) -> Result<Case, CorpusError> {
    let mut files = BTreeMap::new();
    collect(&directory, &directory, &mut files)?;
    if files.is_empty() {
        return Err(CorpusError::Empty(directory));
    }
    Ok(Case {
        name: format!("{prefix}/{}", relative(within, &directory)),
        directory,
        files,
        expectations: Expectations::default(),
    })
}

fn collect(root: &Path, directory: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), CorpusError> {
    for path in entries(directory)? {
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let bytes = fs::read(&path).map_err(|source| CorpusError::Io {
                path: path.clone(),
                source,
            })?;
            files.insert(relative(root, &path), bytes);
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

fn directories(within: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    Ok(entries(within)?.into_iter().filter(|path| path.is_dir()).collect())
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let failed = |source| CorpusError::Io {
        path: directory.to_path_buf(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary directory");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("create");
            fs::write(path, text).expect("write");
        }
        root
    }

    #[test]
    fn an_own_case_carries_its_expectations_and_its_files() {
        let toml = "about = \"x\"\ntraps = [\"t\"]\nhost_name = \"mx.test\"\nforbid = [\"r\"]\n";
        let root = written(&[
            ("b/case.toml", "about = \"y\""),
            ("b/paste.txt", "p"),
            ("a/case.toml", toml),
        ]);
        fs::write(root.path().join("a/main.cf"), b"\xff = 1\n").expect("write");
        let cases = read_own(root.path()).expect("cases");
        assert_eq!(
            cases.iter().map(|case| case.name.as_str()).collect::<Vec<_>>(),
            ["own/a", "own/b"]
        );
        assert_eq!(cases[0].file("main.cf"), Some(&b"\xff = 1\n"[..]));
        assert_eq!(cases[0].files.len(), 1);
        assert_eq!(cases[0].expectations.host_name.as_deref(), Some("mx.test"));
        assert_eq!(cases[0].expectations.forbid, ["r"]);
    }

    #[test]
    fn a_misspelt_field_is_an_error_that_names_the_file() {
        let root = written(&[("a/case.toml", "about = \"x\"\nexpects = []\n"), ("a/main.cf", "")]);
        let error = read_own(root.path()).expect_err("misspelt").to_string();
        assert!(error.contains("a/case.toml") && error.contains("expects"), "{error}");
    }

    #[test]
    fn a_case_without_configuration_is_an_error() {
        let root = written(&[("a/case.toml", "about = \"x\"\n")]);
        assert!(matches!(read_own(root.path()), Err(CorpusError::Empty(_))));
    }

    #[test]
    fn the_outside_corpus_has_two_parts_and_sub_folders() {
        let root = written(&[
            ("postfix/o__r/main.cf", "a = 1"),
            ("postfix/o__r/sasl/x", ""),
            ("exim/o/x", ""),
        ]);
        let cases = read_outside(root.path()).expect("cases");
        assert_eq!(cases.len(), 1);
        assert_eq!(cases[0].name, "postfix/o__r");
        assert_eq!(cases[0].files.keys().collect::<Vec<_>>(), ["main.cf", "sasl/x"]);
        assert!(read_outside(&root.path().join("nowhere")).is_err());
    }
}
