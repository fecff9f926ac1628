//! The client of an instance, against what the official Python SDKs sent and understood (`instance-vectors.json`).
#![allow(clippy::unwrap_used)]

mod client_key;
mod common;
mod operations;
mod shared;
mod tls;
mod transfer;
