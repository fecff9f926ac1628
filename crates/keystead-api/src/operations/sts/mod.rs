//! Security Token Service, version 2015-04-01: sessions of roles.
//!
//! Names, parameters and answers are those of the official SDK `alibabacloud_sts20150401`.

mod assume_role;
mod assume_role_with_oidc;
mod caller_identity;

pub use assume_role::*;
pub use assume_role_with_oidc::*;
pub use caller_identity::*;
