//! Every built operation succeeds. An engine answers only when every access rule of the operation's definition was
//! checked, so a success shows that its handler forgets none.

mod bindings;
mod foundation;
mod identities;
mod life;
mod secret_rotation;
mod secrets;
mod usage;

use std::collections::BTreeSet;

use keystead_service::BUILT;

use crate::harness::{Client, address, client};

/// Names of the operations that succeeded.
pub type Succeeded = BTreeSet<&'static str>;

/// Carries out a table of calls that all succeed.
pub async fn walk(client: &Client, rows: &[(&'static str, &[(&str, &str)])]) -> Succeeded {
    for (operation, params) in rows {
        // Parameters that an operation does not know are ignored.
        let params = [*params, &[("Unknown", "x")]].concat();
        client.ok(operation, &params).await;
    }
    rows.iter().map(|(operation, _)| *operation).collect()
}

#[tokio::test]
async fn every_built_operation_succeeds_and_thus_checks_all_its_access_rules() {
    let client = client().await;
    let mut succeeded = foundation::run(&client).await;
    succeeded.extend(life::run(&client).await);
    succeeded.extend(usage::run(&client).await);
    succeeded.extend(bindings::run(&client).await);
    succeeded.extend(secrets::run(&client).await);
    succeeded.extend(secret_rotation::run(&client).await);
    succeeded.extend(identities::run(&client).await);
    let succeeded: BTreeSet<_> = succeeded.into_iter().map(str::to_owned).collect();
    let built: BTreeSet<_> = BUILT.iter().map(|id| address(*id)).collect();
    assert_eq!(succeeded, built, "an operation was built, or is gone: edit the tables of this module");
}
