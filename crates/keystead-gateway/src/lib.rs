//! HTTP and TLS, and nothing of the service's rules.
//!
//! - [`Listener`] accepts connections, plain or TLS, HTTP/1.1 and HTTP/2, within limits, and drains them at the end.
//! - [`SharedGateway`] is the shared gateway: it finds action, version, credentials and parameters in a request,
//!   hands them to the engine, and turns what comes back into the JSON or XML that SDKs parse.
//! - [`OpsGateway`] answers `/livez`, `/readyz` and `/metrics`.
//! - [`TlsIdentity`] is the server's certificate, renewed without a restart.

mod answer;
mod body;
mod listener;
mod metrics;
mod ops;
mod request_id;
mod shared;
mod tls;
mod xml;

pub use listener::{Handler, Limits, Listener, Peer};
pub use metrics::Metrics;
pub use ops::OpsGateway;
pub use shared::SharedGateway;
pub use tls::{TlsError, TlsIdentity};
