//! The engine: keys, secrets and who may use them.
//!
//! [`Engine`] takes a verified caller, an operation and its parameters, and gives the answer or an
//! [`ApiError`](keystead_api::ApiError). It knows nothing of HTTP. Clock, randomness and store are handed in.
//!
//! Where to start reading: [`Engine::call`] is the one way in; `dispatch` has the table of what is built;
//! `call` resolves and authorises the resources that a request names; `image` is what requests read.

pub mod access;
mod access_points;
pub mod audit;
pub mod bulk;
pub mod ca;
mod call;
pub mod clock;
pub mod compat;
mod current;
mod dispatch;
pub mod due;
mod engine;
mod filters;
mod heavy;
pub mod ids;
pub mod image;
pub mod install;
mod instance_api;
mod instances;
mod interval;
mod keyed_hash;
mod keys;
mod origin;
mod paging;
mod ram;
pub mod records;
mod secrets;
mod sts;
mod tagging;
mod tags;
pub mod vault;

pub use access::{Caller, authenticate::AuthFailure, client_key::ClientKeyFailure};
pub use call::Call;
pub use dispatch::{BUILT, UNSUPPORTED_FOR_GOOD, undone_operations};
/// What rotates the logins in secrets.
pub mod rotation {
    pub use crate::secrets::rotation::driver::{
        DriverError, DriverFuture, Left, Login, LoginSecret, NewAccount, NoDrivers, RotationDriver,
        RotationDrivers, Target,
    };
}

/// Keys of identity providers, and sessions for this machine.
pub mod identity {
    pub use crate::sts::issuers::{Issuer, IssuerKeys, KeysError, KeysFuture, NoIssuers};
    pub use crate::sts::{KeySet, KeySetError, MachineSession, RevokeError};
}

pub use engine::{Engine, EngineConfig, OpenError};
pub use instance_api::InstanceAnswer;
pub use instances::{InstanceError, NewInstance, instances};
pub use origin::{Gateway, Origin};
pub use ram::last_used::write_last_uses;
pub use tags::Tag;
