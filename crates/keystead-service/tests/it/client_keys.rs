//! What applications may do, where and from where.

use std::net::IpAddr;

use keystead_api::instance::{
    AdvanceEncryptRequest, GenerateRandomRequest, GetSecretValueRequest, HashRequest, InstanceMessage as _,
};
use keystead_api::{OPERATIONS, OperationId};
use keystead_service::audit::Trail;
use keystead_service::{ClientKeyFailure, Gateway, Origin};
use serde_json::json;

use crate::applications::{
    Application, KEY_USER, Policy, SECRET_USER, make_point, make_policy, make_rule, shared_point,
};
use crate::harness::{Client, client, outcome};

const DENIED: &str = "403 Forbidden.NoPermission";
const HERE: &str = "192.0.2.7";

fn from(source: &str) -> Origin<'static> {
    Origin { source: source.parse::<IpAddr>().unwrap(), ..Origin::local("request-id") }
}

/// How a call of GetSecretValue on the shared gateway ends.
async fn read_secret(caller: &Client, name: &str, source: &str) -> String {
    outcome(&caller.call_from(&from(source), "GetSecretValue", &[("SecretName", name)]).await)
}

/// How a call of the instance API ends, on the gateway of an instance.
async fn on_instance(
    caller: &Client,
    instance: &str,
    operation: OperationId,
    body: &[u8],
    source: &str,
) -> String {
    let origin = Origin { gateway: Gateway::Dedicated(instance), ..from(source) };
    let trail = Trail::unrecorded("request-id");
    match caller.engine.call_instance(&caller.caller, operation, body, None, &origin, &trail).await {
        Ok(_) => "ok".to_owned(),
        Err(error) => format!("{} {}", error.status(), error.code().name()),
    }
}

/// A secret, outside of instances when none is named.
async fn make_secret(client: &Client, name: &str, instance: &str) {
    let params =
        [("SecretName", name), ("VersionId", "v1"), ("SecretData", "eA=="), ("DKMSInstanceId", instance)];
    client.ok("CreateSecret", &params[..if instance.is_empty() { 3 } else { 4 }]).await;
}

#[tokio::test]
async fn on_the_shared_gateway_policies_say_which_secrets_are_read() {
    let client = client().await;
    for name in ["app/one", "app/two"] {
        make_secret(&client, name, "").await;
    }
    let instance = client.instance().await;
    let own = Policy { permissions: &[SECRET_USER], ..Policy::default() };
    let scope = instance.as_str();
    make_policy(&client, Policy { name: "elsewhere", scope, resources: &["secret/*"], ..own }).await;
    for (name, permissions, resources, one, two) in [
        ("all", &[SECRET_USER][..], &["secret/*"][..], "ok", "ok"),
        ("none-listed", &[SECRET_USER], &[], "ok", "ok"),
        ("one", &[SECRET_USER], &["secret/app/one"], "ok", DENIED),
        ("other-words", &["rbacpermission/template/secretuser"], &["secret/app/one"], "ok", DENIED),
        ("near", &[SECRET_USER], &["secret/app/on", "secret/app/one1", "secret/App/two"], DENIED, DENIED),
        ("keys", &[SECRET_USER], &["key/*", "key/app/one"], DENIED, DENIED),
        ("key-user", &[KEY_USER], &["secret/*", "key/*"], DENIED, DENIED),
        ("both", &[KEY_USER, SECRET_USER], &["key/*", "secret/app/two"], DENIED, "ok"),
    ] {
        let application = shared_point(&client, name, permissions, resources, &[]).await;
        let seen = (
            read_secret(&application, "app/one", HERE).await,
            read_secret(&application, "app/two", HERE).await,
        );
        assert_eq!(seen, (one.to_owned(), two.to_owned()), "{name}");
    }
    make_point(&client, "elsewhere", &["elsewhere"]).await;
    let application = Application::new(&client, "elsewhere").await.client(&client).await.unwrap();
    assert_eq!(read_secret(&application, "app/one", HERE).await, DENIED);
    // Any policy that allows is enough.
    make_point(&client, "three", &["elsewhere", "near", "one"]).await;
    let application = Application::new(&client, "three").await.client(&client).await.unwrap();
    assert_eq!(read_secret(&application, "app/one", HERE).await, "ok");
    assert_eq!(read_secret(&application, "app/two", HERE).await, DENIED);
    assert_eq!(read_secret(&application, "app/three", HERE).await, "404 Forbidden.ResourceNotFound");
}

#[tokio::test]
async fn network_rules_say_from_where() {
    let client = client().await;
    make_secret(&client, "s", "").await;
    make_rule(&client, "nowhere", &[]).await;
    make_rule(&client, "net", &["192.0.2.0/24", "198.51.100.7"]).await;
    make_rule(&client, "six", &["2001:db8::/32"]).await;
    for (name, rules, allowed) in [
        ("any", &[][..], [true; 4]),
        ("nowhere", &["nowhere"], [false; 4]),
        ("net", &["net"], [true, true, false, false]),
        ("two-rules", &["nowhere", "six", "net"], [true, true, false, true]),
    ] {
        let application = shared_point(&client, name, &[SECRET_USER], &["secret/s"], rules).await;
        let sources = [HERE, "198.51.100.7", "198.51.100.8", "2001:db8::1"];
        for (source, allowed) in sources.into_iter().zip(allowed) {
            let expected = if allowed { "ok" } else { DENIED };
            assert_eq!(read_secret(&application, "s", source).await, expected, "{name} from {source}");
        }
    }
}

#[tokio::test]
async fn on_an_instance_templates_say_what_is_done_there() {
    use OperationId::{
        InstanceAdvanceEncrypt as Encrypt, InstanceGenerateRandom as Random,
        InstanceGetSecretValue as GetSecret, InstanceHash as Hash,
    };
    let client = client().await;
    let (instance, other) = (client.instance().await, client.instance().await);
    let mut keys = Vec::new();
    for instance in [&instance, &instance, &other] {
        let made = client.ok("CreateKey", &[("DKMSInstanceId", instance)]).await;
        keys.push(crate::harness::text(&made["KeyMetadata"]["KeyId"]));
    }
    make_secret(&client, "s", &instance).await;
    make_secret(&client, "t", &instance).await;
    make_rule(&client, "net", &["192.0.2.0/24"]).await;
    let encrypt = |key: &String| {
        let plaintext = b"x".to_vec();
        AdvanceEncryptRequest { key_id: key.clone(), plaintext, ..AdvanceEncryptRequest::default() }.write()
    };
    let secret =
        |name: &str| GetSecretValueRequest { secret_name: name.into(), ..Default::default() }.write();
    let random = GenerateRandomRequest { length: 8 }.write();
    let hash = HashRequest { message: b"x".to_vec(), algorithm: "SHA_256".into() }.write();

    let one_key = format!("key/{}", keys[0]);
    let scope = instance.as_str();
    let own = Policy { scope, ..Policy::default() };
    let (both, shared) = (&[KEY_USER, SECRET_USER][..], "shared");
    let everything = &["key/*", "secret/*"][..];
    let policies = [
        // What each allows: the two keys, the two secrets, what needs no key.
        (Policy { name: "all", permissions: both, resources: everything, ..own }, [true; 5]),
        (
            Policy { name: "k", permissions: &both[..1], resources: everything, ..own },
            [true, true, false, false, true],
        ),
        (
            Policy { name: "s", permissions: &both[1..], resources: everything, ..own },
            [false, false, true, true, false],
        ),
        (
            Policy { name: "k1", permissions: both, resources: &[&one_key], ..own },
            [true, false, false, false, true],
        ),
        (
            Policy { name: "s1", permissions: both, resources: &["secret/t"], ..own },
            [false, false, false, true, true],
        ),
        (Policy { name: "net", permissions: both, resources: everything, rules: &["net"], ..own }, [true; 5]),
        (
            Policy { name: "shared", permissions: both, resources: everything, scope: shared, ..own },
            [false; 5],
        ),
        (
            Policy { name: "other", permissions: both, resources: everything, scope: &other, ..own },
            [false; 5],
        ),
    ];
    for (policy, allowed) in policies {
        make_policy(&client, policy).await;
        make_point(&client, policy.name, &[policy.name]).await;
        let application = Application::new(&client, policy.name).await.client(&client).await.unwrap();
        let calls = [
            (Encrypt, encrypt(&keys[0])),
            (Encrypt, encrypt(&keys[1])),
            (GetSecret, secret("s")),
            (GetSecret, secret("t")),
            (Random, random.clone()),
        ];
        let calls = calls.into_iter().zip(allowed).chain([((Hash, hash.clone()), allowed[4])]);
        for ((operation, body), allowed) in calls {
            let seen = on_instance(&application, &instance, operation, &body, HERE).await;
            assert_eq!(seen, if allowed { "ok" } else { DENIED }, "{} {operation:?}", policy.name);
            let elsewhere = on_instance(&application, &instance, operation, &body, "198.51.100.7").await;
            let allowed = allowed && policy.rules.is_empty();
            assert_eq!(elsewhere, if allowed { "ok" } else { DENIED }, "{} {operation:?}", policy.name);
        }
        // A key of another instance is not there, whatever the policy says.
        let seen = on_instance(&application, &instance, Encrypt, &encrypt(&keys[2]), HERE).await;
        assert_eq!(seen, "404 Forbidden.KeyNotFound", "{}", policy.name);
        // Policies of an instance are none for the shared gateway.
        let seen = read_secret(&application, "s", HERE).await;
        assert_eq!(seen, if policy.scope == "shared" { "ok" } else { DENIED }, "{}", policy.name);
    }
}

#[tokio::test]
async fn by_the_openapi_nothing_is_done_but_reading_secrets_through_the_shared_gateway() {
    let client = client().await;
    make_secret(&client, "s", "").await;
    let application =
        shared_point(&client, "app", &[KEY_USER, SECRET_USER], &["key/*", "secret/*"], &[]).await;
    for def in OPERATIONS.iter().filter(|def| def.id != OperationId::GetSecretValue) {
        assert_eq!(application.outcome(def.name, &[("SecretName", "s")]).await, DENIED, "{}", def.name);
    }
    assert_eq!(application.outcome("Sts.GetCallerIdentity", &[]).await, DENIED);
    let on_instance = Origin { gateway: Gateway::Dedicated("kst-hzz62ee817bdyyr5x0abc"), ..from(HERE) };
    let seen = application.call_from(&on_instance, "GetSecretValue", &[("SecretName", "s")]).await;
    assert_eq!(outcome(&seen), DENIED);
    assert_eq!(application.outcome("GetSecretValue", &[("SecretName", "s")]).await, "ok");
}

#[tokio::test]
async fn a_secret_under_a_chosen_key_is_read_with_the_secrets_permission() {
    let client = client().await;
    let key = client.key().await;
    let params =
        [("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "eA=="), ("EncryptionKeyId", &key)];
    client.ok("CreateSecret", &params).await;
    let application = shared_point(&client, "app", &[SECRET_USER], &["secret/s"], &[]).await;
    assert_eq!(read_secret(&application, "s", HERE).await, "ok");
    client.ok("DisableKey", &[("KeyId", &key)]).await;
    assert_eq!(read_secret(&application, "s", HERE).await, "409 Rejected.Disabled");
}

#[tokio::test]
async fn changes_and_deletion_act_on_the_next_request() {
    let client = client().await;
    make_secret(&client, "s", "").await;
    make_rule(&client, "in", &["192.0.2.0/24"]).await;
    let policy = Policy {
        name: "p",
        scope: "shared",
        permissions: &[SECRET_USER],
        resources: &["secret/*"],
        rules: &["in"],
    };
    make_policy(&client, policy).await;
    make_policy(&client, Policy { name: "q", resources: &["secret/other"], ..policy }).await;
    make_point(&client, "app", &["p"]).await;
    let application = Application::new(&client, "app").await;
    let now = async || match application.client(&client).await {
        Ok(caller) => read_secret(&caller, "s", HERE).await,
        Err(failure) => format!("{failure:?}"),
    };
    assert_eq!(now().await, "ok");
    for (operation, denying, allowing) in [
        ("UpdateNetworkRule", ("SourcePrivateIp", "10.0.0.0/8"), ("SourcePrivateIp", "192.0.2.7")),
        ("UpdatePolicy", ("Resources", r#"["secret/t"]"#), ("Resources", r#"["secret/s"]"#)),
        (
            "UpdatePolicy",
            ("Permissions", &*json!([KEY_USER]).to_string()),
            ("Permissions", &*json!([SECRET_USER]).to_string()),
        ),
        ("UpdateApplicationAccessPoint", ("Policies", r#"["q"]"#), ("Policies", r#"["q","p"]"#)),
    ] {
        let name = match operation {
            "UpdateNetworkRule" => "in",
            "UpdatePolicy" => "p",
            _ => "app",
        };
        client.ok(operation, &[("Name", name), denying]).await;
        assert_eq!(now().await, DENIED, "{operation} {denying:?}");
        client.ok(operation, &[("Name", name), allowing]).await;
        assert_eq!(now().await, "ok", "{operation} {allowing:?}");
    }
    let second = Application::new(&client, "app").await;
    client.ok("DeleteClientKey", &[("ClientKeyId", &second.id)]).await;
    assert!(matches!(second.client(&client).await, Err(ClientKeyFailure::Unknown)));
    assert_eq!(now().await, "ok");
    client.ok("DeleteApplicationAccessPoint", &[("Name", "app")]).await;
    assert_eq!(now().await, "Unknown");
    // Under the old name there is another one.
    make_point(&client, "app", &["p"]).await;
    assert_eq!(now().await, "Unknown");
}
