//! The Alibaba Cloud SDK for KMS in Rust.
//!
//! [`Client`] has a method for every operation of KMS, API version 2016-01-20. It works with Keystead and with Alibaba
//! Cloud: requests are signed with `ACS3-HMAC-SHA256` and laid out as the official SDKs lay them out.
//!
//! ```no_run
//! use keystead_client::{Client, operations::EncryptRequest};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder().region("cn-hangzhou").credentials_from_env().build()?;
//! let answer = client.encrypt(EncryptRequest::new("alias/app", b"hello")).await?;
//! println!("{}", answer.ciphertext_blob);
//! # Ok(())
//! # }
//! ```
//!
//! Against a server of one's own, with a certificate of a private authority:
//!
//! ```no_run
//! # use keystead_client::{Client, Credentials};
//! # fn example(id: String, secret: String) -> Result<Client, keystead_client::BuildError> {
//! Client::builder()
//!     .endpoint("127.0.0.1:8443")
//!     .ca_file("/var/lib/keystead/ca.pem")
//!     .credentials(Credentials::access_key(id, secret))
//!     .build()
//! # }
//! ```
//!
//! RAM, IMS and STS have methods of their own behind [`Client::ram`], [`Client::ims`] and [`Client::sts`]: these APIs have
//! operations of the same names. At Alibaba Cloud each of them has its own endpoint, Keystead serves all at one.
//!
//! # Credentials
//!
//! [`ClientBuilder::default_credentials`] finds credentials where the official SDKs do and keeps them fresh. Every other
//! source, and every combination of them, is in [`providers`]; here a role is taken on at an STS of one's own:
//!
//! ```no_run
//! use std::sync::Arc;
//! use keystead_client::providers::{Cached, Effects, Fixed, RamRoleArn, RoleSettings, StsEndpoint};
//! use keystead_client::{Client, Credentials, CredentialsHttp};
//!
//! # fn example(id: String, secret: String, ca: Vec<u8>) -> Result<Client, keystead_client::BuildError> {
//! let settings = RoleSettings {
//!     sts: StsEndpoint::at("127.0.0.1:8443"),
//!     ..RoleSettings::of("acs:ram::1000000000000001:role/reader")
//! };
//! let role = RamRoleArn::new(Fixed::new(Credentials::access_key(id, secret)), settings);
//! let http = CredentialsHttp::new().ca_pem(ca.clone());
//! let provider = Cached::new(role, Effects::system(Arc::new(http)));
//! Client::builder()
//!     .endpoint("127.0.0.1:8443")
//!     .ca_pem(ca)
//!     .credentials_provider(Arc::new(provider))
//!     .build()
//! # }
//! ```
//!
//! # What a call does
//!
//! Each attempt gets a date and a nonce of its own. A failed attempt is repeated by the [`RetryPolicy`]: throttling, status
//! 5xx and faults of the connection for operations that may be done twice; for the others (such as `CreateKey`) only what
//! was surely not done. [`Error`] tells what the last attempt met. A call that is dropped is cancelled; what the service
//! makes of a request that was sent already is then unknown.
//!
//! # Secrets
//!
//! Secret parameters and answers are [`SecretText`]; buffers for queries, bodies and answers are wiped when they are
//! dropped. Copies inside the HTTP and TLS libraries' own buffers are out of reach. Nothing secret is in an error, in a
//! `Debug` text, or in the `tracing` spans, which tell operation, attempt, status and request id at level DEBUG.
//!
//! # Instances
//!
//! With the feature `instance`, the module `instance` has a client of a KMS instance's own API, which client keys sign.
//!
//! # Runtime
//!
//! The client needs Tokio with time and I/O enabled. Connections are kept and used again; they live in the runtime in which
//! they were opened, so a client should be used in one runtime. Clones are cheap and share the connections.

mod answer;
#[cfg(feature = "blocking")]
pub mod blocking;
mod budget;
mod builder;
mod call;
mod client;
mod clock_skew;
mod connecting;
mod connector;
mod credentials_http;
mod endpoint;
pub mod envelope;
mod error;
mod http_transport;
#[cfg(feature = "instance")]
pub mod instance;
mod nonces;
mod observer;
mod pages;
mod proxy;
mod raw;
mod retry;
mod route;
mod tls;
mod transport;

pub use builder::{BuildError, ClientBuilder};
pub use client::{Client, Ims, Ram, Sts};
pub use connector::Resolver;
pub use credentials_http::CredentialsHttp;
pub use error::{Cause, Error};
pub use observer::{Attempt, Observer};
pub use pages::{PageStream, Paged, Pages};
pub use raw::RawAnswer;
pub use retry::RetryPolicy;
pub use transport::{MAX_ANSWER_BYTES, Transport, TransportError, TransportFuture};

pub use keystead_api::{
    EncryptionContext, ExtendedConfigPatch, JsonList, JsonObject, Operation, OperationDef, SecretText,
    WireParams, operations, types,
};
pub use keystead_auth::credentials::providers;
pub use keystead_auth::credentials::providers::{
    Clock, CredentialsProvider, ProviderError, Random, RandomFault, SystemClock, SystemRandom,
};
pub use keystead_auth::{Credentials, CredentialsError, SecretKey, SecurityToken};
