//! The libraries' own tools, asked about cipher strings and priority strings: this machine's, and those of other releases.

pub mod generate;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::corpus::{self, Outside};
use crate::program::in_parallel;

/// A system with a release of the libraries: this one, or one below a folder.
#[derive(Debug, Clone)]
pub enum System {
    /// The machine itself.
    Here,
    /// A small system of another release of Debian, as `cargo xtask lab --install` makes them.
    Below(PathBuf),
}

/// One question: options, and the string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What stands before the string, blanks between.
    pub options: String,
    /// The string, without line ends and tabs.
    pub string: String,
}

/// Strings that are asked about at a time.
const BATCH: usize = 500;

impl System {
    /// The system of a release of Debian; `None` when nobody has made it yet.
    #[must_use]
    pub fn of_debian(suite: &str) -> Option<System> {
        let root = xtask::run::target_directory().ok()?.join("lab-roots").join(suite);
        root.join("ready").exists().then_some(System::Below(root))
    }

    /// Runs a shell over all questions. The script finds the options in `$options` and the string in `$string`, and each
    /// answer is what it says between two questions.
    ///
    /// # Errors
    /// What the operating system said, and an answer too few or too many.
    pub fn ask(&self, questions: &[Question], script: &str) -> io::Result<Vec<String>> {
        let batches: Vec<&[Question]> = questions.chunks(BATCH).collect();
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let answers = in_parallel(&batches, threads, |batch| self.ask_one_after_another(batch, script));
        let answers: Vec<Vec<String>> = answers.into_iter().collect::<io::Result<_>>()?;
        Ok(answers.concat())
    }

    fn ask_one_after_another(&self, questions: &[Question], script: &str) -> io::Result<Vec<String>> {
        let mut file = tempfile::tempfile()?;
        for Question { options, string } in questions {
            // An empty field before a tab would be skipped.
            writeln!(file, ".{options}\t.{string}")?;
        }
        io::Seek::rewind(&mut file)?;
        let whole = format!(
            "while IFS='\t' read -r options string; do options=${{options#.}}; string=${{string#.}}; {script}\nprintf '\\036'; done"
        );
        let mut command = match self {
            System::Here => Command::new("sh"),
            System::Below(root) => {
                let mut command = Command::new("chroot");
                command.arg(root).arg("sh");
                command
            }
        };
        let output = command
            .arg("-c")
            .arg(whole)
            .stdin(Stdio::from(file))
            .stderr(Stdio::null())
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let answers: Vec<String> = text.split_terminator('\u{1e}').map(str::to_owned).collect();
        if answers.len() == questions.len() {
            Ok(answers)
        } else {
            Err(io::Error::other(format!(
                "{} answers to {} questions",
                answers.len(),
                questions.len()
            )))
        }
    }
}

/// Every string of the corpora that looks as if it named ciphers, each once.
///
/// # Errors
/// What the operating system said.
pub fn strings_of_the_corpora() -> io::Result<BTreeSet<String>> {
    let mut strings = BTreeSet::new();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    gather(&own, &mut strings)?;
    if let Outside::Found(folder, _) = corpus::outside().map_err(io::Error::other)? {
        gather(&folder, &mut strings)?;
    }
    Ok(strings)
}

fn gather(folder: &Path, strings: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), strings)?;
        } else {
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut File::open(entry.path())?, &mut bytes)?;
            strings.extend(
                String::from_utf8_lossy(&bytes)
                    .lines()
                    .filter_map(cipher_string)
                    .map(str::to_owned),
            );
        }
    }
    Ok(())
}

/// What a line sets, when it is about ciphers: behind the first `=`, or behind the first blank.
fn cipher_string(line: &str) -> Option<&str> {
    let line = line.trim();
    let (key, value) = line.split_once('=').or_else(|| line.split_once(char::is_whitespace))?;
    let about = ["cipher", "tls_priority", "tls_require"]
        .iter()
        .any(|word| key.to_ascii_lowercase().contains(word));
    let value = value.trim().trim_matches(['"', '\'']);
    (about && !value.is_empty() && !value.contains('\t')).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order_and_strings_arrive_whole() {
        let questions: Vec<Question> = ["a b", "", " -x\\n'\"$HOME ", "."]
            .iter()
            .enumerate()
            .map(|(at, string)| Question {
                options: "-o ".repeat(at),
                string: (*string).to_owned(),
            })
            .collect();
        let answers = System::Here
            .ask(&questions, "printf '%s|%s' \"$options\" \"$string\"")
            .expect("a shell");
        assert_eq!(answers, ["|a b", "-o |", "-o -o | -x\\n'\"$HOME ", "-o -o -o |."]);
    }

    #[test]
    fn lines_about_ciphers() {
        assert_eq!(cipher_string("tls_high_cipherlist = HIGH:!aNULL"), Some("HIGH:!aNULL"));
        assert_eq!(cipher_string(" ssl_cipher_list = \"ALL\""), Some("ALL"));
        assert_eq!(cipher_string("ciphers DEFAULT"), Some("DEFAULT"));
        assert_eq!(cipher_string("smtpd_tls_loglevel = 1"), None);
    }
}
