//! HTTP and TLS, and nothing of the service's rules.
//!
//! - [`Listener`] accepts connections, plain or TLS, HTTP/1.1 and HTTP/2, within limits, and drains them at the end.
//! - [`SharedGateway`] is the shared gateway: it finds action, version, credentials and parameters in a request,
//!   hands them to the engine, and turns what comes back into the JSON or XML that SDKs parse.
//! - [`DedicatedGateway`] is that of a KMS instance: the instance API, and of the OpenAPI what is done with keys.
//! - [`MetadataGateway`] and [`CredentialsUriGateway`] give sessions of a role to programs on this machine.
//! - [`OpsGateway`] answers `/livez`, `/readyz` and `/metrics`.
//! - [`TlsIdentity`] is the server's certificate, renewed without a restart.

mod answer;
mod body;
mod credentials_uri;
mod dedicated;
mod instance_api;
mod instance_tls;
mod listener;
mod machine;
mod metadata;
mod metrics;
mod ops;
mod proxies;
mod quotas;
mod request_id;
mod shared;
mod tls;
mod xml;

pub use credentials_uri::CredentialsUriGateway;
pub use dedicated::{DedicatedGateway, InstanceGateways};
pub use instance_tls::{InstanceNames, InstanceTls};
pub use listener::{Handler, Limits, Listener, Peer};
pub use machine::MachineRole;
pub use metadata::MetadataGateway;
pub use metrics::Metrics;
pub use ops::OpsGateway;
pub use proxies::TrustedProxies;
pub use quotas::{QuotaGroup, Quotas, UnknownGroup};
pub use shared::SharedGateway;
pub use tls::{TlsError, TlsIdentity};
