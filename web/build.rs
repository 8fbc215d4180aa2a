//! Makes functions and tables of the words in `words/`, a file a language, so that another language is a file and no code.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The language that the page is written in, and that the others are held against.
const OWN: &str = "en";

/// A language: its code, and each word's name and text.
pub(crate) struct Language {
    pub(crate) code: String,
    pub(crate) words: Vec<(String, String)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=words");
    let mut files: Vec<PathBuf> = fs::read_dir("words")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let languages: Vec<Language> = files.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    let (own, others): (Vec<_>, Vec<_>) = languages.into_iter().partition(|one| one.code == OWN);
    let own = own.first().ok_or_else(|| format!("words/{OWN}.txt is missing"))?;
    let mut made = String::new();
    // The first one is the language's own name, which stands in a table.
    for (place, (name, text)) in own.words.iter().enumerate().skip(1) {
        function(&mut made, place, name, text)?;
    }
    writeln!(made, "/// The languages, by code, as those who speak them call them.")?;
    let names = std::iter::once(own).chain(&others);
    let names = names.map(|one| format!("({:?}, {:?})", one.code, one.words.first().map_or("", |(_, text)| text)));
    let names = names.collect::<Vec<_>>();
    writeln!(
        made,
        "pub(crate) const LANGUAGES: [(&str, &str); {}] = [{}];",
        names.len(),
        names.join(", ")
    )?;
    writeln!(made, "/// The words of a language other than {OWN}, by its code.")?;
    writeln!(
        made,
        "pub(crate) fn of_language(code: &str) -> Option<Said> {{ match code {{"
    )?;
    for other in &others {
        let texts = ordered(other, own)?;
        writeln!(made, "{:?} => Some(&{texts:?}),", other.code)?;
    }
    writeln!(made, "_ => None }} }}")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("words.rs"), made)?;
    Ok(())
}

fn read(file: &Path) -> Result<Language, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let mut words = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, text) = line.split_once(" = ").ok_or_else(|| {
            format!(
                "{}, line {}: a name, ` = ` and a text are wanted",
                file.display(),
                number + 1
            )
        })?;
        if words.iter().any(|(other, _)| other == name) {
            return Err(format!("{}, line {}: `{name}` is there already", file.display(), number + 1).into());
        }
        words.push((name.to_owned(), text.to_owned()));
    }
    let code = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Language { code, words })
}

/// The texts of a language in the order of the own one.
pub(crate) fn ordered(language: &Language, own: &Language) -> Result<Vec<String>, String> {
    let file = format!("words/{}.txt", language.code);
    if let Some((name, _)) = language
        .words
        .iter()
        .find(|(name, _)| own.words.iter().all(|(other, _)| other != name))
    {
        return Err(format!("{file}: `{name}` is no word of the page"));
    }
    let word = |(name, text): &(String, String)| {
        let found = language.words.iter().find(|(other, _)| other == name);
        let (_, said) = found.ok_or_else(|| format!("{file}: `{name}` is missing"))?;
        let (wanted, there) = (BTreeSet::from_iter(put_in(text)), BTreeSet::from_iter(put_in(said)));
        if wanted == there {
            Ok(numbered(said, &taken(text)))
        } else {
            Err(format!(
                "{file}: `{name}` has {there:?} in braces, where {wanted:?} is wanted"
            ))
        }
    };
    own.words.iter().map(word).collect()
}

/// What is put into a text, by the words in braces.
fn put_in(text: &str) -> Vec<&str> {
    let behind = text.split('{').skip(1);
    behind.filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

/// What is put into a text, each once, in the order in which it comes first.
fn taken(text: &str) -> Vec<&str> {
    let mut taken: Vec<&str> = Vec::new();
    for one in put_in(text) {
        if !taken.contains(&one) {
            taken.push(one);
        }
    }
    taken
}

/// A text with numbers in its braces, which weigh less than words.
fn numbered(text: &str, taken: &[&str]) -> String {
    let mut text = text.to_owned();
    for (number, one) in taken.iter().enumerate() {
        text = text.replace(&format!("{{{one}}}"), &format!("{{{number}}}"));
    }
    text
}

/// A function that gives a text by its place among all. The own one is inside it, so that a part of the program brings its own.
fn function(made: &mut String, place: usize, name: &str, text: &str) -> Result<(), std::fmt::Error> {
    let name = name.replace('-', "_");
    let takes = taken(text);
    writeln!(made, "/// {}", text.replace('<', "\\<").replace('[', "\\["))?;
    if takes.is_empty() {
        return writeln!(
            made,
            "pub(crate) fn {name}() -> &'static str {{ said({place}, {text:?}) }}"
        );
    }
    let parameters: Vec<String> = takes.iter().map(|one| format!("{one}: impl Display")).collect();
    let given: Vec<String> = takes.iter().map(|one| format!("&{one}")).collect();
    let text = numbered(text, &takes);
    writeln!(
        made,
        "pub(crate) fn {name}({}) -> String {{ fill(said({place}, {text:?}), &[{}]) }}",
        parameters.join(", "),
        given.join(", ")
    )
}
