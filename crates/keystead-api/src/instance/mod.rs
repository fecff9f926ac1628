//! The API of a KMS instance: protobuf over `POST /` on `<instance id>.cryptoservice.kms…`, signed by a client key.
//!
//! The operation is named in a header, the body is the operation's request message, the answer its response message or,
//! with a status of 400 or more, an [`ErrorBody`]. The definitions stand in [`operations`] and carry the same data as those
//! of the other products.

mod message;
mod messages;
pub mod operations;

pub(crate) use message::messages;
pub use message::{Guarded, InstanceMessage, InstanceOperation, InstanceResponse, MessageField};
pub use messages::*;

/// The only version of the API, in header [`HEADER_API_VERSION`].
pub const API_VERSION: &str = "dkms-gcs-0.2";
/// The only signature method, in header [`HEADER_SIGNATURE_METHOD`]: RSASSA-PKCS1-v1_5 with SHA-256.
pub const SIGNATURE_METHOD: &str = "RSA_PKCS1_SHA_256";
/// The only content type, nothing after it.
pub const CONTENT_TYPE: &str = "application/x-protobuf";
/// Bytes of a body at most (instance API documentation).
pub const MAX_BODY: usize = 3 << 20;
/// Bytes of associated data at most.
pub const MAX_AAD: usize = 8192;

/// Names the version.
pub const HEADER_API_VERSION: &str = "x-kms-apiversion";
/// Names the operation; by it a call of this API is told from one of the OpenAPI.
pub const HEADER_API_NAME: &str = "x-kms-apiname";
/// Names the signature method.
pub const HEADER_SIGNATURE_METHOD: &str = "x-kms-signaturemethod";
/// Names the client key. Three c after the a: so all SDKs spell it.
pub const HEADER_ACCESS_KEY_ID: &str = "x-kms-acccesskeyid";
/// Of a request: the key version to use. Of an answer: the key version that was used.
pub const HEADER_KEY_VERSION_ID: &str = "x-kms-migrationkeyversionid";
/// SHA-256 of the body in upper-case hex.
pub const HEADER_CONTENT_SHA256: &str = "content-sha256";
