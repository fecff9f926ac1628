use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::Revision;

/// The store did not do what was asked.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// A precondition of a commit did not hold; nothing of it was written. Read again and decide again.
    #[error("the record {key} is not in the state that the commit expects")]
    Conflict {
        /// The first record whose precondition did not hold.
        key: String,
    },
    /// The change feed cannot tell what happened since a revision: it is older than what is kept, or newer than the
    /// head. Forget what you know and start from the head.
    #[error("the change feed cannot go on from revision {after}: it is kept from {floor} on")]
    FeedGap {
        /// The revision that was asked for.
        after: Revision,
        /// The oldest revision from which the feed can go on.
        floor: Revision,
    },
    /// The request breaks the contract (a key, kind or value too long, an empty key, a NUL character); nothing was
    /// done, and it will never succeed.
    #[error("the store refuses this: {0}")]
    Invalid(String),
    /// Somebody else holds what is needed; nothing was done. Trying again later may help.
    #[error("the store is busy: {0}")]
    Busy(String),
    /// The store cannot work, for example because its disk failed or is full. Of a commit that failed so it is not
    /// known whether it will be found after a restart; it is whole or absent.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// What is stored is damaged, or is not a store's.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The store was written by a newer version of this program.
    #[error(
        "the store has format {found}, but this version knows formats up to {known}: use a newer version"
    )]
    NewerFormat {
        /// The store's format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// Another process works on the folder.
    #[error("the folder {} is in use by {}; stop it first", folder.display(), holder_text(*holder))]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// The process that holds it, where it has told its id.
        holder: Option<u32>,
    },
    /// The file system refused.
    #[error("{doing}: {source}")]
    Io {
        /// What was tried, with the path.
        doing: String,
        /// The system's answer.
        source: Arc<io::Error>,
    },
}

impl StoreError {
    /// An error of the file system; `doing` says what was tried, with the path.
    pub fn io(doing: impl Into<String>, source: io::Error) -> Self {
        Self::Io { doing: doing.into(), source: Arc::new(source) }
    }
}

fn holder_text(holder: Option<u32>) -> String {
    holder.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}
