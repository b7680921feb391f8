//! The Unix socket that the plugin listens on, in a directory that only its user can enter.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{self, Path, PathBuf};

use tokio::net::UnixListener;

use crate::plugin::Error;

/// The variable by which a host chooses the directory of sockets.
const DIRECTORY_VARIABLE: &str = "PLUGIN_UNIX_SOCKET_DIR";

/// The variable by which a host that runs as another user names a group that may connect, by name or number.
pub(super) const GROUP_VARIABLE: &str = "PLUGIN_UNIX_SOCKET_GROUP";

/// A socket and its directory; both are removed when this is dropped.
pub(super) struct Socket {
    /// The path of the socket.
    pub(super) path: PathBuf,
    /// The user that the socket belongs to, who is the user of this process.
    pub(super) owner: u32,
    directory: PathBuf,
}

impl Socket {
    /// Listens in the first of `directories` that takes a socket: a path of more than 107 bytes is too long for one.
    ///
    /// # Errors
    /// [`Error::Socket`].
    pub(super) fn bind(directories: &[PathBuf], group: Option<&str>) -> Result<(UnixListener, Self), Error> {
        let mut failure = io::Error::from(io::ErrorKind::NotFound);
        for directory in directories {
            match Self::bind_in(directory, group) {
                Ok(bound) => return Ok(bound),
                Err(error) => failure = error,
            }
        }
        let tried = directories.iter().map(|directory| directory.display().to_string()).collect();
        Err(Error::Socket { tried, source: failure })
    }

    fn bind_in(parent: &Path, group: Option<&str>) -> io::Result<(UnixListener, Self)> {
        let directory = path::absolute(parent)?.join(format!("plugin-{:016x}", getrandom::u64()?));
        DirBuilder::new().mode(0o700).create(&directory)?;
        let owner = fs::metadata(&directory)?.uid();
        let socket = Self { path: directory.join("rpc"), owner, directory };
        let listener = UnixListener::bind(&socket.path)?;
        if let Some(group) = group {
            socket.open_to(group_id(group)?)?;
        }
        Ok((listener, socket))
    }

    /// Lets a group connect. Its members can go through the directory but not look into it.
    fn open_to(&self, group: u32) -> io::Result<()> {
        chown(&self.path, None, Some(group))?;
        fs::set_permissions(&self.path, Permissions::from_mode(0o660))?;
        chown(&self.directory, None, Some(group))?;
        fs::set_permissions(&self.directory, Permissions::from_mode(0o710))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // What cannot be removed now is not worth failing an exit for.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_dir(&self.directory);
    }
}

/// Where to try, best first: what the host chose, the user's temporary directory, the system's.
pub(super) fn directories_of_environment() -> Vec<PathBuf> {
    directories(env::var_os(DIRECTORY_VARIABLE), env::var_os("TMPDIR"))
}

/// An empty value is none.
fn directories(chosen: Option<OsString>, temporary: Option<OsString>) -> Vec<PathBuf> {
    let named = [chosen, temporary].into_iter().flatten().filter(|directory| !directory.is_empty());
    named.map(PathBuf::from).chain([PathBuf::from("/tmp")]).collect()
}

fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let groups = fs::read_to_string("/etc/group")?;
    id_in(&groups, group).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("no group `{group}`")))
}

/// Looks a group up in the text of `/etc/group`: lines of `name:password:id:members`.
fn id_in(groups: &str, name: &str) -> Option<u32> {
    let mut fields = groups.lines().map(|line| line.split(':')).find(|line| line.clone().next() == Some(name))?;
    fields.nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(directories: &[&Path]) -> (UnixListener, Socket) {
        let directories: Vec<_> = directories.iter().map(PathBuf::from).collect();
        Socket::bind(&directories, None).unwrap()
    }

    #[tokio::test]
    async fn only_the_owner_can_enter_the_directory() {
        let (_listener, socket) = bind(&[&env::temp_dir()]);
        assert_eq!(fs::metadata(&socket.directory).unwrap().mode() & 0o777, 0o700);
    }

    #[tokio::test]
    async fn nothing_is_left_behind() {
        let (_listener, socket) = bind(&[&env::temp_dir()]);
        let directory = socket.directory.clone();
        assert!(directory.join("rpc").exists());
        drop(socket);
        assert!(!directory.exists());
    }

    #[tokio::test]
    async fn a_directory_that_is_missing_or_too_deep_is_passed_over() {
        let deep = env::temp_dir().join("d".repeat(100));
        fs::create_dir_all(&deep).unwrap();
        let (_listener, socket) = bind(&[Path::new("/missing"), &deep, Path::new("/tmp")]);
        assert!(socket.path.starts_with("/tmp"), "{:?}", socket.path);
        assert_eq!(fs::read_dir(&deep).unwrap().count(), 0);
        fs::remove_dir(&deep).unwrap();
    }

    #[test]
    fn all_directories_that_failed_are_named() {
        let error = Socket::bind(&["/missing".into(), "/absent".into()], None).map(drop).unwrap_err();
        assert_eq!(error.to_string(), "no socket can be made in /missing or /absent");
    }

    #[test]
    fn an_empty_variable_is_none() {
        assert_eq!(directories(Some("".into()), Some("/var/tmp".into())), [Path::new("/var/tmp"), Path::new("/tmp")]);
    }

    #[test]
    fn a_group_is_found_by_its_whole_name() {
        let groups = "root:x:0:\nstaff2:x:51:\nstaff:x:50:ann,bob\n";
        assert_eq!(id_in(groups, "staff"), Some(50));
        assert_eq!(id_in(groups, "nobody"), None);
    }
}
