//! Tests of the real binary, from outside: its wire, its files, its life.
#![allow(clippy::unwrap_used)]

mod http2;
mod opened;
mod server;
mod signed;
mod wire;

mod accounts;
mod admin;
mod at_rest;
mod audit;
mod authentication;
mod bad_bytes;
mod bad_input;
mod bodies;
mod canary;
mod cancelled_calls;
mod certificate;
mod client_examples;
mod client_keys;
mod client_tls;
mod commands;
mod core_dump;
mod credentials;
mod databases;
mod dedicated;
mod due_work;
mod durability;
mod envelope;
mod error_shape;
mod http_versions;
mod instance_client;
mod instance_routes;
mod instances;
mod lifecycle;
mod machine_sessions;
mod openssl;
mod role_providers;
mod routes;
mod secret_client;
mod settings;
mod typed_client;
