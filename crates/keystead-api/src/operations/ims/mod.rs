//! Identity Management Service, version 2019-08-15: OIDC providers.
//!
//! Names, parameters and answers are those of the official SDK `alibabacloud_ims20190815`.

mod oidc_providers;

pub use oidc_providers::*;
