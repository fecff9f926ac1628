//! Where a client's credentials come from, and how they are kept fresh.
//!
//! A [`Source`] fetches credentials once. [`Cached`] makes a [`CredentialsProvider`] of it, which gives valid credentials for
//! every request and renews them ahead of their end. [`DefaultChain`] is the source that tries the usual places in the order
//! of the official SDKs.
//!
//! | source | credentials |
//! |---|---|
//! | [`Fixed`] | given: an AccessKey, or keys with a token |
//! | [`Environment`] | `ALIBABA_CLOUD_ACCESS_KEY_ID` and its companions |
//! | [`RamRoleArn`] | of a role, taken on with those of another source |
//! | [`OidcRoleArn`] | of a role, taken on with a token from a file (RRSA) |
//! | [`RsaKeyPair`] | session keys for an RSA key |
//! | [`EcsRamRole`] | of the ECS instance's role |
//! | [`CredentialsUri`] | temporary keys from an address |
//! | [`CliProfile`] | a profile of `~/.aliyun/config.json` |
//! | [`IniProfile`] | a profile of `~/.alibabacloud/credentials.ini` |
//! | [`RamSecret`] | the AccessKey in a secret of type `RAMCredentials` |
//! | [`DefaultChain`] | the first of the usual places that has some |
//!
//! Variables, files, HTTP, commands, time and randomness are [`Effects`], which are handed in:
//!
//! ```no_run
//! use std::sync::Arc;
//! use keystead_auth::credentials::providers::{
//!     Cached, CredentialsProvider, DefaultChain, Effects, Http, ProviderError,
//! };
//!
//! # async fn example(http: Arc<dyn Http>) -> Result<(), ProviderError> {
//! let provider = Cached::new(DefaultChain::new(), Effects::system(http));
//! let now = provider.provide().await?;
//! println!("{} from {}", now.credentials.access_key_id, now.provider);
//! # Ok(())
//! # }
//! ```
//!
//! Files are only read. No error, `Debug` text or log line has a secret in it.

mod answer;
mod cached;
mod chain;
mod cli;
mod effects;
mod endpoint;
mod environment;
mod error;
mod key_pair;
mod metadata;
mod profile;
mod ram_secret;
mod request;
mod role;
mod schedule;
mod source;
mod sts;
mod system;
mod uri;

pub use cached::Cached;
pub use chain::DefaultChain;
pub use cli::CliProfile;
pub use effects::{
    BoxFuture, Clock, Effects, Env, Files, Http, HttpFault, HttpRequest, MAX_BYTES, Process, ProcessFault,
    Random, RandomFault,
};
pub use endpoint::{Endpoint, EndpointError, is_region};
pub use environment::Environment;
pub use error::{Fault, ProviderError};
pub use key_pair::RsaKeyPair;
pub use metadata::EcsRamRole;
pub use profile::IniProfile;
pub use ram_secret::{RamSecret, RamSecretValue, SecretSource, SecretSourceError};
pub use role::{OidcRoleArn, RamRoleArn};
pub use source::{CredentialsProvider, Fetched, Fixed, Provided, Source};
pub use sts::{RoleSettings, StsEndpoint};
pub use system::{SystemClock, SystemEnv, SystemFiles, SystemProcess, SystemRandom};
pub use uri::CredentialsUri;
