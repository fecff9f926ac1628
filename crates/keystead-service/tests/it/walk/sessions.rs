//! A role taken with a token of an identity provider, which no signature comes with.

use crate::harness::Client;
use crate::oidc::scene;
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, _: &Client) -> Succeeded {
    let scene = scene().await;
    let params = scene.good_params();
    let params = params.each_ref().map(|(name, value)| (*name, value.as_str()));
    walk(visitor, &scene.client, &[("Sts.AssumeRoleWithOIDC", &params)]).await
}
