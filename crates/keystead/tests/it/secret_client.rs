//! The Secret Client against a running server: with an AccessKey, and as the official properties file says with a client key.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_client::{Client, Credentials};
use keystead_secrets::{CachedSecretSource as _, SecretClient, SecretErrorKind, SecretId};
use serde_json::{Value, json};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home, Server};
use crate::signed::Call;

fn call(server: &Server, action: &str, parameters: &[(&str, &str)]) -> Value {
    let call = parameters.iter().fold(Call::new(action), |call, (name, value)| call.query(name, *value));
    call.send(server).good().json()
}

fn secret(server: &Server, name: &str, kind: &str, value: &str) {
    let parameters =
        [("SecretName", name), ("VersionId", "v1"), ("SecretDataType", kind), ("SecretData", value)];
    call(server, "CreateSecret", &parameters);
}

fn client(server: &Server, id: &str, key: &str) -> SecretClient {
    let kms = Client::builder().endpoint(server.https().to_string()).ca_file(server.ca_file());
    let kms = kms.credentials(Credentials::access_key(id, key)).build().unwrap();
    SecretClient::builder().endpoint("here", kms).build().unwrap()
}

#[tokio::test]
async fn values_versions_and_refusals() {
    let home = Home::new();
    let server = home.start();
    secret(&server, "text", "text", "one");
    secret(&server, "json", "text", r#"{"user":"app"}"#);
    secret(&server, "binary", "binary", &STANDARD.encode([0, 255]));
    let client = client(&server, ACCESS_KEY_ID, ACCESS_KEY_SECRET);
    assert_eq!(client.get("text").await.unwrap().text().unwrap(), "one");
    assert_eq!(client.get("binary").await.unwrap().bytes().unwrap(), [0, 255]);
    assert_eq!(client.get_json::<Value>("json").await.unwrap(), json!({"user": "app"}));
    let arn = call(&server, "DescribeSecret", &[("SecretName", "text")])["Arn"].as_str().unwrap().to_owned();
    assert_eq!(client.get(&arn).await.unwrap().text().unwrap(), "one");

    let mut versions = client.watch("text");
    assert_eq!(versions.next().await.unwrap().version_id(), "v1");
    call(&server, "PutSecretValue", &[("SecretName", "text"), ("VersionId", "v2"), ("SecretData", "two")]);
    assert_eq!(client.get("text").await.unwrap().version_id(), "v1", "what is in memory is young enough");
    let fresh = client.refresh_now("text").await.unwrap();
    assert_eq!((fresh.text().unwrap(), versions.next().await.unwrap().version_id()), ("two", "v2"));
    let before = client.get_id(&SecretId::stage("text", "ACSPrevious")).await.unwrap();
    assert_eq!(before.text().unwrap(), "one");
    assert_eq!(client.get_id(&SecretId::version("text", "v1")).await.unwrap().text().unwrap(), "one");

    call(&server, "DeleteSecret", &[("SecretName", "text"), ("ForceDeleteWithoutRecovery", "true")]);
    let error = client.refresh_now("text").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (SecretErrorKind::Missing, Some("Forbidden.ResourceNotFound")));
    assert_eq!(client.get("text").await.unwrap_err().kind(), SecretErrorKind::Missing);

    let ram = |action: &str, parameters: &[(&str, &str)]| {
        let call = parameters
            .iter()
            .fold(Call::new(action).version("2015-05-01"), |call, (name, value)| call.query(name, *value));
        call.send(&server).good().json()
    };
    ram("CreateUser", &[("UserName", "nobody")]);
    let key = ram("CreateAccessKey", &[("UserName", "nobody")]);
    let text = |name: &str| key["AccessKey"][name].as_str().unwrap().to_owned();
    let stranger = self::client(&server, &text("AccessKeyId"), &text("AccessKeySecret"));
    let error = stranger.get("json").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (SecretErrorKind::Denied, Some("Forbidden.NoPermission")));
    let unknown = self::client(&server, "LTAIunknown", "x");
    assert_eq!(unknown.get("json").await.unwrap_err().kind(), SecretErrorKind::Denied);
    server.assert_well();
}

#[tokio::test]
async fn the_official_properties_file_with_a_client_key() {
    let home = Home::new();
    let server = home.start();
    secret(&server, "app/db", "text", "one");
    secret(&server, "other", "text", "not for the application");
    let rule = [("Name", "here"), ("Type", "Private"), ("SourcePrivateIp", r#"["127.0.0.1"]"#)];
    call(&server, "CreateNetworkRule", &rule);
    let policy = [
        ("Name", "read"),
        ("KmsInstance", "shared"),
        ("Permissions", r#"["RbacPermission/Template/CryptoServiceSecretUser"]"#),
        ("Resources", r#"["secret/app/db"]"#),
        ("AccessControlRules", r#"{"NetworkRules":["here"]}"#),
    ];
    call(&server, "CreatePolicy", &policy);
    call(&server, "CreateApplicationAccessPoint", &[("Name", "app"), ("Policies", r#"["read"]"#)]);
    let made = call(&server, "CreateClientKey", &[("AapName", "app"), ("Password", "Pass-word-1")]);
    let key = json!({"KeyId": made["ClientKeyId"], "PrivateKeyData": made["PrivateKeyData"]});
    fs::write(home.path("key.json"), key.to_string()).unwrap();
    fs::write(home.path("password"), "Pass-word-1").unwrap();
    let regions = json!([{"regionId": "cn-hangzhou", "endpoint": server.https().to_string(), "caFilePath": server.ca_file()}]);
    let file = home.path("secretsmanager.properties");
    let text = format!(
        "cache_client_region_id={regions}\ncredentials_type=client_key\nclient_key_private_key_path={}\n\
         client_key_password_from_file_path={}\n",
        home.path("key.json").display(),
        home.path("password").display()
    );
    fs::write(&file, text).unwrap();
    let client = SecretClient::configured_by(&file).unwrap().build().unwrap();
    assert_eq!(client.get("app/db").await.unwrap().text().unwrap(), "one");
    assert_eq!(client.get("other").await.unwrap_err().kind(), SecretErrorKind::Denied);
    server.assert_well();
}
