//! Every built operation succeeds. An engine answers only when every access rule of the operation's definition was
//! checked, so a success shows that its handler forgets none.

mod access_points;
mod bindings;
pub mod dedicated;
mod foundation;
mod identities;
pub mod instance_api;
mod instances;
mod life;
mod secret_rotation;
mod secrets;
mod sessions;
mod usage;

use std::collections::BTreeSet;

use keystead_service::BUILT;

use crate::harness::{Client, client};

/// Names of the operations that succeeded.
pub type Succeeded = BTreeSet<&'static str>;

/// Makes the calls of a walk, in their order. Each of them can succeed when it is reached, and does.
pub trait Visitor {
    /// Makes one call, of an operation with its product in front where that is not KMS.
    async fn visit(&self, client: &Client, operation: &'static str, params: &[(&str, &str)]);
}

/// Carries out a table of calls.
pub async fn walk(
    visitor: &impl Visitor,
    client: &Client,
    rows: &[(&'static str, &[(&str, &str)])],
) -> Succeeded {
    for (operation, params) in rows {
        // Parameters that an operation does not know are ignored.
        let params = [*params, &[("Unknown", "x")]].concat();
        visitor.visit(client, operation, &params).await;
    }
    rows.iter().map(|(operation, _)| *operation).collect()
}

/// Walks over every operation that is built.
pub async fn all(visitor: &impl Visitor, client: &Client) {
    let mut succeeded = foundation::run(visitor, client).await;
    succeeded.extend(life::run(visitor, client).await);
    succeeded.extend(usage::run(visitor, client).await);
    succeeded.extend(bindings::run(visitor, client).await);
    succeeded.extend(secrets::run(visitor, client).await);
    succeeded.extend(secret_rotation::run(visitor, client).await);
    succeeded.extend(instances::run(visitor, client).await);
    succeeded.extend(access_points::run(visitor, client).await);
    succeeded.extend(identities::run(visitor, client).await);
    succeeded.extend(sessions::run(visitor, client).await);
    let succeeded: BTreeSet<_> = succeeded.into_iter().map(str::to_owned).collect();
    let labels = BUILT.iter().map(|id| id.def().label());
    let built: BTreeSet<_> = labels.filter(|label| label != NOT_FOR_ROOT && label != NEVER).collect();
    assert_eq!(succeeded, built, "an operation was built, or is gone: edit the tables of this module");
}

/// What an account cannot do itself: roles are for others.
const NOT_FOR_ROOT: &str = "Sts.AssumeRole";

/// What never succeeds: every account has the service from its beginning.
const NEVER: &str = "OpenKmsService";

/// The account itself calls.
struct Root;

impl Visitor for Root {
    async fn visit(&self, client: &Client, operation: &'static str, params: &[(&str, &str)]) {
        client.ok(operation, params).await;
    }
}

#[tokio::test]
async fn every_built_operation_succeeds_and_thus_checks_all_its_access_rules() {
    all(&Root, &client().await).await;
}
