//! Rotation of secrets.

use crate::harness::Client;
use crate::walk::Succeeded;

pub async fn run(_: &Client) -> Succeeded {
    Succeeded::new()
}
