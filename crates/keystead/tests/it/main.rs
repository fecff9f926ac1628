//! Tests of the real binary, from outside: its wire, its files, its life.
#![allow(clippy::unwrap_used)]

mod server;
mod signed;
mod wire;
mod http2;

mod at_rest;
mod authentication;
mod canary;
mod core_dump;
mod durability;
mod error_shape;
mod routes;
