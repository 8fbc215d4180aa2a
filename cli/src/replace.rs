//! Writing a file so that nobody ever sees half of it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// More copies of one file are not kept.
const MOST_COPIES: usize = 1000;

/// Writes beside the file and puts it in its place, with the same permissions and owner. A link stays one: what it leads to is
/// replaced.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let beside = named(&path, &format!(".{}.new", std::process::id()));
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        match fs::metadata(&path) {
            Ok(there) => be_like(&file, &there)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        sync_folder(&path)
    })();
    if written.is_err() {
        // What is half written is of no use; when it cannot be removed either, the first error tells more.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Whose permissions a new file has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Like<'a> {
    /// Anybody's who writes a file.
    Any,
    /// Nobody but its owner reads it.
    Secret,
    /// Another file's, and its owner's; where that owner cannot be given to it, it stays secret.
    File(&'a Path),
}

/// Writes a new file; nothing that is there is written over, and nothing half written is left.
pub(crate) fn beside(path: &Path, bytes: &[u8], like: Like<'_>) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if !matches!(like, Like::Any) {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(path)?;
    let written = (|| {
        if let Like::File(like) = like {
            match be_like(&file, &fs::metadata(like)?) {
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
                other => other?,
            }
        }
        file.write_all(bytes)
    })();
    if written.is_err() {
        // When it cannot be removed either, the first error tells more.
        let _ = fs::remove_file(path);
    }
    written
}

/// Stands in the names of files that are kept.
pub(crate) const KEPT: &str = ".before-fix-";

/// Keeps the file as it is under a name of its own beside it, and tells the name.
pub(crate) fn keep(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let there = fs::metadata(path)?;
    for number in 1..=MOST_COPIES {
        let copy = named(path, &format!("{KEPT}{number}"));
        let mut file = match fs::OpenOptions::new().write(true).create_new(true).open(&copy) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        be_like(&file, &there)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        return Ok(copy);
    }
    Err(io::Error::new(
        ErrorKind::AlreadyExists,
        format!("{MOST_COPIES} copies of it are there already"),
    ))
}

fn named(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.file_name().unwrap_or_default().to_os_string();
    name.push(ending);
    path.with_file_name(name)
}

/// Permissions and owner as they were. Where the owner cannot be kept, nothing is replaced.
fn be_like(file: &File, there: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let now = file.metadata()?;
        if (now.uid(), now.gid()) != (there.uid(), there.gid()) {
            std::os::unix::fs::fchown(file, Some(there.uid()), Some(there.gid()))?;
        }
    }
    file.set_permissions(there.permissions())
}

/// The new name is on the disk only when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
