use std::fmt;

use crate::{MAX_KEY_BYTES, MAX_KIND_BYTES, MAX_VALUE_BYTES, Record, Revision, StoreError};

/// What a commit expects of a record before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// There is none.
    Absent,
    /// It is there and was last written by this revision.
    At(Revision),
}

/// One write of a batch.
#[derive(Clone, PartialEq, Eq)]
pub enum Write {
    /// Creates or overwrites a record.
    Put {
        /// Where.
        key: String,
        /// See [`Record::kind`].
        kind: String,
        /// See [`Record::format`].
        format: u16,
        /// The content.
        value: Vec<u8>,
    },
    /// Deletes a record. That it is not there is no error.
    Delete {
        /// Where.
        key: String,
    },
}

impl Write {
    /// The record that it concerns.
    pub fn key(&self) -> &str {
        match self {
            Self::Put { key, .. } | Self::Delete { key } => key,
        }
    }
}

/// Shows the value's length only.
impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { key, kind, format, value } => f
                .debug_struct("Put")
                .field("key", key)
                .field("kind", kind)
                .field("format", format)
                .field("value_bytes", &value.len())
                .finish(),
            Self::Delete { key } => f.debug_struct("Delete").field("key", key).finish(),
        }
    }
}

/// Writes that happen together or not at all, and what they expect.
///
/// Every precondition is checked against the state before the batch. Writes then happen in their order: of two writes
/// of one key, the later one counts. A batch without writes checks its preconditions and makes no new revision.
///
/// ```
/// use keystead_store::Batch;
///
/// let mut batch = Batch::new();
/// batch.create("a/1/key/k1", "key", 1, *b"{}").put("a/1/alias/one", "alias", 1, *b"k1");
/// assert_eq!(batch.writes().len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    expects: Vec<(String, Expect)>,
    writes: Vec<Write>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Expects that there is no such record.
    pub fn expect_absent(&mut self, key: impl Into<String>) -> &mut Self {
        self.expects.push((key.into(), Expect::Absent));
        self
    }

    /// Expects that the record was last written by `revision`.
    pub fn expect_at(&mut self, key: impl Into<String>, revision: Revision) -> &mut Self {
        self.expects.push((key.into(), Expect::At(revision)));
        self
    }

    /// Creates or overwrites a record.
    pub fn put(
        &mut self,
        key: impl Into<String>,
        kind: impl Into<String>,
        format: u16,
        value: impl Into<Vec<u8>>,
    ) -> &mut Self {
        self.writes.push(Write::Put { key: key.into(), kind: kind.into(), format, value: value.into() });
        self
    }

    /// Deletes a record; that it is not there is no error.
    pub fn delete(&mut self, key: impl Into<String>) -> &mut Self {
        self.writes.push(Write::Delete { key: key.into() });
        self
    }

    /// Creates a record, and expects that there is none: [`Batch::expect_absent`] and [`Batch::put`].
    pub fn create(
        &mut self,
        key: impl Into<String>,
        kind: impl Into<String>,
        format: u16,
        value: impl Into<Vec<u8>>,
    ) -> &mut Self {
        let key = key.into();
        self.expect_absent(key.clone()).put(key, kind, format, value)
    }

    /// Replaces the value of a record that was read before, and expects that nobody has changed it since. Kind and
    /// format stay.
    pub fn replace(&mut self, read: &Record, value: impl Into<Vec<u8>>) -> &mut Self {
        self.expect_at(read.key.as_str(), read.revision).put(
            read.key.as_str(),
            read.kind.as_str(),
            read.format,
            value,
        )
    }

    /// Deletes a record that was read before, and expects that nobody has changed it since.
    pub fn remove(&mut self, read: &Record) -> &mut Self {
        self.expect_at(read.key.as_str(), read.revision).delete(read.key.as_str())
    }

    /// The preconditions, in the order of their making.
    pub fn expects(&self) -> &[(String, Expect)] {
        &self.expects
    }

    /// The writes, in their order.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// Whether there is neither a precondition nor a write.
    pub fn is_empty(&self) -> bool {
        self.expects.is_empty() && self.writes.is_empty()
    }

    /// About how much memory the writes take, in bytes.
    pub fn bytes(&self) -> usize {
        let of_write = |write: &Write| match write {
            Write::Put { key, kind, value, .. } => key.len() + kind.len() + value.len(),
            Write::Delete { key } => key.len(),
        };
        self.writes.iter().map(of_write).sum()
    }

    /// Checks what every backend asks of keys, kinds and values.
    pub(crate) fn validate(&self) -> Result<(), StoreError> {
        for (key, _) in &self.expects {
            validate_key(key)?;
        }
        for write in &self.writes {
            validate_key(write.key())?;
            let Write::Put { key, kind, value, .. } = write else { continue };
            if kind.is_empty() || kind.len() > MAX_KIND_BYTES || kind.contains('\0') {
                return Err(StoreError::Invalid(format!(
                    "the kind of {key} has not 1 to {MAX_KIND_BYTES} bytes"
                )));
            }
            if value.len() > MAX_VALUE_BYTES {
                return Err(StoreError::Invalid(format!(
                    "the value of {key} has {} bytes, more than {MAX_VALUE_BYTES}",
                    value.len()
                )));
            }
        }
        Ok(())
    }
}

fn validate_key(key: &str) -> Result<(), StoreError> {
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        let bytes = key.len();
        return Err(StoreError::Invalid(format!("a key of {bytes} bytes; it has 1 to {MAX_KEY_BYTES}")));
    }
    // PostgreSQL's text cannot hold it.
    if key.contains('\0') {
        return Err(StoreError::Invalid("a key with a NUL character".to_owned()));
    }
    Ok(())
}
