//! Every operation of the service, defined once.
//!
//! An operation's definition holds its name, parameters, answer, gateways, RAM action, error codes and
//! documentation. Routing, the Rust client's calls, the command line and the reference pages are derived
//! from [`OPERATIONS`]; nothing about an operation is written down a second time.
//!
//! What this crate is not: it does no I/O, no cryptography and no HTTP.
//!
//! Start at [`operations`] for the list, at [`Operation`] for what a definition gives, and at
//! [`ApiError`] for what callers see when a call fails.

mod arn;
mod context;
mod definition;
mod error;
mod legacy;
mod not_offered;
mod params;
mod secret_text;
mod shape;
mod time;
pub mod types;

pub mod instance;
pub mod operations;
pub mod reference;

pub use arn::{Arn, ArnError};
pub use context::EncryptionContext;
pub use definition::{
    AccessRule, Auth, Gateways, Method, Operation, OperationDef, ParameterDef, Placement, Product, Repeat,
    ResourceRule, WireRequest, WireResponse,
};
pub use error::{AccessDeniedDetail, ApiError, ErrorCode, Flaw};
pub use instance::operations::INSTANCE_OPERATIONS;
pub use legacy::LEGACY_OPERATIONS;
pub use not_offered::{is_known_and_not_offered, not_offered};
pub use operations::{IDENTITY_OPERATIONS, OPERATIONS, OperationId};
pub use params::{ExtendedConfigPatch, FlatItem, JsonList, JsonObject, ParamType, Params, WireParams};
pub use secret_text::SecretText;
pub use shape::{Field, ParamShape, Shape, Shaped};
pub use time::{Timestamp, TimestampError};
