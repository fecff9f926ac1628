use crate::Revision;

/// A record was written or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The commit that did it.
    pub revision: Revision,
    /// The record.
    pub key: String,
}

/// A page of the change feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// What changed, ordered by revision and key. A revision is in it wholly or not at all.
    pub entries: Vec<Change>,
    /// Whoever has applied `entries` is as new as this revision. Equal to the `after` that was asked for when there is
    /// nothing new.
    pub through: Revision,
}

/// What an image of the store must have applied before it may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// Everything up to this revision.
    At(Revision),
    /// This node cannot know what is current: nothing may be served out of an image.
    Lost,
}

impl Changes {
    /// Makes a page of at most `limit` entries out of `entries`, of which there are up to `limit + 1` so that it shows
    /// whether there are more; `head` is the newest revision at the moment of reading. `None` when the first revision
    /// alone has more entries than the limit: read that revision whole.
    pub(crate) fn page(mut entries: Vec<Change>, limit: usize, head: Revision) -> Option<Self> {
        let Some(beyond) = entries.get(limit) else { return Some(Self { entries, through: head }) };
        let cut_revision = beyond.revision;
        let whole = entries.partition_point(|change| change.revision < cut_revision);
        entries.truncate(whole);
        let through = entries.last()?.revision;
        Some(Self { entries, through })
    }
}
