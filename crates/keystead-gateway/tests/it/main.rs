//! Tests of the gateways in process, with a clock that tests move and limits that tests choose.
#![allow(clippy::unwrap_used)]

mod house;

mod limits;
mod renewal;
