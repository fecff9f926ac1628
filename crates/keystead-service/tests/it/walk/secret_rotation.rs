//! Rotation of secrets, at a system of the test's own.

use std::sync::Arc;

use crate::harness::{Client, World};
use crate::system::{ADMIN, ID, System};
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, _: &Client) -> Succeeded {
    let world = World::new().await;
    let system = System::new(&[("app", "first-password")]);
    let client = world.rotating_client(world.store.clone(), Arc::new(system)).await;
    let config = format!(r#"{{"SecretSubType":"SingleUser","DBInstanceId":"{ID}"}}"#);
    let data = r#"{"Accounts":[{"AccountName":"app","AccountPassword":"first-password"}]}"#;
    let name = ("SecretName", "walk/login");
    for params in [
        &[("SecretName", ADMIN), ("VersionId", "v1"), ("SecretData", "let-me-in")] as &[_],
        &[
            name,
            ("VersionId", "v1"),
            ("SecretType", "Rds"),
            ("SecretData", data),
            ("ExtendedConfig", &config),
        ],
    ] {
        client.ok("CreateSecret", params).await;
    }
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("RotateSecret", &[name, ("VersionId", "v2")]),
        (
            "UpdateSecretRotationPolicy",
            &[name, ("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")],
        ),
    ];
    walk(visitor, &client, rows).await
}
