//! Rotation at real systems, which the tests start themselves on loopback; what is not installed is left out, and said.
#![allow(clippy::unwrap_used)]

mod harness;
mod servers;

mod hundred;
mod refusals;
mod settings;
mod webhook;
