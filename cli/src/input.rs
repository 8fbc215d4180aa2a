//! Reading: files, folders, standard input, or what this machine runs.

use std::io::{ErrorKind, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use smtplint_core::certificate::{self, Object};
use smtplint_core::dialect::{self, Dialect};
use smtplint_core::dialects::{dovecot, exim};
use smtplint_core::facts::Role;
use smtplint_core::intake;
use smtplint_core::source::{Source, Sources};
use smtplint_core::version::{Interface, Target};

use crate::args::Input;
use crate::config::{self, Config};
use crate::error::Error;
use crate::named::{self, Base};
use crate::{live, output};

/// The largest file that is read, in megabytes: real configurations are a thousand times smaller.
const LARGEST: u64 = 4;

/// What standard input is called in the result.
pub(crate) const STDIN: &str = "stdin";

/// Files whose names say what they are, below the folder of a configuration.
const FILES: &[&str] = &["main.cf", "master.cf"];

/// The file that takes those of Dovecot together.
const DOVECOT: &str = "dovecot.conf";

/// Files that hold all of Exim's configuration; Debian calls it by the first.
const EXIM: &[&str] = &["exim4.conf", "exim.conf"];

/// What Exim's makers call it; scripts that build other programs have this name too, so that it is never looked for.
const EXIM_OWN: &str = "configure";

/// The answers that Debian makes Exim's configuration with, and what they are put into.
const EXIM_ANSWERS: &str = "update-exim4.conf.conf";
const EXIM_TEMPLATE: &[&str] = &["exim4.conf.localmacros", "exim4.conf.template"];

/// Whose way of naming other files a file follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Includes {
    Nothing,
    Dovecot,
    Exim,
}

/// Where machines keep their own: only there the paths in a file are this machine's.
const OWN_FOLDERS: [&str; 2] = ["/etc", "/usr/local/etc"];

/// What was read, and what is known of the machine it is for.
pub(crate) struct Given {
    pub(crate) sources: Sources,
    /// Digests of the bytes as read, in the order of the sources.
    pub(crate) digests: Vec<Option<String>>,
    /// Which of the sources are whole files, and not parts of a paste, in the same order.
    pub(crate) whole: Vec<bool>,
    /// What stands in a part of a paste, with its passwords: it cannot be read a second time. Empty for whole files.
    pub(crate) parts: Vec<String>,
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) target: Target,
    /// What smtplint.toml says beside the target.
    pub(crate) config: Config,
    /// What was done to get it, one sentence each, for standard error.
    pub(crate) remarks: Vec<String>,
}

/// Reads everything that the flags name; `wants_digests` is for readers that compare files.
pub(crate) fn read(input: &Input, wants_digests: bool) -> Result<Given, Error> {
    let flags = target(input)?;
    let mut target = flags.clone();
    let mut reader = Reader::new(wants_digests, input.quiet);
    let mut remarks = Vec::new();
    if let Some(root) = &input.root {
        reader.root = Some(canonical(root)?);
    }
    if input.paths.is_empty() {
        let live = live::find(input, &mut target, reader.root.as_deref())?;
        remarks.extend(live.remarks);
        for file in live.files {
            reader.file(&file)?;
        }
    }
    for path in &input.paths {
        let path = match (&reader.root, path.is_absolute()) {
            (Some(root), true) => root.join(path.strip_prefix("/").unwrap_or(path)),
            _ => path.clone(),
        };
        reader.path(&path)?;
    }
    of_one_server(&reader.sources)?;
    let config = config::find(input.config.as_deref(), &reader.folders, reader.root.as_deref())?;
    if let Some(path) = &config.path {
        remarks.push(format!("reading {}", path.display()));
    }
    config.target.fill(&mut target, &flags);
    let Reader {
        sources,
        digests,
        whole,
        parts,
        root,
        given,
        ..
    } = reader;
    let dialect = match &input.dialect {
        Some(name) => by_name(name)?,
        None => smtplint_core::recognise(&sources).ok_or(Error::NotRecognised)?,
    };
    // Who names a language means all of it.
    let sources = if input.dialect.is_some() {
        sources.of_one_program()
    } else {
        sources
    };
    target.seen.now = now();
    target.seen.given = given;
    // Files that were named one by one, or came through a pipe, may be of any machine: its paths mean nothing here.
    let base = match root {
        Some(root) if root != Path::new("/") => Some(Base::Tree(root)),
        Some(_) => Some(Base::Machine),
        None => input.paths.is_empty().then_some(Base::Machine),
    };
    if let Some(base) = base.filter(|_| target.seen.given.is_empty()) {
        let (seen, read) = named::look(&base, &smtplint_core::named_files(&sources, dialect, &target));
        target.seen.files.extend(seen);
        if !read.is_empty() {
            remarks.push(format!("reading {}", live::enumerated(&read)));
        }
    }
    Ok(Given {
        sources,
        digests,
        whole,
        parts,
        dialect,
        target,
        config,
        remarks,
    })
}

impl Given {
    /// Reads one more file, as those that were named.
    pub(crate) fn read_too(&mut self, path: &Path, wants_digests: bool) -> Result<(), Error> {
        let mut reader = Reader::new(wants_digests, true);
        reader.file(path)?;
        for (_, source) in reader.sources.iter() {
            self.sources.add(source.clone());
        }
        self.digests.extend(reader.digests);
        self.whole.extend(reader.whole);
        self.parts.extend(reader.parts);
        Ok(())
    }
}

fn by_name(name: &str) -> Result<&'static dyn Dialect, Error> {
    dialect::by_id(name).ok_or_else(|| Error::Dialect {
        name: name.to_owned(),
        known: smtplint_core::dialects::DIALECTS
            .iter()
            .map(|one| one.id())
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// The time, in seconds since 1970; `None` for a clock that stands before.
pub(crate) fn now() -> Option<i64> {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(passed.as_secs()).ok()
}

/// What the flags say of the machine.
fn target(input: &Input) -> Result<Target, Error> {
    let mut target = Target {
        host_name: input.host_name.clone(),
        published_name: input.host_name.clone(),
        ..Target::default()
    };
    for text in &input.target {
        target.add(text)?;
    }
    for text in &input.role {
        let bad = || Error::Role { text: text.clone() };
        let (which, role) = text.split_once('=').ok_or_else(bad)?;
        target
            .roles
            .push((which.to_owned(), Role::from_word(role).ok_or_else(bad)?));
    }
    for text in &input.interface {
        let interface = interface(text).ok_or_else(|| Error::Interface { text: text.clone() })?;
        target.interfaces.push(interface);
    }
    Ok(target)
}

/// `192.0.2.7/24`.
pub(crate) fn interface(text: &str) -> Option<Interface> {
    let (address, prefix) = text.split_once('/')?;
    let address: std::net::IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    let prefix: u8 = prefix.parse().ok()?;
    (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some(Interface { address, prefix })
}

struct Reader {
    sources: Sources,
    digests: Vec<Option<String>>,
    whole: Vec<bool>,
    parts: Vec<String>,
    /// Only programs read digests.
    wants_digests: bool,
    /// The real path of `--root`: nothing outside is read.
    root: Option<PathBuf>,
    /// The real paths read so far: a file that is named twice is not two files.
    seen: Vec<PathBuf>,
    /// The folders of the files, as they are named.
    folders: Vec<PathBuf>,
    /// Certificates that were named or piped in beside the configuration.
    given: Vec<Object>,
    /// While files are read that others include.
    below: Includes,
    quiet: bool,
}

impl Reader {
    fn new(wants_digests: bool, quiet: bool) -> Reader {
        Reader {
            sources: Sources::new(),
            digests: Vec::new(),
            whole: Vec::new(),
            parts: Vec::new(),
            wants_digests,
            root: None,
            seen: Vec::new(),
            folders: Vec::new(),
            given: Vec::new(),
            below: Includes::Nothing,
            quiet,
        }
    }

    fn path(&mut self, path: &Path) -> Result<(), Error> {
        if path == Path::new("-") {
            if self.seen.iter().any(|seen| seen == path) {
                return Ok(());
            }
            self.seen.push(path.to_path_buf());
            if std::io::stdin().is_terminal() {
                let hint = "reading standard input; paste, then end with Ctrl-D".to_owned();
                output::remark(self.quiet, &[hint])?;
            }
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .take(LARGEST * 1_000_000 + 1)
                .read_to_end(&mut bytes)
                .map_err(|source| Error::Unreadable {
                    path: STDIN.into(),
                    source,
                })?;
            return self.bytes(STDIN, &bytes);
        }
        if path.is_dir() {
            return self.folder(path);
        }
        self.file(path)
    }

    /// The configuration in a folder, or in the place below it where systems keep it.
    fn folder(&mut self, folder: &Path) -> Result<(), Error> {
        let mut looked_in = Vec::new();
        let mut found = Vec::new();
        let places = |own: &str| [folder.to_path_buf(), folder.join("etc").join(own), folder.join(own)];
        for place in places("postfix") {
            found = files_in(&place)?;
            looked_in.push(place);
            if !found.is_empty() {
                break;
            }
        }
        for place in places("dovecot") {
            let dovecot = dovecot_in(&place)?;
            if !looked_in.contains(&place) {
                looked_in.push(place);
            }
            if let Some(file) = dovecot {
                found.push(file);
                break;
            }
        }
        for place in places("exim4").into_iter().chain([folder.join("etc/exim")]) {
            let files = exim_in(&place)?;
            if !looked_in.contains(&place) {
                looked_in.push(place);
            }
            if !files.is_empty() {
                found.extend(files);
                break;
            }
        }
        if found.is_empty() {
            found = dovecot_parts(folder)?;
        }
        if found.is_empty() {
            found = recognised_in(folder, None)?;
            match found.as_slice() {
                [only] => {
                    let why = "by its content it is a mail server's, and no other file here is";
                    output::remark(self.quiet, &[format!("reading {}: {why}", only.display())])?;
                }
                _ => {
                    return Err(Error::NothingFound {
                        looked_in,
                        alike: found,
                    });
                }
            }
        }
        found.iter().try_for_each(|file| self.file(file))
    }

    fn file(&mut self, path: &Path) -> Result<(), Error> {
        if let Some(root) = &self.root
            && !canonical(path)?.starts_with(root)
        {
            return Err(Error::LeavesRoot {
                path: path.to_path_buf(),
                root: root.clone(),
            });
        }
        // A pipe that the shell hands over has no real path.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if self.seen.contains(&real) {
            return Ok(());
        }
        self.seen.push(real);
        self.folders.extend(path.parent().map(Path::to_path_buf));
        let name = path.display().to_string();
        let unreadable = |source| Error::Unreadable {
            path: path.to_path_buf(),
            source,
        };
        let file = std::fs::File::open(path).map_err(unreadable)?;
        // With room for all of it, and to see its end, it is read in one go.
        let size = file.metadata().map_err(unreadable)?.len().min(LARGEST * 1_000_000);
        let mut bytes = Vec::with_capacity(usize::try_from(size + 1).unwrap_or_default());
        file.take(LARGEST * 1_000_000 + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        self.bytes(&name, &bytes)?;
        let name = path.file_name().unwrap_or_default();
        let includes = match self.below {
            Includes::Nothing if name == DOVECOT => Includes::Dovecot,
            Includes::Nothing
                if EXIM
                    .iter()
                    .chain(EXIM_TEMPLATE)
                    .chain(&[EXIM_OWN])
                    .any(|own| name == *own) =>
            {
                Includes::Exim
            }
            below => below,
        };
        if includes != Includes::Nothing
            && let Ok(text) = std::str::from_utf8(&bytes)
        {
            self.included(path, text, includes)?;
        }
        Ok(())
    }

    /// The files that a file of Dovecot or Exim includes. What is not there is no error here: the core asks for it.
    fn included(&mut self, path: &Path, text: &str, includes: Includes) -> Result<(), Error> {
        let outer = std::mem::replace(&mut self.below, includes);
        let folder = path.parent().unwrap_or(Path::new(""));
        let is_own = OWN_FOLDERS.iter().any(|own| path.starts_with(own));
        let patterns = match includes {
            Includes::Exim => exim::includes(text),
            _ => dovecot::includes(text),
        };
        for pattern in patterns {
            let pattern = match (&self.root, pattern.strip_prefix('/')) {
                (Some(root), Some(below)) => root.join(below),
                (None, Some(_)) if !is_own => continue,
                _ => folder.join(pattern),
            };
            let (Some(folder), Some(name)) = (pattern.parent(), pattern.file_name()) else {
                continue;
            };
            let mut files: Vec<PathBuf> = match folder.read_dir() {
                Ok(entries) => entries.filter_map(Result::ok).map(|entry| entry.path()).collect(),
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
                Err(source) => {
                    return Err(Error::Unreadable {
                        path: folder.to_path_buf(),
                        source,
                    });
                }
            };
            files.sort();
            let is_named = |file: &PathBuf| {
                let own = file.file_name().unwrap_or_default().to_string_lossy();
                dovecot::is_like(&own, &name.to_string_lossy())
            };
            for file in files.iter().filter(|file| is_named(file) && file.is_file()) {
                self.file(file)?;
            }
        }
        self.below = outer;
        Ok(())
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let text = text(name, bytes, self.below != Includes::Nothing)?;
        let digest = self.wants_digests.then(|| hex(&Sha256::digest(bytes)));
        let whole = matches!(name.rsplit('/').next(), Some("main.cf" | "master.cf"));
        if whole {
            self.sources.add(Source::new(name, text, intake::kind(text)));
            self.digests.push(digest);
            self.whole.push(true);
            self.parts.push(String::new());
            return Ok(());
        }
        self.given.extend(certificate::given(text));
        for (_, part) in intake::split(name, text).iter() {
            let whole = name != STDIN && part.text().len() == text.len();
            self.whole.push(whole);
            self.parts
                .push(if whole { String::new() } else { as_given(text, part) });
            self.sources.add(part.clone());
            self.digests.push(digest.clone());
        }
        Ok(())
    }
}

/// A part of a text with its passwords, which are masked byte for byte in the part itself.
fn as_given(text: &str, part: &Source) -> String {
    let start: usize = text.split_inclusive('\n').take(part.lines_before).map(str::len).sum();
    let given = text.get(start..start + part.text().len());
    given.unwrap_or(part.text()).to_owned()
}

/// The bytes as text, or a sentence that says why they are none.
fn text<'a>(name: &str, bytes: &'a [u8], may_be_empty: bool) -> Result<&'a str, Error> {
    let line_of = |at: usize| {
        bytes
            .get(..at)
            .unwrap_or(bytes)
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count()
            + 1
    };
    if bytes.len() as u64 > LARGEST * 1_000_000 {
        return Err(Error::TooLarge {
            name: name.to_owned(),
            limit: LARGEST,
        });
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Error::Utf16 { name: name.to_owned() });
    }
    // Looked for at once, and where it stands only when it is there.
    if bytes.contains(&0)
        && let Some(at) = bytes.iter().position(|&byte| byte == 0)
    {
        return Err(Error::Binary {
            name: name.to_owned(),
            line: line_of(at),
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| Error::NotUtf8 {
        name: name.to_owned(),
        line: line_of(error.valid_up_to()),
    })?;
    // An empty main.cf is a configuration: everything at its default. Anything else that is empty tells nothing.
    let named = matches!(name.rsplit('/').next(), Some("main.cf" | "master.cf"));
    if text.trim().is_empty() && !named && !may_be_empty {
        return Err(Error::Empty { name: name.to_owned() });
    }
    Ok(text)
}

/// Two files of one of the names would be read as one file, the later one on top of the earlier.
fn of_one_server(sources: &Sources) -> Result<(), Error> {
    for name in FILES.iter().chain([&DOVECOT]) {
        let mut paths = sources.iter().map(|(_, source)| source.path.as_str());
        let mut named = paths.by_ref().filter(|path| path.rsplit('/').next() == Some(name));
        if let Some(one) = named.next()
            && let Some(other) = named.find(|path| *path != one)
        {
            return Err(Error::TwoServers {
                one: one.to_owned(),
                other: other.to_owned(),
            });
        }
    }
    Ok(())
}

/// The files of a configuration that stand in a folder. One that is there and cannot be read is not passed over.
pub(crate) fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in FILES.iter().map(|name| folder.join(name)) {
        files.extend(there(path)?);
    }
    Ok(files)
}

/// The same for Dovecot: the file that takes the others together.
pub(crate) fn dovecot_in(folder: &Path) -> Result<Option<PathBuf>, Error> {
    there(folder.join(DOVECOT))
}

/// The same for Exim: the one file of all, or what Debian makes it of.
pub(crate) fn exim_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    for name in EXIM {
        if let Some(file) = there(folder.join(name))? {
            return Ok(vec![file]);
        }
    }
    let Some(answers) = there(folder.join(EXIM_ANSWERS))? else {
        return Ok(Vec::new());
    };
    let unreadable = |path: &Path| {
        let path = path.to_path_buf();
        move |source| Error::Unreadable { path, source }
    };
    let said = std::fs::read_to_string(&answers).map_err(unreadable(&answers))?;
    let mut files = vec![answers];
    let parts = folder.join("conf.d");
    let is_split = said
        .lines()
        .any(|line| line.trim().replace(['\'', '"'], "") == "dc_use_split_config=true");
    if !is_split || !parts.is_dir() {
        for name in EXIM_TEMPLATE {
            files.extend(there(folder.join(name))?);
        }
        return Ok(files);
    }
    let mut found = Vec::new();
    for section in parts.read_dir().map_err(unreadable(&parts))? {
        let section = section.map_err(unreadable(&parts))?.path();
        if section.is_dir() {
            for file in section.read_dir().map_err(unreadable(&section))? {
                found.push(file.map_err(unreadable(&section))?.path());
            }
        }
    }
    found.retain(|path| path.is_file());
    found.sort();
    files.extend(found);
    Ok(files)
}

/// Files of a folder without `dovecot.conf`, and of its `conf.d`, that are written in Dovecot's language.
fn dovecot_parts(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = recognised_in(folder, Some("dovecot"))?;
    found.extend(recognised_in(&folder.join("conf.d"), Some("dovecot"))?);
    Ok(found)
}

/// Files of a folder, in the order of their names, that are a mail server's configuration by their content: of one language those
/// called `*.conf`, which are meant to be read, or of any language and name those that can be. A folder of very many files is
/// none of a mail server.
fn recognised_in(place: &Path, language: Option<&str>) -> Result<Vec<PathBuf>, Error> {
    const MOST: usize = 200;
    let unreadable = |path: &Path, source| Error::Unreadable {
        path: path.to_path_buf(),
        source,
    };
    let entries = match place.read_dir() {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(source) => return Err(unreadable(place, source)),
    };
    let mut files: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.sort();
    let is_looked_at = |file: &PathBuf| {
        // What `fix` kept beside the file that it changed is read by nobody.
        let name = file.file_name().map(|name| name.to_string_lossy());
        if name.is_some_and(|name| name.contains(crate::replace::KEPT)) {
            return false;
        }
        let is_small = file
            .metadata()
            .is_ok_and(|about| about.is_file() && about.len() <= LARGEST * 1_000_000);
        is_small && (language.is_none() || file.extension().is_some_and(|end| end == "conf"))
    };
    let mut found = Vec::new();
    for file in files.into_iter().filter(is_looked_at).take(MOST) {
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            // What is no text is nobody's configuration, and what is not meant to be read need not be.
            Err(error) if error.kind() == ErrorKind::InvalidData || language.is_none() => continue,
            Err(source) => return Err(unreadable(&file, source)),
        };
        let name = file.display().to_string();
        let dialect = smtplint_core::recognise(&intake::split(&name, &text));
        if dialect.is_some_and(|dialect| language.is_none_or(|language| dialect.id() == language)) {
            found.push(file);
        }
    }
    Ok(found)
}

/// The path, when there is something at it.
fn there(path: PathBuf) -> Result<Option<PathBuf>, Error> {
    match path.symlink_metadata() {
        Ok(_) => Ok(Some(path)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(Error::Unreadable { path, source }),
    }
}

fn canonical(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(|source| Error::Unreadable {
        path: path.to_path_buf(),
        source,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
