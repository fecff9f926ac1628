//! Pools over a source of secrets in memory: what they ask of the database and of the secret, and when.
#![allow(clippy::unwrap_used)]

mod database;
mod refusals;
mod retirement;
