//! The files in the data folder, beside the store.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use keystead_crypto::{KeyMaterial, Random};
use keystead_service::install::{KEY_LEN, RootAccessKey};
use thiserror::Error;
use zeroize::Zeroizing;

/// The data folder.
#[derive(Clone)]
pub(crate) struct DataDir {
    dir: PathBuf,
    root_key_file: PathBuf,
}

/// First line of a root key file; the second one is the key in hexadecimal digits.
const ROOT_KEY_HEAD: &str = "keystead-root-key-v1";

impl DataDir {
    /// The folder at `dir`, made absolute so that what is printed can be pasted anywhere.
    pub(crate) fn new(dir: &Path, root_key_file: Option<&Path>) -> io::Result<Self> {
        let dir = std::path::absolute(dir)?;
        let root_key_file = match root_key_file {
            Some(path) => std::path::absolute(path)?,
            None => dir.join("root.key"),
        };
        Ok(Self { dir, root_key_file })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn root_key_file(&self) -> &Path {
        &self.root_key_file
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// The file of the certificate of an instance's CA.
    pub(crate) fn instance_ca_file(&self, instance_id: &str) -> PathBuf {
        self.dir.join(format!("{instance_id}-ca.pem"))
    }

    pub(crate) fn access_key_file(&self) -> PathBuf {
        self.dir.join("root-access-key.ini")
    }

    pub(crate) fn admin_socket(&self) -> PathBuf {
        self.dir.join("admin.sock")
    }

    /// Reads the root key.
    ///
    /// # Errors
    /// When the file is missing, readable for others, or no root key.
    pub(crate) fn read_root_key(&self) -> Result<KeyMaterial, RootKeyError> {
        let path = || self.root_key_file.clone();
        let file = File::open(&self.root_key_file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RootKeyError::Missing(path()),
            _ => RootKeyError::Io(path(), error),
        })?;
        let mode = file.metadata().map_err(|error| RootKeyError::Io(path(), error))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(RootKeyError::Exposed(path()));
        }
        let mut text = Zeroizing::new(String::with_capacity(256));
        // A root key file is short; more than this is something else.
        file.take(256).read_to_string(&mut text).map_err(|error| RootKeyError::Io(path(), error))?;
        let mut lines = text.lines();
        let key = (lines.next() == Some(ROOT_KEY_HEAD)).then(|| lines.next()).flatten().and_then(from_hex);
        key.filter(|key| key.len() == KEY_LEN)
            .map(KeyMaterial::from_bytes)
            .ok_or_else(|| RootKeyError::Malformed(path()))
    }

    /// Makes a root key, unless its file is there already (an operator may have put it there).
    ///
    /// # Errors
    /// As [`DataDir::read_root_key`], and when the file cannot be written.
    pub(crate) fn make_root_key(&self, random: &dyn Random) -> Result<KeyMaterial, RootKeyError> {
        match self.read_root_key() {
            Err(RootKeyError::Missing(path)) => {
                let failed = |error| RootKeyError::Io(path.clone(), error);
                let key = KeyMaterial::generate(random, KEY_LEN)
                    .map_err(|error| failed(io::Error::other(error)))?;
                let mut text = Zeroizing::new(String::with_capacity(128));
                text.push_str(ROOT_KEY_HEAD);
                text.push('\n');
                for byte in key.expose() {
                    for digit in [byte >> 4, byte & 15] {
                        text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
                    }
                }
                text.push('\n');
                write_private(&path, text.as_bytes()).map_err(failed)?;
                Ok(key)
            }
            result => result,
        }
    }

    /// Writes the root AccessKey as a profile that stock credential chains read.
    pub(crate) fn write_access_key(&self, key: &RootAccessKey) -> io::Result<()> {
        write_private(&self.access_key_file(), access_key_profile(key).as_bytes())
    }

    /// Writes the CA's certificate, which is public.
    pub(crate) fn write_ca(&self, pem: &str) -> io::Result<()> {
        write_public(&self.ca_file(), pem)
    }

    /// Writes the certificate of an instance's CA; the same.
    pub(crate) fn write_instance_ca(&self, instance_id: &str, pem: &str) -> io::Result<()> {
        write_public(&self.instance_ca_file(instance_id), pem)
    }
}

fn write_public(path: &Path, text: &str) -> io::Result<()> {
    write_private(path, text.as_bytes())?;
    fs::set_permissions(path, Permissions::from_mode(0o644))
}

/// An AccessKey as a profile that stock credential chains read.
pub(crate) fn access_key_profile(key: &RootAccessKey) -> Zeroizing<String> {
    Zeroizing::new(format!(
        // `enable` is for the Java reader, which passes over a profile without it.
        "[default]\nenable = true\ntype = access_key\naccess_key_id = {}\naccess_key_secret = {}\n",
        key.id,
        key.secret.expose()
    ))
}

/// Writes a file that only its owner can read, whole or not at all, and durably.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = dir.join(name);
    // A leftover of a crash may have another owner or mode; it is never written into.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(dir)?.sync_all()
}

fn from_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    if !text.len().is_multiple_of(2) {
        return None;
    }
    for pair in text.as_bytes().chunks_exact(2) {
        bytes.push(digit(pair[0])? << 4 | digit(pair[1])?);
    }
    Some(bytes)
}

/// The root key cannot be had.
#[derive(Debug, Error)]
pub(crate) enum RootKeyError {
    #[error("the root key file {} is missing: without it nothing in the data folder can be opened; restore it, or name its place with --root-key-file", .0.display())]
    Missing(PathBuf),
    #[error("the root key file {} can be read by others: chmod 600 it, and think about who may have", .0.display())]
    Exposed(PathBuf),
    #[error("the file {} holds no root key", .0.display())]
    Malformed(PathBuf),
    #[error("the root key file {}", .0.display())]
    Io(PathBuf, #[source] io::Error),
}
