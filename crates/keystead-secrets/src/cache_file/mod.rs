//! A sealed file of what is kept, for a start while the service is away.

mod error;
mod format;
mod record;
mod saver;

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};

pub use error::CacheFileError;
pub(crate) use record::Record;
pub(crate) use saver::{Change, Saver, run};

/// Who is told of a file that cannot be used.
type Hook = Box<dyn Fn(&CacheFileError) + Send + Sync>;

/// Where a client keeps its secrets across restarts, sealed under a key of the program: for a start while the service is away.
///
/// The whole file is sealed with AES-256-GCM, so nothing in it can be read or changed without the key, secrets' names
/// included. It is replaced as a whole, in the background, with the mode 0600. It does not protect from who has both file and
/// key: keep the key elsewhere, such as in a keyring, a TPM, or a secret of the platform that the program runs on.
///
/// A file that cannot be used (another key, cut, of another program) is left out and told; it never keeps a client from
/// starting, and is replaced when there is something to keep. Two clients must not use the same file.
pub struct CacheFile {
    path: PathBuf,
    key: RandomizedNonceKey,
    bound_to: String,
    hook: Option<Hook>,
}

impl CacheFile {
    /// The file at `path`, in a directory that exists, sealed under `key`: 32 random bytes, the same at each start.
    pub fn new(path: impl Into<PathBuf>, key: &[u8; 32]) -> Self {
        let key = RandomizedNonceKey::new(&AES_256_GCM, key)
            .unwrap_or_else(|_| unreachable!("the key has the algorithm's length"));
        Self { path: path.into(), key, bound_to: String::new(), hook: None }
    }

    /// A name that the file is bound to, such as `payments, production`: a file that was made under another name, or
    /// without one, does not open, also under the same key. It is not written into the file.
    #[must_use]
    pub fn bound_to(mut self, name: impl Into<String>) -> Self {
        self.bound_to = name.into();
        self
    }

    /// Is called when the file cannot be read or written. All of it goes to the `tracing` log, too, at level WARN.
    #[must_use]
    pub fn on_trouble(mut self, hook: impl Fn(&CacheFileError) + Send + Sync + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// What the file holds; nothing if it cannot be used.
    pub(crate) fn load(&self, max_bytes: u64) -> Vec<Record> {
        self.read(max_bytes).unwrap_or_else(|error| {
            self.tell(&error);
            Vec::new()
        })
    }

    fn tell(&self, error: &CacheFileError) {
        tracing::warn!(%error, "the secrets' cache file cannot be used");
        if let Some(hook) = &self.hook {
            hook(error);
        }
    }

    fn read(&self, max_bytes: u64) -> Result<Vec<Record>, CacheFileError> {
        let read = |source| CacheFileError::Read { path: self.path.clone(), source };
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            file => file.map_err(read)?,
        };
        let mut bytes = Vec::new();
        // One more shows that there is too much.
        file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(read)?;
        if bytes.len() as u64 > max_bytes {
            return Err(CacheFileError::Size { path: self.path.clone(), max_bytes });
        }
        format::open(&self.key, &self.bound_to, bytes).map_err(|fault| fault.at(&self.path))
    }

    fn write(&self, records: &[Record]) -> Result<(), CacheFileError> {
        let sealed =
            format::seal(&self.key, &self.bound_to, records).map_err(|fault| fault.at(&self.path))?;
        replace(&self.path, &sealed)
            .map_err(|source| CacheFileError::Write { path: self.path.clone(), source })
    }
}

/// Puts a file in the place of another one: whoever looks sees all of the one or all of the other, also after a crash.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = write_beside(&beside, content).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    // The name is safe when the directory is.
    #[cfg(unix)]
    File::open(path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new(".")))?
        .sync_all()?;
    Ok(())
}

fn write_beside(path: &Path, content: &[u8]) -> io::Result<()> {
    // Of a process with the same number that was killed while it wrote.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

impl fmt::Debug for CacheFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheFile")
            .field("path", &self.path)
            .field("bound_to", &self.bound_to)
            .finish_non_exhaustive()
    }
}
