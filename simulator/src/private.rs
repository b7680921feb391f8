//! Files that only their owner can read: they hold keys.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::ids;

/// A directory of its owner's own. It goes, with what is in it, when this is dropped.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// A new directory among the machine's temporary files.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("tcmesh-simulator-{}", ids::request()));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Writes a file in it and tells where that is.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.0.join(name);
        write(&path, text)?;
        Ok(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // Nobody is left to be told, and the machine clears its temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Writes a file, in the place of one that is there.
///
/// # Errors
/// What the operating system says.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_directory_is_its_owners_and_goes_with_its_files() {
        let directory = Directory::new().unwrap();
        let file = directory.write("a.yaml", "text").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&directory.0), mode(&file)), (0o700, 0o600));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "text");
        drop(directory);
        assert!(!file.exists());
    }
}
