//! Why a cache file cannot be used.

use std::io;
use std::path::{Path, PathBuf};

/// A cache file that cannot be used. Nothing of its content is in the text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheFileError {
    /// The file is there and cannot be read.
    #[error("the cache file {} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written. It is as it was, and is tried again after a minute.
    #[error("the cache file {} cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is more than the client may keep.
    #[error("the cache file {} has more than {max_bytes} bytes, which the limits of this client cannot make", path.display())]
    Size {
        /// The file.
        path: PathBuf,
        /// What is read at most.
        max_bytes: u64,
    },
    /// The file does not begin as a cache file does.
    #[error("{} is no cache file of secrets", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file has a version of the format that this program does not know.
    #[error("the cache file {} has version {version} of the format, which is not known here", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u8,
    },
    /// The file does not open.
    #[error(
        "the cache file {} does not open: it is under another key or another name, or was changed or cut",
        path.display()
    )]
    Sealed {
        /// The file.
        path: PathBuf,
    },
    /// The file opens under the key, but what is in it has another form.
    #[error("the cache file {} opens, but its content has another form than expected", path.display())]
    Content {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be sealed.
    #[error("the content of the cache file {} cannot be sealed", path.display())]
    Unsealable {
        /// The file.
        path: PathBuf,
    },
}

/// The same without its file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Foreign,
    Version(u8),
    Sealed,
    Content,
    Unsealable,
}

impl Fault {
    pub(super) fn at(self, path: &Path) -> CacheFileError {
        let path = path.to_owned();
        match self {
            Self::Foreign => CacheFileError::Foreign { path },
            Self::Version(version) => CacheFileError::Version { path, version },
            Self::Sealed => CacheFileError::Sealed { path },
            Self::Content => CacheFileError::Content { path },
            Self::Unsealable => CacheFileError::Unsealable { path },
        }
    }
}
