//! Rotation at real systems, which the tests start themselves on loopback; what is not installed is left out, and said.
#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stdout, clippy::print_stderr)] // what is left out is said on the terminal

mod harness;
mod servers;

mod hundred;
mod refusals;
mod settings;
mod webhook;
