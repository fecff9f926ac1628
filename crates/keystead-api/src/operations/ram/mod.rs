//! Resource Access Management, version 2015-05-01: users, groups, roles, policies, AccessKeys.
//!
//! Names, parameters and answers are those of the official SDK `alibabacloud_ram20150501`.

mod access_keys;
mod attachments;
mod groups;
mod policies;
mod roles;
mod tags;
mod users;

pub use access_keys::*;
pub use attachments::*;
pub use groups::*;
pub use policies::*;
pub use roles::*;
pub use tags::*;
pub use users::*;
