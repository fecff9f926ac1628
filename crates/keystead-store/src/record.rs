use std::fmt;

/// The store's clock: each commit gets the next number, and the first commit is 1. 0 stands for "before any commit".
pub type Revision = u64;

/// A stored record.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands: ordered by the bytes of its UTF-8, which is also the order of code points.
    pub key: String,
    /// What it is, in a short word such as `key` or `alias`.
    pub kind: String,
    /// The version of the value's own encoding, for whoever reads the value.
    pub format: u16,
    /// The revision of the commit that wrote it last.
    pub revision: Revision,
    /// The content.
    pub value: Vec<u8>,
}

/// Shows the value's length only: values are long, and not made for logs.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("key", &self.key)
            .field("kind", &self.kind)
            .field("format", &self.format)
            .field("revision", &self.revision)
            .field("value_bytes", &self.value.len())
            .finish()
    }
}
