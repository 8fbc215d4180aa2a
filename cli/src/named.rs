//! The certificates and keys that a configuration names, looked at where they lie: on this machine, or below `--root`.
//!
//! Only where the configuration is that of the machine, or of the tree, do its paths mean files that can be looked at here.
//! Nothing is followed out of the tree, nothing but plain files is opened, and a file that is named for a key is not opened at
//! all. What cannot be seen is an answer, never an error.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Component, Path, PathBuf};

use smtplint_core::certificate::{self, Content, NamedFile, SeenFile};

/// The largest file that is read: the certificates of all authorities there are take a quarter of it.
const LARGEST: u64 = 1_000_000;

/// The most links that lead from one to the next, as on Linux.
const MOST_LINKS: usize = 40;

/// Where the paths of a configuration begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Base {
    /// At the root of this machine, which runs the configuration.
    Machine,
    /// At a folder that holds the tree of another one. What is not there may come to it later.
    Tree(PathBuf),
}

/// What was found out about a path.
struct Found {
    /// Where it leads.
    path: PathBuf,
    metadata: Metadata,
    /// True when every account may pass through all folders on the way.
    open_way: bool,
}

/// Why a path leads to no file, in words that follow "the file".
enum Lost {
    NotThere,
    Because(&'static str),
}

const FORBIDDEN: Lost = Lost::Because("cannot be read by this account");

/// Looks at files, and says which of them were read.
pub(crate) fn look(base: &Base, files: &[NamedFile]) -> (Vec<(String, SeenFile)>, Vec<PathBuf>) {
    let mut read = Vec::new();
    let mut seen = Vec::new();
    for file in files {
        let one = look_at(base, file, &mut read);
        seen.push((file.path.clone(), one));
    }
    (seen, read)
}

fn look_at(base: &Base, file: &NamedFile, read: &mut Vec<PathBuf>) -> SeenFile {
    let unseen = |why| SeenFile {
        content: Content::Unseen(why),
        everyone_reads: None,
    };
    let found = match resolve(base, &file.path) {
        Ok(found) => found,
        Err(Lost::NotThere) if *base == Base::Machine => {
            return SeenFile {
                content: Content::Missing,
                everyone_reads: None,
            };
        }
        Err(Lost::NotThere) => return unseen("is not in the folder that was given"),
        Err(Lost::Because(why)) => return unseen(why),
    };
    let everyone_reads = everyone_reads(&found);
    let with = |content| SeenFile {
        content,
        everyone_reads,
    };
    if !found.metadata.is_file() {
        return with(Content::Unseen("is no plain file"));
    }
    if file.is_key {
        return with(Content::Unseen("is a private key, and is not opened"));
    }
    if found.metadata.len() > LARGEST {
        return with(Content::Unseen("is too large for a certificate"));
    }
    match contents(&found.path) {
        Ok(text) => {
            if !read.contains(&found.path) {
                read.push(found.path);
            }
            with(Content::Holds(certificate::read(&text)))
        }
        Err(Lost::NotThere) => unseen("went away while it was looked at"),
        Err(Lost::Because(why)) => with(Content::Unseen(why)),
    }
}

/// The text of a plain file. A key in it leaves memory with the text: [`certificate::read`] keeps nothing of it.
fn contents(path: &Path) -> Result<String, Lost> {
    let file = File::open(path).map_err(|error| lost(&error))?;
    let mut bytes = Vec::new();
    file.take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(|error| lost(&error))?;
    // What stands outside of the markers may be in any encoding.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Where a path leads when the base is the root of everything, links included.
fn resolve(base: &Base, path: &str) -> Result<Found, Lost> {
    let root = match base {
        Base::Machine => Path::new("/"),
        Base::Tree(root) => root,
    };
    if !path.starts_with('/') {
        return Err(Lost::Because("is named by a path that does not begin at the root"));
    }
    let mut way = root.to_path_buf();
    let mut metadata = fs::symlink_metadata(&way).map_err(|error| lost(&error))?;
    let mut open_way = true;
    let mut links = 0;
    let mut open: VecDeque<OsString> = names(Path::new(path)).into();
    while let Some(name) = open.pop_front() {
        if name == ".." {
            // Above the root there is the root.
            if way != root {
                way.pop();
            }
            metadata = fs::symlink_metadata(&way).map_err(|error| lost(&error))?;
            continue;
        }
        open_way &= everyone_passes(&metadata);
        way.push(&name);
        metadata = fs::symlink_metadata(&way).map_err(|error| lost(&error))?;
        if !metadata.is_symlink() {
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(Lost::Because("is a link that leads in a circle"));
        }
        let target = fs::read_link(&way).map_err(|error| lost(&error))?;
        if target.is_absolute() {
            way = root.to_path_buf();
        } else {
            way.pop();
        }
        metadata = fs::symlink_metadata(&way).map_err(|error| lost(&error))?;
        for name in names(&target).into_iter().rev() {
            open.push_front(name);
        }
    }
    Ok(Found {
        path: way,
        metadata,
        open_way,
    })
}

/// The names in a path, in order; `..` among them.
fn names(path: &Path) -> Vec<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

fn lost(error: &std::io::Error) -> Lost {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Lost::NotThere,
        ErrorKind::PermissionDenied => FORBIDDEN,
        _ => Lost::Because("cannot be read"),
    }
}

#[cfg(unix)]
fn everyone_reads(found: &Found) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt;
    Some(found.open_way && found.metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(unix)]
fn everyone_passes(folder: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    folder.permissions().mode() & 0o001 != 0
}

/// Elsewhere permissions have another form, and Postfix does not run.
#[cfg(not(unix))]
fn everyone_reads(_: &Found) -> Option<bool> {
    None
}

#[cfg(not(unix))]
fn everyone_passes(_: &Metadata) -> bool {
    true
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use smtplint_core::certificate::Object;

    use super::*;

    const FINE: &str = include_str!("../../core/tests/certificates/fine.pem");

    /// A tree whose root is open to everybody.
    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new() -> Tree {
            let folder = tempfile::tempdir().expect("a temporary folder");
            fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("it is opened");
            Tree(folder)
        }

        fn path(&self, path: &str) -> PathBuf {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("the folder is made");
            path
        }

        fn file(&self, path: &str, text: &str, mode: u32) {
            let path = self.path(path);
            fs::write(&path, text).expect("the file is written");
            fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("its mode is set");
        }

        fn mode(&self, path: &str, mode: u32) {
            fs::set_permissions(self.path(path), PermissionsExt::from_mode(mode)).expect("its mode is set");
        }

        fn look(&self, path: &str, is_key: bool) -> SeenFile {
            let root = self.0.path().canonicalize().expect("a real path");
            let file = NamedFile {
                path: path.to_owned(),
                is_key,
            };
            look_at(&Base::Tree(root), &file, &mut Vec::new())
        }
    }

    fn certificates(seen: &SeenFile) -> usize {
        match &seen.content {
            Content::Holds(objects) => objects
                .iter()
                .filter(|one| matches!(one, Object::Certificate(_)))
                .count(),
            _ => 0,
        }
    }

    #[test]
    fn links_are_followed_inside_the_tree_alone() {
        let tree = Tree::new();
        let outside = tempfile::tempdir().expect("a temporary folder");
        fs::write(outside.path().join("secret.pem"), FINE).expect("the file is written");
        tree.file("archive/a/fullchain1.pem", FINE, 0o644);
        for (link, target) in [
            ("live/a/relative.pem", PathBuf::from("../../archive/a/fullchain1.pem")),
            ("live/a/absolute.pem", PathBuf::from("/archive/a/fullchain1.pem")),
            (
                "live/a/above.pem",
                PathBuf::from("../../../../../../../archive/a/fullchain1.pem"),
            ),
            ("live/a/outside.pem", outside.path().join("secret.pem")),
            ("live/a/circle.pem", PathBuf::from("circle.pem")),
        ] {
            symlink(target, tree.path(link)).expect("a link");
        }
        symlink(outside.path(), tree.path("live/b")).expect("a link");
        for path in [
            "/archive/a/fullchain1.pem",
            "/live/a/relative.pem",
            "/live/a/absolute.pem",
            "/live/a/above.pem",
            "/../live/a/../a/relative.pem",
        ] {
            assert_eq!(certificates(&tree.look(path, false)), 2, "{path}");
        }
        for (path, why) in [
            ("/live/a/outside.pem", "is not in the folder that was given"),
            ("/live/b/secret.pem", "is not in the folder that was given"),
            ("/live/a/circle.pem", "is a link that leads in a circle"),
            ("/archive/a", "is no plain file"),
            ("/archive/a/fullchain1.pem/x", "is not in the folder that was given"),
            ("fullchain.pem", "is named by a path that does not begin at the root"),
        ] {
            assert_eq!(tree.look(path, false).content, Content::Unseen(why), "{path}");
        }
    }

    #[test]
    fn what_blocks_or_never_ends_is_not_opened() {
        let tree = Tree::new();
        let socket = std::os::unix::net::UnixListener::bind(tree.path("socket")).expect("a socket");
        symlink("/dev/zero", tree.path("machine")).expect("a link");
        assert_eq!(tree.look("/socket", false).content, Content::Unseen("is no plain file"));
        drop(socket);
        let zero = NamedFile {
            path: "/dev/zero".to_owned(),
            is_key: false,
        };
        assert_eq!(
            look_at(&Base::Machine, &zero, &mut Vec::new()).content,
            Content::Unseen("is no plain file")
        );
        tree.file("large.pem", &FINE.repeat(1_000), 0o644);
        let large = tree.look("/large.pem", false).content;
        assert!(
            large == Content::Unseen("is too large for a certificate"),
            "it was read"
        );
    }

    #[test]
    fn a_key_is_open_when_every_door_to_it_is() {
        let tree = Tree::new();
        tree.file("private/key.pem", "not to be read", 0o644);
        let key = |path| tree.look(path, true);
        let open = key("/private/key.pem");
        assert_eq!(open.everyone_reads, Some(true));
        assert_eq!(open.content, Content::Unseen("is a private key, and is not opened"));
        tree.mode("private", 0o710);
        assert_eq!(
            key("/private/key.pem").everyone_reads,
            Some(false),
            "the folder is closed"
        );
        tree.mode("private", 0o755);
        tree.mode("private/key.pem", 0o640);
        assert_eq!(
            key("/private/key.pem").everyone_reads,
            Some(false),
            "the file is closed"
        );
        // The way counts to where the links lead.
        tree.file("archive/key1.pem", "", 0o644);
        symlink("../archive/key1.pem", tree.path("live/key.pem")).expect("a link");
        tree.mode("archive", 0o700);
        assert_eq!(key("/live/key.pem").everyone_reads, Some(false));
    }

    #[test]
    fn only_the_machine_itself_knows_what_is_missing() {
        let missing = NamedFile {
            path: "/nothing/of/this/name.pem".to_owned(),
            is_key: false,
        };
        assert_eq!(
            look_at(&Base::Machine, &missing, &mut Vec::new()).content,
            Content::Missing
        );
        let tree = Tree::new();
        assert_eq!(
            tree.look("/nothing", false).content,
            Content::Unseen("is not in the folder that was given")
        );
    }

    #[test]
    fn of_a_file_with_a_key_the_certificates_are_kept() {
        let tree = Tree::new();
        let key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
        tree.file("both.pem", &format!("\u{e9}\n{key}{FINE}"), 0o600);
        let seen = tree.look("/both.pem", false);
        assert_eq!(certificates(&seen), 2);
        assert!(matches!(&seen.content, Content::Holds(objects) if objects.first() == Some(&Object::Key)));
        assert!(!format!("{seen:?}").contains("c2VjcmV0"));
    }
}
