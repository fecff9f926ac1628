//! Tests of the gateways in process, with a clock that tests move and limits that tests choose.
#![allow(clippy::unwrap_used)]

mod calls;
mod house;
mod instance_api;

mod limits;
mod machine;
mod proxies;
mod renewal;
mod sessions;
