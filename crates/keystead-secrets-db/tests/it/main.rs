//! Pools over a source of secrets in memory: what they ask of the database and of the secret, and when.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod asked;
mod certificates;
mod database;
mod mssql;
mod real;
mod refusals;
mod retirement;
#[allow(dead_code)] // some are for other tests
#[path = "../../../keystead-rotation/tests/it/servers.rs"]
mod servers;
mod tds;
mod with_sqlx;
