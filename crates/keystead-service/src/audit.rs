//! The audit log: who did what, to which resource, and how it ended.

mod author;
mod trail;

pub(crate) use author::Author;
pub use trail::Trail;
