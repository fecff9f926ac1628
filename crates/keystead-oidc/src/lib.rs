//! Fetches the keys of OpenID Connect issuers: from their servers, by discovery, or from files.
//!
//! [`Issuers`] is what the engine asks. It keeps keys for some minutes, fetches those of an issuer one at a time, and
//! gives up within seconds. Whatever goes wrong on the way, there are no keys then, and no token is believed.

mod fetch;
mod fingerprint;
mod issuers;
mod settings;
mod slot;

pub use issuers::Issuers;
pub use settings::{IssuerSettings, SettingsError};
