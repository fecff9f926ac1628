//! The Secret Client against a running server: with an AccessKey, and as the official properties file says with a client key.

use std::fs;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_client::operations::sts::GetCallerIdentityRequest;
use keystead_client::providers::CredentialsProvider as _;
use keystead_client::{Client, Credentials};
use keystead_secrets::ram::RamSecretCredentials;
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

fn ram(server: &Server, action: &str, parameters: &[(&str, &str)]) -> Value {
    let call = Call::new(action).version("2015-05-01");
    let call = parameters.iter().fold(call, |call, (name, value)| call.query(name, *value));
    call.send(server).good().json()
}

/// An application that may read `app/db` from this machine: `key.json` has its client key, and `password` the key's password. Gives
/// the client key's id.
fn application(home: &Home, server: &Server, instance: &str, from: &str) -> String {
    let from = format!(r#"["{from}"]"#);
    let rule = [("Name", "here"), ("Type", "Private"), ("SourcePrivateIp", from.as_str())];
    call(server, "CreateNetworkRule", &rule);
    let policy = [
        ("Name", "read"),
        ("KmsInstance", instance),
        ("Permissions", r#"["RbacPermission/Template/CryptoServiceSecretUser"]"#),
        ("Resources", r#"["secret/app/db"]"#),
        ("AccessControlRules", r#"{"NetworkRules":["here"]}"#),
    ];
    call(server, "CreatePolicy", &policy);
    call(server, "CreateApplicationAccessPoint", &[("Name", "app"), ("Policies", r#"["read"]"#)]);
    let made = call(server, "CreateClientKey", &[("AapName", "app"), ("Password", "Pass-word-1")]);
    let file = json!({"KeyId": made["ClientKeyId"], "PrivateKeyData": made["PrivateKeyData"]});
    fs::write(home.path("key.json"), file.to_string()).unwrap();
    fs::write(home.path("password"), "Pass-word-1").unwrap();
    made["ClientKeyId"].as_str().unwrap().to_owned()
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

    ram(&server, "CreateUser", &[("UserName", "nobody")]);
    let key = ram(&server, "CreateAccessKey", &[("UserName", "nobody")]);
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
    application(&home, &server, "shared", "127.0.0.1");
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

#[tokio::test]
async fn the_official_properties_file_with_an_instance_and_its_client_key() {
    let home = Home::new();
    let server = home.start_with(home.serve().args(["--instance", "auto"]));
    let (instance, address) =
        server.ready["endpoints"]["dedicated"].as_object().unwrap().iter().next().unwrap();
    let key = call(&server, "CreateKey", &[("DKMSInstanceId", instance), ("KeySpec", "Aliyun_AES_256")]);
    let key = key["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    for (name, value) in [("app/db", "one"), ("other", "not for the application")] {
        let parameters = [
            ("SecretName", name),
            ("VersionId", "v1"),
            ("SecretData", value),
            ("DKMSInstanceId", instance),
            ("EncryptionKeyId", &key),
        ];
        call(&server, "CreateSecret", &parameters);
    }
    let client_key = application(&home, &server, instance, "127.0.0.0/8");
    let (host, ca) = (address["host"].as_str().unwrap(), address["ca_file"].as_str().unwrap());
    let entry = |password: &str| {
        let text = format!(
            r#"[{{"regionId":"cn-hangzhou","endpoint":"{host}","clientKeyFile":"{}",{password},"ignoreSslCerts":false,"caFilePath":"{ca}"}}]"#,
            home.path("key.json").display()
        );
        format!("cache_client_dkms_config_info={text}\n")
    };
    let direct = format!(r#""passwordFromFilePath":"{}""#, home.path("password").display());
    let named = format!("where={}\n", home.path("password").display());
    let for_all = format!("client_key_password_from_file_path={}\n", home.path("password").display());
    for text in [
        entry(&direct),
        entry(r#""passwordFromFilePathName":"where""#) + &named,
        // The password and, as in Java, the key's file for all.
        entry(r#""passwordFromEnvVariable":"""#) + &for_all,
    ] {
        let file = home.path("secretsmanager.properties");
        fs::write(&file, text).unwrap();
        let client = SecretClient::configured_by(&file).unwrap().build().unwrap();
        let value = client.get("app/db").await.unwrap();
        assert_eq!((value.text().unwrap(), value.stages()), ("one", &["ACSCurrent".to_owned()][..]));
        let before = SecretId::stage("app/db", "ACSPrevious");
        assert_eq!(client.get_id(&before).await.unwrap_err().kind(), SecretErrorKind::Missing);
        let error = client.get("other").await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (SecretErrorKind::Denied, Some("Forbidden.NoPermission")));
    }
    // The key is withdrawn: an old value does not stand in.
    let client =
        SecretClient::configured_by(home.path("secretsmanager.properties")).unwrap().build().unwrap();
    client.get("app/db").await.unwrap();
    call(&server, "PutSecretValue", &[("SecretName", "app/db"), ("VersionId", "v2"), ("SecretData", "two")]);
    assert_eq!(client.refresh_now("app/db").await.unwrap().version_id(), "v2");
    let before = client.get_id(&SecretId::stage("app/db", "ACSPrevious")).await.unwrap();
    assert_eq!(before.text().unwrap(), "one");
    call(&server, "DeleteClientKey", &[("ClientKeyId", &client_key)]);
    let error = client.refresh_now("app/db").await.unwrap_err();
    assert_eq!(error.kind(), SecretErrorKind::Denied, "{error}");
    assert_eq!(client.get("app/db").await.unwrap_err().kind(), SecretErrorKind::Denied);
    server.assert_well();
}

#[tokio::test]
async fn an_access_key_that_is_rotated_under_a_running_program() {
    let home = Home::new();
    let server = home.start();
    ram(&server, "CreateUser", &[("UserName", "ci")]);
    let made = ram(&server, "CreateAccessKey", &[("UserName", "ci")]);
    let first = made["AccessKey"]["AccessKeyId"].as_str().unwrap();
    let keys = json!({"AccessKeys": [{"AccessKeyId": first, "AccessKeySecret": made["AccessKey"]["AccessKeySecret"]}]});
    let parameters = [
        ("SecretName", "$Auto"),
        ("VersionId", "v1"),
        ("SecretType", "RAMCredentials"),
        ("SecretData", &keys.to_string()),
        ("ExtendedConfig", r#"{"SecretSubType":"RamUserAccessKey","UserName":"ci"}"#),
    ];
    call(&server, "CreateSecret", &parameters);

    const NAME: &str = "acs/ram/user/ci";
    let secrets = Arc::new(client(&server, ACCESS_KEY_ID, ACCESS_KEY_SECRET));
    let credentials = RamSecretCredentials::new(secrets.clone(), NAME);
    let program = Client::builder().endpoint(server.https().to_string()).ca_file(server.ca_file());
    let program = program.credentials_provider(Arc::new(credentials.clone())).build().unwrap();
    let calls = || async { program.sts().get_caller_identity(GetCallerIdentityRequest::new()).await };
    let used = || async { credentials.provide().await.unwrap().credentials.access_key_id.clone() };
    let mut versions = credentials.watch();
    assert!(credentials.renewing(calls).await.unwrap().arn.ends_with(":user/ci"));
    assert_eq!((used().await.as_str(), versions.next().await.unwrap().version_id()), (first, "v1"));

    // The AccessKey before works on: nothing is asked, and nothing fails.
    call(&server, "RotateSecret", &[("SecretName", NAME), ("VersionId", "v2")]);
    credentials.renewing(calls).await.unwrap();
    assert_eq!((used().await.as_str(), secrets.stats().fetches), (first, 1));

    // Now it is gone; the program goes on with the next one.
    call(&server, "RotateSecret", &[("SecretName", NAME), ("VersionId", "v3")]);
    assert_eq!(calls().await.unwrap_err().code(), Some("InvalidAccessKeyId.NotFound"));
    let (one, other) = tokio::join!(credentials.renewing(calls), credentials.renewing(calls));
    assert!(one.unwrap().arn.ends_with(":user/ci") && other.is_ok());
    assert_eq!(versions.next().await.unwrap().version_id(), "v3");
    let third = used().await;
    assert_ne!(third, first);
    let value: Value = serde_json::from_str(secrets.get(NAME).await.unwrap().text().unwrap()).unwrap();
    assert_eq!(value["AccessKeyId"], *third);
    assert!(secrets.stats().fetches <= 3);
    server.assert_well();
}
