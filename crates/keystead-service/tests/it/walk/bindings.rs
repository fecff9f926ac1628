//! Aliases, tags, policies, imported material.

use crate::harness::Client;
use crate::walk::Succeeded;

pub async fn run(_: &Client) -> Succeeded {
    Succeeded::new()
}
