//! Issuers that behave, and issuers that do not, over real TLS.
#![allow(clippy::unwrap_used)]

mod server;

mod fetching;
mod files;
mod freshness;
