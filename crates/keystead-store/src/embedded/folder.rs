use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{DATABASE_FILE, LOCK_FILE};
use crate::StoreError;

/// A folder that this process alone works in, for as long as the value lives.
pub(super) struct Folder {
    path: PathBuf,
    // The lock goes with the file's last handle; the system also frees it when the process dies.
    _lock: File,
}

impl Folder {
    /// Makes the folder if need be, protects it, and takes its lock.
    pub(super) fn lock(path: &Path) -> Result<Self, StoreError> {
        let in_folder = |error| StoreError::io(format!("cannot use the folder {}", path.display()), error);
        let is_new = !path.exists();
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(in_folder)?;
        let path = path.canonicalize().map_err(in_folder)?;
        let mode = path.metadata().map_err(in_folder)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(&path, Permissions::from_mode(0o700)).map_err(in_folder)?;
        }
        if is_new && let Some(parent) = path.parent() {
            sync_folder(parent)?;
        }

        let lock_path = path.join(LOCK_FILE);
        let with_lock = |error| StoreError::io(format!("cannot use the lock {}", lock_path.display()), error);
        let mut lock = owner_only(OpenOptions::new().read(true).write(true).create(true).truncate(false))
            .open(&lock_path)
            .map_err(with_lock)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { holder: holder(&mut lock), folder: path });
            }
            Err(TryLockError::Error(error)) => return Err(with_lock(error)),
        }
        lock.set_len(0).map_err(with_lock)?;
        lock.rewind().map_err(with_lock)?;
        writeln!(lock, "{}", std::process::id()).map_err(with_lock)?;
        Ok(Self { path, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The database file, made empty when it is not there: SQLite would make it by the umask, and gives the files
    /// beside it the mode of this one.
    pub(super) fn database_file(&self) -> Result<PathBuf, StoreError> {
        let path = self.path.join(DATABASE_FILE);
        match create_owner_only(&path) {
            Ok(_) => sync_folder(&self.path)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(StoreError::io(format!("cannot create {}", path.display()), error)),
        }
        self.protect_database_files()?;
        Ok(path)
    }

    /// Takes from everybody but the owner what rights a copy or a restore may have given them.
    pub(super) fn protect_database_files(&self) -> Result<(), StoreError> {
        for suffix in ["", "-wal", "-shm"] {
            let path = self.path.join(format!("{DATABASE_FILE}{suffix}"));
            match std::fs::set_permissions(&path, Permissions::from_mode(0o600)) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(StoreError::io(format!("cannot protect {}", path.display()), error));
                }
            }
        }
        Ok(())
    }
}

/// Makes a new file for its owner alone; an error when there is one.
pub(super) fn create_owner_only(path: &Path) -> std::io::Result<File> {
    owner_only(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// Makes what happened to a folder's entries durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| StoreError::io(format!("cannot sync the folder {}", path.display()), error))
}

fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Who says to have the lock. It may not have said so yet.
fn holder(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
