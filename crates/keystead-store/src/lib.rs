//! The store: typed records under ordered keys, atomic commits with preconditions, and a change feed.
//!
//! [`Store`] is the contract. [`embedded::EmbeddedStore`] keeps it in one folder. Whoever writes another backend runs
//! [`conformance`] on it, which names the rule that is broken. [`faulty::FaultyStore`] is for tests of what happens
//! when a store is late, lost, or fails.
//!
//! The store knows nothing of what it holds: values are bytes, and whatever is secret in them was encrypted before.

pub mod bulk;
pub mod conformance;
pub mod embedded;
pub mod faulty;

mod batch;
mod error;
mod feed;
mod range;
mod record;
mod store;

pub use batch::{Batch, Expect, Write};
pub use error::StoreError;
pub use feed::{Change, Changes, Horizon};
pub use range::Range;
pub use record::{Record, Revision};
pub use store::{Store, StoreFuture};

/// The most records that one [`Store::scan`] returns, whatever limit is asked for.
pub const MAX_SCAN: usize = 1_000;

/// The most entries that one [`Store::changes`] returns, unless a single revision has more.
pub const MAX_CHANGES: usize = 10_000;

/// The longest key of a record, in bytes of UTF-8. PostgreSQL's index rows (at most about 2,700 bytes) leave room for it.
pub const MAX_KEY_BYTES: usize = 1_024;

/// The longest kind of a record, in bytes of UTF-8.
pub const MAX_KIND_BYTES: usize = 64;

/// The largest value of a record, in bytes (16 MiB).
pub const MAX_VALUE_BYTES: usize = 16 << 20;
