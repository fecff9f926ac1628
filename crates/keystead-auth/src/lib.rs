//! Signing and verifying Alibaba Cloud OpenAPI requests.
//!
//! Three signature schemes are covered, each in both directions over the same canonicalisation code: V1 (RPC,
//! `HMAC-SHA1` in the query), V3 (`ACS3-HMAC-SHA256`, `ACS3-HMAC-SM3`, `ACS3-RSA-SHA256` in the `Authorization` header)
//! and V4 (`ACS4-…`, a key scoped by date, region and product).
//!
//! All of that is made of pure functions: dates and nonces are handed in, nothing is read or written. Whether a date is
//! recent and a nonce is new is for the service to decide, after the signature was verified.
//!
//! With the feature `providers`, `credentials::providers` finds a client's credentials and keeps them fresh. There the outside
//! world comes in, through traits that are handed in.
//!
//! [`policy`] reads policies and decides by them what a caller may do.
//!
//! A server calls [`present`] to learn what a request claims, finds the AccessKey, and calls [`Claim::verify`]. A client
//! calls [`v3::sign`] (or [`v1::sign`], [`v4::sign`]).

pub mod algorithm;
pub mod canonical;
pub mod claim;
pub mod credentials;
pub mod date;
pub mod error;
mod hash;
pub mod header_names;
mod headers;
pub mod instance;
pub mod pairs;
pub mod policy;
pub mod request;
pub mod sign;
pub mod signing_key;
pub mod v1;
pub mod v3;
pub mod v4;

pub use algorithm::{Algorithm, Scheme};
pub use canonical::{NameForm, canonical_query};
pub use claim::{Claim, Presented, VerifyOptions, present};
pub use credentials::{Credentials, CredentialsError, SecretKey, SecurityToken};
pub use date::{format_date, parse_date};
pub use error::AuthError;
pub use hash::lower_hex;
pub use pairs::{DecodeError, PairList, Pairs, decode_pairs, decode_pairs_bytes};
pub use request::RequestView;
pub use sign::{HeaderPolicy, SignError, ToSign};
pub use signing_key::{KeyError, SigningKey};
